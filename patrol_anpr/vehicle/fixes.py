"""Which positions can be true."""

import math

from patrol_anpr.domain.fix import Fix

FASTEST = 120.0
"""A patrol car is never faster than this, in metres a second: a fix that says so is a jump, not a drive."""
STEADY_SECONDS = 30.0
"""A place that was jumped to is believed after it has been steady for this long: then the one before it was wrong."""
_METRES_PER_DEGREE = 111_320.0
_NOWHERE = 0.01
"""Degrees: a receiver that knows nothing says 0/0, which is in the sea."""


class FixCheck:
    """Refuses fixes that cannot be: out of range, at 0/0, faster than any car, or a jump from the last one."""

    def __init__(self) -> None:
        self._last: Fix | None = None
        self._doubted: tuple[Fix, Fix] | None = None  # the first and the newest since a jump

    def accept(self, fix: Fix) -> Fix | None:
        """Return the fix, or None when it is refused."""
        if not (_can_be(fix) and self._is_reached(fix)):
            return None
        self._last, self._doubted = fix, None
        return fix

    def _is_reached(self, fix: Fix) -> bool:
        """Tell whether the car can have come there, or has been there, by the same receiver, for long enough."""
        if self._last is None or not _too_far(self._last, fix):
            return True
        first, newest = self._doubted or (fix, fix)
        self._doubted = (fix, fix) if _too_far(newest, fix) else (first, fix)
        return fix.at_monotonic - self._doubted[0].at_monotonic >= STEADY_SECONDS


def _can_be(fix: Fix) -> bool:
    """NaN fails every comparison, so it is refused too."""
    return (
        abs(fix.latitude) <= 90
        and abs(fix.longitude) <= 180
        and (abs(fix.latitude) > _NOWHERE or abs(fix.longitude) > _NOWHERE)
        and (fix.speed is None or 0 <= fix.speed <= FASTEST)
        and (fix.heading is None or 0 <= fix.heading <= 360)
    )


def _too_far(before: Fix, after: Fix) -> bool:
    seconds = max(1.0, after.at_monotonic - before.at_monotonic)
    north = (after.latitude - before.latitude) * _METRES_PER_DEGREE
    around = (after.longitude - before.longitude + 180) % 360 - 180
    east = around * _METRES_PER_DEGREE * math.cos(math.radians(after.latitude))
    return math.hypot(north, east) / seconds > FASTEST
