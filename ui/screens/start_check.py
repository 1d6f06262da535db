"""The start check: is everything there, and can the officer hear it?"""

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from patrol_anpr.patrol.window_ports import Patrolling
from ui import scale, theme
from ui.text import Say, say
from ui.widgets.buttons import BigButton, Kind
from ui.widgets.lamp_rows import LampRows
from ui.widgets.scrolling import TouchArea
from ui.widgets.side_panel import labelled


class StartCheckScreen(QWidget):
    """Rows of lamps, "Did you hear this voice?", and START PATROL."""

    started = Signal()
    voice_wanted = Signal()
    voice_answered = Signal(bool)

    def __init__(self, patrol: Patrolling, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "page")
        self.lamps = LampRows(patrol)
        self.note, self.heard = labelled("problem"), labelled("body")
        self.yes, self.no = BigButton(say(Say.YES), kind=Kind.CHOICE), BigButton(say(Say.NO), kind=Kind.CHOICE)
        self.again = BigButton(say(Say.AGAIN), text_size=theme.BODY)
        self.go = BigButton(say(Say.START), kind=Kind.CONFIRM, text_size=theme.TITLE)
        self.yes.setObjectName("voice-yes")
        self.no.setObjectName("voice-no")
        self.go.setObjectName("start")
        self.yes.clicked.connect(self._yes)
        self.no.clicked.connect(self._no)
        self.again.clicked.connect(self.voice_wanted)
        self.go.clicked.connect(self.started)
        self.note.setWordWrap(True)
        self.heard.setWordWrap(True)
        self._lay_out()

    def _lay_out(self) -> None:
        left = QVBoxLayout()
        scale.spaced(left, 12)
        left.addWidget(labelled("title", say(Say.START_CHECK)))
        left.addWidget(TouchArea(self.lamps), 1)
        left.addWidget(self.note)
        right = QVBoxLayout()
        scale.spaced(right, 12)
        question = labelled("title", say(Say.HEARD))
        question.setWordWrap(True)
        right.addWidget(question)
        answers = QHBoxLayout()
        scale.spaced(answers, 16)
        answers.addWidget(self.yes)
        answers.addWidget(self.no)
        for button in (self.yes, self.no):
            scale.sized(button, least_height=110)
        right.addLayout(answers)
        right.addWidget(self.again)
        right.addWidget(self.heard)
        right.addStretch(1)
        scale.sized(self.go, least_height=110)
        right.addWidget(self.go)
        row = QHBoxLayout(self)
        scale.spaced(row, 40, (32, 20, 32, 20))
        scale.turning(row)
        row.addLayout(left, 6)
        row.addLayout(right, 4)

    def lists_came(self) -> None:
        """The lists are up to date after all: a download that was left behind has ended well."""
        self.note.hide()

    def begin(self, *, lists_updated: bool) -> None:
        """Start anew: nothing answered yet. The patrol can start once the voice question is answered, either way."""
        self.note.setText("" if lists_updated else say(Say.LIST_NOT_UPDATED))
        self.note.setVisible(not lists_updated)
        self.heard.setText("")
        for button in (self.yes, self.no):
            button.setChecked(False)
        self.go.setEnabled(False)
        self.voice_wanted.emit()

    @Slot()
    def _yes(self) -> None:
        self._answer(heard=True)

    @Slot()
    def _no(self) -> None:
        self._answer(heard=False)

    def _answer(self, *, heard: bool) -> None:
        self.yes.setChecked(heard)
        self.no.setChecked(not heard)
        self.heard.setText(say(Say.VOICE_YES if heard else Say.VOICE_NO))
        self.go.setEnabled(True)
        self.voice_answered.emit(heard)
