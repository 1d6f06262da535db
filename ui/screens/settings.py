"""What an officer may set, and beside it what is set for this car elsewhere."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from enum import StrEnum
from typing import Any, TypeVar

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QAbstractButton, QButtonGroup, QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from patrol_anpr.domain.choices import RANGES, Choices, Language, PaletteChoice, SettingShown
from patrol_anpr.patrol.window_ports import Patrolling
from ui import scale, theme
from ui.text import Say, breakable, say
from ui.widgets.buttons import BigButton, Kind
from ui.widgets.scrolling import TouchArea
from ui.widgets.side_panel import labelled
from ui.widgets.stepper import Stepper

_NUMBERS = {
    "voice_volume": (Say.VOICE_VOLUME, Say.PERCENT),
    "tone_volume": (Say.TONE_VOLUME, Say.PERCENT),
    "words_per_minute": (Say.VOICE_SPEED, Say.WORDS_A_MINUTE),
    "brightness": (Say.BRIGHTNESS, Say.PERCENT),
}
_PALETTES = {
    PaletteChoice.AUTOMATIC: Say.BY_THE_SUN,
    PaletteChoice.DAY: Say.DAY,
    PaletteChoice.NIGHT: Say.NIGHT,
    PaletteChoice.HIGH_CONTRAST: Say.HIGH_CONTRAST,
}
_Choice = TypeVar("_Choice", bound=StrEnum)
_LANGUAGES = {Language.ENGLISH: Say.ENGLISH, Language.WELSH: Say.WELSH}


class SettingsScreen(QWidget):
    """`chosen` tells what is to be in force now; it holds from that tap on, and no button saves it."""

    chosen = Signal(Choices)
    voice_wanted = Signal()

    def __init__(self, patrol: Patrolling, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "page")
        self._choices = patrol.choices.now
        self.numbers = {
            name: Stepper(name, say(words), say(unit), *RANGES[name]) for name, (words, unit) in _NUMBERS.items()
        }
        for name, stepper in self.numbers.items():
            stepper.setProperty("choice", name)
            stepper.stepped.connect(self._number)
        self.palettes, self._palette_group = self._buttons(_PALETTES)
        self.languages, self._language_group = self._buttons(_LANGUAGES)
        self._palette_group.buttonClicked.connect(self._palette)
        self._language_group.buttonClicked.connect(self._language)
        self.listen = BigButton(say(Say.LISTEN), text_size=theme.BODY)
        self.listen.setObjectName("listen")
        self.listen.clicked.connect(self.voice_wanted)
        row = QHBoxLayout(self)
        scale.spaced(row, 32, (32, theme.GAP, 32, theme.GAP))
        scale.turning(row)
        row.addLayout(_headed(say(Say.SETTINGS), self._what_is_set()), 6)
        row.addLayout(_headed(say(Say.SET_ELSEWHERE), _others(patrol.choices.others)), 5)
        self.show_choices(self._choices)

    def _buttons(self, words: Mapping[_Choice, Say]) -> tuple[dict[_Choice, BigButton], QButtonGroup]:
        group = QButtonGroup(self)
        buttons: dict[_Choice, BigButton] = {}
        for choice, sentence in words.items():
            button = BigButton(say(sentence), kind=Kind.CHOICE, text_size=theme.BODY)
            button.setObjectName(f"choice-{choice.value}")
            button.setProperty("choice", choice.value)
            group.addButton(button)
            buttons[choice] = button
        return buttons, group

    def _what_is_set(self) -> QWidget:
        held = QWidget()
        column = QVBoxLayout(held)
        scale.spaced(column, 14, (0, 0, 12, 0))
        for name in ("voice_volume", "tone_volume"):
            column.addWidget(self.numbers[name])
        note = labelled("caption", say(Say.IMMEDIATE_FLOOR))
        note.setWordWrap(True)
        column.addWidget(note)
        column.addWidget(self.numbers["words_per_minute"])
        column.addWidget(self.listen)
        column.addWidget(self.numbers["brightness"])
        for words, buttons in ((Say.COLOURS, self.palettes), (Say.LANGUAGE, self.languages)):
            column.addWidget(labelled("caption", say(words)))
            grid = QGridLayout()
            scale.spaced(grid, 12)
            for place, button in enumerate(buttons.values()):
                grid.addWidget(button, place // 2, place % 2)
            column.addLayout(grid)
        return held

    def show_choices(self, choices: Choices) -> None:
        """Show what is set."""
        self._choices = choices
        for name, stepper in self.numbers.items():
            stepper.show_value(getattr(choices, name))
        self.palettes[choices.palette].setChecked(True)
        self.languages[choices.language].setChecked(True)

    @Slot(int)
    def _number(self, value: int) -> None:
        name = str(self.sender().property("choice"))
        set_to: dict[str, Any] = {name: value}
        self._choose(replace(self._choices, **set_to))

    @Slot(QAbstractButton)
    def _palette(self, button: QAbstractButton) -> None:
        choice = PaletteChoice(str(button.property("choice")))
        self._choose(replace(self._choices, palette=choice))

    @Slot(QAbstractButton)
    def _language(self, button: QAbstractButton) -> None:
        choice = Language(str(button.property("choice")))
        self._choose(replace(self._choices, language=choice))

    def _choose(self, choices: Choices) -> None:
        self._choices = choices
        self.chosen.emit(choices)


def _headed(title: str, content: QWidget) -> QVBoxLayout:
    column = QVBoxLayout()
    scale.spaced(column, 12)
    head = labelled("title", title)
    head.setWordWrap(True)
    column.addWidget(head)
    column.addWidget(TouchArea(content), 1)
    return column


def _others(settings: Sequence[SettingShown]) -> QWidget:
    held = QWidget()
    column = QVBoxLayout(held)
    scale.spaced(column, 2, (0, 0, 12, 0))
    for setting in settings:
        value = f"{setting.value} {setting.unit}".strip()
        for role, words in (("caption", f"{setting.name} = {value}"), ("body", setting.explanation)):
            label = labelled(role, breakable(words))
            label.setWordWrap(True)
            column.addWidget(label)
        scale.gap(column, 10)
    column.addStretch(1)
    return held
