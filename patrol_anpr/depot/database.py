"""The depot's database: one SQLite file in the depot's folder."""

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, insert
from sqlalchemy.exc import DBAPIError

from patrol_anpr.depot import tables
from patrol_anpr.domain.errors import RecordsFault
from patrol_anpr.plumbing.files import is_open_to_others, sync_folder
from patrol_anpr.plumbing.sqlite import engine_on, open_sqlite

FILE = "depot.sqlite"
CONNECTIONS = 15
"""At most this many requests are at the database at once; the others wait."""
OPEN_FOLDER = (
    "Others on this machine may look into the depot's folder, so it was not opened. Take their rights away "
    "(chmod 700 on Linux), or choose another folder."
)
BUSY_SECONDS = 20.0
"""Longer than a car's largest batch takes to be written."""


class DepotDatabase:
    """Opens (and where there is none, makes) the database of `folder`.

    Raises RecordsFault when it cannot be opened or was made by a newer version. Writers take turns.
    """

    def __init__(self, folder: Path) -> None:
        self._path = folder / FILE
        self._turn = threading.Lock()
        try:
            if not folder.exists():
                folder.mkdir(mode=0o700, parents=True)
                sync_folder(folder.absolute().parent)
            if is_open_to_others(folder):
                raise RecordsFault(OPEN_FOLDER)
            os.close(os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600))  # SQLite alone would let others read it
            self._engine = engine_on(self._connect, connections=CONNECTIONS)
            self._prepare()
        except (OSError, DBAPIError) as error:
            raise RecordsFault(
                "The depot's database cannot be opened. Check that its folder exists and may be written to."
            ) from error

    def _connect(self) -> Any:
        return open_sqlite(self._path, "journal_mode = WAL", "synchronous = FULL", busy_seconds=BUSY_SECONDS)

    def _prepare(self) -> None:
        with self.writing() as connection:
            version = connection.exec_driver_sql("PRAGMA user_version").scalar_one()
            if version > tables.SCHEMA_VERSION:
                self.close()
                raise RecordsFault(
                    "The depot's database was made by a newer version of Patrol ANPR. Install that version here."
                )
            if version < tables.SCHEMA_VERSION:
                tables.metadata.create_all(connection)
                if version == 1:
                    tables.spell_moments_anew(connection)
                if version in (1, 2):
                    tables.add_doubts(connection)
                connection.exec_driver_sql(f"PRAGMA user_version = {tables.SCHEMA_VERSION}")

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """One write transaction: committed, and on the disk, when the block ends; rolled back when it raises."""
        with (
            self._turn,
            self._engine.connect().execution_options(begin="BEGIN IMMEDIATE") as connection,
            connection.begin(),
        ):
            yield connection

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """One consistent view."""
        with self._engine.connect() as connection, connection.begin():
            yield connection

    def close(self) -> None:
        """Close every connection; the write-ahead log is folded in."""
        self._engine.dispose()


def add_audit(connection: Connection, actor: str, action: str, object_id: str = "", reason: str = "") -> None:
    """Append one audit row within the transaction of what it tells of."""
    connection.execute(
        insert(tables.audit).values(
            at=datetime.now(UTC), actor=actor, action=action, object_id=object_id, reason=reason
        )
    )
