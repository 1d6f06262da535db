"""A mark made a vehicle of interest: why, how urgent, how long. IMMEDIATE has to be held."""

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QButtonGroup, QGridLayout, QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget
from typing_extensions import override

from patrol_anpr.domain.by_hand import LONGEST_REASON, Lifetime, VoiWish
from patrol_anpr.domain.clock import Clock
from patrol_anpr.domain.hotlist import Tier
from patrol_anpr.domain.plate import PlateColour
from ui import scale, theme
from ui.models.dead_time import DeadTime
from ui.read_words import VOI_REASONS, lifetime_word
from ui.text import Say, say, tier_word, tr
from ui.widgets.buttons import BigButton, HoldButton, Kind
from ui.widgets.letter_pad import LetterPad
from ui.widgets.plate_label import PlateLabel
from ui.widgets.scrolling import TouchArea
from ui.widgets.side_panel import labelled

_COLUMNS = 2


class HeldChoice(HoldButton):
    """One of several that is chosen only when held for a second."""

    def __init__(self, title: str, clock: Clock) -> None:
        super().__init__(title, clock, caption=say(Say.HOLD))
        self.kind = Kind.CHOICE
        self.setCheckable(True)
        self.held.connect(self._choose)

    @override
    def nextCheckState(self) -> None:
        """A tap alone chooses nothing."""

    @Slot()
    def _choose(self) -> None:
        self.setChecked(True)


class WordsPart(QWidget):
    """A reason in the officer's own words. `entered` carries it, `left` is the way back without."""

    entered = Signal(str)
    left = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.pad = LetterPad(LONGEST_REASON)
        self.back, self.go = BigButton(say(Say.BACK)), BigButton(say(Say.TAKE_WORDS), kind=Kind.CONFIRM)
        head = QHBoxLayout()
        scale.spaced(head, theme.GAP)
        head.addWidget(self.back)
        hint = labelled("body", say(Say.VOI_WHY_HINT))
        hint.setWordWrap(True)
        head.addWidget(hint, 1)
        head.addWidget(self.go)
        column = QVBoxLayout(self)
        scale.spaced(column, theme.GAP, (theme.GAP,) * 4)
        column.addLayout(head)
        column.addWidget(self.pad, 1)
        self.back.clicked.connect(self.left)
        self.go.clicked.connect(self._enter)
        self.pad.changed.connect(self._look)

    def begin(self, words: str) -> None:
        """Start with these words, and with the keyboard on them."""
        self.pad.set_text(words)
        self.pad.setFocus(Qt.FocusReason.OtherFocusReason)
        self._look()

    @Slot()
    def _look(self) -> None:
        self.go.setEnabled(bool(self.pad.text.strip()))

    @Slot()
    def _enter(self) -> None:
        self.entered.emit(self.pad.text)


