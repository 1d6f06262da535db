"""The start note: a small file outside the database that says which starts of the program have not gone well yet.

A start is written down before anything else of it happens. It is taken out when the program ended as it should, and all
are when one has run well for a minute. What is left of earlier ones are crashes: a program that aborts cannot say so.
"""

import json
import logging
import os
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

import psutil

from patrol_anpr.plumbing.files import write_whole

log = logging.getLogger(__name__)

FILE_NAME = "starts.json"
MOST_KEPT = 20
_LINUX_BOOT = Path("/proc/sys/kernel/random/boot_id")
_SAME_BIRTH = 1.0
"""Seconds. A process with this number that was born at another time is another one."""


@dataclass(frozen=True, slots=True)
class Start:
    """One start: in which run of the computer, as which process, born when (of the system), and when (monotonic)."""

    boot_id: str
    pid: int
    born: float
    began: float


def boot_id() -> str:
    """Name this run of the computer; "" where the system has no name for it."""
    try:
        return _LINUX_BOOT.read_text("ascii").strip()
    except OSError:
        return ""


def runs(start: Start) -> bool:
    """Tell whether the process of a start is still there."""
    try:
        return abs(psutil.Process(start.pid).create_time() - start.born) < _SAME_BIRTH
    except psutil.Error:
        return False


class StartNote:
    """The note in `folder`. A note that cannot be read or written keeps no program from starting: it is logged.

    Only crashes of this run of the computer count: whoever cuts the power ends a program that was well.
    """

    def __init__(
        self,
        folder: Path,
        monotonic: Callable[[], float],
        *,
        boot: Callable[[], str] = boot_id,
        runs: Callable[[Start], bool] = runs,
    ) -> None:
        self.file = folder / FILE_NAME
        self._runs = runs
        self._own = Start(boot(), os.getpid(), psutil.Process().create_time(), monotonic())

    def begin(self) -> int:
        """Write this start down; return how many before it, one after the other, crashed within their first minute."""
        before = self._others()
        self._write([*before, self._own])
        return sum(not self._runs(start) for start in before)

    def ended(self) -> None:
        """Take word that the program ends as it should: this start was none of the crashes."""
        self._write(self._others())

    def ran_well(self) -> None:
        """Take word that the program has run well for a minute: crashes before it were no loop."""
        self._write([])

    def _others(self) -> list[Start]:
        """The other starts in this run of the computer."""
        try:
            starts = [Start(**row) for row in json.loads(self.file.read_bytes())]
            same_run = [one for one in starts if one.boot_id == self._own.boot_id and one.began <= self._own.began]
        except FileNotFoundError:
            return []
        except (OSError, ValueError, TypeError) as error:
            log.warning("the note of the starts cannot be read: %s", type(error).__name__)
            return []
        return [one for one in same_run if one != self._own][-MOST_KEPT:]

    def _write(self, starts: list[Start]) -> None:
        try:
            write_whole(self.file, json.dumps([asdict(start) for start in starts]).encode("ascii"))
        except OSError as error:
            log.warning("the note of the starts cannot be written: %s", error.strerror)
