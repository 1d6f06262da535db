"""What each list brought in this shift: hits, the share dismissed, those of the last ten minutes, the most in ten."""

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QLabel, QWidget

from patrol_anpr.domain.shift import ListCounts
from ui import scale
from ui.text import Say, list_peak, list_share, say
from ui.widgets.side_panel import labelled

_HEADINGS = (Say.LIST_NAME, Say.COUNT_HITS, Say.COUNT_DISMISSED, Say.LIST_LATELY, Say.LIST_PEAK)


class ListTable(QWidget):
    """A row each list that had hits, the one with the most hits first; nothing at all before the first hit."""

    def __init__(self) -> None:
        super().__init__()
        self.rows: list[list[QLabel]] = []
        self._grid = QGridLayout(self)
        scale.spaced(self._grid, 14, (0, 8, 8, 0))
        self._grid.setColumnStretch(0, 1)
        self._headings = self._add_row("caption", [say(heading) for heading in _HEADINGS])
        self.show_counts(())

    def show_counts(self, lists: Sequence[ListCounts]) -> None:
        """Show these lists."""
        while len(self.rows) < len(lists):
            self.rows.append(self._add_row("", [""] * len(_HEADINGS)))
        for row, counts in zip(self.rows, lists, strict=False):
            words = (counts.name, f"{counts.hits:,}", list_share(counts), f"{counts.lately:,}", list_peak(counts))
            for cell, text in zip(row, words, strict=True):
                cell.setText(text)
        for place, row in enumerate([self._headings, *self.rows]):
            for cell in row:
                cell.setVisible(bool(lists) and place <= len(lists))

    def _add_row(self, role: str, words: Sequence[str]) -> list[QLabel]:
        """Add a row at the bottom; what room is left stays below it."""
        number = self._grid.rowCount() - 1
        self._grid.setRowStretch(number, 0)
        self._grid.setRowStretch(number + 1, 1)
        cells = []
        for column, text in enumerate(words):
            cell = labelled(role, text)
            cell.setWordWrap(column == 0)
            side = Qt.AlignmentFlag.AlignRight if column else Qt.AlignmentFlag.AlignLeft
            cell.setAlignment(side | Qt.AlignmentFlag.AlignTop)
            self._grid.addWidget(cell, number, column)
            cells.append(cell)
        return cells
