"""A process that takes items in as the depot does, until it is killed."""

from collections.abc import Iterable
from datetime import UTC, datetime
from multiprocessing.connection import Connection
from pathlib import Path

from patrol_anpr.depot.database import DepotDatabase
from patrol_anpr.depot.ingest import Ingest
from patrol_anpr.depot.roles import Role
from patrol_anpr.wire.payloads import AuditPayload, Kind, UploadItem, canonical_json, sha256_of

AT_ONCE = 20
AT = datetime(2026, 11, 21, 21, 0, tzinfo=UTC)


def batch(first: int) -> list[UploadItem]:
    return [item(number) for number in range(first, first + AT_ONCE)]


def item(number: int) -> UploadItem:
    payload = AuditPayload(audit_id=f"a{number}", at=AT, actor="PC1", action="sign on").model_dump(mode="json")
    return UploadItem(
        item_id=f"audit-{number}", kind=Kind.AUDIT, sha256=sha256_of(canonical_json(payload)), payload=payload
    )


def ingest_batches(folder: Path, firsts: Iterable[int], receipts: Connection) -> None:
    """Take batch after batch in, and say the receipts of each once it is committed: item id and number."""
    ingest = Ingest(DepotDatabase(folder, Role.INGEST))
    for first in firsts:
        reply = ingest.take("TA14", batch(first), datetime.now(UTC))
        receipts.send([(receipt.item_id, receipt.seq) for receipt in reply.receipts])
