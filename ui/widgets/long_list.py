"""A list of very many rows, moved with a finger. Only rows in sight are painted, and a new one costs no new layout.

A QListView lays all its rows out anew for each row that comes: half a second with 100,000 of them. A table's rows have
a place by their number alone.
"""

from PySide6.QtCore import QAbstractItemModel, QModelIndex, Qt, Signal, Slot
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QScroller, QStyledItemDelegate, QTableView
from typing_extensions import override

from ui import scale


class LongList(QTableView):
    """Rows of `row` dp each. A row that is tapped is `chosen`; what stands in sight stays there when one is added."""

    chosen = Signal(QModelIndex)

    def __init__(self, model: QAbstractItemModel, painter: QStyledItemDelegate, row: int) -> None:
        super().__init__()
        self._row = row
        self.horizontalHeader().hide()
        self.horizontalHeader().setStretchLastSection(True)
        self.horizontalHeader().setMinimumSectionSize(1)
        self.verticalHeader().hide()
        self.verticalHeader().setMinimumSectionSize(1)
        self.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self._size_rows()
        self.setShowGrid(False)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setItemDelegate(painter)
        self.setModel(model)
        model.rowsInserted.connect(self._hold)
        self.clicked.connect(self.chosen)
        QScroller.grabGesture(self.viewport(), QScroller.ScrollerGestureType.LeftMouseButtonGesture)

    def _size_rows(self) -> None:
        self.verticalHeader().setDefaultSectionSize(scale.dp(self._row))

    @Slot(QModelIndex, int, int)
    def _hold(self, _parent: QModelIndex, first: int, last: int) -> None:
        """Keep what is in sight in its place, but for a list that stands at its top: there the newest is wanted."""
        bar = self.verticalScrollBar()
        if first == 0 and bar.value() > 0:
            bar.setMaximum(bar.maximum() + scale.dp(self._row) * (last + 1))
            bar.setValue(bar.value() + scale.dp(self._row) * (last + 1))

    @override
    def resizeEvent(self, event: QResizeEvent) -> None:
        self._size_rows()
        super().resizeEvent(event)
