"""A process that takes items in as the depot does, until it is killed."""

from collections.abc import Iterable
from datetime import UTC, datetime
from multiprocessing.connection import Connection
from pathlib import Path

from patrol_anpr.depot.database import DepotDatabase
from patrol_anpr.depot.ingest import Ingest
from patrol_anpr.depot.pictures import pictures_in
from patrol_anpr.depot.roles import Role
from patrol_anpr.wire.outbox import OutboxItem
from patrol_anpr.wire.pack import Pack, PackReader, read_pack
from patrol_anpr.wire.payloads import AuditPayload

AT_ONCE = 20
AT = datetime(2026, 11, 21, 21, 0, tzinfo=UTC)


def batch(first: int) -> PackReader:
    pack = Pack.of("TA14", [item(number) for number in range(first, first + AT_ONCE)])
    return read_pack(pack.piece(0, pack.size))


def item(number: int) -> OutboxItem:
    return OutboxItem.of(f"audit-{number}", AuditPayload(audit_id=f"a{number}", at=AT, actor="PC1", action="sign on"))


def ingest_batches(folder: Path, firsts: Iterable[int], receipts: Connection) -> None:
    """Take batch after batch in, and say the receipts of each once it is committed: item id and number."""
    database = DepotDatabase(folder, Role.INGEST)
    ingest = Ingest(database, pictures_in(folder, database), 2**20)
    for first in firsts:
        taken = ingest.take("TA14", batch(first), datetime.now(UTC))
        receipts.send([(receipt.item_id, receipt.seq) for receipt in taken.receipts])
