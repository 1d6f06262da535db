"""Time, injected everywhere so that tests need no waiting."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    """Two times: one for intervals, one for records. They are never mixed."""

    def monotonic(self) -> float:
        """Seconds since an arbitrary start; never goes back. For intervals and timeouts."""
        ...

    def utc(self) -> datetime:
        """The wall clock as an aware UTC datetime. For records only."""
        ...


@dataclass(frozen=True, slots=True)
class ClockState:
    """How far the clock can be believed.

    `source` is "gps" once it was compared with GPS time, else "system"; `offset` is computer minus GPS, or None.
    """

    source: str
    offset: timedelta | None
