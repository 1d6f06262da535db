"""A USB stick in place of the line: looking for sticks, putting records on one, taking the depot's answer off one."""

import logging
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

from patrol_anpr.domain.errors import DepotFault
from patrol_anpr.domain.events import Event
from patrol_anpr.domain.hotlist import ListDoubt
from patrol_anpr.domain.stick import PutOnStick, Stick, TakenFromStick
from patrol_anpr.patrol.depot_jobs import FLUSH_SECONDS, DepotJobs
from patrol_anpr.patrol.ports import Recording, StickRoad

log = logging.getLogger(__name__)

NO_ROAD = "This car is not enrolled at a depot, so no stick can be written for it. Ask IT."


class Sticks:
    """What the window asks for. Calls return at once.

    A stick that hangs must hold up no sync, so it is written on a thread of its own. It is read on the depot link's, in
    its turn: both take receipts and lists.
    """

    def __init__(
        self,
        road: StickRoad | None,
        recording: Recording,
        depot_jobs: DepotJobs,
        publish: Callable[[Event], None],
        synced: Callable[[bool], None],
        officer: Callable[[], str],
    ) -> None:
        self._road, self._recording, self._depot_jobs = road, recording, depot_jobs
        self._publish, self._synced, self._officer = publish, synced, officer
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="usb-stick")

    @property
    def can_be_used(self) -> bool:
        """Whether this car has a depot that a stick could go to."""
        return self._road is not None

    def plugged_in(self) -> "Future[Sequence[Stick]]":
        """The sticks and cards that are plugged in."""
        return self._thread.submit(lambda: self._known().sticks())

    def put(self, folder: Path) -> "Future[PutOnStick]":
        """Put what the depot does not hold on the stick at `folder`; nothing leaves the car."""
        return self._thread.submit(self._put, folder)

    def take(self, folder: Path) -> "Future[TakenFromStick]":
        """Take receipts and lists off the stick at `folder`."""
        return self._depot_jobs.ask(lambda: self._take(folder))

    def accept_list(self, doubt: ListDoubt) -> None:
        """Have the next stick put this list in force."""
        if self._road is not None:
            self._road.accept_list(doubt.list_id, doubt.revision)

    def close(self) -> None:
        """Wait for what is under way; what has not begun is dropped."""
        self._thread.shutdown(wait=True, cancel_futures=True)

    def _put(self, folder: Path) -> PutOnStick:
        self._recording.flush(FLUSH_SECONDS)
        put = self._known().put(folder, self._publish)
        said = f"{put.records} records and {put.shifts} closed shifts, sealed to the depot"
        self._recording.audit(self._officer(), "stick.put", "", said)
        return put

    def _take(self, folder: Path) -> TakenFromStick:
        taken = self._known().take(folder, self._publish)
        self._recording.audit(self._officer(), "stick.taken", "", f"receipts for {taken.settled} records")
        self._synced(taken.up_to_date)
        if taken.proven_at is not None:
            self._depot_jobs.erase_by_stick(taken.proven_at)
        return taken

    def _known(self) -> StickRoad:
        if self._road is None:
            raise DepotFault(NO_ROAD)
        return self._road
