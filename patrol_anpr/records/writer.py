"""The writer: one thread, the one write connection. It may be late; it never forgets a fact, and nobody waits for it.

What waits lies in memory. Facts (Reads, hits, outcomes, shifts, audit rows) are small and stay until they are on the
disk, in order. Pictures are large: held.py says which are given up when they are too many, and the lamp counts them.
What makes room on a full disk (receipts, erasing) is written ahead of what waits for that room.
"""

import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future

import sqlcipher3.dbapi2 as sqlcipher
from sqlalchemy.exc import SQLAlchemyError

from patrol_anpr.domain.errors import RecordsFault
from patrol_anpr.domain.health import Lamp
from patrol_anpr.plumbing.worker import Worker, described
from patrol_anpr.records import lamps
from patrol_anpr.records.closing import Closing
from patrol_anpr.records.faults import cause_in_world, is_damage, is_full
from patrol_anpr.records.held import MOST_BYTES, HeldPictures
from patrol_anpr.records.jobs import Job
from patrol_anpr.records.lanes import Lane, Lanes, Waiting
from patrol_anpr.records.pen import Pen, Result
from patrol_anpr.records.sparing import Sparing
from patrol_anpr.records.store import Store
from patrol_anpr.records.vault import RecordsClosed

log = logging.getLogger(__name__)

LATE_SECONDS = 5.0
"""What has waited as long makes the lamp say that recording is late."""
RETRY_FIRST = 0.1
RETRY_LAST = 2.0
STOP_SECONDS = 2.5
"""A disk that saves nothing for so long saves nothing more."""
GRACE_SECONDS = 0.5
"""How long the thread may take to end once nothing more is written."""


