"""Driver view: symbols only, after regulation 109. No video, no list, no typing, no scrolling."""

from PySide6.QtCore import QRectF, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget
from typing_extensions import override

from patrol_anpr.domain.clock import Clock
from patrol_anpr.domain.hit import Hit, MatchKind
from ui import scale, theme
from ui.models.dead_time import DeadTime
from ui.text import Say, headline, match_word, say, tier_word, vehicle
from ui.widgets.buttons import BigButton, HoldButton, Kind
from ui.widgets.plate_label import PlateLabel
from ui.widgets.shapes import paint_tier
from ui.widgets.side_panel import labelled

_SHORT = 28
"""Characters of a vehicle that fit in large letters."""


class TierSign(QWidget):
    """The shape of a tier with its number, as large as the widget. Nothing while there is no hit."""

    def __init__(self) -> None:
        super().__init__()
        self._hit: Hit | None = None
        self.hit = None

    @property
    def hit(self) -> Hit | None:
        """The hit whose tier is shown."""
        return self._hit

    @hit.setter
    def hit(self, hit: Hit | None) -> None:
        self._hit = hit
        self.setAccessibleName(say(Say.CALM) if hit is None else f"{tier_word(hit.tier)}, {match_word(hit.match.kind)}")

    @override
    def paintEvent(self, _event: QPaintEvent) -> None:
        if self.hit is None:
            return
        look, check = theme.tokens().tier(self.hit.tier), self.hit.match.kind is MatchKind.CHECK
        with scale.painting(self) as (painter, area):
            side = min(area.width(), area.height())
            box = QRectF((area.width() - side) / 2, (area.height() - side) / 2, side, side).adjusted(6, 6, -6, -6)
            fill = look.ink if check else look.fill
            paint_tier(painter, box, self.hit.tier, fill, number=fill if check else look.on_fill, hollow=check)


class DriverScreen(QWidget):
    """One hit as a sign, or calm; SEEN, LATER, and the way back for when the car stands."""

    seen = Signal()
    put_off = Signal()
    left = Signal()

    def __init__(self, clock: Clock, dead_time: DeadTime, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "page")
        self._clock, self._dead_time = clock, dead_time
        self.sign, self.plate = TierSign(), PlateLabel(150)
        self.kind_label, self.vehicle = labelled("sign-reason"), labelled("sign-vehicle")
        self.calm = labelled("caption", say(Say.CALM))
        self.calm.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.seen_button = BigButton(say(Say.SEEN), kind=Kind.CONFIRM, dead_time=self._dead_time, text_size=34)
        self.later_button = BigButton(say(Say.LATER), dead_time=self._dead_time, text_size=30)
        self.leave = HoldButton(say(Say.FULL_VIEW), clock, dead_time=self._dead_time)
        self.leave.hold = False
        self.seen_button.clicked.connect(self.seen)
        self.later_button.clicked.connect(self.put_off)
        self.leave.held.connect(self.left)
        self._lay_out()
        self.show_hit(None, 0)

    def _lay_out(self) -> None:
        for button in (self.seen_button, self.later_button):
            scale.sized(button, least_height=120)
        buttons = QHBoxLayout()
        scale.spaced(buttons, 20)
        buttons.addWidget(self.seen_button, 3)
        buttons.addWidget(self.later_button, 2)
        words = QVBoxLayout()
        scale.spaced(words, 18)
        for label in (self.kind_label, self.vehicle):
            label.setWordWrap(True)
        words.addStretch(1)
        words.addWidget(self.kind_label)
        words.addWidget(self.plate)
        words.addWidget(self.vehicle)
        scale.gap(words, 8)
        words.addLayout(buttons)
        words.addStretch(1)
        self.hit_side = QWidget()
        row = QHBoxLayout(self.hit_side)
        scale.spaced(row, 56, (40, 16, 56, 16))
        scale.turning(row)
        row.addWidget(self.sign, 4)
        row.addLayout(words, 6)
        outer = QVBoxLayout(self)
        scale.spaced(outer, 8, (0, 0, 0, 16))
        outer.addWidget(self.hit_side, 1)
        outer.addWidget(self.calm, 1)
        outer.addWidget(self.leave, 0, Qt.AlignmentFlag.AlignHCenter)
        scale.sized(self.leave, least_width=200)

    def show_hit(self, hit: Hit | None, waiting: int) -> None:
        """Show a hit as a sign; None: calm."""
        before = self.sign.hit
        moved = (hit.hit_id if hit else None) != (before.hit_id if before else None)
        self.sign.hit = hit
        self.hit_side.setVisible(hit is not None)
        self.calm.setVisible(hit is None)
        if hit is not None:
            self.plate.show_vrm(hit.match.voi.vrm, hit.read.colour)
            more = f"    +{waiting}" if waiting else ""
            self.kind_label.setText(f"{headline(hit, self._clock.utc())}    {match_word(hit.match.kind)}{more}")
            words = vehicle(hit.match)
            self.vehicle.setText(words)
            theme.give_role(self.vehicle, "sign-vehicle" if len(words) <= _SHORT else "sign-reason")
        if moved:
            self._dead_time.restart()
        self.sign.update()

    def show_way_out(self, *, moving: bool | None, alone: bool) -> None:
        """The way to the full view: none for a lone driver who moves; where nobody knows (None), only on his word."""
        unsure = alone and moving is None
        words = say(Say.CAR_STANDS if unsure else Say.FULL_VIEW)
        self.leave.setVisible(not (alone and moving))
        if words != self.leave.text():
            self.leave.hold = unsure
            self.leave.setText(words)
            self.leave.set_caption(say(Say.HOLD) if unsure else "")
            self._dead_time.restart()

    @override
    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if self.isVisible():
            self._dead_time.restart()

    @override
    def paintEvent(self, _event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            painter.fillRect(self.rect(), QColor(theme.tokens().background))
