"""The row above the bottom bar: the pages that lie under the one that is shown."""

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QWidget

from ui import scale, theme
from ui.models.pages import PAGES, ways_from
from ui.text import say
from ui.widgets.buttons import BigButton


class Ways(QWidget):
    """A button for each page under the one of the bottom bar that is shown; without such pages it is hidden."""

    page_chosen = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        row = QHBoxLayout(self)
        scale.spaced(row, theme.GAP, (theme.GAP, 8, theme.GAP, 8))
        self.buttons: dict[str, BigButton] = {}
        for page in PAGES:
            if page.under and page.words is not None:
                button = BigButton(say(page.words), text_size=theme.BODY)
                button.setObjectName(f"way-{page.name}")
                button.setProperty("page", page.name)
                button.clicked.connect(self._choose)
                self.buttons[page.name] = button
                row.addWidget(button, 1)
        self.show_from("")

    def show_from(self, name: str) -> None:
        """Show the ways from a page; "" for none."""
        here = {page.name for page in ways_from(name)}
        for page, button in self.buttons.items():
            button.setVisible(page in here)
        self.setVisible(bool(here))

    @Slot()
    def _choose(self) -> None:
        self.page_chosen.emit(str(self.sender().property("page")))
