"""The TEST plate on the glass: it wants to be touched by a finger, and says what it was tapped with."""

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QInputDevice, QKeyEvent, QMouseEvent, QPaintEvent, QPen, QTouchEvent
from PySide6.QtWidgets import QSizePolicy, QWidget
from typing_extensions import override

from patrol_anpr.domain.plate import PlateColour
from patrol_anpr.domain.proof import TEST_VRM, JointResult, JointState, Tap
from ui import scale, theme
from ui.models.dead_time import DeadTime
from ui.text import Say, say
from ui.widgets.plate_label import paint_plate, plate_width

_KEYS = (Qt.Key.Key_Space, Qt.Key.Key_Return, Qt.Key.Key_Enter)
_CENTRE = Qt.AlignmentFlag.AlignCenter
_PLATE = 44.0


class TapTarget(QWidget):
    """Emits `tapped` with a Tap. A touch is taken as it comes from the glass, before Qt makes a mouse of it."""

    tapped = Signal(object)

    def __init__(self, dead_time: DeadTime) -> None:
        super().__init__()
        self._dead_time = dead_time
        self._state = JointState.WAITING
        self._epoch: int | None = None
        self.setAttribute(Qt.WidgetAttribute.WA_AcceptTouchEvents)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(say(Say.TOUCH_PLATE))
        scale.sized(self, height=104)

    def show_joint(self, result: JointResult | None) -> None:
        """Show whether a tap is wanted, has come, or did not come."""
        self._state = result.state if result is not None else JointState.WAITING
        self.update()

    @property
    def wanted(self) -> bool:
        """Whether a tap counts now."""
        return self._state in (JointState.RUNNING, JointState.FAILED)

    @property
    def words(self) -> str:
        """What stands under the plate."""
        if self._state is JointState.PASSED:
            return say(Say.TOUCHED)
        return say(Say.TOUCH_PLATE) if self.wanted else say(Say.TOUCH_SOON)

    @override
    def sizeHint(self) -> QSize:
        return QSize(scale.dp(240), scale.dp(104))

    # -- taps ----------------------------------------------------------------------------------------------------

    @override
    def event(self, event: QEvent) -> bool:
        kind = event.type()
        if isinstance(event, QTouchEvent):
            if kind == QEvent.Type.TouchBegin:
                self._press()
            elif kind == QEvent.Type.TouchEnd and self._is_within(event.points()[0].position()):
                self._release(Tap.FINGER)
            event.accept()
            return True
        return super().event(event)

    @override
    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._press()

    @override
    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if self._is_within(event.position()):
            by_glass = event.deviceType() is QInputDevice.DeviceType.TouchScreen
            self._release(Tap.FINGER if by_glass else Tap.MOUSE)

    @override
    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in _KEYS and not event.isAutoRepeat():
            self._press()
            self._release(Tap.KEY)
        else:
            super().keyPressEvent(event)

    def _is_within(self, point: QPointF) -> bool:
        return self.rect().contains(point.toPoint())

    def _press(self) -> None:
        self._epoch = None if self._dead_time.active else self._dead_time.epoch

    def _release(self, how: Tap) -> None:
        epoch, self._epoch = self._epoch, None
        if epoch == self._dead_time.epoch and self.wanted:
            self.tapped.emit(how)

    # -- look ----------------------------------------------------------------------------------------------------

    @override
    def paintEvent(self, _event: QPaintEvent) -> None:
        t = theme.tokens()
        with scale.painting(self) as (painter, area):
            passed = self._state is JointState.PASSED
            edge = QColor(t.good if passed else t.accent if self.wanted else t.outline)
            painter.setPen(QPen(edge, 4 if self.hasFocus() else 2.5))
            painter.setBrush(QColor(t.raised))
            painter.drawRoundedRect(area.adjusted(2, 2, -2, -2), theme.RADIUS, theme.RADIUS)
            if not (self.wanted or passed):
                painter.setOpacity(0.45)
            left = (area.width() - plate_width(TEST_VRM, _PLATE)) / 2
            paint_plate(painter, left, 13, _PLATE, TEST_VRM, PlateColour.YELLOW)
            painter.setPen(QColor(t.text))
            painter.setFont(theme.font(theme.BODY, bold=True))
            painter.drawText(QRectF(8, 61, area.width() - 16, 32), _CENTRE, self.words)
