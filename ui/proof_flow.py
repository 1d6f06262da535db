"""The proof run on the start check: what the crew does goes to the heart, and how far it has come to the screen."""

from PySide6.QtCore import QObject, Slot

from patrol_anpr.domain.events import ProofChanged
from patrol_anpr.domain.proof import Tap
from patrol_anpr.patrol.window_ports import Patrolling
from ui.screens.start_check import StartCheckScreen


class ProofFlow(QObject):
    """Ties the start check to the proof run of the car."""

    def __init__(self, patrol: Patrolling, screen: StartCheckScreen, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._patrol, self._screen = patrol, screen
        screen.run_wanted.connect(self._start)
        screen.say_again.connect(self._say_again)
        screen.voice_answered.connect(self._voice_answered)
        screen.tapped.connect(self._tapped)
        screen.started.connect(self._go_on)

    def changed(self, event: ProofChanged) -> None:
        """Show the newest state, unless this event is of a run that was begun anew since."""
        if event.run.number == self._patrol.proof.run.number:
            self._screen.show_run(event.run)

    @Slot()
    def _start(self) -> None:
        self._patrol.proof.start()

    @Slot()
    def _say_again(self) -> None:
        self._patrol.proof.say_again()

    @Slot(bool)
    def _voice_answered(self, heard: bool) -> None:
        self._patrol.voice_heard(heard)

    @Slot(object)
    def _tapped(self, how: Tap) -> None:
        self._patrol.proof.tapped(how)

    @Slot()
    def _go_on(self) -> None:
        self._patrol.proof.go_on()
