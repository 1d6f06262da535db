"""One invented shift: what a car would send of it, made of the same values and by the same rules as in the car."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import numpy as np

from patrol_anpr import __version__
from patrol_anpr.domain.audit import FIRST_PREV, AuditRow
from patrol_anpr.domain.by_hand import Lifetime, OwnVoi, ReadCorrection
from patrol_anpr.domain.coverage import Blind, CoverageMinute
from patrol_anpr.domain.disposition import Disposition
from patrol_anpr.domain.fix import Fix
from patrol_anpr.domain.hit import ControlAnswer, Hit, HitState, MatchKind, Outcome, Override, Verification, after
from patrol_anpr.domain.hotlist import Tier
from patrol_anpr.domain.read import Evidence, Read
from patrol_anpr.domain.shift import PIN_ACCEPTED, ListCounts, Shift
from patrol_anpr.domain.vrm import CONFUSABLES
from patrol_anpr.lab.invented_lists import InventedLists
from patrol_anpr.lab.invented_scenes import InventedScenes
from patrol_anpr.patrol.decisions import (
    SEEN,
    UNDO,
    Decision,
    answered,
    complete,
    confirmed,
    corrected,
    decide,
    dismissed,
    disposed,
)
from patrol_anpr.wire.outbox import OutboxItem
from patrol_anpr.wire.payloads import MAX_COVERAGE_ROWS
from patrol_anpr.wire.records import (
    Origin,
    audit_item,
    correction_item,
    coverage_item,
    hit_item,
    list_counts_item,
    outcome_item,
    read_item,
    shift_item,
    voi_item,
)

FEED = "DEMO"
_STEP = timedelta(seconds=4)
"""Between one thing that is said of a hit and the next; an UNDO is possible for ten seconds."""
_WANTED, _NOT_WANTED, _SILENCE = ControlAnswer.CONFIRMED, ControlAnswer.NO_LONGER_WANTED, ControlAnswer.NO_ANSWER
_SEEN_AND_CONFIRMED = (SEEN, confirmed(looked=True))
COURSES: Sequence[Sequence[Decision]] = (
    (*_SEEN_AND_CONFIRMED, answered(_WANTED), disposed(Disposition.ARREST)),
    (SEEN, dismissed(Verification.MISREAD, looked=True)),
    (*_SEEN_AND_CONFIRMED, answered(_WANTED), disposed(Disposition.SEIZURE)),
    (*_SEEN_AND_CONFIRMED, answered(_NOT_WANTED)),
    (*_SEEN_AND_CONFIRMED, answered(_WANTED), disposed(Disposition.NO_FURTHER_ACTION)),
    (*_SEEN_AND_CONFIRMED, answered(_SILENCE), disposed(Disposition.REPORT, Override.NO_ANSWER)),
    (SEEN, dismissed()),
    (*_SEEN_AND_CONFIRMED, answered(_WANTED), disposed(Disposition.NOT_STOPPED_LOST)),
    (SEEN, confirmed(), UNDO, dismissed(Verification.MISREAD, looked=True)),
    (*_SEEN_AND_CONFIRMED, answered(_WANTED), disposed(Disposition.OUT_OF_DATE)),
    (),
    (*_SEEN_AND_CONFIRMED, disposed(Disposition.PASSED_TO_CONTROL)),
    (SEEN, dismissed(Verification.NOT_A_PLATE, looked=True)),
    (*_SEEN_AND_CONFIRMED, answered(_WANTED), disposed(Disposition.NOT_STOPPED_UNSAFE)),
    (*_SEEN_AND_CONFIRMED, answered(_WANTED), disposed(Disposition.REPORT)),
    (SEEN, confirmed(), disposed(Disposition.ARREST, Override.DANGER)),
    (*_SEEN_AND_CONFIRMED,),
    (*_SEEN_AND_CONFIRMED, answered(_WANTED), disposed(Disposition.NOT_STOPPED_PRIORITY)),
)
"""What officers say of one hit after another: every sort of outcome, an UNDO, and one hit that stays open."""


@dataclass
class InventedCar:
    """One car over the month: the chain of its audit trail, and where its cameras look."""

    car_id: str
    cameras: tuple[str, ...]
    _seq: int = 0
    _last: str = FIRST_PREV

    def audited(self, at: datetime, actor: str, action: str, object_id: str = "", reason: str = "") -> OutboxItem:
        """Append a row to the car's trail and return its item."""
        self._seq += 1
        entry, boot = f"{self.car_id}-audit-{self._seq}", f"{self.car_id}-boot"
        row = AuditRow(
            self._seq, entry, boot, at, 60.0 * self._seq, actor, action, object_id, reason, self._last
        ).seal()
        self._last = row.hash
        return audit_item(row)


