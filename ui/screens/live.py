"""The road as the cameras see it, the hits and reads beside it, and the hit card over it."""

from PySide6.QtCore import QEvent, QObject, QRect, QSize, Signal, Slot
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QWidget
from typing_extensions import override

from patrol_anpr.domain.events import CameraChanged
from patrol_anpr.patrol.window_ports import Patrolling
from ui import scale, theme
from ui.models.dead_time import DeadTime
from ui.screens.hit_card import HitCard
from ui.widgets.live_tile import LiveTile
from ui.widgets.side_panel import SidePanel

_INSET = (224, 126)
_SIDE_BESIDE, _SIDE_BELOW = 0.331, 0.36  # of the width, of the height
_NO_LIMIT = 16_777_215  # Qt's own


class TileStage(QWidget):
    """The large tile of the active camera with the others inset; a tap on an inset swaps them. The card lies on top.

    `painted` is emitted with each frame when it is painted for the first time.
    """

    painted = Signal(object)

    def __init__(self, patrol: Patrolling, card: HitCard) -> None:
        super().__init__()
        self._card = card
        cameras = list(patrol.cameras())
        self.active = cameras[0] if cameras else ""
        self.tiles = {name: LiveTile(name, patrol.live(name)) for name in cameras}
        for tile in self.tiles.values():
            tile.setParent(self)
            tile.tapped.connect(self._tapped)
            tile.painted.connect(self.painted)
        card.setParent(self)
        card.hide()
        card.installEventFilter(self)

    @Slot(str)
    def _tapped(self, camera_id: str) -> None:
        self.active = camera_id
        self._place()

    @override
    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._place()

    def _place(self) -> None:
        self._card.resize(self.size())
        gap, insets = scale.dp(theme.GAP), max(1, len(self.tiles) - 1)
        wide = min(scale.dp(_INSET[0]), (self.width() - gap) // insets - gap)
        tall = wide * _INSET[1] // _INSET[0]
        across = self.width() - gap - wide
        for name, tile in self.tiles.items():
            tile.set_small(small=name != self.active)
            if name == self.active:
                tile.setGeometry(self.rect())
                tile.lower()
            else:
                tile.setGeometry(QRect(across, self.height() - tall - gap, wide, tall))
                tile.stackUnder(self._card)
                across -= wide + gap

    @override
    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        # Under the card no tile needs painting: the picture it was made for is on the card.
        if watched is self._card and event.type() in (QEvent.Type.Show, QEvent.Type.Hide):
            for tile in self.tiles.values():
                tile.setVisible(event.type() == QEvent.Type.Hide)
        return super().eventFilter(watched, event)

    @override
    def minimumSizeHint(self) -> QSize:
        return self._card.minimumSizeHint()


class LiveScreen(QWidget):
    """Tile stage and side panel."""

    hit_chosen = Signal(str)

    def __init__(self, patrol: Patrolling, dead_time: DeadTime, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "page")
        self.card = HitCard(patrol.clock, dead_time)
        self.stage = TileStage(patrol, self.card)
        self.side = SidePanel(patrol.clock, dead_time)
        self.side.hit_chosen.connect(self.hit_chosen)
        row = QHBoxLayout(self)
        scale.spaced(row, theme.GAP, (theme.GAP,) * 4)
        scale.turning(row)
        row.addWidget(self.stage, 3)
        row.addWidget(self.side, 0)

    def camera_changed(self, event: CameraChanged) -> None:
        """Show what a camera is doing."""
        if (tile := self.stage.tiles.get(event.status.camera_id)) is not None:
            tile.show_state(event.status.state, event.status.detail)

    @override
    def resizeEvent(self, event: QResizeEvent) -> None:
        self.arrange()
        super().resizeEvent(event)

    def arrange(self) -> None:
        """The panel beside the stage as wide as its rows need; in an upright window below it."""
        if scale.fit().upright:
            self.side.setMinimumWidth(0)
            self.side.setMaximumWidth(_NO_LIMIT)
            self.side.setFixedHeight(round(self.height() * _SIDE_BELOW))
        else:
            self.side.setMinimumHeight(0)
            self.side.setMaximumHeight(_NO_LIMIT)
            self.side.setFixedWidth(max(scale.dp(350), min(scale.dp(560), round(self.width() * _SIDE_BESIDE))))
