"""The Reads of a shift, or those that were searched for, as rows: a few pages in memory, the rest on the disk.

A row that is not in memory is asked for when it comes into sight, and painted empty until it comes. So a shift of a
hundred thousand Reads costs the window no more memory, and no more time a row, than one of a hundred.
"""

from collections import OrderedDict
from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QAbstractListModel, QModelIndex, QPersistentModelIndex, Qt, Signal
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem
from typing_extensions import override

from patrol_anpr.domain.read import Read
from patrol_anpr.domain.search import PAGE, ReadsFound
from patrol_anpr.domain.vrm import spaced
from ui.models.corrections import Corrections
from ui.models.rows import ITEM, row_box
from ui.pictures import patch_picture
from ui.text import Say, say
from ui.widgets.rows import paint_read_row

Index = QModelIndex | QPersistentModelIndex
_NO_PARENT = QModelIndex()
PAGES_KEPT = 20
"""Pages of Reads in memory: 4,000 Reads, about a kilobyte each."""
PATCHES_KEPT = 200
PAGES_AT_ONCE, PATCHES_AT_ONCE = 2, 16
"""What is asked of the disk at a time. More would still come when the finger has long gone on, and what is in sight
then would come last."""


class ReadRows(QAbstractListModel):
    """The newest Read is row 0. A Read's place counts from the oldest, so that new ones do not move it.

    `page_wanted` asks for the page that begins at a place; `fill` brings the answer.
    """

    page_wanted = Signal(int)

    def __init__(self) -> None:
        super().__init__()
        self._total = 0
        self._pages: OrderedDict[int, dict[int, Read]] = OrderedDict()  # by the page's first place, then by place
        self._asked: set[int] = set()
        self._refused: set[int] = set()
        self._newest: set[str] = set()
        self._differ: set[str] = set()

    def differs(self, read: Read) -> bool:
        """Whether the camera at the other end of the car read another mark: said by it, or of it by a later Read."""
        return read.read_id in self._differ

    def start(self, found: ReadsFound) -> None:
        """Begin with these."""
        self.beginResetModel()
        self._pages.clear()
        self._asked.clear()
        self._refused.clear()
        self._newest = {read.read_id for read in found.reads}
        self._total = found.total
        self._take(found)
        self.endResetModel()

    def add(self, read: Read) -> None:
        """Put a new Read on top; one that was among those begun with is there already."""
        if read.read_id in self._newest:
            return
        self.beginInsertRows(QModelIndex(), 0, 0)
        self._put(self._total, read)
        self._total += 1
        self.endInsertRows()

    def fill(self, found: ReadsFound) -> None:
        """Take a page that was asked for. One that the records do not have whole is not asked for again and again."""
        self._take(found)
        page = self._pages.get(found.first, {})
        if any(place not in page for place in range(found.first, min(found.first + PAGE, self._total))):
            self._refused.add(found.first)
        if self._total:
            self.dataChanged.emit(self.index(0), self.index(self._total - 1))

    def refuse(self, first: int) -> None:
        """Take word that a page that was asked for cannot be had; it is not asked for again before `look_again`."""
        self._asked.discard(first)
        self._refused.add(first)

    def look_again(self) -> None:
        """Ask anew for what could not be had."""
        self._refused.clear()

    def read_at(self, row: int) -> Read | None:
        """The Read of a row; None while it is fetched."""
        place = self._total - 1 - row
        first = place - place % PAGE
        page = self._pages.get(first)
        if page is not None:
            self._pages.move_to_end(first)
            if place in page:
                return page[place]
        if first not in self._asked | self._refused and len(self._asked) < PAGES_AT_ONCE:
            self._asked.add(first)
            self.page_wanted.emit(first)
        return None

    def _take(self, found: ReadsFound) -> None:
        for place, read in enumerate(found.reads, start=found.first):
            self._put(place, read)
        self._asked -= {found.first}

    def _put(self, place: int, read: Read) -> None:
        if read.plates_differ and read.paired_with is not None:
            self._differ |= {read.read_id, read.paired_with}
        first = place - place % PAGE
        self._pages.setdefault(first, {})[place] = read
        self._pages.move_to_end(first)
        while len(self._pages) > PAGES_KEPT:
            self._pages.popitem(last=False)

    @override
    def rowCount(self, parent: Index = _NO_PARENT) -> int:
        return 0 if parent.isValid() else self._total

    @override
    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if role == ITEM:
            return self.read_at(index.row())
        if role == Qt.ItemDataRole.AccessibleTextRole:
            read = self.read_at(index.row())
            if read is None:
                return ""
            return f"{spaced(read.vrm)} {say(Say.PLATES_DIFFER)}" if self.differs(read) else spaced(read.vrm)
        return None


class ReadPainter(QStyledItemDelegate):
    """Paints a Read's row. Its patch is asked for when the row comes into sight; until it comes the row has none.

    The mark it was corrected to stands beside what was read.
    """

    def __init__(self, ask: Callable[[str], None], corrections: Corrections) -> None:
        super().__init__()
        self._ask, self._corrections = ask, corrections
        self._patches: dict[str, bytes] = {}
        self._asked: set[str] = set()

    def remember(self, read_id: str, patch: bytes) -> None:
        """Keep a patch; those not painted for longest give way."""
        self._patches.pop(read_id, None)
        self._patches[read_id] = patch
        while len(self._patches) > PATCHES_KEPT:
            self._patches.pop(next(iter(self._patches)))

    def came(self, read_id: str, patch: bytes) -> None:
        """Take the answer for a patch that was asked for; b"" where there is none."""
        self._asked.discard(read_id)
        self.remember(read_id, patch)

    def forget_asked(self) -> None:
        """What was asked until now is not answered any more."""
        self._asked.clear()

    def _patch(self, read: Read) -> bytes:
        """The patch of a row in sight, b"" while it is fetched; the next repaint asks where too many are under way."""
        patch = self._patches.get(read.read_id)
        if patch is not None:
            self.remember(read.read_id, patch)
            return patch
        if not read.is_entered and read.read_id not in self._asked and len(self._asked) < PATCHES_AT_ONCE:
            self._asked.add(read.read_id)
            self._ask(read.read_id)
        return b""

    @override
    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        read: Read | None = index.data(ITEM)
        painter.save()
        box = row_box(painter, option)
        pressed = bool(option.state & QStyle.StateFlag.State_Selected)
        if read is None:
            paint_read_row(painter, box, None, None)
        else:
            corrected = self._corrections.last(read.read_id)
            picture = patch_picture(self._patch(read))
            model = index.model()
            differs = isinstance(model, ReadRows) and model.differs(read)
            paint_read_row(
                painter, box, read, picture, wide=True, corrected=corrected, differs=differs, pressed=pressed
            )
        painter.restore()
