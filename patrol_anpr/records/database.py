"""The encrypted database file: opening it, telling what is wrong with it, and setting a damaged one aside."""

import logging
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import sqlcipher3.dbapi2 as sqlcipher
from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError, OperationalError

from patrol_anpr.domain.errors import RecordsFault
from patrol_anpr.plumbing.files import PART, place_whole, sync_folder
from patrol_anpr.plumbing.sqlite import Mode, engine_on, open_sqlite
from patrol_anpr.records.keys import Key
from patrol_anpr.records.migrations import MIGRATIONS, migrate, version
from patrol_anpr.records.recovery import recover_rows

log = logging.getLogger(__name__)

FILE_NAME = "records.db"
QUARANTINE = "damaged"
WHOLE_CHECK_BYTES = 64 * 2**20
"""Up to this size every page is checked at the start (about 150 MB/s); beyond, each page when it is read."""

_DAMAGED = {"SQLITE_CORRUPT", "SQLITE_NOTADB"}
_OURS = {"SQLITE_ERROR"}
"""What SQLite says of a wrong statement, as an OperationalError like those of the disk."""


def _name_of(error: BaseException) -> str:
    return getattr(getattr(error, "orig", error), "sqlite_errorname", None) or ""


def is_damage(error: BaseException) -> bool:
    """Tell whether the file itself is damaged (every page carries a keyed checksum)."""
    name = _name_of(error)
    return name in _DAMAGED or name.startswith("SQLITE_CORRUPT")


def cause_in_world(error: BaseException | None) -> BaseException | None:
    """Return what the disk or the file is to blame for, so that trying again later makes sense; None for a bug.

    An error met while another one was handled counts as that one: a full disk can end a transaction by itself, and the
    rollback that follows then fails for a reason of its own.
    """
    while error is not None:
        if isinstance(error, OSError) or is_damage(error):
            return error
        if isinstance(error, OperationalError) and _name_of(error) not in _OURS:
            return error
        error = error.__context__
    return None


@dataclass(frozen=True, slots=True)
class Quarantined:
    """A damaged database that was set aside: `folder` is where it lies now, `salvaged` counts the rows brought over."""

    folder: Path
    salvaged: int


