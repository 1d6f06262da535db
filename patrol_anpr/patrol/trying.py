"""Models of the depot read the test card, in a process of their own, before they may take over."""

import json
import logging
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import psutil

from patrol_anpr.domain.sentences import marked, sentence
from patrol_anpr.patrol.model_process import COMMAND, ModelProcess
from patrol_anpr.plumbing.worker import Worker
from patrol_anpr.reading.model_shelf import ModelShelf
from patrol_anpr.settings import ReadingSettings

log = logging.getLogger(__name__)

STOP_SECONDS = 2.0
LONGEST_ANSWER = 4000
_LOOK = 0.2
"""Seconds between two looks at the process."""
CRASHED = marked("They crashed on the test card.")
HUNGRY = marked("They need more than {megabytes} MB of memory.")
NO_END = marked("They came to no end of the test card in {minutes} minutes.")
HANGS = marked("They did not come through the test card in {seconds} s of the processor.")


@dataclass(frozen=True, slots=True)
class CardLimits:
    """What the test card may take: megabytes, seconds of the processor, and seconds in all.

    It runs beside a patrol; on a machine that is busy otherwise it takes longer.
    """

    megabytes: int = 1500
    cpu_seconds: float = 180.0
    seconds: float = 1800.0


class ModelTrial:
    """The thread that tries each new set once. `on_failure` hears what ended it; it begins again by itself."""

    def __init__(
        self,
        shelf: ModelShelf,
        reading: ReadingSettings,
        on_failure: Callable[[BaseException], object],
        *,
        limits: CardLimits | None = None,
        command: Sequence[str] = COMMAND,
    ) -> None:
        self._shelf, self._reading = shelf, reading
        self._limits, self._command = limits or CardLimits(), command
        self._wake = threading.Event()
        self._worker = Worker("model-card", self._run, on_failure, rouse=self._wake.set)

    def start(self) -> None:
        """Begin; returns at once."""
        self._worker.start()

    def stop(self) -> None:
        """End; a test card under way is broken off, and begun again at the next start."""
        self._worker.stop(STOP_SECONDS)

    def look(self) -> None:
        """Look whether a set has come."""
        self._wake.set()

    def _run(self, stopping: threading.Event) -> None:
        while not stopping.is_set():
            self._wake.clear()
            folder = self._shelf.to_try()
            if folder is None:
                self._wait(stopping)
                continue
            why = self._why_not(folder, stopping)
            if why is not None:
                self._shelf.judge(folder, why)
            else:
                self._shelf.not_tried(folder)
                self._wait(stopping)

    def _wait(self, stopping: threading.Event) -> None:
        """Wait for the next sync, or the end; a second at a time, as what is wrong with a thread shows when it runs."""
        while not self._wake.wait(1.0) and not stopping.is_set():
            continue

    def _why_not(self, folder: Path, stopping: threading.Event) -> str | None:
        """Return why a set may not take over, "" where it may; None where that was not found out."""
        try:
            process = ModelProcess("card", self._reading, folder, folder, self._command)
        except OSError as error:
            log.warning("the test card could not be begun: %s", type(error).__name__)
            return None
        try:
            return self._watched(process, stopping)
        finally:
            process.end()

    def _watched(self, process: ModelProcess, stopping: threading.Event) -> str | None:
        limits, looks = self._limits, 0
        while not process.has_ended():
            if stopping.wait(_LOOK):
                return None
            looks += 1
            try:
                seen = psutil.Process(process.pid)
                memory, times = seen.memory_info().rss, seen.cpu_times()
            except psutil.Error:
                continue  # it has ended
            if memory > limits.megabytes * 2**20:
                return sentence(HUNGRY, megabytes=limits.megabytes)
            if times.user + times.system > limits.cpu_seconds:
                return sentence(HANGS, seconds=f"{limits.cpu_seconds:.0f}")
            if looks * _LOOK > limits.seconds:
                return sentence(NO_END, minutes=f"{limits.seconds / 60:.0f}")
        return _answered(process.stdout.read(LONGEST_ANSWER))


def _answered(line: bytes) -> str | None:
    try:
        why = json.loads(line)["why"]
    except (ValueError, KeyError, TypeError):
        return CRASHED
    return why if why is None or isinstance(why, str) else CRASHED
