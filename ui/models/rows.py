"""Lists of hits and Reads for Qt's views: only the rows in sight are ever painted."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from PySide6.QtCore import (
    QAbstractItemModel,
    QAbstractListModel,
    QEvent,
    QModelIndex,
    QPersistentModelIndex,
    QRectF,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QMouseEvent, QPainter
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem
from typing_extensions import override

from patrol_anpr.domain.entry import may_be_muted
from patrol_anpr.domain.vrm import spaced
from ui import scale
from ui.models.hit_lines import HitLine
from ui.text import line_words
from ui.widgets.mute_entry import MUTE_WIDTH, paint_mute_button
from ui.widgets.rows import HIT_ROW, paint_hit_row

Index = QModelIndex | QPersistentModelIndex
_NO_PARENT = QModelIndex()
ITEM = Qt.ItemDataRole.UserRole
_BELOW = 8


class HitRows(QAbstractListModel):
    """Lines of hits, in the order given."""

    def __init__(self) -> None:
        super().__init__()
        self._lines: list[HitLine] = []

    def show_lines(self, lines: Sequence[HitLine]) -> None:
        """Replace the rows."""
        if list(lines) == self._lines:
            return
        self.beginResetModel()
        self._lines = list(lines)
        self.endResetModel()

    @property
    def order(self) -> list[str]:
        """The ids of the hits that the rows open, from the top."""
        return [line.hit_id for line in self._lines]

    @override
    def rowCount(self, parent: Index = _NO_PARENT) -> int:
        return 0 if parent.isValid() else len(self._lines)

    @override
    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        line = self._lines[index.row()]
        if role == ITEM:
            return line
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return " ".join((spaced(line.hit.match.voi.vrm), *line_words(line)))
        return None


def _row_size(height: int) -> QSize:
    """A row of `height` dp and the gap below it."""
    return QSize(scale.dp(320), scale.dp(height + _BELOW))


def row_box(painter: QPainter, option: QStyleOptionViewItem) -> QRectF:
    """The place of a row in dp; the painter is set to dp."""
    factor, rect = scale.fit().factor, QRectF(option.rect)
    painter.scale(factor, factor)
    return _row_of(QRectF(rect.topLeft() / factor, rect.size() / factor))


def _row_of(rect: QRectF) -> QRectF:
    """A row without the gaps around it."""
    return rect.adjusted(0, 0, -12, -_BELOW)


class HitPainter(QStyledItemDelegate):
    """Paints a hit's row and, with `mutes`, at its end the button that mutes its entry, where that may be.

    `mute_tapped` carries the line whose button was tapped.
    """

    mute_tapped = Signal(object)

    def __init__(self, now: Callable[[], datetime], *, mutes: bool = True) -> None:
        super().__init__()
        self._now, self._mutes = now, mutes
        self.took_tap = False
        """Whether the last tap on a row was one on its button."""

    @override
    def sizeHint(self, _option: QStyleOptionViewItem, _index: Index) -> QSize:
        return _row_size(HIT_ROW)

    @override
    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        painter.save()
        box = row_box(painter, option)
        pressed = bool(option.state & QStyle.StateFlag.State_Selected)
        line: HitLine = index.data(ITEM)
        row = box.adjusted(0, 0, -MUTE_WIDTH - 8, 0) if self._mutes else box
        paint_hit_row(painter, row, line, self._now(), pressed=pressed)
        if self._mutes and may_be_muted(line.hit.match):
            paint_mute_button(painter, _mute_place(box), muted=line.muted)
        painter.restore()

    @override
    def editorEvent(self, event: QEvent, model: QAbstractItemModel, option: QStyleOptionViewItem, index: Index) -> bool:
        """A tap that ends on the button is none on the row."""
        self.took_tap = False
        if event.type() != QEvent.Type.MouseButtonRelease or not isinstance(event, QMouseEvent):
            return False
        factor = scale.fit().factor
        at, row = event.position() / factor, QRectF(option.rect)
        line: HitLine = index.data(ITEM)
        place = _mute_place(_row_of(QRectF(row.topLeft() / factor, row.size() / factor)))
        if self._mutes and may_be_muted(line.hit.match) and place.contains(at):
            self.took_tap = True
            self.mute_tapped.emit(line)
        return self.took_tap


def _mute_place(box: QRectF) -> QRectF:
    """Where a row has the button that mutes its entry, in dp."""
    return QRectF(box.right() - MUTE_WIDTH, box.y(), MUTE_WIDTH, box.height())
