"""Taking packs in. A receipt means: committed, and on the disk. The same item always gets the same number."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import Connection, insert, select

from patrol_anpr.depot.car_trails import add_rows
from patrol_anpr.depot.database import DepotDatabase
from patrol_anpr.depot.dialect import insert_or_skip
from patrol_anpr.depot.epoch import epoch_of
from patrol_anpr.depot.fleet.camera_days import add_coverage
from patrol_anpr.depot.items import NewItem, captured_at, known_of, store_items
from patrol_anpr.depot.pictures import DepotPictures, pictures_here, refused_of
from patrol_anpr.depot.search.marks import found_by
from patrol_anpr.depot.source import Known, shifts_of, strange
from patrol_anpr.depot.tables import car_shifts, incidents, officers, refused_items, refused_pictures
from patrol_anpr.domain.audit import AuditRow
from patrol_anpr.wire.pack import PackItem, PackReader
from patrol_anpr.wire.payloads import (
    AuditPayload,
    CoveragePayload,
    NotUnderstood,
    Payload,
    ReadPayload,
    Receipt,
    ReceiptStatus,
    ShiftPayload,
    payload_of,
)
from patrol_anpr.wire.receipts import HeldItem
from patrol_anpr.wire.shape import Most, holds_too_much

_SHA256 = re.compile(r"[0-9a-f]{64}")
_PICTURE = "_sha256"
_TOO_LARGE = "too large"
FUTURE = timedelta(days=1)
"""A read from further ahead than this is kept, and the car's clock becomes an incident."""


@dataclass(frozen=True, slots=True)
class Arrived:
    """A record of a pack. With a `doubt` it is held as it came, and looked at later.

    `fields` are what it says. `pictures` are those it needs, by SHA-256; what the car gave up is none. Of what is
    not understood they are what its fields of that name say: a newer car may send some with any record.
    """

    named: PackItem
    content: bytes
    payload: Payload | None
    fields: Mapping[str, object]
    doubt: str
    pictures: tuple[str, ...]

    @classmethod
    def of(cls, named: PackItem, content: bytes) -> "Arrived":
        """Look into a record. What is said of it never holds anything of the content."""
        try:
            payload = payload_of(named.kind, content)
        except NotUnderstood as doubt:
            fields = _fields_of(content)
            wanted = _wanted(value for name, value in fields.items() if name.endswith(_PICTURE))
            return cls(named, content, None, fields, str(doubt), wanted)
        said = (payload.patch_sha256, payload.overview_sha256) if isinstance(payload, ReadPayload) else ()
        return cls(named, content, payload, vars(payload), "", _wanted(said))


@dataclass(slots=True)
class _Verdict:
    """What becomes of one record. `seq` is 0 until the database gives it one, and stays so for a rejected one."""

    item: Arrived
    status: ReceiptStatus
    seq: int = 0

    def receipt(self, car_id: str) -> Receipt:
        named = self.item.named
        return _receipt(car_id, named.item_id, named.sha256, self.status, self.seq)


@dataclass(frozen=True, slots=True)
class Taken:
    """What a pack became: the receipts of its records in their order, what it lacks, and in which epoch."""

    receipts: tuple[Receipt, ...]
    missing: tuple[str, ...]
    epoch: int


@dataclass(slots=True)
class _Judgement:
    """The records of a pack, one after another: here already, new, refused, or waiting for their pictures."""

    here: Mapping[tuple[str, str], tuple[int, ReceiptStatus]]
    refused_pictures: frozenset[str]
    pictures: frozenset[str]
    verdicts: list[_Verdict] = field(default_factory=list)
    new: list[_Verdict] = field(default_factory=list)
    missing: dict[str, None] = field(default_factory=dict)  # in the order asked for
    _made: dict[tuple[str, str], _Verdict] = field(default_factory=dict, init=False)
    _ids: set[str] = field(init=False)

    def __post_init__(self) -> None:
        self._ids = {item_id for item_id, _ in self.here}

    def add(self, item: Arrived) -> None:
        key = item.named.item_id, item.named.sha256
        if key in self._made:
            self.verdicts.append(self._made[key])
            return
        if key in self.here:
            seq, status = self.here[key]
            verdict = _Verdict(item, status, seq)
        elif self.refused_pictures.intersection(item.pictures):
            verdict = _Verdict(item, ReceiptStatus.REJECTED)
        elif lacking := [name for name in item.pictures if name not in self.pictures]:
            self.missing.update(dict.fromkeys(lacking))
            return
        else:
            status = ReceiptStatus.CONFLICT if item.named.item_id in self._ids else ReceiptStatus.HELD
            verdict = _Verdict(item, status)
            self.new.append(verdict)
        self._made[key] = verdict
        self._ids.add(item.named.item_id)
        self.verdicts.append(verdict)


