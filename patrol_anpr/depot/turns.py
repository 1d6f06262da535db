"""Whether the depot comes to a pack in time: a car that would give up before its answer is told to come back later."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from patrol_anpr.depot.quotas import TooMuch

LONGEST_WAIT = 10.0
"""Seconds. A car waits 20 s for an answer (Patience.silence_seconds), and what is taken in after that was in vain."""
_NEWEST = 0.2
"""How much the newest pack says of what a pack takes."""


def wait_of(packs: int, seconds: float) -> float:
    """Return after how many seconds a pack is answered that comes behind `packs`, of `seconds` each."""
    return (packs + 1) * seconds


class Turns:
    """Counts the packs under way, and measures what one takes. Any thread may call."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._packs = 0
        self._seconds = 0.0
        self._since = 0.0

    def check(self) -> None:
        """Raise TooMuch (503) where a pack that comes now would be answered too late."""
        with self._lock:
            wait = wait_of(self._packs, self._seconds)
            if self._packs and wait > LONGEST_WAIT:
                raise TooMuch(503, "Too many cars send at once. The depot takes more in a moment.", wait)

    @contextmanager
    def taking(self) -> Iterator[None]:
        """Count a pack in while the block runs. One that fails is no measure of the others."""
        with self._lock:
            if not self._packs:
                self._since = self._clock()
            self._packs += 1
        taken = False
        try:
            yield
            taken = True
        finally:
            with self._lock:
                self._packs -= 1
                if taken:
                    now = self._clock()
                    self._seconds += _NEWEST * (now - self._since - self._seconds)
                    self._since = now
