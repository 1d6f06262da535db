"""What the car asks of the depot: lists before the shift, records after it; one by one, on a thread of its own."""

import logging
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from datetime import datetime, timedelta
from typing import TypeVar

from patrol_anpr.domain.clock import Clock
from patrol_anpr.domain.errors import DepotFault, KnownError
from patrol_anpr.domain.events import Event, SyncProgress
from patrol_anpr.domain.hotlist import ListDoubt
from patrol_anpr.patrol.ports import DepotLink, Recording

log = logging.getLogger(__name__)

T = TypeVar("T")

NO_DEPOT = "No depot is set up for this car. The records stay here."
STICK_LASTS = timedelta(days=1)
"""A stick is believed for so long in what it says of time: as long as the depot's signature of its lists lives."""
SLACK = timedelta(minutes=10)
"""By so much the clocks of car and depot may be apart."""
FLUSH_SECONDS = 10.0
"""How long an upload waits for what is still being written; what is not written by then goes next time."""


class DepotJobs:
    """Syncs and uploads, in the order they were asked for. `depot_link` is None in a car without a depot."""

    def __init__(
        self,
        depot_link: DepotLink | None,
        recording: Recording,
        clock: Clock,
        publish: Callable[[Event], None],
        *,
        keep_days: float,
    ) -> None:
        self._link, self._recording, self._clock, self._publish = depot_link, recording, clock, publish
        self._keep_days = keep_days
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="depot-link")
        self._lock = threading.Lock()
        self._awaited = 0  # jobs that somebody waits for and that have not begun
        self._to_send = 0  # sendings that nobody waits for and that have not begun
        self._models_queued = False

    def start_sync(self, ended: Callable[[bool], None]) -> "Future[bool]":
        """Fetch roster and lists. `ended` is called on the depot link's thread, before old records are erased.

        It, and the result, are True when all lists are up to date.
        """
        return self.ask(lambda: self._download(ended))

    def accept_list(self, doubt: ListDoubt) -> None:
        """Have the next sync put this list in force."""
        if self._link is not None:
            self._link.accept_list(doubt.list_id, doubt.revision)

    def start_upload(self) -> "Future[int]":
        """Send what the depot does not hold yet. The result: how many records still wait."""
        return self.ask(self._upload)

    def send_in_background(self) -> int:
        """Send, giving way to whoever waits for the depot; return how many records still wait. Blocks."""
        if self._link is None:
            return self._recording.waiting()
        with self._lock:
            self._to_send += 1
        return self._thread.submit(self._send_quietly, self._link).result()

    def look_for_lists(self) -> str:
        """Put in force what changed of the lists and is quick to fetch; return what was not taken and why, or "".

        Blocks: an upload that nobody waits for gives way first. Raises KnownError where the depot cannot be asked.
        """
        link = self._link
        if link is None:
            raise DepotFault(NO_DEPOT)
        return self.ask(link.look_for_lists).result()

    def ask(self, job: Callable[[], T]) -> "Future[T]":
        """Run a job that somebody waits for, in its turn: an upload that nobody waits for gives way first."""
        with self._lock:
            self._awaited += 1
        return self._thread.submit(self._begin, job)

    def erase_by_stick(self, at: datetime) -> None:
        """Begin to erase what the depot had held long enough when it wrote a stick at `at`, by its own clock.

        That is some hours ago: with more than a day between them, one of the two clocks is wrong and nothing is erased.
        """
        if at - SLACK <= self._clock.utc() <= at + STICK_LASTS:
            self._erase(at, at)

    def close(self) -> None:
        """Wait for the job under way; those not begun are dropped."""
        self._thread.shutdown(wait=True, cancel_futures=True)

    def _begin(self, job: Callable[[], T]) -> T:
        with self._lock:
            self._awaited -= 1
        return job()

    def _is_awaited(self) -> bool:
        with self._lock:
            return self._awaited > 0

    def _is_wanted(self) -> bool:
        """Whether anything waits for the depot: models, which take minutes, hold up no hit."""
        with self._lock:
            return self._awaited > 0 or self._to_send > 0

    def _send_quietly(self, link: DepotLink) -> int:
        with self._lock:
            self._to_send -= 1
        try:
            waiting = link.upload_quietly(self._is_awaited)
        except KnownError:  # nobody asked: the next try may do, and whoever asks is told
            waiting = self._recording.waiting()
        if link.proven_time is not None:
            self._purge(link.proven_time)
            self._fetch_models()
        return waiting

    def _fetch_models(self) -> None:
        """Have the models fetched that the depot signed, once nobody waits for the depot any more."""
        with self._lock:
            if self._models_queued:
                return
            self._models_queued = True
        with suppress(RuntimeError):  # the program ends
            self._thread.submit(self._fetch_models_quietly)

    def _fetch_models_quietly(self) -> None:
        with self._lock:
            self._models_queued = False
        if self._link is None:
            return
        try:
            done = self._link.fetch_models(self._is_wanted)
        except KnownError as fault:  # the next sync tries again
            log.warning("models were not fetched: %s", type(fault).__name__)
        else:
            if not done:
                self._fetch_models()  # behind whoever waited

    def _download(self, ended: Callable[[bool], None]) -> bool:
        link = self._link
        if link is None:
            self._publish(SyncProgress("Lists", 0, 0, finished=True, problem=NO_DEPOT))
            return False
        try:
            up_to_date = link.download(self._publish)
        except KnownError:  # the link has told it as the problem of its last progress
            up_to_date = False
        ended(up_to_date)
        self._fetch_models()
        return up_to_date

    def _purge(self, depot_now: datetime) -> None:
        """Begin to erase what the depot has held long enough; nobody waits for it. On a full disk it makes room.

        Only right after an upload, which asked the depot what it holds: it may have been restored since the last.
        """
        self._erase(self._clock.utc(), depot_now)

    def _erase(self, now: datetime, depot_now: datetime) -> None:
        try:
            self._recording.purge(now, depot_now, keep_days=self._keep_days)
        except KnownError as fault:
            log.warning("nothing erased: %s", type(fault).__name__)

    def _upload(self) -> int:
        if self._link is None:
            waiting = self._recording.waiting()
            problem = NO_DEPOT if waiting else ""
            self._publish(SyncProgress("Records", 0, waiting, finished=True, problem=problem))
            return waiting
        self._recording.flush(FLUSH_SECONDS)
        try:
            waiting = self._link.upload(self._publish)
        except KnownError:  # told, as above
            waiting = self._recording.waiting()
        if self._link.proven_time is not None:
            self._purge(self._link.proven_time)
        return waiting
