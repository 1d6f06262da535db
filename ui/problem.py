"""A window with one sentence: why there is no patrol. `python -m ui.problem` reads it from standard input, in UTF-8.

It is a program of its own, so that it comes up whatever state the one is in that could not start.
"""

import sys
from typing import IO

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMessageBox

from ui.app import make_application
from ui.text import Say, say

BUTTON = "QPushButton { min-width: 240px; min-height: 96px; }"


def box_of(sentence: str) -> QMessageBox:
    """Make the window; one tap on its button closes it."""
    box = QMessageBox(QMessageBox.Icon.Critical, say(Say.PRODUCT), sentence, QMessageBox.StandardButton.Close)
    box.setTextFormat(Qt.TextFormat.PlainText)
    box.setStyleSheet(BUTTON)
    return box


def sentence_from(source: IO[bytes]) -> str:
    """Read the sentence, whatever the encoding of this system is."""
    return source.read().decode("utf-8", "replace").strip()


def main() -> int:
    """Show the sentence until it was read."""
    app = make_application()
    box_of(sentence_from(sys.stdin.buffer)).exec()
    app.quit()
    return 0


if __name__ == "__main__":
    sys.exit(main())
