"""Where the car has been in the shift under way, in memory and nowhere else; what is kept of places is in the Reads."""

import math
import threading
from collections.abc import Sequence

from patrol_anpr.domain.fix import Fix
from patrol_anpr.domain.read import Read
from patrol_anpr.domain.route import Route, from_to

APART_METRES = 20.0
"""A car that has gone less far is still at the point before."""
MOST_POINTS = 3000
"""With more, every second one goes and they lie twice as far apart: enough for a picture of any shift."""


class ShiftRoute:
    """Takes every Fix of a shift. Any thread may call; nothing waits."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._runs = False
        self._legs: list[list[tuple[float, float]]] = []
        self._apart = APART_METRES
        self._gap = True

    def begin(self, *, runs: bool, reads: Sequence[Read] = ()) -> None:
        """Begin a shift, or end one; one that goes on has the places of its Reads, the newest first."""
        with self._lock:
            self._runs, self._legs, self._apart, self._gap = runs, [], APART_METRES, True
            for read in reversed(reads):
                if read.fix is not None:
                    self._add(read.fix)
            self._gap = True

    def received(self, fix: Fix | None) -> None:
        """Take the newest position; None when GPS is lost."""
        with self._lock:
            if not self._runs:
                return
            if fix is None:
                self._gap = True
            else:
                self._add(fix)

    def route(self) -> Route:
        """Where the car has been so far."""
        with self._lock:
            return Route(tuple(map(tuple, self._legs)))

    def _add(self, fix: Fix) -> None:
        place = (fix.latitude, fix.longitude)
        if self._legs and math.hypot(*from_to(self._legs[-1][-1], place)) < self._apart:
            return
        if self._gap:
            self._legs.append([place])
        else:
            self._legs[-1].append(place)
        self._gap = False
        if sum(map(len, self._legs)) > MOST_POINTS:
            self._apart *= 2
            kept = (leg for number, leg in enumerate(self._legs) if len(leg) > 1 or number % 2 == 0)
            self._legs = [[*leg[:-1:2], leg[-1]] for leg in kept]
