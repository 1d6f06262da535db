"""A window that hears no touch while its dead time lasts, whatever the touch would land on."""

from PySide6.QtCore import QEvent, QObject
from PySide6.QtWidgets import QAbstractButton, QApplication, QWidget
from typing_extensions import override

from ui.models.dead_time import DeadTime

_PRESSES = (QEvent.Type.MouseButtonPress, QEvent.Type.MouseButtonDblClick)
_RELEASE = QEvent.Type.MouseButtonRelease
_KEYS = (QEvent.Type.KeyPress, QEvent.Type.Shortcut)


class DeafWindow(QObject):
    """Takes touches and keys away from every widget of `window` while its dead time is active.

    A touch that began before the last change may not end after it: the press is forgotten.
    """

    def __init__(self, window: QWidget, dead_time: DeadTime) -> None:
        super().__init__(window)
        self._window, self._dead_time = window, dead_time
        self._pressed_in: int | None = None
        application = QApplication.instance()
        assert application is not None
        application.installEventFilter(self)

    @override
    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        kind = event.type()
        if kind not in _PRESSES and kind != _RELEASE and kind not in _KEYS:
            return False
        if not isinstance(watched, QWidget) or watched.window() is not self._window:
            return False
        if kind == _RELEASE:
            return self._forget(watched)
        if self._dead_time.active:
            self._pressed_in = None
            return True
        if kind in _PRESSES:
            self._pressed_in = self._dead_time.epoch
        return False

    def _forget(self, watched: QWidget) -> bool:
        if self._pressed_in == self._dead_time.epoch:
            return False
        if isinstance(watched, QAbstractButton):
            watched.setDown(False)
        return True
