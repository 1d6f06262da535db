"""A still picture of a camera on which a finger draws, corner to corner, what of it is not read."""

from PySide6.QtCore import QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget
from typing_extensions import override

from patrol_anpr.domain.plate import Pixels
from patrol_anpr.domain.rig import Area, Mask
from ui import scale, theme
from ui.pictures import image_of
from ui.text import Say, say
from ui.widgets.camera_tile import paint_mask, whole_place
from ui.widgets.coverage_strip import TOUCH_KEYS

BONNET_STEP = 1 / 16
"""Share of the height by which a key masks more from below."""
LEAST_DP = 16
"""A shorter drag is a touch by mistake."""


class MaskCanvas(QWidget):
    """`changed` is emitted with each area that was drawn. A key masks the bonnet, higher with each press."""

    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.areas: Mask = ()
        self._pixels: Pixels | None = None
        self._from: QPointF | None = None
        self._to = QPointF()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAccessibleName(say(Say.MASK_NOTE))
        scale.sized(self, least_width=320, least_height=180)

    def begin(self, pixels: Pixels, mask: Mask) -> None:
        """Show a picture with its mask as it is."""
        self._pixels, self.areas, self._from = pixels, mask, None
        self.update()

    def use(self, mask: Mask) -> None:
        """Show another mask."""
        self.areas = mask
        self.update()
        self.changed.emit()

    @property
    def place(self) -> QRectF:
        """Where the picture lies, in pixels of the widget."""
        return QRectF(self.rect()) if self._pixels is None else whole_place(self._pixels, QRectF(self.rect()))

    @override
    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._from = self._to = event.position()

    @override
    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._from is not None:
            self._to = event.position()
            self.update()

    @override
    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if self._from is None:
            return
        self._to = event.position()
        drawn = self._drawn()
        self._from = None
        if drawn is not None:
            self.use((*self.areas, drawn))
        self.update()

    @override
    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() not in TOUCH_KEYS:
            super().keyPressEvent(event)
            return
        rest, top = self.areas, 1.0
        if rest and (rest[-1].x1, rest[-1].x2, rest[-1].y2) == (0.0, 1.0, 1.0):
            rest, top = rest[:-1], rest[-1].y1
        if top > BONNET_STEP:
            self.use((*rest, Area(0.0, top - BONNET_STEP, 1.0, 1.0)))

    def _drawn(self) -> Area | None:
        """The area under the finger; None where it went too little to be meant."""
        least = scale.dp(LEAST_DP)
        if self._from is None or min(abs(self._to.x() - self._from.x()), abs(self._to.y() - self._from.y())) < least:
            return None
        return Area.between(self._share(self._from), self._share(self._to))

    def _share(self, point: QPointF) -> tuple[float, float]:
        place = self.place
        return (point.x() - place.x()) / place.width(), (point.y() - place.y()) / place.height()

    @override
    def paintEvent(self, _event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            painter.fillRect(self.rect(), QColor(theme.tokens().scrim))
            if self._pixels is not None:
                painter.drawImage(self.place, image_of(self._pixels))
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            drawn = self._drawn()
            paint_mask(painter, self.place, (*self.areas, drawn) if drawn is not None else self.areas)
            painter.setPen(Qt.PenStyle.NoPen)
