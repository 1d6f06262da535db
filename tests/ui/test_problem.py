from PySide6.QtWidgets import QMessageBox, QPushButton

from ui.problem import box_of


def test_the_sentence_is_shown_and_one_tap_closes_it(qtbot) -> None:
    box = box_of("The disk is full.")
    qtbot.addWidget(box)
    assert box.text() == "The disk is full."
    assert box.icon() is QMessageBox.Icon.Critical
    [button] = box.findChildren(QPushButton)
    with qtbot.waitExposed(box):
        box.show()
    assert button.height() >= 90
    with qtbot.waitSignal(box.finished):
        button.click()
