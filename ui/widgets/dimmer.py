"""A veil over the whole window that takes light away: many screens have no switch that a program can turn."""

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget
from typing_extensions import override


class Dimmer(QWidget):
    """Lies over everything in its window and hears no touch; with full brightness it is not there."""

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self._window = window
        self._percent = 100
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setAttribute(Qt.WidgetAttribute.WA_NoSystemBackground)
        window.installEventFilter(self)
        self.hide()

    @property
    def brightness(self) -> int:
        """Percent of the light that is left."""
        return self._percent

    def set_brightness(self, percent: int) -> None:
        """Leave this much of the light."""
        self._percent = percent
        self.setVisible(percent < 100)
        self._cover()

    def _cover(self) -> None:
        self.setGeometry(self._window.rect())
        self.raise_()
        self.update()

    @override
    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize:
            self._cover()
        return super().eventFilter(watched, event)

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            painter.fillRect(event.rect(), QColor(0, 0, 0, round(255 * (1 - self._percent / 100))))
