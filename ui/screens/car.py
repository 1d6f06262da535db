"""The car: each camera with what it sees and how it is set up, what could be read this shift, and every lamp."""

from collections.abc import Iterable

from PySide6.QtCore import QTimer, Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from patrol_anpr.domain.health import CameraStatus, Lamp
from patrol_anpr.domain.rig import Rig
from patrol_anpr.patrol.window_ports import Patrolling
from ui import scale, theme
from ui.camera_text import fix_words, waiting_words
from ui.models.covered import CoverWatch
from ui.models.dead_time import DeadTime
from ui.screens.mask import MaskScreen
from ui.text import Say, say
from ui.widgets.camera_panel import CameraPanel
from ui.widgets.camera_tile import covered_words
from ui.widgets.coverage_strip import CoverageLegend
from ui.widgets.lamp_rows import LampRows
from ui.widgets.scrolling import TouchArea
from ui.widgets.side_panel import labelled
from ui.widgets.swap_bar import SwapBar

LOOK_MS = 250
"""How often a hand before a lens is looked for."""
_SAMPLE = 32
"""Every so manieth pixel of a picture tells its brightness."""


class CarScreen(QWidget):
    """The cameras beside the lamps, and over both, while a mask is drawn, its picture.

    `refresh` is called once a second while the page is shown. `changed` carries a camera and how it is to be set up,
    `swap_wanted` two cameras whose names are to be exchanged.
    """

    changed = Signal(str, object)
    swap_wanted = Signal(str, str)
    problem = Signal(str)

    def __init__(self, patrol: Patrolling, dead_time: DeadTime, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "page")
        self._patrol, self._dead_time = patrol, dead_time
        self._covered = CoverWatch()
        self.lamps, self.drawing = LampRows(patrol), MaskScreen(dead_time)
        self.panels = {name: CameraPanel(name, patrol.live(name), dead_time) for name in patrol.cameras()}
        self.seen = labelled("caption", say(Say.COVERAGE_TAP))
        self.seen.setWordWrap(True)
        explained = QWidget()
        words = QVBoxLayout(explained)
        scale.spaced(words, 2, (0, 0, 0, 0))
        words.addWidget(CoverageLegend())
        words.addWidget(self.seen)
        self.swap = SwapBar(list(self.panels), explained, dead_time)
        self._lay_out()
        self._connect()
        self._timer = QTimer(self)
        self._timer.setInterval(LOOK_MS)
        self._timer.timeout.connect(self._look_for_a_hand)
        self._timer.start()

    def _lay_out(self) -> None:
        cameras, content = QVBoxLayout(), QWidget()
        inner = QVBoxLayout(content)
        scale.spaced(inner, 8, (0, 0, 0, 0))
        for panel in self.panels.values():
            inner.addWidget(panel)
        inner.addStretch(1)
        scale.spaced(cameras, 8)
        cameras.addWidget(labelled("title", say(Say.CAMERAS)))
        cameras.addWidget(TouchArea(content), 1)
        state = QVBoxLayout()
        scale.spaced(state, 12)
        state.addWidget(labelled("title", say(Say.STATE)))
        state.addWidget(TouchArea(self.lamps), 1)
        halves = QHBoxLayout()
        scale.spaced(halves, 32)
        scale.turning(halves)
        halves.addLayout(cameras, 3)
        halves.addLayout(state, 2)
        self.overview = QWidget()
        column = QVBoxLayout(self.overview)
        scale.spaced(column, 8, (theme.GAP, 8, theme.GAP, 8))
        column.addLayout(halves, 1)
        column.addWidget(self.swap)
        self.stack = QStackedWidget()
        for page in (self.overview, self.drawing):
            self.stack.addWidget(page)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(self.stack)

    def _connect(self) -> None:
        for panel in self.panels.values():
            panel.mask_wanted.connect(self._draw_mask)
            panel.changed.connect(self._change)
            panel.tapped.connect(self.swap.tapped)
            panel.strip.chosen.connect(self._bar_chosen)
        self.drawing.done.connect(self._mask_drawn)
        self.drawing.left.connect(self._show_overview)
        self.swap.swapped.connect(self._swap)

    # -- what is shown -------------------------------------------------------------------------------------------

    def refresh(self) -> None:
        """Show everything as it is now."""
        patrol, now = self._patrol, self._patrol.clock
        shift = patrol.shift
        begin = shift.started_at if shift is not None else now.utc()
        minutes = patrol.coverage.minutes()
        for name, panel in self.panels.items():
            panel.show_rig(patrol.rig.rig(name))
            panel.show_minutes(minutes, begin, now.utc())
        for outlook in patrol.coverage.outlooks():
            if (found := self.panels.get(outlook.status.camera_id)) is not None:
                found.show_outlook(outlook)
        fix, summary = patrol.fix, patrol.summary()
        self.lamps.show_detail("gps", "" if fix is None else fix_words(fix, now.monotonic()))
        self.lamps.show_detail("records", "" if summary is None else waiting_words(summary.waiting))

    def show_lamps(self, lamps: Iterable[Lamp]) -> None:
        """Show the state of every part."""
        self.lamps.show_lamps(lamps)

    def camera_changed(self, status: CameraStatus) -> None:
        """Show what a camera is doing."""
        self.lamps.camera_changed(status)
        if (panel := self.panels.get(status.camera_id)) is not None:
            panel.show_status(status)

    @Slot(str)
    def _bar_chosen(self, words: str) -> None:
        self.seen.setText(words)
        for panel in self.panels.values():
            if panel.strip is not self.sender():
                panel.strip.forget()

    @Slot()
    def _look_for_a_hand(self) -> None:
        """Frame the picture of the camera that a hand is held before, while that is asked for."""
        covered = ""
        if self.swap.looking and self.isVisible():
            frames = {name: panel.tile.frame for name, panel in self.panels.items()}
            covered = self._covered.look(
                {
                    name: float(frame.pixels[::_SAMPLE, ::_SAMPLE].mean())
                    for name, frame in frames.items()
                    if frame is not None
                }
            )
        for name, panel in self.panels.items():
            panel.tile.mark(covered_words() if name == covered else "")

    # -- what is changed -----------------------------------------------------------------------------------------

    @Slot(str)
    def _draw_mask(self, camera_id: str) -> None:
        frame = self.panels[camera_id].tile.frame
        if frame is None:
            self.problem.emit(say(Say.MASK_NO_PICTURE))
            return
        self._dead_time.restart()
        self.drawing.begin(camera_id, self._patrol.rig.rig(camera_id), frame.pixels)
        self.stack.setCurrentWidget(self.drawing)

    @Slot(str, object)
    def _mask_drawn(self, camera_id: str, rig: Rig) -> None:
        self._show_overview()
        self._change(camera_id, rig)

    @Slot()
    def _show_overview(self) -> None:
        self._dead_time.restart()
        self.stack.setCurrentWidget(self.overview)

    @Slot(str, object)
    def _change(self, camera_id: str, rig: Rig) -> None:
        self.changed.emit(camera_id, rig)
        self.panels[camera_id].show_rig(rig)

    @Slot(str, str)
    def _swap(self, one: str, other: str) -> None:
        self.swap.say_swapping()
        self.swap_wanted.emit(one, other)

    @Slot()
    def swap_ended(self) -> None:
        """Show the cameras as they are named now."""
        self.swap.rest()
        self.refresh()
