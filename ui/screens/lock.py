"""The locked screen: the shape of what sounds, and the PIN. No mark, reason, officer or place on any pixel."""

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from patrol_anpr.domain.hit import Hit
from patrol_anpr.patrol.window_ports import Patrolling
from ui import scale, theme
from ui.screens.driver import TierSign
from ui.screens.sign_on import PinPad
from ui.text import Say, breakable, say
from ui.widgets.buttons import BigButton, Kind
from ui.widgets.side_panel import labelled


class LockScreen(QWidget):
    """Left the tier sign of the most urgent hit, right the PIN pad. `unlock_wanted` tells the PIN that was entered."""

    unlock_wanted = Signal(str)

    def __init__(self, patrol: Patrolling, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "page")
        self._patrol = patrol
        self.sign, self.pad = TierSign(), PinPad()
        self.words, self.problem = labelled("body"), labelled("problem")
        for label in (self.words, self.problem):
            label.setAlignment(Qt.AlignmentFlag.AlignCenter)
            label.setWordWrap(True)
        self.go = BigButton(say(Say.UNLOCK), kind=Kind.CONFIRM, text_size=theme.TITLE)
        self.go.setObjectName("unlock")
        self.pad.changed.connect(self._look)
        self.go.clicked.connect(self._ask)
        self._lay_out()
        self.begin()

    def _lay_out(self) -> None:
        left = QVBoxLayout()
        scale.spaced(left, 12)
        left.addWidget(labelled("title", say(Say.LOCKED)))
        left.addWidget(self.sign, 1)
        self._entry = QWidget()
        right = QVBoxLayout(self._entry)
        scale.spaced(right, 10, (0, 0, 0, 0))
        right.addWidget(self.words)
        right.addWidget(self.problem)
        right.addWidget(self.pad, 1)
        right.addWidget(self.go)
        self.stop_first = labelled("title", say(Say.STOP_TO_UNLOCK))
        self.stop_first.setWordWrap(True)
        row = QHBoxLayout(self)
        scale.spaced(row, 40, (40, theme.GAP, 40, theme.GAP))
        scale.turning(row)
        row.addLayout(left, 5)
        row.addWidget(self._entry, 4)
        row.addWidget(self.stop_first, 4)

    def begin(self) -> None:
        """The screen has just been locked."""
        self.pad.set_pin("")
        self.show_problem("")
        self.show_driving(driving=False)

    def show_sign(self, hit: Hit | None) -> None:
        """Show the tier of a hit, and nothing else of it; None: no hit wants a look."""
        self.sign.hit = hit
        self.sign.update()

    def show_driving(self, *, driving: bool) -> None:
        """A lone driver on the move types no PIN."""
        self._entry.setVisible(not driving)
        self.stop_first.setVisible(driving)

    def show_problem(self, sentence: str) -> None:
        """Say why it stays locked; empty when nothing is wrong."""
        self.problem.setText(breakable(sentence))
        self.problem.setVisible(bool(sentence))
        self.words.setVisible(not sentence)
        self._look()

    @Slot()
    def _look(self) -> None:
        needs_pin = self._patrol.lock.needs_pin
        self.words.setText(say(Say.PIN_TO_UNLOCK) if needs_pin else say(Say.NO_PIN))
        self.pad.setEnabled(needs_pin)
        self.go.setText(say(Say.UNLOCK))
        self.go.setEnabled(bool(self.pad.pin) or not needs_pin)

    @Slot()
    def _ask(self) -> None:
        pin = self.pad.pin
        self.pad.set_pin("")
        self.show_problem("")
        self.go.setText(say(Say.CHECKING))
        self.go.setEnabled(False)
        self.unlock_wanted.emit(pin)
