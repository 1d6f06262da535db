"""The depot's database as one SQLite file in its folder: for the demo, and one station on trial."""

import os
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection

from patrol_anpr.depot import migrations
from patrol_anpr.domain.errors import RecordsFault
from patrol_anpr.plumbing.files import PART, new_file, place_whole
from patrol_anpr.plumbing.sqlite import engine_on, open_sqlite

FILE = "depot.sqlite"
BUSY_SECONDS = 20.0
"""Longer than a car's largest batch takes to be written."""
_NEWEST_USER_VERSION = 4
"""Since then the revision tells how far a file has come (migrations/versions/first_tables.py)."""
_FULL = 2


class SqliteFile:
    """The file in `folder`, made where there is none. Writers take turns."""

    def __init__(self, folder: Path, connections: int) -> None:
        self._path = folder / FILE
        self._turn = threading.Lock()
        os.close(os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600))  # SQLite alone would let others read it
        self.engine = engine_on(self._connect, connections=connections)

    def _connect(self) -> Any:
        return open_sqlite(
            self._path,
            "journal_mode = WAL",
            "synchronous = FULL",
            "secure_delete = ON",  # what is erased is written over
            busy_seconds=BUSY_SECONDS,
        )

    def prepare(self) -> None:
        """Bring the file on to this version, with a copy before. Raises RecordsFault for one of a newer version."""
        with self.writing() as connection:
            assert connection.exec_driver_sql("PRAGMA synchronous").scalar_one() == _FULL
            made_by = connection.exec_driver_sql("PRAGMA user_version").scalar_one()
            if made_by > _NEWEST_USER_VERSION:
                raise RecordsFault(migrations.NEWER)
            revision = migrations.known_revision(connection)
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
        """One write transaction."""
        with (
            self._turn,
            self.engine.connect().execution_options(begin="BEGIN IMMEDIATE") as connection,
            connection.begin(),
        ):
            yield connection

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """One consistent view."""
        with self.engine.connect() as connection, connection.begin():
            yield connection