class Writer:
    """Takes jobs from any thread and writes them in order, many in one transaction when many wait.

    `use` gives it records that are open already; else `open_store` is called until it opens them, and `trouble` is the
    lamp until then. `on_settled` is told that writing works (again) after it did not, `on_sparing` that what is kept on
    a disk that fills up has changed. All happen on the writer's thread, as everything that touches the disk.
    """

    def __init__(
        self,
        open_store: Callable[[], Store],
        on_lamp: Callable[[Lamp], None],
        replace_store: Callable[[Store], None],
        *,
        on_settled: Callable[[Store], None] = lambda store: None,
        on_sparing: Callable[[Store], None] = lambda store: None,
        trouble: Callable[[int], Lamp] | None = None,
        most_bytes: int = MOST_BYTES,
        retry_first: float = RETRY_FIRST,
        retry_last: float = RETRY_LAST,
    ) -> None:
        self._open_store, self._on_lamp = open_store, on_lamp
        self._replace_store, self._on_settled, self._on_sparing = replace_store, on_settled, on_sparing
        self._retry_first, self._retry_last = retry_first, retry_last
        self._changed = threading.Condition()
        self._lanes, self._closing = Lanes(), Closing()
        self._held = HeldPictures(most_bytes)
        self._given = self._done = self._items = self._given_up_before = 0
        self._untold: deque[tuple[Waiting, Result]] = deque()
        self._trouble = trouble
        self._shown: Lamp | None = None
        self._store: Store | None = None
        self._pen = Pen()
        self._worker = Worker("records-writer", self._run, lambda _: self._show(lamps.REFUSED), rouse=self._rouse)
        self._closed = self._leaves = False
        self._sparing = Sparing.NOTHING
        self.good: Lamp | None = None
        self.refused = self.spared = 0

    def use(self, store: Store) -> None:
        """Take records that are open already; before `start`."""
        self._store = store

    def start(self) -> None:
        """Start the thread."""
        self._worker.start()

    def stop(self, patience: float = STOP_SECONDS) -> Sequence[Job]:
        """Write what waits, until nothing was written for `patience` seconds; return what could not be written.

        Pictures are given up so that facts are written: on a full disk at once, else when half of that time is over.
        Whatever the disk does, this comes back; closing.py says when.
        """
        with self._changed:
            self._closing.begin(patience, time.monotonic())
            self._lanes.hurry()
            self._changed.notify_all()
            while self._worker.running and not self._closed and (rest := self._closing.over_at - time.monotonic()) > 0:
                self._changed.wait_for(lambda: self._closed, rest)
        if self._worker.stop(GRACE_SECONDS):
            self._close()
        with self._changed:
            left_over = self._lanes.left_over()
        for waiting in left_over:
            waiting.result.cancel()
        return [waiting.job for waiting in left_over]

    def hurry(self, *, afresh: bool = False) -> None:
        """Try at once what waits for the records to open; `afresh`: in those that `open_store` opens next."""
        with self._changed:
            self._leaves |= afresh
            self._lanes.hurry()
            self._changed.notify_all()

    def _rouse(self) -> None:
        with self._changed:
            self._changed.notify_all()

    @property
    def waiting(self) -> int:
        """Jobs given and not yet on the disk."""
        with self._changed:
            return self._given - self._done

    @property
    def items(self) -> int:
        """How many records for the depot are in memory only."""
        with self._changed:
            return self._items

    @property
    def given_up(self) -> int:
        """How many pictures were given up since the start."""
        with self._changed:
            return self._held.given_up

    def give(self, job: Job, *, ahead: bool = False, at_the_end: bool = False) -> "Future[int]":
        """Queue a job; returns at once. `ahead` is for what makes room.

        Raises RecordsFault once it is stopping, but for what its own thread still has to say `at_the_end`.
        """
        waiting = Waiting(job, ordinary=not ahead)
        with self._changed:
            if self._closing.begun and not at_the_end:
                raise RecordsFault("The records are closed; this could not be kept. Start Patrol ANPR again.")
            if ahead:
                self._lanes.room.jobs.append(waiting)
                self._lanes.room.not_before = 0.0
            else:
                self._lanes.facts.jobs.append(waiting)
                self._given += 1
                self._items += job.items
                self._held.hold(job)
            self._changed.notify_all()
            soon_late = self._held.are_many and self._trouble is None
        if soon_late:  # the writer may be stuck in one write, and could not say so itself
            self._show()
        return waiting.result

    def flush(self, timeout: float) -> bool:
        """Wait until everything given so far is written and `saved` was said; False after `timeout` seconds.

        What was given ahead does not count.
        """
        with self._changed:
            until = self._given
            return self._changed.wait_for(lambda: self._done >= until, timeout)

    def lamp(self) -> Lamp:
        """How the recording stands now."""
        with self._changed:
            given_up = self._held.given_up
            if self._trouble is not None:
                return self._trouble(given_up)
            facts = self._lanes.facts.jobs
            oldest = facts[0].since if facts else float("inf")
            if time.monotonic() - oldest > LATE_SECONDS or self._held.are_many:
                return lamps.late(given_up)
        if self.refused:
            return lamps.refused(self.refused)
        if self._sparing:
            return lamps.sparing(self._sparing, self.spared)
        return self.good or lamps.recording(given_up)

    def _show(self, lamp: Lamp | None = None) -> None:
        lamp = lamp or self.lamp()
        if lamp != self._shown:
            self._shown = lamp
            self._on_lamp(lamp)

    # The thread

    def _run(self, stopping: threading.Event) -> None:
        self._show()
        while (lane := self._turn()) is not None:
            try:
                self._work(lane)
            except Exception as error:  # noqa: BLE001  a bug must not end the recording
                # Not the text of the error: it may quote the row.
                log.error("the writer stumbled: %s", described(error))  # noqa: TRY400
                self._show(lamps.REFUSED)
                self._wait_before(lane)
        self._close()
        stopping.wait()  # `stop` ends the thread, so that this end is not taken for a failure

    def _close(self) -> None:
        """Let go of everything, once; here, on the thread, since also a close may wait for the disk."""
        if self._closed:
            return
        self._pen.close()
        if self._store is not None:
            self._store.close(clean=not self._lanes.facts.jobs)
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    def _turn(self) -> Lane | None:
        """Wait until a lane has something due. None: time to end."""
        with self._changed:
            while True:
                now = time.monotonic()
                if self._closing.begun and (now >= self._closing.over_at or self._lanes.empty):
                    return None
                if (lane := self._lanes.next_due(now)) is not None:
                    return lane
                until = self._lanes.next_moment()
                self._changed.wait(None if until is None else until - now)

    def _work(self, lane: Lane) -> None:
        group = self._take(lane)
        if not group:
            return
        try:
            if self._leaves:
                self._leave_store()
            if self._store is None:
                self._store = self._open_store()
            self._mind_the_room(self._store, lane, group)
            results = self._pen.write(self._store, [waiting.job for waiting in group])
        except (SQLAlchemyError, sqlcipher.Error, OSError, RecordsFault) as error:
            self._put_back(lane, group)
            self._fail(lane, error)
        except BaseException:
            self._put_back(lane, group)
            raise
        else:
            self._written(self._store, lane, group, results)

    def _leave_store(self) -> None:
        """Let the records go that all of another shift lies in."""
        self._pen.let_go()
        if self._store is not None:
            self._store.close(clean=True)
        self._store, self._leaves = None, False

    def _take(self, lane: Lane) -> Sequence[Waiting]:
        """Look at what comes next. Its pictures are ours until it is written or put back."""
        with self._changed:
            group = lane.group()
            for waiting in group:
                self._held.let_go(waiting.job)
            return group

    def _put_back(self, lane: Lane, group: Sequence[Waiting]) -> None:
        self._pen.let_go()
        with self._changed:
            for waiting in group:
                self._held.hold(waiting.job)

    def _mind_the_room(self, store: Store, lane: Lane, group: Sequence[Waiting]) -> None:
        """Set room by before anything ordinary is written; let it go for what makes room, and for the last facts."""
        if self._closing.is_lean(time.monotonic()):
            store.reserve.release()
            with self._changed:
                self._closing.hits_too |= self._held.bytes_of_hits > store.reserve.size // 4
                self._held.give_up([waiting.job for waiting in group], hits_too=self._closing.hits_too)
        elif lane is self._lanes.facts:
            store.reserve.hold()
            self._spare(store, [waiting.job for waiting in group])
        elif self._trouble is not None:
            store.reserve.release()

    def _spare(self, store: Store, jobs: Sequence[Job]) -> None:
        """On a disk that fills up let pictures go that no hit needs, before it is full for everything."""
        sparing = store.spare.look()
        if not store.spare.is_full:
            self.spared += self._held.spare(jobs, sparing)
        if sparing is not self._sparing:
            self._sparing = sparing
            self._on_sparing(store)

    def _written(self, store: Store, lane: Lane, group: Sequence[Waiting], results: Sequence[Result]) -> None:
        with self._changed:
            for _ in group:
                lane.jobs.popleft()
            lane.pause = 0.0
            was_trouble = self._trouble is not None
            if lane is self._lanes.facts or not self._lanes.facts.jobs:
                self._trouble = None
            self._lanes.facts.not_before = 0.0
            self._closing.progress(time.monotonic())
        if was_trouble and lane is self._lanes.room:
            self._pen.shorten_journal(store)
        self._untold.extend((waiting, result) for waiting, result in zip(group, results, strict=True))
        faults = [result for result in results if isinstance(result, Exception)]
        for fault in faults:
            self.refused += 1
            # Not the text of the error: it may quote the row.
            log.error("a record was refused: %s", type(getattr(fault, "orig", fault)).__name__)
        self._show(lamps.REFUSED if faults else None)
        self._tell()
        self._settle_down(store, was_trouble=was_trouble)

    def _settle_down(self, store: Store, *, was_trouble: bool) -> None:
        """Say that all is well again after trouble, or after pictures were given up because the disk was too slow."""
        with self._changed:
            caught_up = not self._lanes.facts.jobs and self._held.given_up > self._given_up_before
            more_to_come = self._closing.begun and self._lanes.facts.jobs
            if self._trouble is not None or more_to_come or not (was_trouble or caught_up):
                return
            self._given_up_before = self._held.given_up
        self._on_settled(store)

    def _tell(self) -> None:
        """Say what is saved. A listener that fails is not asked again, the others still are."""
        while self._untold:
            waiting, result = self._untold.popleft()
            if not isinstance(result, Exception):
                assert self._store is not None, "what was written was written somewhere"
                try:
                    waiting.job.saved(self._store)
                except Exception as error:  # noqa: BLE001  a listener's bug must not end the recording
                    log.error("what was saved could not be told: %s", described(error))  # noqa: TRY400
            waiting.answer(result)
            if waiting.ordinary:
                with self._changed:
                    self._done += 1
                    self._items -= waiting.job.items
                    self._changed.notify_all()

    def _fail(self, lane: Lane, error: Exception) -> None:
        """Take note that nothing can be written now, and why; raises what is nobody's fault but ours."""
        cause = error if isinstance(error, RecordsFault) else cause_in_world(error)
        if cause is None:
            raise error
        full = is_full(cause)
        if isinstance(cause, RecordsClosed):
            self._trouble = lamps.closed
        elif isinstance(cause, RecordsFault):
            self._trouble = lamps.not_open(str(cause))
        else:
            log.warning("not recording: %s", getattr(cause, "orig", None) or getattr(cause, "strerror", cause))
            self._trouble = lamps.disk_full if full else lamps.disk_fails
        self._show()
        if is_damage(cause) and self._store is not None:
            self._replace_store(self._store)
        with self._changed:
            self._closing.failed(time.monotonic(), full=full, hopeless=isinstance(cause, RecordsFault))
        self._wait_before(lane)

    def _wait_before(self, lane: Lane) -> None:
        with self._changed:
            lane.pause = min(self._retry_last, max(self._retry_first, 2 * lane.pause))
            pause = self._retry_first if self._closing.begun else lane.pause
            lane.not_before = time.monotonic() + pause
