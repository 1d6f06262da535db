"""The hit card: does this picture say what the list says? One glance, one tap."""

from datetime import datetime
from enum import Enum

from PySide6.QtCore import QEasingCurve, QPoint, QPropertyAnimation, QRectF, QSize, Qt, Signal, Slot
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget
from typing_extensions import override

from patrol_anpr.domain.clock import Clock
from patrol_anpr.domain.hit import Disposition, Hit, HitState, MatchKind, Verification
from patrol_anpr.domain.hotlist import Tier
from patrol_anpr.domain.read import Evidence
from ui import scale, theme
from ui.models.dead_time import DeadTime
from ui.text import Say, action, marker_words, match_word, provenance, reason, say, tier_word, vehicle
from ui.widgets.buttons import BigButton, HoldButton, Kind
from ui.widgets.picture import OverviewView, PatchView
from ui.widgets.plate_label import PlateLabel
from ui.widgets.reasons import ReasonRow
from ui.widgets.scrolling import WordsArea
from ui.widgets.shapes import paint_tier
from ui.widgets.side_panel import labelled

SLIDE_MS = 120
_EDGE = 4
_HEAD_LEFT = 72


class Stage(Enum):
    """What the card asks for."""

    DECIDE = "decide"
    REASON = "reason"


def _badge_width(words: str) -> int:
    return QFontMetrics(theme.font(22, bold=True)).horizontalAdvance(words) + 30


def _pill_width(waiting: int) -> int:
    return max(44, QFontMetrics(theme.font(22, bold=True)).horizontalAdvance(f"+{waiting}") + 20)


