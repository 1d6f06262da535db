"""The screens one upon the other, by the names of their pages."""

from collections.abc import Mapping

from PySide6.QtWidgets import QStackedWidget, QWidget


class PageStack(QStackedWidget):
    """Shows one screen at a time."""

    def __init__(self, screens: Mapping[str, QWidget]) -> None:
        super().__init__()
        self._screens = dict(screens)
        for screen in self._screens.values():
            self.addWidget(screen)

    @property
    def page(self) -> str:
        """The name of the page that is shown."""
        return next(name for name, screen in self._screens.items() if screen is self.currentWidget())

    def show_page(self, name: str) -> None:
        """Show a page."""
        self.setCurrentWidget(self._screens[name])
