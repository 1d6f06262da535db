"""Beside the live tile: the open hits, the newest Reads, and UNDO."""

from datetime import datetime

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QVBoxLayout, QWidget
from typing_extensions import override

from patrol_anpr.domain.clock import Clock
from ui import scale
from ui.models.dead_time import DeadTime
from ui.models.hit_lines import HitLine
from ui.text import Say, say
from ui.widgets.mute_entry import HitSound
from ui.widgets.rows import HitRow, ReadStrip
from ui.widgets.undo_bar import UndoBar

MOST_HITS = 3


def labelled(role: str, words: str = "") -> QLabel:
    """A label in one of the roles of the stylesheet. What it shows is text: a list's words are no markup."""
    label = QLabel(words)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setProperty("role", role)
    return label


class SidePanel(QWidget):
    """At most three open hits (the most urgent), the Reads; after a decision its sound, and UNDO."""

    hit_chosen = Signal(str)

    def __init__(self, clock: Clock, dead_time: DeadTime, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._clock = clock
        self._open, self._round = 0, ""
        self.open_count, self.read_count = labelled("caption"), labelled("caption")
        self.rows = [HitRow() for _ in range(MOST_HITS)]
        self.strip, self.undo = ReadStrip(), UndoBar(clock, dead_time)
        self.sound = HitSound(dead_time)
        column = QVBoxLayout(self)
        scale.spaced(column, 8, (0, 0, 0, 0))
        column.addLayout(self._heading(say(Say.HITS), self.open_count))
        for row in self.rows:
            row.chosen.connect(self.hit_chosen)
            row.hide()
            column.addWidget(row)
        column.addLayout(self._heading(say(Say.READS), self.read_count))
        column.addWidget(self.strip, 1)
        column.addWidget(self.sound)
        self._column = column
        self.take_undo_back()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.show_reads_count(0)

    def _heading(self, words: str, count: QLabel) -> QHBoxLayout:
        row = QHBoxLayout()
        scale.spaced(row, 8, (4, 2, 4, 2))
        row.addWidget(labelled("caption", words))
        row.addStretch(1)
        row.addWidget(count)
        return row

    def take_undo_back(self) -> None:
        """Have UNDO in its place, wherever it was lent to."""
        self._column.addWidget(self.undo)

    def show_round(self, words: str) -> None:
        """Say how far closing the open hits has come, in place of their count; "" for the count."""
        self._round = words
        self._count_open()

    def _count_open(self) -> None:
        counted = say(Say.OPEN_COUNT, count=self._open) if self._open else say(Say.NO_HITS)
        self.open_count.setText(self._round or counted)

    def show_hits(self, lines: list[HitLine], now: datetime, looked_at: str = "") -> None:
        """Show how many lines with an open hit there are, and the most urgent.

        Lines of the VRM `looked_at` are left out: the picture of its hit is looked at before what the list says.
        """
        self._open = len(lines)
        self._count_open()
        lines = [line for line in lines if line.hit.match.voi.vrm != looked_at]
        for place, row in enumerate(self.rows):
            row.setVisible(place < len(lines))
            if place < len(lines):
                row.show_line(lines[place], now)

    def show_reads_count(self, count: int) -> None:
        """Show how many Reads this shift has made."""
        self.read_count.setText(say(Say.READ_COUNT, count=f"{count:,}"))

    @override
    def sizeHint(self) -> QSize:
        return QSize(scale.dp(424), scale.dp(600))
