"""The bar that is always there: who, the lamps, the time. And the banner for what must not be missed."""

from collections.abc import Iterable

from PySide6.QtCore import QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QWidget
from typing_extensions import override

from patrol_anpr.domain.health import Lamp, LampState
from ui import scale, theme
from ui.text import Say, breakable, say
from ui.widgets.shapes import paint_lamp

BAR_HEIGHT = 64
_ORDER = ("records", "camera", "gps", "list", "additions", "voice", "disk", "clock", "depot")
_URGENCY = {LampState.BAD: 0, LampState.WARN: 1, LampState.UNKNOWN: 2, LampState.GOOD: 3}
_LAMP, _GAP = 15, 22
_LEAST_WORDS = 130


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
        scale.sized(self, height=BAR_HEIGHT)

    def show_lamps(self, lamps: Iterable[Lamp]) -> None:
        """Show these lamps."""
        self._lamps = ordered(lamps)
        self.setAccessibleName(", ".join(f"{lamp.word}: {lamp.state.value}" for lamp in self._lamps))
        self.update()

    @override
    def minimumSizeHint(self) -> QSize:
        return QSize(scale.dp(200), scale.dp(BAR_HEIGHT))

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
        x = 0
        with scale.painting(self) as (painter, area):
            shown, hidden = self.fitting(int(area.width()))
            for lamp in shown:
                bad = lamp.state is LampState.BAD
                ink = t.bad if bad else t.text if lamp.state is LampState.WARN else t.muted
                x = self._paint(painter, x, lamp.state, lamp.word, ink, bold=bad)
            if hidden:
                self._paint(painter, x, self._rest_state(hidden), self._rest(hidden), t.muted, bold=False)

    def _paint(self, painter: QPainter, x: int, state: LampState, word: str, ink: str, *, bold: bool) -> int:
        paint_lamp(painter, QRectF(x, (BAR_HEIGHT - _LAMP) / 2, _LAMP, _LAMP), state)
        painter.setFont(theme.font(theme.CAPTION, bold=bold))
        painter.setPen(QColor(ink))
        width = painter.fontMetrics().horizontalAdvance(word)
        left = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        painter.drawText(QRectF(x + _LAMP + 8, 0, width + 4, BAR_HEIGHT), left, word)
        return x + _LAMP + 8 + width + _GAP


class _Words(QWidget):
    """Words painted at one size; they give way only where there is no room for them and the lamps."""

    def __init__(self, size: int, *, bold: bool, muted: bool = False) -> None:
        super().__init__()
        self._size, self._bold, self._muted, self.words = size, bold, muted, ""
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        scale.sized(self, height=BAR_HEIGHT)
        self.hide()

    def set_words(self, words: str) -> None:
        if words != self.words:
            self.words = words
            self.setAccessibleName(words)
            self.setVisible(bool(words))
            self.updateGeometry()
            self.update()

    def _width(self) -> int:
        return QFontMetrics(theme.font(self._size, bold=self._bold)).horizontalAdvance(self.words) + 4

    def sizeHint(self) -> QSize:
        return QSize(scale.dp(self._width()), scale.dp(BAR_HEIGHT))

    def minimumSizeHint(self) -> QSize:
        return QSize(scale.dp(min(self._width(), _LEAST_WORDS)), scale.dp(BAR_HEIGHT))

    def paintEvent(self, _event: QPaintEvent) -> None:
        t = theme.tokens()
        with scale.painting(self) as (painter, area):
            painter.setFont(theme.font(self._size, bold=self._bold))
            painter.setPen(QColor(t.muted if self._muted else t.text))
            room = round(area.width()) + 1
            shown = painter.fontMetrics().elidedText(self.words, Qt.TextElideMode.ElideRight, room)
            painter.drawText(area, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, shown)


class StatusBar(QWidget):
    """Unit, officer, lamps, time."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.unit, self.officer = _Words(theme.BODY, bold=True), _Words(18, bold=False, muted=True)
        self.lamps, self.clock = LampStrip(), _Words(30, bold=True)
        row = QHBoxLayout(self)
        scale.spaced(row, 18, (24, 0, 24, 0))
        for widget in (self.unit, self.officer, self.lamps, self.clock):
            row.addWidget(widget, 1 if widget is self.lamps else 0)
        scale.sized(self, height=BAR_HEIGHT)

    @override
    def paintEvent(self, _event: QPaintEvent) -> None:
        t = theme.tokens()
        with scale.painting(self) as (painter, area):
            painter.fillRect(area, QColor(t.bar))
            painter.fillRect(QRectF(0, area.height() - 1, area.width(), 1), QColor(t.outline))


class Banner(QWidget):
    """Full width, red, a cross before each sentence: something without which the shift is worth nothing."""

    HEIGHT = 48

    def __init__(self, size: int = 22, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._size, self._line = size, size + 6
        self._sentences: tuple[str, ...] = ()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.hide()

    def show_words(self, *sentences: str) -> None:
        """Show the banner with these sentences, each from its own line on; hide it when there are none."""
        self._sentences = tuple(sentence for sentence in sentences if sentence)
        self.setAccessibleName(self.words)
        self.setVisible(bool(self._sentences))
        self._take_room()
        self.update()

    @property
    def words(self) -> str:
        """What it says now."""
        return " ".join(self._sentences)

    def _places(self, width: int) -> list[tuple[str, QRect]]:
        """Each sentence with its place in dp in a banner `width` dp wide, wrapped and never cut."""
        metrics = QFontMetrics(theme.font(self._size, bold=True))
        room, top, places = max(100, width - 100), (self.HEIGHT - self._line) // 2, []
        for sentence in map(breakable, self._sentences):
            box = metrics.boundingRect(QRect(0, 0, room, 10_000), Qt.TextFlag.TextWordWrap, sentence)
            lines = max(1, round(box.height() / metrics.lineSpacing()))
            left = (width - box.width() - 34) // 2 + 34
            places.append((sentence, QRect(left, top, box.width() + 4, lines * self._line)))
            top += lines * self._line + 4
        return places

    def _take_room(self) -> None:
        places = self._places(round(self.width() / scale.fit().factor))
        foot = places[-1][1].bottom() + 1 if places else self._line
        scale.sized(self, height=foot + (self.HEIGHT - self._line) // 2)

    @override
    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if event.size().width() != event.oldSize().width():
            self._take_room()

    @override
    def paintEvent(self, _event: QPaintEvent) -> None:
        t = theme.tokens()
        with scale.painting(self) as (painter, area):
            painter.fillRect(area, QColor(t.alarm))
            painter.setFont(theme.font(self._size, bold=True))
            for sentence, place in self._places(round(area.width())):
                painter.setPen(QPen(QColor(t.on_alarm), 4))
                x, y = place.left() - 34, place.top() + self._line // 2
                painter.drawLine(x, y - 8, x + 16, y + 8)
                painter.drawLine(x + 16, y - 8, x, y + 8)
                wrap = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextWordWrap
                painter.drawText(place, wrap, sentence)
