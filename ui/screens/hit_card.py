"""The hit card: does this picture say what the list says? One glance, one tap."""

from datetime import datetime
from enum import Enum

from PySide6.QtCore import QEasingCurve, QPoint, QPropertyAnimation, QSize, Qt, Signal, Slot
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget
from typing_extensions import override

from patrol_anpr.domain.clock import Clock
from patrol_anpr.domain.disposition import Disposition
from patrol_anpr.domain.hit import ControlAnswer, Hit, HitState, MatchKind, Verification
from patrol_anpr.domain.hotlist import Tier
from patrol_anpr.domain.look import LookQuestion
from patrol_anpr.domain.read import Evidence
from ui import scale, theme
from ui.models.dead_time import DeadTime
from ui.text import Say, action, cancelled_words, headline, marker_words, provenance, saw, say, vehicle
from ui.widgets.buttons import BigButton, HoldButton, Kind
from ui.widgets.card_head import CardHead
from ui.widgets.look_first import LookFirst
from ui.widgets.mute_entry import ReplayButton
from ui.widgets.patch_view import PatchView
from ui.widgets.picture import OverviewView
from ui.widgets.plate_label import PlateLabel
from ui.widgets.read_back import ReadBack
from ui.widgets.reasons import ReasonRow
from ui.widgets.scrolling import WordsArea
from ui.widgets.side_panel import labelled

SLIDE_MS = 120
_EDGE = 4


class Stage(Enum):
    """What the card asks for."""

    LOOK = "look"
    DECIDE = "decide"
    REASON = "reason"


class CameraSaw(QWidget):
    """What was seen: what was read, entered or corrected to as a plate, and the character the officer saw."""

    def __init__(self) -> None:
        super().__init__()
        self.plate, self.seen = PlateLabel(44), labelled("caption")
        self.seen.setWordWrap(True)
        self.read = QWidget()
        row = QHBoxLayout(self.read)
        scale.spaced(row, 10, (0, 0, 0, 0))
        self.by = labelled("caption")
        row.addWidget(self.by)
        row.addWidget(self.plate, 1)
        column = QVBoxLayout(self)
        scale.spaced(column, 4, (0, 0, 0, 0))
        column.addWidget(self.read)
        column.addWidget(self.seen)

    def show_hit(self, hit: Hit, choice: str, listed: str) -> None:
        """Show what was read of a CHECK, or corrected, and what was chosen where the list has `listed`; "": nothing."""
        check = hit.match.kind is MatchKind.CHECK
        by = Say.ENTERED_BY_HAND if hit.read.is_entered else Say.CAMERA_READ
        self.by.setText(say(Say.CORRECTED_TO if hit.corrected_vrm else by))
        self.plate.show_vrm(hit.vrm, hit.read.colour, hit.match.differing if check else ())
        check = check or hit.corrected_vrm is not None
        self.read.setVisible(check)
        self.seen.setText(saw(choice, listed) if choice else "")
        self.seen.setVisible(bool(choice))
        theme.give_role(self.seen, "control" if choice not in ("", listed) else "caption")
        self.setVisible(check or bool(choice))


