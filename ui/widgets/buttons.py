"""Buttons for gloves: large, deaf for 700 ms after the layout moved, and one that wants to be held."""

from enum import Enum

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QColor, QFontMetrics, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QPushButton, QSizePolicy, QWidget
from typing_extensions import override

from patrol_anpr.domain.clock import Clock
from ui import scale, theme
from ui.models.dead_time import DeadTime
from ui.widgets.shapes import Icon, paint_icon

HOLD_SECONDS = 1.0
_TICK_MS = 33
_WAKE_MS = 60
_CENTRE = Qt.AlignmentFlag.AlignCenter


class Kind(Enum):
    """What a button is for; decides its colours."""

    PLAIN = "plain"
    CONFIRM = "confirm"
    CHOICE = "choice"
    ALARM = "alarm"


class BigButton(QPushButton):
    """A button at least 76 dp tall with a title and, below it, an optional caption.

    With a `DeadTime` it looks deaf while its window is (widgets/deaf.py). Qt gives it no keyboard focus: a space bar
    must not confirm a hit that has just come. Keys come as touches (ui/keys.py).
    """

    def __init__(
        self,
        title: str,
        *,
        kind: Kind = Kind.PLAIN,
        caption: str = "",
        icon: Icon | None = None,
        dead_time: DeadTime | None = None,
        text_size: int = 24,
        wrap: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(title, parent)
        self.kind, self.caption, self.picture = kind, caption, icon
        self._dead_time = dead_time
        self._wake = QTimer(self)
        self._wake.setSingleShot(True)
        self._wake.setInterval(_WAKE_MS)
        self._wake.timeout.connect(self.update)
        self._text_size, self._wrap = text_size, wrap
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        scale.sized(self, least_width=theme.TOUCH, least_height=theme.TOUCH)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Preferred)
        if kind is Kind.CHOICE:
            self.setCheckable(True)

    def set_caption(self, caption: str) -> None:
        """Change the line under the title."""
        self.caption = caption
        self.updateGeometry()
        self.update()

    @override
    def sizeHint(self) -> QSize:
        parts = self.text().split() if self._wrap else [self.text()]
        title = max((self._title_metrics().horizontalAdvance(part) for part in parts), default=0)
        title += 36 if self.picture else 0
        caption = self._caption_metrics().horizontalAdvance(self.caption)
        return QSize(scale.dp(max(theme.TOUCH, title + 24, caption + 24)), scale.dp(theme.TOUCH))

    @override
    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def _title_metrics(self) -> QFontMetrics:
        return QFontMetrics(theme.font(self._text_size, bold=True))

    def _caption_metrics(self) -> QFontMetrics:
        return QFontMetrics(theme.font(theme.CAPTION))

    @override
    def paintEvent(self, _event: QPaintEvent) -> None:
        with scale.painting(self) as (painter, area):
            fill, ink, edge = self._colours()
            if not self.isEnabled() or self._deaf():
                painter.setOpacity(0.45)
            painter.setPen(QPen(edge, 3) if edge is not None else Qt.PenStyle.NoPen)
            painter.setBrush(fill)
            painter.drawRoundedRect(area.adjusted(1.5, 1.5, -1.5, -1.5), theme.RADIUS, theme.RADIUS)
            if edge is not None:
                self._paint_tick(painter, area, edge)
            self._paint_progress(painter, area)
            self._paint_words(painter, area, ink)

    def _deaf(self) -> bool:
        """Whether presses are ignored now; if so, looks again soon, so that the button is seen to wake."""
        if self._dead_time is None or not self._dead_time.active:
            return False
        if not self._wake.isActive():
            self._wake.start()
        return True

    def _colours(self) -> tuple[QColor, QColor, QColor | None]:
        t = theme.tokens()
        if self.kind is Kind.CONFIRM:
            fill, ink, edge = QColor(t.confirm), QColor(t.on_confirm), None
        elif self.kind is Kind.ALARM:
            fill, ink, edge = QColor(t.alarm), QColor(t.on_alarm), None
        elif self.isChecked():
            fill, ink, edge = QColor(t.chosen), QColor(t.text), QColor(t.accent)
        else:
            fill, ink, edge = QColor(t.raised), QColor(t.text), None
        if self.isDown():
            fill = fill.darker(125) if t.name == "day" or self.kind is not Kind.PLAIN else fill.lighter(140)
        return fill, ink, edge

    def _paint_tick(self, painter: QPainter, area: QRectF, ink: QColor) -> None:
        """Mark the chosen one of several by a shape too."""
        painter.setPen(QPen(ink, 4, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin))
        x, y = area.width() - 34.0, area.height() / 2
        painter.drawPolyline([QPointF(x, y), QPointF(x + 6, y + 7), QPointF(x + 17, y - 8)])

    def _paint_progress(self, painter: QPainter, area: QRectF) -> None:
        """For buttons that show how far something has come."""

    def _places(self, area: QRectF) -> tuple[QRectF, QRectF]:
        """Where the title and the caption below it go, in dp: together in the middle of the button."""
        box = area.adjusted(8, 4, -8, -4)
        flags = _CENTRE | (Qt.TextFlag.TextWordWrap if self._wrap else 0)
        title = QRectF(self._title_metrics().boundingRect(box.toRect(), flags, self.text()))
        caption = self._caption_metrics().height() if self.caption else 0
        top = box.center().y() - (title.height() + caption) / 2
        middle = QRectF(box.x(), top, box.width(), title.height())
        return middle, QRectF(box.x(), middle.bottom(), box.width(), caption)

    def fits(self) -> bool:
        """Whether the words have room in the button as it is."""
        factor = scale.fit().factor
        area = QRectF(0, 0, self.width() / factor + 1, self.height() / factor + 1)
        title, caption = self._places(area)
        return self.width() >= self.sizeHint().width() and area.contains(title.united(caption))

    def _paint_words(self, painter: QPainter, area: QRectF, ink: QColor) -> None:
        title, caption = self._places(area)
        painter.setPen(ink)
        if self.caption:
            painter.setFont(theme.font(theme.CAPTION))
            painter.drawText(caption, _CENTRE, self.caption)
        painter.setFont(theme.font(self._text_size, bold=True))
        if self.picture is not None:
            width = self._title_metrics().horizontalAdvance(self.text())
            left = title.center().x() - (width + 36) / 2
            paint_icon(painter, QRectF(left, title.center().y() - 13, 26, 26), self.picture, ink)
            title = QRectF(left + 36, title.y(), width + 2, title.height())
        painter.drawText(title, _CENTRE | (Qt.TextFlag.TextWordWrap if self._wrap else 0), self.text())


