"""The writer: one thread, the one write connection, a bounded queue. It may be late; it never forgets.

Policy when behind: whoever gives it more Reads waits, and a lamp says so. What a person does (outcomes, shifts, audit)
is small and rare and never waits, so that no screen stands still. Counters: `waiting`, `refused`.
"""

import logging
import threading
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import datetime
from typing import Protocol

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from patrol_anpr.domain.errors import RecordsFault
from patrol_anpr.domain.health import Lamp, LampState
from patrol_anpr.records.database import Database, Quarantined, cause_in_world, is_damage

log = logging.getLogger(__name__)

MOST_JOBS = 2000
MOST_BYTES = 256 * 2**20
GROUP_JOBS = 64
HANDS = 4
RETRY_FIRST = 0.1
RETRY_LAST = 2.0

GOOD = Lamp("records", LampState.GOOD, "Recording")
SLOW = Lamp("records", LampState.WARN, "Recording late", "The disk is slow. Nothing is lost while the laptop runs.")
NOT_RECORDING = Lamp(
    "records",
    LampState.BAD,
    "Not recording",
    "The disk is full or fails. Reads are held in memory and written when it works again: free some space.",
)
REFUSED = Lamp("records", LampState.BAD, "Record refused", "A record could not be written. Report the log file.")


class Job(Protocol):
    """Something to be written. All of it must bear being done twice: a commit may fail after it took."""

    @property
    def size(self) -> int:
        """Bytes it holds in memory."""
        ...

    def prepare(self) -> None:
        """Put files in place, before the transaction. May raise OSError."""
        ...

    def write(self, connection: Connection) -> int:
        """Write the rows; the result goes to whoever waits for it."""
        ...

    def saved(self) -> None:
        """Called after the commit."""
        ...


