"""Time, injected everywhere so that tests need no waiting, and how far it can be believed."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Protocol

BUILT = datetime(2026, 11, 1, tzinfo=UTC)
"""No time before this can be: the program was not made yet. Moved on with each release."""
LONGEST_USE = timedelta(days=3652)
"""No time later than this after BUILT is believed either: 2040 is a wrong clock, not a car that nobody ever updated."""


class Clock(Protocol):
    """Two times: one for intervals, one for records. They are never mixed."""

    def monotonic(self) -> float:
        """Seconds since an arbitrary start; never goes back, and runs on while the computer sleeps. For intervals."""
        ...

    def utc(self) -> datetime:
        """The wall clock as an aware UTC datetime. For records only."""
        ...


def can_be(utc: datetime) -> bool:
    """Tell whether a time can be true at all."""
    return BUILT <= utc <= BUILT + LONGEST_USE


@dataclass(frozen=True, slots=True)
class ClockState:
    """How far the computer's clock can be believed.

    `source` names what it was last compared with: "gps"; "depot"; "rollover" for a receiver whose date had to be moved
    on by the weeks it lost count of; "system" when it was compared with nothing. `offset` is computer minus that, None
    for "system".
    """

    source: str
    offset: timedelta | None

    def corrected(self, utc: datetime) -> datetime:
        """Return the time to judge by when the computer says `utc`: weed dates, ages, ends.

        Where nothing better is known than a time that cannot be, it is BUILT: then nothing ends that was in force when
        the program was made, and whoever needs the true time sees by the clock's lamp that there is none.
        """
        if self.offset is not None:
            return utc - self.offset
        return utc if can_be(utc) else BUILT


class CorrectedClock:
    """A Clock whose `utc` is the best that is known, for judging: weed dates, ages, ends.

    Records keep the computer's own time with the difference beside it: what was measured is never rewritten.
    """

    def __init__(self, clock: Clock, state: Callable[[], ClockState]) -> None:
        self._clock, self._state = clock, state

    def monotonic(self) -> float:
        """As the clock under it."""
        return self._clock.monotonic()

    def utc(self) -> datetime:
        """The computer's time less what it is known to be wrong by."""
        return self._state().corrected(self._clock.utc())
