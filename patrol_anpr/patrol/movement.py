"""Where the car is, and whether it moves, by GPS."""

import threading

from patrol_anpr.domain.clock import Clock
from patrol_anpr.domain.fix import Fix

MOVING_SPEED = 2.0
"""Metres a second above which the car moves; GPS at rest wanders below it."""
FIX_STALE_SECONDS = 5.0
"""An older Fix says nothing of whether the car moves now."""


class Movement:
    """Holds the newest Fix. When GPS is lost the last one stays, and its age grows."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._fix: Fix | None = None

    def received(self, fix: Fix | None) -> None:
        """Take the newest position; None when GPS is lost."""
        if fix is not None:
            with self._lock:
                self._fix = fix

    @property
    def fix(self) -> Fix | None:
        """The newest position there was."""
        with self._lock:
            return self._fix

    def moving(self) -> bool | None:
        """Whether the car moves; None when that is not known."""
        fix = self.fix
        if fix is None or fix.speed is None or fix.age(self._clock.monotonic()) > FIX_STALE_SECONDS:
            return None
        return fix.speed > MOVING_SPEED
