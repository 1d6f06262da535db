"""The records of one car: what the use cases see of this room."""

import logging
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future
from concurrent.futures import TimeoutError as FutureTimeout
from datetime import datetime, timedelta
from pathlib import Path
from uuid import uuid4

from filelock import BaseFileLock

from patrol_anpr.domain.audit import AuditCheck, AuditHead, verify_chain
from patrol_anpr.domain.clock import Clock
from patrol_anpr.domain.errors import RecordsFault
from patrol_anpr.domain.health import Lamp, LampState
from patrol_anpr.domain.hit import Hit, Outcome
from patrol_anpr.domain.read import Evidence, Read
from patrol_anpr.domain.shift import Officer, PinTry, Shift, ShiftSummary
from patrol_anpr.records import audit, queries, retention
from patrol_anpr.records.database import Database, Quarantined
from patrol_anpr.records.evidence import Pictures
from patrol_anpr.records.jobs import (
    KeepAudit,
    KeepOutcome,
    KeepRead,
    KeepRoster,
    KeepShift,
    Purge,
    Scene,
    Settle,
)
from patrol_anpr.records.keys import Key
from patrol_anpr.records.lock import take_lock
from patrol_anpr.records.outbox import StoredOutbox
from patrol_anpr.records.queries import StoredRead
from patrol_anpr.records.writer import Writer
from patrol_anpr.wire.payloads import Receipt
from patrol_anpr.wire.records import Origin

log = logging.getLogger(__name__)

ANSWER_SECONDS = 30.0
"""How long a call waits for the disk when it needs its answer."""
PIN_TRIES = 200
"""PINs of the trail that are looked at: more than are free in a car, so that the wait holds after a restart."""

ACTOR = "patrol-anpr"
MISSING = Evidence(b"", b"")
BEGUN_AFRESH = Lamp(
    "records",
    LampState.WARN,
    "Records begun afresh",
    "The records were damaged and set aside; recording goes on in new ones. Report it at the depot.",
)


