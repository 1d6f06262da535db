"""What can still be read of a damaged database is brought over into the new one.

Every page carries a keyed checksum, so a row that reads at all reads as it was written. The audit trail is not brought
over: a chain with holes proves nothing, and it stays whole where it lies.
"""

from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from typing import Any

import sqlcipher3.dbapi2 as sqlcipher
from sqlalchemy import Connection
from sqlalchemy.exc import IntegrityError

TABLES = (
    "officers",
    "dispositions",
    "shifts",
    "reads",
    "hits",
    "outcomes",
    "read_corrections",
    "coverage",
    "outbox",
    "receipts",
    "epochs",
)
"""All but the trail, and what no car needs again: the TEST reads of a proof run, and which migrations were made."""


def recover_rows(damaged: Callable[[], Any], fresh: Connection) -> int:
    """Copy the rows that `fresh` does not hold out of DB-API connections that `damaged` makes; return how many."""
    brought = 0
    with fresh.begin():
        for table in TABLES:
            for columns, row in _readable(damaged, table):
                names = ", ".join(f'"{name}"' for name in columns)
                places = ", ".join("?" * len(columns))
                with suppress(IntegrityError):  # a hit whose read is lost; the depot still gets its outbox row
                    fresh.exec_driver_sql(f"INSERT INTO {table} ({names}) VALUES ({places})", row)  # noqa: S608
                    brought += 1
    return brought


def _readable(damaged: Callable[[], Any], table: str) -> Iterator[tuple[list[str], tuple[Any, ...]]]:
    """Yield rows from the front up to the damage, then from the back down to it.

    Each way on a connection of its own: SQLCipher lets none go on that met a bad page.
    """
    seen: set[int] = set()
    for order in ("ASC", "DESC"):
        with suppress(sqlcipher.DatabaseError), closing(damaged()) as connection:
            cursor = connection.execute(f"SELECT rowid, * FROM {table} ORDER BY rowid {order}")  # noqa: S608
            columns = [column[0] for column in cursor.description][1:]
            while (row := cursor.fetchone()) is not None and row[0] not in seen:
                seen.add(row[0])
                yield columns, row[1:]
