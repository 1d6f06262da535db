"""Taking items in. A receipt means: committed, and on the disk. The same item always gets the same receipt."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, insert

from patrol_anpr import __version__
from patrol_anpr.depot.database import DepotDatabase
from patrol_anpr.depot.dialect import insert_or_skip
from patrol_anpr.depot.items import NewItem, captured_at, known_of, store_items
from patrol_anpr.depot.pictures import pictures_here, refused_of
from patrol_anpr.depot.tables import incidents, refused_items
from patrol_anpr.wire.payloads import (
    Damaged,
    NotUnderstood,
    Payload,
    ReadPayload,
    Receipt,
    ReceiptStatus,
    UploadItem,
    UploadReply,
    canonical_json,
)

_SHA256 = re.compile(r"[0-9a-f]{64}")
_PICTURE = "_sha256"
FUTURE = timedelta(days=1)
"""A read from further ahead than this is kept, and the car's clock becomes an incident."""


@dataclass(slots=True)
class _Verdict:
    """What becomes of one item. `seq` is 0 until the database gives it one, and stays so for a rejected item."""

    item: UploadItem
    status: ReceiptStatus
    reason: str = ""
    seq: int = 0

    def receipt(self, car_id: str) -> Receipt:
        return Receipt(
            car_id=car_id,
            item_id=self.item.item_id,
            sha256=self.item.sha256,
            status=self.status,
            seq=self.seq,
            reason=self.reason,
        )


@dataclass(frozen=True, slots=True)
class _Checked:
    """An item and what it holds. `damage` keeps it out; with a `doubt` it is held as it came, and looked at later."""

    item: UploadItem
    payload: Payload | None = None
    damage: str = ""
    doubt: str = ""

    @property
    def pictures(self) -> tuple[str, ...]:
        """Name the pictures it needs; those that the car had to give up are none.

        Of what is not understood they are what its fields of that name say: a newer car may send some with any record.
        """
        if isinstance(self.payload, ReadPayload):
            named: Iterable[object] = (self.payload.patch_sha256, self.payload.overview_sha256)
        elif self.doubt:
            named = (value for name, value in self.item.payload.items() if name.endswith(_PICTURE))
        else:
            named = ()
        return tuple(value for value in named if isinstance(value, str) and _SHA256.fullmatch(value))


class _Held:
    """What a car's items of the ids in a batch became, here already or earlier in this batch."""

    def __init__(self, connection: Connection, car_id: str, batch: Sequence[UploadItem]) -> None:
        known = known_of(connection, car_id, (item.item_id for item in batch))
        found = {(row.item_id, row.sha256): row for row in known}
        self._ids = {item_id for item_id, _ in found}
        self._verdicts = {
            (item.item_id, item.sha256): _verdict(item, ReceiptStatus(row.status), row.seq)
            for item in batch
            if (row := found.get((item.item_id, item.sha256))) is not None
        }

    def find(self, item: UploadItem) -> _Verdict | None:
        return self._verdicts.get((item.item_id, item.sha256))

    def add(self, item: UploadItem) -> _Verdict:
        verdict = _verdict(item, ReceiptStatus.CONFLICT if item.item_id in self._ids else ReceiptStatus.HELD)
        self._ids.add(item.item_id)
        self._verdicts[item.item_id, item.sha256] = verdict
        return verdict


