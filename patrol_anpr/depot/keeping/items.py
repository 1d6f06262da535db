"""Erasing items that are past their date. What is known of them stays a while: the same item does not come in again.

On PostgreSQL a month that is past goes as a whole; what outlives it, and on SQLite everything, goes row by row.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime, time
from pathlib import Path

from sqlalchemy import ColumnElement, Connection, case, delete, exists, insert, literal, not_, or_, select
from sqlalchemy import func as sql

from patrol_anpr.depot.database import DepotDatabase
from patrol_anpr.depot.dialect import days_before, erase_month, months_kept, take_turn
from patrol_anpr.depot.keeping.classes import Keep
from patrol_anpr.depot.keeping.holds import HOLDS
from patrol_anpr.depot.keeping.lasting import LASTING
from patrol_anpr.depot.keeping.log import Erasing, log_erased
from patrol_anpr.depot.sqlite_file import FILE
from patrol_anpr.depot.tables import (
    authorisations,
    car_manifests,
    car_shifts,
    holds,
    incidents,
    items,
    known_items,
    known_marks,
    lasting_items,
    read_exports,
    refused_items,
    refused_pictures,
    search_finds,
    searches,
)
from patrol_anpr.wire.payloads import Kind

WRONG_CLOCK_DAYS = 400
"""An item captured so long before it was received had a wrong clock: it is kept from when it was received."""
COPY_DAYS = 30
"""The copies that are made before a migration are kept so long."""
_AT_ONCE = 1000
_OF_ITEMS = (Keep.READS, *LASTING, Keep.CAR_AUDIT)


def erase_items(database: DepotDatabase, first_kept: Mapping[Keep, date], by: Erasing, now: datetime) -> int:
    """Erase the items of each class before its first day that is kept, but those held as evidence; return how many.

    Whoever calls has made sure of the days, and marked what lasts. One that breaks off goes on at the next call.
    Raises SQLAlchemyError.
    """
    reads_before = first_kept[Keep.READS]
    with database.reading() as connection:
        months = [month for month in months_kept(connection) if _after(month) <= reads_before]
    count = 0
    for month in months:
        with database.writing() as connection:
            gone = erase_month(connection, month)
            log_erased(connection, by, Keep.READS, _after(month), gone, now)
            count += gone
    while gone := sum(_erase_some(database, first_kept, by, now).values()):
        count += gone
    return count


def erase_others(database: DepotDatabase, first_kept: Mapping[Keep, date], by: Erasing, now: datetime) -> int:
    """Erase other rows about cars and items that are past their date; return how many. Raises SQLAlchemyError."""
    erasing: Sequence[tuple[str, Keep, Callable[[Connection, datetime], int]]] = (
        ("refused items and incidents", Keep.READS, _erase_refused),
        ("shifts", Keep.READS, _erase_shifts),
        (Keep.SEARCHES.value, Keep.SEARCHES, _erase_searches),
        ("manifests of cars", Keep.MANIFESTS, _erase_manifests),
        ("known items", Keep.KNOWN, _erase_known),
    )
    count = 0
    for what, keep, erase in erasing:
        while True:
            with database.writing() as connection:
                gone = erase(connection, _start_of(first_kept[keep]))
                if gone:
                    log_erased(connection, by, what, first_kept[keep], gone, now)
            count += gone
            if not gone:
                break
    return count


def mark_known(connection: Connection, today: date) -> None:
    """Note up to which number items are known today: so their age is known without a moment in each row."""
    newest = connection.execute(select(sql.max(known_items.c.seq))).scalar()
    there = connection.execute(select(known_marks.c.seq).where(known_marks.c.day == today.isoformat())).scalar()
    if newest is not None and there is None:
        connection.execute(insert(known_marks).values(day=today.isoformat(), seq=newest))


def delete_copies(folder: Path, now: datetime) -> int:
    """Delete copies of the database that were made before a migration COPY_DAYS ago; return how many."""
    old = [file for file in folder.glob(f"{FILE}.*") if now.timestamp() - file.stat().st_mtime > COPY_DAYS * 86_400]
    for file in old:
        file.unlink()
    return len(old)


def _is_held() -> ColumnElement[bool]:
    """Of an item: it is evidence on hold, or it is about a read that is: its hits, their outcomes, its corrections."""
    hits = items.alias()
    on_hold = (holds.c.car_id == items.c.car_id) & holds.c.ended_at.is_(None)
    about_read = holds.c.item_id == literal(f"{Kind.READ}:") + items.c.about_id
    of_read = select(hits.c.seq).where(
        hits.c.about_id == sql.substr(holds.c.item_id, len(f"{Kind.READ}:") + 1),
        hits.c.car_id == items.c.car_id,
        hits.c.item_id == literal(f"{Kind.HIT}:") + items.c.about_id,
    )
    about_hit = of_read.correlate(holds, items).exists()
    says = items.c.kind.in_([Kind.HIT.value, Kind.OUTCOME.value, Kind.CORRECTION.value])  # reads, the most, ask no more
    return exists().where(on_hold, (holds.c.item_id == items.c.item_id) | (says & (about_read | about_hit)))


def _after(month: date) -> date:
    return date(month.year + month.month // 12, month.month % 12 + 1, 1)


def _start_of(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)


def _is_of(keep: Keep) -> ColumnElement[bool]:
    """Of an item: it is kept as long as that class."""
    mark = (lasting_items.c.car_id == items.c.car_id) & (lasting_items.c.item_id == items.c.item_id)
    if keep is Keep.CAR_AUDIT:
        return items.c.kind == Kind.AUDIT.value
    if keep is Keep.READS:
        return (items.c.kind != Kind.AUDIT.value) & not_(exists().where(mark))
    return (items.c.kind != Kind.AUDIT.value) & exists().where(mark, lasting_items.c.keep == keep.value)


def _is_past(connection: Connection, end: datetime) -> ColumnElement[bool]:
    odd = items.c.captured_at < days_before(connection, items.c.received_at, WRONG_CLOCK_DAYS)
    return (items.c.received_at < end) | ((items.c.captured_at < end) & not_(odd))


def _erase_some(
    database: DepotDatabase, first_kept: Mapping[Keep, date], by: Erasing, now: datetime
) -> Mapping[Keep, int]:
    """Erase some that are past the date of their class, found in one pass over all; return how many of each."""
    with database.writing() as connection:
        take_turn(connection, HOLDS)
        due = {keep: _is_of(keep) & _is_past(connection, _start_of(first_kept[keep])) for keep in _OF_ITEMS}
        which = case(*((past, literal(keep.value)) for keep, past in due.items()))
        end = _start_of(max(first_kept[keep] for keep in _OF_ITEMS))
        old = (items.c.received_at < end) | (
            items.c.captured_at < end
        )  # cheap to see, and true of few once months went
        query = select(items.c.seq, which.label("keep")).where(old, or_(*due.values()), not_(_is_held()))
        some = connection.execute(query.limit(_AT_ONCE)).all()
        gone: Counter[Keep] = Counter()
        for keep in _OF_ITEMS:
            mine = [row.seq for row in some if row.keep == keep.value]
            if mine:
                gone[keep] = connection.execute(delete(items).where(items.c.seq.in_(mine))).rowcount
                log_erased(connection, by, keep, first_kept[keep], gone[keep], now)
    return gone


def _erase_refused(connection: Connection, end: datetime) -> int:
    ages = (
        (refused_items, refused_items.c.received_at),
        (refused_pictures, refused_pictures.c.received_at),
        (incidents, incidents.c.at),
    )
    return sum(connection.execute(delete(table).where(at < end)).rowcount for table, at in ages)


def _erase_shifts(connection: Connection, _: datetime) -> int:
    """Erase the shifts whose records are gone: who was in which car is kept no longer than that."""
    names = [f"{Kind.SHIFT}:" + car_shifts.c.shift_id + f":{part}" for part in ("start", "end")]
    here = exists().where(
        known_items.c.car_id == car_shifts.c.car_id,
        known_items.c.item_id.in_(names),
        items.c.seq == known_items.c.seq,
    )
    return connection.execute(delete(car_shifts).where(not_(here))).rowcount


def _erase_searches(connection: Connection, end: datetime) -> int:
    """Erase searches, what they found, what was authorised for them and handed out. What audits said of them stays."""
    past = select(searches.c.search_id).where(searches.c.at < end)
    connection.execute(delete(search_finds).where(search_finds.c.search_id.in_(past)))
    ages = ((searches, searches.c.at), (authorisations, authorisations.c.asked_at), (read_exports, read_exports.c.at))
    return sum(connection.execute(delete(table).where(at < end)).rowcount for table, at in ages)


def _erase_manifests(connection: Connection, end: datetime) -> int:
    newest = select(sql.max(car_manifests.c.number)).group_by(car_manifests.c.car_id)
    past = (car_manifests.c.last_at < end) & car_manifests.c.number.not_in(newest)
    return connection.execute(delete(car_manifests).where(past)).rowcount


def _erase_known(connection: Connection, end: datetime) -> int:
    """Erase what is known of items that came before `end` and are erased."""
    mark = select(sql.max(known_marks.c.seq)).where(known_marks.c.day < f"{end:%Y-%m-%d}")
    here = exists().where(items.c.seq == known_items.c.seq)
    some = select(known_items.c.seq).where(known_items.c.seq <= mark.scalar_subquery(), not_(here)).limit(_AT_ONCE)
    return connection.execute(delete(known_items).where(known_items.c.seq.in_(some.scalar_subquery()))).rowcount
