"""Filling the tables of a new depot with the rows of another one."""

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import Connection, Table, delete, func, insert, select

from patrol_anpr.depot.dialect import count_on, make_month
from patrol_anpr.depot.tables import items


def fill(connection: Connection, table: Table, pieces: Iterable[Sequence[dict[str, Any]]]) -> int:
    """Put rows, piece by piece, into a table of a new depot; return how many there were. Raises SQLAlchemyError.

    What a migration put in goes before. Tables that are only added to are empty in a new depot.
    """
    if row_count(connection, table):
        connection.execute(delete(table))
    count = 0
    for rows in pieces:
        if table is items:
            for month in sorted({row["captured_at"].date().replace(day=1) for row in rows}):
                make_month(connection, month)
        connection.execute(insert(table), rows)
        count += len(rows)
    count_on(connection, table)
    return count


def row_count(connection: Connection, table: Table) -> int:
    """Return how many rows a table has."""
    return connection.execute(select(func.count()).select_from(table)).scalar_one()
