"""What the engine tells whoever listens (screen, command line). Facts, in the past tense, with domain values only."""

from dataclasses import dataclass
from datetime import datetime

from patrol_anpr.domain.by_hand import OwnVoi, ReadCorrection
from patrol_anpr.domain.entry import ListEntry
from patrol_anpr.domain.health import CameraStatus, Lamp
from patrol_anpr.domain.hit import Hit, Outcome
from patrol_anpr.domain.hotlist import ListChange, ListDoubt
from patrol_anpr.domain.plate import Box
from patrol_anpr.domain.proof import ProofRun
from patrol_anpr.domain.read import Evidence, Read
from patrol_anpr.domain.shift import Shift


@dataclass(frozen=True, slots=True)
class ReadMade:
    """A Read was made; it is being written. `shift_id` is the shift it belongs to, None outside of one."""

    read: Read
    evidence: Evidence
    shift_id: str | None = None


@dataclass(frozen=True, slots=True)
class HitRaised:
    """A hit was raised; its sound is on its way already. `again`: its vehicle sounded a moment ago."""

    hit: Hit
    evidence: Evidence
    again: bool = False


@dataclass(frozen=True, slots=True)
class HitChanged:
    """An outcome was recorded for a hit."""

    hit: Hit
    outcome: Outcome


@dataclass(frozen=True, slots=True)
class HitCancelled:
    """The entry of an open hit is on its list no more; or again, where `hit` is not cancelled."""

    hit: Hit


@dataclass(frozen=True, slots=True)
class ListChanged:
    """A list changed during a shift, at this time (UTC)."""

    change: ListChange
    at: datetime


@dataclass(frozen=True, slots=True)
class EntryMuted:
    """An officer muted an entry of a list for this shift, or let it sound again."""

    entry: ListEntry
    muted: bool


@dataclass(frozen=True, slots=True)
class ReadCorrected:
    """An officer said what a plate really says; the Read itself stays as it is."""

    read: Read
    correction: ReadCorrection


@dataclass(frozen=True, slots=True)
class OwnListChanged:
    """The car's own list is another: these are its entries in force now."""

    entries: tuple[OwnVoi, ...]


@dataclass(frozen=True, slots=True)
class Saved:
    """The Read with this id is on the disk for good, together with its hits and pictures."""

    read_id: str


@dataclass(frozen=True, slots=True)
class LampChanged:
    """A part of the system changed its state."""

    lamp: Lamp


@dataclass(frozen=True, slots=True)
class CameraChanged:
    """A camera changed its state."""

    status: CameraStatus


@dataclass(frozen=True, slots=True)
class ShiftChanged:
    """A shift began (`ended_at` is None) or ended."""

    shift: Shift


@dataclass(frozen=True, slots=True)
class SyncProgress:
    """How far a download or an upload has come.

    `done` and `total` count items (lists or records), `sent_bytes` and `total_bytes` bytes; `seconds_left` is an
    estimate or None. `finished` marks the last one, `problem` says in a sentence what went wrong, `news` what is as it
    should be and must be known, `doubts` are lists that a person has to accept before they are put in force.
    """

    what: str
    done: int
    total: int
    sent_bytes: int = 0
    total_bytes: int = 0
    seconds_left: float | None = None
    finished: bool = False
    problem: str = ""
    news: str = ""
    doubts: tuple[ListDoubt, ...] = ()


@dataclass(frozen=True, slots=True)
class Uploaded:
    """Records were sent without being asked for; `waiting` still wait in the car."""

    waiting: int


@dataclass(frozen=True, slots=True)
class PlateSeen:
    """For the live tile: a box being tracked in the newest frame, with the text so far ("" while unknown)."""

    box: Box
    text: str
    certain: bool


@dataclass(frozen=True, slots=True)
class ProofChanged:
    """The proof run has come further."""

    run: ProofRun


Event = (
    ReadMade
    | HitRaised
    | HitChanged
    | HitCancelled
    | ListChanged
    | EntryMuted
    | ReadCorrected
    | OwnListChanged
    | Saved
    | LampChanged
    | CameraChanged
    | ShiftChanged
    | SyncProgress
    | Uploaded
    | ProofChanged
)
