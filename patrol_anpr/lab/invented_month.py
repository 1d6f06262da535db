"""A depot with a month of invented data, made as cars and operators make it: real packs with receipts, signed lists.

All marks, officers and places are invented. The same seed gives the same records; keys and certificates are new ones.
"""

import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, time, timedelta
from itertools import count
from pathlib import Path

import numpy as np
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from patrol_anpr import __version__
from patrol_anpr.depot.cars import assign_unit
from patrol_anpr.depot.certificates import LASTS, CarCertificate, CarCertificates
from patrol_anpr.depot.database import DepotDatabase
from patrol_anpr.depot.dispositions import import_dispositions
from patrol_anpr.depot.ingest import Ingest
from patrol_anpr.depot.keys import DepotKeys
from patrol_anpr.depot.lists.held import keep_held
from patrol_anpr.depot.manifests import keep_manifest
from patrol_anpr.depot.pictures import pictures_in
from patrol_anpr.depot.reports.folding import fold
from patrol_anpr.depot.roles import Role
from patrol_anpr.depot.roster import import_roster
from patrol_anpr.domain.coverage import Blind
from patrol_anpr.domain.disposition import BUILT_IN
from patrol_anpr.domain.health import LampState
from patrol_anpr.domain.shift import Crew, Shift
from patrol_anpr.domain.vrm import CONFUSABLES
from patrol_anpr.identity.own import FILE, Identity
from patrol_anpr.lab.enrolled import SECRET, enrolled
from patrol_anpr.lab.invented_lists import InventedLists
from patrol_anpr.lab.invented_scenes import InventedScenes
from patrol_anpr.lab.invented_shift import COURSES, InventedCar, InventedShift
from patrol_anpr.lab.marks import random_mark
from patrol_anpr.patrol.decisions import Decision
from patrol_anpr.wire.manifest import CarManifest, ListInForce, ManifestReport, RunModel
from patrol_anpr.wire.outbox import OutboxItem
from patrol_anpr.wire.pack import MAX_ITEMS, MAX_PICTURE_BYTES, Pack, read_pack
from patrol_anpr.wire.payloads import HeldList, ReceiptStatus, canonical_json, sha256_of

OFFICERS: Sequence[tuple[str, str, str]] = (
    ("PC1001", "Alex Demo", "73052846"),
    ("PC1002", "Sam Example", "60417283"),
    ("PS2001", "Jo Specimen", "19538264"),
    ("PC1003", "Kit Sample", "52907461"),
    ("PC1004", "Robin Pattern", "84160593"),
    ("PC1005", "Max Placeholder", "36829157"),
)
"""Id, name and PIN of the invented officers; the first three are those of the demo drive."""
_TRAINED_DAYS = (300, 12, 180, -9)
DAYS = 30
_FEW_DAYS = 6
_LATE = timedelta(minutes=12)
"""After the end of a shift its records are at the depot."""
_BEFORE = "patrol-anpr 0.0.9"


@dataclass(frozen=True, slots=True)
class Seat:
    """Where the identity of an invented car is put, and what opens it there."""

    folder: Path
    secret: bytes = SECRET


@dataclass(frozen=True, slots=True)
class InventedMonth:
    """What was made. `marks` are those of the road, the listed ones apart; both without those of the demo drive."""

    folder: Path
    begins: datetime
    now: datetime
    cars: tuple[str, ...]
    reads: int
    hits: int
    marks: tuple[str, ...]
    listed: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Plan:
    """A car's month: cameras, the hours (UTC) its shifts begin at, unit, and for how many days it has been silent."""

    cameras: tuple[str, ...]
    begins: tuple[int, ...]
    unit: str
    silent_days: int = 0


_CARS: Mapping[str, _Plan] = {
    "NT1": _Plan(("front",), (6, 14), "Northtown traffic"),
    "NT2": _Plan(("front", "rear"), (21,), "Northtown response"),
    "NT3": _Plan(("front",), (14,), "Westby neighbourhood", silent_days=9),
}
_FEW_CARS = ("NT1", "NT2")


def invent_month(
    folder: Path,
    now: datetime,
    *,
    seed: int = 1,
    small: bool = False,
    seats: Mapping[str, Seat] | None = None,
    progress: Callable[[int, int], None] = lambda _done, _all: None,
) -> InventedMonth:
    """Make a depot in `folder`, which has none, with the 30 days before `now` (UTC); `small` makes a few days of it.

    `folder` may hold a `depot.toml` that names an empty PostgreSQL database. The identity of a car goes to its seat,
    where it has one. `progress` is told how many shifts are done, of how many.

    Raises:
        RecordsFault: the folder or the database cannot be used.
    """
    with tempfile.TemporaryDirectory(prefix="patrol-anpr-invented-") as scratch:
        return _Month(folder, now.astimezone(UTC), seed, small=small).made(Path(scratch), seats or {}, progress)


