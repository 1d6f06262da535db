"""UNDO for ten seconds, always in the same place."""

from PySide6.QtCore import QRectF, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QWidget
from typing_extensions import override

from patrol_anpr.domain.clock import Clock
from patrol_anpr.domain.hit import Hit
from ui import theme
from ui.text import Say, say
from ui.widgets.buttons import BigButton
from ui.widgets.plate_label import paint_plate

UNDO_SECONDS = 10.0


class UndoBar(QWidget):
    """Says what was just decided about which VRM, and takes it back on a tap."""

    undone = Signal(str)

    def __init__(self, clock: Clock, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._clock = clock
        self._hit: Hit | None = None
        self._words = ""
        self._until = 0.0
        self.button = BigButton(say(Say.UNDO), text_size=22)
        self.button.setObjectName("undo")
        self.button.clicked.connect(self._undo)
        self.button.setFixedWidth(128)
        row = QHBoxLayout(self)
        row.setContentsMargins(8, 8, 8, 8)
        row.addStretch(1)
        row.addWidget(self.button)
        self.setFixedHeight(theme.TOUCH + 16)
        self._timer = QTimer(self)
        self._timer.setInterval(100)
        self._timer.timeout.connect(self._look)
        self.hide()

    def offer(self, hit: Hit, words: str) -> None:
        """Offer to take back what was decided about `hit`; `words` say what that was."""
        self._hit, self._words = hit, words
        self._until = self._clock.monotonic() + UNDO_SECONDS
        self.setAccessibleName(words)
        self._timer.start()
        self._look()
        self.show()

    def withdraw(self) -> None:
        """Offer nothing any more."""
        self._hit = None
        self._timer.stop()
        self.hide()

    @Slot()
    def _look(self) -> None:
        left = self._until - self._clock.monotonic()
        if left <= 0:
            self.withdraw()
            return
        self.button.set_caption(f"{left:.0f} s")
        self.update()

    @Slot()
    def _undo(self) -> None:
        if self._hit is not None and self._clock.monotonic() < self._until:
            hit_id = self._hit.hit_id
            self.withdraw()
            self.undone.emit(hit_id)

    @override
    def paintEvent(self, _event: QPaintEvent) -> None:
        if self._hit is None:
            return
        t = theme.tokens()
        share = max(0.0, (self._until - self._clock.monotonic()) / UNDO_SECONDS)
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(t.surface))
            box = QRectF(self.rect())
            painter.drawRoundedRect(box, theme.RADIUS, theme.RADIUS)
            painter.setBrush(QColor(t.accent))
            painter.drawRect(QRectF(theme.RADIUS, 0, (box.width() - 2 * theme.RADIUS) * share, 3))
            painter.setPen(QColor(t.text))
            painter.setFont(theme.font(18, bold=True))
            painter.drawText(QRectF(14, 12, box.width() - 160, 26), Qt.AlignmentFlag.AlignLeft, self._words)
            paint_plate(painter, 14, 44, 34, self._hit.match.voi.vrm, self._hit.read.colour)
