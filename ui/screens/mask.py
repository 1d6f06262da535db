"""Drawing what of a camera's picture is not read: the bonnet, the time burnt in at its rim."""

from dataclasses import replace

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QBoxLayout, QHBoxLayout, QVBoxLayout, QWidget

from patrol_anpr.domain.plate import Pixels
from patrol_anpr.domain.rig import MUCH_MASKED, Rig, masked_share
from ui import scale, theme
from ui.models.dead_time import DeadTime
from ui.text import Say, camera_word, say
from ui.widgets.buttons import BigButton, Kind
from ui.widgets.mask_canvas import MaskCanvas
from ui.widgets.side_panel import labelled


class MaskScreen(QWidget):
    """A still picture, and UNDO LAST, CLEAR, BACK and DONE. `done` carries the camera and how it is set up now."""

    done = Signal(str, object)
    left = Signal()

    def __init__(self, dead_time: DeadTime) -> None:
        super().__init__()
        self._camera_id, self._rig = "", Rig()
        self.title, self.share = labelled("title"), labelled("caption")
        self.note = labelled("caption", say(Say.MASK_NOTE))
        for label in (self.note, self.share):
            label.setWordWrap(True)
        self.canvas = MaskCanvas()
        self.canvas.changed.connect(self._show_share)
        self.undo, self.clear = (BigButton(say(words), dead_time=dead_time) for words in (Say.MASK_UNDO, Say.CLEAR))
        self.back = BigButton(say(Say.BACK), dead_time=dead_time)
        self.finish = BigButton(say(Say.DONE), kind=Kind.CONFIRM, dead_time=dead_time)
        self.undo.clicked.connect(self._undo)
        self.clear.clicked.connect(self._clear)
        self.back.clicked.connect(self.left)
        self.finish.clicked.connect(self._done)
        self._lay_out()

    def _lay_out(self) -> None:
        words = QVBoxLayout()
        scale.spaced(words, 4)
        words.addWidget(self.title)
        words.addWidget(self.note)
        row: QBoxLayout = QHBoxLayout()
        scale.spaced(row, theme.GAP)
        for button in (self.back, self.undo, self.clear):
            row.addWidget(button)
        row.addWidget(self.share, 1)
        row.addWidget(self.finish)
        column = QVBoxLayout(self)
        scale.spaced(column, 8, (theme.GAP, theme.GAP, theme.GAP, theme.GAP))
        column.addLayout(words)
        column.addWidget(self.canvas, 1)
        column.addLayout(row)

    def begin(self, camera_id: str, rig: Rig, pixels: Pixels) -> None:
        """Show the newest picture of a camera, which stands still from now on."""
        self._camera_id, self._rig = camera_id, rig
        self.title.setText(say(Say.MASK_TITLE, camera=camera_word(camera_id).lower()))
        self.canvas.begin(pixels, rig.mask)
        self._show_share()

    @Slot()
    def _show_share(self) -> None:
        share = masked_share(self.canvas.areas)
        much = share > MUCH_MASKED
        self.share.setText(say(Say.MASK_MUCH if much else Say.MASK_SHARE, percent=100 * share))
        theme.give_role(self.share, "problem" if much else "caption")
        for button in (self.undo, self.clear):
            button.setEnabled(bool(self.canvas.areas))

    @Slot()
    def _undo(self) -> None:
        self.canvas.use(self.canvas.areas[:-1])

    @Slot()
    def _clear(self) -> None:
        self.canvas.use(())

    @Slot()
    def _done(self) -> None:
        self.done.emit(self._camera_id, replace(self._rig, mask=self.canvas.areas))
