"""What is read to control over the radio: the VRM as a plate and in words, the vehicle, why it is listed."""

from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from patrol_anpr.domain.hit import Hit
from patrol_anpr.domain.read import Evidence
from patrol_anpr.domain.wording import spelled
from ui import scale
from ui.text import reason, vehicle
from ui.widgets.patch_view import PatchView
from ui.widgets.plate_label import PlateLabel
from ui.widgets.scrolling import WordsArea
from ui.widgets.side_panel import labelled


class ReadBack(QWidget):
    """The list's VRM large, beside the picture it was found in, and as the voice says it."""

    def __init__(self) -> None:
        super().__init__()
        self.plate, self.patch = PlateLabel(120), PatchView()
        self.plate.setObjectName("read-back-plate")
        self.patch.in_middle = True
        scale.sized(self.plate, least_height=56)  # the words are what is read out
        self.spelled, self.about = labelled("read-back"), labelled("strong")
        pictures = QHBoxLayout()
        scale.spaced(pictures, 16)
        pictures.addWidget(self.plate, 6)
        pictures.addWidget(self.patch, 4)
        words = QWidget()
        lines = QVBoxLayout(words)
        scale.spaced(lines, 6, (0, 0, 0, 0))
        for label in (self.spelled, self.about):
            label.setWordWrap(True)
            lines.addWidget(label)
        column = QVBoxLayout(self)
        scale.spaced(column, 8, (0, 0, 0, 0))
        column.addLayout(pictures, 1)
        column.addWidget(WordsArea(words, most=96))

    def show_hit(self, hit: Hit, evidence: Evidence) -> None:
        """Show a hit."""
        match = hit.match
        self.plate.show_vrm(match.voi.vrm, hit.read.colour)
        self.patch.show_patches(evidence, hit.read)
        self.spelled.setText(spelled(match.voi.vrm))
        self.about.setText("  ·  ".join(part for part in (vehicle(match), reason(match)) if part))
