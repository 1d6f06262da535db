"""Reads and hits by the hour: two rows of bars, each with its own scale, since one Read in thirty is a hit."""

from collections.abc import Sequence

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget
from typing_extensions import override

from patrol_anpr.domain.shift_chart import HourCounts
from ui import scale, theme
from ui.text import Say, hour_word, say

_HEIGHT = 236
_LINE = theme.CAPTION + 6
_WIDEST = 64.0
"""A bar is no wider than this, in dp: one hour is no wall."""


class HourChart(QWidget):
    """The hours from the first to the last, the number on each bar where it fits, the hour below where that fits."""

    def __init__(self) -> None:
        super().__init__()
        self.hours: tuple[HourCounts, ...] = ()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        scale.sized(self, least_width=240, height=_HEIGHT)

    def show_hours(self, hours: Sequence[HourCounts]) -> None:
        """Show these hours."""
        if tuple(hours) == self.hours:
            return
        self.hours = tuple(hours)
        self.setAccessibleName(
            ", ".join(
                say(Say.IN_AN_HOUR, hour=hour_word(one.hour), reads=one.reads, hits=one.hits) for one in self.hours
            )
        )
        self.update()

    @override
    def paintEvent(self, _event: QPaintEvent) -> None:
        t = theme.tokens()
        with scale.painting(self) as (painter, area):
            painter.setFont(theme.font(theme.CAPTION))
            below = area.adjusted(0, 0, 0, -_LINE)
            upper = QRectF(below.x(), below.y(), below.width(), below.height() * 0.6)
            lower = QRectF(below.x(), upper.bottom(), below.width(), below.height() - upper.height())
            reads, hits = [one.reads for one in self.hours], [one.hits for one in self.hours]
            self._paint_row(painter, upper, say(Say.COUNT_READS), reads, t.accent)
            self._paint_row(painter, lower, say(Say.COUNT_HITS), hits, t.text)
            self._paint_hours(painter, QRectF(area.x(), below.bottom(), area.width(), _LINE))

    def _column(self, area: QRectF, place: int) -> QRectF:
        step = min(_WIDEST, area.width() / max(1, len(self.hours)))
        return QRectF(area.x() + place * step, area.y(), step, area.height())

    def _paint_row(self, painter: QPainter, area: QRectF, name: str, counts: Sequence[int], ink: str) -> None:
        t, most = theme.tokens(), max(counts, default=0)
        metrics = QFontMetrics(painter.font())
        painter.setPen(QColor(t.muted))
        painter.drawText(QRectF(area.x(), area.y(), area.width(), _LINE), Qt.AlignmentFlag.AlignLeft, name)
        room = area.adjusted(0, 2 * _LINE, 0, -2)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(t.outline))
        painter.drawRect(QRectF(area.x(), room.bottom(), area.width(), 2))
        for place, count in enumerate(counts):
            column = self._column(room, place)
            height = room.height() * count / most if most else 0.0
            bar = QRectF(column.x() + 3, room.bottom() - height, column.width() - 6, height)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(ink))
            painter.drawRoundedRect(bar, 2, 2)
            if count and metrics.horizontalAdvance(f"{count:,}") <= column.width() - 2:
                painter.setPen(QColor(t.text))
                over = QRectF(column.x(), bar.top() - _LINE, column.width(), _LINE)
                painter.drawText(over, Qt.AlignmentFlag.AlignCenter, f"{count:,}")

    def _paint_hours(self, painter: QPainter, area: QRectF) -> None:
        """As many hours as have room: every one, every second one, every third."""
        words = [hour_word(one.hour) for one in self.hours]
        metrics = QFontMetrics(painter.font())
        widest = max((metrics.horizontalAdvance(word) + 6 for word in words), default=0)
        step = self._column(area, 0).width()
        every = max(1, -(-widest // max(1, int(step))))
        painter.setPen(QColor(theme.tokens().muted))
        for place in range(0, len(words), every):
            column = self._column(area, place)
            box = QRectF(column.center().x() - widest / 2, area.y(), widest, area.height())
            painter.drawText(box, Qt.AlignmentFlag.AlignCenter, words[place])
