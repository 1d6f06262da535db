"""The screens one upon the other, by the names of their pages."""

from collections.abc import Mapping

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

    @property
    def page(self) -> str:
        """The name of the page that is shown."""
        return next(name for name, screen in self._screens.items() if screen is self.currentWidget())

    def show_page(self, name: str) -> None:
        """Show a page."""
        self.setCurrentWidget(self._screens[name])