class Ingest:
    """Takes batches in. Any thread may call; batches take turns."""

    def __init__(self, database: DepotDatabase) -> None:
        self._database = database

    def take(self, car_id: str, batch: Sequence[UploadItem], now: datetime) -> UploadReply:
        """Keep a batch in one transaction; return the receipts after its commit.

        A read whose pictures are not here yet gets no receipt; what it lacks is named in `missing`. Raises what the
        database or the disk raises, and then nothing of the batch is kept.
        """
        checked = [_check(item) for item in batch]
        verdicts: list[_Verdict] = []
        new: list[_Verdict] = []
        missing: dict[str, None] = {}  # in the order asked for
        with self._database.writing() as connection:
            held = _Held(connection, car_id, batch)
            refused = refused_of(connection, car_id)
            here = pictures_here(connection, {sha256 for one in checked for sha256 in one.pictures})
            for one in checked:
                item = one.item
                verdict = held.find(item)
                if verdict is None and (reason := _refusal(one, refused)):
                    verdict = _Verdict(item, ReceiptStatus.REJECTED, reason)
                elif verdict is None and (lacking := [it for it in one.pictures if it not in here]):
                    missing.update(dict.fromkeys(lacking))
                    continue
                elif verdict is None:
                    verdict = held.add(item)
                    new.append(verdict)
                verdicts.append(verdict)
            doubts = {one.item.item_id: one.doubt for one in checked}
            _store(connection, car_id, new, doubts, now)
            _store_refused(connection, car_id, [it for it in verdicts if it.status is ReceiptStatus.REJECTED], now)
            _store_incidents(connection, car_id, new, {one.item.item_id: one for one in checked}, now)
        receipts = tuple(it.receipt(car_id) for it in verdicts)
        return UploadReply(receipts=receipts, missing=tuple(missing), software=__version__)


def _refusal(checked: _Checked, refused_pictures: frozenset[str]) -> str:
    if checked.damage:
        return checked.damage
    return "a picture of this read was refused" if refused_pictures.intersection(checked.pictures) else ""


def _check(item: UploadItem) -> _Checked:
    """Look into an item. What is said of it never holds anything of the content."""
    try:
        return _Checked(item, payload=item.typed())
    except Damaged as damage:
        return _Checked(item, damage=str(damage))
    except NotUnderstood as doubt:
        return _Checked(item, doubt=str(doubt))


def _verdict(item: UploadItem, status: ReceiptStatus, seq: int = 0) -> _Verdict:
    reason = "this id is held with another content; both are kept" if status is ReceiptStatus.CONFLICT else ""
    return _Verdict(item, status, reason, seq)


def _content(item: UploadItem) -> bytes:
    try:
        return canonical_json(item.payload)
    except ValueError:  # NaN and the like: refused, and there is no JSON to keep
        return b""


def _store(
    connection: Connection, car_id: str, new: Sequence[_Verdict], doubts: Mapping[str, str], now: datetime
) -> None:
    rows = [
        NewItem(
            item_id=it.item.item_id,
            sha256=it.item.sha256,
            kind=it.item.kind,
            status=it.status.value,
            payload=_content(it.item),
            captured_at=captured_at(it.item.payload, now),
            doubt=doubts[it.item.item_id],
        )
        for it in new
    ]
    for verdict, seq in zip(new, store_items(connection, car_id, rows, now), strict=True):
        verdict.seq = seq


def _store_refused(connection: Connection, car_id: str, refused: Sequence[_Verdict], now: datetime) -> None:
    if refused:
        rows = [
            {
                "car_id": car_id,
                "item_id": it.item.item_id,
                "sha256": it.item.sha256,
                "reason": it.reason,
                "payload": _content(it.item),
                "received_at": now,
            }
            for it in refused
        ]
        connection.execute(insert_or_skip(connection, refused_items), rows)


def _store_incidents(
    connection: Connection, car_id: str, new: Sequence[_Verdict], checked: Mapping[str, _Checked], now: datetime
) -> None:
    found = [(it.item.item_id, "same id, another content") for it in new if it.status is ReceiptStatus.CONFLICT]
    for verdict in new:
        one = checked[verdict.item.item_id]
        payload = one.payload
        if one.doubt:
            found.append((verdict.item.item_id, f"held and not understood: {one.doubt}"))
        if isinstance(payload, ReadPayload) and payload.captured_at > now + FUTURE:
            found.append((verdict.item.item_id, "read from the future: the clock of the car is wrong"))
    if found:
        rows = [{"at": now, "car_id": car_id, "item_id": item_id, "what": what} for item_id, what in found]
        connection.execute(insert(incidents), rows)