class VoiForm(QStackedWidget):
    """`made` carries the wish, `left` is the way back. Reasons in the officer's words have a part of their own."""

    made = Signal(VoiWish)
    left = Signal()

    def __init__(self, clock: Clock, dead_time: DeadTime) -> None:
        super().__init__()
        self._dead_time = dead_time
        self._vrm, self._read_id, self._own_words = "", "", ""
        self.plate, self.problem = PlateLabel(64), labelled("problem")
        self.problem.setWordWrap(True)
        self.reasons: dict[str, BigButton] = {}
        self.tiers: dict[Tier, BigButton] = {}
        self.lifetimes: dict[Lifetime, BigButton] = {}
        self._why, self._urgent, self._long = QButtonGroup(self), QButtonGroup(self), QButtonGroup(self)
        self.other = BigButton(say(Say.OTHER_WORDS), kind=Kind.CHOICE, text_size=theme.BODY, wrap=True)
        self.back, self.go = BigButton(say(Say.BACK)), BigButton(say(Say.PUT_IN_FORCE), kind=Kind.CONFIRM)
        self.form = QWidget()
        self.wording = WordsPart()
        self.addWidget(self.form)
        self.addWidget(self.wording)
        self._lay_out(clock)
        self.other.clicked.connect(self._ask_words)
        self.wording.entered.connect(self._take_words)
        self.wording.left.connect(self._leave_words)
        self.back.clicked.connect(self.left)
        self.go.clicked.connect(self._make)
        for group in (self._why, self._urgent, self._long):
            group.buttonToggled.connect(self._look)

    def _lay_out(self, clock: Clock) -> None:
        choices = QWidget()
        both = QHBoxLayout(choices)
        scale.spaced(both, 24, (0, 0, 8, 0))
        scale.turning(both)
        both.addLayout(self._why_part(), 1)
        both.addLayout(self._how_part(clock), 1)
        head = QHBoxLayout()
        scale.spaced(head, theme.GAP)
        title = labelled("title", say(Say.VOI_TITLE))
        title.setWordWrap(True)
        head.addWidget(title, 1)
        head.addWidget(self.plate, 1)
        buttons = QHBoxLayout()
        scale.spaced(buttons, theme.GAP)
        buttons.addWidget(self.back, 2)
        buttons.addStretch(2)
        buttons.addWidget(self.go, 3)
        column = QVBoxLayout(self.form)
        scale.spaced(column, 10, (24, theme.GAP, 24, theme.GAP))
        column.addLayout(head)
        column.addWidget(TouchArea(choices), 1)
        column.addWidget(self.problem)
        column.addLayout(buttons)

    def _why_part(self) -> QVBoxLayout:
        part = QVBoxLayout()
        scale.spaced(part, 8)
        part.addWidget(labelled("strong", say(Say.VOI_WHY)))
        part.addWidget(labelled("caption", say(Say.VOI_WHY_HINT)))
        part.addLayout(self._reason_grid())
        part.addStretch(1)
        return part

    def _how_part(self, clock: Clock) -> QVBoxLayout:
        part, columns = QVBoxLayout(), QHBoxLayout()
        scale.spaced(part, 8)
        scale.spaced(columns, 16)
        for heading, choices in (
            (Say.VOI_TIER, self._tier_choices(clock)),
            (Say.VOI_UNTIL, self._lifetime_choices()),
        ):
            column = QVBoxLayout()
            scale.spaced(column, 10)
            column.addWidget(labelled("strong", say(heading)))
            for button in choices:
                column.addWidget(button)
            columns.addLayout(column, 1)
        part.addLayout(columns)
        owner = labelled("caption", say(Say.VOI_OWNER))
        owner.setWordWrap(True)
        part.addWidget(owner)
        part.addStretch(1)
        return part

    def _reason_grid(self) -> QGridLayout:
        grid = QGridLayout()
        scale.spaced(grid, 10)
        for place, reason in enumerate(VOI_REASONS):
            button = BigButton(tr(reason), kind=Kind.CHOICE, text_size=theme.BODY, wrap=True)
            button.setProperty("reason", reason)  # in the words that the voice says
            self.reasons[reason] = button
            self._why.addButton(button)
            grid.addWidget(button, place // _COLUMNS, place % _COLUMNS)
        self._why.addButton(self.other)
        grid.addWidget(self.other, len(VOI_REASONS) // _COLUMNS, 0, 1, _COLUMNS)
        return grid

    def _tier_choices(self, clock: Clock) -> Sequence[BigButton]:
        for tier in (Tier.ROUTINE, Tier.PRIORITY):
            self.tiers[tier] = BigButton(tier_word(tier), kind=Kind.CHOICE, text_size=theme.BODY)
        self.tiers[Tier.IMMEDIATE] = HeldChoice(tier_word(Tier.IMMEDIATE), clock)
        for tier, button in self.tiers.items():
            button.setProperty("tier", int(tier))
            self._urgent.addButton(button)
        return tuple(self.tiers.values())

    def _lifetime_choices(self) -> Sequence[BigButton]:
        for lifetime in Lifetime:
            button = BigButton(lifetime_word(lifetime), kind=Kind.CHOICE, text_size=theme.BODY)
            button.setProperty("lifetime", lifetime.value)
            self.lifetimes[lifetime] = button
            self._long.addButton(button)
        return tuple(self.lifetimes.values())

    def begin(self, vrm: str, colour: PlateColour, read_id: str | None) -> None:
        """Ask about a mark, with nothing said yet but the mildest: routine, for this shift."""
        self._vrm, self._read_id, self._own_words = vrm, read_id or "", ""
        self.plate.show_vrm(vrm, colour)
        self._choose_none()
        self.other.set_caption("")
        self.tiers[Tier.ROUTINE].setChecked(True)
        self.lifetimes[Lifetime.SHIFT].setChecked(True)
        self.say_problem("")
        self._look()
        self.setCurrentWidget(self.form)

    @Slot()
    def _ask_words(self) -> None:
        self._open(self.wording)
        self.wording.begin(self._own_words)

    @Slot(str)
    def _take_words(self, words: str) -> None:
        self._own_words = " ".join(words.split())
        self.other.set_caption(self._own_words)
        self._leave_words()

    @Slot()
    def _leave_words(self) -> None:
        if not self._own_words:
            self._choose_none()
        self._look()
        self._open(self.form)

    def _choose_none(self) -> None:
        self._why.setExclusive(False)
        for button in self._why.buttons():
            button.setChecked(False)
        self._why.setExclusive(True)

    def _open(self, part: QWidget) -> None:
        self._dead_time.restart()
        self.setCurrentWidget(part)

    def say_problem(self, sentence: str) -> None:
        """Say what was wrong; empty when nothing is."""
        self.problem.setText(sentence)
        self.problem.setVisible(bool(sentence))

    @property
    def reason(self) -> str:
        """The reason as chosen so far."""
        button = self._why.checkedButton()
        if button is None:
            return ""
        return self._own_words if button is self.other else str(button.property("reason"))

    @Slot()
    def _look(self) -> None:
        self.go.setEnabled(bool(self.reason))

    @Slot()
    def _make(self) -> None:
        tier, lifetime = self._urgent.checkedButton(), self._long.checkedButton()
        if tier is None or lifetime is None:
            return
        wish = VoiWish(
            self._vrm,
            self.reason,
            Tier(int(tier.property("tier"))),
            Lifetime(str(lifetime.property("lifetime"))),
            self._read_id or None,
        )
        self.made.emit(wish)
