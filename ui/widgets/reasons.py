"""After the decision: what control said and what was done, or why not. Big buttons; none of them has to be pressed."""

from collections.abc import Sequence
from enum import Enum

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QGridLayout, QVBoxLayout, QWidget

from patrol_anpr.domain.disposition import BUILT_IN, Disposition
from patrol_anpr.domain.hit import ControlAnswer, Hit, HitState, Override, Verification
from ui import scale, theme
from ui.models.dead_time import DeadTime
from ui.text import Say, answer_word, disposition_word, override_word, say, verification_word
from ui.widgets.buttons import BigButton, Kind
from ui.widgets.side_panel import labelled

UNCONFIRMED = (Verification.MISREAD, Verification.NOT_A_PLATE, Verification.COULD_NOT_VERIFY)


class Page(Enum):
    """What the buttons ask."""

    CONTROL = Say.ASK_CONTROL
    STOPPED = Say.WHAT_DONE
    NOT_STOPPED = Say.WHY_NOT_STOPPED
    OVERRIDE = Say.WHY_OVERRIDE
    DISMISSED = Say.WHY_DISMISSED


_TURNS = {
    Page.CONTROL: (Say.TO_WHAT_DONE, Page.STOPPED),
    Page.STOPPED: (Say.NOT_STOPPED, Page.NOT_STOPPED),
    Page.NOT_STOPPED: (Say.TO_CONTROL, Page.CONTROL),
    Page.OVERRIDE: (Say.BACK, Page.STOPPED),
}
"""The last button of a page: its words, and the page it turns to."""

Choice = ControlAnswer | Disposition | Override | Verification | Page


class _ReasonButton(BigButton):
    """A button that knows what it stands for; with a tick where that was said already."""

    def __init__(self, dead_time: DeadTime) -> None:
        super().__init__("", dead_time=dead_time, kind=Kind.CHOICE, text_size=theme.BODY, wrap=True)
        self.choice: Choice | None = None


class ReasonRow(QWidget):
    """Six places in two rows, and DONE (or NEXT HIT) beside them.

    `disposed` brings why the vehicle was stopped without a look or control's word; None where it has both, or was not
    stopped. `changed`: another page is shown.
    """

    answered = Signal(ControlAnswer)
    disposed = Signal(Disposition, object)
    verification_chosen = Signal(Verification)
    done = Signal()
    changed = Signal()

    def __init__(self, dead_time: DeadTime) -> None:
        super().__init__()
        self._hit: Hit | None = None
        self.page = Page.CONTROL
        self._to: Page | None = None
        self._wanted: Disposition | None = None
        self._offered: Sequence[Disposition] = BUILT_IN
        self.question = labelled("body")
        self.question.setWordWrap(True)
        grid = QGridLayout()
        scale.spaced(grid, 8)
        self.buttons = [_ReasonButton(dead_time) for _ in range(6)]
        for place, button in enumerate(self.buttons):
            button.clicked.connect(self._choose)
            grid.addWidget(button, place // 3, place % 3)
            grid.setColumnStretch(place % 3, 3)
        self.turn = _ReasonButton(dead_time)  # below three answers, as wide as they are
        self.turn.clicked.connect(self._choose)
        grid.addWidget(self.turn, 1, 0, 1, 3)
        self.finish = BigButton(say(Say.DONE), dead_time=dead_time, kind=Kind.CONFIRM, text_size=theme.BODY, wrap=True)
        self.finish.setObjectName("done")
        self.finish.clicked.connect(self.done)
        grid.addWidget(self.finish, 0, 4, 2, 1)
        grid.setColumnStretch(4, 2)
        column = QVBoxLayout(self)
        scale.spaced(column, 8, (0, 0, 0, 0))
        column.addWidget(self.question)
        column.addLayout(grid)

    def offer(self, dispositions: Sequence[Disposition]) -> None:
        """Take what may be done about a hit, in the order of the screen."""
        self._offered = dispositions

    def ask(self, hit: Hit, waiting: int) -> None:
        """Ask what is not known yet of a decided hit; `waiting` hits come after it."""
        before = self._hit
        self._hit = hit
        if before is None or (before.hit_id, before.answer) != (hit.hit_id, hit.answer):
            self.page = _first_page(hit)
        self.finish.setText(say(Say.NEXT if waiting else Say.DONE))
        self.finish.set_caption(say(Say.WAITING, count=waiting) if waiting else "")
        self._fill()

    def restart(self) -> None:
        """Begin with the first page again."""
        self._hit = None

    def _fill(self) -> None:
        entries = [*self._entries()]
        turn, self._to = _TURNS.get(self.page, (None, None))
        wide = self.page is Page.CONTROL  # control's answers stand alone in their row
        self.question.setText(say(self.page.value))
        if turn is not None and self._to is not None and not wide:
            entries.append((say(turn), self._to))
        for place, button in enumerate(self.buttons):
            button.setVisible(place < len(entries))
            if place < len(entries):
                self._show(button, *entries[place])
        self.turn.setVisible(wide and turn is not None)
        if wide and turn is not None and self._to is not None:
            self._show(self.turn, say(turn), self._to)

    def _show(self, button: _ReasonButton, words: str, choice: Choice) -> None:
        hit = self._hit
        button.setText(words)
        button.choice = choice
        said = hit is not None and (
            (isinstance(choice, Disposition) and choice.is_as(hit.disposition))
            or (hit.answer is not None and choice is hit.answer.said)
        )
        button.setChecked(said)
        button.update()

    def _entries(self) -> list[tuple[str, Choice]]:
        match self.page:
            case Page.CONTROL:
                return [(answer_word(answer), answer) for answer in ControlAnswer]
            case Page.STOPPED:
                return [(disposition_word(done), done) for done in self._offered if done.is_stop]
            case Page.NOT_STOPPED:
                return [(disposition_word(done), done) for done in self._offered if not done.is_stop]
            case Page.OVERRIDE:
                return [(override_word(why), why) for why in Override]
            case Page.DISMISSED:
                return [(verification_word(said), said) for said in UNCONFIRMED]

    @Slot()
    def _choose(self) -> None:
        button = self.sender()
        assert isinstance(button, _ReasonButton)
        match button.choice:
            case ControlAnswer() as said:
                self.answered.emit(said)
            case Disposition() as done if done.is_stop and self._hit is not None and not self._hit.may_stop:
                self._wanted = done
                self._turn(Page.OVERRIDE)
            case Disposition() as done:
                self.disposed.emit(done, None)
            case Override() as why:
                self.disposed.emit(self._wanted, why)
            case Verification() as said:
                self.verification_chosen.emit(said)
            case Page() as page:
                self._turn(page)
        self._fill()  # a tap alone ticks nothing

    def _turn(self, page: Page) -> None:
        self.page = page
        self._fill()
        self.changed.emit()


def _first_page(hit: Hit) -> Page:
    if hit.state is HitState.DISMISSED:
        return Page.DISMISSED
    wanted = hit.answer is not None and hit.answer.said is not ControlAnswer.NO_LONGER_WANTED
    return Page.STOPPED if wanted else Page.CONTROL
