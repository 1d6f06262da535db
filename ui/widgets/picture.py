"""The evidence of a Read: its plate patch, and its overview with the vehicle framed."""

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPaintEvent, QPen, QPixmap
from PySide6.QtWidgets import QSizePolicy, QWidget
from typing_extensions import override

from patrol_anpr.domain.plate import Box, PlateColour
from patrol_anpr.domain.read import Read
from ui import scale, theme
from ui.pictures import overview_picture, patch_picture, vehicle_frame, view_around
from ui.text import Say, say


class _Picture(QWidget):
    """Common ground: rounded corners, and words instead of a picture that is missing."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._pixmap = QPixmap()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    @property
    def has_picture(self) -> bool:
        """Whether there is one; else words say that it is missing."""
        return not self._pixmap.isNull()

    def paintEvent(self, _event: QPaintEvent) -> None:
        t = theme.tokens()
        with QPainter(self) as painter:
            painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform)
            ground = QPainterPath()
            ground.addRoundedRect(QRectF(self.rect()), 6, 6)
            painter.setClipPath(ground)
            if self._pixmap.isNull():
                painter.fillRect(self.rect(), QColor(t.scrim))
                painter.setPen(QColor(t.on_scrim))
                painter.setFont(theme.font(theme.CAPTION))
                painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, say(Say.PICTURE_MISSING))
            else:
                self._paint_picture(painter)

    def _paint_picture(self, painter: QPainter) -> None:
        raise NotImplementedError


class PatchView(_Picture):
    """The plate patch, whole, as large as fits."""

    def show_patch(self, jpeg: bytes) -> None:
        """Show the patch in these JPEG bytes."""
        self._pixmap = patch_picture(jpeg)
        self.update()

    @override
    def sizeHint(self) -> QSize:
        return QSize(scale.dp(420), scale.dp(112))

    @override
    def minimumSizeHint(self) -> QSize:
        return QSize(scale.dp(120), scale.dp(60))

    @override
    def hasHeightForWidth(self) -> bool:
        return not self._pixmap.isNull()

    @override
    def heightForWidth(self, width: int) -> int:
        size = self._pixmap.size()
        return max(scale.dp(60), min(width // 2, width * size.height() // max(1, size.width())))

    def _paint_picture(self, painter: QPainter) -> None:
        size = self._pixmap.size().scaled(self.size(), Qt.AspectRatioMode.KeepAspectRatio)
        # At the foot of its place, so that it stands right on the list's plate below.
        target = QRectF(0, self.height() - size.height(), size.width(), size.height())
        painter.drawPixmap(target, self._pixmap, QRectF(self._pixmap.rect()))


class OverviewView(_Picture):
    """The scene around the vehicle, with a frame around it in the colour of the tier."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._box: Box | None = None
        self._ink = ""
        self._dashed, self._rear = False, True

    def show_overview(self, jpeg: bytes, read: Read, ink: str, *, dashed: bool) -> None:
        """Show the scene in these JPEG bytes, in whose pixels the Read's box is."""
        self._pixmap, self._box, self._ink, self._dashed = overview_picture(jpeg), read.box, ink, dashed
        self._rear = read.colour is not PlateColour.WHITE
        self.update()

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
