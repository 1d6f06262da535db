"""What SQLite and PostgreSQL spell differently. Everything else is SQLAlchemy's, the same for both."""

from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import TIMESTAMP, Column, ColumnElement, Connection, Insert, Table, func, select, type_coerce
from sqlalchemy.dialects import postgresql, sqlite


def insert_or_skip(connection: Connection, table: Table) -> Insert:
    """Insert rows, leaving out those whose key is there already; give the rows by `.values` or to `execute`."""
    if connection.dialect.name == "postgresql":
        return postgresql.insert(table).on_conflict_do_nothing()
    return sqlite.insert(table).on_conflict_do_nothing()


def take_turn(connection: Connection, what: str) -> None:
    """Wait until nobody else has the turn at `what`; it is given back as the transaction ends.

    SQLite has one writer at a time, and so no need of it.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(what, 0))))


def make_month(connection: Connection, month: date) -> None:
    """Make the partition of the month that begins on a day, where there is none. SQLite has no partitions.

    Months far from now get none: such rows lie in the default partition.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(select(func.make_items_month(month)))


def months_kept(connection: Connection) -> list[date]:
    """Return the months that have a partition, the oldest first."""
    if connection.dialect.name != "postgresql":
        return []
    names = connection.exec_driver_sql(
        "SELECT relid::regclass::text FROM pg_partition_tree('items') WHERE relid::regclass::text ~ '^items_[0-9]{4}_'"
    ).scalars()
    return sorted(datetime.strptime(f"{name}+0000", "items_%Y_%m%z").date() for name in names)


def erase_month(connection: Connection, month: date) -> int:
    """Erase a month of items but those that outlive it; return how many. Raises DBAPIError for one to be kept still."""
    count: int = connection.execute(select(func.erase_items_month(month))).scalar_one()
    return count


def clock_of(connection: Connection, now: datetime) -> datetime:
    """Return the time by the database's own clock; SQLite has none, and goes by the `now` of the program."""
    if connection.dialect.name != "postgresql":
        return now
    moment: datetime = connection.execute(select(func.now())).scalar_one()
    return moment


def open_reach(connection: Connection, reach: str) -> None:
    """Let the rest of the transaction see reads of that age; without it those of the last 90 days alone.

    On PostgreSQL the server itself hides all others from the search; SQLite has no such wall.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(select(func.set_config("patrol.reach", reach, True)))


def days_before(connection: Connection, moment: "Column[datetime]", days: int) -> ColumnElement[Any]:
    """Return the day that lies so many days before the moments of a column."""
    if connection.dialect.name == "postgresql":
        return type_coerce(moment, TIMESTAMP(timezone=True)) - timedelta(days=days)
    return func.date(moment, f"-{days} days")


def count_on(connection: Connection, table: Table) -> None:
    """Let the numbers that PostgreSQL gives to rows go on after those that were put in with theirs; SQLite's do."""
    if connection.dialect.name != "postgresql":
        return
    for column in table.columns:
        if column.identity is not None:
            sequence = func.pg_get_serial_sequence(table.name, column.name)
            newest = select(func.coalesce(func.max(column), 0) + 1).scalar_subquery()
            connection.execute(select(func.setval(sequence, newest, False)))
