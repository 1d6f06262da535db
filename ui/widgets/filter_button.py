"""Shows all of a list, or one kind of it: each tap goes on to the next kind, which the button names."""

from collections.abc import Sequence

from PySide6.QtCore import Slot

from ui.text import Say, say
from ui.widgets.buttons import BigButton


class FilterButton(BigButton):
    """`kinds` are what it can be narrowed to, each with its word; it begins with all."""

    def __init__(self, title: str, kinds: Sequence[tuple[object, str]]) -> None:
        super().__init__(say(Say.ALL), caption=title)
        self._kinds = [(None, say(Say.ALL)), *kinds]
        self._place = 0
        self.clicked.connect(self._go_on)

    def lets(self, kind: object) -> bool:
        """Whether things of this kind are shown."""
        chosen, _ = self._kinds[self._place]
        return chosen is None or chosen == kind

    @Slot()
    def _go_on(self) -> None:
        self._place = (self._place + 1) % len(self._kinds)
        self.setText(self._kinds[self._place][1])
