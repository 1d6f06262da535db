"""Where the car is, and whether it moves, by GPS."""

import math
import threading

from patrol_anpr.domain.clock import Clock
from patrol_anpr.domain.fix import Fix

MOVING_SPEED = 2.0
"""Metres a second above which the car moves: a brisk walk, and well above what GPS at rest wanders."""
STANDING_SPEED = 0.8
"""Metres a second below which it may be standing: GPS at rest says up to half a metre a second. Between the two speeds
nothing changes, so that a car in a queue of traffic does not change its view with every length it creeps."""
STANDING_SECONDS = 3.0
"""How long the speed stays below that before the car stands: a car that pauses at a junction drives on at once."""
FIX_STALE_SECONDS = 5.0
"""An older Fix says nothing of whether the car moves now."""


class Movement:
    """Holds the newest Fix, and whether the car moves. When GPS is lost the last Fix stays, and its age grows."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._fix: Fix | None = None
        self._moves: bool | None = None
        self._slow_since: float | None = None

    def received(self, fix: Fix | None) -> None:
        """Take the newest position; None when GPS is lost."""
        if fix is not None:
            with self._lock:
                self._judge(fix)
                self._fix = fix

    def _judge(self, fix: Fix) -> None:
        """With the lock held: what the new Fix says, seen after those before it."""
        before, at = self._fix, fix.at_monotonic
        if before is None or before.speed is None or at - before.at_monotonic > FIX_STALE_SECONDS:
            self._moves = self._slow_since = None
        if fix.speed is None or not math.isfinite(fix.speed):
            self._moves = self._slow_since = None
        elif fix.speed > MOVING_SPEED:
            self._moves, self._slow_since = True, None
        elif fix.speed >= STANDING_SPEED:
            self._slow_since = None
        else:
            self._slow_since = at if self._slow_since is None else self._slow_since
            if at - self._slow_since >= STANDING_SECONDS:
                self._moves = False

    @property
    def fix(self) -> Fix | None:
        """The newest position there was."""
        with self._lock:
            return self._fix

    def moving(self) -> bool | None:
        """Whether the car moves; None when that is not known: no speed, none newer than five seconds, or too few yet.

        It moves above MOVING_SPEED, and stands once it was below STANDING_SPEED for STANDING_SECONDS.
        """
        with self._lock:
            if self._fix is None or self._fix.age(self._clock.monotonic()) > FIX_STALE_SECONDS:
                return None
            return self._moves