class Ingest:
    """Takes packs in. Any thread may call; packs take turns at the database."""

    def __init__(self, database: DepotDatabase, pictures: DepotPictures, picture_bytes: int) -> None:
        self._database = database
        self._pictures = pictures
        self._picture_bytes = picture_bytes

    def take(self, car_id: str, pack: PackReader, now: datetime) -> Taken:
        """Keep a pack: its pictures in one piece on the disk, then the rest in one commit, after which it returns.

        A read whose pictures are not here gets no receipt; what it lacks is named. Raises BadPack, and what the
        database or the disk raises: then nothing of the pack counts.
        """
        arrived = [Arrived.of(named, content) for named, content in pack.items()]
        pictures: dict[str, bytes] = {}
        too_large: list[str] = []
        for picture, content in pack.pictures():
            if picture.size > self._picture_bytes:
                too_large.append(picture.sha256)
            else:
                pictures[picture.sha256] = content
        kept = self._pictures.keep_all(car_id, pictures, now)
        with self._database.writing() as connection:
            kept.store(connection)
            _store_too_large(connection, car_id, too_large, now)
            wanted = {name for item in arrived for name in item.pictures}
            judgement = _Judgement(
                _here(connection, car_id, [item.named.item_id for item in arrived]),
                refused_of(connection, car_id) if wanted else frozenset(),
                kept.here | pictures_here(connection, wanted - kept.here),
            )
            for item in arrived:
                judgement.add(item)
            _store(connection, car_id, judgement.new, now)
            _store_refused(connection, car_id, judgement.verdicts, now)
            _store_shifts(connection, car_id, judgement.new)
            _store_incidents(connection, car_id, judgement.new, now)
            told = (it.item.payload for it in judgement.new if isinstance(it.item.payload, CoveragePayload))
            add_coverage(connection, car_id, told, now)
            epoch = epoch_of(connection)
        receipts = tuple(verdict.receipt(car_id) for verdict in judgement.verdicts)
        return Taken(receipts, tuple(judgement.missing), epoch)

    def holdings(self, car_id: str, asked: Sequence[HeldItem]) -> Taken:
        """Return the receipts of those that are here with their pictures: the depot may have been restored since."""
        with self._database.reading() as connection:
            here = _here(connection, car_id, [item.item_id for item in asked])
            pictures = pictures_here(connection, {name for item in asked for name in item.pictures})
            epoch = epoch_of(connection)
        receipts: list[Receipt] = []
        for item in asked:
            found = here.get((item.item_id, item.sha256))
            if found is not None and pictures.issuperset(item.pictures):
                seq, status = found
                receipts.append(_receipt(car_id, item.item_id, item.sha256, status, seq))
        return Taken(tuple(receipts), (), epoch)


def _wanted(said: Iterable[object]) -> tuple[str, ...]:
    return tuple(value for value in said if isinstance(value, str) and _SHA256.fullmatch(value))


def _fields_of(content: bytes) -> Mapping[str, object]:
    if holds_too_much(content, Most()):
        return {}
    try:
        said = json.loads(content)
    except (ValueError, RecursionError):
        return {}
    return said if isinstance(said, dict) else {}


_REASONS = {
    ReceiptStatus.HELD: "",
    ReceiptStatus.CONFLICT: "this id is held with another content; both are kept",
    ReceiptStatus.REJECTED: "a picture of this read was refused",
}


def _receipt(car_id: str, item_id: str, sha256: str, status: ReceiptStatus, seq: int) -> Receipt:
    # Not validated: all of it has been, and there are hundreds to a pack.
    return Receipt.model_construct(
        car_id=car_id, item_id=item_id, sha256=sha256, status=status, seq=seq, reason=_REASONS[status]
    )


def _here(
    connection: Connection, car_id: str, item_ids: Iterable[str]
) -> dict[tuple[str, str], tuple[int, ReceiptStatus]]:
    """Return number and status of what ever came of a car under these ids, by id and SHA-256."""
    known = known_of(connection, car_id, item_ids)
    return {(row.item_id, row.sha256): (row.seq, ReceiptStatus(row.status)) for row in known}


