"""What waits for the depot. A row leaves only after a receipt for exactly what it holds, and then by retention.py."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Protocol

from sqlalchemy import ColumnElement, Connection, FromClause, RowMapping, and_, func, or_, select
from sqlalchemy.dialects.sqlite import insert

from patrol_anpr.records import tables
from patrol_anpr.wire.outbox import OutboxItem
from patrol_anpr.wire.payloads import URGENT, Kind, Receipt, ReceiptStatus
from patrol_anpr.wire.receipts import HeldItem, Proof
from patrol_anpr.wire.records import pictures_of

_TABLE = tables.outbox
_WAITS = _TABLE.c.status.is_(None)
_PICTURES = ("patch", "overview")
_NEWEST = select(func.coalesce(func.max(tables.epochs.c.epoch), 0)).scalar_subquery()
_OLD = _TABLE.c.epoch < _NEWEST
_ONCE_HELD = (ReceiptStatus.HELD.value, ReceiptStatus.CONFLICT.value)
_UNSETTLED = {"status": None, "settled_at": None, "reason": "", "receipt": None, "epoch": None, "depot_seq": None}
_FIRST = sorted(kind.value for kind in URGENT)
_ADD = _TABLE.insert()


def add_item(connection: Connection, boot_id: str, subject_id: str, item: OutboxItem) -> None:
    """Queue an item; `subject_id` is the read, hit or shift it belongs to, for retention."""
    pictures = dict(item.pictures)
    row = {
        "boot_id": boot_id,
        "item_id": item.item_id,
        "kind": item.kind.value,
        "subject_id": subject_id,
        "payload": item.payload,
        "sha256": item.sha256,
        "bytes": len(item.payload) + sum(map(len, pictures.values())),
        "reason": "",
    }
    connection.execute(_ADD, row | {name: pictures.get(name) for name in _PICTURES})


def proven(table: FromClause) -> ColumnElement[bool]:
    """Tell of rows of the outbox that the depot holds them now: what it held before a restore is not proven."""
    return and_(table.c.status == ReceiptStatus.HELD.value, table.c.epoch == _NEWEST)


def newest_epoch(connection: Connection) -> int:
    """Return the newest epoch that a receipt has proven; 0 before the first."""
    return int(connection.execute(select(_NEWEST)).scalar_one())


def settle_rows(connection: Connection, proof: Proof, some: Sequence[Receipt], at: datetime) -> int:
    """Mark what some of the item receipts of `proof` prove; return how many rows waited for it.

    Only the very content they name counts, and only once: by what is proven anew, the days begin no second time. The
    small copies stay: a depot that is restored from an older copy needs them again, from closed records too.
    """
    receipt = proof.receipt
    if receipt.epoch < newest_epoch(connection):
        return 0
    _keep(connection, proof, at)
    settled = 0
    for one in some:
        named = _TABLE.update().where(_TABLE.c.item_id == one.item_id, _TABLE.c.sha256 == one.sha256)
        values: dict[str, object] = {
            "status": one.status.value,
            "reason": one.reason,
            "receipt": receipt.pack,
            "epoch": receipt.epoch,
            "depot_seq": one.seq,
        }
        if one.status is not ReceiptStatus.HELD:
            values["refused_by"] = proof.software
        connection.execute(named.where(_TABLE.c.status.in_(_ONCE_HELD), _OLD).values(values))
        settled += connection.execute(named.where(_WAITS).values(values | {"settled_at": at})).rowcount
    return settled


def park_row(connection: Connection, item_id: str, sha256: str, reason: str, at: datetime, software: str) -> int:
    """Park a row that waits: the depot of this version cannot take it. Return how many that is."""
    change = _TABLE.update().where(_TABLE.c.item_id == item_id, _TABLE.c.sha256 == sha256, _WAITS)
    values = {"status": ReceiptStatus.REJECTED.value, "reason": reason, "settled_at": at, "refused_by": software}
    return connection.execute(change.values(values)).rowcount


def offer_rows_again(connection: Connection, software: str) -> int:
    """Have what another version of the depot rejected wait again; return how many items that is."""
    change = _TABLE.update().where(_TABLE.c.status == ReceiptStatus.REJECTED.value, _TABLE.c.refused_by != software)
    return connection.execute(change.values(_UNSETTLED)).rowcount


def reopen_row(connection: Connection, lost: HeldItem) -> int:
    """Have a row wait again that the depot held in an earlier epoch; return how many that is."""
    where = (_TABLE.c.item_id == lost.item_id, _TABLE.c.sha256 == lost.sha256, _TABLE.c.status.in_(_ONCE_HELD), _OLD)
    return connection.execute(_TABLE.update().where(*where).values(_UNSETTLED)).rowcount


def unproven_rows(connection: Connection, limit: int) -> list[HeldItem]:
    """Return rows that the depot held in an earlier epoch than its newest."""
    columns = (_TABLE.c.item_id, _TABLE.c.sha256, _TABLE.c.kind, _TABLE.c.payload)
    query = select(*columns).where(_OLD, _TABLE.c.status.in_(_ONCE_HELD)).limit(limit)
    return [
        HeldItem(
            item_id=row.item_id,
            sha256=row.sha256,
            pictures=pictures_of(row.payload) if row.kind == Kind.READ.value else (),
        )
        for row in connection.execute(query)
    ]


def _keep(connection: Connection, proof: Proof, at: datetime) -> None:
    receipt = proof.receipt
    connection.execute(insert(tables.epochs).on_conflict_do_nothing(), {"epoch": receipt.epoch, "seen_at": at})
    row = {"pack": receipt.pack, "epoch": receipt.epoch, "text": proof.text, "signature": proof.signature}
    connection.execute(insert(tables.receipts).on_conflict_do_nothing(), row | {"kept_at": at})


def parked_rows(connection: Connection) -> int:
    """Count the items that the depot rejected, or holds with another content."""
    parked = _TABLE.c.status.in_((ReceiptStatus.REJECTED.value, ReceiptStatus.CONFLICT.value))
    return connection.execute(select(func.count()).where(parked).select_from(_TABLE)).scalar_one()


def unheld_rows(connection: Connection) -> int:
    """Count the items that the depot is not proven to hold now, those it refused among them."""
    unheld = or_(_WAITS, ~proven(_TABLE))
    return connection.execute(select(func.count()).where(unheld).select_from(_TABLE)).scalar_one()


def waiting_rows(connection: Connection) -> int:
    """Count the items without a receipt."""
    return connection.execute(select(func.count()).where(_WAITS).select_from(_TABLE)).scalar_one()


class StoredOutbox:
    """The outbox of the records; satisfies wire.outbox.Outbox. `asking` lends None while the records are not open."""

    def __init__(
        self,
        asking: Callable[[], AbstractContextManager[Connection | None]],
        waiting: Callable[[], int],
        writing: "OutboxWriting",
        epoch_before: Callable[[], int] = lambda: 0,
    ) -> None:
        self._asking, self._waiting, self._writing = asking, waiting, writing
        self._epoch_before = epoch_before

    def waiting(self) -> int:
        """How many records have no receipt, those not on the disk yet among them. Does not block."""
        return self._waiting()

    def waiting_bytes(self) -> int:
        """Sum the bytes of payloads and pictures that wait."""
        with self._asking() as connection:
            if connection is None:
                return 0
            total = select(func.coalesce(func.sum(_TABLE.c.bytes), 0)).where(_WAITS)
            return int(connection.execute(total).scalar_one())

    def next_batch(self, limit: int) -> Sequence[OutboxItem]:
        """Return up to `limit` items that wait: the urgent ones first, then the others, each the oldest first."""
        query = select(_TABLE).where(_WAITS).order_by(_TABLE.c.seq)
        with self._asking() as connection:
            if connection is None:
                return []
            rows = [*connection.execute(query.where(_TABLE.c.kind.in_(_FIRST)).limit(limit)).mappings()]
            others = query.where(_TABLE.c.kind.not_in(_FIRST)).limit(limit - len(rows))
            rows += connection.execute(others).mappings()
            return [_item(row) for row in rows]

    def all_waiting(self, at_once: int) -> Iterator[OutboxItem]:
        """Yield all items that wait now, in the order of `next_batch`; the database is let go in between."""
        with self._asking() as connection:
            newest = None if connection is None else connection.execute(select(func.max(_TABLE.c.seq))).scalar()
        for kinds in (_TABLE.c.kind.in_(_FIRST), _TABLE.c.kind.not_in(_FIRST)):
            after = -1
            while newest is not None:
                query = select(_TABLE).where(_WAITS, kinds, _TABLE.c.seq > after, _TABLE.c.seq <= newest)
                with self._asking() as connection:
                    if connection is None:
                        return
                    rows = connection.execute(query.order_by(_TABLE.c.seq).limit(at_once)).mappings().all()
                if not rows:
                    break
                after = rows[-1]["seq"]
                yield from map(_item, rows)

    def settle(self, proof: Proof, depot_now: datetime | None = None) -> int:
        """Take a verified receipt in; return how many items it settled."""
        return self._writing.settle(proof, depot_now)

    def park(self, item: OutboxItem, reason: str, software: str) -> None:
        """Park what the depot of this version cannot take."""
        self._writing.park(item, reason, software)

    def offer_again(self, software: str) -> int:
        """Have what another version of the depot than `software` rejected wait again."""
        return self._writing.offer_again(software)

    def epoch(self) -> int:
        """Return the newest epoch of the depot that was proven; 0 before the first receipt."""
        with self._asking() as connection:
            return max(self._epoch_before(), 0 if connection is None else newest_epoch(connection))

    def unproven(self, limit: int) -> Sequence[HeldItem]:
        """Return items that the depot held in an earlier epoch, of which this one says nothing yet."""
        with self._asking() as connection:
            return [] if connection is None else unproven_rows(connection, limit)

    def reopen(self, lost: Sequence[HeldItem]) -> int:
        """Have items that the depot no longer holds wait again, with their pictures."""
        return self._writing.reopen(lost)


def _item(row: RowMapping) -> OutboxItem:
    return OutboxItem(
        item_id=row["item_id"],
        kind=Kind(row["kind"]),
        payload=row["payload"],
        sha256=row["sha256"],
        pictures=tuple((name, row[name]) for name in _PICTURES if row[name] is not None),
    )


class OutboxWriting(Protocol):
    """What changes rows of the outbox, on the writer's thread; each call waits for it. Raises RecordsFault."""

    def settle(self, proof: Proof, depot_now: datetime | None) -> int:
        """Take a verified receipt in."""

    def park(self, item: OutboxItem, reason: str, software: str) -> None:
        """Park an item."""

    def offer_again(self, software: str) -> int:
        """Have what another version rejected wait again."""

    def reopen(self, lost: Sequence[HeldItem]) -> int:
        """Have what was lost wait again."""
