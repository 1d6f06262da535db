"""Letters and digits for a gloved finger, without the system's keyboard; a real keyboard types into it too."""

from enum import Enum

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QGridLayout, QWidget
from typing_extensions import override

from patrol_anpr.domain.search import LONGEST_PATTERN
from patrol_anpr.domain.vrm import MAX_LENGTH
from ui import scale, theme
from ui.text import Say, say
from ui.widgets.buttons import BigButton
from ui.widgets.shapes import Icon

_ROWS = ("1234567890", "QWERTYUIOP", "ASDFGHJKL", "ZXCVBNM")
COLUMNS = 10
_KEY = 76


class Entry(Enum):
    """What is entered: its longest form, and the keys it has beside letters and digits."""

    MARK = (MAX_LENGTH, "")
    PATTERN = (LONGEST_PATTERN, "?*")

    def __init__(self, longest: int, also: str) -> None:
        self.longest, self.also = longest, also


class MarkPad(QWidget):
    """Ten keys in a row, as on any keyboard. `text` is what was entered; ENTER of a keyboard is `submitted`."""

    changed = Signal(str)
    submitted = Signal()

    def __init__(self, entry: Entry, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.text, self._entry = "", entry
        self.keys: dict[str, BigButton] = {}
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._grid = QGridLayout(self)
        scale.spaced(self._grid, 0, (0, 0, 0, 0))
        for row, characters in enumerate(_ROWS):
            for column, character in enumerate(characters):
                self._add(character, BigButton(character, text_size=theme.TITLE), row, column)
        self.erase = BigButton("", icon=Icon.ERASE)
        self.erase.setAccessibleName(say(Say.DELETE))
        self._add("erase", self.erase, 2, COLUMNS - 1)
        column = len(_ROWS[3])
        for character in entry.also:
            self._add(character, BigButton(character, text_size=theme.TITLE), 3, column)
            column += 1
        self.clear = BigButton(say(Say.CLEAR), text_size=theme.CAPTION)
        self._add("clear", self.clear, 3, column, COLUMNS - column)

    def _add(self, key: str, button: BigButton, row: int, column: int, columns: int = 1) -> None:
        scale.sized(button, height=_KEY)
        button.setProperty("key", key)
        button.setObjectName(f"key-{key}")
        button.clicked.connect(self._pressed)
        self._grid.addWidget(button, row, column, 1, columns)
        self._grid.setColumnStretch(column, 1)
        self.keys[key] = button

    def set_text(self, text: str) -> None:
        """Replace what was entered."""
        if text != self.text:
            self.text = text
            self.changed.emit(text)

    @Slot()
    def _pressed(self) -> None:
        self._take(str(self.sender().property("key")))

    def _take(self, key: str) -> None:
        if key == "clear":
            self.set_text("")
        elif key == "erase":
            self.set_text(self.text[:-1])
        elif len(self.text) < self._entry.longest:
            self.set_text(self.text + key)

    @override
    def keyPressEvent(self, event: QKeyEvent) -> None:
        key, typed = event.key(), event.text().upper()
        if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.submitted.emit()
        elif key == Qt.Key.Key_Backspace:
            self._take("erase")
        elif key == Qt.Key.Key_Delete:
            self._take("clear")
        elif len(typed) == 1 and typed in self.keys:
            self._take(typed)
        else:
            super().keyPressEvent(event)
