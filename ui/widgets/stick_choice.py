"""Which stick: a button for each that is plugged in, when there are several."""

from collections.abc import Sequence
from enum import Enum
from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from patrol_anpr.domain.stick import Stick
from ui import scale
from ui.text import Say, say, size
from ui.widgets.buttons import BigButton
from ui.widgets.side_panel import labelled

MOST = 4
"""Sticks that are offered: more are not plugged into a laptop."""


class Trip(Enum):
    """What a stick is wanted for."""

    PUT = "put"
    TAKE = "take"


class StickChoice(QWidget):
    """A row of buttons. `chosen` says what it is for and which stick it is."""

    chosen = Signal(object, object)

    def __init__(self) -> None:
        super().__init__()
        self.buttons: list[BigButton] = []
        self._row = QHBoxLayout()
        scale.spaced(self._row, 16)
        self._row.addStretch(1)
        self.asks = labelled("body")
        column = QVBoxLayout(self)
        scale.spaced(column, 10, (0, 0, 0, 0))
        column.addWidget(self.asks)
        column.addLayout(self._row)
        self.hide()

    def offer(self, trip: Trip, sticks: Sequence[Stick]) -> None:
        """Ask which of these."""
        self.clear()
        self.asks.setText(say(Say.WHICH_TO_PUT_ON if trip is Trip.PUT else Say.WHICH_TO_READ))
        for place, stick in enumerate(sticks[:MOST]):
            button = BigButton(stick.folder.name or str(stick.folder))  # "E:\\" has no name
            button.set_caption(say(Say.FREE, size=size(stick.free)) if stick.writable else say(Say.WRITE_PROTECTED))
            scale.sized(button, least_width=220, least_height=96)
            folder: Path = stick.folder
            button.clicked.connect(lambda _=False, folder=folder: self.chosen.emit(trip, folder))
            self.buttons.append(button)
            self._row.insertWidget(place, button)
        self.show()

    def clear(self) -> None:
        """Ask nothing any more."""
        for button in self.buttons:
            self._row.removeWidget(button)
            button.hide()
            button.deleteLater()
        self.buttons.clear()
        self.hide()
