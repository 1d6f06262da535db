"""What makes room: receipts of the depot, and the erasing of what it has held long enough, piece by piece.

These jobs are written ahead of what waits: on a full disk that could wait for them for ever.
"""

import logging
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection

from patrol_anpr.domain.errors import RecordsFault
from patrol_anpr.records import retention, tables
from patrol_anpr.records.coverage import erase_coverage
from patrol_anpr.records.jobs import Job, KeepAudit
from patrol_anpr.records.outbox import proven
from patrol_anpr.records.store import Store
from patrol_anpr.records.unwritten import Unwritten
from patrol_anpr.wire.payloads import Kind

_ABOUT_NO_READ = (Kind.AUDIT, Kind.SHIFT, Kind.VOI, Kind.LIST_COUNTS)

log = logging.getLogger(__name__)

PROVEN_WITHIN = timedelta(hours=1)
"""A proof run under way still asks for what it stored, however few the days."""
GIVEN_BACK_AT_ONCE = 16 * 2**20
"""Bytes of the database file that go back to the disk in one step, between two other writes."""


@dataclass
class Purge(Job):
    """The end of some of what the depot has held since `before`. Rows go first, pictures after the commit.

    `unwritten` tells the hits and Reads that something is still to be written about: those stay. It also tells the
    shifts whose end waits for the very room that is made here.
    """

    before: datetime
    actor: str
    unwritten: Unwritten
    _read_ids: tuple[str, ...] = ()

    def write(self, connection: Connection) -> int:
        """Erase, with one line in the audit trail for each Read: its id, never its VRM."""
        self.told = 0
        waiting = self.unwritten.now()
        expired = retention.expired_reads(
            self.before,
            spoken_of=waiting.states().keys(),
            reads_spoken_of=waiting.reads_spoken_of(),
            ended=waiting.ended_shifts(),
        )
        self._read_ids = tuple(connection.scalars(expired).all())
        retention.erase_reads(connection, self._read_ids)
        for read_id in self._read_ids:
            row = KeepAudit(self.actor, retention.ERASED, read_id, "held by the depot", scene=self.scene)
            row.write(connection)
            self.told += row.told
        erase_coverage(connection, self.before)
        tests = tables.test_reads
        connection.execute(tests.delete().where(tests.c.captured_at <= self.before - PROVEN_WITHIN))
        connection.execute(
            tables.outbox.delete().where(
                tables.outbox.c.kind.in_([kind.value for kind in _ABOUT_NO_READ]),
                proven(tables.outbox),
                tables.outbox.c.settled_at <= self.before,
            )
        )
        return len(self._read_ids)

    def saved(self, store: Store) -> None:
        """Delete the pictures; what a crash leaves of them goes at the next start."""
        super().saved(store)
        for read_id in self._read_ids:
            try:
                store.pictures.remove(read_id)
            except OSError as refusal:  # another program may have it open; the next start finds it
                log.warning("a picture could not be deleted yet: %s", refusal.strerror)
        if not self._read_ids:
            store.forget_orphans(self.before)


@dataclass
class GiveBack(Job):
    """Room in the database file that erased rows left; result: bytes that went back to the disk."""

    given_back: int = 0

    def write(self, connection: Connection) -> int:
        """Nothing in a transaction."""
        return 0

    def saved(self, store: Store) -> None:
        """Give some back, and say how much."""
        self.given_back = store.database.give_back(GIVEN_BACK_AT_ONCE)


class Erasing:
    """Erases in the background: a piece, then whatever else is to be written, then the next piece.

    `give` puts a job ahead of others, as Writer.give does. One erasing runs at a time.
    """

    def __init__(self, give: Callable[[Job], "Future[int]"]) -> None:
        self._give = give
        self._under_way: Future[int] | None = None

    def start(self, first: Callable[[], Purge], give_back: Callable[[], GiveBack]) -> "Future[int]":
        """Begin, unless one is under way; return at once. The result is how many Reads went.

        An erasing that is cut off, by the end of the program for one, has ended well: the next one goes on from there.
        """
        if self._under_way is not None and not self._under_way.done():
            return self._under_way
        whole: Future[int] = Future()
        self._under_way = whole
        self._next(whole, first, give_back, 0)
        return whole

    def _next(
        self, whole: "Future[int]", purge: Callable[[], Purge], give_back: Callable[[], GiveBack], erased: int
    ) -> None:
        def ended(piece: "Future[int]") -> None:
            if piece.cancelled() or piece.exception() is not None:
                whole.set_result(erased)
            elif piece.result():
                self._next(whole, purge, give_back, erased + piece.result())
            else:
                self._shrink(give_back)
                whole.set_result(erased)

        try:
            self._give(purge()).add_done_callback(ended)
        except RecordsFault:  # the program ends
            whole.set_result(erased)

    def _shrink(self, make: Callable[[], GiveBack]) -> None:
        job = make()

        def ended(piece: "Future[int]") -> None:
            if not piece.cancelled() and piece.exception() is None and job.given_back:
                self._shrink(make)

        try:
            self._give(job).add_done_callback(ended)
        except RecordsFault:
            log.info("the database file shrinks another time")
