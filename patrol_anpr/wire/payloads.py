"""What travels between a car and its depot. Both sides import these models, so both hash the same bytes.

Every model is frozen and passes over fields it does not know: the other side may be newer. What is stored and hashed
is what came, with all of its fields. Times are aware and travel as UTC. A record travels in a pack (`pack.py`) as the
bytes that were hashed, and becomes its model by `payload_of`: one that is not understood never spoils its pack.

The national standard's fields of a read (domain: VRM, capture time, feed, source, camera, place, confidence, motion,
patch, overview) are the first ten of `ReadPayload`; what follows them is kept beside the national record.
"""

import hashlib
import json
from collections.abc import Mapping
from datetime import date, datetime
from enum import StrEnum
from typing import Annotated, Any

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from patrol_anpr.domain.audit import AuditRow
from patrol_anpr.domain.coverage import Blind
from patrol_anpr.domain.disposition import LONGEST_WORD, MOST_OF_A_PAGE, Disposition, DispositionKind
from patrol_anpr.domain.hit import ControlAnswer, HitState, MatchKind, Override, Verification
from patrol_anpr.domain.hotlist import Tier
from patrol_anpr.domain.plate import PlateColour
from patrol_anpr.domain.shift import Crew, Officer
from patrol_anpr.wire.shape import Most, holds_too_much

MAX_COVERAGE_ROWS = 240
"""Minutes of cameras in one item: an hour of four."""

Id = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.:\-]{0,79}$")]
Name = Annotated[str, StringConstraints(max_length=120)]
Text = Annotated[str, StringConstraints(max_length=1000)]
LONGEST_SEALED = 20_000
Sealed = Annotated[str, StringConstraints(max_length=LONGEST_SEALED)]
"""A text that a hash was made of, so that it may not be shortened."""
Vrm = Annotated[str, StringConstraints(pattern=r"^[A-Z0-9]{1,12}$")]
Sha256 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
Count = Annotated[int, Field(ge=0, le=2**53)]
Finite = Annotated[float, Field(allow_inf_nan=False)]


class Wire(BaseModel):
    """Base of all that travels."""

    model_config = ConfigDict(frozen=True, extra="ignore")


def canonical_json(value: BaseModel | Mapping[str, Any]) -> bytes:
    """Return the one spelling of `value` that is hashed: keys sorted, no spaces, ASCII only, no NaN.

    Raises ValueError for what JSON cannot say.
    """
    plain = value.model_dump(mode="json") if isinstance(value, BaseModel) else value
    return json.dumps(plain, sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False).encode("ascii")


def sha256_of(content: bytes) -> str:
    """Return the SHA-256 of `content` as 64 lower-case hex digits."""
    return hashlib.sha256(content).hexdigest()


# Download


class RosterOfficer(Wire):
    """An officer who may sign on; `pin_hash` is an Argon2id verifier, the days are as in Officer."""

    officer_id: Id
    name: Name
    pin_hash: Annotated[str, StringConstraints(pattern=r"^\$argon2id\$", max_length=300)]
    training_ends: date | None = None
    policy_ends: date | None = None

    def officer(self) -> Officer:
        """As the domain has it."""
        return Officer(self.officer_id, self.name, self.pin_hash, self.training_ends, self.policy_ends)


class RosterReply(Wire):
    """The whole roster."""

    officers: tuple[RosterOfficer, ...]


class DispositionEntry(Wire):
    """One thing that may be done about a hit; `value` is its id, `word` stands on the button."""

    value: Id
    word: Annotated[str, StringConstraints(min_length=1, max_length=LONGEST_WORD)]
    kind: DispositionKind

    def disposition(self) -> Disposition:
        """As the domain has it."""
        return Disposition(self.value, self.word, self.kind)


class DispositionsReply(Wire):
    """The depot's table, in the order of the screen; empty where it has none and the cars use the one built in."""

    dispositions: Annotated[tuple[DispositionEntry, ...], Field(max_length=2 * MOST_OF_A_PAGE)]


class HeldList(Wire):
    """One list as the car holds it."""

    list_id: Id
    revision: Count
    sha256: Sha256


class HeldReport(Wire):
    """What the car now holds."""

    lists: tuple[HeldList, ...]


class Taken(Wire):
    """The depot has taken a content in, a report of the lists held. `sha256` is that of its bytes."""

    sha256: Sha256


# Upload


class Kind(StrEnum):
    """What an item is about."""

    SHIFT = "shift"
    READ = "read"
    HIT = "hit"
    OUTCOME = "outcome"
    AUDIT = "audit"
    CORRECTION = "correction"
    VOI = "voi"
    COVERAGE = "coverage"
    LIST_COUNTS = "list_counts"


URGENT = frozenset({Kind.SHIFT, Kind.HIT, Kind.OUTCOME, Kind.CORRECTION, Kind.VOI})
"""Sent before anything else and without pictures: hits, what was decided, and the shift they belong to."""


