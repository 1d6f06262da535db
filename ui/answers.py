"""Where the end of a Future meets a screen: on the GUI thread, and only while the screen is there and still asks."""

from collections.abc import Callable
from concurrent.futures import Future
from typing import Any

from PySide6.QtCore import QObject, Qt, Signal, Slot
from shiboken6 import isValid

from ui.bridge import settle


class Answers(QObject):
    """What one screen waits for. It has no Qt parent: a late answer never meets an object Qt has already destroyed."""

    _came = Signal(object)

    def __init__(self, screen: QObject) -> None:
        super().__init__()
        self._screen = screen
        self._asking = 0
        self._came.connect(self._tell, Qt.ConnectionType.QueuedConnection)

    def wait_for(self, future: "Future[Any]", tell: Callable[[Any], None], refuse: Callable[[str], None]) -> None:
        """Call `tell` with what comes of a Future, or `refuse` with a sentence, on the GUI thread."""
        asking = self._asking

        def come(done: "Future[Any]") -> None:
            self._came.emit((asking, lambda: settle(done, tell, refuse)))

        future.add_done_callback(come)

    def forget(self) -> None:
        """Nobody asks any more: what was asked until now is not told."""
        self._asking += 1

    @Slot(object)
    def _tell(self, answer: tuple[int, Callable[[], None]]) -> None:
        asking, tell = answer
        if asking == self._asking and isValid(self._screen):
            tell()
