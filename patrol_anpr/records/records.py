"""The records of one car: what the use cases see of this room."""

import logging
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import CancelledError, Future
from concurrent.futures import TimeoutError as FutureTimeout
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from uuid import uuid4

from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError

from patrol_anpr.domain.by_hand import OwnVoi, ReadCorrection
from patrol_anpr.domain.clock import Clock
from patrol_anpr.domain.coverage import CoverageMinute
from patrol_anpr.domain.disposition import Disposition
from patrol_anpr.domain.errors import KeyRefused, RecordsFault
from patrol_anpr.domain.health import Lamp
from patrol_anpr.domain.hit import Hit, Outcome
from patrol_anpr.domain.read import Evidence, Read
from patrol_anpr.domain.sentences import joined
from patrol_anpr.domain.shift import PIN_ACCEPTED, PIN_REFUSED, ListCounts, Officer, PinTry, Shift
from patrol_anpr.records import audit, before_sign_on, lamps, queries, retention
from patrol_anpr.records.answers import Answers
from patrol_anpr.records.coverage import KeepCoverage
from patrol_anpr.records.erasing import Erasing, GiveBack, Purge
from patrol_anpr.records.held import MOST_BYTES
from patrol_anpr.records.jobs import (
    Job,
    KeepAudit,
    KeepCorrection,
    KeepDispositions,
    KeepHits,
    KeepListCounts,
    KeepOutcome,
    KeepRead,
    KeepRoster,
    KeepShift,
    KeepTest,
    KeepVoi,
    Scene,
)
from patrol_anpr.records.keys import ANOTHER_KEY, Key
from patrol_anpr.records.lock import AlreadyRunning
from patrol_anpr.records.lost import told_at_the_end
from patrol_anpr.records.outbox import StoredOutbox, parked_rows, waiting_rows
from patrol_anpr.records.settling import Settling
from patrol_anpr.records.shift_keys import ShiftKeys
from patrol_anpr.records.sparing import NEVER_SCARCE, Sparing
from patrol_anpr.records.store import Store
from patrol_anpr.records.writer import STOP_SECONDS, Writer
from patrol_anpr.wire.records import Origin

log = logging.getLogger(__name__)

ANSWER_SECONDS = 30.0
"""How long a call waits for the disk when it needs its answer."""
OPEN_SECONDS = 10.0
"""How long a sign-on waits for the records of its shift; then it goes on without."""

ACTOR = "patrol-anpr"
PICTURES_SPARED = "pictures.spared"
"""What the disk had little room for: from when on, and how many."""


