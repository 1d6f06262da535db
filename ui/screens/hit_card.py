"""The hit card: does this picture say what the list says? One glance, one tap."""

from datetime import datetime
from enum import Enum

from PySide6.QtCore import QEasingCurve, QPoint, QPropertyAnimation, QRectF, QSize, Qt, Signal, Slot
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget
from typing_extensions import override

from patrol_anpr.domain.clock import Clock
from patrol_anpr.domain.hit import Disposition, Hit, HitState, MatchKind, Verification
from patrol_anpr.domain.hotlist import Tier
from patrol_anpr.domain.read import Evidence
from ui import theme
from ui.models.dead_time import DeadTime
from ui.text import Say, action, marker_words, match_word, provenance, reason, say, tier_word, vehicle
from ui.widgets.buttons import BigButton, HoldButton, Kind
from ui.widgets.picture import OverviewView, PatchView
from ui.widgets.plate_label import PlateLabel
from ui.widgets.reasons import ReasonRow
from ui.widgets.shapes import paint_tier
from ui.widgets.side_panel import labelled

SLIDE_MS = 120
_EDGE = 4


class Stage(Enum):
    """What the card asks for."""

    DECIDE = "decide"
    REASON = "reason"


class CardHead(QWidget):
    """Tier, reason, EXACT or CHECK, and how many hits wait. EXACT is filled with the tier's colour; CHECK is not."""

    HEIGHT = 66

    def __init__(self) -> None:
        super().__init__()
        self._hit: Hit | None = None
        self._waiting = 0
        self.setFixedHeight(self.HEIGHT)

    def show_hit(self, hit: Hit, waiting: int) -> None:
        """Show the head of a hit."""
        self._hit, self._waiting = hit, waiting
        self.update()

    @override
    def paintEvent(self, _event: QPaintEvent) -> None:
        if self._hit is None:
            return
        t, hit = theme.tokens(), self._hit
        check = hit.match.kind is MatchKind.CHECK
        look = t.tier(hit.tier)
        ground, ink = (t.check_fill, t.check) if check else (look.fill, look.on_fill)
        middle = Qt.AlignmentFlag.AlignVCenter
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.fillRect(self.rect(), QColor(ground))
            shape = QRectF(20, 14, 38, 38)
            paint_tier(
                painter, shape, hit.tier, look.ink if check else ink, number=look.ink if check else ground, hollow=check
            )
            right = self._paint_badge(painter, self.width() - 18.0, ink, ground, check=check)
            if self._waiting:
                right = self._paint_waiting(painter, right - 14, ink)
            painter.setPen(QColor(ink))
            painter.setFont(theme.font(theme.TITLE, bold=True))
            head = f"{say(Say.POSSIBLE).upper()}" if check else tier_word(hit.tier)
            width = painter.fontMetrics().horizontalAdvance(head)
            painter.drawText(QRectF(72, 0, width + 4, self.height()), middle, head)
            left = 72 + width + 22
            painter.setFont(theme.font(theme.TITLE))
            words = painter.fontMetrics().elidedText(
                reason(hit.match), Qt.TextElideMode.ElideRight, int(right - 14 - left)
            )
            painter.drawText(QRectF(left, 0, right - left, self.height()), middle, words)

    def _paint_badge(self, painter: QPainter, right: float, ink: str, ground: str, *, check: bool) -> float:
        """EXACT ✓ in a filled, solid badge; CHECK ≈ in a dashed outline."""
        assert self._hit is not None
        words = match_word(self._hit.match.kind)
        painter.setFont(theme.font(22, bold=True))
        width = painter.fontMetrics().horizontalAdvance(words) + 30
        badge = QRectF(right - width, 13, width, 40)
        if check:
            painter.setPen(QPen(QColor(ink), 3, Qt.PenStyle.DashLine))
            painter.setBrush(Qt.BrushStyle.NoBrush)
        else:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(ink))
        painter.drawRoundedRect(badge, 7, 7)
        painter.setPen(QColor(ink if check else ground))
        painter.drawText(badge, Qt.AlignmentFlag.AlignCenter, words)
        return badge.left()

    def _paint_waiting(self, painter: QPainter, right: float, ink: str) -> float:
        words = f"+{self._waiting}"
        painter.setFont(theme.font(22, bold=True))
        width = max(44, painter.fontMetrics().horizontalAdvance(words) + 20)
        pill = QRectF(right - width, 13, width, 40)
        painter.setPen(QPen(QColor(ink), 2))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRoundedRect(pill, 20, 20)
        painter.drawText(pill, Qt.AlignmentFlag.AlignCenter, words)
        return pill.left()


