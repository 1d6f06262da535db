"""What the use cases need of the rooms: Protocols, satisfied by structure. build.py wires them together.

The rooms do not import this file and do not know each other; the heart knows the rooms only through it.
"""

from collections.abc import Callable, Collection, Sequence
from concurrent.futures import Future
from datetime import datetime
from pathlib import Path
from typing import Protocol

from patrol_anpr.domain.by_hand import OwnVoi, ReadCorrection
from patrol_anpr.domain.coverage import CoverageMinute
from patrol_anpr.domain.disposition import Disposition
from patrol_anpr.domain.dossier import Dossier, Exported, ExportPlace, ExportRequest
from patrol_anpr.domain.events import SyncProgress
from patrol_anpr.domain.health import Lamp
from patrol_anpr.domain.hit import Hit, Match, Outcome
from patrol_anpr.domain.hotlist import Hotlist, ListFault
from patrol_anpr.domain.proof import Sight
from patrol_anpr.domain.read import Evidence, Read
from patrol_anpr.domain.search import MarkPattern, ReadsFound
from patrol_anpr.domain.shift import ListCounts, Officer, PinTry, Shift, ShiftSummary
from patrol_anpr.domain.shift_chart import HourCell
from patrol_anpr.domain.stick import PutOnStick, Stick, TakenFromStick

Progress = Callable[[SyncProgress], None]


class Matching(Protocol):
    """hotlists.Matcher: the lists in force."""

    def match(self, vrm: str, at: datetime) -> Sequence[Match]:
        """Return the matches of a read VRM, the most urgent first; each VOI at most once."""
        ...

    @property
    def hotlists(self) -> Sequence[Hotlist]:
        """The heads of the lists in force."""
        ...


class Shelf(Protocol):
    """hotlists.Shelf: the list files of this car."""

    @property
    def faults(self) -> Sequence[ListFault]:
        """The lists that should be in force and are not."""
        ...

    def drop_details(self) -> None:
        """Drop what opens the details of lists that are long past their end; asked once a second."""
        ...

    def settle(self) -> None:
        """Take word that a sync brought every list: nothing more should be in force than is, or is a fault."""
        ...


class OwnList(Protocol):
    """hotlists.OwnList: the entries that officers made in this car. Changes block; asking does not."""

    @property
    def list_id(self) -> str:
        """The id of the list."""
        ...

    @property
    def entries(self) -> Sequence[OwnVoi]:
        """The entries in force, the newest first."""
        ...

    def add(self, entry: OwnVoi) -> None:
        """Put an entry in force, at once and over restarts. Raises BadInput or RecordsFault, then nothing changed."""
        ...

    def withdraw(self, voi_id: str) -> OwnVoi:
        """Take an entry out of force for good; raises as `add` does."""
        ...


class Alerting(Protocol):
    """alerting.Announcer: tones and speech. No call blocks."""

    def hit(self, hit: Hit) -> None:
        """Sound the hit: tone of its tier, then its sentence. SILENT hits make no sound."""
        ...

    def replay(self, hit: Hit) -> None:
        """Say the sentence of a hit because the officer asks for it; nothing keeps it back."""
        ...

    def acknowledge(self, hit_id: str) -> None:
        """Stop what is still being said about this hit."""
        ...

    def lamp(self, lamp: Lamp) -> None:
        """Sound a part that stopped or came back."""
        ...

    def set_muted(self, muted: bool) -> None:
        """Mute speech and tones; the IMMEDIATE tier is never muted."""
        ...

    def set_discreet(self, discreet: bool) -> None:
        """Sound hits by their tones alone, without a word of them, until told otherwise."""
        ...

    def set_volumes(self, *, voice: int, tones: int) -> None:
        """Make speech and tones as loud as this, in percent; the IMMEDIATE tier never quieter than its floor."""
        ...

    def set_speed(self, words_per_minute: int) -> None:
        """Let the voice speak this fast."""
        ...

    def heard(self, was_heard: bool) -> None:
        """Take the officer's answer whether they heard the voice. A yes makes nothing good that is known to be bad."""
        ...

    def sound_test(self) -> bool:
        """Sound the hit of the proof run, tone and sentence; blocks, and tells whether both were played."""
        ...

    def self_test(self) -> bool:
        """Say a sentence that asks whether the voice can be heard; blocks, and tells whether it was played."""
        ...


