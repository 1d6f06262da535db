"""Locking the screen: by the officer, by itself when nobody touches it, and opening it again."""

from PySide6.QtCore import QEvent, QObject, Qt, Signal, Slot
from PySide6.QtWidgets import QApplication
from typing_extensions import override

from patrol_anpr.patrol.window_ports import Patrolling
from ui.bridge import Bridge
from ui.hit_flow import HitFlow
from ui.screens.lock import LockScreen
from ui.view_flow import ViewFlow

_TOUCHES = (QEvent.Type.MouseButtonPress, QEvent.Type.TouchBegin, QEvent.Type.KeyPress)


class LockFlow(QObject):
    """Ties the lock to its screen. `lock_after` in seconds without a touch while the car stands; 0: never by itself.

    `shown` asks for a page.
    """

    shown = Signal(str)

    def __init__(
        self,
        patrol: Patrolling,
        screen: LockScreen,
        views: ViewFlow,
        hits: HitFlow,
        bridge: Bridge,
        lock_after: float,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._patrol, self._screen, self._views, self._hits = patrol, screen, views, hits
        self._bridge, self._lock_after = bridge, lock_after
        self._touched_at = patrol.clock.monotonic()
        queued = Qt.ConnectionType.QueuedConnection
        bridge.unlocked.connect(self._open, queued)
        bridge.stays_locked.connect(screen.show_problem, queued)
        screen.unlock_wanted.connect(self._unlock)
        hits.changed.connect(self._show_sign)
        views.locked.connect(self._locked)
        application = QApplication.instance()
        assert application is not None
        application.installEventFilter(self)

    def tick(self) -> None:
        """Once a second: lock a screen that nobody has touched for long, in a car that stands with an officer on."""
        now, moving = self._patrol.clock.monotonic(), self._patrol.moving()
        self._screen.show_driving(driving=self._views.is_alone and moving is True)
        if moving is not False or self._patrol.shift is None:
            self._touched_at = now
        elif self._lock_after and now - self._touched_at >= self._lock_after and not self._patrol.lock.is_locked:
            self.shown.emit("lock")

    @Slot()
    def _locked(self) -> None:
        self._screen.begin()
        self._show_sign()

    @Slot()
    def _show_sign(self) -> None:
        sign = self._hits.queue.sign
        self._screen.show_sign(sign.hit if sign else None)

    @Slot(str)
    def _unlock(self, pin: str) -> None:
        self._patrol.lock.unlock(pin).add_done_callback(self._bridge.unlock_done)

    @Slot()
    def _open(self) -> None:
        self._touched_at = self._patrol.clock.monotonic()
        self._views.unlocked()

    @override
    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() in _TOUCHES:
            self._touched_at = self._patrol.clock.monotonic()
        return False