def _store(connection: Connection, car_id: str, new: Sequence[_Verdict], now: datetime) -> None:
    rows = [
        NewItem(
            item_id=it.item.named.item_id,
            sha256=it.item.named.sha256,
            kind=it.item.named.kind,
            status=it.status.value,
            payload=it.item.content,
            captured_at=captured_at(it.item.fields, now),
            doubt=it.item.doubt,
            found_by=found_by(it.item.named.kind, it.item.fields),
        )
        for it in new
    ]
    for verdict, seq in zip(new, store_items(connection, car_id, rows, now), strict=True):
        verdict.seq = seq


def _store_refused(connection: Connection, car_id: str, verdicts: Sequence[_Verdict], now: datetime) -> None:
    refused = [it for it in verdicts if it.status is ReceiptStatus.REJECTED]
    if refused:
        rows = [
            {
                "car_id": car_id,
                "item_id": it.item.named.item_id,
                "sha256": it.item.named.sha256,
                "reason": _REASONS[it.status],
                "payload": it.item.content,
                "received_at": now,
            }
            for it in refused
        ]
        connection.execute(insert_or_skip(connection, refused_items), rows)


def _store_too_large(connection: Connection, car_id: str, too_large: Sequence[str], now: datetime) -> None:
    if too_large:
        rows = [{"car_id": car_id, "sha256": sha256, "reason": _TOO_LARGE, "received_at": now} for sha256 in too_large]
        connection.execute(insert_or_skip(connection, refused_pictures), rows)


def _store_shifts(connection: Connection, car_id: str, new: Sequence[_Verdict]) -> None:
    told = [it.item.payload for it in new if isinstance(it.item.payload, ShiftPayload)]
    if told:
        rows = [{"car_id": car_id, "shift_id": one.shift_id, "officer_id": one.officer_id} for one in told]
        connection.execute(insert_or_skip(connection, car_shifts), rows)


def _store_incidents(connection: Connection, car_id: str, new: Sequence[_Verdict], now: datetime) -> None:
    """Note what somebody has to look into; one line for all records of the pack with the same trouble."""
    if not new:
        return
    found: dict[str, list[str]] = {}
    for row, what in _trail_troubles(connection, car_id, new):
        found.setdefault(what, []).append(f"audit:{row.entry_id}")
    known = _known(connection, car_id, [it.item.payload for it in new if it.item.payload is not None])
    for verdict in new:
        item = verdict.item
        for what in _troubles(verdict, car_id, known, now):
            found.setdefault(what, []).append(item.named.item_id)
    if found:
        rows = [
            {"at": now, "car_id": car_id, "item_id": ids[0], "what": what if len(ids) == 1 else f"{what} ({len(ids)})"}
            for what, ids in found.items()
        ]
        connection.execute(insert(incidents), rows)


def _trail_troubles(connection: Connection, car_id: str, new: Sequence[_Verdict]) -> Iterator[tuple[AuditRow, str]]:
    told = (it.item.payload.row() for it in new if isinstance(it.item.payload, AuditPayload))
    return add_rows(connection, car_id, [row for row in told if row is not None])


def _troubles(verdict: _Verdict, car_id: str, known: Known, now: datetime) -> Iterator[str]:
    item = verdict.item
    if verdict.status is ReceiptStatus.CONFLICT:
        yield "same id, another content"
    if item.doubt:
        yield f"held and not understood: {item.doubt}"
    if isinstance(item.payload, ReadPayload) and item.payload.captured_at > now + FUTURE:
        yield "read from the future: the clock of the car is wrong"
    if item.payload is not None:
        yield from strange(item.payload, car_id, known)


def _known(connection: Connection, car_id: str, payloads: Sequence[Payload]) -> Known:
    named = {shift_id for payload in payloads for shift_id in shifts_of(payload)}
    of_car = select(car_shifts).where(car_shifts.c.car_id == car_id)
    shifts = connection.execute(of_car.where(car_shifts.c.shift_id.in_(named))) if named else ()
    theirs = select(car_shifts.c.officer_id).where(car_shifts.c.car_id == car_id).distinct()
    return Known(
        {row.shift_id: row.officer_id for row in shifts},
        frozenset(connection.execute(theirs).scalars()),
        frozenset(connection.execute(select(officers.c.officer_id)).scalars()),
    )
