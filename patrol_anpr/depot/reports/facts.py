"""What is counted of a record: no mark, no officer, no place. Made from what a car sent, kept until a day is closed."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from patrol_anpr.depot.keeping.items import WRONG_CLOCK_DAYS
from patrol_anpr.depot.reports.reasons import ReasonClass, reason_class
from patrol_anpr.domain.coverage import Blind
from patrol_anpr.domain.disposition import DispositionKind
from patrol_anpr.domain.hit import ControlAnswer, HitState, MatchKind, Override, Verification
from patrol_anpr.domain.hotlist import Tier
from patrol_anpr.wire.payloads import HitPayload, OutcomePayload, ShiftPayload

WRONG_CLOCK = timedelta(days=WRONG_CLOCK_DAYS)
"""What a car dates further back than this before it sends it had a wrong clock."""
AHEAD = timedelta(days=1)


def counted_at(moment: datetime, received_at: datetime) -> datetime:
    """Return when something counts as having happened: as the car says, or when it came if that cannot be."""
    return moment if received_at - WRONG_CLOCK <= moment <= received_at + AHEAD else received_at


@dataclass(frozen=True, slots=True)
class HitFact:
    """A hit as it is counted. `alarmed`: it called for the crew's eyes when it was raised; `at` is UTC."""

    car_id: str
    hit_id: str
    shift_id: str
    at: datetime
    list_id: str
    tier: Tier
    kind: MatchKind
    reason: ReasonClass
    alarmed: bool

    @classmethod
    def of(cls, car_id: str, said: HitPayload, received_at: datetime) -> "HitFact":
        """Take what is counted from a hit."""
        return cls(
            car_id,
            said.hit_id,
            said.shift_id or "",
            counted_at(said.raised_at, received_at),
            said.list_id,
            said.tier,
            said.kind,
            reason_class(said.reason),
            alarmed=not (said.muted or said.past or said.tier is Tier.SILENT),
        )


@dataclass(frozen=True, slots=True)
class OutcomeFact:
    """An outcome as it is counted; as in Outcome. `seq` is the depot's number: the order of one moment."""

    car_id: str
    outcome_id: str
    hit_id: str
    at: datetime
    seq: int
    state: HitState
    verification: Verification | None = None
    disposition: str = ""
    disposition_kind: DispositionKind | None = None
    undone: bool = False
    looked: bool = False
    control: ControlAnswer | None = None
    override: Override | None = None
    beside: bool = False

    @classmethod
    def of(cls, car_id: str, said: OutcomePayload, received_at: datetime, seq: int) -> "OutcomeFact":
        """Take what is counted from an outcome."""
        return cls(
            car_id=car_id,
            outcome_id=said.outcome_id,
            hit_id=said.hit_id,
            at=counted_at(said.at, received_at),
            seq=seq,
            state=said.state,
            verification=said.verification,
            disposition=said.disposition or "",
            disposition_kind=said.disposition_kind,
            undone=said.undone,
            looked=said.looked,
            control=said.control,
            override=said.override,
            beside=said.with_hit is not None,
        )


@dataclass(frozen=True, slots=True)
class ShiftFact:
    """A shift as it is counted; `ended_at` is None while it runs."""

    car_id: str
    shift_id: str
    unit: str
    started_at: datetime
    ended_at: datetime | None

    @classmethod
    def of(cls, car_id: str, said: ShiftPayload, received_at: datetime) -> "ShiftFact":
        """Take what is counted from a shift."""
        ended = None if said.ended_at is None else counted_at(said.ended_at, received_at)
        return cls(car_id, said.shift_id, said.unit, counted_at(said.started_at, received_at), ended)


@dataclass(frozen=True, slots=True)
class CoverageFact:
    """What one camera of a car saw in one minute, or in a part of it: seconds watched, and blind by reason."""

    car_id: str
    camera_id: str
    at: datetime
    seconds: float
    blind: Mapping[Blind, float]
    reads: int
    unread: int


@dataclass(frozen=True, slots=True)
class HitStanding:
    """What became of a hit so far. `verification` is "with another" where it was decided with a sighting beside it."""

    verification: str
    disposition: str
    stopped: bool
    ground: str


OPEN = "no outcome"
BESIDE = "with another hit of the vehicle"
NOT_SAID = "not said"
LOOKED_AND_CONFIRMED = "picture looked at, control confirmed"
WITHOUT_GROUND = "neither look nor override recorded"


@dataclass(slots=True)
class _Said:
    outcome: OutcomeFact | None = None
    verification: Verification | None = None
    looked: bool = False
    control: ControlAnswer | None = None
    beside: bool = field(default=False)


def standing(outcomes: Iterable[OutcomeFact]) -> HitStanding:
    """Return what a hit's outcomes come to, as the car has it (`domain.hit.after`): the last counts, undo clears."""
    said = _Said()
    for one in sorted(outcomes, key=lambda outcome: (outcome.at, outcome.seq)):
        if one.undone:
            said = _Said()
            continue
        said.outcome = one
        said.verification = one.verification or said.verification
        said.looked = said.looked or one.looked
        said.control = one.control or said.control
        said.beside = one.beside
    last = said.outcome
    if last is None or last.state.is_open:
        return HitStanding(OPEN, OPEN, stopped=False, ground="")
    verification = said.verification.value if said.verification else BESIDE if said.beside else NOT_SAID
    stopped = last.disposition_kind is DispositionKind.STOPPED
    return HitStanding(verification, _done(last), stopped, _ground(said, last.override) if stopped else "")


def _done(last: OutcomeFact) -> str:
    if last.disposition:
        return last.disposition
    return "dismissed" if last.state is HitState.DISMISSED else NOT_SAID


def _ground(said: _Said, override: Override | None) -> str:
    """On what a stop was made."""
    if override is not None:
        return override.value
    if said.looked and said.control is ControlAnswer.CONFIRMED:
        return LOOKED_AND_CONFIRMED
    return WITHOUT_GROUND


def outcomes_by_hit(outcomes: Iterable[OutcomeFact]) -> Mapping[tuple[str, str], Sequence[OutcomeFact]]:
    """Put outcomes to the hit, by car and id."""
    found: dict[tuple[str, str], list[OutcomeFact]] = {}
    for one in outcomes:
        found.setdefault((one.car_id, one.hit_id), []).append(one)
    return found
