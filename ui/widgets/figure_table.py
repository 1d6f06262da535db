"""Small tables of a name and its figures: what each list brought, what each camera read."""

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QLabel, QWidget

from patrol_anpr.domain.shift import ListCounts
from patrol_anpr.domain.shift_chart import CameraCounts
from ui import scale
from ui.text import Say, camera_word, hits_in_a_hundred, list_peak, list_share, say
from ui.widgets.side_panel import labelled


class FigureTable(QWidget):
    """A row each, the name left and wrapped, the figures right; nothing at all without a row."""

    def __init__(self, *headings: Say) -> None:
        super().__init__()
        self.rows: list[list[QLabel]] = []
        self._grid = QGridLayout(self)
        scale.spaced(self._grid, 14, (0, 8, 8, 0))
        self._grid.setColumnStretch(0, 1)
        self._headings = self._add_row("caption", [say(heading) for heading in headings])
        self.show_rows(())

    def show_rows(self, rows: Sequence[Sequence[str]]) -> None:
        """Show these rows."""
        while len(self.rows) < len(rows):
            self.rows.append(self._add_row("", [""] * len(self._headings)))
        for row, words in zip(self.rows, rows, strict=False):
            for cell, text in zip(row, words, strict=True):
                cell.setText(text)
        for place, row in enumerate([self._headings, *self.rows]):
            for cell in row:
                cell.setVisible(bool(rows) and place <= len(rows))

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


class ListTable(FigureTable):
    """What each list brought: hits, the share dismissed, those of the last ten minutes, the most in any ten."""

    def __init__(self) -> None:
        super().__init__(Say.LIST_NAME, Say.COUNT_HITS, Say.COUNT_DISMISSED, Say.LIST_LATELY, Say.LIST_PEAK)

    def show_counts(self, lists: Sequence[ListCounts]) -> None:
        """Show these lists."""
        self.show_rows(
            [(one.name, f"{one.hits:,}", list_share(one), f"{one.lately:,}", list_peak(one)) for one in lists]
        )


class CameraTable(FigureTable):
    """What each camera read: Reads, hits, and hits in a hundred Reads."""

    def __init__(self) -> None:
        super().__init__(Say.CAMERA, Say.COUNT_READS, Say.COUNT_HITS, Say.IN_A_HUNDRED)

    def show_counts(self, cameras: Sequence[CameraCounts]) -> None:
        """Show these cameras."""
        self.show_rows(
            [(camera_word(one.camera_id), f"{one.reads:,}", f"{one.hits:,}", hits_in_a_hundred(one)) for one in cameras]
        )
