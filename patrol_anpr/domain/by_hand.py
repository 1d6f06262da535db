"""What an officer adds by hand: the correction of a misread, a mark they saw themselves, a vehicle of interest."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from patrol_anpr.domain.errors import BadInput
from patrol_anpr.domain.hotlist import Tier, Voi
from patrol_anpr.domain.vrm import MAX_LENGTH, normalise

READ_CORRECTED, MARK_ENTERED = "read_corrected", "mark_entered"
VOI_MADE, VOI_WITHDRAWN, VOI_ENDED = "voi_made", "voi_withdrawn", "voi_ended_with_shift"
"""The actions of the audit trail."""
LONGEST_REASON = 80
"""Characters of a reason: what the voice says of one (alerting/phrases.py)."""


@dataclass(frozen=True, slots=True)
class ReadCorrection:
    """An officer's word on what a plate really says. The Read keeps its text; of several ones the last counts."""

    correction_id: str
    read_id: str
    officer_id: str
    at: datetime
    vrm: str


class Lifetime(StrEnum):
    """How long an officer's own entry is in force. SHIFT: until its officer signs off."""

    SHIFT = "shift"
    DAY = "day"
    WEEK = "week"

    @property
    def longest(self) -> timedelta:
        """After this it ends in any case; a shift that was cut off has no sign-off."""
        return {Lifetime.SHIFT: timedelta(hours=16), Lifetime.DAY: timedelta(days=1), Lifetime.WEEK: timedelta(days=7)}[
            self
        ]


@dataclass(frozen=True, slots=True)
class VoiWish:
    """What an officer wants put on the car's own list; `read_id` is the Read it was made from, if any."""

    vrm: str
    reason: str
    tier: Tier
    lifetime: Lifetime
    read_id: str | None = None


@dataclass(frozen=True, slots=True)
class OwnVoi:
    """An entry of the car's own list. Times are UTC; from `expires_at` on it is not in force."""

    voi_id: str
    vrm: str
    reason: str
    tier: Tier
    lifetime: Lifetime
    officer_id: str
    shift_id: str
    made_at: datetime
    expires_at: datetime
    read_id: str | None = None

    def voi(self) -> Voi:
        """As the lists have it."""
        return Voi(
            vrm=self.vrm,
            reason=self.reason,
            information=f"Entry of this car, made by {self.officer_id}",
            weed_date=self.expires_at.date(),
            tier=self.tier,
        )


def mark_of(entered: str) -> str:
    """Return the mark an officer entered, normalised.

    Raises:
        BadInput: there is no letter or digit in it, or it is longer than any mark.
    """
    vrm = normalise(entered)
    if not vrm:
        raise BadInput("Enter the letters and digits that are on the plate.")
    if len(vrm) > MAX_LENGTH:
        raise BadInput("No mark is that long: enter at most {max_length} letters and digits.", max_length=MAX_LENGTH)
    return vrm


def reason_of(entered: str) -> str:
    """Return the reason an officer gave, without needless spaces.

    Raises:
        BadInput: there is none, or it is too long to be said.
    """
    reason = " ".join(entered.split())
    if not reason:
        raise BadInput("Give a reason: it is what the next crew hears.")
    if len(reason) > LONGEST_REASON:
        raise BadInput("The reason is too long to be said: at most {most} characters.", most=LONGEST_REASON)
    return reason
