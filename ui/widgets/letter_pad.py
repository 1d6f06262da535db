"""Letters, digits and a few signs for gloves: words of an officer's own."""

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QGridLayout, QVBoxLayout, QWidget
from typing_extensions import override

from ui import scale, theme
from ui.text import Say, say
from ui.widgets.buttons import BigButton
from ui.widgets.side_panel import labelled

_ABREAST, _SPACE_WIDE = 8, 4
_LETTERS = tuple("ABCDEFGHIJKLMNOPQRSTUVWXYZ")
_SIGNS = tuple("0123456789-/.,&()':+?!#@*")
_SPACE, _DELETE, _TURN = "space", "delete", "turn"


class LetterPad(QWidget):
    """A line of words and the keys for it; a keyboard that is plugged in writes too. Sentence case by itself."""

    changed = Signal()

    def __init__(self, most: int) -> None:
        super().__init__()
        self._most = most
        self.text = ""
        self._shows_letters = True
        self.line = labelled("strong")
        self.line.setWordWrap(True)
        self.line.setTextFormat(Qt.TextFormat.PlainText)
        grid = QGridLayout()
        scale.spaced(grid, 8)
        self.keys: list[BigButton] = []
        for place in range(len(_LETTERS) + 3):
            button = BigButton("", text_size=theme.TITLE if place < len(_LETTERS) else theme.BODY)
            button.clicked.connect(self._pressed)
            after = place + _SPACE_WIDE - 1 if place > len(_LETTERS) else place
            wide = _SPACE_WIDE if place == len(_LETTERS) else 1
            grid.addWidget(button, after // _ABREAST, after % _ABREAST, 1, wide)
            self.keys.append(button)
        column = QVBoxLayout(self)
        scale.spaced(column, 10, (0, 0, 0, 0))
        column.addWidget(self.line)
        column.addLayout(grid, 1)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._fill()
        self.set_text("")

    def key(self, name: str) -> BigButton:
        """The button of a letter or sign, or of space, delete or turn."""
        return next(button for button in self.keys if button.property("key") == name)

    def set_text(self, text: str) -> None:
        """Replace the words."""
        self.text = text[: self._most]
        self.line.setText(f"{self.text}_")
        self.changed.emit()

    def _fill(self) -> None:
        shown = [*(_LETTERS if self._shows_letters else _SIGNS), *[""] * (len(_LETTERS) - len(_SIGNS))][: len(_LETTERS)]
        words = {_SPACE: say(Say.SPACE), _DELETE: say(Say.DELETE), _TURN: "123" if self._shows_letters else "ABC"}
        for button, name in zip(self.keys, [*shown, _SPACE, _DELETE, _TURN], strict=True):
            button.setProperty("key", name)
            button.setText(words.get(name, name.replace("&", "&&")))
            button.setEnabled(bool(name))

    @Slot()
    def _pressed(self) -> None:
        self._take(str(self.sender().property("key")))

    def _take(self, name: str) -> None:
        if name == _TURN:
            self._shows_letters = not self._shows_letters
            self._fill()
        elif name == _DELETE:
            self.set_text(self.text[:-1])
        elif name == _SPACE:
            self.set_text(f"{self.text} " if self.text else "")
        else:
            self.set_text(self.text + (name.lower() if self.text and self._shows_letters else name))

    @override
    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Backspace:
            self._take(_DELETE)
        elif event.text().isprintable() and event.text():
            self.set_text(self.text + event.text())
        else:
            super().keyPressEvent(event)
