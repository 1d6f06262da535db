"""Where the car is, and how old that knowledge is."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Fix:
    """A GPS position.

    latitude and longitude in degrees (WGS 84); speed in metres a second, heading in degrees from north, either None
    when the receiver gave none; `at_monotonic` in seconds of this process's clock; `satellites` and `hdop` as received.
    `at_utc` is the time as the receiver gave it, None where it gave none: what it is worth, vehicle/clock.py decides.
    """

    latitude: float
    longitude: float
    at_monotonic: float
    at_utc: datetime | None = None
    speed: float | None = None
    heading: float | None = None
    satellites: int | None = None
    hdop: float | None = None

    def age(self, now_monotonic: float) -> float:
        """Seconds since this fix was received."""
        return max(0.0, now_monotonic - self.at_monotonic)
