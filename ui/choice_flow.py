"""What an officer sets on the settings page: in force at once, and kept."""

from PySide6.QtCore import QObject, Qt, Signal, Slot

from patrol_anpr.domain.choices import Choices
from patrol_anpr.patrol.window_ports import Patrolling
from ui.bridge import Bridge
from ui.looks import Looks
from ui.screens.settings import SettingsScreen


class ChoiceFlow(QObject):
    """Takes choices to their owner and to the window's looks. `problem` says that they could not be kept."""

    problem = Signal(str)

    def __init__(
        self, patrol: Patrolling, screen: SettingsScreen, looks: Looks, bridge: Bridge, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._patrol, self._looks, self._bridge = patrol, looks, bridge
        screen.chosen.connect(self._choose)
        screen.voice_wanted.connect(self._say_something)
        bridge.not_kept.connect(self.problem, Qt.ConnectionType.QueuedConnection)
        looks.choose(patrol.choices.now)

    @Slot(Choices)
    def _choose(self, choices: Choices) -> None:
        self._looks.choose(choices)
        self._patrol.choices.choose(choices).add_done_callback(self._bridge.choice_done)

    @Slot()
    def _say_something(self) -> None:
        self._patrol.test_voice()
