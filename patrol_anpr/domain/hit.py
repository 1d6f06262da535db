"""A Hit: a Read whose VRM matches a vehicle of interest, and what became of it."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from patrol_anpr.domain.hotlist import Hotlist, Tier, Voi
from patrol_anpr.domain.read import Read


class MatchKind(StrEnum):
    """EXACT: the same mark (O=0 and I=1 folded). CHECK: could be the same mark; never looks or sounds like EXACT."""

    EXACT = "exact"
    CHECK = "check"


@dataclass(frozen=True, slots=True)
class Match:
    """A read VRM against one VOI. `differing` are the places (from 0) where the two texts differ after folding."""

    kind: MatchKind
    voi: Voi
    hotlist: Hotlist
    tier: Tier
    differing: tuple[int, ...] = ()


UNDO_SECONDS = 10.0
"""How long a decision can be taken back, from the tap on."""


class HitState(StrEnum):
    """raised -> acknowledged -> actioned, or dismissed. UNDO leads back to acknowledged; nothing is ever deleted."""

    RAISED = "raised"
    ACKNOWLEDGED = "acknowledged"
    ACTIONED = "actioned"
    DISMISSED = "dismissed"

    @property
    def is_open(self) -> bool:
        """Whether a decision is still wanted."""
        return self in (HitState.RAISED, HitState.ACKNOWLEDGED)


class Verification(StrEnum):
    """What the officer's look at the picture said."""

    CORRECT = "correct"
    MISREAD = "misread"
    NOT_A_PLATE = "not_a_plate"
    COULD_NOT_VERIFY = "could_not_verify"


class Disposition(StrEnum):
    """What was done about it."""

    ARREST = "stopped_arrest"
    SEIZURE = "stopped_seizure"
    REPORT = "stopped_report"
    NO_FURTHER_ACTION = "stopped_no_further_action"
    OUT_OF_DATE = "stopped_entry_out_of_date"
    NOT_STOPPED_PRIORITY = "not_stopped_priority"
    NOT_STOPPED_LOST = "not_stopped_lost"
    NOT_STOPPED_UNSAFE = "not_stopped_unsafe"
    PASSED_TO_CONTROL = "passed_to_control"


@dataclass(frozen=True, slots=True)
class Hit:
    """One raised hit.

    `raised_monotonic` minus the read's `captured_monotonic` is the latency from frame to alert, in seconds.
    `decided_monotonic` is when it was confirmed or dismissed, in seconds of this run of the program; None while it is
    open, and for what was decided before a restart. `muted`: its entry was muted when it was raised; it made no sound.
    `corrected_vrm` is the officer's correction of the Read, where it was that which matched.
    """

    hit_id: str
    read: Read
    match: Match
    raised_at: datetime
    raised_monotonic: float
    shift_id: str | None
    state: HitState = HitState.RAISED
    decided_monotonic: float | None = None
    muted: bool = False
    corrected_vrm: str | None = None

    @property
    def vrm(self) -> str:
        """The text that was matched: what was read, or the officer's correction of it."""
        return self.corrected_vrm or self.read.vrm

    @property
    def is_open(self) -> bool:
        """Whether a decision is still wanted."""
        return self.state.is_open

    @property
    def tier(self) -> Tier:
        """The tier the officer is told; that of the match."""
        return self.match.tier


def urgency(hit: Hit) -> tuple[Tier, bool, datetime]:
    """The order of hits, the most urgent first: by tier, EXACT before CHECK, then the one that waits longest.

    By the record's own time: monotonic time means nothing after a restart.
    """
    return hit.tier, hit.match.kind is MatchKind.CHECK, hit.raised_at


@dataclass(frozen=True, slots=True)
class Outcome:
    """What an officer said of a hit at one moment. Outcomes are appended, never changed: the last one counts.

    `undone` marks an outcome that takes the one before it back.
    """

    outcome_id: str
    hit_id: str
    officer_id: str
    at: datetime
    state: HitState
    verification: Verification | None = None
    disposition: Disposition | None = None
    corrected_vrm: str | None = None
    undone: bool = False
