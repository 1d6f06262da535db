"""Start the window. The one entry to `ui` for build.py and cli.py."""

import logging
import os
import sys
import threading
from collections.abc import Callable

from PySide6.QtCore import QEvent, QSize, Qt, QTimer
from PySide6.QtGui import QIcon, QSessionManager
from PySide6.QtWidgets import QApplication, QWidget

from patrol_anpr.domain.look import LookFirst
from patrol_anpr.patrol.window_ports import Patrolling
from patrol_anpr.plumbing.language import use_language
from patrol_anpr.resources import ASSETS
from ui import theme
from ui.screen_watch import ScreenWatch
from ui.text import Say, say

log = logging.getLogger(__name__)

_USUAL, _FRAME = QSize(1280, 800), 40


def make_application(palette: theme.Tokens | None = None) -> QApplication:
    """Make (or find) the QApplication with our font and a palette, night unless another is given.

    OpenCV's package points Qt at its own plugins through the environment, which would be the wrong ones.
    """
    for name in ("QT_QPA_PLATFORM_PLUGIN_PATH", "QT_QPA_FONTDIR"):
        os.environ.pop(name, None)
    existing = QApplication.instance()
    app = existing if isinstance(existing, QApplication) else QApplication(sys.argv[:1])
    app.setApplicationName("patrol-anpr")
    app.setApplicationDisplayName(say(Say.PRODUCT))
    app.setWindowIcon(QIcon(str(ASSETS / "icons" / "patrol-anpr.svg")))
    theme.load_fonts()
    theme.use(app, palette or theme.NIGHT)
    return app


def run_window(
    patrol: Patrolling,
    *,
    ended: threading.Event | None = None,
    demo: bool = False,
    full_screen: bool = True,
    lock_after_minutes: int = 0,
    look_before_list: str = LookFirst.CHECK,
    copy_vrm: bool = False,
    tell: Callable[[str], object] = lambda _: None,
) -> int:
    """Show the window until it is closed; return the exit status. Must be called on the main thread.

    It is closed too when `ended` is set (a signal, say) and when the desktop session ends. Without `full_screen` it is
    a window of 1280 x 800, or what of it the screen has, and may be moved and sized. Where nobody touches it for
    `lock_after_minutes` it locks itself; 0: never. At the end `tell` and the log get one line: how the window kept up.
    """
    use_language(patrol.choices.now.language, ASSETS / "locale")
    app = make_application()
    from ui.again import Opened
    from ui.window import Window

    watch = ScreenWatch(patrol.lamp_changed, patrol.clock)

    def make() -> Window:
        return Window(
            patrol,
            demo=demo,
            lock_after_minutes=lock_after_minutes,
            look_first=LookFirst(look_before_list),
            copy_vrm=copy_vrm,
        )

    opened = Opened(make, QWidget.showFullScreen if full_screen else _show_as_window, watch)
    app.commitDataRequest.connect(_session_ends, Qt.ConnectionType.DirectConnection)
    # Python handles a signal only when it runs: the timer gives it the chance, and sees what the handler set.
    breath = QTimer()
    breath.timeout.connect(lambda: app.quit() if ended is not None and ended.is_set() else None)
    breath.start(200)
    watch.start()
    try:
        return app.exec()
    finally:
        watch.stop()
        breath.stop()
        app.commitDataRequest.disconnect(_session_ends)
        opened.close()
        log.info(watch.told)
        tell(watch.told)


def _session_ends(_manager: QSessionManager) -> None:
    """The officer logs out, or the computer is switched off: end as if the window had been closed."""
    QApplication.quit()


def _show_as_window(window: QWidget) -> None:
    """Show a window of the usual size; one that would not fit with its frame is made as large as the desktop allows."""
    room = window.screen().availableGeometry().size()
    if room.width() < _USUAL.width() + _FRAME or room.height() < _USUAL.height() + _FRAME:
        window.resize(_USUAL.boundedTo(room - QSize(_FRAME, _FRAME)))
        window.showMaximized()
    else:
        window.resize(_USUAL)
        window.show()


def discard(app: QApplication, window: QWidget) -> None:
    """Close a window and have Qt delete it now.

    Left to Python's garbage collector it could go in the middle of Qt's own work, or on another thread: Qt aborts.
    """
    window.close()
    window.deleteLater()
    app.sendPostedEvents(window, QEvent.Type.DeferredDelete)
    app.processEvents()
