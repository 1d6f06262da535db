"""Time, injected everywhere so that tests need no waiting."""

from datetime import datetime
from typing import Protocol


class Clock(Protocol):
    """Two times: one for intervals, one for records. They are never mixed."""

    def monotonic(self) -> float:
        """Seconds since an arbitrary start; never goes back. For intervals and timeouts."""
        ...

    def utc(self) -> datetime:
        """The wall clock as an aware UTC datetime. For records only."""
        ...
