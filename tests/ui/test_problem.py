from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QMessageBox, QPushButton

from ui.problem import box_of


def test_the_sentence_is_shown_and_one_tap_closes_it(qtbot) -> None:
    box = box_of("The disk is full.")
    qtbot.addWidget(box)
    assert box.text() == "The disk is full."
    assert box.icon() is QMessageBox.Icon.Critical
    [button] = box.findChildren(QPushButton)
    box.show()
    qtbot.waitExposed(box)
    assert button.height() >= 90
    QTimer.singleShot(0, button.click)
    with qtbot.waitSignal(box.finished):
        pass
