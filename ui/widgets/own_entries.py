"""The entries that officers made in this car, each with a way to withdraw it."""

from collections.abc import Sequence

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from patrol_anpr.domain.by_hand import OwnVoi
from patrol_anpr.domain.clock import Clock
from patrol_anpr.domain.plate import PlateColour
from ui import scale, theme
from ui.read_words import own_entry
from ui.text import Say, say
from ui.widgets.buttons import BigButton, HoldButton
from ui.widgets.plate_label import PlateLabel
from ui.widgets.scrolling import TouchArea
from ui.widgets.side_panel import labelled


class OwnEntry(QWidget):
    """One entry. Withdrawing has to be held: it takes a vehicle out of everyone's sight."""

    def __init__(self, entry: OwnVoi, clock: Clock) -> None:
        super().__init__()
        self.entry = entry
        plate = PlateLabel(48)
        plate.show_vrm(entry.vrm, PlateColour.UNKNOWN)
        scale.sized(plate, width=220)
        reason, what = labelled("strong", entry.reason), labelled("caption", own_entry(entry))
        words = QVBoxLayout()
        scale.spaced(words, 4)
        for label in (reason, what):
            label.setWordWrap(True)
            words.addWidget(label)
        self.withdraw = HoldButton(say(Say.WITHDRAW), clock, caption=say(Say.HOLD))
        row = QHBoxLayout(self)
        scale.spaced(row, theme.GAP, (0, 4, 8, 4))
        row.addWidget(plate)
        row.addLayout(words, 1)
        row.addWidget(self.withdraw)


class OwnEntries(QWidget):
    """`withdrawn` carries the id of the entry to be withdrawn."""

    withdrawn = Signal(str)
    left = Signal()

    def __init__(self, clock: Clock) -> None:
        super().__init__()
        self._clock = clock
        self.rows: list[OwnEntry] = []
        self.nothing, self.back = labelled("body", say(Say.NO_OWN)), BigButton(say(Say.BACK))
        self.back.clicked.connect(self.left)
        inside = QWidget()
        self._list = QVBoxLayout(inside)
        scale.spaced(self._list, 8, (0, 0, 0, 0))
        self._list.addStretch(1)
        head = QHBoxLayout()
        scale.spaced(head, theme.GAP)
        head.addWidget(self.back)
        title = labelled("title", say(Say.OWN_TITLE))
        title.setWordWrap(True)
        head.addWidget(title, 1)
        column = QVBoxLayout(self)
        scale.spaced(column, theme.GAP, (24, theme.GAP, 24, theme.GAP))
        column.addLayout(head)
        column.addWidget(self.nothing)
        column.addWidget(TouchArea(inside), 1)

    def show_entries(self, entries: Sequence[OwnVoi]) -> None:
        """Show these; a row that stays is not touched, so that a finger on it goes on holding."""
        wanted = {entry.voi_id for entry in entries}
        for row in [row for row in self.rows if row.entry.voi_id not in wanted]:
            self.rows.remove(row)
            self._list.removeWidget(row)
            row.hide()
            row.deleteLater()
        known = {row.entry.voi_id for row in self.rows}
        for place, entry in enumerate(entries):
            if entry.voi_id not in known:
                row = OwnEntry(entry, self._clock)
                row.withdraw.held.connect(self._withdraw)
                self.rows.insert(place, row)
                self._list.insertWidget(place, row)
        self.nothing.setVisible(not entries)

    @Slot()
    def _withdraw(self) -> None:
        for row in self.rows:
            if row.withdraw is self.sender():
                self.withdrawn.emit(row.entry.voi_id)