@dataclass
class InventedShift:
    """Makes the records of one shift; each call of `items` draws on `rng` in the same order."""

    car: InventedCar
    shift: Shift
    lists: InventedLists
    scenes: InventedScenes
    rng: np.random.Generator
    next_course: Callable[[], Sequence[Decision]]
    blind: Callable[[str, datetime], Blind | None]
    reads: list[Read] = field(default_factory=list)
    hits: list[Hit] = field(default_factory=list)

    def items(self, marks: Sequence[str]) -> Iterator[OutboxItem]:
        """Give every record of the shift: a Read for each of `marks`, and what follows from them."""
        shift, officer = self.shift, self.shift.officer_id
        yield shift_item(Shift(shift.shift_id, officer, shift.unit, shift.crew, shift.started_at))
        yield self.car.audited(shift.started_at, officer, PIN_ACCEPTED, officer)
        yield self.car.audited(shift.started_at, officer, "sign_on", shift.shift_id, shift.crew)
        span = (self._end - shift.started_at).total_seconds()
        for place, vrm in enumerate(marks):
            share = (place + 0.2 + 0.6 * float(self.rng.random())) / max(1, len(marks))
            yield from self._seen(vrm, shift.started_at + timedelta(seconds=round(share * span, 3)))
        if self.reads and self.rng.random() < 0.15:
            yield from self._entered_by_hand(self.reads[-1])
        yield from self._coverage()
        yield list_counts_item(shift, list(self._list_counts()))
        yield self.car.audited(self._end, officer, "sign_off", shift.shift_id)
        yield shift_item(shift)

    @property
    def _end(self) -> datetime:
        assert self.shift.ended_at is not None
        return self.shift.ended_at

    def _seen(self, vrm: str, at: datetime) -> Iterator[OutboxItem]:
        night = not 7 <= at.hour < 17
        number = int(self.rng.integers(1 << 30))
        small, box, colour = self.scenes.of(vrm, number, night=night)
        on_the_plate, misread = vrm, self.rng.random() < 0.02
        vrm = _near(vrm) if misread else vrm
        lists = tuple((head.list_id, head.revision) for head in self.lists.held_by(self.car.car_id))
        read = Read(
            read_id=self._id("read"),
            vrm=vrm,
            confidence=int(self.rng.choice((99, 98, 97, 95, 92, 86, 74), p=(0.3, 0.25, 0.2, 0.1, 0.08, 0.05, 0.02))),
            chars=(0.98,) * len(vrm),
            camera_id=self.car.cameras[number % len(self.car.cameras)],
            captured_at=at,
            captured_monotonic=at.timestamp(),
            first_seen=at - timedelta(seconds=1.2),
            last_seen=at + timedelta(seconds=0.3),
            frames=int(self.rng.integers(5, 26)),
            box=box,
            colour=colour,
            candidates=tuple(dict.fromkeys((vrm, _near(vrm)))),
            format_flag="",
            models="invented",
            fix=self._fix(at),
            fix_age=0.4,
            clock_source="gps",
            clock_offset=0.02,
            lists=lists,
        )
        yield self._read_item(read, small)
        matches = self.lists.matches(vrm, at, self.car.car_id)
        for match in matches:
            hit = Hit(self._id("hit"), read, match, at + timedelta(seconds=0.6), at.timestamp(), self.shift.shift_id)
            self.hits.append(hit)
            yield hit_item(hit)
            if match.tier is not Tier.SILENT:
                yield from self._decided(hit)
        if misread and not matches:
            yield from self._corrected(read, on_the_plate)

    def _read_item(self, read: Read, small: Evidence) -> OutboxItem:
        self.reads.append(read)
        origin = Origin(FEED, self.car.car_id, f"patrol-anpr {__version__}")
        return read_item(read, small, self.shift.shift_id, self.shift.officer_id, origin)

    def _fix(self, at: datetime) -> Fix:
        """Somewhere on a loop round an invented town, at sea."""
        turn = at.timestamp() / 900 + len(self.car.car_id) + int(self.car.car_id[-1])
        latitude, longitude = 53.75 + 0.02 * np.sin(turn), -4.05 + 0.035 * np.cos(turn * 0.7)
        heading = float(np.degrees(turn) % 360)
        return Fix(float(latitude), float(longitude), at.timestamp(), at, 9.5, heading, satellites=11, hdop=0.9)

    def _decided(self, hit: Hit) -> Iterator[OutboxItem]:
        at = hit.raised_at
        for decision in self._course(hit):
            at += _STEP
            said = complete(hit, decision)
            decided = decide(hit, said, self.shift, at.timestamp())
            outcome = Outcome(
                self._id("outcome"),
                hit.hit_id,
                self.shift.officer_id,
                at,
                decided.state,
                said.verification,
                said.disposition,
                said.corrected_vrm,
                said.undone,
                said.looked,
                said.look_choice,
                said.control,
                said.override,
            )
            hit = after(decided, outcome)
            yield outcome_item(outcome)
        self.hits[-1] = hit

    def _course(self, hit: Hit) -> Sequence[Decision]:
        """A near match is mostly a misread, and then the officer says what the plate really is: what was read."""
        if hit.match.kind is MatchKind.CHECK and self.rng.random() < 0.7:
            return (SEEN, corrected(hit.read.vrm))
        return self.next_course()

    def _corrected(self, read: Read, on_the_plate: str) -> Iterator[OutboxItem]:
        at, officer = read.last_seen + 9 * _STEP, self.shift.officer_id
        yield correction_item(ReadCorrection(self._id("correction"), read.read_id, officer, at, on_the_plate))
        yield self.car.audited(at, officer, "read_corrected", read.read_id)

    def _entered_by_hand(self, read: Read) -> Iterator[OutboxItem]:
        at = read.last_seen + 15 * _STEP
        entry = OwnVoi(
            voi_id=self._id("voi"),
            vrm=read.vrm,
            reason="SEEN LEAVING A BURGLARY",
            tier=Tier.PRIORITY,
            lifetime=Lifetime.SHIFT,
            officer_id=self.shift.officer_id,
            shift_id=self.shift.shift_id,
            made_at=at,
            expires_at=at + timedelta(hours=8),
            read_id=read.read_id,
        )
        yield voi_item(entry, None)
        yield self.car.audited(at, self.shift.officer_id, "voi_made", entry.voi_id, entry.reason)

    def _coverage(self) -> Iterator[OutboxItem]:
        minutes = [
            self._minute(camera, self.shift.started_at + timedelta(minutes=number))
            for camera in self.car.cameras
            for number in range(int((self._end - self.shift.started_at).total_seconds() // 60))
        ]
        for place in range(0, len(minutes), MAX_COVERAGE_ROWS):
            yield coverage_item(self._id("coverage"), minutes[place : place + MAX_COVERAGE_ROWS])

    def _minute(self, camera: str, minute: datetime) -> CoverageMinute:
        here = [
            read for read in self.reads if read.camera_id == camera and minute <= read.captured_at < minute + _MINUTE
        ]
        blind = self.blind(camera, minute)
        return CoverageMinute(
            camera,
            minute,
            self.shift.shift_id,
            60.0,
            {blind: 60.0} if blind else {},
            offered=600,
            read=0 if blind is Blind.LOST else 580,
            reads=len(here),
            unread=int(self.rng.random() < 0.03),
            widest=90.0 if here else 0.0,
        )

    def _list_counts(self) -> Iterator[ListCounts]:
        names = {hit.match.hotlist.list_id: hit.match.hotlist.name for hit in self.hits}
        hits = Counter(hit.match.hotlist.list_id for hit in self.hits)
        lost = Counter(hit.match.hotlist.list_id for hit in self.hits if hit.state is HitState.DISMISSED)
        for list_id, name in sorted(names.items()):
            yield ListCounts(list_id, name, hits[list_id], lost[list_id], 0, min(hits[list_id], 3))

    def _id(self, kind: str) -> str:
        return f"{kind}-{self.rng.bytes(10).hex()}"


_MINUTE = timedelta(minutes=1)


def _near(vrm: str) -> str:
    """What OCR could take a mark for: one character is another one."""
    for place, char in enumerate(vrm):
        if others := CONFUSABLES.get(char):
            return f"{vrm[:place]}{others[0]}{vrm[place + 1 :]}"
    return vrm
