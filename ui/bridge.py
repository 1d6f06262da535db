"""Where other threads meet the window: what they report becomes queued signals, delivered on the GUI thread."""

import logging
from concurrent.futures import Future
from typing import Any

from PySide6.QtCore import QObject, Signal

from patrol_anpr.domain.errors import KnownError
from patrol_anpr.domain.events import Event
from ui.text import Say, say

log = logging.getLogger(__name__)


class Bridge(QObject):
    """Emits on whatever thread calls it; connect with Qt.QueuedConnection to slots only.

    It has no Qt parent, so that a late caller never meets an object Qt has already destroyed.
    """

    happened = Signal(object)
    signed_on = Signal(object)
    synced = Signal(bool)
    uploaded = Signal(int)
    failed = Signal(str)

    def listen(self, event: Event) -> None:
        """Take an event of the engine."""
        self.happened.emit(event)

    def sign_on_done(self, future: "Future[Any]") -> None:
        """Take the session of a sign-on."""
        self._settle(future, self.signed_on)

    def sync_done(self, future: "Future[Any]") -> None:
        """Take the end of a download."""
        self._settle(future, self.synced)

    def upload_done(self, future: "Future[Any]") -> None:
        """Take the end of an upload."""
        self._settle(future, self.uploaded)

    def _settle(self, future: "Future[Any]", signal: Any) -> None:
        if future.cancelled():
            return
        error = future.exception()
        if error is None:
            signal.emit(future.result())
        elif isinstance(error, KnownError):
            self.failed.emit(str(error))
        else:
            log.error("work behind the window failed", exc_info=error)
            self.failed.emit(say(Say.FAULT))
