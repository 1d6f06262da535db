"""Where other threads meet the window: what they report becomes queued signals, delivered on the GUI thread."""

import logging
from collections.abc import Callable
from concurrent.futures import Future
from functools import partial
from typing import Any

from PySide6.QtCore import QObject, Signal

from patrol_anpr.domain.errors import KnownError
from patrol_anpr.domain.events import Event
from ui.text import Say, say, told

log = logging.getLogger(__name__)


class Bridge(QObject):
    """Emits on whatever thread calls it; connect with Qt.QueuedConnection to slots only.

    It has no Qt parent, so that a late caller never meets an object Qt has already destroyed.
    """

    happened = Signal(object)
    signed_on = Signal(object)
    refused = Signal(str)
    synced = Signal(int, bool)
    uploaded = Signal(int, int)
    failed = Signal(int, str)
    put_on_stick = Signal(int, object)
    taken_off_stick = Signal(int, object)
    rig_unkept = Signal(str)
    swapped = Signal()
    not_kept = Signal(str)
    unlocked = Signal()
    stays_locked = Signal(str)

    def listen(self, event: Event) -> None:
        """Take an event of the engine."""
        self.happened.emit(event)

    def sign_on_done(self, future: "Future[Any]") -> None:
        """Take the session of a sign-on, or why there is none."""
        settle(future, self.signed_on.emit, self.refused.emit)

    def sync_done(self, job: int, future: "Future[Any]") -> None:
        """Take the end of a download; `job` tells which one, for it may have been left behind."""
        settle(future, partial(self.synced.emit, job), partial(self.failed.emit, job))

    def upload_done(self, job: int, future: "Future[Any]") -> None:
        """Take the end of an upload, likewise."""
        settle(future, partial(self.uploaded.emit, job), partial(self.failed.emit, job))

    def put_done(self, job: int, future: "Future[Any]") -> None:
        """Take the end of putting records on a stick, likewise."""
        settle(future, partial(self.put_on_stick.emit, job), partial(self.failed.emit, job))

    def taken_done(self, job: int, future: "Future[Any]") -> None:
        """Take the end of reading a stick, likewise."""
        settle(future, partial(self.taken_off_stick.emit, job), partial(self.failed.emit, job))

    def swap_done(self, future: "Future[Any]") -> None:
        """Take the end of a swap of two cameras, and what of it could not be kept."""
        self.rig_done(future)
        self.swapped.emit()

    def rig_done(self, future: "Future[Any]") -> None:
        """Take what of a camera's new set-up could not be kept; that it was is not told."""
        settle(future, lambda _: None, self.rig_unkept.emit)

    def choice_done(self, future: "Future[Any]") -> None:
        """Take word that a choice is kept, or why it is not."""
        settle(future, lambda _: None, self.not_kept.emit)

    def unlock_done(self, future: "Future[Any]") -> None:
        """Take word that the lock is open, or why it is not."""
        settle(future, lambda _: self.unlocked.emit(), self.stays_locked.emit)


def settle(future: "Future[Any]", tell: Callable[[Any], None], fail: Callable[[str], None]) -> None:
    """Tell what came of a Future that has ended, or fail with a sentence for the officer."""
    if future.cancelled():
        fail(say(Say.BROKEN_OFF))
    elif (error := future.exception()) is None:
        tell(future.result())
    elif isinstance(error, KnownError):
        fail(told(error))
    else:
        log.error("work behind the window failed", exc_info=error)
        fail(say(Say.FAULT))
