"""What the officer changes of a camera, given to the car; what of it could not be kept, told."""

from PySide6.QtCore import QObject, Qt, Signal, Slot

from patrol_anpr.domain.rig import Rig
from patrol_anpr.patrol.window_ports import Patrolling
from ui.bridge import Bridge
from ui.screens.car import CarScreen


class CarFlow(QObject):
    """Between the page of the car and the owner of how the cameras are set up."""

    problem = Signal(str)

    def __init__(self, patrol: Patrolling, screen: CarScreen, bridge: Bridge, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._patrol, self._screen, self._bridge = patrol, screen, bridge
        queued = Qt.ConnectionType.QueuedConnection
        screen.changed.connect(self._change)
        screen.swap_wanted.connect(self._swap)
        bridge.rig_unkept.connect(self.problem, queued)
        bridge.swapped.connect(screen.swap_ended, queued)

    @Slot(str, object)
    def _change(self, camera_id: str, rig: Rig) -> None:
        self._patrol.rig.change(camera_id, rig).add_done_callback(self._bridge.rig_done)

    @Slot(str, str)
    def _swap(self, one: str, other: str) -> None:
        self._patrol.rig.swap(one, other).add_done_callback(self._bridge.swap_done)