class HoldButton(BigButton):
    """Acts only when held for one second (`held`); a shorter touch does nothing but show what is wanted.

    With `hold` off it is an ordinary button whose tap emits `held`.
    """

    held = Signal()

    def __init__(self, title: str, clock: Clock, *, caption: str = "", dead_time: DeadTime | None = None) -> None:
        super().__init__(title, caption=caption, dead_time=dead_time)
        self._clock = clock
        self._since: float | None = None
        self._epoch = -1
        self.hold = True
        self._tick = QTimer(self)
        self._tick.setInterval(_TICK_MS)
        self._tick.timeout.connect(self._look)
        self.clicked.connect(self._tapped)

    @override
    def mousePressEvent(self, event: QMouseEvent) -> None:
        super().mousePressEvent(event)
        if self.hold and self.isDown():
            self._since = self._clock.monotonic()
            self._epoch = self._dead_time.epoch if self._dead_time is not None else -1
            self._tick.start()

    @override
    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self._look()
        self._stop()
        super().mouseReleaseEvent(event)

    @property
    def progress(self) -> float:
        """How much of the second has been held, 0 to 1."""
        return 0.0 if self._since is None else min(1.0, (self._clock.monotonic() - self._since) / HOLD_SECONDS)

    @Slot()
    def _look(self) -> None:
        if self._since is None:
            return
        if (self._dead_time is not None and self._dead_time.epoch != self._epoch) or not self.isDown():
            self._stop()
        elif self.progress >= 1.0:
            self._stop()
            self.held.emit()
        self.update()

    @Slot()
    def _tapped(self) -> None:
        if not self.hold:
            self.held.emit()

    def _stop(self) -> None:
        self._since = None
        self._tick.stop()
        self.update()

    def _paint_progress(self, painter: QPainter, area: QRectF) -> None:
        if self.progress <= 0:
            return
        t = theme.tokens()
        box = area.adjusted(1, 1, -1, -1)
        painter.save()
        painter.setClipRect(QRectF(box.x(), box.y(), box.width() * self.progress, box.height()))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(t.outline))
        painter.drawRoundedRect(box, theme.RADIUS, theme.RADIUS)
        painter.restore()
