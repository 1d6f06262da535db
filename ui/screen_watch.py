"""Watches the thread that paints and hears touches: how often its loop turns, and whether it stands still.

A window that stands still looks like one that has nothing to tell. So another thread looks on: what takes long is
logged by the names of the functions it stood in, and what stays stuck is a red lamp, which is heard although it is not
seen.
"""

import logging
import sys
import threading
import time
from collections.abc import Callable

from PySide6.QtCore import QObject, Qt, QTimer, Slot

from patrol_anpr.domain.clock import Clock
from patrol_anpr.domain.health import Lamp, LampState
from patrol_anpr.domain.live import LiveFrame
from patrol_anpr.plumbing.worker import Worker
from ui.models.spread import Spread

log = logging.getLogger(__name__)

TURN_MS = 20
"""How often the loop is asked to come round."""
LONG_SECONDS = 0.1
"""A touch that waits so long feels lost."""
STUCK_SECONDS = 2.0
"""From here on the window stands still, and the officer is told by sound (judged)."""
LOOK_SECONDS = 0.03
_MOST_A_LOOK = 0.5  # s; what is longer between two looks this whole process slept, not its window
_SLEPT = 10.0  # s without a turn of which the watch ran hardly any: a computer that slept
_FUNCTIONS = 6
_STOP_SECONDS = 1.0

STUCK = Lamp(
    "screen", LampState.BAD, "Screen stuck", "Touches wait, alerts are heard. If it stays, restart the program."
)
WORKS = Lamp("screen", LampState.GOOD, "Screen")
UNWATCHED = Lamp("screen", LampState.BAD, "Screen not watched", "It is tried again all the time. Tell IT.")


class ScreenWatch(QObject):
    """Keeps how far apart the `turns` of the loop were, and the `ages` of the pictures when they were painted.

    Made, started and stopped on the GUI thread. A turn counts from the turn before it, so that what blocks the loop is
    never told shorter than it was.
    """

    def __init__(self, on_lamp: Callable[[Lamp], object], clock: Clock, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.turns, self.ages = Spread(), Spread()
        self._on_lamp, self._clock = on_lamp, clock
        self._gui = threading.get_ident()
        self._turned = time.monotonic()
        self._stood = 0.0
        self._lamp: Lamp | None = None
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.setInterval(TURN_MS)
        self._timer.timeout.connect(self._turn)
        self._worker = Worker("screen-watch", self._look_on, lambda _: self._tell(UNWATCHED))

    def start(self) -> None:
        """Start watching; the first turn counts from now."""
        self._turned = time.monotonic()
        self._timer.start()
        self._worker.start()

    def stop(self) -> None:
        """Stop, before the loop ends: a loop that is over does not turn."""
        self._timer.stop()
        self._worker.stop(_STOP_SECONDS)

    @property
    def told(self) -> str:
        """The figures of a run in one line."""
        return f"WINDOW turns of its loop: {self.turns.told}; age of the pictures painted: {self.ages.told}"

    @Slot(object)
    def painted(self, frame: LiveFrame) -> None:
        """Take word that a frame is being painted for the first time."""
        self.ages.add(self._clock.monotonic() - frame.captured_monotonic)

    @Slot()
    def _turn(self) -> None:
        now = time.monotonic()
        if now - self._turned < _SLEPT or self._stood > STUCK_SECONDS:
            self.turns.add(now - self._turned)
        self._turned = now

    def _look_on(self, stopping: threading.Event) -> None:
        """The thread: see whether a turn is overdue, by the time in which this process really ran."""
        seen, looked, is_told = self._turned, time.monotonic(), False
        self._stood = 0.0
        if self._lamp is UNWATCHED:
            self._tell(WORKS)
        while not stopping.wait(LOOK_SECONDS):
            now = time.monotonic()
            if self._turned != seen:
                seen, self._stood, is_told = self._turned, 0.0, False
                if self._lamp is STUCK:
                    self._tell(WORKS)
            else:
                self._stood += min(now - looked, _MOST_A_LOOK)
            if self._stood > LONG_SECONDS and not is_told:
                is_told = True
                log.info("the window is blocked in %s", functions_of(self._gui))
            if self._stood > STUCK_SECONDS and self._lamp is not STUCK:
                self._tell(STUCK)
            looked = now

    def _tell(self, lamp: Lamp) -> None:
        self._lamp = lamp
        self._on_lamp(lamp)


def functions_of(thread: int) -> str:
    """Where a thread is now, the innermost first: names and lines of functions, nothing of what they hold."""
    frame = sys._current_frames().get(thread)
    names: list[str] = []
    while frame is not None and len(names) < _FUNCTIONS:
        names.append(f"{frame.f_code.co_qualname}:{frame.f_lineno}")
        frame = frame.f_back
    return " < ".join(names)
