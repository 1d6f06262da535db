"""The audit trail in the database. Its rules stand in domain/audit.py."""

from collections.abc import Iterable

from sqlalchemy import Connection, select

from patrol_anpr.domain.audit import FIRST_PREV, AuditHead, AuditRow
from patrol_anpr.records import tables

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
