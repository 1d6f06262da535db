"""Whether it is dark outside, by where the sun stands over the car."""

from datetime import datetime

from astral import Observer
from astral.sun import elevation

from patrol_anpr.domain.fix import Fix

DARK_BELOW, LIGHT_ABOVE = -4.0, -1.0
"""Degrees of the sun over the horizon: half way through civil twilight headlamps are on and a bright screen blinds, and
about sunrise a dark one cannot be read any more. Between the two nothing changes, so no screen flickers at dusk."""


class Daylight:
    """Judges by the last Fix there was, without one by the place of the settings (degrees north, degrees east)."""

    def __init__(self, place: tuple[float, float]) -> None:
        self._place = place
        self._dark: bool | None = None

    def is_dark(self, at: datetime, fix: Fix | None) -> bool:
        """Whether it is dark at the time `at`, which is aware."""
        latitude, longitude = self._place if fix is None else (fix.latitude, fix.longitude)
        height = elevation(Observer(latitude, longitude), at)
        if height < DARK_BELOW or (self._dark is None and height < (DARK_BELOW + LIGHT_ABOVE) / 2):
            self._dark = True
        elif height > LIGHT_ABOVE or self._dark is None:
            self._dark = False
        return self._dark
