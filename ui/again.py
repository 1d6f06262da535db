"""The window that is shown; and another one in its place, over the same shift, where another language is chosen."""

from collections.abc import Callable

from PySide6.QtCore import QObject, QTimer, Slot
from PySide6.QtWidgets import QApplication, QWidget

from patrol_anpr.domain.choices import Language
from patrol_anpr.plumbing.language import use_language
from patrol_anpr.resources import ASSETS
from ui.app import discard
from ui.screen_watch import ScreenWatch
from ui.window import Window


class Opened(QObject):
    """Owns the window. All that is said on it is made when it is made, so a new language is a new window.

    The shift goes on, with its hits and Reads; the page is the same, and sound stays muted.
    """

    def __init__(self, make: Callable[[], Window], show: Callable[[QWidget], object], watch: ScreenWatch) -> None:
        super().__init__()
        self._make, self._show, self._watch = make, show, watch
        self.window = self._open()

    def _open(self) -> Window:
        window = self._make()
        window.live.stage.painted.connect(self._watch.painted)
        window.looks.language_chosen.connect(self._language_chosen)
        self._show(window)
        return window

    @Slot(Language)
    def _language_chosen(self, language: Language) -> None:
        use_language(language, ASSETS / "locale")
        QTimer.singleShot(0, self._again)  # the window that tells it must not go while it tells it

    @Slot()
    def _again(self) -> None:
        before, page, session = self.window, self.window.page, self.window.session
        self.window = self._open()
        self.window.bottom.show_muted(muted=before.bottom.muted)
        self.window.top.show_muted(muted=before.bottom.muted)
        if session is not None:
            self.window.begin(session)
            self.window.show_page(page)
        discard(_application(), before)

    def close(self) -> None:
        """Close the window for good."""
        discard(_application(), self.window)


def _application() -> QApplication:
    application = QApplication.instance()
    assert isinstance(application, QApplication)
    return application
