"""What a list, a depot or an officer's name says is shown letter for letter: no label takes it for markup."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel

from ui.problem import box_of
from ui.window import Window

HOSTILE = "STOLEN<style>, MAY BE ARMED"


def test_no_label_of_the_window_reads_markup(window: Window) -> None:
    labels = window.findChildren(QLabel)
    assert len(labels) > 20
    read = {label.objectName() or label.text() for label in labels if label.textFormat() != Qt.TextFormat.PlainText}
    assert read == set()


@pytest.mark.parametrize("words", [HOSTILE, "<b>Disk</b> full"])
def test_the_window_of_a_fault_reads_no_markup(qtbot, words: str) -> None:
    box = box_of(words)
    qtbot.addWidget(box)
    assert box.textFormat() is Qt.TextFormat.PlainText
