"""The depot's own audit trail: a chain like a car's (domain/audit.py). A row that was changed, cut out or put in shows.

Rows from before the trail was a chain have no `seq`; none of them may come after the first that has one.
"""

import time
import uuid
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime

from sqlalchemy import Connection, func, insert, select, update

from patrol_anpr.depot.tables import audit, audit_head
from patrol_anpr.domain.audit import AuditCheck, AuditHead, AuditRow, verify_chain

_BOOT_ID = uuid.uuid4().hex
"""Of this run of the program: rows of one run are ordered by `monotonic`, whatever the clock did."""
_PAGE = 1000


def add_audit(connection: Connection, actor: str, action: str, object_id: str = "", reason: str = "") -> AuditRow:
    """Append one row within the transaction of what it tells of, and return it.

    Others who append wait until that has ended.
    """
    head = _head_of(connection, lock=True)
    row = AuditRow(
        seq=head.seq + 1,
        entry_id=uuid.uuid4().hex,
        boot_id=_BOOT_ID,
        at=datetime.now(UTC),
        monotonic=time.monotonic(),
        actor=actor,
        action=action,
        object_id=object_id,
        reason=reason,
        prev_hash=head.hash,
    ).seal()
    connection.execute(insert(audit).values(row.columns()))
    connection.execute(update(audit_head).values(seq=row.seq, hash=row.hash))
    return row


def head_of(connection: Connection) -> AuditHead:
    """Return the newest row's place and hash; seq 0 for an empty trail."""
    return _head_of(connection, lock=False)


def hash_at(connection: Connection, seq: int) -> str | None:
    """Return the hash of the row at a place; None where there is none."""
    found: str | None = connection.execute(select(audit.c.hash).where(audit.c.seq == seq)).scalar()
    return found


def check_trail(connection: Connection, held: Iterable[AuditHead] = ()) -> AuditCheck:
    """Check the whole trail, also against the heads `held` elsewhere."""
    unsealed = select(func.max(audit.c.number)).where(audit.c.seq.is_(None))
    first = select(func.min(audit.c.number)).where(audit.c.seq.is_not(None))
    last_unsealed, first_sealed = (connection.execute(query).scalar() for query in (unsealed, first))
    if last_unsealed is not None and first_sealed is not None and last_unsealed > first_sealed:
        return AuditCheck(0, 1)
    return verify_chain(_rows(connection), [*held, head_of(connection)])


def _head_of(connection: Connection, *, lock: bool) -> AuditHead:
    query = select(audit_head.c.seq, audit_head.c.hash)
    return AuditHead(*connection.execute(query.with_for_update() if lock else query).one())


def _rows(connection: Connection) -> Iterator[AuditRow]:
    columns = [audit.c[name] for name in AuditRow.__dataclass_fields__]
    query = select(*columns).where(audit.c.seq.is_not(None)).order_by(audit.c.seq)
    for row in connection.execute(query).yield_per(_PAGE):
        yield AuditRow(*row)
