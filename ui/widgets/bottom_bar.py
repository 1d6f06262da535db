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


class BarButton(QAbstractButton):
    """One field of the bottom bar: words, perhaps an icon before and a count after."""

    def __init__(self, words: str, icon: Icon | None = None, *, checkable: bool = False) -> None:
        super().__init__()
        self.setText(words)
        self.picture = icon
        self.count = 0
        self.setCheckable(checkable)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        scale.sized(self, height=BOTTOM_HEIGHT)

    @override
    def sizeHint(self) -> QSize:
        words = QFontMetrics(theme.font(theme.BODY)).horizontalAdvance(self.text())
        extra = (32 if self.picture else 0) + (40 if self.count else 0)
        return QSize(scale.dp(max(theme.TOUCH, words + extra + 16)), scale.dp(BOTTOM_HEIGHT))

    @override
    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    @override
    def paintEvent(self, _event: QPaintEvent) -> None:
        t = theme.tokens()
        with scale.painting(self) as (painter, area):
            on = self.isChecked()
            painter.fillRect(area, QColor(t.surface if on or self.isDown() else t.bar))
            painter.fillRect(QRectF(0, 0, area.width(), 1), QColor(t.outline))
            painter.fillRect(QRectF(area.width() - 1, 0, 1, area.height()), QColor(t.outline))
            if on:
                painter.fillRect(QRectF(0, 0, area.width(), 4), QColor(t.accent))
            painter.setFont(theme.font(theme.BODY, bold=on))
            words = painter.fontMetrics().horizontalAdvance(self.text())
            before, after = (32 if self.picture else 0), (42 if self.count else 0)
            x = (area.width() - words - before - after) / 2
            ink = QColor(t.text if on else t.muted)
            if self.picture is not None:
                paint_icon(painter, QRectF(x, area.height() / 2 - 11, 22, 22), self.picture, ink)
            painter.setPen(ink)
            box = QRectF(x + before, 0, words + 4, area.height())
            painter.drawText(box, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, self.text())
            if self.count:
                self._paint_count(painter, area, x + before + words + 10)

    def _paint_count(self, painter: QPainter, area: QRectF, x: float) -> None:
        look = theme.tokens().tiers[0]
        pill = QRectF(x, area.height() / 2 - 14, 32, 28)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(look.fill))
        painter.drawRoundedRect(pill, 14, 14)
        painter.setPen(QColor(look.on_fill))
        painter.setFont(theme.font(theme.CAPTION, bold=True))
        painter.drawText(pill, Qt.AlignmentFlag.AlignCenter, str(self.count))


class BottomBar(QWidget):
    """The pages that stand on it (ui/models/pages.py); driver view, sound, night or day."""

    page_chosen = Signal(str)
    mute_toggled = Signal(bool)
    driver_chosen = Signal()
    palette_toggled = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        self._group = QButtonGroup(self)
        self.pages: dict[str, BarButton] = {}
        for name, words in ON_THE_BAR.items():
            button = BarButton(say(words), checkable=True)
            button.setObjectName(f"bar-{name}")
            button.clicked.connect(self._choose)
            self._group.addButton(button)
            self.pages[name] = button
            row.addWidget(button)
        self.driver = BarButton(say(Say.DRIVER), Icon.WHEEL)
        self.mute = BarButton(say(Say.SOUND_ON), Icon.SOUND)
        self.palette_button = BarButton(say(Say.DAY), Icon.SUN)
        for button, slot in (
            (self.driver, self.driver_chosen.emit),
            (self.mute, self._toggle_mute),
            (self.palette_button, self.palette_toggled.emit),
        ):
            button.clicked.connect(slot)
            row.addWidget(button)
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
        self.palette_button.setText(say(Say.DAY if night else Say.NIGHT))
        self.palette_button.picture = Icon.SUN if night else Icon.MOON
        self.palette_button.update()

    @Slot()
    def _choose(self) -> None:
        for name, button in self.pages.items():
            if button.isChecked():
                self.page_chosen.emit(name)

    @Slot()
    def _toggle_mute(self) -> None:
        self.muted = not self.muted
        self.mute.setText(say(Say.MUTED if self.muted else Say.SOUND_ON))
        self.mute.picture = Icon.MUTED if self.muted else Icon.SOUND
        self.mute.update()
        self.mute_toggled.emit(self.muted)