class Recording(Protocol):
    """records.Records: what is kept. Any thread may call.

    Keeping never blocks: a fact lies in memory until the writer's thread has it on the disk, and `on_saved` comes after
    the commit. Asking is said to block where it waits for the disk: never on the GUI thread. What is in memory only is
    part of every answer.
    """

    def keep_read(self, read: Read, evidence: Evidence, hits: Sequence[Hit], shift_id: str | None) -> None:
        """Write a Read with its pictures, hits and outbox rows in one transaction, pictures first. Does not block.

        On a disk that takes nothing pictures are given up in the end (the records' lamp counts them), never a fact.
        """
        ...

    def keep_outcome(self, outcome: Outcome) -> None:
        """Append an outcome and move its hit to the state it says. Does not block."""
        ...

    def keep_hits(self, hits: Sequence[Hit]) -> None:
        """Write hits of a Read that is kept already: it was matched again later. Does not block."""
        ...

    def keep_correction(self, correction: ReadCorrection, shift_id: str) -> None:
        """Append an officer's correction of a Read of this shift. Does not block."""
        ...

    def keep_voi(self, entry: OwnVoi, ended_at: datetime | None = None) -> None:
        """Tell the depot of an own entry, or of its end before its time. Does not block."""
        ...

    def start_shift(self, shift: Shift) -> None:
        """Record a sign-on. Does not block."""
        ...

    def end_shift(self, shift: Shift) -> None:
        """Record a sign-off. Does not block."""
        ...

    def keep_coverage(self, minutes: Sequence[CoverageMinute], *, last: bool) -> None:
        """Append minutes of the coverage record, the `last` of a shift told to the depot at once. Does not block."""
        ...

    def coverage(self, shift_id: str) -> Sequence[CoverageMinute]:
        """What the cameras could see in a shift; a minute may come in parts. Blocks."""
        ...

    def keep_list_counts(self, shift: Shift, counts: Sequence[ListCounts]) -> None:
        """Tell the depot what each list brought in a shift that has ended. Does not block."""
        ...

    def audit(self, actor: str, action: str, object_id: str, reason: str = "") -> None:
        """Append one audit row. Does not block."""
        ...

    def pin_tries(self) -> Sequence[PinTry]:
        """The PINs entered lately in this car, the oldest first, as the audit trail has them. Blocks."""
        ...

    def synced_at(self) -> datetime | None:
        """When the roster came, by the car's clock; None where that is not kept. Does not block."""
        ...

    def open_for(self, officer_id: str, pin: str) -> None:
        """Open the records that this officer's shift was cut off in, or begin new ones.

        Blocks; records that do not open keep nobody from signing on.
        """
        ...

    def unlock_for(self, officer_id: str, pin: str) -> None:
        """Let this PIN open the records again, should the ignition be cut. Blocks."""
        ...

    def lock_up(self) -> None:
        """Destroy what a PIN opens on the disk; what the program keeps goes on. Blocks.

        Raises RecordsFault where it could not be destroyed.
        """
        ...

    def keep_dispositions(self, dispositions: Sequence[Disposition]) -> None:
        """Replace the depot's table of what may be done about a hit. Does not block."""
        ...

    def dispositions(self) -> Sequence[Disposition]:
        """The depot's table as last synced; none where it has none. Does not block."""
        ...

    def keep_roster(self, officers: Sequence[Officer]) -> None:
        """Replace the roster. Does not block."""
        ...

    def roster(self) -> Sequence[Officer]:
        """The officers last synced. Does not block."""
        ...

    def waiting(self) -> int:
        """How many records the depot does not hold yet, those in memory among them. Does not block."""
        ...

    def parked(self) -> int:
        """How many records the depot refused, or holds with another content. Does not block."""
        ...

    def purge(self, now: datetime, depot_now: datetime, *, keep_days: float) -> "Future[int]":
        """Begin to erase the Reads the depot has held for `keep_days`; none when the two clocks disagree.

        Does not block: it goes on piece by piece between other writes, and the result is how many Reads went.
        """
        ...

    def unfinished_shifts(self) -> Sequence[Shift]:
        """The shifts without an end, the newest first: the program was cut off in them. Blocks."""
        ...

    def summary(self, shift_id: str) -> ShiftSummary:
        """Count a shift. Blocks."""
        ...

    def open_hits(self, shift_id: str) -> Sequence[tuple[Hit, Evidence]]:
        """The hits of a shift that are RAISED or ACKNOWLEDGED, the most urgent first. Blocks."""
        ...

    def hits(self, shift_id: str, *, silent: bool = False) -> Sequence[Hit]:
        """All hits of a shift that the crew may see, the newest first; with `silent` the others too. Blocks."""
        ...

    def entry_mutes(self, shift_id: str) -> Sequence[tuple[str, bool]]:
        """Which hits of a shift had their entry muted (True) or unmuted, in order, by the audit trail. Blocks."""
        ...

    def read_hours(self, shift_id: str) -> Sequence[HourCell]:
        """The Reads of a shift counted by hour and camera. Blocks."""
        ...

    def recent_reads(self, shift_id: str, limit: int) -> Sequence[Read]:
        """The newest Reads of a shift. Blocks."""
        ...

    def reads_before(self, shift_id: str, read_id: str, limit: int) -> Sequence[Read]:
        """The Reads of a shift made before this one, the newest first. Blocks."""
        ...

    def find_reads(self, shift_id: str, pattern: MarkPattern | None, first: int | None, limit: int) -> ReadsFound:
        """The Reads of a shift whose mark, or a correction of it, fits (None: all), in the order they were made.

        At most `limit` from the place `first` on; None for the newest ones. Blocks.
        """
        ...

    def corrections(self, shift_id: str) -> Sequence[ReadCorrection]:
        """The corrections of a shift's Reads, the oldest first; of several of one Read the last counts. Blocks."""
        ...

    def is_read_of(self, read_id: str, shift_id: str) -> bool:
        """Whether a Read belongs to this shift. Blocks."""
        ...

    def evidence_of(self, read_id: str) -> Evidence | None:
        """The pictures of a Read; None when they are missing. Blocks."""
        ...

    def dossier(self, read_id: str, *, covert: bool = False) -> Dossier | None:
        """All that is on the disk of a Read, without SILENT hits unless `covert`; None: no such Read. Blocks."""
        ...

    def keep_test(self, read: Read, evidence: Evidence) -> "Future[int]":
        """Write what the proof run made, apart from all Reads. Does not block; cancelled, it is not written."""
        ...

    def holds_test(self, read: Read, evidence: Evidence) -> bool:
        """Whether that is on the disk as it was kept, by its id and time. Blocks."""
        ...

    def key_fault(self) -> str:
        """What is wrong with the key to the records, in a sentence; "" for nothing. Blocks."""
        ...

    def flush(self, timeout: float) -> bool:
        """Wait until everything given so far is on the disk; False when that took longer than `timeout` seconds."""
        ...