class Database:
    """One database file. `writing` is for the one writer; any thread may use `reading`."""

    def __init__(self, folder: Path, key: Key, *, synchronous: str = "FULL") -> None:
        self.folder = folder
        self.file = folder / FILE_NAME
        self._key = key.derived("database")
        self._synchronous = synchronous
        self._writer = engine_on(self._connect, connections=1, begin="BEGIN IMMEDIATE")
        self._readers = engine_on(lambda: self._connect(query_only=True), connections=4)

    def _connect(self, *, file: Path | None = None, mode: Mode = "rwc", query_only: bool = False) -> Any:
        return open_sqlite(
            file or self.file,
            "temp_store = MEMORY",
            "foreign_keys = ON",
            "secure_delete = ON",
            f"synchronous = {self._synchronous}",
            "query_only = ON" if query_only or mode == "ro" else "journal_mode = WAL",
            key=self._key,
            mode=mode,
        )

    @property
    def was_cut_off(self) -> bool:
        """True before `open` when the last run did not end properly: its journal is still there."""
        journal = self.file.with_name(f"{FILE_NAME}-wal")
        return journal.exists() and journal.stat().st_size > 0

    def open(self, now: datetime, *, may_replace: bool = True) -> Quarantined | None:
        """Make the file ready: new, as it is, or migrated after a copy. A damaged one is set aside and begun afresh.

        `may_replace` says that the key is the right one for sure: only then can what does not open be damage.
        Returns what was set aside. Raises RecordsFault when the file is of a newer version or cannot be used.
        """
        damage: Path | None = None
        try:
            found = self._look()
        except sqlcipher.DatabaseError as error:
            if not is_damage(error):
                raise unusable(error) from error
            if not may_replace:
                raise RecordsFault(
                    "The records do not open: this is not their key, or they are damaged. Put the right key back, "
                    "or set the folder of the records aside."
                ) from error
            log.error("the database is damaged: %s", error)  # noqa: TRY400  the stack says nothing more
            damage = self._set_aside(now)
            found = 0
        if found > len(MIGRATIONS):
            raise RecordsFault(
                "The records were written by a newer version of Patrol ANPR and were left untouched. Install that "
                "version again, or set the folder of the records aside."
            )
        try:
            if 0 < found < len(MIGRATIONS):
                self._copy_before(found)
            with self._writer.connect() as connection:
                migrate(connection, now, MIGRATIONS)
                salvaged = self._salvage(damage, connection) if damage else 0
            sync_folder(self.folder)
        except (DBAPIError, OSError) as error:
            raise unusable(error) from error
        return Quarantined(damage, salvaged) if damage else None

    def replace(self, now: datetime) -> Quarantined:
        """Set a database aside that turned out to be damaged while in use, and begin afresh."""
        aside = self._set_aside(now)
        with self._writer.connect() as connection:
            migrate(connection, now, MIGRATIONS)
            salvaged = self._salvage(aside, connection)
        sync_folder(self.folder)
        return Quarantined(aside, salvaged)

    def _salvage(self, aside: Path, fresh: Connection) -> int:
        return recover_rows(lambda: self._connect(file=aside / FILE_NAME, mode="ro"), fresh)

    def _look(self) -> int:
        """Return the version of the file without changing a byte of it; 0 when there is none.

        Raises sqlcipher's DatabaseError when it is damaged or cannot be read.
        """
        if not self.file.exists() or self.file.stat().st_size == 0:
            return 0
        engine = engine_on(lambda: self._connect(mode="ro"), connections=1)
        try:
            with engine.connect() as connection:
                if self.file.stat().st_size <= WHOLE_CHECK_BYTES:
                    found = connection.exec_driver_sql("PRAGMA cipher_integrity_check").fetchall()
                    if found:
                        raise damage_error(f"{len(found)} bad pages")
                return version(connection)
        except DBAPIError as error:
            if isinstance(error.orig, sqlcipher.Error):
                raise error.orig from error
            raise
        finally:
            engine.dispose()

    def _copy_before(self, found: int) -> None:
        """Keep a copy of the file as it was before the next migration."""
        self._connect().close()  # the last connection to close brings the journal home
        copy = self.file.with_name(f"{FILE_NAME}.version-{found}")
        part = copy.with_name(copy.name + PART)  # one name: what a crash left of it is written over
        shutil.copyfile(self.file, part)
        place_whole(part, copy)

    def _set_aside(self, now: datetime) -> Path:
        """Move the damaged file, with its journal, into a folder of its own; nothing of it is deleted."""
        self.close()
        (self.folder / QUARANTINE).mkdir(exist_ok=True)
        number = len(list((self.folder / QUARANTINE).iterdir())) + 1  # the clock may say the same twice
        aside = self.folder / QUARANTINE / f"{number:03}-{now:%Y%m%dT%H%M%S}"
        aside.mkdir()
        for suffix in ("-wal", "-shm", ""):
            with suppress(FileNotFoundError):
                self.file.with_name(FILE_NAME + suffix).rename(aside / (FILE_NAME + suffix))
        sync_folder(aside)
        sync_folder(self.folder)
        return aside

    def writing(self) -> Connection:
        """Return the write connection; its transactions are BEGIN IMMEDIATE. For the writer alone."""
        return self._writer.connect()

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Lend a connection that can only read. Raises RecordsFault when the disk or the file will not have it."""
        try:
            with self._readers.connect() as connection:
                try:
                    with connection.begin():
                        yield connection
                except DBAPIError:
                    connection.invalidate()  # SQLCipher lets no connection go on that met a bad page
                    raise
        except (DBAPIError, OSError) as error:
            if cause_in_world(error):
                raise unusable(error) from error
            raise

    def close(self) -> None:
        """Close all connections that are not in use; the last one leaves no journal behind."""
        self._readers.dispose()
        self._writer.dispose()


def damage_error(detail: str) -> Exception:
    """Make the error SQLite would raise at a damaged page."""
    error: Exception = sqlcipher.DatabaseError(detail)
    error.sqlite_errorname = "SQLITE_CORRUPT"  # type: ignore[attr-defined]
    return error


def unusable(error: BaseException) -> RecordsFault:
    """Say in a sentence why the records cannot be used."""
    cause = getattr(error, "orig", error)
    return RecordsFault(f"The records cannot be used ({cause}). Check that the disk is there and has free space.")
