"""The picture alone, before the entry: which of a few characters stands at the doubtful place?"""

from PySide6.QtCore import QRectF, Signal, Slot
from PySide6.QtGui import QColor, QPainter
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget
from typing_extensions import override

from patrol_anpr.domain.hit import CANNOT_TELL
from patrol_anpr.domain.look import MOST_CHOICES, LookQuestion
from patrol_anpr.domain.plate import PlateColour
from patrol_anpr.domain.read import Evidence, Read
from ui import scale, theme
from ui.models.dead_time import DeadTime
from ui.text import Say, say
from ui.widgets.buttons import BigButton
from ui.widgets.patch_view import PatchView
from ui.widgets.plate_label import paint_plate, plate_width
from ui.widgets.side_panel import labelled

_TALL = 100


class GlyphButton(BigButton):
    """A character as it stands on a plate."""

    def __init__(self, dead_time: DeadTime) -> None:
        super().__init__("", dead_time=dead_time)
        self.ground = PlateColour.WHITE

    @override
    def _paint_words(self, painter: QPainter, area: QRectF, ink: QColor) -> None:
        height = min(area.height() - 16, (area.width() - 16) / plate_width(self.text(), 1.0))
        left = (area.width() - plate_width(self.text(), height)) / 2
        paint_plate(painter, left, (area.height() - height) / 2, height, self.text(), self.ground)


class LookFirst(QWidget):
    """The patch as large as it goes, the question, the choices; LATER as ever."""

    chosen = Signal(str)
    put_off = Signal()

    def __init__(self, dead_time: DeadTime) -> None:
        super().__init__()
        self.patch, self.question = PatchView(), labelled("strong")
        self.question.setWordWrap(True)
        self.glyphs = [GlyphButton(dead_time) for _ in range(MOST_CHOICES)]
        self.cannot_tell = BigButton(say(Say.CANNOT_TELL), dead_time=dead_time, text_size=theme.BODY, wrap=True)
        self.cannot_tell.setObjectName("cannot-tell")
        self.later = BigButton(say(Say.LATER), dead_time=dead_time, text_size=theme.BODY)
        choices = QHBoxLayout()
        scale.spaced(choices, 16)
        for button in (*self.glyphs, self.cannot_tell):
            scale.sized(button, least_height=_TALL)
            choices.addWidget(button, 1)
        for glyph in self.glyphs:
            glyph.clicked.connect(self._choose)
        self.cannot_tell.clicked.connect(self._cannot_tell)
        self.later.clicked.connect(self.put_off)
        below = QHBoxLayout()
        scale.spaced(below, 16)
        below.addStretch(2)
        below.addWidget(self.later, 1)
        below.addStretch(2)
        column = QVBoxLayout(self)
        scale.spaced(column, 12, (0, 0, 0, 0))
        column.addWidget(self.patch, 1)
        column.addWidget(self.question)
        column.addLayout(choices)
        column.addLayout(below)

    def ask(self, question: LookQuestion, evidence: Evidence, read: Read) -> None:
        """Show a picture and ask."""
        self.patch.show_patches(evidence, read, (question.place - 1,))
        self.question.setText(say(Say.WHICH_CHARACTER, number=question.place, count=question.count))
        for place, glyph in enumerate(self.glyphs):
            glyph.setVisible(place < len(question.choices))
            if place < len(question.choices):
                glyph.setText(question.choices[place])
                glyph.ground = read.colour
                glyph.setAccessibleName(question.choices[place])
                glyph.update()

    @Slot()
    def _choose(self) -> None:
        button = self.sender()
        assert isinstance(button, GlyphButton)
        self.chosen.emit(button.text())

    @Slot()
    def _cannot_tell(self) -> None:
        self.chosen.emit(CANNOT_TELL)
