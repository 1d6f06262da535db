"""One Read, large: its pictures, its mark as a plate, what it was corrected to, and all that is known of it."""

from collections.abc import Sequence
from datetime import date

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from patrol_anpr.domain.by_hand import ReadCorrection
from patrol_anpr.domain.read import NO_PICTURES, Evidence, Read
from ui import scale, theme
from ui.read_words import correction_lines, facts
from ui.text import Say, say
from ui.widgets.buttons import BigButton
from ui.widgets.patch_view import PatchView
from ui.widgets.picture import OverviewView
from ui.widgets.plate_label import PlateLabel
from ui.widgets.scrolling import TouchArea
from ui.widgets.side_panel import labelled


class ReadView(QWidget):
    """What the buttons lead to is its owner's."""

    left = Signal()
    correct_wanted = Signal()
    voi_wanted = Signal()
    evidence_wanted = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.read: Read | None = None
        self.patch, self.overview = PatchView(), OverviewView()
        self.plate, self.corrected = PlateLabel(88), PlateLabel(64)
        self.corrected_words = labelled("caption", say(Say.CORRECTED_TO))
        self.facts, self.notice = labelled("body"), labelled("strong")
        self.facts.setWordWrap(True)
        self.notice.setWordWrap(True)
        self.back, self.correct, self.voi, self.evidence = (
            BigButton(say(words), text_size=theme.BODY, wrap=True)
            for words in (Say.BACK, Say.CORRECT, Say.MAKE_VOI, Say.EVIDENCE)
        )
        self.back.clicked.connect(self.left)
        self.correct.clicked.connect(self.correct_wanted)
        self.voi.clicked.connect(self.voi_wanted)
        self.evidence.clicked.connect(self.evidence_wanted)
        self._lay_out()

    def _lay_out(self) -> None:
        marks = QVBoxLayout()
        scale.spaced(marks, 8)
        self.patch.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        marks.addWidget(self.patch)
        marks.addWidget(self.plate)
        corrected = QHBoxLayout()
        scale.spaced(corrected, 12)
        corrected.addWidget(self.corrected_words)
        corrected.addWidget(self.corrected, 1)
        marks.addLayout(corrected)
        said = QWidget()
        words = QVBoxLayout(said)
        scale.spaced(words, 6, (0, 0, 8, 0))
        words.addWidget(self.notice)
        words.addWidget(self.facts)
        words.addStretch(1)
        marks.addWidget(TouchArea(said), 1)
        both = QHBoxLayout()
        scale.spaced(both, theme.GAP)
        scale.turning(both)
        both.addLayout(marks, 1)
        both.addWidget(self.overview, 1)
        buttons = QHBoxLayout()
        scale.spaced(buttons, theme.GAP)
        buttons.addWidget(self.back, 2)
        scale.gap(buttons, 8)
        for button in (self.evidence, self.correct, self.voi):
            buttons.addWidget(button, 3)
        column = QVBoxLayout(self)
        scale.spaced(column, theme.GAP, (24, theme.GAP, 24, theme.GAP))
        column.addLayout(both, 1)
        column.addLayout(buttons)

    def show_read(self, read: Read, corrections: Sequence[ReadCorrection], today: date) -> None:
        """Show a Read and the corrections of it, the oldest first; its pictures come by `show_pictures`."""
        if self.read is None or self.read.read_id != read.read_id:
            self.show_pictures(read, NO_PICTURES)
            self.say("")
        self.read = read
        self.plate.show_vrm(read.vrm, read.colour)
        last = corrections[-1].vrm if corrections else ""
        self.corrected.show_vrm(last, read.colour)
        for widget in (self.corrected, self.corrected_words):
            widget.setVisible(bool(last))
        self.facts.setText("\n".join([*correction_lines(corrections), *facts(read, today)]))

    def show_pictures(self, read: Read, evidence: Evidence) -> None:
        """Show the pictures of a Read."""
        self.patch.show_patches(evidence, read)
        self.patch.updateGeometry()  # as tall as the picture wants
        self.overview.show_overview(evidence.overview, read, theme.tokens().accent, dashed=False)

    def say(self, sentence: str) -> None:
        """Say what became of a correction or an entry."""
        self.notice.setText(sentence)
        self.notice.setVisible(bool(sentence))
