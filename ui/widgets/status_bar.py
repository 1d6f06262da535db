"""The bar that is always there: who, the lamps, the time. And the banner for what must not be missed."""

from collections.abc import Iterable

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QWidget
from typing_extensions import override

from patrol_anpr.domain.health import Lamp, LampState
from ui import theme
from ui.text import Say, say
from ui.widgets.shapes import paint_lamp

BAR_HEIGHT = 64
_ORDER = ("records", "camera", "gps", "list", "voice", "disk", "clock", "depot")
_URGENCY = {LampState.BAD: 0, LampState.WARN: 1, LampState.UNKNOWN: 2, LampState.GOOD: 3}
_LAMP, _GAP = 15, 22


def ordered(lamps: Iterable[Lamp]) -> list[Lamp]:
    """The lamps in the order they are shown: always the same, so that each keeps its place."""

    def place(lamp: Lamp) -> tuple[int, str]:
        kind = lamp.key.split(":")[0]
        return (_ORDER.index(kind) if kind in _ORDER else len(_ORDER)), lamp.key

    return sorted(lamps, key=place)


class LampStrip(QWidget):
    """Lamps as shape, colour and word.

    Where there is no room for all, lamps that are well are counted together; one that is not well is never left out
    before one that is.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._lamps: list[Lamp] = []
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setFixedHeight(BAR_HEIGHT)

    def show_lamps(self, lamps: Iterable[Lamp]) -> None:
        """Show these lamps."""
        self._lamps = ordered(lamps)
        self.setAccessibleName(", ".join(f"{lamp.word}: {lamp.state.value}" for lamp in self._lamps))
        self.update()

    @override
    def minimumSizeHint(self) -> QSize:
        return QSize(200, BAR_HEIGHT)

    def fitting(self, room: int) -> tuple[list[Lamp], int]:
        """The lamps shown in `room` dp, and how many are only counted."""
        shown = list(self._lamps)
        hidden = 0
        while shown and self._width(shown, hidden) > room:
            shown.remove(max(shown, key=lambda lamp: (_URGENCY[lamp.state], shown.index(lamp))))
            hidden += 1
        return shown, hidden

    def _words(self, lamp: Lamp) -> QFontMetrics:
        return QFontMetrics(theme.font(theme.CAPTION, bold=lamp.state is LampState.BAD))

    def _width(self, shown: list[Lamp], hidden: int) -> int:
        words = sum(self._words(lamp).horizontalAdvance(lamp.word) + _LAMP + 8 + _GAP for lamp in shown)
        more = (
            QFontMetrics(theme.font(theme.CAPTION)).horizontalAdvance(self._rest(hidden)) + _LAMP + 8 if hidden else 0
        )
        return words + more

    def _rest(self, hidden: int) -> str:
        return say(Say.MORE_GOOD if self._rest_state(hidden) is LampState.GOOD else Say.MORE, count=hidden)

    def _rest_state(self, hidden: int) -> LampState:
        worst = sorted((_URGENCY[lamp.state] for lamp in self._lamps), reverse=True)[:hidden]
        return next((state for state, rank in _URGENCY.items() if rank == min(worst, default=3)), LampState.GOOD)

    @override
    def paintEvent(self, _event: QPaintEvent) -> None:
        t = theme.tokens()
        shown, hidden = self.fitting(self.width())
        x = 0
        with QPainter(self) as painter:
            for lamp in shown:
                bad = lamp.state is LampState.BAD
                ink = t.bad if bad else t.text if lamp.state is LampState.WARN else t.muted
                x = self._paint(painter, x, lamp.state, lamp.word, ink, bold=bad)
            if hidden:
                self._paint(painter, x, self._rest_state(hidden), self._rest(hidden), t.muted, bold=False)

    def _paint(self, painter: QPainter, x: int, state: LampState, word: str, ink: str, *, bold: bool) -> int:
        paint_lamp(painter, QRectF(x, (self.height() - _LAMP) / 2, _LAMP, _LAMP), state)
        painter.setFont(theme.font(theme.CAPTION, bold=bold))
        painter.setPen(QColor(ink))
        width = painter.fontMetrics().horizontalAdvance(word)
        left = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        painter.drawText(QRectF(x + _LAMP + 8, 0, width + 4, self.height()), left, word)
        return x + _LAMP + 8 + width + _GAP


class _Words(QWidget):
    """Words painted at one size, as wide as they are; QLabel would let them be squeezed."""

    def __init__(self, size: int, *, bold: bool, muted: bool = False) -> None:
        super().__init__()
        self._size, self._bold, self._muted, self.words = size, bold, muted, ""
        self.setFixedHeight(BAR_HEIGHT)

    def set_words(self, words: str) -> None:
        if words != self.words:
            self.words = words
            self.setFixedWidth(QFontMetrics(theme.font(self._size, bold=self._bold)).horizontalAdvance(words) + 4)
            self.setAccessibleName(words)
            self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        t = theme.tokens()
        with QPainter(self) as painter:
            painter.setFont(theme.font(self._size, bold=self._bold))
            painter.setPen(QColor(t.muted if self._muted else t.text))
            painter.drawText(self.rect(), Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, self.words)


class StatusBar(QWidget):
    """Unit, officer, lamps, time."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.unit, self.officer = _Words(theme.BODY, bold=True), _Words(18, bold=False, muted=True)
        self.lamps, self.clock = LampStrip(), _Words(30, bold=True)
        row = QHBoxLayout(self)
        row.setContentsMargins(24, 0, 24, 0)
        row.setSpacing(18)
        for widget in (self.unit, self.officer, self.lamps, self.clock):
            row.addWidget(widget, 1 if widget is self.lamps else 0)
        self.setFixedHeight(BAR_HEIGHT)

    @override
    def paintEvent(self, _event: QPaintEvent) -> None:
        t = theme.tokens()
        with QPainter(self) as painter:
            painter.fillRect(self.rect(), QColor(t.bar))
            painter.fillRect(0, self.height() - 1, self.width(), 1, QColor(t.outline))


class Banner(QWidget):
    """Full width, red, with a cross: something without which the shift is worth nothing has stopped."""

    HEIGHT = 48

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._words = ""
        self.setFixedHeight(self.HEIGHT)
        self.hide()

    def show_words(self, words: str) -> None:
        """Show the banner with these words; hide it when there are none."""
        self._words = words
        self.setAccessibleName(words)
        self.setVisible(bool(words))
        self.update()

    @property
    def words(self) -> str:
        """What it says now."""
        return self._words

    @override
    def paintEvent(self, _event: QPaintEvent) -> None:
        t = theme.tokens()
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.fillRect(self.rect(), QColor(t.alarm))
            painter.setPen(QColor(t.on_alarm))
            painter.setFont(theme.font(22, bold=True))
            shown = painter.fontMetrics().elidedText(self._words, Qt.TextElideMode.ElideRight, self.width() - 90)
            width = painter.fontMetrics().horizontalAdvance(shown)
            x = (self.width() - width - 34) / 2
            pen = painter.pen()
            pen.setWidth(4)
            painter.setPen(pen)
            painter.drawLine(int(x), 16, int(x) + 16, 32)
            painter.drawLine(int(x) + 16, 16, int(x), 32)
            box = QRectF(x + 34, 0, width + 4, self.height())
            painter.drawText(box, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, shown)