class Motion(StrEnum):
    """Which way the vehicle faces: TOWARD shows its front plate, AWAY its rear plate."""

    TOWARD = "toward"
    AWAY = "away"
    UNKNOWN = "unknown"


class ShiftPayload(Wire):
    """A shift, sent when it starts (`ended_at` None) and again when it ends, under another item id."""

    shift_id: Id
    officer_id: Id
    unit: Name
    crew: Crew
    started_at: AwareDatetime
    ended_at: AwareDatetime | None = None


class ListRevision(Wire):
    """A list that was in force when something happened."""

    list_id: Id
    revision: Count


class ReadPayload(Wire):
    """One Read. Degrees in WGS 84, metres a second, seconds, pixels (`box` is x1, y1, x2, y2); `chars` 0 to 1.

    `patch_sha256` and `overview_sha256` name the JPEG pictures sent before it. None: the car had to give that picture
    up, because its disk was full; or there never was one, since an officer entered the mark (camera "entered").
    """

    vrm: Vrm
    captured_at: AwareDatetime
    feed_id: Name
    source_id: Name
    camera_id: Name
    latitude: Annotated[Finite, Field(ge=-90, le=90)] | None = None
    longitude: Annotated[Finite, Field(ge=-180, le=180)] | None = None
    confidence: Annotated[int, Field(ge=0, le=100)]
    motion: Motion
    patch_sha256: Sha256 | None
    overview_sha256: Sha256 | None

    read_id: Id
    shift_id: Id | None = None
    officer_id: Id | None = None
    colour: PlateColour = PlateColour.UNKNOWN
    chars: Annotated[tuple[Finite, ...], Field(max_length=12)] = ()
    candidates: Annotated[tuple[Annotated[str, StringConstraints(max_length=40)], ...], Field(max_length=200)] = ()
    format_flag: Name = ""
    frames: Count = 1
    first_seen: AwareDatetime
    last_seen: AwareDatetime
    box: tuple[Finite, Finite, Finite, Finite]
    speed: Finite | None = None
    heading: Finite | None = None
    fix_age: Finite | None = None
    satellites: Count | None = None
    hdop: Finite | None = None
    clock_source: Name = ""
    clock_offset: Finite | None = None
    models: Text = ""
    software: Name = ""
    lists: Annotated[tuple[ListRevision, ...], Field(max_length=1000)] = ()
    paired_with: Id | None = None
    plates_differ: bool = False


class HitPayload(Wire):
    """One hit as it was raised. `listed_vrm` is what the list says; `differing` the places where it is not the read.

    `muted`: an officer had muted its entry for the shift, so that it made no sound. `past`: it
    matched only after the Read was made, by an entry that came later or by the officer's correction; the Read says
    when the vehicle was seen.
    `corrected_vrm` is the officer's correction of the read, where it was that which matched.
    """

    hit_id: Id
    read_id: Id
    shift_id: Id | None = None
    raised_at: AwareDatetime
    kind: MatchKind
    tier: Tier
    listed_vrm: Vrm
    differing: Annotated[tuple[Count, ...], Field(max_length=12)] = ()
    list_id: Id
    list_revision: Count
    action: Text = ""
    reason: Text = ""
    muted: bool = False
    past: bool = False
    corrected_vrm: Vrm | None = None


class OutcomePayload(Wire):
    """What an officer said of a hit; the last one counts, `undone` takes the one before it back.

    `looked`: said with the picture on the screen; `look_choice` is the character then seen at the doubtful place.
    `control` is set by the outcome that brings control's answer; `override` says why a stop lacks look or answer.
    `with_hit`: it was decided together with this hit, of the same vehicle, whose picture was looked at.
    """

    outcome_id: Id
    hit_id: Id
    officer_id: Id
    at: AwareDatetime
    state: HitState
    verification: Verification | None = None
    disposition: Id | None = None
    disposition_word: Name = ""
    disposition_kind: DispositionKind | None = None
    corrected_vrm: Vrm | None = None
    undone: bool = False
    looked: bool = False
    look_choice: Annotated[str, StringConstraints(max_length=12)] = ""
    control: ControlAnswer | None = None
    override: Override | None = None
    with_hit: Id | None = None


class CorrectionPayload(Wire):
    """An officer's word on what a plate really says; the read keeps its text, and the last correction counts."""

    correction_id: Id
    read_id: Id
    officer_id: Id
    at: AwareDatetime
    vrm: Vrm


class VoiPayload(Wire):
    """An entry that an officer made in the car; sent again, under another item id, where it is taken back."""

    voi_id: Id
    vrm: Vrm
    reason: Text
    tier: Tier
    officer_id: Id
    shift_id: Id
    made_at: AwareDatetime
    expires_at: AwareDatetime
    read_id: Id | None = None
    ended_at: AwareDatetime | None = None


