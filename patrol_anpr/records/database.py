"""The encrypted database file: opening it, telling what is wrong with it, and setting a damaged one aside."""

import logging
import shutil
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import sqlcipher3.dbapi2 as sqlcipher
from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from patrol_anpr.domain.errors import KeyRefused, RecordsFault
from patrol_anpr.plumbing.files import PART, place_whole, sync_folder
from patrol_anpr.plumbing.sqlite import Mode, engine_on, open_sqlite
from patrol_anpr.records import audit
from patrol_anpr.records.aside import SetAside, SettingAside, Wrong
from patrol_anpr.records.faults import cause_in_world, damage_error, is_damage, unusable
from patrol_anpr.records.keys import Key
from patrol_anpr.records.migrations import MIGRATIONS, migrate, version
from patrol_anpr.records.recovery import recover_rows
from patrol_anpr.records.witness import Standing, goes_on_from

log = logging.getLogger(__name__)

FILE_NAME = "records.db"
WHOLE_CHECK_BYTES = 64 * 2**20
"""Up to this size all is checked at the start (about 75 MB/s); beyond, each page when it is read."""

_INCREMENTAL = 2
"""Room of erased rows can be given back piece by piece."""
_OF_THE_WORLD = (DBAPIError, sqlcipher.Error, OSError)
"""What the disk or the file is to blame for; the second is raised by connections that are not SQLAlchemy's."""
_NOT_THEIR_KEY = (
    "The records do not open: this is not their key, or they are damaged. Put the right key back, or set the folder of "
    "the records aside."
)
_Answer = TypeVar("_Answer")


