"""Erasing items that are past their date. What is known of them stays: the same item does not come in again.

On PostgreSQL a month that is past goes as a whole; what outlives it, and on SQLite everything, goes row by row. The
audit is the log of what was erased: how much, up to when, and nothing of the content.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from pathlib import Path

from sqlalchemy import ColumnElement, Connection, Select, delete, exists, not_, select

from patrol_anpr.depot.audit import add_audit
from patrol_anpr.depot.database import DepotDatabase
from patrol_anpr.depot.dialect import days_before, erase_month, months_kept
from patrol_anpr.depot.sqlite_file import FILE
from patrol_anpr.depot.tables import holds, incidents, items, refused_items, refused_pictures
from patrol_anpr.wire.payloads import Kind

WRONG_CLOCK_DAYS = 400
"""An item captured so long before it was received had a wrong clock: it is kept from when it was received."""
COPY_DAYS = 30
"""The copies that are made before a migration are kept so long."""
_AT_ONCE = 1000


@dataclass(frozen=True, slots=True)
class Erased:
    """How many items were erased, and other rows about items: refused ones and incidents."""

    items: int
    others: int


def erase_items(database: DepotDatabase, before: date, actor: str) -> Erased:
    """Erase the items of every day before that one, but those held as evidence and the cars' audit.

    Whoever calls has made sure of the date. One that breaks off goes on at the next call. Raises SQLAlchemyError.
    """
    end = datetime.combine(before, time(), UTC)
    with database.reading() as connection:
        months = [month for month in months_kept(connection) if _after(month) <= before]
    count = 0
    for month in months:
        with database.writing() as connection:
            gone = erase_month(connection, month)
            add_audit(connection, actor, "items erased", f"{month:%Y-%m}", f"{gone} items")
            count += gone
    singly = 0
    while gone := _erase_some(database, end, actor):
        singly += gone
    return Erased(count + singly, _erase_others(database, end))


def delete_copies(folder: Path, now: datetime) -> int:
    """Delete copies of the database that were made before a migration COPY_DAYS ago; return how many."""
    old = [file for file in folder.glob(f"{FILE}.*") if now.timestamp() - file.stat().st_mtime > COPY_DAYS * 86_400]
    for file in old:
        file.unlink()
    return len(old)


def _after(month: date) -> date:
    return date(month.year + month.month // 12, month.month % 12 + 1, 1)


def _past(connection: Connection, end: datetime) -> ColumnElement[bool]:
    """What is past its date and may go."""
    odd = items.c.captured_at < days_before(connection, items.c.received_at, WRONG_CLOCK_DAYS)
    held = exists().where(
        holds.c.car_id == items.c.car_id, holds.c.item_id == items.c.item_id, holds.c.ended_at.is_(None)
    )
    due = (items.c.received_at < end) | ((items.c.captured_at < end) & not_(odd))
    return due & not_(held) & (items.c.kind != Kind.AUDIT.value)


def _erase_some(database: DepotDatabase, end: datetime, actor: str) -> int:
    with database.writing() as connection:
        some: Select[tuple[int]] = select(items.c.seq).where(_past(connection, end)).limit(_AT_ONCE)
        gone = connection.execute(delete(items).where(items.c.seq.in_(some.scalar_subquery()))).rowcount
        if gone:
            add_audit(connection, actor, "items erased", f"before {end:%Y-%m-%d}", f"{gone} items")
    return gone


def _erase_others(database: DepotDatabase, end: datetime) -> int:
    gone = 0
    with database.writing() as connection:
        for table, at in (
            (refused_items, refused_items.c.received_at),
            (refused_pictures, refused_pictures.c.received_at),
            (incidents, incidents.c.at),
        ):
            gone += connection.execute(delete(table).where(at < end)).rowcount
    return gone
