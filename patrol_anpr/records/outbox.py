"""What waits for the depot. A row leaves only after a receipt for exactly what it holds, and then by retention.py."""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from datetime import datetime

from sqlalchemy import Connection, bindparam, func, or_, select

from patrol_anpr.records import tables
from patrol_anpr.wire.outbox import OutboxItem
from patrol_anpr.wire.payloads import Kind, Receipt, ReceiptStatus

_TABLE = tables.outbox
_WAITS = _TABLE.c.status.is_(None)
_PICTURES = ("patch", "overview")
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


def settle_rows(connection: Connection, receipts: Sequence[Receipt], at: datetime, software: str = "") -> int:
    """Mark what the receipts prove. Only the very content they name counts, and only once."""
    settled = 0
    for receipt in receipts:
        change = _TABLE.update().where(_TABLE.c.item_id == receipt.item_id, _TABLE.c.sha256 == receipt.sha256, _WAITS)
        values: dict[str, object] = {"status": receipt.status.value, "reason": receipt.reason, "settled_at": at}
        if receipt.status is ReceiptStatus.HELD:
            values |= dict.fromkeys(_PICTURES)  # the small copies are the depot's now
        else:
            values["refused_by"] = software
        settled += connection.execute(change.values(values)).rowcount
    return settled


def reopen_rows(connection: Connection, software: str) -> int:
    """Have what another version of the depot rejected wait again; return how many items that is."""
    change = _TABLE.update().where(_TABLE.c.status == ReceiptStatus.REJECTED.value, _TABLE.c.refused_by != software)
    return connection.execute(change.values(status=None, settled_at=None, reason="")).rowcount


def parked_rows(connection: Connection) -> int:
    """Count the items that the depot rejected, or holds with another content."""
    parked = _TABLE.c.status.in_((ReceiptStatus.REJECTED.value, ReceiptStatus.CONFLICT.value))
    return connection.execute(select(func.count()).where(parked).select_from(_TABLE)).scalar_one()


def unheld_rows(connection: Connection) -> int:
    """Count the items that the depot does not hold, those it refused among them."""
    unheld = or_(_WAITS, _TABLE.c.status != ReceiptStatus.HELD.value)
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
        settle: Callable[[Sequence[Receipt], datetime | None, str], int],
        offer_again: Callable[[str], int],
    ) -> None:
        self._asking, self._waiting, self._settle, self._offer_again = asking, waiting, settle, offer_again

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
        """Return up to `limit` items that wait, the oldest first; the same again until they are settled."""
        query = select(_TABLE).where(_WAITS).order_by(_TABLE.c.seq).limit(bindparam("most", limit))
        with self._asking() as connection:
            if connection is None:
                return []
            return [
                OutboxItem(
                    item_id=row["item_id"],
                    kind=Kind(row["kind"]),
                    payload=row["payload"],
                    sha256=row["sha256"],
                    pictures=tuple((name, row[name]) for name in _PICTURES if row[name] is not None),
                )
                for row in connection.execute(query).mappings()
            ]

    def settle(self, receipts: Sequence[Receipt], depot_now: datetime | None = None, software: str = "") -> int:
        """Take receipts in; return how many items they settled."""
        return self._settle(receipts, depot_now, software)

    def offer_again(self, software: str) -> int:
        """Have what another version of the depot than `software` rejected wait again."""
        return self._offer_again(software)
