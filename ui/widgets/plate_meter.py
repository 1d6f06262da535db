"""How wide the plates of a camera are, beside how wide they must be: a bar, and a mark where reading begins."""

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget
from typing_extensions import override

from patrol_anpr.domain.optics import READABLE_PIXELS, PlateWidths
from ui import scale, theme
from ui.text import Say, say

FULL_SCALE = 2.5 * READABLE_PIXELS
_HEIGHT = 26


class PlateMeter(QWidget):
    """The typical plate as a full bar, the widest as an outline around it; a line with a triangle at what is needed."""

    def __init__(self) -> None:
        super().__init__()
        self.widths = PlateWidths()
        self.setAccessibleName(say(Say.PLATE_METER, widest=0.0, needed=READABLE_PIXELS))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        scale.sized(self, height=_HEIGHT, least_width=120)

    def show_widths(self, widths: PlateWidths) -> None:
        """Show these."""
        if widths != self.widths:
            self.widths = widths
            self.setAccessibleName(say(Say.PLATE_METER, widest=widths.widest, needed=READABLE_PIXELS))
            self.update()

    @override
    def paintEvent(self, _event: QPaintEvent) -> None:
        t = theme.tokens()
        with scale.painting(self) as (painter, area):
            bar = area.adjusted(1, 8, -1, -4)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(t.raised))
            painter.drawRoundedRect(bar, 4, 4)
            enough = self.widths.widest >= READABLE_PIXELS
            painter.setBrush(QColor(t.good if enough else t.warn))
            painter.drawRoundedRect(self._part(bar, self.widths.typical), 4, 4)
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(QColor(t.good if enough else t.warn), 2))
            painter.drawRoundedRect(self._part(bar, self.widths.widest), 4, 4)
            self._paint_need(painter, bar)

    def _part(self, bar: QRectF, pixels: float) -> QRectF:
        return QRectF(bar.x(), bar.y(), bar.width() * min(1.0, pixels / FULL_SCALE), bar.height())

    def _paint_need(self, painter: QPainter, bar: QRectF) -> None:
        x = bar.x() + bar.width() * READABLE_PIXELS / FULL_SCALE
        painter.setPen(QPen(QColor(theme.tokens().text), 2))
        painter.drawLine(QPointF(x, bar.top() - 2), QPointF(x, bar.bottom() + 2))
        painter.setBrush(QColor(theme.tokens().text))
        painter.drawPolygon([QPointF(x - 5, 0), QPointF(x + 5, 0), QPointF(x, 7)])
