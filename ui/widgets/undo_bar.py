"""UNDO for ten seconds, always in the same place."""

from dataclasses import dataclass

from PySide6.QtCore import QRectF, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QColor, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QWidget
from typing_extensions import override

from patrol_anpr.domain.clock import Clock
from patrol_anpr.domain.hit import UNDO_SECONDS, Hit
from ui import scale, theme
from ui.models.dead_time import DeadTime
from ui.text import Say, say
from ui.widgets.buttons import BigButton
from ui.widgets.plate_label import paint_plate


@dataclass(frozen=True, slots=True)
class Offer:
    """What was decided of a hit, in words, and until when (monotonic seconds) it can be taken back."""

    hit: Hit
    words: str
    until: float


class UndoBar(QWidget):
    """Says what was just decided about which VRM, and takes it back on a tap.

    The newest decision is offered; one before it comes back when that is taken back, or when the officer opens its hit.
    """

    undone = Signal(str)

    def __init__(self, clock: Clock, dead_time: DeadTime, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._clock, self._dead_time = clock, dead_time
        self._offers: list[Offer] = []
        self.button = BigButton(say(Say.UNDO), text_size=22, dead_time=dead_time)
        self.button.setObjectName("undo")
        self.button.clicked.connect(self._undo)
        scale.sized(self.button, width=140)
        row = QHBoxLayout(self)
        scale.spaced(row, 8, (8, 8, 8, 8))
        row.addStretch(1)
        row.addWidget(self.button)
        scale.sized(self, height=theme.TOUCH + 16)
        self._timer = QTimer(self)
        self._timer.setInterval(100)
        self._timer.timeout.connect(self._look)
        self.hide()

    def offer(self, hit: Hit, words: str) -> None:
        """Offer to take back what was decided about `hit`; `words` say what that was."""
        until = self._clock.monotonic() + UNDO_SECONDS
        self._show([*(one for one in self._offers if one.hit.hit_id != hit.hit_id), Offer(hit, words, until)])

    def prefer(self, hit_id: str) -> None:
        """Offer this hit's decision, where it can still be taken back."""
        self._show(sorted(self._offers, key=lambda one: one.hit.hit_id == hit_id))

    def withdraw(self) -> None:
        """Offer nothing any more."""
        self._show([])

    def _show(self, offers: list[Offer]) -> None:
        """Show the last of `offers`. Another one than before: what a tap would take back has changed."""
        before, now = self._offers[-1:], self._clock.monotonic()
        self._offers = [one for one in offers if now < one.until]
        if not self._offers:
            self._timer.stop()
            self.hide()
        elif self._offers[-1:] != before:
            self._dead_time.restart()
            self.setAccessibleName(self._offers[-1].words)
            self._timer.start()
            self.show()
        if self._offers:
            self.button.set_caption(f"{self._offers[-1].until - now:.0f} s")
        self.update()

    @Slot()
    def _look(self) -> None:
        self._show(self._offers)

    @Slot()
    def _undo(self) -> None:
        self._look()
        if self._offers:
            taken = self._offers[-1]
            self._show(self._offers[:-1])
            self.undone.emit(taken.hit.hit_id)

    @override
    def paintEvent(self, _event: QPaintEvent) -> None:
        if not self._offers:
            return
        offer, t = self._offers[-1], theme.tokens()
        share = max(0.0, (offer.until - self._clock.monotonic()) / UNDO_SECONDS)
        with scale.painting(self) as (painter, box):
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(t.surface))
            painter.drawRoundedRect(box, theme.RADIUS, theme.RADIUS)
            painter.setBrush(QColor(t.accent))
            painter.drawRect(QRectF(theme.RADIUS, 0, (box.width() - 2 * theme.RADIUS) * share, 3))
            painter.setPen(QColor(t.text))
            painter.setFont(theme.font(18, bold=True))
            painter.drawText(QRectF(14, 12, box.width() - 160, 26), Qt.AlignmentFlag.AlignLeft, offer.words)
            paint_plate(painter, 14, 44, 34, offer.hit.match.voi.vrm, offer.hit.read.colour)
