"""After the decision: what was done, or why not. At most six big buttons; none of them has to be pressed."""

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QGridLayout, QVBoxLayout, QWidget

from patrol_anpr.domain.hit import Disposition, Verification
from ui import scale, theme
from ui.models.dead_time import DeadTime
from ui.text import Say, disposition_word, say, verification_word
from ui.widgets.buttons import BigButton, Kind
from ui.widgets.side_panel import labelled

STOPPED = (
    Disposition.ARREST,
    Disposition.SEIZURE,
    Disposition.REPORT,
    Disposition.NO_FURTHER_ACTION,
    Disposition.OUT_OF_DATE,
)
NOT_STOPPED = (
    Disposition.NOT_STOPPED_LOST,
    Disposition.NOT_STOPPED_UNSAFE,
    Disposition.NOT_STOPPED_PRIORITY,
    Disposition.PASSED_TO_CONTROL,
)
UNCONFIRMED = (Verification.MISREAD, Verification.NOT_A_PLATE, Verification.COULD_NOT_VERIFY)

Choice = Disposition | Verification | None  # None turns the page between stopped and not stopped


class _ReasonButton(BigButton):
    """A button that knows what it stands for."""

    def __init__(self, dead_time: DeadTime) -> None:
        super().__init__("", dead_time=dead_time, text_size=theme.BODY, wrap=True)
        self.choice: Choice = None


class ReasonRow(QWidget):
    """Six places in two rows, and DONE (or NEXT HIT) beside them."""

    disposition_chosen = Signal(Disposition)
    verification_chosen = Signal(Verification)
    done = Signal()
    changed = Signal()

    def __init__(self, dead_time: DeadTime) -> None:
        super().__init__()
        self._confirmed = True
        self._page: tuple[Disposition, ...] = STOPPED
        self.question = labelled("body")
        self.question.setWordWrap(True)
        grid = QGridLayout()
        scale.spaced(grid, 8)
        self.buttons = [_ReasonButton(dead_time) for _ in range(6)]
        for place, button in enumerate(self.buttons):
            button.clicked.connect(self._choose)
            grid.addWidget(button, place // 3, place % 3)
            grid.setColumnStretch(place % 3, 3)
        self.finish = BigButton(say(Say.DONE), dead_time=dead_time, kind=Kind.CONFIRM, text_size=theme.BODY, wrap=True)
        self.finish.setObjectName("done")
        self.finish.clicked.connect(self.done)
        grid.addWidget(self.finish, 0, 4, 2, 1)
        grid.setColumnStretch(4, 2)
        column = QVBoxLayout(self)
        scale.spaced(column, 8, (0, 0, 0, 0))
        column.addWidget(self.question)
        column.addLayout(grid)

    def ask(self, *, confirmed: bool, waiting: int) -> None:
        """Ask for the reason of a confirmed or a dismissed hit; `waiting` hits come after it."""
        if confirmed is not self._confirmed:
            self._page = STOPPED
        self._confirmed = confirmed
        self.question.setText(say(Say.WHAT_DONE if confirmed else Say.WHY_DISMISSED))
        self.finish.setText(say(Say.NEXT if waiting else Say.DONE))
        self.finish.set_caption(say(Say.WAITING, count=waiting) if waiting else "")
        self._fill()

    def restart(self) -> None:
        """Begin with the first page again."""
        self._page = STOPPED

    def _fill(self) -> None:
        if not self._confirmed:
            entries: list[tuple[str, Choice]] = [(verification_word(v), v) for v in UNCONFIRMED]
        else:
            turn = say(Say.NOT_STOPPED if self._page is STOPPED else Say.BACK)
            entries = [*((disposition_word(d), d) for d in self._page), (turn, None)]
        for place, button in enumerate(self.buttons):
            button.setVisible(place < len(entries))
            if place < len(entries):
                button.setText(entries[place][0])
                button.choice = entries[place][1]
                button.update()

    @Slot()
    def _choose(self) -> None:
        button = self.sender()
        assert isinstance(button, _ReasonButton)
        if isinstance(button.choice, Disposition):
            self.disposition_chosen.emit(button.choice)
        elif isinstance(button.choice, Verification):
            self.verification_chosen.emit(button.choice)
        else:
            self._page = NOT_STOPPED if self._page is STOPPED else STOPPED
            self._fill()
            self.changed.emit()
