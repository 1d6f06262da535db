"""The Reads of the shift under way, in memory: the newest ones, and how many there are."""

import threading
from collections import deque
from collections.abc import Sequence

from patrol_anpr.domain.read import Read
from patrol_anpr.domain.search import ReadsFound

IN_MEMORY = 2000
"""Reads held for the screen, about a kilobyte each; older ones are asked of the records."""


class ShiftReads:
    """Every method may be called from any thread; none waits."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._newest: deque[Read] = deque(maxlen=IN_MEMORY)
        self._count = 0

    def begin(self, newest: Sequence[Read] = (), count: int = 0) -> None:
        """Begin a shift. One that goes on brings its `newest` Reads, the newest first, and how many it has."""
        with self._lock:
            self._newest = deque(reversed(newest), maxlen=IN_MEMORY)
            self._count = count

    def add(self, read: Read) -> None:
        """One more Read."""
        with self._lock:
            self._newest.append(read)
            self._count += 1

    def newest(self, limit: int) -> Sequence[Read]:
        """The newest Reads, the newest first."""
        with self._lock:
            return tuple(reversed(self._newest))[:limit]

    def found(self) -> ReadsFound:
        """The newest Reads that are in memory, in the order they were made, and how many the shift has."""
        with self._lock:
            return ReadsFound(self._count - len(self._newest), tuple(self._newest), self._count)

    @property
    def count(self) -> int:
        """How many Reads the shift has."""
        with self._lock:
            return self._count