class EvidenceWriting(Protocol):
    """evidence.EvidenceWriter: a Read handed out as files. Both calls block."""

    def places(self) -> Sequence[ExportPlace]:
        """Where an export may go, the car's own folder first."""
        ...

    def write(self, dossier: Dossier, request: ExportRequest) -> Exported:
        """Write all of it or nothing; BadInput where the folder takes nothing, RecordsFault without a key to sign."""
        ...


class PlateLaying(Protocol):
    """reading.PlateLayer: the TEST plate in copies of the frames that are read."""

    def begin(self, cameras: Collection[str], tell: Callable[[Sight], object]) -> None:
        """Lay it into the frames of these cameras until `end`; what each shows is told on the thread that reads."""
        ...

    def end(self) -> None:
        """Lay no more."""
        ...


class DepotLink(Protocol):
    """depot_link.Link: the wire to the depot. Calls block; they are made from a thread of their own.

    A DepotFault is told as the `problem` of the last progress before it is raised.
    """

    @property
    def proven_time(self) -> datetime | None:
        """The depot's clock as of the last upload; None where that did not ask what the depot holds."""
        ...

    def download(self, progress: Progress) -> bool:
        """Fetch the roster and every list that changed, put the lists in force; True when all are up to date."""
        ...

    def upload(self, progress: Progress) -> int:
        """Send what the depot does not hold yet; return how many records still wait (0: safe to switch off)."""
        ...

    def accept_list(self, list_id: str, revision: int) -> None:
        """Have the next download put a revision in force that a person was asked about."""
        ...

    def upload_quietly(self, give_way: Callable[[], bool]) -> int:
        """Send like `upload` and tell nobody: each request is tried once, and it ends early once `give_way` says so."""
        ...

    def fetch_models(self, give_way: Callable[[], bool]) -> bool:
        """Fetch the models that the depot signed for this car; False when it gave way, and is to go on later."""
        ...

    def look_for_lists(self) -> str:
        """Put in force what changed of the lists and is quick to fetch; return what was not taken and why, or ""."""
        ...


class StickRoad(Protocol):
    """depot_link.stick.StickRoad: a USB stick instead of the wire. Calls block, and are made from the same thread.

    A KnownError is told as the `problem` of the last progress before it is raised.
    """

    def sticks(self) -> Sequence[Stick]:
        """The sticks and cards that are plugged in."""
        ...

    def put(self, drive: Path, progress: Progress) -> PutOnStick:
        """Put what the depot does not hold on a stick, sealed and signed; nothing leaves the car."""
        ...

    def take(self, drive: Path, progress: Progress) -> TakenFromStick:
        """Take receipts and lists off a stick that was at the depot."""
        ...

    def accept_list(self, list_id: str, revision: int) -> None:
        """Have the next stick put a revision in force that a person was asked about."""
        ...


class Service(Protocol):
    """Long-lived threads with a start and an end: cameras, recogniser, GPS, health."""

    def start(self) -> None:
        """Start; returns at once."""
        ...

    def stop(self) -> bool:
        """Stop and join; False when the thread hung and was left behind."""
        ...
