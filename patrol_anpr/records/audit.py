"""The audit trail in the database. Its rules stand in domain/audit.py."""

from collections.abc import Iterable

from sqlalchemy import Connection, select

from patrol_anpr.domain.audit import FIRST_PREV, AuditHead, AuditRow
from patrol_anpr.records import tables

OPENED = "records.opened"
"""The first row of each run of the program; it is about the run's boot id."""

_NEWEST = select(tables.audit.c.seq, tables.audit.c.hash).order_by(tables.audit.c.seq.desc()).limit(1)


def head(connection: Connection) -> AuditHead:
    """Return the newest row's place and hash; seq 0 for an empty trail."""
    newest = connection.execute(_NEWEST).one_or_none()
    return AuditHead(0, FIRST_PREV) if newest is None else AuditHead(newest.seq, newest.hash)


def rows(connection: Connection) -> Iterable[AuditRow]:
    """Yield the whole trail in order."""
    columns = [tables.audit.c[name] for name in AuditRow.__dataclass_fields__]
    for row in connection.execute(select(*columns).order_by(tables.audit.c.seq)).yield_per(1000):
        yield AuditRow(*row)


def hash_at(connection: Connection, seq: int) -> str | None:
    """Return the hash of the row at this place; None when there is no such row."""
    found: str | None = connection.execute(select(tables.audit.c.hash).where(tables.audit.c.seq == seq)).scalar()
    return found


def newest(connection: Connection, action: str, limit: int) -> list[str]:
    """Return what the newest rows of an action are about, the newest first."""
    query = select(tables.audit.c.object_id).where(tables.audit.c.action == action)
    return list(connection.scalars(query.order_by(tables.audit.c.seq.desc()).limit(limit)))