class Database:
    """One database file. `writing` is for the one writer; any thread may use `reading`."""

    def __init__(self, folder: Path, key: Key, *, synchronous: str = "FULL") -> None:
        self.folder = folder
        self.file = folder / FILE_NAME
        self._key = key.derived("database")
        self._synchronous = synchronous
        self._aside = SettingAside(self.file)
        self._doubt = folder / "records.doubted"  # a file, so that the next opening checks a large database, too
        self._writer = engine_on(self._connect, connections=1, begin="BEGIN IMMEDIATE")
        self._readers = engine_on(lambda: self._connect(query_only=True), connections=4)

    def _connect(self, *, file: Path | None = None, mode: Mode = "rwc", query_only: bool = False) -> Any:
        return open_sqlite(
            file or self.file,
            "temp_store = MEMORY",
            "foreign_keys = ON",
            "secure_delete = ON",
            f"synchronous = {self._synchronous}",
            "query_only = ON" if query_only or mode != "rwc" else "journal_mode = WAL",
            key=self._key,
            mode=mode,
        )

    @property
    def was_cut_off(self) -> bool:
        """True before `open` when the last run did not end properly: its journal is still there."""
        journal = self.file.with_name(f"{FILE_NAME}-wal")
        return journal.exists() and journal.stat().st_size > 0

    @property
    def opens(self) -> bool:
        """Tell, before `open`, whether there are records that open with this key."""
        try:
            return self._look() > 0
        except sqlcipher.DatabaseError:
            return False

    def open(
        self, now: datetime, *, may_replace: bool = True, used_before: bool = False, before: Standing | None = None
    ) -> SetAside | None:
        """Make the file ready: new, as it is, or migrated after a copy. Whatever is wrong is set aside, never lost.

        `may_replace` says that the key is the right one for sure: only then can what does not open be damage.
        `used_before` says that there were records here, `before` how far they had come: a file that is empty, missing
        or behind that is none to go on with. Returns what was set aside. Raises RecordsFault when the file is of a
        newer version or cannot be used.
        """
        try:
            found, wrong = self._examine(used_before=used_before, before=before)
            if self._is_half_made(found):
                found, wrong = 0, wrong or Wrong.DAMAGED
        except sqlcipher.DatabaseError as error:
            if not is_damage(error):
                raise unusable(error) from error
            if not may_replace:
                raise KeyRefused(_NOT_THEIR_KEY) from error
            log.error("the database is damaged: %s", error)  # noqa: TRY400  the stack says nothing more
            found, wrong = 0, Wrong.DAMAGED
        try:
            if wrong and self._aside.under_way and not may_replace:
                raise KeyRefused(_NOT_THEIR_KEY)
            if wrong:
                return self._afresh(now, wrong)
            if 0 < found < len(MIGRATIONS):
                self._copy_before(found)
            with self._writer.connect() as connection:
                migrate(connection, now, MIGRATIONS)
            self._take_root()
            self._doubt.unlink(missing_ok=True)
        except _OF_THE_WORLD as error:
            raise unusable(error) from error
        return None

    def _take_root(self) -> None:
        """Bring home what was made: tables that are in the journal only would go with it, and all rows with them."""
        self._learn_to_shrink()
        with self._writer.connect() as connection:
            self.shorten_journal(connection)
        sync_folder(self.folder)

    def _learn_to_shrink(self) -> None:
        """Make a new file, or one of a version that never gave room back, into one that can, while that is quick."""
        with closing(self._connect()) as connection:
            able = connection.execute("PRAGMA auto_vacuum").fetchone()[0] == _INCREMENTAL
            if able or self.file.stat().st_size > WHOLE_CHECK_BYTES:
                return
            try:
                connection.execute(f"PRAGMA auto_vacuum = {_INCREMENTAL}")
                connection.execute("VACUUM")
            except sqlcipher.OperationalError as refusal:
                log.info("the database cannot shrink yet: %s", refusal)

    def _examine(self, *, used_before: bool, before: Standing | None) -> tuple[int, Wrong | None]:
        """Return the version of the file, and what is wrong with it, without changing a byte."""
        found = self._look()
        if found > len(MIGRATIONS):
            raise RecordsFault(
                "The records were written by a newer version of Patrol ANPR and were left untouched. Install that "
                "version again, or set the folder of the records aside."
            )
        if found == 0 and (used_before or before):
            return 0, Wrong.EMPTY if self.file.exists() else Wrong.MISSING
        if before and not self.ask(lambda connection: goes_on_from(connection, before)):
            return 0, Wrong.BEHIND
        return found, None

    def _is_half_made(self, found: int) -> bool:
        """Tell whether setting aside was broken off. Audit rows are not brought over: a new one with some is in use."""
        if found and self._aside.moved and self.ask(lambda connection: audit.head(connection).seq):
            self._aside.end()
        return self._aside.under_way

    def replace(self, now: datetime) -> SetAside:
        """Set a database aside that turned out to be damaged while in use, and begin afresh. Raises RecordsFault."""
        try:
            return self._afresh(now, Wrong.DAMAGED)
        except _OF_THE_WORLD as error:
            raise unusable(error) from error

    def _afresh(self, now: datetime, wrong: Wrong) -> SetAside:
        """Set aside what there is and begin afresh, or go on where that was broken off."""
        self.close()
        if not self._aside.under_way:
            self._aside.begin(now, wrong)
        aside, why = self._aside.move()
        with self._writer.connect() as connection:
            migrate(connection, now, MIGRATIONS)
            salvaged = self._salvage(aside, connection) if (aside / FILE_NAME).exists() else 0
        self._take_root()
        self._doubt.unlink(missing_ok=True)
        self._aside.end()
        return SetAside(aside, salvaged, why)

    def _salvage(self, aside: Path, fresh: Connection) -> int:
        """Bring over what reads with its journal, then what the file holds without: the journal may be at fault."""
        modes: tuple[Mode, ...] = ("ro", "immutable")
        return sum(recover_rows(partial(self._connect, file=aside / FILE_NAME, mode=mode), fresh) for mode in modes)

    def _look(self) -> int:
        """Return the version of the file without changing a byte of it; 0 when there is none.

        Raises sqlcipher's DatabaseError when it is damaged or cannot be read.
        """
        if not self.file.exists() or self.file.stat().st_size == 0:
            return 0

        def look(connection: Connection) -> int:
            if self.is_doubted or self.file.stat().st_size <= WHOLE_CHECK_BYTES:
                _check_whole(connection)
            return version(connection)

        return self.ask(look)

    def ask(self, question: Callable[[Connection], _Answer]) -> _Answer:
        """Ask the file something through a connection that changes not a byte of it.

        Raises sqlcipher's DatabaseError when it is damaged, of another key, or cannot be read.
        """
        engine = engine_on(lambda: self._connect(mode="ro"), connections=1)
        try:
            with engine.connect() as connection:
                return question(connection)
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

    def writing(self) -> Connection:
        """Return the write connection; its transactions are BEGIN IMMEDIATE. For the writer alone.

        Raises an error of damage while a damaged one could not be replaced: what is there is half-made.
        """
        if self._aside.under_way:
            raise damage_error("set aside, and nothing in its place yet")
        return self._writer.connect()

    def shorten_journal(self, connection: Connection) -> None:
        """Bring the journal home and cut it, so that its room is free again; what stands in the way is left for later.

        `connection` is the write connection, outside a transaction.
        """
        try:
            # Past SQLAlchemy, which would begin a transaction first: a journal is not cut within one.
            connection.connection.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
        except sqlcipher.Error as refusal:
            log.info("the journal stays as it is: %s", refusal)

    def give_back(self, most_bytes: int) -> int:
        """Give room that erased rows left in the file back to the disk, at most so much; return the bytes given back.

        For the writer's thread, outside a transaction.
        """
        with closing(self._connect()) as connection:
            free, page, kind = (
                int(connection.execute(f"PRAGMA {name}").fetchone()[0])  # SQLCipher spells some of them as text
                for name in ("freelist_count", "page_size", "auto_vacuum")
            )
            pages = min(free, most_bytes // page)
            if not pages or kind != _INCREMENTAL:
                return 0
            connection.execute(f"PRAGMA incremental_vacuum({pages})").fetchall()
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
            return pages * page

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Lend a connection that can only read. Raises RecordsFault when the disk or the file will not have it."""
        try:
            with self._readers.connect() as connection:
                try:
                    with connection.begin():
                        yield connection
                except DBAPIError as error:
                    connection.invalidate()  # SQLCipher lets no connection go on that met a bad page
                    if is_damage(error):
                        with suppress(OSError):
                            self._doubt.touch()
                    raise
        except (DBAPIError, OSError) as error:
            if cause_in_world(error):
                raise unusable(error) from error
            raise

    @property
    def is_doubted(self) -> bool:
        """True when somebody met damage in the file and it was not checked since."""
        return self._doubt.exists()

    def look_into_doubts(self) -> None:
        """Check the file whole if somebody met damage in it. For the writer's thread; raises an error of damage."""
        if self.is_doubted:
            self.ask(_check_whole)
            self._doubt.unlink(missing_ok=True)

    def close(self) -> None:
        """Close all connections that are not in use; the last one leaves no journal behind."""
        self._readers.dispose()
        self._writer.dispose()


def _check_whole(connection: Connection) -> None:
    """Check that each page is as it was written, and that they belong together: pages of two times may each be whole.

    Raises an error of damage.
    """
    bad_pages = connection.exec_driver_sql("PRAGMA cipher_integrity_check").fetchall()
    if bad_pages:
        raise damage_error(f"{len(bad_pages)} bad pages")
    if connection.exec_driver_sql("PRAGMA integrity_check(1)").scalar() != "ok":  # its text may quote a row
        raise damage_error("pages that do not belong together")