class CameraSaw(QWidget):
    """On CHECK only: the camera's own reading as a plate, its differing characters boxed like those of the list."""

    def __init__(self) -> None:
        super().__init__()
        self.plate = PlateLabel(44)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(10)
        row.addWidget(labelled("caption", say(Say.CAMERA_READ)))
        row.addWidget(self.plate, 1)


class HitCard(QWidget):
    """Shows one hit and asks: CONFIRM, LATER or DISMISS; afterwards what was done, or why not.

    It decides nothing itself: every tap is a signal. Touches are ignored for 700 ms after it appears or its layout
    moves.
    """

    confirmed = Signal()
    put_off = Signal()
    dismissed = Signal()
    disposition_chosen = Signal(Disposition)
    verification_chosen = Signal(Verification)
    done = Signal()
    touched = Signal()

    def __init__(self, clock: Clock, dead_time: DeadTime, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.dead_time = dead_time
        self.hit: Hit | None = None
        self.stage = Stage.DECIDE
        self.head, self.patch, self.overview = CardHead(), PatchView(), OverviewView()
        self.plate = PlateLabel(118)
        self.plate.setObjectName("list-plate")
        self.plate.on_top = True
        self.saw, self.vehicle = CameraSaw(), labelled("strong")
        self.action, self.markers = labelled("strong"), labelled("body")
        self.origin, self.control = labelled("caption"), labelled("control", say(Say.CONTROL))
        for label in (self.vehicle, self.action, self.markers, self.origin):
            label.setWordWrap(True)
        self._make_buttons(clock)
        self._lay_out()
        self._slide = QPropertyAnimation(self, b"pos", self)
        self._slide.setDuration(SLIDE_MS)
        self._slide.setEasingCurve(QEasingCurve.Type.OutCubic)

    def _make_buttons(self, clock: Clock) -> None:
        self.confirm = BigButton(say(Say.CONFIRM), kind=Kind.CONFIRM, dead_time=self.dead_time, text_size=theme.TITLE)
        self.later = BigButton(say(Say.LATER), dead_time=self.dead_time)
        self.dismiss = HoldButton(say(Say.DISMISS), clock, caption=say(Say.TAP), dead_time=self.dead_time)
        self.confirm.setObjectName("confirm")
        self.later.setObjectName("later")
        self.dismiss.setObjectName("dismiss")
        self.confirm.clicked.connect(self.confirmed)
        self.later.clicked.connect(self.put_off)
        self.dismiss.held.connect(self.dismissed)
        self.reasons = ReasonRow(self.dead_time)
        self.reasons.disposition_chosen.connect(self.disposition_chosen)
        self.reasons.verification_chosen.connect(self.verification_chosen)
        self.reasons.done.connect(self.done)
        self.reasons.changed.connect(self._layout_moved)

    def _lay_out(self) -> None:
        same_mark = QVBoxLayout()  # the picture and, right under it, what the list says
        same_mark.setSpacing(10)
        same_mark.addWidget(self.patch, 5)
        same_mark.addWidget(self.plate, 4)
        same_vehicle = QVBoxLayout()
        same_vehicle.setSpacing(6)
        same_vehicle.addWidget(self.overview, 1)
        same_vehicle.addWidget(self.vehicle)
        same_vehicle.addWidget(self.saw)
        evidence = QHBoxLayout()
        evidence.setSpacing(16)
        evidence.addLayout(same_mark, 54)
        evidence.addLayout(same_vehicle, 46)
        self.buttons = QWidget()
        row = QHBoxLayout(self.buttons)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(16)
        for button, width in ((self.confirm, 38), (self.later, 19), (None, 9), (self.dismiss, 34)):
            if button is None:
                row.addStretch(width)
            else:
                row.addWidget(button, width)
        for button in (self.confirm, self.later, self.dismiss):
            button.setFixedHeight(92)
        body = QVBoxLayout()
        body.setContentsMargins(18, 14, 18, 14)
        body.setSpacing(6)
        body.addLayout(evidence, 1)
        body.addSpacing(4)
        for label in (self.action, self.markers, self.origin, self.control):
            body.addWidget(label)
        body.addSpacing(6)
        body.addWidget(self.buttons)
        body.addWidget(self.reasons)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(_EDGE, _EDGE, _EDGE, _EDGE)
        outer.setSpacing(0)
        outer.addWidget(self.head)
        outer.addLayout(body, 1)

    def show_hit(self, hit: Hit, evidence: Evidence, waiting: int, now: datetime) -> None:
        """Show a hit. A hit with an outcome is asked for its reason, an open one for a decision."""
        new = self.hit is None or self.hit.hit_id != hit.hit_id
        stage = Stage.DECIDE if hit.is_open else Stage.REASON
        moved = new or stage is not self.stage
        self.hit, self.stage = hit, stage
        t, match = theme.tokens(), hit.match
        check = match.kind is MatchKind.CHECK
        self.head.show_hit(hit, waiting)
        self.patch.show_patch(evidence.patch)
        self.overview.show_overview(evidence.overview, hit.read, t.tier(hit.tier).ink, dashed=check)
        self.plate.show_vrm(match.voi.vrm, hit.read.colour, match.differing if check else ())
        self.saw.plate.show_vrm(hit.read.vrm, hit.read.colour, match.differing if check else ())
        self.saw.setVisible(check)
        self.vehicle.setText(vehicle(match))
        self.action.setText(action(match))
        markers = marker_words(match.voi.markers)
        self.markers.setText(say(Say.MARKERS, markers=markers) if markers else "")
        self.origin.setText(provenance(hit, now))
        self.dismiss.hold = hit.tier is Tier.IMMEDIATE
        self.dismiss.set_caption(say(Say.HOLD if self.dismiss.hold else Say.TAP))
        self._show_stage(waiting)
        if moved:
            self._layout_moved()
        self.update()

    def _show_stage(self, waiting: int) -> None:
        assert self.hit is not None
        deciding = self.stage is Stage.DECIDE
        self.buttons.setVisible(deciding)
        # Once decided, what to do next gives its place to what was done; the evidence stays as large as it was.
        for label in (self.action, self.markers, self.origin, self.control):
            label.setVisible(deciding and bool(label.text()))
        self.reasons.setVisible(not deciding)
        if not deciding:
            self.reasons.ask(confirmed=self.hit.state is HitState.ACTIONED, waiting=waiting)

    def present(self, hit: Hit, evidence: Evidence, waiting: int, now: datetime) -> None:
        """Show a hit; where it is another one than before, slide in."""
        new = self.hit is None or self.hit.hit_id != hit.hit_id or self.isHidden()
        self.show_hit(hit, evidence, waiting, now)
        if new:
            self.slide_in()

    def withdraw(self) -> None:
        """Leave the live tile to itself."""
        self.hit = None
        self.hide()

    def slide_in(self) -> None:
        """Appear: 120 ms from below, then 700 ms deaf."""
        rest = QPoint(0, 0)
        self.show()
        self.raise_()
        self._slide.stop()
        self._slide.setStartValue(rest + QPoint(0, 28))
        self._slide.setEndValue(rest)
        self._slide.start()
        self._layout_moved(SLIDE_MS / 1000)

    def rest(self) -> None:
        """End the slide at once."""
        self._slide.stop()
        self.move(0, 0)

    @Slot()
    def _layout_moved(self, extra: float = 0.0) -> None:
        self.dead_time.restart(extra)
        self.update()

    @override
    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if self.isVisible():
            self._layout_moved()

    @property
    def patch_share(self) -> float:
        """How much of the card's width the patch takes."""
        return self.patch.width() / max(1, self.width())

    @override
    def minimumSizeHint(self) -> QSize:
        return QSize(560, 480)

    @override
    def paintEvent(self, _event: QPaintEvent) -> None:
        if self.hit is None:
            return
        t = theme.tokens()
        check = self.hit.match.kind is MatchKind.CHECK
        with QPainter(self) as painter:
            painter.fillRect(self.rect(), QColor(t.surface))
            style = Qt.PenStyle.DashLine if check else Qt.PenStyle.SolidLine
            ink = t.check if check else t.tier(self.hit.tier).fill
            painter.setPen(QPen(QColor(ink), _EDGE, style, Qt.PenCapStyle.FlatCap, Qt.PenJoinStyle.MiterJoin))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            half = _EDGE / 2
            painter.drawRect(QRectF(self.rect()).adjusted(half, half, -half, -half))
