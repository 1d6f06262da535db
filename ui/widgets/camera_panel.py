"""One camera on the page of the car: its picture, what it delivers, what its lens can do, and how it is set up."""

from collections.abc import Sequence
from datetime import datetime

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from patrol_anpr.domain.coverage import CoverageMinute
from patrol_anpr.domain.health import CameraStatus
from patrol_anpr.domain.live import LiveFrame
from patrol_anpr.domain.optics import Lens
from patrol_anpr.domain.outlook import Outlook
from patrol_anpr.domain.rig import Rig, masked_share
from patrol_anpr.plumbing.mailbox import Latest
from ui import scale, theme
from ui.camera_text import figures, hints, lens_words, width_words
from ui.models.dead_time import DeadTime
from ui.text import Say, camera_state, camera_word, say
from ui.widgets.buttons import BigButton
from ui.widgets.camera_tile import CameraTile
from ui.widgets.coverage_strip import CoverageStrip
from ui.widgets.plate_meter import PlateMeter
from ui.widgets.side_panel import labelled


class CameraPanel(QWidget):
    """`mask_wanted`, `changed` (with the new Rig) and `tapped` carry the camera's id."""

    mask_wanted = Signal(str)
    changed = Signal(str, object)
    tapped = Signal(str)

    def __init__(self, camera_id: str, mailbox: Latest[LiveFrame], dead_time: DeadTime) -> None:
        super().__init__()
        self.camera_id, self.rig = camera_id, Rig()
        self.tile, self.meter, self.strip = CameraTile(camera_id, mailbox), PlateMeter(), CoverageStrip(camera_id)
        self.name = labelled("strong", camera_word(camera_id))
        self.figures, self.lens = labelled("caption"), labelled("")
        self.widths, self.hints = labelled("caption"), labelled("")
        for label in (self.name, self.figures, self.lens, self.widths, self.hints):
            label.setWordWrap(True)
        self.mask_button, self.mirror_button, self.turn_button = (
            BigButton(say(words), text_size=theme.BODY, dead_time=dead_time)
            for words in (Say.MASK, Say.MIRROR, Say.TURN)
        )
        self.tile.tapped.connect(self.tapped)
        self.mask_button.clicked.connect(self._mask)
        self.mirror_button.clicked.connect(self._mirror)
        self.turn_button.clicked.connect(self._turn)
        self._lay_out()

    def _lay_out(self) -> None:
        words = QVBoxLayout()
        scale.spaced(words, 4)
        for widget in (self.name, self.figures, self.meter, self.widths, self.lens, self.hints):
            words.addWidget(widget)
        words.addStretch(1)
        top = QHBoxLayout()
        scale.spaced(top, theme.GAP)
        scale.turning(top)
        top.addWidget(self.tile)
        top.addLayout(words, 1)
        buttons = QHBoxLayout()
        scale.spaced(buttons, 8)
        for button in (self.mask_button, self.mirror_button, self.turn_button):
            buttons.addWidget(button, 1)
        column = QVBoxLayout(self)
        scale.spaced(column, 8, (0, 0, 8, theme.GAP))
        column.addLayout(top)
        column.addLayout(buttons)
        column.addWidget(self.strip)

    def show_status(self, status: CameraStatus) -> None:
        """Show what the camera is doing."""
        self.tile.show_state(status.state, status.detail)
        self.name.setText(camera_state(self.camera_id, status.state))

    def show_outlook(self, outlook: Outlook) -> None:
        """Show what is to be said of it."""
        self.figures.setText(figures(outlook))
        self.meter.show_widths(outlook.widths)
        self.widths.setText(width_words(outlook))
        self.lens.setText(lens_words(outlook))
        theme.give_role(self.lens, "problem" if outlook.lens is Lens.TOO_WIDE else "")
        self.hints.setText(hints(outlook))

    def show_minutes(self, minutes: Sequence[CoverageMinute], begin: datetime, now: datetime) -> None:
        """Show what it could see in the shift."""
        self.strip.show_minutes([one for one in minutes if one.camera_id == self.camera_id], begin, now)

    def show_rig(self, rig: Rig) -> None:
        """Show how it is set up."""
        self.rig = rig
        self.tile.show_mask(rig.mask)
        share = masked_share(rig.mask)
        self.mask_button.set_caption(f"{100 * share:.0f} %" if share else "")
        self.mirror_button.set_caption(say(Say.ON if rig.turn.mirror else Say.OFF))
        self.turn_button.set_caption(f"{rig.turn.rotate}°")

    @Slot()
    def _mask(self) -> None:
        self.mask_wanted.emit(self.camera_id)

    @Slot()
    def _mirror(self) -> None:
        self.changed.emit(self.camera_id, self.rig.mirrored())

    @Slot()
    def _turn(self) -> None:
        self.changed.emit(self.camera_id, self.rig.rotated())