class AuditPayload(Wire):
    """One audit row of the car, as it was sealed: its hash is that of all it says and of the row before.

    The depot checks the car's chain by it. A row with longer words than any that the program writes is cut, and does
    not fit its hash; one that leaves out what has a default here is of a program of before, and cannot be checked.
    """

    audit_id: Id
    at: AwareDatetime
    actor: Sealed
    action: Sealed
    object_id: Sealed = ""
    reason: Sealed = ""
    seq: Count | None = None
    hash: Sha256 | None = None
    boot_id: Name = ""
    monotonic: Finite | None = None
    prev_hash: Sha256 | None = None

    def row(self) -> AuditRow | None:
        """Return the row, None for one that does not say all of it."""
        if self.seq is None or self.hash is None or self.monotonic is None or self.prev_hash is None:
            return None
        return AuditRow(
            seq=self.seq,
            entry_id=self.audit_id,
            boot_id=self.boot_id,
            at=self.at,
            monotonic=self.monotonic,
            actor=self.actor,
            action=self.action,
            object_id=self.object_id,
            reason=self.reason,
            prev_hash=self.prev_hash,
            hash=self.hash,
        )


class CoverageRow(Wire):
    """What one camera could see in one minute, or in the part of it that was watched (`seconds` of it).

    `blind` are the seconds in which no plate could have been read, by reason; the others were usable. `unread` counts
    vehicles that were followed and made no read, `widest` is the widest plate in pixels.
    """

    camera_id: Name
    minute: AwareDatetime
    shift_id: Id
    seconds: Annotated[Finite, Field(ge=0)]
    blind: dict[Blind, Annotated[Finite, Field(ge=0)]] = {}
    frames_offered: Count = 0
    frames_read: Count = 0
    reads: Count = 0
    unread: Count = 0
    widest: Annotated[Finite, Field(ge=0)] = 0.0


class CoveragePayload(Wire):
    """Some minutes of the coverage record. A minute may come in parts, which add up; one that never comes is none."""

    coverage_id: Id
    minutes: Annotated[tuple[CoverageRow, ...], Field(min_length=1, max_length=MAX_COVERAGE_ROWS)]


class ListCount(Wire):
    """What one list brought in a shift: its hits, the dismissed ones, hits in ten minutes on average, and the most."""

    list_id: Id
    name: Name
    hits: Count
    dismissed: Count
    per_ten_minutes: Annotated[Finite, Field(ge=0)]
    peak: Count


class ListCountsPayload(Wire):
    """Whether each list was worth its noise: sent once, at the end of a shift. A list without a hit is not in it."""

    shift_id: Id
    ended_at: AwareDatetime
    lists: Annotated[tuple[ListCount, ...], Field(max_length=1000)]


Payload = (
    ShiftPayload
    | ReadPayload
    | HitPayload
    | OutcomePayload
    | AuditPayload
    | CorrectionPayload
    | VoiPayload
    | CoveragePayload
    | ListCountsPayload
)

PAYLOADS: Mapping[Kind, type[Payload]] = {
    Kind.SHIFT: ShiftPayload,
    Kind.READ: ReadPayload,
    Kind.HIT: HitPayload,
    Kind.OUTCOME: OutcomePayload,
    Kind.AUDIT: AuditPayload,
    Kind.CORRECTION: CorrectionPayload,
    Kind.VOI: VoiPayload,
    Kind.COVERAGE: CoveragePayload,
    Kind.LIST_COUNTS: ListCountsPayload,
}


def kind_of(payload: Payload) -> Kind:
    """Name the kind of a payload."""
    return next(kind for kind, model in PAYLOADS.items() if isinstance(payload, model))


class NotUnderstood(ValueError):
    """The content arrived whole, and is of no kind or not of the shape that this version knows. The text says which.

    It names a kind or fields of ours, and holds nothing of the content.
    """


def payload_of(kind: str, content: bytes) -> Payload:
    """Return a record as its model; raise NotUnderstood for what is of no kind or shape that this version knows."""
    if kind not in PAYLOADS:
        raise NotUnderstood("a kind that is not known")
    if holds_too_much(content, Most()):
        raise NotUnderstood("it holds more than this version looks into")
    model = PAYLOADS[Kind(kind)]
    try:
        return model.model_validate_json(content, strict=True)
    except ValidationError as error:
        at_fault = {str(fault["loc"][0]) for fault in error.errors(include_input=False) if fault["loc"]}
        named = ", ".join(sorted(at_fault.intersection(model.model_fields)))
        raise NotUnderstood(f"not the shape of a {kind}: {named or 'a part of it'}") from None


class ReceiptStatus(StrEnum):
    """HELD: committed, also where it is not understood. CONFLICT: the id is held with other content; both kept.

    REJECTED: a picture of it was refused, or it is too large. Another version of the depot may think otherwise.
    """

    HELD = "held"
    REJECTED = "rejected"
    CONFLICT = "conflict"


class Receipt(Wire):
    """The depot's word on one item of one car, given after its commit. `seq` is the depot's number for it."""

    car_id: Id
    item_id: Id
    sha256: Sha256
    status: ReceiptStatus
    seq: Count
    reason: Text = ""


def to_milliseconds(moment: datetime) -> datetime:
    """Return an aware datetime cut to whole milliseconds, the resolution of the national record."""
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)
