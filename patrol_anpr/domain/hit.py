"""A Hit: a Read whose VRM matches a vehicle of interest, and what became of it."""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from patrol_anpr.domain.disposition import Disposition
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


class ControlAnswer(StrEnum):
    """What control said when asked about the vehicle. NO_ANSWER: asked, and nobody said anything."""

    CONFIRMED = "confirmed"
    NO_LONGER_WANTED = "no_longer_wanted"
    NO_ANSWER = "no_answer"


class Override(StrEnum):
    """Why a vehicle was stopped without a look at the picture, or without control's word that it is wanted."""

    NO_ANSWER = "control_did_not_answer"
    DANGER = "danger_to_life"
    OTHER_OFFENCE = "stopped_for_another_offence"
    OWN_EYES = "saw_the_plate_itself"


CANNOT_TELL = "cannot_tell"
"""Said in place of a character, where the picture does not show which one stands at the doubtful place."""


@dataclass(frozen=True, slots=True)
class Look:
    """Who looked at the picture of a hit, and when (UTC).

    `choice` is the character they saw at the doubtful place before the list's entry was shown, or CANNOT_TELL; "" where
    they were not asked.
    """

    officer_id: str
    at: datetime
    choice: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """What control said, whom it was told, and when (UTC)."""

    said: ControlAnswer
    officer_id: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Hit:
    """One raised hit.

    `raised_monotonic` minus the read's `captured_monotonic` is the latency from frame to alert, in seconds.
    `decided_monotonic` is when it was confirmed or dismissed, in seconds of this run of the program; None while it is
    open, and for what was decided before a restart. `muted`: its entry was muted when it was raised; it made no sound.
    `past`: it matched only after its Read had been made, by an entry that came later or by an officer's correction, so
    that the vehicle need not be here now; the Read says when it was seen.
    `corrected_vrm` is the officer's correction of the Read, where it was that which matched.
    `cancelled`: its entry is on the list no more.
    `look`, `answer`, `disposition` and `override` are what its outcomes say so far.
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
    past: bool = False
    corrected_vrm: str | None = None
    look: Look | None = None
    answer: Answer | None = None
    disposition: Disposition | None = None
    override: Override | None = None
    cancelled: bool = False

    @property
    def vrm(self) -> str:
        """The text that was matched: what was read, or the officer's correction of it."""
        return self.corrected_vrm or self.read.vrm

    @property
    def is_open(self) -> bool:
        """Whether a decision is still wanted."""
        return self.state.is_open

    @property
    def is_here(self) -> bool:
        """Whether a camera saw the vehicle just before it was raised: not of the past, nor entered by an officer."""
        return not self.past and not self.read.is_entered

    @property
    def may_stop(self) -> bool:
        """Whether a stop needs no override: somebody looked at the picture, and control says the vehicle is wanted."""
        return self.look is not None and self.answer is not None and self.answer.said is ControlAnswer.CONFIRMED

    @property
    def awaits_control(self) -> bool:
        """Whether it was confirmed, and neither what control said nor what was done is known yet."""
        return self.state is HitState.ACTIONED and self.answer is None and self.disposition is None

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

    `looked`: it was said with the picture on the screen, `look_choice` as in Look. `control` is set by the outcome that
    brings control's answer. `override` says why the vehicle was stopped without a look or without control's word.
    `undone` marks an outcome that takes the one before it back. `with_hit` is the hit whose decision closed this one,
    another sighting of the same vehicle: the picture of that hit was looked at, and what was done stands there.
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
    looked: bool = False
    look_choice: str = ""
    control: ControlAnswer | None = None
    override: Override | None = None
    with_hit: str | None = None


def after(hit: Hit, outcome: Outcome) -> Hit:
    """Return the hit as it stands after an outcome: its state, the last look and answer, what was done.

    UNDO takes all of that back: whoever decides anew looks and asks anew.
    """
    if outcome.undone:
        return replace(hit, state=outcome.state, look=None, answer=None, disposition=None, override=None)
    by, at = outcome.officer_id, outcome.at
    return replace(
        hit,
        state=outcome.state,
        look=Look(by, at, outcome.look_choice) if outcome.looked else hit.look,
        answer=Answer(outcome.control, by, at) if outcome.control else hit.answer,
        disposition=outcome.disposition,
        override=outcome.override,
    )
