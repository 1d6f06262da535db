"""What an officer may do about the sound of one hit: mute its entry for the shift, and hear its sentence again."""

from PySide6.QtCore import QRectF, Qt, Signal, Slot
from PySide6.QtGui import QColor, QKeySequence, QPainter, QShortcut
from PySide6.QtWidgets import QHBoxLayout, QWidget

from patrol_anpr.domain.entry import may_be_muted
from patrol_anpr.domain.hit import Hit
from ui import scale, theme
from ui.models.dead_time import DeadTime
from ui.text import Say, say
from ui.widgets.buttons import BigButton
from ui.widgets.shapes import Icon, paint_icon

MUTE_WIDTH = 110
"""Of the button at the end of a row, in dp."""
_ICON = 30
_WORD = 26


def paint_mute_button(painter: QPainter, place: QRectF, *, muted: bool) -> None:
    """Paint the button at the end of a row: what a tap would do, by sign and word."""
    t = theme.tokens()
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(t.raised))
    painter.drawRoundedRect(place.adjusted(0, 1, 0, -1), theme.RADIUS, theme.RADIUS)
    sign = QRectF(place.center().x() - _ICON / 2, place.center().y() - _ICON + 3, _ICON, _ICON)
    paint_icon(painter, sign, Icon.SOUND if muted else Icon.MUTED, QColor(t.text))
    painter.setPen(QColor(t.text))
    painter.setFont(theme.font(theme.CAPTION))
    words = QRectF(place.x(), sign.bottom() + 3, place.width(), _WORD)
    painter.drawText(words, Qt.AlignmentFlag.AlignHCenter, say(Say.UNMUTE if muted else Say.MUTE))


class ReplayButton(BigButton):
    """Says the sentence of the hit on the card again; the key R does the same."""

    def __init__(self, dead_time: DeadTime) -> None:
        super().__init__(say(Say.AGAIN), dead_time=dead_time, text_size=theme.BODY, wrap=True)
        self.setObjectName("replay")
        key = QShortcut(QKeySequence(Qt.Key.Key_R), self)
        key.activated.connect(self.click)


class HitSound(QWidget):
    """Beside the reasons of a decided hit: mute its entry or let it sound, and say its sentence again.

    `mute_wanted` carries the hit's id and what the officer wants.
    """

    mute_wanted = Signal(str, bool)

    def __init__(self, dead_time: DeadTime) -> None:
        super().__init__()
        self._hit_id, self._muted = "", False
        self.mute = BigButton("", dead_time=dead_time, text_size=theme.BODY)
        self.mute.setObjectName("mute-entry")
        self.mute.clicked.connect(self._tapped)
        self.replay = ReplayButton(dead_time)
        row = QHBoxLayout(self)
        scale.spaced(row, 8, (0, 0, 0, 0))
        row.addWidget(self.replay)
        row.addWidget(self.mute, 1)
        self.hide()

    def show_hit(self, hit: Hit, *, muted: bool) -> None:
        """Show what can be done for a hit; an entry of the immediate tier cannot be muted."""
        self._hit_id, self._muted = hit.hit_id, muted
        self.mute.setVisible(may_be_muted(hit.match))
        self.mute.setText(say(Say.UNMUTE_ENTRY if muted else Say.MUTE_ENTRY))
        self.mute.set_caption(say(Say.IS_MUTED if muted else Say.FOR_THE_SHIFT))
        self.show()

    @Slot()
    def _tapped(self) -> None:
        self.mute_wanted.emit(self._hit_id, not self._muted)