class Records:
    """Keeps reads, pictures, hits, outcomes, shifts and the audit trail; satisfies ports.Recording.

    Made by `open`. Writes go to the writer's thread, queries may come from any thread. `outbox` is for the depot link,
    `notices` are sentences about the start-up for the screen.
    """

    def __init__(
        self,
        folder: Path,
        key: Key,
        clock: Clock,
        on_saved: Callable[[str], None],
        on_lamp: Callable[[Lamp], None],
        origin: Origin,
        lock: BaseFileLock,
    ) -> None:
        self._lock = lock
        self._clock = clock
        self._on_saved = on_saved
        self._database = Database(folder, key)
        self._pictures = Pictures(folder, key)
        self._scene = Scene(uuid4().hex, clock, self._pictures, origin)
        self._writer = Writer(
            self._database,
            on_lamp,
            clock.utc,
            before_commit=self._pictures.sync,
            on_damage=self._begin_afresh,
        )
        self.outbox = StoredOutbox(self._database, self._settle)
        self.notices: list[str] = [key.warning] if key.warning else []

    @classmethod
    def open(
        cls,
        folder: Path,
        key: Key,
        clock: Clock,
        on_saved: Callable[[str], None],
        on_lamp: Callable[[Lamp], None],
        *,
        origin: Origin | None = None,
    ) -> "Records":
        """Open the records in `folder`, or begin them. `on_saved` and `on_lamp` are called from the writer's thread.

        Raises RecordsFault when another instance has them, the key is wrong, or a newer version wrote them.
        """
        lock = take_lock(folder)
        try:
            records = cls(folder, key, clock, on_saved, on_lamp, origin or Origin(), lock)
            records._make_ready(folder, key)
        except BaseException:
            lock.release()
            raise
        return records

    def _make_ready(self, folder: Path, key: Key) -> None:
        if key.refuted(folder):
            raise RecordsFault(
                f"The records in {folder} do not open with this key: it belongs to another folder or laptop. Put the "
                "key they were made with back, or set records.folder anew."
            )
        cut_off = self._database.was_cut_off
        damage = self._database.open(self._clock.utc(), may_replace=key.proven(folder))
        key.mark(folder)
        self._pictures.open()
        if damage is not None:
            self._begin_afresh(damage)
            return
        reads = self._tidy()
        if cut_off:
            self.notices.append(f"Patrol ANPR was cut off last time. Recovered: {reads} reads.")

    def _tidy(self, orphans_to: Path | None = None) -> int:
        """Collect pictures without a Read; return how many Reads there are."""
        with self._database.reading() as connection:
            kept = queries.read_ids(connection)
        tidied = self._pictures.tidy(kept, orphans_to)
        if tidied.orphans or tidied.bare:
            log.info("pictures: %d without a read collected, %d reads without", tidied.orphans, tidied.bare)
        return len(kept)

    def _begin_afresh(self, damage: Quarantined) -> None:
        """Say that the records were damaged: on the screen, by the lamp and in the new trail."""
        self._tidy(damage.folder)
        self.notices.append(BEGUN_AFRESH.advice)
        self._writer.good = BEGUN_AFRESH
        log.error("damaged records were set aside in %s, %d rows salvaged", damage.folder.name, damage.salvaged)
        self.audit(ACTOR, "records.begun_afresh", damage.folder.name, f"{damage.salvaged} rows salvaged")

    def start(self) -> None:
        """Start the writer."""
        self._writer.start()
        self.audit(ACTOR, "records.opened", self._scene.boot_id)

    def stop(self, timeout: float = 10.0) -> None:
        """Write what waits, for at most about `timeout` seconds, and close."""
        lost = self._writer.stop(timeout)
        if lost:
            log.error("%d records could not be written before the end", lost)
        self._database.close()
        self._lock.release()

    # Keeping

    def keep_read(self, read: Read, evidence: Evidence, hits: Sequence[Hit], shift_id: str | None) -> None:
        """Write a Read with its pictures, hits and outbox rows in one transaction, pictures first. Blocks when full."""
        self._writer.give(KeepRead(self._scene, read, evidence, tuple(hits), shift_id, self._on_saved), wait=True)

    def keep_outcome(self, outcome: Outcome) -> None:
        """Append an outcome and move its hit to the state it says."""
        self._writer.give(KeepOutcome(self._scene, outcome))

    def start_shift(self, shift: Shift) -> None:
        """Record a sign-on."""
        self._writer.give(KeepShift(self._scene, shift))

    def end_shift(self, shift: Shift) -> None:
        """Record a sign-off."""
        self._writer.give(KeepShift(self._scene, shift))

    def audit(self, actor: str, action: str, object_id: str, reason: str = "") -> None:
        """Append one audit row."""
        self._writer.give(KeepAudit(self._scene, actor, action, object_id, reason))

    def keep_roster(self, officers: Sequence[Officer]) -> None:
        """Replace the roster."""
        self._writer.give(KeepRoster(tuple(officers)))

    def flush(self, timeout: float) -> bool:
        """Wait until everything given so far is on the disk; False when that took longer than `timeout` seconds."""
        return self._writer.flush(timeout)

    @property
    def unwritten(self) -> int:
        """How many records are in memory only."""
        return self._writer.waiting

    def purge(self, now: datetime, depot_now: datetime, *, keep_days: float = retention.KEEP_DAYS) -> int:
        """Erase the Reads the depot has held for `keep_days`; return how many.

        `depot_now` is the depot's clock: when it and `now` are apart, one of them is wrong and nothing is erased.
        """
        if not retention.clocks_agree(now, depot_now):
            log.warning("nothing erased: the clocks of car and depot are apart")
            return 0
        before, erased = now - timedelta(days=keep_days), 0
        while some := self._answer(self._writer.give(Purge(self._scene, before, ACTOR))):
            erased += some
        return erased

    # Asking

    def roster(self) -> Sequence[Officer]:
        """The officers last synced."""
        with self._database.reading() as connection:
            return queries.roster(connection)

    def pin_tries(self) -> Sequence[PinTry]:
        """The PINs entered lately in this car, the oldest first."""
        with self._database.reading() as connection:
            return queries.pin_tries(connection, PIN_TRIES)

    def unfinished_shifts(self) -> Sequence[Shift]:
        """The shifts without an end, the newest first: the program was cut off in them."""
        with self._database.reading() as connection:
            return queries.unfinished_shifts(connection)

    def summary(self, shift_id: str) -> ShiftSummary:
        """Count a shift."""
        with self._database.reading() as connection:
            return queries.summary(connection, shift_id)

    def open_hits(self, shift_id: str) -> Sequence[tuple[Hit, Evidence]]:
        """The hits of a shift that are RAISED or ACKNOWLEDGED, the most urgent first.

        A missing picture has no bytes: the hit is shown all the same, and the picture as missing.
        """
        with self._database.reading() as connection:
            found = queries.open_hits(connection, shift_id)
        return [(hit, self._pictures.load(hit.read.read_id) or MISSING) for hit in found]

    def hits(self, shift_id: str) -> Sequence[Hit]:
        """All hits of a shift that the crew may see, the newest first."""
        with self._database.reading() as connection:
            return queries.hits(connection, shift_id)

    def outcomes(self, hit_id: str) -> Sequence[Outcome]:
        """What was said of a hit, in order; the last one counts."""
        with self._database.reading() as connection:
            return queries.outcomes(connection, hit_id)

    def recent_reads(self, shift_id: str, limit: int) -> Sequence[Read]:
        """The newest Reads of a shift."""
        return [stored.read for stored in self.reads_page(shift_id, limit)]

    def reads_page(self, shift_id: str | None, limit: int, before: int | None = None) -> Sequence[StoredRead]:
        """A page of Reads, the newest first; give the last seq of a page as `before` to get the next one."""
        with self._database.reading() as connection:
            return queries.reads_page(connection, shift_id, limit, before)

    def reads_before(self, shift_id: str, read_id: str, limit: int) -> Sequence[Read]:
        """The Reads of a shift made before this one, the newest first."""
        with self._database.reading() as connection:
            return queries.reads_before(connection, shift_id, read_id, limit)

    def evidence_of(self, read_id: str) -> Evidence | None:
        """The pictures of a stored Read; None when they are missing or damaged."""
        return self._pictures.load(read_id)

    def waiting(self) -> int:
        """How many records the depot does not hold yet."""
        return self.outbox.waiting()

    def audit_head(self) -> AuditHead:
        """The newest audit row's place and hash."""
        with self._database.reading() as connection:
            return audit.head(connection)

    def verify_audit(self, held: Iterable[AuditHead] = ()) -> AuditCheck:
        """Check the whole trail, and against heads that others hold."""
        with self._database.reading() as connection:
            return verify_chain(audit.rows(connection), held)

    # Answers

    def _settle(self, receipts: Sequence[Receipt], depot_now: datetime | None) -> int:
        """By the depot's clock: `keep_days` are counted from here, and a car's clock may be set right in between."""
        return self._answer(self._writer.give(Settle(tuple(receipts), depot_now or self._clock.utc())))

    @staticmethod
    def _answer(future: "Future[int]") -> int:
        try:
            return future.result(ANSWER_SECONDS)
        except FutureTimeout:
            raise RecordsFault("The records did not answer in time. Check that the disk has free space.") from None
