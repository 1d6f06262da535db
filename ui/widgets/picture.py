"""The overview of a Read with the vehicle framed, and how a picture is painted."""

from collections.abc import Callable

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPaintEvent, QPen, QPixmap
from PySide6.QtWidgets import QSizePolicy, QWidget
from typing_extensions import override

from patrol_anpr.domain.plate import Box, PlateColour
from patrol_anpr.domain.read import Read
from ui import scale, theme
from ui.pictures import overview_picture, vehicle_frame, view_around
from ui.text import Say, say


def paint_framed(widget: QWidget, pixmap: QPixmap, paint: Callable[[QPainter], None], missing: Say) -> None:
    """Paint a picture with rounded corners; words in place of one that is missing."""
    t = theme.tokens()
    with QPainter(widget) as painter:
        painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform)
        ground = QPainterPath()
        ground.addRoundedRect(QRectF(widget.rect()), 6, 6)
        painter.setClipPath(ground)
        if pixmap.isNull():
            painter.fillRect(widget.rect(), QColor(t.scrim))
            painter.setPen(QColor(t.on_scrim))
            painter.setFont(theme.font(scale.dp(theme.CAPTION)))
            words = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
            painter.drawText(widget.rect().adjusted(8, 4, -8, -4), words, say(missing))
        else:
            paint(painter)


class OverviewView(QWidget):
    """The scene around the vehicle, with a frame around it in the colour of the tier."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._pixmap = QPixmap()
        self.missing = Say.PICTURE_MISSING
        self.setAccessibleName(say(Say.OVERVIEW))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self._box: Box | None = None
        self._ink = ""
        self._dashed, self._rear = False, True

    def show_overview(self, jpeg: bytes, read: Read, ink: str, *, dashed: bool) -> None:
        """Show the scene in these JPEG bytes, in whose pixels the Read's box is."""
        self._pixmap, self._box, self._ink, self._dashed = overview_picture(jpeg), read.box, ink, dashed
        self._rear = read.colour is not PlateColour.WHITE
        self.missing = Say.NO_PICTURE_NOTE if read.is_entered else Say.PICTURE_MISSING
        self.update()

    @property
    def has_picture(self) -> bool:
        """Whether there is one; else words say that it is missing."""
        return not self._pixmap.isNull()

    @override
    def paintEvent(self, _event: QPaintEvent) -> None:
        paint_framed(self, self._pixmap, self._paint_picture, self.missing)

    @override
    def sizeHint(self) -> QSize:
        return QSize(scale.dp(300), scale.dp(180))

    def _paint_picture(self, painter: QPainter) -> None:
        if self._box is None:
            return
        width, height = self._pixmap.width(), self._pixmap.height()
        frame = vehicle_frame(self._box, width, height, rear=self._rear)
        view = view_around(frame, (width, height), self.width() / max(1, self.height()))
        painter.drawPixmap(QRectF(self.rect()), self._pixmap, view)
        scale = self.width() / view.width()
        shown = QRectF(
            (frame.x() - view.x()) * scale,
            (frame.y() - view.y()) * scale,
            frame.width() * scale,
            frame.height() * scale,
        ).intersected(QRectF(self.rect()).adjusted(2, 2, -2, -2))
        painter.setPen(QPen(QColor(self._ink), 3, Qt.PenStyle.DashLine if self._dashed else Qt.PenStyle.SolidLine))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRoundedRect(shown, 3, 3)