class Writer:
    """Takes jobs from any thread and writes them in order, many in one transaction when many wait."""

    def __init__(
        self,
        database: Database,
        on_lamp: Callable[[Lamp], None],
        now: Callable[[], datetime],
        *,
        before_commit: Callable[[], None] = lambda: None,
        on_damage: Callable[[Quarantined], None] = lambda found: None,
        most_jobs: int = MOST_JOBS,
        most_bytes: int = MOST_BYTES,
        retry_first: float = RETRY_FIRST,
        retry_last: float = RETRY_LAST,
    ) -> None:
        self._database = database
        self._on_lamp = on_lamp
        self._now = now
        self._before_commit = before_commit
        self._on_damage = on_damage
        self._most_jobs, self._most_bytes = most_jobs, most_bytes
        self._retry_first, self._retry_last = retry_first, retry_last
        self._changed = threading.Condition()
        self._queue: deque[tuple[Job, Future[int]]] = deque()
        self._untold: deque[Job | None] = deque()
        self._bytes = 0
        self._given = 0
        self._done = 0
        self._stopping = False
        self._give_up = threading.Event()
        self._lamp: Lamp | None = None
        self._connection: Connection | None = None
        # Files of a group are written side by side: a disk takes several fsyncs for little more than the price of one.
        self._hands = ThreadPoolExecutor(HANDS, "records-files")
        self._thread = threading.Thread(target=self._run, name="records-writer", daemon=True)
        self.good = GOOD
        self.refused = 0

    def start(self) -> None:
        """Start the thread."""
        self._thread.start()

    def stop(self, timeout: float = 10.0) -> int:
        """Write what waits, for at most `timeout` seconds; return how many jobs could not be written."""
        with self._changed:
            self._stopping = True
            self._changed.notify_all()
        if self._thread.is_alive():
            self._thread.join(timeout)
            self._give_up.set()
            self._thread.join(timeout)
        with self._changed:
            for _, future in self._queue:
                future.cancel()
            return self._given - self._done

    @property
    def waiting(self) -> int:
        """Jobs given and not yet on the disk."""
        with self._changed:
            return self._given - self._done

    def give(self, job: Job, *, wait: bool = False) -> "Future[int]":
        """Queue a job; with `wait` True blocks while the queue is full. Raises RecordsFault once it is stopping."""
        future: Future[int] = Future()
        if wait and self._full(job.size):
            self._show(SLOW, unless_bad=True)
        with self._changed:
            if wait:
                self._changed.wait_for(lambda: self._stopping or not self._full(job.size))
            if self._stopping:
                raise RecordsFault("The records are closed; this could not be kept. Start Patrol ANPR again.")
            self._queue.append((job, future))
            self._bytes += job.size
            self._given += 1
            self._changed.notify_all()
        return future

    def flush(self, timeout: float) -> bool:
        """Wait until everything given so far is written and `saved` was said; False after `timeout` seconds."""
        with self._changed:
            until = self._given
            return self._changed.wait_for(lambda: self._done >= until, timeout)

    def _full(self, size: int) -> bool:
        return len(self._queue) >= self._most_jobs or (self._bytes > 0 and self._bytes + size > self._most_bytes)

    def _show(self, lamp: Lamp, *, unless_bad: bool = False) -> None:
        if lamp is self._lamp or (unless_bad and self._lamp is not None and self._lamp.state is LampState.BAD):
            return
        self._lamp = lamp
        self._on_lamp(lamp)

    def _run(self) -> None:
        self._show(self.good)
        while not self._give_up.is_set():
            try:
                self._tell()
                group = self._next()
                if not group:
                    break
                self._until_written(group)
            except Exception:
                # The top of the thread: a bug in a callback must not end the recording.
                log.exception("the writer stumbled")
                self._show(REFUSED)
                self._give_up.wait(self._retry_first)
        self._discard()
        self._hands.shutdown()

    def _next(self) -> list[tuple[Job, "Future[int]"]]:
        """Look at what waits; it leaves the queue only once it is written. Empty: time to end."""
        with self._changed:
            self._changed.wait_for(lambda: self._queue or self._stopping)
            return [self._queue[place] for place in range(min(GROUP_JOBS, len(self._queue)))]

    def _until_written(self, group: Sequence[tuple[Job, "Future[int]"]]) -> None:
        pause = self._retry_first
        while not self._give_up.is_set():
            try:
                results = self._write(group)
            except (SQLAlchemyError, OSError) as error:
                self._discard()
                cause = cause_in_world(error)
                if cause is None:
                    raise
                log.warning("not recording: %s", getattr(cause, "orig", cause))
                self._show(NOT_RECORDING)
                if is_damage(cause):
                    self._begin_afresh()
                self._give_up.wait(pause)
                pause = min(self._retry_last, pause * 2)
                continue
            self._written(group, results)
            return

    def _write(self, group: Sequence[tuple[Job, "Future[int]"]]) -> list[int | Exception]:
        """Write a group in one transaction. A job that is at fault itself is left out, with its error as result."""
        faults = list(self._hands.map(_fault_of, [job for job, _ in group]))
        self._before_commit()
        if self._connection is None:
            self._connection = self._database.writing()
        results: list[int | Exception] = []
        with self._connection.begin():
            for (job, _), fault in zip(group, faults, strict=True):
                if fault is not None:
                    results.append(fault)
                    continue
                try:
                    with self._connection.begin_nested():
                        results.append(job.write(self._connection))
                except (SQLAlchemyError, ValueError) as error:
                    if cause_in_world(error):
                        raise
                    results.append(error)
        return results

    def _written(self, group: Sequence[tuple[Job, "Future[int]"]], results: Sequence[int | Exception]) -> None:
        with self._changed:
            for job, _ in group:
                self._queue.popleft()
                self._bytes -= job.size
            self._changed.notify_all()
            calm = len(self._queue) < self._most_jobs // 2
        faults = [result for result in results if isinstance(result, Exception)]
        for fault in faults:
            self.refused += 1
            # Not the text of the error: it may quote the row.
            log.error("a record was refused: %s", type(getattr(fault, "orig", fault)).__name__)
        if faults:
            self._show(REFUSED)
        elif calm:
            self._show(self.good)
        for (job, future), result in zip(group, results, strict=True):
            if isinstance(result, Exception):
                future.set_exception(result)
                self._untold.append(None)
            else:
                future.set_result(result)
                self._untold.append(job)
        self._tell()

    def _tell(self) -> None:
        """Say what is saved. A listener that fails is not asked again, the others still are."""
        while self._untold:
            job = self._untold.popleft()
            try:
                if job is not None:
                    job.saved()
            finally:
                with self._changed:
                    self._done += 1
                    self._changed.notify_all()

    def _begin_afresh(self) -> None:
        """Set a database aside that turned out to be damaged while in use."""
        try:
            self._on_damage(self._database.replace(self._now()))
        except (RecordsFault, DBAPIError, OSError) as error:
            log.warning("the damaged database could not be replaced: %s", error)

    def _discard(self) -> None:
        """Let the connection go: after a failed fsync nothing it believes can be trusted."""
        if self._connection is None:
            return
        connection, self._connection = self._connection, None
        try:
            connection.invalidate()
            connection.close()
        except (SQLAlchemyError, OSError) as error:
            log.info("closing the connection: %s", type(error).__name__)


def _fault_of(job: Job) -> ValueError | None:
    """Prepare a job; return what is wrong with the job itself, and raise what is wrong with the disk."""
    try:
        job.prepare()
    except ValueError as fault:
        return fault
    return None
