"""Fakes for the ports of patrol.py, and makers of invented values; what each stands for is tested for real too."""

from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from datetime import datetime
from functools import reduce

from patrol_anpr.domain.audit import AuditHead
from patrol_anpr.domain.by_hand import OwnVoi, ReadCorrection
from patrol_anpr.domain.coverage import CoverageMinute
from patrol_anpr.domain.disposition import Disposition
from patrol_anpr.domain.dossier import Dossier, HitFile
from patrol_anpr.domain.errors import BadInput, RecordsFault
from patrol_anpr.domain.health import Lamp
from patrol_anpr.domain.hit import Hit, HitState, Match, Outcome, after
from patrol_anpr.domain.hotlist import Hotlist, ListFault, Tier
from patrol_anpr.domain.read import Evidence, Read
from patrol_anpr.domain.search import MarkPattern, ReadsFound
from patrol_anpr.domain.shift import ListCounts, Officer, PinTry, Shift, ShiftSummary
from patrol_anpr.domain.shift_chart import HourCell, hour_of, merged


@dataclass
class FakeMatching:
    matches: dict[str, list[Match]] = field(default_factory=dict)
    hotlists: Sequence[Hotlist] = ()

    def match(self, vrm: str, at: datetime) -> Sequence[Match]:
        return self.matches.get(vrm, [])


@dataclass
class FakeShelf:
    faults: Sequence[ListFault] = ()
    settled: int = 0

    def drop_details(self) -> None:
        pass

    def settle(self) -> None:
        self.settled += 1


@dataclass
class FakeOwnList:
    list_id = "own-ta14"
    kept: list[OwnVoi] = field(default_factory=list)
    refuses: Exception | None = None

    @property
    def entries(self) -> Sequence[OwnVoi]:
        return tuple(reversed(self.kept))

    def add(self, entry: OwnVoi) -> None:
        if self.refuses is not None:
            raise self.refuses
        self.kept.append(entry)

    def withdraw(self, voi_id: str) -> OwnVoi:
        if self.refuses is not None:
            raise self.refuses
        gone = next((entry for entry in self.kept if entry.voi_id == voi_id), None)
        if gone is None:
            raise BadInput("This entry is not in force any more.")
        self.kept.remove(gone)
        return gone


@dataclass
class FakeAlerting:
    """Writes what it is told into `story`, which it may share with FakeRecording to show the order of things."""

    story: list[object] = field(default_factory=list)
    acknowledged: list[str] = field(default_factory=list)
    muted: bool = False
    discreet: bool = False
    volumes: tuple[int, int] = (0, 0)
    speed: int = 0
    answers: list[bool] = field(default_factory=list)

    def hit(self, hit: Hit) -> None:
        self.story.append(("sound", hit.read.read_id))

    def replay(self, hit: Hit) -> None:
        self.story.append(("replay", hit.hit_id))

    def acknowledge(self, hit_id: str) -> None:
        self.acknowledged.append(hit_id)

    def lamp(self, lamp: Lamp) -> None:
        self.story.append(lamp)

    def set_muted(self, muted: bool) -> None:
        self.muted = muted

    def set_discreet(self, discreet: bool) -> None:
        self.discreet = discreet

    def set_volumes(self, *, voice: int, tones: int) -> None:
        self.volumes = (voice, tones)

    def set_speed(self, words_per_minute: int) -> None:
        self.speed = words_per_minute

    def heard(self, was_heard: bool) -> None:
        self.answers.append(was_heard)

    def sound_test(self) -> bool:
        self.story.append("sound_test")
        return True

    def self_test(self) -> bool:
        self.story.append("self_test")
        return True


