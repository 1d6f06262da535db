"""A finger on the glass, as a touch screen reports it."""

from PySide6.QtGui import QInputDevice, QPointingDevice
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

FINGER: QPointingDevice = QTest.createTouchDevice(QInputDevice.DeviceType.TouchScreen)


def touch(window: QWidget, target: QWidget) -> None:
    """A finger down and up on the middle of `target`."""
    handle = window.windowHandle()
    place = target.mapTo(window, target.rect().center())
    QTest.touchEvent(handle, FINGER).press(0, place, handle).commit()
    QTest.touchEvent(handle, FINGER).release(0, place, handle).commit()
    QApplication.processEvents()
