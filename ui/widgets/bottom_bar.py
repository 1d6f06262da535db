"""The way between screens, at the bottom where a hand rests."""

from PySide6.QtCore import QRectF, QSize, Qt, Signal, Slot
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QButtonGroup, QHBoxLayout, QSizePolicy, QWidget
from typing_extensions import override

from ui import scale, theme
from ui.models.pages import ON_THE_BAR
from ui.text import Say, say
from ui.widgets.shapes import Icon, paint_icon

BOTTOM_HEIGHT = 88
_COUNT = 42


class BarButton(QAbstractButton):
    """One field of the bottom bar: words, and perhaps a count after them.

    Where a language needs more room than there is, the words are smaller, and the count stands above them.
    """

    def __init__(self, words: str) -> None:
        super().__init__()
        self.setText(words)
        self.count = 0
        self.setCheckable(True)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        scale.sized(self, height=BOTTOM_HEIGHT)

    @override
    def sizeHint(self) -> QSize:
        return QSize(scale.dp(self._needed(theme.BODY) + (_COUNT if self.count else 0)), scale.dp(BOTTOM_HEIGHT))

    @override
    def minimumSizeHint(self) -> QSize:
        return QSize(scale.dp(self._needed(theme.CAPTION)), scale.dp(BOTTOM_HEIGHT))

    def _needed(self, size: int) -> int:
        words = QFontMetrics(theme.font(size, bold=True)).horizontalAdvance(self.text())
        return max(theme.TOUCH, words + 12)

    @override
    def paintEvent(self, _event: QPaintEvent) -> None:
        t = theme.tokens()
        with scale.painting(self) as (painter, area):
            on = self.isChecked()
            _paint_field(painter, area, pressed=on or self.isDown())
            if on:
                painter.fillRect(QRectF(0, 0, area.width(), 4), QColor(t.accent))
            beside = _COUNT if self.count else 0
            is_narrow = self._needed(theme.BODY) + beside > area.width() + 1
            painter.setFont(theme.font(theme.CAPTION if is_narrow else theme.BODY, bold=on))
            words = painter.fontMetrics().horizontalAdvance(self.text())
            x = (area.width() - words - (0 if is_narrow else beside)) / 2
            painter.setPen(QColor(t.text if on else t.muted))
            box = QRectF(x, 0, words + 4, area.height())
            painter.drawText(box, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, self.text())
            if self.count and is_narrow:
                self._paint_count(painter, area.width() / 2 - 16, 6)
            elif self.count:
                self._paint_count(painter, x + words + 10, area.height() / 2 - 14)

    def _paint_count(self, painter: QPainter, x: float, y: float) -> None:
        look = theme.tokens().tiers[0]
        pill = QRectF(x, y, 32, 28)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(look.fill))
        painter.drawRoundedRect(pill, 14, 14)
        painter.setPen(QColor(look.on_fill))
        painter.setFont(theme.font(theme.CAPTION, bold=True))
        painter.drawText(pill, Qt.AlignmentFlag.AlignCenter, str(self.count))


class IconButton(QAbstractButton):
    """A small field of the bottom bar: a picture alone, its words in the accessible name."""

    def __init__(self, icon: Icon) -> None:
        super().__init__()
        self.picture = icon
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        scale.sized(self, width=BOTTOM_HEIGHT, height=BOTTOM_HEIGHT)

    @override
    def sizeHint(self) -> QSize:
        return QSize(scale.dp(BOTTOM_HEIGHT), scale.dp(BOTTOM_HEIGHT))

    @override
    def paintEvent(self, _event: QPaintEvent) -> None:
        with scale.painting(self) as (painter, area):
            _paint_field(painter, area, pressed=self.isDown())
            place = QRectF(area.width() / 2 - 15, area.height() / 2 - 15, 30, 30)
            paint_icon(painter, place, self.picture, QColor(theme.tokens().text))


def _paint_field(painter: QPainter, area: QRectF, *, pressed: bool) -> None:
    t = theme.tokens()
    painter.fillRect(area, QColor(t.surface if pressed else t.bar))
    painter.fillRect(QRectF(0, 0, area.width(), 1), QColor(t.outline))
    painter.fillRect(QRectF(area.width() - 1, 0, 1, area.height()), QColor(t.outline))


class BottomBar(QWidget):
    """The pages that stand on it (ui/models/pages.py); small: sound, night or day."""

    page_chosen = Signal(str)
    mute_toggled = Signal(bool)
    palette_toggled = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        self._group = QButtonGroup(self)
        self.pages: dict[str, BarButton] = {}
        for name, words in ON_THE_BAR.items():
            button = BarButton(say(words))
            button.setObjectName(f"bar-{name}")
            button.clicked.connect(self._choose)
            self._group.addButton(button)
            self.pages[name] = button
            row.addWidget(button)
        self.mute, self.palette_button = IconButton(Icon.SOUND), IconButton(Icon.SUN)
        self.mute.setAccessibleName(say(Say.SOUND_ON))
        self.mute.clicked.connect(self._toggle_mute)
        self.palette_button.clicked.connect(self.palette_toggled)
        row.addWidget(self.mute)
        row.addWidget(self.palette_button)
        self.muted = False
        scale.sized(self, height=BOTTOM_HEIGHT)

    def show_page(self, name: str) -> None:
        """Mark the page that is shown."""
        if name in self.pages:
            self.pages[name].setChecked(True)

    def show_open(self, count: int) -> None:
        """Show how many hits are open."""
        self.pages["hits"].count = count
        self.pages["hits"].update()

    def show_palette(self, *, night: bool) -> None:
        """Offer the other palette."""
        self.palette_button.setAccessibleName(say(Say.DAY if night else Say.NIGHT))
        self.palette_button.picture = Icon.SUN if night else Icon.MOON
        self.palette_button.update()

    @Slot()
    def _choose(self) -> None:
        for name, button in self.pages.items():
            if button.isChecked():
                self.page_chosen.emit(name)

    @Slot()
    def _toggle_mute(self) -> None:
        self.show_muted(muted=not self.muted)
        self.mute_toggled.emit(self.muted)

    def show_muted(self, *, muted: bool) -> None:
        """Show whether sounds are muted."""
        self.muted = muted
        self.mute.setAccessibleName(say(Say.MUTED if muted else Say.SOUND_ON))
        self.mute.picture = Icon.MUTED if muted else Icon.SOUND
        self.mute.update()
