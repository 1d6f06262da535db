"""One thing to be entered, full screen: what it is for, what was entered, the keys, and the way back or on."""

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from patrol_anpr.domain.plate import PlateColour
from patrol_anpr.domain.vrm import normalise
from ui import scale, theme
from ui.text import Say, say
from ui.widgets.buttons import BigButton, Kind
from ui.widgets.mark_pad import Entry, MarkPad
from ui.widgets.plate_label import PlateLabel
from ui.widgets.side_panel import labelled


class EntryPart(QWidget):
    """`entered` carries the text when the officer says that it is right; `left` when they go back without.

    A mark is shown as a plate, anything else as it is; `beside` is what the officer looks at while they enter it.
    """

    entered = Signal(str)
    left = Signal()

    def __init__(self, entry: Entry, title: str, hint: str, go: str, beside: QWidget | None = None) -> None:
        super().__init__()
        self.pad, self.hint = MarkPad(entry), labelled("body", hint)
        self.hint.setWordWrap(True)
        self.problem = labelled("problem")
        self.problem.setWordWrap(True)
        self.shown = PlateLabel(88) if entry is Entry.MARK else labelled("figure")
        self.back = BigButton(say(Say.BACK))
        self.go = BigButton(go, kind=Kind.CONFIRM)
        top = QHBoxLayout()
        scale.spaced(top, theme.GAP)
        top.addWidget(self.back)
        top.addWidget(self.shown, 1)
        top.addWidget(self.go)
        head = QVBoxLayout()
        scale.spaced(head, 8, (theme.GAP, theme.GAP, theme.GAP, 0))
        head.addWidget(labelled("title", title))
        head.addLayout(top)
        head.addWidget(self.hint)
        head.addWidget(self.problem)
        head.addStretch(1)
        column = QVBoxLayout(self)
        scale.spaced(column, 8, (0, 0, 0, 4))
        upper = QHBoxLayout()
        scale.spaced(upper, 0)
        upper.addLayout(head, 3)
        if beside is not None:
            upper.addWidget(beside, 2)
        column.addLayout(upper, 1)
        column.addWidget(self.pad)
        self.pad.changed.connect(self._show)
        self.pad.submitted.connect(self._enter)
        self.go.clicked.connect(self._enter)
        self.back.clicked.connect(self.left)
        self._show("")

    def begin(self, text: str = "") -> None:
        """Start with this text, and with the keyboard on it."""
        self.say_problem("")
        self.pad.set_text(text)
        self._show(text)
        self.pad.setFocus(Qt.FocusReason.OtherFocusReason)

    def say_problem(self, sentence: str) -> None:
        """Say what was wrong; empty when nothing is."""
        self.problem.setText(sentence)
        self.problem.setVisible(bool(sentence))

    @Slot(str)
    def _show(self, text: str) -> None:
        if isinstance(self.shown, PlateLabel):
            self.shown.show_vrm(normalise(text), PlateColour.UNKNOWN)
        else:
            self.shown.setText(text or " ")
        self.go.setEnabled(bool(text.strip()))
        self.say_problem("")

    @Slot()
    def _enter(self) -> None:
        if self.go.isEnabled():
            self.entered.emit(self.pad.text)