@dataclass
class FakeRecording:
    story: list[object] = field(default_factory=list)
    officers: tuple[Officer, ...] = ()
    reads: list[tuple[Read, Evidence, Sequence[Hit], str | None]] = field(default_factory=list)
    outcomes: list[Outcome] = field(default_factory=list)
    shifts: list[Shift] = field(default_factory=list)
    audits: list[tuple[str, str]] = field(default_factory=list)
    audited: list[tuple[str, str, str, str]] = field(default_factory=list)
    tries: list[PinTry] = field(default_factory=list)
    mutes: list[tuple[str, bool]] = field(default_factory=list)
    offered: tuple[Disposition, ...] = ()
    list_counts: list[tuple[Shift, Sequence[ListCounts]]] = field(default_factory=list)
    unsent: int = 0
    refused: int = 0
    later_hits: list[Hit] = field(default_factory=list)
    kept_corrections: list[tuple[ReadCorrection, str]] = field(default_factory=list)
    vois: list[tuple[OwnVoi, datetime | None]] = field(default_factory=list)
    minutes: list[CoverageMinute] = field(default_factory=list)
    ends: int = 0
    tests: list[tuple[Read, Evidence]] = field(default_factory=list)
    synced: datetime | None = None
    opened_by: tuple[str, str] | None = None
    stuck: str = ""

    def keep_read(self, read: Read, evidence: Evidence, hits: Sequence[Hit], shift_id: str | None) -> None:
        self.story.append(("record", read.read_id))
        self.reads.append((read, evidence, hits, shift_id))

    def keep_outcome(self, outcome: Outcome) -> None:
        self.outcomes.append(outcome)

    def keep_hits(self, hits: Sequence[Hit]) -> None:
        self.story.append(("record hits", tuple(hit.hit_id for hit in hits)))
        self.later_hits.extend(hits)

    def keep_correction(self, correction: ReadCorrection, shift_id: str) -> None:
        self.kept_corrections.append((correction, shift_id))

    def corrections(self, shift_id: str) -> Sequence[ReadCorrection]:
        return [correction for correction, kept_in in self.kept_corrections if kept_in == shift_id]

    def keep_voi(self, entry: OwnVoi, ended_at: datetime | None = None) -> None:
        self.vois.append((entry, ended_at))

    def is_read_of(self, read_id: str, shift_id: str) -> bool:
        return any(read.read_id == read_id and kept_in == shift_id for read, _, _, kept_in in self.reads)

    def find_reads(self, shift_id: str, pattern: MarkPattern | None, first: int | None, limit: int) -> ReadsFound:
        found = [read for read, *_ in self.reads if pattern is None or pattern.fits(read.vrm)]
        begin = max(0, len(found) - limit) if first is None else first
        return ReadsFound(begin, tuple(found[begin : begin + limit]), len(found))

    def start_shift(self, shift: Shift) -> None:
        self.shifts.append(shift)

    def end_shift(self, shift: Shift) -> None:
        self.shifts.append(shift)

    def unfinished_shifts(self) -> Sequence[Shift]:
        newest = {shift.shift_id: shift for shift in self.shifts}
        return [shift for shift in reversed(newest.values()) if shift.ended_at is None]

    def keep_coverage(self, minutes: Sequence[CoverageMinute], *, last: bool) -> None:
        self.minutes += minutes
        self.ends += last

    def coverage(self, shift_id: str) -> Sequence[CoverageMinute]:
        return [one for one in self.minutes if one.shift_id == shift_id]

    def keep_list_counts(self, shift: Shift, counts: Sequence[ListCounts]) -> None:
        self.list_counts.append((shift, counts))

    def audit(self, actor: str, action: str, object_id: str, reason: str = "") -> None:
        self.audits.append((actor, action))
        self.audited.append((actor, action, object_id, reason))

    def pin_tries(self) -> Sequence[PinTry]:
        return self.tries

    def synced_at(self) -> datetime | None:
        return self.synced

    def open_for(self, officer_id: str, pin: str) -> None:
        self.opened_by = (officer_id, pin)

    unlock_for = open_for

    def lock_up(self) -> None:
        if self.stuck:
            raise RecordsFault(self.stuck)
        self.opened_by = None

    def entry_mutes(self, shift_id: str) -> Sequence[tuple[str, bool]]:
        return self.mutes

    def keep_dispositions(self, dispositions: Sequence[Disposition]) -> None:
        self.offered = tuple(dispositions)

    def dispositions(self) -> Sequence[Disposition]:
        return self.offered

    def roster(self) -> Sequence[Officer]:
        return self.officers

    def keep_roster(self, officers: Sequence[Officer]) -> None:
        self.officers = tuple(officers)

    def summary(self, shift_id: str) -> ShiftSummary:
        states = [hit.state for hit, _ in self._hits(shift_id) if hit.tier is not Tier.SILENT]
        confirmed, dismissed = states.count(HitState.ACTIONED), states.count(HitState.DISMISSED)
        open_ = len(states) - confirmed - dismissed
        return ShiftSummary(len(self.reads), len(states), confirmed, dismissed, open_, self.unsent)

    def _hits(self, shift_id: str) -> list[tuple[Hit, Evidence]]:
        kept = [(hit, evidence) for _, evidence, hits, kept_in in self.reads for hit in hits if kept_in == shift_id]
        kept += [(hit, Evidence(b"", b"")) for hit in self.later_hits if hit.shift_id == shift_id]
        return [
            (reduce(after, (one for one in self.outcomes if one.hit_id == hit.hit_id), hit), evidence)
            for hit, evidence in kept
        ]

    def open_hits(self, shift_id: str) -> Sequence[tuple[Hit, Evidence]]:
        return [pair for pair in self._hits(shift_id) if pair[0].is_open and pair[0].tier is not Tier.SILENT]

    def hits(self, shift_id: str, *, silent: bool = False) -> Sequence[Hit]:
        return [hit for hit, _ in reversed(self._hits(shift_id)) if silent or hit.tier is not Tier.SILENT]

    def read_hours(self, shift_id: str) -> Sequence[HourCell]:
        made = [read for read, *_, kept_in in self.reads if kept_in == shift_id]
        return merged(HourCell(hour_of(read.captured_at), read.camera_id, 1) for read in made)

    def recent_reads(self, shift_id: str, limit: int) -> Sequence[Read]:
        return [read for read, *_ in reversed(self.reads)][:limit]

    def reads_before(self, shift_id: str, read_id: str, limit: int) -> Sequence[Read]:
        ids = [read.read_id for read, *_ in self.reads]
        return [read for read, *_ in reversed(self.reads[: ids.index(read_id)])][:limit]

    def evidence_of(self, read_id: str) -> Evidence | None:
        return next((evidence for read, evidence, *_ in self.reads if read.read_id == read_id), None)

    def waiting(self) -> int:
        return self.unsent

    def parked(self) -> int:
        return self.refused

    def purge(self, now: datetime, depot_now: datetime, *, keep_days: float) -> "Future[int]":
        self.story.append(("purge", depot_now, keep_days))
        erased: Future[int] = Future()
        erased.set_result(0)
        return erased

    def dossier(self, read_id: str, *, covert: bool = False) -> Dossier | None:
        self.story.append(("dossier", covert))
        kept = next((one for one in self.reads if one[0].read_id == read_id), None)
        if kept is None:
            return None
        read, evidence, hits, shift_id = kept
        shift = next((one for one in reversed(self.shifts) if one.shift_id == shift_id), None)
        shown = [hit for hit in hits if covert or hit.tier is not Tier.SILENT]
        return Dossier(read, evidence, shift, "", tuple(HitFile(hit, ()) for hit in shown), (), (), AuditHead(0, ""))

    def keep_test(self, read: Read, evidence: Evidence) -> "Future[int]":
        self.tests.append((read, evidence))
        kept: Future[int] = Future()
        kept.set_result(1)
        return kept

    def holds_test(self, read: Read, evidence: Evidence) -> bool:
        return (read, evidence) in self.tests

    def key_fault(self) -> str:
        return ""

    def flush(self, timeout: float) -> bool:
        self.story.append("flush")
        return True


def result_of(future: "Future[object]") -> object:
    return future.result(timeout=10)
