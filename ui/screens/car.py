"""The state of the car; the ways to what is set on it lie below."""

from collections.abc import Iterable

from PySide6.QtWidgets import QVBoxLayout, QWidget

from patrol_anpr.domain.health import CameraStatus, Lamp
from patrol_anpr.patrol.window_ports import Patrolling
from ui import scale, theme
from ui.text import Say, say
from ui.widgets.lamp_rows import LampRows
from ui.widgets.scrolling import TouchArea
from ui.widgets.side_panel import labelled


class CarScreen(QWidget):
    """Every lamp with its advice."""

    def __init__(self, patrol: Patrolling, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "page")
        self.lamps = LampRows(patrol)
        column = QVBoxLayout(self)
        scale.spaced(column, 12, (32, theme.GAP, 32, theme.GAP))
        column.addWidget(labelled("title", say(Say.STATE)))
        column.addWidget(TouchArea(self.lamps), 1)

    def show_lamps(self, lamps: Iterable[Lamp]) -> None:
        """Show the state of every part."""
        self.lamps.show_lamps(lamps)

    def camera_changed(self, status: CameraStatus) -> None:
        """Show what a camera is doing."""
        self.lamps.camera_changed(status)
