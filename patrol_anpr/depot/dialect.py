"""What SQLite and PostgreSQL spell differently. Everything else is SQLAlchemy's, the same for both."""

from datetime import date

from sqlalchemy import Connection, Insert, Table, func, select
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