class _Month:
    """Makes it, the earliest first."""

    def __init__(self, folder: Path, now: datetime, seed: int, *, small: bool) -> None:
        self._folder, self._now, self._small = folder, now, small
        self._rng = np.random.default_rng(seed)
        self._lists = InventedLists(folder, np.random.default_rng(seed + 1))
        self._scenes = InventedScenes(plain=small)
        self._days = _FEW_DAYS if small else DAYS
        self._begins = now - timedelta(days=self._days)
        self._marks = tuple(dict.fromkeys(random_mark(self._rng) for _ in range(60 if small else 600)))
        self._courses = count()
        self._reads = self._hits = 0

    def made(self, scratch: Path, seats: Mapping[str, Seat], progress: Callable[[int, int], None]) -> InventedMonth:
        with closing(DepotDatabase(self._folder)):
            import_roster(self._folder, _table(scratch / "roster.csv", self._roster()))
            words = [(one.value, one.word, one.kind.value) for one in BUILT_IN]
            import_dispositions(self._folder, _table(scratch / "dispositions.csv", words))
        self._lists.publish(self._begins, scratch)
        cars = {car_id: self._car(car_id, seats.get(car_id, Seat(scratch / car_id))) for car_id in self._car_ids}
        shifts = sorted(self._shifts(), key=lambda one: one[1].ended_at or self._now)
        weekly = self._begins + timedelta(days=7)
        with closing(DepotDatabase(self._folder, Role.INGEST)) as database:
            for done, (car_id, shift) in enumerate(shifts):
                while shift.started_at > weekly:
                    self._lists.publish(weekly, scratch)
                    weekly += timedelta(days=7)
                self._send(database, cars[car_id], shift)
                progress(done + 1, len(shifts))
        if weekly < self._now:
            self._lists.publish(weekly, scratch)
        with closing(DepotDatabase(self._folder, Role.FIGURES)) as database:
            fold(database, self._now, settled=timedelta())  # nothing is under way
        return InventedMonth(
            self._folder,
            self._begins,
            self._now,
            tuple(cars),
            self._reads,
            self._hits,
            self._marks,
            tuple(self._lists.marks),
        )

    @property
    def _officers(self) -> Sequence[tuple[str, str, str]]:
        return OFFICERS[: 3 if self._small else None]

    def _roster(self) -> Iterator[Sequence[str]]:
        """The officers with units, and training that has ended, ends soon, or is good for long."""
        for place, officer in enumerate(self._officers):
            days = _TRAINED_DAYS[place % len(_TRAINED_DAYS)]
            training, policy = (self._now.date() + timedelta(days=more) for more in (days, days + 200))
            yield *officer, _CARS[tuple(_CARS)[place % 2]].unit, training.isoformat(), policy.isoformat()

    @property
    def _car_ids(self) -> Sequence[str]:
        return _FEW_CARS if self._small else tuple(_CARS)

    def _car(self, car_id: str, seat: Seat) -> "_Car":
        plan = _CARS[car_id]
        identity = enrolled(self._folder, seat.folder, car_id, now=self._begins, secret=seat.secret)
        assign_unit(self._folder, car_id, plan.unit)
        (pem, *_) = x509.load_pem_x509_certificates((seat.folder / FILE).read_bytes())
        shown = CarCertificates(DepotKeys(self._folder).authority).read(pem.public_bytes(Encoding.DER))
        return _Car(InventedCar(car_id, plan.cameras), identity, shown)

    def _shifts(self) -> Iterator[tuple[str, Shift]]:
        """Every shift of every car that has ended by now, its officer and its crew."""
        crews = (Crew.WITH_OBSERVER, Crew.SINGLE)
        for day in range(self._days):
            date = (self._begins + timedelta(days=day)).date()
            for place, car_id in enumerate(self._car_ids):
                plan = _CARS[car_id]
                if day >= self._days - plan.silent_days or (self._small and day % 2 != place):
                    continue
                for turn, hour in enumerate(plan.begins):
                    begins = datetime.combine(date, time(hour, 5), UTC)
                    ends = begins + timedelta(hours=2 if self._small else 6)
                    if begins < self._begins or ends + _LATE > self._now or (day % 2 and turn):
                        continue
                    officer, *_ = self._officers[(day + 2 * place + turn) % len(self._officers)]
                    shift_id = f"shift-{car_id}-{day:02}-{turn}"
                    yield car_id, Shift(shift_id, officer, car_id, crews[day % 2], begins, ends)

    def _send(self, database: DepotDatabase, car: "_Car", shift: Shift) -> None:
        """Make the records of a shift, send them as packs, and say what the car runs and holds."""
        made = InventedShift(
            car.made, shift, self._lists, self._scenes, self._rng, self._next_course, self._blind_of(car.made.car_id)
        )
        items = list(made.items(self._seen_marks()))
        assert shift.ended_at is not None
        at = shift.ended_at + _LATE
        ingest = Ingest(database, pictures_in(self._folder, database), MAX_PICTURE_BYTES)
        for begin in range(0, len(items), MAX_ITEMS):
            _take(ingest, car.made.car_id, items[begin : begin + MAX_ITEMS], at)
        self._report(database, car, at)
        self._reads += len(made.reads)
        self._hits += len(made.hits)

    def _seen_marks(self) -> list[str]:
        """The marks of a shift: most are of the road, some are listed, and some are near a listed one."""
        rng, listed = self._rng, self._lists.marks
        marks = []
        for _ in range(int(rng.integers(8, 12) if self._small else rng.integers(14, 30))):
            draw = float(rng.random())
            if draw < (0.25 if self._small else 0.08):
                marks.append(listed[int(rng.integers(len(listed)))])
            elif draw < (0.35 if self._small else 0.11):
                marks.append(_next_to(listed[int(rng.integers(len(listed)))]))
            else:
                marks.append(self._marks[int(rng.integers(len(self._marks)))])
        return marks

    def _next_course(self) -> Sequence[Decision]:
        return COURSES[next(self._courses) % len(COURSES)]

    def _blind_of(self, car_id: str) -> Callable[[str, datetime], Blind | None]:
        """The rear camera of NT2 has been lost for five days; elsewhere a lens is dark or dirty for some minutes."""
        lost_from = self._now - timedelta(days=5)

        def blind(camera: str, minute: datetime) -> Blind | None:
            if (car_id, camera) == ("NT2", "rear") and minute > lost_from:
                return Blind.LOST
            place = int(minute.timestamp() // 60) % 97
            return {3: Blind.DARK, 4: Blind.DARK, 50: Blind.BLURRED}.get(place)

        return blind

    def _report(self, database: DepotDatabase, car: "_Car", at: datetime) -> None:
        heads = self._lists.held_by(car.made.car_id)
        held = [HeldList(list_id=one.list_id, revision=one.revision, sha256=one.sha256) for one in heads]
        keep_held(database, car.made.car_id, held, at)
        updated = at > self._begins + timedelta(days=self._days / 3) and car.made.car_id != "NT3"
        said = CarManifest(
            software=f"patrol-anpr {__version__}" if updated else _BEFORE,
            system="Linux (invented)",
            records_version=1,
            reading=LampState.GOOD,
            models=(
                RunModel(role="detector", version="invented", sha256=sha256_of(b"detector")),
                RunModel(role="reader", version="invented", sha256=sha256_of(b"reader")),
            ),
            depot_id=car.identity.trust.depot_id,
            car_id=car.made.car_id,
            at=at,
            waiting=0,
            lists=tuple(
                ListInForce(list_id=one.list_id, revision=one.revision, issued_at=one.issued_at, sha256=one.sha256)
                for one in heads
            ),
        )
        text = canonical_json(said)
        report = ManifestReport(manifest=text.decode(), signature=car.identity.signature_of(text).hex())
        shown = replace(car.shown, ends=at + LASTS)
        with database.writing() as connection:
            assert keep_manifest(connection, shown, report, said.depot_id, at)


@dataclass(frozen=True, slots=True)
class _Car:
    """An invented car, what it proves itself with, and the certificate it shows."""

    made: InventedCar
    identity: Identity = field(repr=False)
    shown: CarCertificate


def _take(ingest: Ingest, car_id: str, items: Sequence[OutboxItem], at: datetime) -> None:
    pack = Pack.of(car_id, items)
    taken = ingest.take(car_id, read_pack(pack.piece(0, pack.size)), at)
    statuses = {receipt.status for receipt in taken.receipts}
    if statuses != {ReceiptStatus.HELD} or len(taken.receipts) != len(items):
        raise RuntimeError(f"the depot did not hold a pack of invented records: {statuses}, {len(taken.missing)}")


def _next_to(listed: str) -> str:
    """A mark that OCR may confuse with a listed one."""
    for place in reversed(range(len(listed))):
        if others := CONFUSABLES.get(listed[place]):
            return f"{listed[:place]}{others[-1]}{listed[place + 1 :]}"
    return listed


def _table(file: Path, rows: Iterable[Sequence[str]]) -> Path:
    file.write_text("".join(f"{','.join(row)}\n" for row in rows), encoding="utf-8")
    return file
