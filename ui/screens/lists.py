"""The hits of this shift, open and closed."""

from PySide6.QtCore import QModelIndex, Signal, Slot
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QVBoxLayout, QWidget

from patrol_anpr.domain.hit import Hit, HitState
from patrol_anpr.domain.hotlist import Tier
from patrol_anpr.patrol.window_ports import Patrolling
from ui import scale, theme
from ui.models.dead_time import DeadTime
from ui.models.hit_lines import HitLine
from ui.models.hit_queue import HitQueue
from ui.models.rows import ITEM, HitPainter, HitRows
from ui.text import Say, say, state_word, tier_word
from ui.widgets.buttons import BigButton, Kind
from ui.widgets.filter_button import FilterButton
from ui.widgets.scrolling import touch_list
from ui.widgets.side_panel import labelled


class HitsScreen(QWidget):
    """Open and closed hits of this shift; a row opens its card again. Rows that move restart the dead time."""

    hit_chosen = Signal(str)
    mute_wanted = Signal(str, bool)

    def __init__(self, patrol: Patrolling, dead_time: DeadTime, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "page")
        self._patrol, self._dead_time = patrol, dead_time
        self.model = HitRows()
        self._painter = HitPainter(patrol.clock.utc)
        self._painter.mute_tapped.connect(self._mute_tapped)
        self._queue: HitQueue | None = None
        self.view = touch_list()
        self.view.setModel(self.model)
        self.view.setItemDelegate(self._painter)
        self.view.clicked.connect(self._clicked)
        self.open_tab, self.closed_tab = BigButton("", kind=Kind.CHOICE), BigButton("", kind=Kind.CHOICE)
        tiers, decided = (Tier.IMMEDIATE, Tier.PRIORITY, Tier.ROUTINE), (HitState.ACTIONED, HitState.DISMISSED)
        self.tiers = FilterButton(say(Say.TIER), [(tier, tier_word(tier)) for tier in tiers])
        self.outcomes = FilterButton(say(Say.OUTCOME), [(state, state_word(state)) for state in decided])
        self.nothing = labelled("caption")
        column = QVBoxLayout(self)
        scale.spaced(column, theme.GAP, (theme.GAP,) * 4)
        column.addLayout(self._head())
        column.addWidget(self.nothing)
        column.addWidget(self.view, 1)

    def _head(self) -> QHBoxLayout:
        """Open or closed, and what that is narrowed to."""
        group = QButtonGroup(self)
        tabs = QHBoxLayout()
        scale.spaced(tabs, theme.GAP)
        for tab in (self.open_tab, self.closed_tab):
            group.addButton(tab)
            scale.sized(tab, least_width=220)
            tab.clicked.connect(self._narrow)
            tabs.addWidget(tab)
        self.open_tab.setChecked(True)
        tabs.addStretch(1)
        filters = QHBoxLayout()
        scale.spaced(filters, theme.GAP)
        for narrowing in (self.outcomes, self.tiers):
            scale.sized(narrowing, least_width=180)
            narrowing.clicked.connect(self._narrow)
            filters.addWidget(narrowing)
        head = QHBoxLayout()
        scale.spaced(head, theme.GAP)
        scale.turning(head)
        head.addLayout(tabs, 1)
        head.addLayout(filters)
        return head

    def show_queue(self, queue: HitQueue) -> None:
        """Show the hits of a queue."""
        self._queue, before = queue, self.model.order
        self._fill()
        if self.isVisible() and self.model.order != before:
            self._dead_time.restart()

    @Slot()
    def _fill(self) -> None:
        if self._queue is None:
            return
        is_muted = self._patrol.muted.is_muted
        opened, closed = self._queue.open_lines(is_muted), self._queue.closed_lines(is_muted)
        self.open_tab.setText(say(Say.FILTER_OPEN, count=len(opened)))
        self.closed_tab.setText(say(Say.FILTER_CLOSED, count=len(closed)))
        is_open = self.open_tab.isChecked()
        self.outcomes.setVisible(not is_open)
        lines = opened if is_open else closed
        shown = [line for line in lines if self._lets(line.hit)]
        self.model.show_lines(shown)
        hidden = len(lines) - len(shown)
        none = say(Say.NO_HITS if is_open else Say.NO_CLOSED)
        self.nothing.setText(say(Say.NOT_SHOWN, count=hidden) if hidden else none)
        self.nothing.setVisible(bool(hidden) or not lines)
        self.view.viewport().update()

    @Slot()
    def _narrow(self) -> None:
        """Show what was chosen: other rows are under the finger now."""
        self._fill()
        self._dead_time.restart()

    def _lets(self, hit: Hit) -> bool:
        return self.tiers.lets(hit.tier) and (hit.is_open or self.outcomes.lets(hit.state))

    @Slot(QModelIndex)
    def _clicked(self, index: QModelIndex) -> None:
        if not self._painter.took_tap:
            self.hit_chosen.emit(index.data(ITEM).hit_id)
        self.view.clearSelection()

    @Slot(object)
    def _mute_tapped(self, line: HitLine) -> None:
        self.mute_wanted.emit(line.hit_id, not self._patrol.muted.is_muted(line.hit))
