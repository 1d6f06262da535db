"""A number set by two large buttons: no slider is hit by a gloved thumb in a car."""

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from ui import scale
from ui.widgets.buttons import BigButton
from ui.widgets.side_panel import labelled

STEP = 10
_SIGN = 40


class Stepper(QWidget):
    """Name, less, the number with its unit, more. `stepped` tells the new number."""

    stepped = Signal(int)

    def __init__(self, name: str, words: str, unit: str, least: int, most: int) -> None:
        super().__init__()
        self._unit, self._least, self._most = unit, least, most
        self.value = most
        self.less, self.more = BigButton("\u2212", text_size=_SIGN), BigButton("+", text_size=_SIGN)
        self.less.setObjectName(f"{name}-less")
        self.more.setObjectName(f"{name}-more")
        self.less.setAccessibleName(f"{words} -")
        self.more.setAccessibleName(f"{words} +")
        self.less.clicked.connect(self._step_down)
        self.more.clicked.connect(self._step_up)
        self.figure = labelled("strong")
        self.figure.setAlignment(Qt.AlignmentFlag.AlignCenter)
        name_label = labelled("caption", words)
        name_label.setAlignment(Qt.AlignmentFlag.AlignCenter)
        name_label.setWordWrap(True)
        middle = QVBoxLayout()
        scale.spaced(middle, 0)
        middle.addWidget(name_label)
        middle.addWidget(self.figure)
        row = QHBoxLayout(self)
        scale.spaced(row, 12, (0, 0, 0, 0))
        row.addWidget(self.less)
        row.addLayout(middle, 1)
        row.addWidget(self.more)

    def show_value(self, value: int) -> None:
        """Show what is set; a button that would lead beyond the range is off."""
        self.value = value
        self.figure.setText(f"{value} {self._unit}")
        self.less.setEnabled(value > self._least)
        self.more.setEnabled(value < self._most)

    @Slot()
    def _step_down(self) -> None:
        self._step(-STEP)

    @Slot()
    def _step_up(self) -> None:
        self._step(STEP)

    def _step(self, by: int) -> None:
        self.show_value(max(self._least, min(self._most, self.value + by)))
        self.stepped.emit(self.value)
