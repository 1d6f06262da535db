"""The lists of this shift: hits open and closed, and Reads."""

from collections.abc import Sequence
from concurrent.futures import Future
from functools import partial

from PySide6.QtCore import QModelIndex, QObject, Qt, Signal, Slot
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QAbstractItemView, QButtonGroup, QHBoxLayout, QVBoxLayout, QWidget
from typing_extensions import override

from patrol_anpr.domain.read import Evidence, Read
from patrol_anpr.patrol.window_ports import Patrolling
from ui import scale, theme
from ui.bridge import settle
from ui.models.hit_lines import HitLine
from ui.models.hit_queue import HitQueue
from ui.models.rows import ITEM, HitPainter, HitRows, ReadPainter, ReadRows
from ui.text import Say, say
from ui.widgets.buttons import BigButton, Kind
from ui.widgets.scrolling import touch_list
from ui.widgets.side_panel import labelled


class HitsScreen(QWidget):
    """Open and closed hits of this shift; a row opens its card again."""

    hit_chosen = Signal(str)
    mute_wanted = Signal(str, bool)

    def __init__(self, patrol: Patrolling, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "page")
        self._patrol = patrol
        self.model = HitRows()
        self._painter = HitPainter(patrol.clock.utc)
        self._painter.mute_tapped.connect(self._mute_tapped)
        self._queue: HitQueue | None = None
        self.view = touch_list()
        self.view.setModel(self.model)
        self.view.setItemDelegate(self._painter)
        self.view.clicked.connect(self._clicked)
        self.open_tab, self.closed_tab = BigButton("", kind=Kind.CHOICE), BigButton("", kind=Kind.CHOICE)
        self.nothing = labelled("caption")
        group = QButtonGroup(self)
        tabs = QHBoxLayout()
        scale.spaced(tabs, theme.GAP)
        for tab in (self.open_tab, self.closed_tab):
            group.addButton(tab)
            scale.sized(tab, least_width=220)
            tab.clicked.connect(self._fill)
            tabs.addWidget(tab)
        self.open_tab.setChecked(True)
        tabs.addStretch(1)
        column = QVBoxLayout(self)
        scale.spaced(column, theme.GAP, (theme.GAP,) * 4)
        column.addLayout(tabs)
        column.addWidget(self.nothing)
        column.addWidget(self.view, 1)

    def show_queue(self, queue: HitQueue) -> None:
        """Show the hits of a queue."""
        self._queue = queue
        self._fill()

    @Slot()
    def _fill(self) -> None:
        if self._queue is None:
            return
        is_muted = self._patrol.muted.is_muted
        opened, closed = self._queue.open_lines(is_muted), self._queue.closed_lines(is_muted)
        self.open_tab.setText(say(Say.FILTER_OPEN, count=len(opened)))
        self.closed_tab.setText(say(Say.FILTER_CLOSED, count=len(closed)))
        shown = opened if self.open_tab.isChecked() else closed
        self.model.show_lines(shown)
        self.nothing.setText(say(Say.NO_HITS if self.open_tab.isChecked() else Say.NO_CLOSED))
        self.nothing.setVisible(not shown)
        self.view.viewport().update()

    @Slot(QModelIndex)
    def _clicked(self, index: QModelIndex) -> None:
        if not self._painter.took_tap:
            self.hit_chosen.emit(index.data(ITEM).hit_id)
        self.view.clearSelection()

    @Slot(object)
    def _mute_tapped(self, line: HitLine) -> None:
        self.mute_wanted.emit(line.hit_id, not self._patrol.muted.is_muted(line.hit))


class _Answers(QObject):
    """What the records answer, from their thread; no Qt parent, so that a late answer meets nothing destroyed."""

    patch = Signal(str, bytes)
    older = Signal(int, object)
    refused = Signal(int, str)


class ReadsScreen(QWidget):
    """The Reads of this shift, the newest first: those in memory, and older ones when they are scrolled to."""

    problem = Signal(str)

    def __init__(self, patrol: Patrolling, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "page")
        self._patrol = patrol
        self._shift_number = 0  # an answer of the shift before comes too late
        self._refused_once = False
        self._answers = _Answers()
        queued = Qt.ConnectionType.QueuedConnection
        self._answers.patch.connect(self._show_patch, queued)
        self._answers.older.connect(self._show_older, queued)
        self._answers.refused.connect(self._refused, queued)
        self.model = ReadRows()
        self.model.older_wanted.connect(self._ask_older)
        self._painter = ReadPainter(self._ask)
        self.view = touch_list()
        self.view.setModel(self.model)
        self.view.setItemDelegate(self._painter)
        self.view.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
        self.count, self.nothing = labelled("caption"), labelled("caption", say(Say.NO_READS))
        head = QHBoxLayout()
        head.addWidget(labelled("title", say(Say.READS)))
        head.addStretch(1)
        head.addWidget(self.count)
        column = QVBoxLayout(self)
        scale.spaced(column, 12, (24, theme.GAP, 24, theme.GAP))
        column.addLayout(head)
        column.addWidget(self.nothing)
        column.addWidget(self.view, 1)

    def begin(self) -> None:
        """Start a shift with what it holds already."""
        self._shift_number += 1
        self.model.start(self._patrol.recent_reads(), older=True)

    def add(self, read: Read, evidence: Evidence) -> None:
        """Put a new Read on top."""
        self._painter.remember(read.read_id, evidence.patch)
        self.model.add(read)

    def show_count(self, count: int) -> None:
        """Show how many Reads the shift has made."""
        self.count.setText(say(Say.READ_COUNT, count=f"{count:,}"))
        self.nothing.setVisible(self.model.rowCount() == 0)

    def clear(self) -> None:
        """Forget them: the shift is over."""
        self._shift_number += 1
        self.model.start(())
        self.show_count(0)

    def _ask(self, read_id: str) -> None:
        """Have a patch fetched from the records; it comes back as a signal."""
        answers = self._answers

        def fetched(done: "Future[Evidence | None]") -> None:
            # A picture that is missing stays missing; the records' own lamp says why.
            if not done.cancelled() and done.exception() is None and (evidence := done.result()) is not None:
                answers.patch.emit(read_id, evidence.patch)

        self._patrol.evidence(read_id).add_done_callback(fetched)

    @Slot(str, bytes)
    def _show_patch(self, read_id: str, patch: bytes) -> None:
        self._painter.remember(read_id, patch)
        self.view.viewport().update()

    @Slot(object)
    def _ask_older(self, before: Read) -> None:
        """Have the Reads before this one fetched from the records."""
        number = self._shift_number
        tell, refuse = partial(self._answers.older.emit, number), partial(self._answers.refused.emit, number)
        self._patrol.older_reads(before).add_done_callback(lambda done: settle(done, tell, refuse))

    @Slot(int, object)
    def _show_older(self, number: int, reads: Sequence[Read]) -> None:
        if number == self._shift_number:
            self.model.add_older(reads)

    @Slot(int, str)
    def _refused(self, number: int, sentence: str) -> None:
        if number == self._shift_number:
            self._refused_once = True
            self.problem.emit(sentence)

    @override
    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if self._refused_once:
            self._refused_once = False
            self.model.look_again()
