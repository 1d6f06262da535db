"""What the depot is asked for before and after a shift, and the screen that shows how far it has come.

Nobody waits for it: whoever leaves the screen leaves the job behind, which ends by itself. The screen shows the last
job only.
"""

from collections.abc import Callable
from concurrent.futures import Future
from functools import partial
from typing import Any

from PySide6.QtCore import QObject, Qt, Signal, Slot

from patrol_anpr.domain.events import SyncProgress, Uploaded
from patrol_anpr.domain.hotlist import ListDoubt
from patrol_anpr.domain.stick import PutOnStick, TakenFromStick
from patrol_anpr.patrol.window_ports import Patrolling
from ui.bridge import Bridge
from ui.screens.sync import SyncScreen


class DepotFlow(QObject):
    """Downloads and uploads, one at a time on the screen.

    `shown` is emitted when the screen wants to be seen, `fetched` when its download has brought every list, `went_on`
    and `closed` when the officer leaves it, `brought` when a download that was left behind ends: True with every list.
    """

    shown = Signal(str)
    fetched = Signal()
    went_on = Signal()
    closed = Signal()
    brought = Signal(bool)

    def __init__(self, patrol: Patrolling, screen: SyncScreen, bridge: Bridge, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._patrol, self._screen, self._bridge = patrol, screen, bridge
        self._job, self._unfinished = 0, set[int]()
        self._uploads, self._signed_on = False, False
        self.up_to_date = False
        self._repeat: Callable[[], None] = self._again
        queued = Qt.ConnectionType.QueuedConnection
        bridge.synced.connect(self._synced, queued)
        bridge.uploaded.connect(self._uploaded, queued)
        bridge.failed.connect(self._failed, queued)
        bridge.put_on_stick.connect(self._put, queued)
        bridge.taken_off_stick.connect(self._taken, queued)
        screen.again.connect(self._again)
        screen.accepted.connect(self._accept)
        screen.went_on.connect(self.go_on)
        screen.closed.connect(self._close)

    @property
    def is_watched(self) -> bool:
        """Whether the screen is the one that is shown."""
        return not self._screen.isHidden()

    def download(self, *, signed_on: bool) -> None:
        """Have roster and lists fetched; once `signed_on`, the patrol can go on without them."""
        self._uploads, self._signed_on = False, signed_on
        self._begin(self._patrol.start_sync, self._bridge.sync_done)

    def upload(self, upload: "Future[int]") -> None:
        """Show an upload that has begun."""
        self._uploads, self._signed_on = True, False
        self._begin(lambda: upload, self._bridge.upload_done)

    def by_stick(
        self, start: Callable[[], "Future[Any]"], done: Callable[[int, "Future[Any]"], None], heading: str
    ) -> None:
        """Show what goes by a stick, in the place of the download or upload that did not go through."""
        self._begin(start, done, heading)
        self._repeat = partial(self.by_stick, start, done, heading)

    def tell(self, event: SyncProgress | Uploaded) -> None:
        """Take word of a job, or of records that went by themselves."""
        if isinstance(event, SyncProgress):
            self.progress(event)
        else:
            self.sent_by_itself(event.waiting)

    def progress(self, event: SyncProgress) -> None:
        """Show how far the job has come; progress of one that was left behind is nobody's any more."""
        if not any(job < self._job for job in self._unfinished):
            self._screen.progress(event)

    def sent_by_itself(self, waiting: int) -> None:
        """Records went without a tap: whoever looks at what an upload left waiting sees how many do now."""
        if self._uploads and self.is_watched and not self._unfinished:
            self._screen.ended_upload(waiting, self._patrol.parked())

    @Slot()
    def go_on(self) -> None:
        """The officer does not wait: the job ends by itself, and what it brings is used."""
        self._job += 1
        self.went_on.emit()

    @Slot()
    def _close(self) -> None:
        self._job += 1
        self.closed.emit()

    @Slot()
    def _again(self) -> None:
        if self._uploads:
            self._begin(self._patrol.start_upload, self._bridge.upload_done)
        else:
            self.download(signed_on=self._signed_on)

    @Slot(object)
    def _accept(self, doubt: ListDoubt) -> None:
        self._patrol.accept_list(doubt)
        self._repeat()  # from where the list came

    def _begin(
        self, start: Callable[[], "Future[Any]"], done: Callable[[int, "Future[Any]"], None], heading: str = ""
    ) -> None:
        self._job += 1
        self._unfinished.add(self._job)
        self.up_to_date = False
        self._repeat = self._again
        self._screen.begin(upload=self._uploads, signed_on=self._signed_on, heading=heading)
        self.shown.emit("sync")
        _asked(start).add_done_callback(partial(done, self._job))

    def _is_current(self, job: int) -> bool:
        """Note that a job has ended; whether the screen still shows that one."""
        self._unfinished.discard(job)
        return job == self._job

    @Slot(int, bool)
    def _synced(self, job: int, up_to_date: bool) -> None:
        if not self._is_current(job):
            self.brought.emit(up_to_date)
            return
        self.up_to_date = up_to_date
        self._screen.ended_download(up_to_date=up_to_date)
        if up_to_date:
            self.fetched.emit()

    @Slot(int, int)
    def _uploaded(self, job: int, waiting: int) -> None:
        if self._is_current(job):
            self._screen.ended_upload(waiting, self._patrol.parked())

    @Slot(int, object)
    def _put(self, job: int, put: PutOnStick) -> None:
        if self._is_current(job):
            self._screen.ended_put(put)

    @Slot(int, object)
    def _taken(self, job: int, taken: TakenFromStick) -> None:
        if self._uploads:
            self._uploaded(job, taken.waiting)
        else:
            self._synced(job, taken.up_to_date)

    @Slot(int, str)
    def _failed(self, job: int, sentence: str) -> None:
        if self._is_current(job):
            self._screen.failed(sentence)


def _asked(start: Callable[[], "Future[Any]"]) -> "Future[Any]":
    """What `start` begins; where it cannot even begin, a Future that says why: nobody may be left without a button."""
    try:
        return start()
    except Exception as error:  # noqa: BLE001  whatever it was, it is told as the end of the job
        failed: Future[Any] = Future()
        failed.set_exception(error)
        return failed