class Records(Answers):
    """Keeps reads, pictures, hits, outcomes, shifts and the audit trail; satisfies ports.Recording.

    Made by `open` or `open_or_later`. Keeping never blocks: what is kept lies in memory until the writer's thread has
    it on the disk. `outbox` is for the depot link, `notices` are sentences about the opening for the screen; those of
    a late one are lamps, too.
    """

    def __init__(
        self,
        open_store: Callable[[], Store],
        clock: Clock,
        on_saved: Callable[[str], None],
        on_lamp: Callable[[Lamp], None],
        *,
        origin: Origin | None = None,
        find_key: Callable[[], Key],
        why_not_open: RecordsFault | None = None,
        most_bytes: int = MOST_BYTES,
        keys: ShiftKeys | None = None,
    ) -> None:
        super().__init__()
        self._find_key = find_key
        self._why_not_open = why_not_open
        self._open_store = open_store
        self._clock = clock
        self._on_saved, self._on_lamp = on_saved, on_lamp
        self._scene = Scene(uuid4().hex, clock, origin or Origin())
        self._roster: tuple[Officer, ...] = ()
        self._roster_kept = False
        self._dispositions: tuple[Disposition, ...] | None = None
        self._given_up_on_record = self._spared_on_record = 0
        self.notices: list[str] = []
        self._keys, self._locked_up = keys, False
        trouble = None if why_not_open is None else lamps.not_open(str(why_not_open))
        self._writer = Writer(
            self._opened_late,
            on_lamp,
            self._replace,
            on_settled=self._settled_again,
            on_sparing=self._spares,
            trouble=trouble if keys is None else lamps.closed,
            most_bytes=most_bytes,
        )
        self._erasing = Erasing(self._ahead)
        if keys is not None:
            self._roster, self._dispositions = keys.car.content.officers, keys.car.content.dispositions
            self._roster_kept = True
        settling = Settling(self._ahead, self._answer, self._scene)
        self.outbox = StoredOutbox(self._asking, self.waiting, settling, self._epoch_before)

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
        reserve: int = 0,
        scarce_percent: float = NEVER_SCARCE,
        most_bytes: int = MOST_BYTES,
    ) -> "Records":
        """Open the records in `folder`, or begin them. `on_saved` and `on_lamp` are called from the writer's thread.

        `reserve` bytes of the disk are kept for what makes room, `most_bytes` of pictures may wait in memory; on a disk
        that is `scarce_percent` full pictures without a hit are spared. Raises
        RecordsFault when another instance has them, the key is wrong, a newer version wrote them, or the disk will not
        have it.
        """
        records = cls(
            lambda: Store.open(folder, key, clock.utc(), reserve=reserve, scarce_percent=scarce_percent),
            clock,
            on_saved,
            on_lamp,
            origin=origin,
            find_key=lambda: key,
            most_bytes=most_bytes,
        )
        records._writer.use(records._opened_now())
        return records

    @classmethod
    def open_or_later(
        cls,
        folder: Path,
        find_key: Callable[[], Key],
        clock: Clock,
        on_saved: Callable[[str], None],
        on_lamp: Callable[[Lamp], None],
        *,
        origin: Origin | None = None,
        reserve: int = 0,
        scarce_percent: float = NEVER_SCARCE,
    ) -> "Records":
        """As `open`, but records that cannot be opened now do not stop a patrol: hits must sound all the same.

        Then everything is held in memory, the lamp is BAD and says why, and the writer's thread tries to open them
        again and again, with the key `find_key` finds by then. Raises only AlreadyRunning.
        """

        def open_store() -> Store:
            return Store.open(folder, find_key(), clock.utc(), reserve=reserve, scarce_percent=scarce_percent)

        records = cls(open_store, clock, on_saved, on_lamp, origin=origin, find_key=find_key)
        try:
            records._writer.use(records._opened_now())
        except AlreadyRunning:
            raise
        except RecordsFault as fault:
            log.error("the records cannot be opened: %s", type(fault).__name__)  # noqa: TRY400  its text may name paths
            records = cls(open_store, clock, on_saved, on_lamp, origin=origin, find_key=find_key, why_not_open=fault)
            records.notices.append(joined(fault.sentence, "The patrol goes on; nothing is saved until then."))
        return records

    @classmethod
    def of_shifts(
        cls,
        keys: ShiftKeys,
        clock: Clock,
        on_saved: Callable[[str], None],
        on_lamp: Callable[[Lamp], None],
        *,
        origin: Origin | None = None,
    ) -> "Records":
        """Records of an enrolled car: closed until an officer signs on (`open_for`), a folder and a key for each shift.

        Until then what is kept lies in memory, and what the car must know comes from its own file.
        """
        return cls(keys.open_store, clock, on_saved, on_lamp, origin=origin, find_key=keys.key, keys=keys)

    def start(self) -> None:
        """Start the writer."""
        self._writer.start()
        self.audit(ACTOR, audit.OPENED, self._scene.boot_id)

    def stop(self, patience: float = STOP_SECONDS) -> str:
        """Write what waits, until nothing was written for `patience` seconds, and close.

        Returns what is lost, in a sentence; "" when that is nothing.
        """
        if self._writer.spared > self._spared_on_record:
            self.audit(ACTOR, PICTURES_SPARED, self._scene.boot_id, self._spared_lately("until the end of the program"))
        on_record = self._given_up_on_record
        left = self._writer.stop(patience)
        if self._keys is not None:
            left = before_sign_on.kept(self._keys.car, left)
            self._keys.close()
        return told_at_the_end(left, self._writer.given_up - on_record)

    @property
    def closed(self) -> ShiftKeys | None:
        """What of an enrolled car only the depot opens; satisfies wire.closed.ClosedOutbox."""
        return self._keys

    # Keys of a shift: these calls block. A car that was never enrolled has one key, and they do nothing

    def open_for(self, officer_id: str, pin: str) -> None:
        """Open the records of the shift this officer was cut off in, or begin new ones.

        Where records are in use and the depot does not hold all of them yet, they go on: it is sent from there.
        Records that do not open keep nobody from signing on: they are tried again and again.
        """
        if self._keys is None:
            return
        if self._store is not None and (not self.flush(OPEN_SECONDS) or self._waiting_here()):
            self.unlock_for(officer_id, pin)
            return
        self._keys.ask(officer_id, pin)
        self._writer.hurry(afresh=True)
        self.audit(ACTOR, audit.OPENED, self._scene.boot_id)
        self._tell_untold(self._keys)

    def _tell_untold(self, keys: ShiftKeys) -> None:
        """Write the rows of the trail that wait in the car's file, and wait for it."""
        self._locked_up = False
        untold = before_sign_on.jobs(keys.car, self._scene)
        for job in untold:
            self._keep(job)
        self._writer.hurry()
        if not self.flush(OPEN_SECONDS):
            log.error("the records do not open")
        elif untold:
            keys.car.keep_untold(())

    def unlock_for(self, officer_id: str, pin: str) -> None:
        """Let this PIN open the records in use again, should the ignition be cut."""
        if self._keys is None:
            return
        try:
            self._keys.wrap(officer_id, pin)
        except RecordsFault as fault:
            log.error("the records will not open with the PIN: %s", type(fault).__name__)  # noqa: TRY400
        self._tell_untold(self._keys)

    def lock_up(self) -> None:
        """Destroy what a PIN opens on the disk; what this program keeps goes on. Raises RecordsFault where it stays."""
        if self._keys is not None:
            self._locked_up = True
            self._keys.lock_up()

    # Keeping: no call blocks

    def keep_read(self, read: Read, evidence: Evidence, hits: Sequence[Hit], shift_id: str | None) -> None:
        """Write a Read with its pictures, hits and outbox rows in one transaction, pictures first."""
        self._keep(KeepRead(read, evidence, tuple(hits), shift_id, self._on_saved, scene=self._scene))

    def keep_outcome(self, outcome: Outcome) -> None:
        """Append an outcome and move its hit to the state it says."""
        self._keep(KeepOutcome(outcome, scene=self._scene))

    def keep_hits(self, hits: Sequence[Hit]) -> None:
        """Write hits of a Read that is kept already: it was matched again later."""
        self._keep(KeepHits(tuple(hits), scene=self._scene))

    def keep_correction(self, correction: ReadCorrection, shift_id: str) -> None:
        """Append an officer's correction of a Read of this shift."""
        self._keep(KeepCorrection(correction, shift_id, scene=self._scene))

    def keep_voi(self, entry: OwnVoi, ended_at: datetime | None = None) -> None:
        """Tell the depot of an own entry, or of its end before its time."""
        self._keep(KeepVoi(entry, ended_at, scene=self._scene))

    def start_shift(self, shift: Shift) -> None:
        """Record a sign-on."""
        self._keep(KeepShift(shift, scene=self._scene))

    def end_shift(self, shift: Shift) -> None:
        """Record a sign-off."""
        self._keep(KeepShift(shift, scene=self._scene))

    def keep_coverage(self, minutes: Sequence[CoverageMinute], *, last: bool) -> None:
        """Write minutes of the coverage record; the `last` of a shift are told to the depot at once."""
        self._keep(KeepCoverage(tuple(minutes), last, scene=self._scene))

    def keep_list_counts(self, shift: Shift, counts: Sequence[ListCounts]) -> None:
        """Tell the depot what each list brought in a shift that has ended."""
        self._keep(KeepListCounts(shift, tuple(counts), scene=self._scene))

    def audit(self, actor: str, action: str, object_id: str, reason: str = "") -> None:
        """Append one audit row. That of a PIN waits for the disk where it must outlast a program that is killed."""
        job = KeepAudit(actor, action, object_id, reason, scene=self._scene)
        if self._keys is not None and action in (PIN_ACCEPTED, PIN_REFUSED):
            waits = self._store is None or self._locked_up  # the records may be left for those of the next shift
            one = PinTry(actor, job.at, action == PIN_ACCEPTED)
            self._keys.car.note_try(one, before_sign_on.row_of(job) if waits else None)
            if waits:
                return
        self._keep(job)

    def pin_tries(self) -> Sequence[PinTry]:
        """The PINs entered lately in this car, the oldest first."""
        return super().pin_tries() if self._keys is None else self._keys.car.content.tries

    def synced_at(self) -> datetime | None:
        """When the roster came, by the car's clock; None where that is not kept: a car that was never enrolled."""
        return None if self._keys is None else self._keys.car.content.synced_at

    def keep_roster(self, officers: Sequence[Officer]) -> None:
        """Replace the roster."""
        self._roster, self._roster_kept = tuple(officers), True
        if self._keys is not None:
            self._keys.car.keep_roster(self._roster, self._clock.utc())
        self._keep(KeepRoster(self._roster, scene=self._scene))

    def keep_test(self, read: Read, evidence: Evidence) -> "Future[int]":
        """Write what the proof run made, where no Read lies. Whoever waits no longer cancels the Future."""
        return self._writer.give(KeepTest(read, evidence, scene=self._scene))

    def _keep(self, job: Job, *, at_the_end: bool = False) -> None:
        self._unwritten.add(job)
        if self._keys is not None and not (self._keys.is_asked or before_sign_on.has_place(job)):
            self._keys.ask_without_pin()
            self._writer.hurry()
        try:
            future = self._writer.give(job, at_the_end=at_the_end)
        except RecordsFault:
            self._unwritten.drop(job)
            raise
        future.add_done_callback(lambda _: self._unwritten.drop(job))

    # What memory knows: no call blocks

    def keep_dispositions(self, dispositions: Sequence[Disposition]) -> None:
        """Replace the depot's table of what may be done about a hit; none: the built-in one is used."""
        if tuple(dispositions) != self._dispositions:
            self._dispositions = tuple(dispositions)
            if self._keys is not None:
                self._keys.car.keep_dispositions(self._dispositions)
            self._keep(KeepDispositions(self._dispositions, scene=self._scene))

    def dispositions(self) -> Sequence[Disposition]:
        """The depot's table as last synced; none where it has none."""
        return self._dispositions or ()

    def roster(self) -> Sequence[Officer]:
        """The officers last synced."""
        return list(self._roster)

    def waiting(self) -> int:
        """How many records the depot does not hold yet, those in memory among them; closed records count as one."""
        return self._waiting_here() + (self._keys.unsent if self._keys is not None else 0)

    def parked(self) -> int:
        """How many records the depot refused, or holds with another content."""
        return self._scene.tally.parked

    def _epoch_before(self) -> int:
        """The newest epoch of the depot that records before these knew."""
        return self._keys.vault.epoch if self._keys is not None else 0

    def _waiting_here(self) -> int:
        return self._scene.tally.waiting + self._writer.items

    @property
    def unwritten(self) -> int:
        """How many records are in memory only."""
        return self._writer.waiting

    @property
    def given_up(self) -> int:
        """How many pictures were given up since the start: the disk took nothing, or had little room left."""
        return self._writer.given_up + self._writer.spared

    def lamp(self) -> Lamp:
        """How the recording stands: a probe for the health thread, since a writer that hangs cannot say so itself."""
        return self._writer.lamp()

    def purge(self, now: datetime, depot_now: datetime, *, keep_days: float) -> "Future[int]":
        """Begin to erase the Reads the depot has held for `keep_days`; the result, some time later: how many went.

        `depot_now` is the depot's clock: when it and `now` are apart, one of them is wrong and nothing is erased.
        """
        if not retention.clocks_agree(now, depot_now):
            log.warning("nothing erased: the clocks of car and depot are apart")
            nothing: Future[int] = Future()
            nothing.set_result(0)
            return nothing
        before = depot_now - timedelta(days=keep_days)
        if self._keys is not None:
            self._keys.vault.forget(before)
        return self._erasing.start(
            lambda: Purge(before, ACTOR, self._unwritten, scene=self._scene),
            lambda: GiveBack(scene=self._scene),
        )

    # Waiting: these calls block on the disk, as all of Answers do

    def flush(self, timeout: float) -> bool:
        """Wait until everything given so far is on the disk; False when that took longer than `timeout` seconds.

        While the records are closed what there is goes to the disk at the next sign-on: False, at once.
        """
        if self._keys is not None and not self._keys.is_asked:
            return self._writer.waiting == 0
        return self._writer.flush(timeout)

    def key_fault(self) -> str:
        """Look for the key again, as the next start will: what is wrong with it, in a sentence; "" for nothing."""
        if self._keys is not None:
            return self._keys.key_fault()
        if isinstance(self._why_not_open, KeyRefused) and self._store is None:
            return str(self._why_not_open)
        try:
            key = self._find_key()
        except RecordsFault as fault:
            return str(fault) if isinstance(fault, KeyRefused) or self._store is not None else ""
        if self._store is not None and not self._store.opens_with(key):
            return ANOTHER_KEY
        return ""

    # Answers

    @contextmanager
    def _reading(self) -> Iterator[Connection]:
        """As it is, but whoever meets damage has the writer look into it: an upload alone would write nothing."""
        try:
            with super()._reading() as connection:
                yield connection
        except RecordsFault:
            if self._store is not None and self._store.database.is_doubted:
                row = KeepAudit(ACTOR, "records.damage_met", self._scene.boot_id, scene=self._scene)
                self._keep(row, at_the_end=True)
            raise

    def _ahead(self, job: Job) -> "Future[int]":
        """Have something written that makes room; in records that are closed there is nothing to make room in."""
        if self._keys is None or self._keys.is_asked:
            return self._writer.give(job, ahead=True)
        nothing: Future[int] = Future()
        nothing.set_result(0)
        return nothing

    @staticmethod
    def _answer(future: "Future[int]") -> int:
        try:
            return future.result(ANSWER_SECONDS)
        except (FutureTimeout, CancelledError, SQLAlchemyError):
            future.cancel()
            raise RecordsFault("The records did not answer in time. Check that the disk has free space.") from None

    def _opened_now(self) -> Store:
        """Open at the start. Damage that only the first look meets is mended at once: no start may end by it."""
        store = self._open_store()
        try:
            return self._opened(store)
        except RecordsFault:
            if not store.database.is_doubted:
                raise
        if store.aside is None:
            self.notices.clear()  # of records that may not go on
        return self._opened(self._open_store())  # in doubt they are checked whole, and set aside if it is true

    # On the writer's thread

    def _opened_late(self) -> Store:
        """The screen has read the notices by now: what this opening found is told by lamps."""
        known, word = len(self.notices), "Records opened late" if self._keys is None else "At the start"
        self._store = None
        try:
            return self._opened(self._open_store())
        finally:
            for number, notice in enumerate(self.notices[known:], known):
                self._on_lamp(lamps.found_late(number, notice, word))

    def _opened(self, store: Store) -> Store:
        self.notices += store.notices
        self._took_aside(store)
        try:
            with store.database.reading() as connection:
                if not self._roster_kept:
                    self._roster = tuple(queries.roster(connection))
                if self._dispositions is None:
                    self._dispositions = tuple(queries.dispositions(connection))
            self._count(store)
        except BaseException:
            store.close(clean=True)  # the next try needs its lock
            raise
        self._store = store
        if self._keys is not None and self._keys.unsent:
            self.notices.append(lamps.CLOSED_EARLIER)
        if self._keys is not None and self._keys.went_on_from:
            row = KeepAudit(ACTOR, "records.begun", store.folder.name, self._keys.went_on_from, scene=self._scene)
            self._keep(row, at_the_end=True)
            self._keys.went_on_from = ""
        return store

    def _replace(self, store: Store) -> None:
        """Set a database aside that turned out to be damaged while in use."""
        try:
            store.replace(self._clock.utc())
        except (RecordsFault, SQLAlchemyError, OSError) as error:
            log.warning("the damaged database could not be replaced: %s", type(error).__name__)
            return
        self.notices.append(store.notices[-1])
        self._took_aside(store)
        self._count_anew(store)

    def _took_aside(self, store: Store) -> None:
        """Say that records were set aside: by the lamp and in the new trail. The notice says it on the screen."""
        if store.aside is not None:
            self._writer.good = lamps.begun_afresh(store.notices[-1])
            reason = f"{store.aside.why}, {store.aside.salvaged} rows salvaged"
            row = KeepAudit(ACTOR, "records.begun_afresh", store.aside.folder.name, reason, scene=self._scene)
            self._keep(row, at_the_end=True)

    def _count(self, store: Store) -> None:
        with store.database.reading() as connection:
            self._scene.tally.waiting, self._scene.tally.parked = waiting_rows(connection), parked_rows(connection)

    def _count_anew(self, store: Store) -> None:
        """As `_count`; where the disk does not answer, the count goes on from where it was."""
        try:
            self._count(store)
        except RecordsFault as fault:
            log.warning("what waits for the depot could not be counted anew: %s", fault)

    def _settled_again(self, store: Store) -> None:
        """After a time in which nothing could be written: count anew, and leave on record what was given up."""
        self._count_anew(store)
        given_up = self._writer.given_up
        if given_up > self._given_up_on_record:
            said = f"{given_up - self._given_up_on_record} pictures, the disk took nothing"
            row = KeepAudit(ACTOR, "pictures.given_up", self._scene.boot_id, said, scene=self._scene)
            self._keep(row, at_the_end=True)
            self._given_up_on_record = given_up

    def _spares(self, store: Store) -> None:
        """Leave on record what is not kept from now on, and how much was not until now."""
        percent = f"disk {store.spare.percent:.1f} % full"
        kept = _KEPT[store.spare.now]
        said = self._spared_lately(f"{percent}: {kept}")
        self._keep(KeepAudit(ACTOR, PICTURES_SPARED, self._scene.boot_id, said, scene=self._scene), at_the_end=True)

    def _spared_lately(self, what: str) -> str:
        spared, self._spared_on_record = self._writer.spared - self._spared_on_record, self._writer.spared
        return f"{what}; {spared} pictures not kept since the row before"


_KEPT = {
    Sparing.NOTHING: "all pictures are kept from now on",
    Sparing.OVERVIEWS: "no overviews of reads without a hit from now on",
    Sparing.PICTURES: "no pictures of reads without a hit from now on",
}
