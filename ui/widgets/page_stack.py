"""The screens one upon the other, by the names of their pages."""

from collections.abc import Mapping

from PySide6.QtCore import QTimer, Slot
from PySide6.QtWidgets import QAbstractItemView, QStackedWidget, QWidget

from ui.models.pages import PAGES
from ui.text import say

PAGE_WORDS = {page.name: page.words for page in PAGES if page.words is not None}
"""What a page is called; a list that stands on it is called the same."""


class PageStack(QStackedWidget):
    """Shows one screen at a time."""

    def __init__(self, screens: Mapping[str, QWidget]) -> None:
        super().__init__()
        self._screens = dict(screens)
        for screen in self._screens.values():
            self.addWidget(screen)
        for name, words in PAGE_WORDS.items():
            for view in self._screens[name].findChildren(QAbstractItemView):
                view.setAccessibleName(view.accessibleName() or say(words))
        self._sheet = ""
        self._next = QTimer(self)
        self._next.setInterval(0)
        self._next.timeout.connect(self._recolour_next)

    @property
    def page(self) -> str:
        """The name of the page that is shown."""
        return next(name for name, screen in self._screens.items() if screen is self.currentWidget())

    def show_page(self, name: str) -> None:
        """Show a page."""
        self._recolour(self._screens[name])
        self.setCurrentWidget(self._screens[name])

    def recolour(self, sheet: str) -> None:
        """Give every page the colours of a stylesheet: the page that is shown at once, the others one by one.

        All of them in one go would hold up a touch, and the sun sets while hits come.
        """
        self._sheet = sheet
        self._recolour(self._screens[self.page])
        self._next.start()

    def _recolour(self, screen: QWidget) -> None:
        if screen.styleSheet() != self._sheet:
            screen.setStyleSheet(self._sheet)

    @Slot()
    def _recolour_next(self) -> None:
        screen = next((one for one in self._screens.values() if one.styleSheet() != self._sheet), None)
        if screen is None:
            self._next.stop()
        else:
            self._recolour(screen)
