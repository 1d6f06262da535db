"""The depot's database: one SQLite file in the depot's folder."""

import os
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, insert
from sqlalchemy.exc import DBAPIError

from patrol_anpr.depot import migrations, tables
from patrol_anpr.domain.errors import RecordsFault
from patrol_anpr.plumbing.files import PART, is_open_to_others, new_file, place_whole, sync_folder
from patrol_anpr.plumbing.sqlite import engine_on, open_sqlite

FILE = "depot.sqlite"
CONNECTIONS = 15
"""At most this many requests are at the database at once; the others wait."""
OPEN_FOLDER = (
    "Others on this machine may look into the depot's folder, so it was not opened. Take their rights away "
    "(chmod 700 on Linux), or choose another folder."
)
_NEWER = "The depot's database was made by a newer version of Patrol ANPR. Install that version here."
_NEWEST_USER_VERSION = 4
"""Since then the revision tells how far a file has come (migrations/versions/first_tables.py)."""
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
            revision = migrations.revision_of(connection)
            made_by = connection.exec_driver_sql("PRAGMA user_version").scalar_one()
            if made_by > _NEWEST_USER_VERSION or not (revision is None or revision in migrations.revisions()):
                self.close()
                raise RecordsFault(_NEWER)
            if revision == migrations.revisions()[0]:
                return
            if revision or made_by:
                self._copy_before(revision or f"version-{made_by}")
            migrations.upgrade(connection)

    def _copy_before(self, revision: str) -> None:
        """Keep the file as it was before a migration. Called where a write transaction keeps others from writing."""
        copy = self._path.with_name(f"{FILE}.{revision}")
        part = copy.with_name(copy.name + PART)  # one name: what a crash left of it is made anew
        part.unlink(missing_ok=True)
        new_file(part).close()  # SQLite alone would let others read it
        with closing(self._connect()) as reader:
            reader.execute("VACUUM INTO ?", (str(part),))
        place_whole(part, copy)

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
