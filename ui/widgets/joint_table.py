"""The ten joints of the proof run at a glance: a row each, a shape each, those of the cameras for every camera."""

from collections.abc import Iterator

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget
from typing_extensions import override

from patrol_anpr.domain.health import LampState
from patrol_anpr.domain.proof import OF_A_CAMERA, OF_THE_CAR, JointResult, JointState, ProofRun
from ui import scale, theme
from ui.text import camera_word, joint_state_word, joint_word
from ui.widgets.shapes import paint_lamp

_ROW, _HEAD, _GAP, _EDGE = 40.0, 42.0, 8.0, 14.0
_LABEL = 150.0
_DISC = 22.0
_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
_MIDDLE = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap


class JointTable(QWidget):
    """Shows a run. Ring: waits; ring with a quarter: is tried; disc: passed; cross: failed; dash: not tried."""

    def __init__(self) -> None:
        super().__init__()
        self._run = ProofRun()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def show_run(self, run: ProofRun) -> None:
        """Show a run as it stands."""
        self._run = run
        self.setAccessibleName("; ".join(self._told()))
        self.updateGeometry()
        self.update()

    def _told(self) -> Iterator[str]:
        for result in self._run.results:
            camera = f", {camera_word(result.camera_id)}" if result.camera_id else ""
            yield f"{joint_word(result.joint)}{camera}: {joint_state_word(result.state)}"

    @property
    def _cameras(self) -> list[str]:
        return list(dict.fromkeys(result.camera_id for result in self._run.results if result.camera_id))

    @override
    def sizeHint(self) -> QSize:
        return self.minimumSizeHint()

    @override
    def minimumSizeHint(self) -> QSize:
        height = _HEAD + 2 * _GAP + _ROW * (len(OF_A_CAMERA) + len(OF_THE_CAR) / 2) + 2 * _EDGE
        return QSize(scale.dp(420), scale.dp(height))

    @override
    def paintEvent(self, _event: QPaintEvent) -> None:
        with scale.painting(self) as (painter, area):
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(theme.tokens().surface))
            painter.drawRoundedRect(area, theme.RADIUS, theme.RADIUS)
            inner = area.adjusted(_EDGE, _EDGE, -_EDGE, -_EDGE)
            if self._run.results:
                of_cameras = _HEAD + _ROW * len(OF_A_CAMERA)
                self._paint_cameras(painter, QRectF(inner.x(), inner.y(), inner.width(), of_cameras))
                self._paint_car(painter, inner.adjusted(0, of_cameras + _GAP, 0, 0))

    def _paint_cameras(self, painter: QPainter, area: QRectF) -> None:
        cameras = self._cameras
        column = (area.width() - _LABEL) / max(1, len(cameras))
        painter.setFont(theme.font(theme.CAPTION))
        painter.setPen(QColor(theme.tokens().muted))
        for place, camera in enumerate(cameras):
            head = QRectF(area.x() + _LABEL + column * place, area.y(), column, _HEAD)
            painter.drawText(head, _MIDDLE, camera_word(camera))
        for row, joint in enumerate(OF_A_CAMERA):
            top = area.y() + _HEAD + _ROW * row
            self._paint_name(painter, QRectF(area.x(), top, _LABEL, _ROW), joint_word(joint))
            for place, camera in enumerate(cameras):
                centre = area.x() + _LABEL + column * (place + 0.5)
                disc = QRectF(centre - _DISC / 2, top + (_ROW - _DISC) / 2, _DISC, _DISC)
                paint_joint(painter, disc, self._run.of(joint, camera))

    def _paint_car(self, painter: QPainter, area: QRectF) -> None:
        t = theme.tokens()
        painter.setPen(QPen(QColor(t.outline), 1))
        painter.drawLine(area.topLeft(), area.topRight())
        area = area.adjusted(0, _GAP, 0, 0)
        half = area.width() / 2
        rows = len(OF_THE_CAR) // 2
        for place, joint in enumerate(OF_THE_CAR):
            cell = QRectF(area.x() + half * (place // rows), area.y() + _ROW * (place % rows), half, _ROW)
            disc = QRectF(cell.x(), cell.y() + (_ROW - _DISC) / 2, _DISC, _DISC)
            paint_joint(painter, disc, self._run.of(joint))
            self._paint_name(painter, cell.adjusted(_DISC + 12, 0, 0, 0), joint_word(joint))

    def _paint_name(self, painter: QPainter, place: QRectF, name: str) -> None:
        """In the body's size, or in the caption's where a language needs more room."""
        font = theme.font(theme.BODY)
        if QFontMetrics(font).horizontalAdvance(name) > place.width():
            font = theme.font(theme.CAPTION)
        painter.setFont(font)
        painter.setPen(QColor(theme.tokens().text))
        painter.drawText(place, _LEFT, name)


def lamp_state(result: JointResult) -> LampState:
    """How a joint looks as a lamp: one that passed with something to be known is amber."""
    if result.state is JointState.PASSED:
        return LampState.WARN if result.sentence else LampState.GOOD
    return LampState.BAD if result.state is JointState.FAILED else LampState.UNKNOWN


def paint_joint(painter: QPainter, place: QRectF, result: JointResult) -> None:
    """Paint a joint's shape."""
    t = theme.tokens()
    painter.save()
    if result.state is JointState.SKIPPED:
        painter.setPen(QPen(QColor(t.muted), 3, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
        middle = place.center().y()
        painter.drawLine(QRectF(place).adjusted(4, middle - place.y(), -4, 0).topLeft(), place.center())
        painter.drawLine(place.center(), QRectF(place).adjusted(4, middle - place.y(), -4, 0).topRight())
    else:
        paint_lamp(painter, place, lamp_state(result))
        if result.state is JointState.RUNNING:
            painter.setPen(QPen(QColor(t.accent), 4, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
            painter.drawArc(place.adjusted(2, 2, -2, -2), 90 * 16, -120 * 16)
    painter.restore()
