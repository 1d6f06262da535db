"""One camera's shift as a strip: what was usable is solid, what was blind is hatched, what nobody watched is empty."""

from collections.abc import Sequence
from datetime import datetime

from PySide6.QtCore import QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QBrush, QColor, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget
from typing_extensions import override

from patrol_anpr.domain.coverage import Bar, CoverageMinute, bars, count
from ui import scale, theme
from ui.camera_text import bar_words, count_words
from ui.text import Say, camera_word, clock_time, say

_BAR = 7
"""dp: the least width of a bar."""
ALL_USABLE = 0.95
"""Share of a bar from which it is not worth asking why it was not all of it."""
TOUCH_KEYS = (Qt.Key.Key_Space, Qt.Key.Key_Return, Qt.Key.Key_Enter)
_WORDS = 22
_HEIGHT = theme.TOUCH


class CoverageStrip(QWidget):
    """From the start of the shift to now. A tap on a bar chooses it: `chosen` carries what it says.

    A key goes from one bar that was not usable throughout to the next.
    """

    chosen = Signal(str)

    def __init__(self, camera_id: str) -> None:
        super().__init__()
        self.camera_id = camera_id
        self.bars: Sequence[Bar] = ()
        self._counted = ""
        self._minutes: tuple[Sequence[CoverageMinute], datetime, datetime] | None = None
        self._at: datetime | None = None
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        scale.sized(self, height=_HEIGHT, least_width=200)

    def show_minutes(self, minutes: Sequence[CoverageMinute], begin: datetime, now: datetime) -> None:
        """Show these minutes of this camera, of a shift that began at `begin`."""
        self._minutes = minutes, begin, now
        area = self._area(QRectF(0, 0, self.width() / scale.fit().factor, _HEIGHT))
        self._counted = count_words(count(minutes))
        self.bars = bars(minutes, begin, now, max(1, int(area.width() // _BAR)))
        self.setAccessibleName(f"{camera_word(self.camera_id)}: {self._counted}. {self.words}")
        self.update()

    @property
    def words(self) -> str:
        """What the chosen bar says; of none, the newest."""
        found = [bar for bar in self.bars if self._at is not None and bar.begin <= self._at < bar.end]
        shown = found or list(self.bars[-1:])
        return bar_words(self.camera_id, shown[0]) if shown else ""

    def forget(self) -> None:
        """Choose none: one of another strip was chosen."""
        self._at = None
        self.update()

    @override
    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        area = self._area(QRectF(0, 0, self.width() / scale.fit().factor, _HEIGHT))
        place = int((event.position().x() / scale.fit().factor - area.x()) / area.width() * len(self.bars))
        if self.bars and self.rect().contains(event.position().toPoint()):
            self._choose(self.bars[min(max(0, place), len(self.bars) - 1)])

    @override
    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() not in TOUCH_KEYS:
            super().keyPressEvent(event)
            return
        wanting = [bar for bar in self.bars if bar.usable < ALL_USABLE] or list(self.bars)
        later = [bar for bar in wanting if self._at is None or bar.begin > self._at]
        if wanting:
            self._choose((later or wanting)[0])

    def _choose(self, bar: Bar) -> None:
        self._at = bar.begin
        self.update()
        self.setAccessibleName(self.words)
        self.chosen.emit(self.words)

    def _area(self, room: QRectF) -> QRectF:
        return room.adjusted(1, 4, -1, -_WORDS)

    @override
    def paintEvent(self, _event: QPaintEvent) -> None:
        t = theme.tokens()
        with scale.painting(self) as (painter, room):
            area = self._area(room)
            painter.setPen(QPen(QColor(t.outline), 1))
            painter.drawRect(area)
            wide = area.width() / max(1, len(self.bars))
            painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)  # between two bars no seam is seen
            for place, bar in enumerate(self.bars):
                paint_bar(painter, QRectF(area.x() + place * wide, area.y(), wide, area.height()), bar)
                if self._at is not None and bar.begin <= self._at < bar.end:
                    painter.setBrush(Qt.BrushStyle.NoBrush)
                    painter.setPen(QPen(QColor(t.accent), 3))
                    painter.drawRect(QRectF(area.x() + place * wide, 2, max(wide, 4), area.height() + 4))
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            self._paint_times(painter, QRectF(area.x(), area.bottom() + 2, area.width(), _WORDS - 2))

    def _paint_times(self, painter: QPainter, room: QRectF) -> None:
        if self._minutes is None:
            return
        _, begin, now = self._minutes
        painter.setPen(QColor(theme.tokens().muted))
        painter.setFont(theme.font(theme.CAPTION))
        middle = Qt.AlignmentFlag.AlignVCenter
        painter.drawText(room, middle | Qt.AlignmentFlag.AlignLeft, clock_time(begin))
        painter.drawText(room, middle | Qt.AlignmentFlag.AlignHCenter, self._counted)
        painter.drawText(room, middle | Qt.AlignmentFlag.AlignRight, clock_time(now))


def paint_bar(painter: QPainter, box: QRectF, bar: Bar) -> None:
    """The usable share solid from the bottom, the blind share hatched above it, the rest empty."""
    t = theme.tokens()
    painter.setPen(Qt.PenStyle.NoPen)
    solid, hatched = bar.usable * box.height(), bar.blind * box.height()
    if solid:
        painter.fillRect(QRectF(box.x(), box.bottom() - solid, box.width(), solid), QColor(t.good))
    if hatched:
        paint_blind(painter, QRectF(box.x(), box.bottom() - solid - hatched, box.width(), hatched))


def paint_blind(painter: QPainter, box: QRectF) -> None:
    """The hatching of what was blind."""
    t = theme.tokens()
    painter.fillRect(box, QColor(t.raised))
    painter.fillRect(box, QBrush(QColor(t.bad), Qt.BrushStyle.BDiagPattern))
    painter.setPen(QPen(QColor(t.bad), 1.5))
    painter.drawLine(QPointF(box.left(), box.top()), QPointF(box.right(), box.top()))


class CoverageLegend(QWidget):
    """What solid, hatched and empty mean."""

    _SAMPLE, _ROW = 18, 26

    def __init__(self) -> None:
        super().__init__()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        scale.sized(self, height=self._ROW)
        self.setAccessibleName(", ".join(say(words) for words in (Say.COULD_READ, Say.BLIND, Say.NOT_WATCHED)))

    @override
    def paintEvent(self, _event: QPaintEvent) -> None:
        t = theme.tokens()
        with scale.painting(self) as (painter, area):
            painter.setFont(theme.font(theme.CAPTION))
            x = 1.0
            for words in (Say.COULD_READ, Say.BLIND, Say.NOT_WATCHED):
                box = QRectF(x, (area.height() - self._SAMPLE) / 2, self._SAMPLE, self._SAMPLE)
                if words is Say.COULD_READ:
                    painter.fillRect(box, QColor(t.good))
                elif words is Say.BLIND:
                    paint_blind(painter, box)
                painter.setBrush(Qt.BrushStyle.NoBrush)
                painter.setPen(QPen(QColor(t.outline), 1))
                painter.drawRect(box)
                painter.setPen(QColor(t.text))
                wide = painter.fontMetrics().horizontalAdvance(say(words))
                left = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
                painter.drawText(QRectF(box.right() + 8, 0, wide + 4, area.height()), left, say(words))
                x = box.right() + wide + 32
