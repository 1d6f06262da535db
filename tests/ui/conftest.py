"""The window offscreen, over an invented session; a Qt warning fails the test."""

import os
import sys
import time
from collections.abc import Iterator

os.environ["QT_QPA_PLATFORM"] = "offscreen"
os.environ["TZ"] = "UTC"  # the screens show local time
if hasattr(time, "tzset"):
    time.tzset()

import cv2  # noqa: F401  imported first on purpose: it sets the variables that make_application must remove
import pytest
from PySide6.QtCore import QMessageLogContext, QtMsgType, qInstallMessageHandler
from PySide6.QtWidgets import QApplication

from patrol_anpr.domain.shift import Crew
from patrol_anpr.lab.sample_patrol import PIN, SamplePatrol
from ui import theme
from ui.app import discard, make_application
from ui.window import Window


@pytest.fixture(scope="session")
def qapp_cls() -> type[QApplication]:
    for name in ("QT_QPA_PLATFORM_PLUGIN_PATH", "QT_QPA_FONTDIR"):
        os.environ.pop(name, None)
    return QApplication


@pytest.fixture(autouse=True)
def quiet_qt(qapp: QApplication) -> Iterator[None]:
    """Whatever Qt complains of fails the test it happened in."""
    said: list[str] = []

    def listen(kind: QtMsgType, _context: QMessageLogContext, message: str) -> None:
        # The offscreen platform says this of every window raised; it is no fault of ours.
        if kind is not QtMsgType.QtDebugMsg and "does not support" not in message:
            said.append(message)
        if kind is QtMsgType.QtFatalMsg:
            print(message, file=sys.stderr)  # Qt aborts next

    before = qInstallMessageHandler(listen)
    yield
    qInstallMessageHandler(before)
    assert said == []


@pytest.fixture(scope="session")
def app(qapp: QApplication) -> QApplication:
    make_application()
    return qapp


@pytest.fixture
def session() -> SamplePatrol:
    return SamplePatrol()


@pytest.fixture
def parked(app: QApplication, session: SamplePatrol) -> Iterator[Window]:
    """The window of a car in which nobody has signed on.

    Discarded at once, not by and by: a window that the garbage collector finds while Qt walks over all widgets aborts.
    """
    if theme.tokens() is not theme.NIGHT:
        theme.use(app, theme.NIGHT)
    shown = Window(session)
    shown.resize(1280, 800)
    shown.show()
    app.processEvents()
    yield shown
    discard(app, shown)


@pytest.fixture
def window(app: QApplication, parked: Window, session: SamplePatrol) -> Window:
    """Signed on with an observer, on patrol, nothing seen yet."""
    parked.begin(session.sign_on("4821", PIN, "TA14", Crew.WITH_OBSERVER).result())
    session.told.clear()
    parked.show_page("live")
    app.processEvents()
    session.clock.advance(1)  # the dead time of a new page is over
    return parked
