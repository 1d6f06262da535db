"""A look at what the program itself may run out of: open files, and threads. Whoever leaks them ends in silence."""

import logging
import sys
import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

import psutil

from patrol_anpr.domain.health import Lamp, LampState
from patrol_anpr.domain.sentences import marked, sentence

log = logging.getLogger(__name__)

KEY = "program"
SHORT_PERCENT = 80
MOST_THREADS = 200
"""A car on patrol has about forty (judged)."""
MOST_HANDLES = 10_000
"""Of a program on Windows, which sets no limit worth the name (judged)."""
WELL = Lamp(KEY, LampState.GOOD, "Program")


@dataclass(frozen=True, slots=True)
class Use:
    """How much of something is in use, and how much there may be."""

    used: int
    most: int

    @property
    def percent(self) -> float:
        """In use, in percent."""
        return 100 * self.used / self.most


def open_files() -> Use:
    """The files and connections of this process."""
    process = psutil.Process()
    if sys.platform == "win32":
        return Use(process.num_handles(), MOST_HANDLES)
    else:  # noqa: RET505 - mypy knows by the else that this is for the other systems
        import resource

        soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
        return Use(process.num_fds(), soft if soft > 0 else MOST_HANDLES)


def threads() -> Use:
    """The threads of this process that are ours."""
    return Use(threading.active_count(), MOST_THREADS)


class LeakWatch:
    """A probe for the health thread: None as long as all is well."""

    def __init__(self, files: Callable[[], Use] = open_files, threads: Callable[[], Use] = threads) -> None:
        self._files, self._threads = files, threads
        self._told = False

    def __call__(self) -> Lamp | None:
        """Look; what runs out is a red lamp, and the log says what there is."""
        files, threads = self._files(), self._threads()
        if max(files.percent, threads.percent) < SHORT_PERCENT:
            return WELL if self._told else None
        if not self._told:
            names = Counter(thread.name.rstrip("0123456789") for thread in threading.enumerate())
            kinds = ", ".join(f"{count} {name}" for name, count in names.most_common(8))
            log.error("%d of %d files open, %d threads: %s", files.used, files.most, threads.used, kinds)
        self._told = True
        what = sentence("open files") if files.percent >= threads.percent else sentence("threads")
        advice = sentence(
            "It uses {percent:.0f} % of the {what} it may have. Stop, close it and start it again; tell IT.",
            percent=max(files.percent, threads.percent),
            what=what,
        )
        return Lamp(KEY, LampState.BAD, marked("Program runs out"), advice)