class HitCard(QWidget):
    """Shows one hit and asks: CONFIRM, LATER or DISMISS; afterwards what control said and what was done, or why not.

    It decides nothing itself: every tap is a signal. Touches are ignored for 700 ms after it appears or its layout
    moves.
    """

    looked = Signal(str)
    confirmed = Signal()
    put_off = Signal()
    dismissed = Signal()
    answered = Signal(ControlAnswer)
    disposed = Signal(Disposition, object)
    verification_chosen = Signal(Verification)
    done = Signal()
    replay_wanted = Signal()

    def __init__(self, clock: Clock, dead_time: DeadTime, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.dead_time = dead_time
        self.hit: Hit | None = None
        self.stage = Stage.DECIDE
        self.head, self.patch, self.overview = CardHead(), PatchView(), OverviewView()
        self.plate = PlateLabel(118)
        self.plate.setObjectName("list-plate")
        self.plate.on_top = True
        scale.sized(self.plate, least_height=56)  # the picture gives way last
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
        self.replay = ReplayButton(self.dead_time)
        self.replay.clicked.connect(self.replay_wanted)
        self.look = LookFirst(self.dead_time)
        self.look.chosen.connect(self.looked)
        self.look.put_off.connect(self.put_off)
        self.reasons = ReasonRow(self.dead_time)
        self.reasons.answered.connect(self.answered)
        self.reasons.disposed.connect(self.disposed)
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
        self.evidence, self.read_back = QWidget(), ReadBack()
        evidence = QHBoxLayout(self.evidence)
        scale.spaced(evidence, 16, (0, 0, 0, 0))
        evidence.addLayout(same_mark, 54)
        evidence.addLayout(same_vehicle, 46)
        self.buttons = QWidget()
        row = QHBoxLayout(self.buttons)
        scale.spaced(row, 16, (0, 0, 0, 0))
        for button, width in ((self.confirm, 38), (self.later, 19), (self.replay, 0), (self.dismiss, 34)):
            row.addWidget(button, width)  # between the two that decide stands one that decides nothing
        for button in (self.confirm, self.later, self.dismiss):
            scale.sized(button, height=92)
        body = QVBoxLayout()
        scale.spaced(body, 6, (18, 14, 18, 14))
        body.addWidget(self.look, 1)
        body.addWidget(self.evidence, 1)
        body.addWidget(self.read_back, 1)
        self.words = QWidget()  # may be long: the pictures give way first, then these are scrolled
        said = QVBoxLayout(self.words)
        scale.spaced(said, 6, (0, 0, 0, 0))
        for label in (self.why, self.markers, self.action, self.origin):
            said.addWidget(label)
        self.reading = WordsArea(self.words, most=112)
        body.addWidget(self.reading)
        body.addWidget(self.control)
        scale.gap(body, 4)
        body.addWidget(self.buttons)
        body.addWidget(self.reasons)
        outer = QVBoxLayout(self)
        scale.spaced(outer, 0, (_EDGE, _EDGE, _EDGE, _EDGE))
        outer.addWidget(self.head)
        outer.addLayout(body, 1)

    def show_hit(
        self,
        hit: Hit,
        evidence: Evidence,
        waiting: int,
        now: datetime,
        question: LookQuestion | None = None,
        choice: str = "",
    ) -> None:
        """Show a hit. One with an outcome is asked for its reason, an open one for a look or a decision.

        `question` is asked of the picture before the entry is shown; `choice` is what the officer answered, "" so far.
        """
        new = self.hit is None or self.hit.hit_id != hit.hit_id
        stage = Stage.REASON if not hit.is_open else Stage.LOOK if question is not None and not choice else Stage.DECIDE
        moved = new or stage is not self.stage
        self.hit, self.stage = hit, stage
        self.head.show_hit(hit, waiting, cancelled_words(hit) if stage is Stage.LOOK else headline(hit, now))
        if question is not None and stage is Stage.LOOK:
            self.look.ask(question, evidence, hit.read)
        self._show_evidence(hit, evidence)
        self.saw.show_hit(hit, choice, question.listed if question is not None else "")
        self.action.setText(action(hit))
        markers = marker_words(hit.match.voi.markers)
        self.markers.setText(say(Say.MARKERS, markers=markers) if markers else "")
        self.origin.setText(provenance(hit, now))
        self.dismiss.hold = hit.tier is Tier.IMMEDIATE
        self.dismiss.set_caption(say(Say.HOLD if self.dismiss.hold else Say.TAP))
        self._show_reason()
        self._show_stage(waiting)
        if moved:
            self._layout_moved()
        self.update()

    def _show_evidence(self, hit: Hit, evidence: Evidence) -> None:
        t, match = theme.tokens(), hit.match
        check = match.kind is MatchKind.CHECK
        differing = match.differing if check else ()
        self.patch.show_patches(evidence, hit.read, differing)
        self.read_back.show_hit(hit, evidence)
        self.overview.show_overview(evidence.overview, hit.read, t.tier(hit.tier).ink, dashed=check)
        self.plate.show_vrm(match.voi.vrm, hit.read.colour, differing)
        self.vehicle.setText(vehicle(match))

    def _show_reason(self) -> None:
        """A reason that the head cannot hold stands in full below it."""
        assert self.hit is not None
        self.why.setText("" if self.head.holds_reason() else self.head.words)
        self.why.setVisible(self.stage is Stage.DECIDE and bool(self.why.text()))

    def _show_stage(self, waiting: int) -> None:
        assert self.hit is not None
        stage, confirmed = self.stage, self.hit.state is HitState.ACTIONED
        self.look.setVisible(stage is Stage.LOOK)
        self.buttons.setVisible(stage is Stage.DECIDE)
        self.evidence.setVisible(stage is not Stage.LOOK and not confirmed)
        self.read_back.setVisible(confirmed)
        # Once decided, what to do next gives its place to what was done.
        for label in (self.why, self.action, self.markers, self.origin, self.control):
            label.setVisible(stage is Stage.DECIDE and bool(label.text()))
        self.reading.setVisible(stage is Stage.DECIDE)
        self.reasons.setVisible(stage is Stage.REASON)
        if stage is Stage.REASON:
            self.reasons.ask(self.hit, waiting)
        else:
            self.reasons.restart()

    @property
    def shows_picture(self) -> bool:
        """Whether the picture of the hit's plate, or of the scene, is on the card: without it a tap is no look."""
        return self.isVisible() and (self.patch.has_picture or self.overview.has_picture)

    def present(
        self,
        hit: Hit,
        evidence: Evidence,
        waiting: int,
        now: datetime,
        question: LookQuestion | None = None,
        choice: str = "",
    ) -> None:
        """Show a hit as `show_hit` does; where it is another one than before, slide in."""
        new = self.hit is None or self.hit.hit_id != hit.hit_id or self.isHidden()
        self.show_hit(hit, evidence, waiting, now, question, choice)
        if new:
            self.slide_in()

    def show_shared(self, count: int) -> None:
        """Say how many more sightings of the vehicle CONFIRM is about."""
        self.confirm.set_caption(say(Say.MORE_SIGHTINGS, count=count) if count else "")

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
