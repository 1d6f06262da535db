"""The thick ring around what has the keyboard's focus, over whatever that is."""

import shiboken6
from PySide6.QtCore import QPoint, QRect, QRectF, Qt, QTimer, Slot
from PySide6.QtGui import QColor, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractItemView, QWidget
from typing_extensions import override

from ui import scale, theme

WIDTH = 4
"""dp; a line of half of it in the ground's colour inside sets it off from any fill."""
_FOLLOW_MS = 120


class FocusRing(QWidget):
    """Lies over its target and lets touches through; it follows while the target moves, and goes when that goes."""

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self.target: QWidget | None = None
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.hide()
        self._timer = QTimer(self)
        self._timer.setInterval(_FOLLOW_MS)
        self._timer.timeout.connect(self._follow)

    def show_around(self, target: QWidget | None) -> None:
        """Go around a widget; None: nothing has the focus."""
        self.target = target
        if target is None:
            self._timer.stop()
            self.hide()
            return
        self._follow()
        self._timer.start()

    @Slot()
    def _follow(self) -> None:
        target = self.target
        if target is None or not shiboken6.isValid(target) or not (target.isVisible() and target.isEnabled()):
            self.show_around(None)
            return
        inner = target.rect()
        if isinstance(target, QAbstractItemView) and target.currentIndex().isValid():
            inner = target.visualRect(target.currentIndex()).intersected(target.viewport().rect())
        place = QRect(target.mapTo(self.window(), QPoint(0, 0)) + inner.topLeft(), inner.size())
        self.setGeometry(place.intersected(self.window().rect()))
        self.raise_()
        self.show()

    @override
    def paintEvent(self, _event: QPaintEvent) -> None:
        t = theme.tokens()
        with scale.painting(self) as (painter, area):
            painter.setBrush(Qt.BrushStyle.NoBrush)
            for ink, width, inset in ((t.text, WIDTH, WIDTH / 2), (t.background, WIDTH / 2, WIDTH * 1.25)):
                painter.setPen(QPen(QColor(ink), width))
                painter.drawRoundedRect(QRectF(area).adjusted(inset, inset, -inset, -inset), theme.RADIUS, theme.RADIUS)
