"""Who is in the car, and since when."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

NO_ONE = "nobody"
"""Who did it where no officer is signed on."""


PIN_ACCEPTED, PIN_REFUSED, PIN_TOO_SOON = "pin_accepted", "pin_refused", "pin_too_soon"
"""The actions of the audit trail for a PIN that was entered."""


class Crew(StrEnum):
    """A second officer as observer unlocks the observer view while the car moves."""

    SINGLE = "single"
    WITH_OBSERVER = "with_observer"


@dataclass(frozen=True, slots=True)
class Officer:
    """An officer of the roster. `pin_hash` is an Argon2id verifier made by the depot.

    Training for ANPR and the signed policy are good up to and with these days; None: the roster does not say. That one
    has ended is told, and stops nobody from signing on.
    """

    officer_id: str
    name: str
    pin_hash: str
    training_ends: date | None = None
    policy_ends: date | None = None


@dataclass(frozen=True, slots=True)
class PinTry:
    """A PIN that was entered for an officer, at a moment (UTC), and whether it was right."""

    officer_id: str
    at: datetime
    right: bool


@dataclass(frozen=True, slots=True)
class Shift:
    """A signed-on period of one officer in one unit."""

    shift_id: str
    officer_id: str
    unit: str
    crew: Crew
    started_at: datetime
    ended_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class ShiftSummary:
    """The counts of a shift. `unresolved` are hits without an outcome, `waiting` records not yet held by the depot.

    `parked` are records of any shift that the depot refused, or holds otherwise: they stay in the car.
    `training_ended` and `policy_ended` are the days on which those of its officer ended; None: they have not.
    """

    reads: int
    hits: int
    confirmed: int
    dismissed: int
    unresolved: int
    waiting: int
    parked: int = 0
    training_ended: date | None = None
    policy_ended: date | None = None


TEN_MINUTES = 600.0
"""Seconds: the span in which alarm practice counts."""
FLOOD = 10
"""More alarms than this in ten minutes are a flood, by alarm practice (IEC 62682): people stop to listen."""


@dataclass(frozen=True, slots=True)
class ListCounts:
    """What one list brought in a shift: its hits, how many of them were dismissed, and its hits in ten minutes.

    `lately` are those of the last ten minutes, `peak` the most there were in any ten minutes of the shift.
    """

    list_id: str
    name: str
    hits: int
    dismissed: int
    lately: int
    peak: int

    @property
    def dismissed_percent(self) -> int:
        """The share of the hits that was dismissed, 0 to 100."""
        return round(100 * self.dismissed / self.hits) if self.hits else 0

    @property
    def is_flood(self) -> bool:
        """Whether this list alone was a flood at some time of the shift."""
        return self.peak > FLOOD