class CardHead(QWidget):
    """Tier, reason, EXACT or CHECK, and how many hits wait. EXACT is filled with the tier's colour; CHECK is not."""

    HEIGHT = 66

    def __init__(self) -> None:
        super().__init__()
        self._hit: Hit | None = None
        self._waiting = 0
        scale.sized(self, height=self.HEIGHT)

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
        with scale.painting(self) as (painter, area):
            painter.fillRect(area, QColor(ground))
            shape = QRectF(20, 14, 38, 38)
            paint_tier(
                painter, shape, hit.tier, look.ink if check else ink, number=look.ink if check else ground, hollow=check
            )
            right = self._paint_badge(painter, area.width() - 18.0, ink, ground, check=check)
            if self._waiting:
                right = self._paint_waiting(painter, right - 14, ink)
            painter.setPen(QColor(ink))
            painter.setFont(theme.font(theme.TITLE, bold=True))
            painter.setPen(QColor(ink))
            head = self._tier_words()
            painter.drawText(QRectF(_HEAD_LEFT, 0, right - _HEAD_LEFT, area.height()), middle, head)
            left = self._reason_left()
            painter.setFont(theme.font(theme.TITLE))
            words = painter.fontMetrics().elidedText(
                reason(hit.match), Qt.TextElideMode.ElideRight, int(right - 14 - left)
            )
            painter.drawText(QRectF(left, 0, right - left, area.height()), middle, words)

    def _tier_words(self) -> str:
        assert self._hit is not None
        check = self._hit.match.kind is MatchKind.CHECK
        return say(Say.POSSIBLE).upper() if check else tier_word(self._hit.tier)

    def _reason_left(self) -> float:
        bold = QFontMetrics(theme.font(theme.TITLE, bold=True))
        return _HEAD_LEFT + bold.horizontalAdvance(self._tier_words()) + 22

    def holds_reason(self) -> bool:
        """Whether the reason has room here as a whole."""
        if self._hit is None:
            return True
        words = QFontMetrics(theme.font(theme.TITLE)).horizontalAdvance(reason(self._hit.match))
        right = self.width() / scale.fit().factor - 18 - _badge_width(match_word(self._hit.match.kind))
        if self._waiting:
            right -= 14 + _pill_width(self._waiting)
        return self._reason_left() + words <= right - 14

    def _paint_badge(self, painter: QPainter, right: float, ink: str, ground: str, *, check: bool) -> float:
        """EXACT ✓ in a filled, solid badge; CHECK ≈ in a dashed outline."""
        assert self._hit is not None
        words = match_word(self._hit.match.kind)
        painter.setFont(theme.font(22, bold=True))
        width = _badge_width(words)
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
        width = _pill_width(self._waiting)
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
        scale.spaced(row, 10, (0, 0, 0, 0))
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
        self.why, self.action, self.markers = labelled("strong"), labelled("strong"), labelled("body")
        self.origin, self.control = labelled("caption"), labelled("control", say(Say.CONTROL))
        for label in (self.vehicle, self.why, self.action, self.markers, self.origin):
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
        scale.spaced(same_mark, 10)
        same_mark.addWidget(self.patch, 5)
        same_mark.addWidget(self.plate, 4)
        same_vehicle = QVBoxLayout()
        scale.spaced(same_vehicle, 6)
        same_vehicle.addWidget(self.overview, 1)
        same_vehicle.addWidget(self.vehicle)
        same_vehicle.addWidget(self.saw)
        evidence = QHBoxLayout()
        scale.spaced(evidence, 16)
        evidence.addLayout(same_mark, 54)
        evidence.addLayout(same_vehicle, 46)
        self.buttons = QWidget()
        row = QHBoxLayout(self.buttons)
        scale.spaced(row, 16, (0, 0, 0, 0))
        for button, width in ((self.confirm, 38), (self.later, 19), (None, 9), (self.dismiss, 34)):
            if button is None:
                row.addStretch(width)
            else:
                row.addWidget(button, width)
        for button in (self.confirm, self.later, self.dismiss):
            scale.sized(button, height=92)
        body = QVBoxLayout()
        scale.spaced(body, 6, (18, 14, 18, 14))
        body.addLayout(evidence, 1)
        self.words = QWidget()  # may be long: the pictures give way first, then these are scrolled
        said = QVBoxLayout(self.words)
        scale.spaced(said, 6, (0, 0, 0, 0))
        for label in (self.why, self.markers, self.action, self.origin):
            said.addWidget(label)
        self.reading = WordsArea(self.words, most=130)
        body.addWidget(self.reading)
        body.addWidget(self.control)
        scale.gap(body, 4)
        body.addWidget(self.buttons)
        body.addWidget(self.reasons)
        outer = QVBoxLayout(self)
        scale.spaced(outer, 0, (_EDGE, _EDGE, _EDGE, _EDGE))
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
        self._show_reason()
        self._show_stage(waiting)
        if moved:
            self._layout_moved()
        self.update()

    def _show_reason(self) -> None:
        """A reason that the head cannot hold stands in full below it."""
        assert self.hit is not None
        self.why.setText("" if self.head.holds_reason() else reason(self.hit.match))
        self.why.setVisible(self.stage is Stage.DECIDE and bool(self.why.text()))

    def _show_stage(self, waiting: int) -> None:
        assert self.hit is not None
        deciding = self.stage is Stage.DECIDE
        self.buttons.setVisible(deciding)
        # Once decided, what to do next gives its place to what was done; the evidence stays as large as it was.
        for label in (self.why, self.action, self.markers, self.origin, self.control):
            label.setVisible(deciding and bool(label.text()))
        self.reading.setVisible(deciding)
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
        self._slide.setStartValue(rest + QPoint(0, scale.dp(28)))
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
        if self.hit is not None:
            self._show_reason()
        if self.isVisible():
            self._layout_moved()

    @override
    def minimumSizeHint(self) -> QSize:
        return QSize(scale.dp(560), scale.dp(480))

    @override
    def paintEvent(self, _event: QPaintEvent) -> None:
        if self.hit is None:
            return
        t = theme.tokens()
        check = self.hit.match.kind is MatchKind.CHECK
        with scale.painting(self) as (painter, area):
            painter.setRenderHint(QPainter.RenderHint.Antialiasing, on=False)
            painter.fillRect(area, QColor(t.surface))
            style = Qt.PenStyle.DashLine if check else Qt.PenStyle.SolidLine
            ink = t.check if check else t.tier(self.hit.tier).fill
            painter.setPen(QPen(QColor(ink), _EDGE, style, Qt.PenCapStyle.FlatCap, Qt.PenJoinStyle.MiterJoin))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            half = _EDGE / 2
            painter.drawRect(area.adjusted(half, half, -half, -half))
