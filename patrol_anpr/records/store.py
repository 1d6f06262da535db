"""The folder of the records, opened: the database, its pictures, and what watches over them."""

import hmac
import logging
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from filelock import BaseFileLock
from sqlalchemy import Connection

from patrol_anpr.domain.errors import KeyRefused
from patrol_anpr.domain.sentences import sentence
from patrol_anpr.records import audit, queries, retention
from patrol_anpr.records.aside import SetAside, Wrong, aside_folder
from patrol_anpr.records.database import Database
from patrol_anpr.records.evidence import Pictures
from patrol_anpr.records.faults import unusable
from patrol_anpr.records.keys import WRONG_KEY, Key
from patrol_anpr.records.lock import take_lock
from patrol_anpr.records.reserve import Reserve
from patrol_anpr.records.sparing import NEVER_SCARCE, Spare
from patrol_anpr.records.witness import Standing, Witness

log = logging.getLogger(__name__)

ORPHANS = "orphans"
"""Folder of pictures whose Read a crash cut off before it was saved. retention.py empties it."""
MOST_ORPHANS = 64
"""A crash leaves at most one group of the writer without its rows. More means that rows are missing."""

TOLD = {
    Wrong.MISSING: "The records of this car were gone. What was left of them was set aside; recording goes on in new "
    "ones. Report it at the depot.",
    Wrong.EMPTY: "The records of this car were empty. What was left of them was set aside; recording goes on in new "
    "ones. Report it at the depot.",
    Wrong.DAMAGED: "The records were damaged and set aside; recording goes on in new ones. Report it at the depot.",
    Wrong.BEHIND: "The newest part of the records was missing. They were set aside, what they held was brought over, "
    "and recording goes on in new ones. Report it at the depot.",
}


class Store:
    """One folder of records. Made by `open`; `close` gives it back. `notices` are sentences for the screen.

    `aside` says what was set aside in place of being opened. Writing is for one thread; any may read.
    """

    def __init__(self, folder: Path, key: Key, lock: BaseFileLock, reserve: int, scarce_percent: float) -> None:
        self.folder = folder
        self.database = Database(folder, key)
        self.pictures = Pictures(folder, key)
        self.reserve = Reserve(folder, reserve)
        self.spare = Spare(folder, scarce_percent)
        self.aside: SetAside | None = None
        self.notices: list[str] = [key.warning] if key.warning else []
        self._key, self._lock = key, lock
        self._witness = Witness(folder, key)
        self._standing: Standing | None = None

    @classmethod
    def open(
        cls, folder: Path, key: Key, now: datetime, *, reserve: int = 0, scarce_percent: float = NEVER_SCARCE
    ) -> "Store":
        """Open the records in `folder`, or begin them; `reserve` bytes of the disk are kept for what makes room.

        From `scarce_percent` on pictures of Reads without a hit are spared (sparing.py).

        Raises:
            AlreadyRunning: another process has them.
            RecordsFault: the key is wrong, a newer version wrote them, or the disk will not have it.
        """
        lock = take_lock(folder)
        store: Store | None = None
        try:
            store = cls(folder, key, lock, reserve, scarce_percent)
            store._make_ready(now)
        except BaseException as error:
            if store is not None:
                store.database.close()
            lock.release()
            if isinstance(error, OSError):
                raise unusable(error) from error
            raise
        return store

    def _make_ready(self, now: datetime) -> None:
        self.reserve.release_if_short()
        before = self._witness.read()
        proven = self._key.proven(self.folder) or before is not None
        if self._key.refuted(self.folder) and not proven and not self.database.opens:
            raise KeyRefused(WRONG_KEY, folder=self.folder)
        cut_off = self.database.was_cut_off or (before is not None and not before.closed)
        used_before = proven or self.pictures.any
        aside = self.database.open(now, may_replace=proven, used_before=used_before, before=before)
        self._key.mark(self.folder)
        self.pictures.open()
        if aside is not None:
            self._take_aside(aside)
        else:
            self._tidy(now)
            if cut_off:
                with self.database.reading() as connection:
                    recovered = queries.reads_of_last_run(connection)
                self.notices.append(
                    sentence("Patrol ANPR was cut off last time. Recovered: {count} reads.", count=recovered)
                )
        with self.database.reading() as connection:
            self._standing = Standing.of(connection)
        self._witness.place(self._standing)

    # For the writer

    def written(self, connection: Connection) -> Standing:
        """Where the records stand at the end of a transaction, for `note` after its commit."""
        return Standing.of(connection)

    def note(self, standing: Standing) -> None:
        """Tell the witness how far the records have come."""
        self._standing = standing
        self._witness.note(standing)

    def replace(self, now: datetime) -> None:
        """Set a database aside that turned out to be damaged while in use. Raises RecordsFault."""
        self._take_aside(self.database.replace(now))
        with self.database.reading() as connection:
            self._standing = Standing.of(connection)
        with suppress(OSError):
            self._witness.place(self._standing)

    def opens_with(self, key: Key) -> bool:
        """Tell whether this is the key they were opened with."""
        return hmac.compare_digest(key.secret, self._key.secret)

    def forget_orphans(self, before: datetime) -> None:
        """Delete the pictures without a Read that have lain here since `before`: nobody can open them any more."""
        folder = self.folder / ORPHANS
        for file in folder.iterdir() if folder.is_dir() else ():
            if file.stat().st_mtime < before.timestamp():
                file.unlink()

    def close(self, *, clean: bool) -> None:
        """Let go of everything; `clean` says that nothing was lost on the way."""
        if clean and self._standing is not None:
            standing = replace(self._standing, closed=True)
            try:
                self._witness.place(standing)
            except OSError:  # a full disk has no room for another file, but for another content it has
                self._witness.note(standing)
        self.database.close()
        self._lock.release()

    # What a start finds

    def _take_aside(self, aside: SetAside) -> None:
        """The pictures go with the database that knew them, but for those whose rows were brought over."""
        self.aside = aside
        self.notices.append(TOLD[aside.why])
        log.error("records set aside in %s (%s), %d rows salvaged", aside.folder.name, aside.why, aside.salvaged)
        with self.database.reading() as connection:
            strays, _ = self.pictures.strays(queries.read_ids(connection))
        _move(strays, aside.folder)

    def _tidy(self, now: datetime) -> None:
        """Find the pictures that no Read knows. What was being erased goes; the rest is kept elsewhere."""
        self.pictures.drop_halves()
        with self.database.reading() as connection:
            strays, bare = self.pictures.strays(queries.read_ids(connection))
            erased = audit.newest(connection, retention.ERASED, retention.MOST_AT_ONCE) if strays else []
        if strays or bare:
            log.info("pictures: %d without a read, %d reads without", len(strays), bare)
        gone = {self.pictures.file_of(read_id) for read_id in erased}
        for file in gone.intersection(strays):
            file.unlink(missing_ok=True)
        lost = [file for file in strays if file not in gone]
        if len(lost) > MOST_ORPHANS:
            _move(lost, aside_folder(self.folder, now))
            self.notices.append(
                sentence(
                    "{count} pictures belong to no record of this car and were set aside. Report it at the depot.",
                    count=len(lost),
                )
            )
        elif lost:
            orphans = self.folder / ORPHANS
            orphans.mkdir(exist_ok=True)
            _move(lost, orphans)


def _move(files: list[Path], to: Path) -> None:
    """Move pictures elsewhere; one that will not go stays, and is found again next time."""
    for file in files:
        try:
            file.rename(to / file.name)
        except OSError as refusal:
            log.warning("a picture could not be set aside: %s", refusal.strerror)
