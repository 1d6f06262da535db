"""What a camera sees now, with the plates being read framed: painted straight from a one-slot mailbox on a timer."""

from PySide6.QtCore import QPointF, QRectF, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget
from typing_extensions import override

from patrol_anpr.domain.events import PlateSeen
from patrol_anpr.domain.health import CameraState
from patrol_anpr.domain.live import LiveFrame
from patrol_anpr.domain.plate import PlateColour
from patrol_anpr.plumbing.mailbox import Latest
from ui import scale, theme
from ui.pictures import image_of
from ui.text import breakable, camera_advice, camera_state, camera_word, rates
from ui.widgets.plate_label import paint_plate, plate_width

FRAME_MS = 33
_WRAP = Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop | Qt.TextFlag.TextWordWrap
_NO_PICTURE = (CameraState.LOST, CameraState.FROZEN, CameraState.GARBAGE)


class LiveTile(QWidget):
    """One camera. A camera that gives no true picture shows no picture: a red cross and words instead.

    `painted` is emitted with each frame when it is painted for the first time.
    """

    tapped = Signal(str)
    painted = Signal(object)

    def __init__(self, camera_id: str, mailbox: Latest[LiveFrame]) -> None:
        super().__init__()
        self.camera_id, self.small = camera_id, False
        self._mailbox = mailbox
        self._frame: LiveFrame | None = None
        self._is_new = False
        self.state, self._detail = CameraState.STARTING, ""
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAccessibleName(camera_word(camera_id))
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)  # nothing behind it needs painting
        self._timer = QTimer(self)
        self._timer.setInterval(FRAME_MS)
        self._timer.timeout.connect(self.look)
        self._timer.start()

    @Slot()
    def look(self) -> None:
        """Take the newest frame, if there is one."""
        if self.isVisible() and (frame := self._mailbox.take()) is not None:
            self._frame, self._is_new = frame, True
            self.update()

    @property
    def advice(self) -> str:
        """What the words over the tile advise: what the camera says of itself comes first."""
        return self._detail or camera_advice(self.state)

    def set_small(self, *, small: bool) -> None:
        """Become an inset, painted four times more seldom, or the large tile."""
        self.small = small
        self._timer.setInterval(FRAME_MS * (4 if small else 1))

    def show_state(self, state: CameraState, detail: str = "") -> None:
        """Take the camera's state, and what it says of itself."""
        self.state, self._detail = state, detail
        if state in _NO_PICTURE:
            self._frame = None
        self.update()

    @override
    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if self.rect().contains(event.position().toPoint()):
            self.tapped.emit(self.camera_id)

    @override
    def paintEvent(self, _event: QPaintEvent) -> None:
        t = theme.tokens()
        if self.state not in _NO_PICTURE and self._frame is not None:
            self._paint_frame(self._frame)
            if self._is_new:
                self._is_new = False
                self.painted.emit(self._frame)
            return
        with scale.painting(self) as (painter, area):
            if self.state in _NO_PICTURE:
                self._paint_lost(painter, area)
            else:
                painter.fillRect(area, QColor(t.scrim))
                self._paint_words(
                    painter, area.adjusted(0, area.height() / 2 - (10 if self.small else 40), 0, 0), t.on_scrim
                )

    def _paint_frame(self, frame: LiveFrame) -> None:
        height, width = frame.pixels.shape[:2]
        times = max(self.width() / width, self.height() / height)
        part = QRectF(0, 0, self.width() / times, self.height() / times)
        part.moveCenter(QPointF(width / 2, height / 2))
        with QPainter(self) as painter:
            # No clip, no antialiasing and no scale while the picture is drawn: that would cost more than the picture.
            painter.drawImage(QRectF(self.rect()), image_of(frame.pixels), part)
        with scale.painting(self) as (painter, area):
            if not self.small:
                for plate in frame.plates:
                    self._paint_plate(painter, area, plate, part)
            small = camera_word(self.camera_id)
            words = small if self.small else rates(self.camera_id, frame.fps_offered, frame.fps_read)
            self._paint_tag(painter, area, words)

    def _paint_plate(self, painter: QPainter, area: QRectF, plate: PlateSeen, part: QRectF) -> None:
        t = theme.tokens()
        times = area.width() / part.width()
        box = QRectF(
            (plate.box.x1 - part.x()) * times,
            (plate.box.y1 - part.y()) * times,
            plate.box.width * times,
            plate.box.height * times,
        ).adjusted(-5, -5, 5, 5)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for ink, width in ((t.scrim, 6.0), (theme.PLATE_SEEN, 3.0)):
            style = Qt.PenStyle.SolidLine if plate.certain else Qt.PenStyle.DashLine
            painter.setPen(QPen(QColor(ink), width, style))
            painter.drawRoundedRect(box, 6, 6)
        if plate.text:
            height = 34.0
            wide = plate_width(plate.text, height)
            left = min(max(6.0, box.center().x() - wide / 2), area.width() - wide - 6)
            top = box.bottom() + 8 if box.bottom() + 8 + height < area.height() else box.top() - 8 - height
            painter.setOpacity(1.0 if plate.certain else 0.75)
            paint_plate(painter, left, top, height, plate.text, PlateColour.UNKNOWN)
            painter.setOpacity(1.0)

    def _paint_tag(self, painter: QPainter, area: QRectF, words: str) -> None:
        t = theme.tokens()
        painter.setFont(theme.font(theme.CAPTION))
        metrics = painter.fontMetrics()
        shown = metrics.elidedText(words, Qt.TextElideMode.ElideRight, int(area.width()) - 40)
        tag = QRectF(12, 12, metrics.horizontalAdvance(shown) + 22, 32)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.colour(t.scrim, 215))
        painter.drawRoundedRect(tag, 6, 6)
        painter.setPen(QColor(t.on_scrim))
        painter.drawText(tag, Qt.AlignmentFlag.AlignCenter, shown)

    def _paint_lost(self, painter: QPainter, area: QRectF) -> None:
        t = theme.tokens()
        painter.fillRect(area, QColor(theme.LOST_GROUND))
        painter.setPen(QPen(QColor(theme.LOST_STRIPES), 10))
        width, height = round(area.width()), round(area.height())
        for x in range(-height, width, 44):
            painter.drawLine(x, height, x + height, 0)
        painter.setPen(QPen(QColor(theme.LOST), 4))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRoundedRect(area.adjusted(2, 2, -2, -2), theme.RADIUS, theme.RADIUS)
        panel = self._panel(painter, area)
        painter.setBrush(QColor(t.scrim))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.drawRoundedRect(panel, theme.RADIUS, theme.RADIUS)
        side = 18.0 if self.small else 46.0
        centre = QPointF(panel.center().x(), panel.top() + (20 if self.small else 46))
        painter.setPen(QPen(QColor(theme.LOST), side / 4, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
        reach = QPointF(side / 2, side / 2)
        painter.drawLine(centre - reach, centre + reach)
        painter.drawLine(centre + QPointF(-side / 2, side / 2), centre + QPointF(side / 2, -side / 2))
        self._paint_words(painter, panel.adjusted(0, 40 if self.small else 84, 0, 0), theme.LOST_WORDS)

    def _panel(self, painter: QPainter, area: QRectF) -> QRectF:
        """The ground behind the cross and the words, as high as they need."""
        if self.small:
            return area.adjusted(12, 12, -12, -12)
        panel = QRectF(0, 0, min(680, area.width() - 60), area.height())
        title, advice = self._places(painter, panel)
        panel.setHeight(84 + advice.bottom() - title.top() + 24)
        panel.moveCenter(area.center())
        return panel

    def _places(self, painter: QPainter, panel: QRectF) -> tuple[QRectF, QRectF]:
        """Where the state and the advice below it go, from the top of a panel on."""
        inner = panel.adjusted(16, 0, -16, 0)
        inner.setHeight(10_000)
        painter.setFont(theme.font(theme.CAPTION if self.small else 34, bold=True))
        title = painter.boundingRect(inner, _WRAP, camera_state(self.camera_id, self.state))
        painter.setFont(theme.font(theme.BODY))
        advice = painter.boundingRect(inner.translated(0, title.height() + 8), _WRAP, breakable(self.advice))
        return title, advice

    def _paint_words(self, painter: QPainter, panel: QRectF, ink: str) -> None:
        """The state, and where there is room what to do about it."""
        title, advice = self._places(painter, panel)
        painter.setPen(QColor(ink))
        painter.setFont(theme.font(theme.CAPTION if self.small else 34, bold=True))
        painter.drawText(title, _WRAP, camera_state(self.camera_id, self.state))
        if not self.small:
            painter.setPen(QColor(theme.tokens().on_scrim))
            painter.setFont(theme.font(theme.BODY))
            painter.drawText(advice, _WRAP, breakable(self.advice))
