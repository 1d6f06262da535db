"""This shift in figures, the state of the car, and sign off."""

from collections.abc import Iterable, Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from patrol_anpr.domain.health import Lamp
from patrol_anpr.domain.shift import ListCounts, Shift, ShiftSummary
from patrol_anpr.patrol.window_ports import Patrolling
from ui import scale, theme
from ui.text import Say, clock_time, say
from ui.widgets.buttons import HoldButton
from ui.widgets.lamp_rows import LampRows
from ui.widgets.list_table import ListTable
from ui.widgets.scrolling import TouchArea
from ui.widgets.side_panel import labelled

_FIGURES = (
    ("reads", Say.COUNT_READS),
    ("hits", Say.COUNT_HITS),
    ("confirmed", Say.COUNT_CONFIRMED),
    ("dismissed", Say.COUNT_DISMISSED),
    ("unresolved", Say.COUNT_OPEN),
    ("waiting", Say.COUNT_WAITING),
)
_ABREAST = 3


class ShiftScreen(QWidget):
    """Six figures, the hits by list, the lamps with their advice, and SIGN OFF: held, no elbow ends a shift."""

    sign_off = Signal()

    def __init__(self, patrol: Patrolling, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "page")
        self.figures: dict[str, QLabel] = {}
        self.who = labelled("caption")
        self.who.setWordWrap(True)
        self.lists = ListTable()
        self.lamps = LampRows(patrol)
        self.off = HoldButton(say(Say.SIGN_OFF), patrol.clock, caption=say(Say.HOLD))
        self.off.setObjectName("sign-off")
        scale.sized(self.off, least_height=96)
        self.off.held.connect(self.sign_off)
        self._lay_out()

    def _lay_out(self) -> None:
        left = QVBoxLayout()
        scale.spaced(left, 8)
        left.addWidget(labelled("title", say(Say.SUMMARY)))
        left.addWidget(self.who)
        grid = QGridLayout()
        scale.spaced(grid, 18)
        for place, (name, words) in enumerate(_FIGURES):
            cell = QVBoxLayout()
            scale.spaced(cell, 0)
            self.figures[name] = labelled("figure", "-")
            cell.addWidget(self.figures[name])
            cell.addWidget(labelled("caption", say(words)))
            grid.addLayout(cell, place // _ABREAST, place % _ABREAST)
        left.addLayout(grid)
        left.addWidget(TouchArea(self.lists), 1)
        left.addWidget(self.off)
        right = QVBoxLayout()
        scale.spaced(right, 12)
        right.addWidget(labelled("title", say(Say.STATE)))
        right.addWidget(TouchArea(self.lamps), 1)
        row = QHBoxLayout(self)
        scale.spaced(row, 40, (32, theme.GAP, 32, theme.GAP))
        scale.turning(row)
        row.addLayout(left, 5)
        row.addLayout(right, 6)
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)

    def show_summary(self, summary: ShiftSummary | None, shift: Shift | None, officer: str) -> None:
        """Show the counts of a shift."""
        if summary is not None:
            for name, label in self.figures.items():
                label.setText(f"{getattr(summary, name):,}")
        if shift is not None:
            self.who.setText(say(Say.SIGNED_ON, officer=officer, unit=shift.unit, time=clock_time(shift.started_at)))

    def show_lists(self, lists: Sequence[ListCounts]) -> None:
        """Show what each list brought."""
        self.lists.show_counts(lists)

    def show_lamps(self, lamps: Iterable[Lamp]) -> None:
        """Show the state of the car."""
        self.lamps.show_lamps(lamps)
