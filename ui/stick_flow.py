"""A stick in place of the depot's network: which one, what for, and how it ended, on the screen of the syncs."""

from collections.abc import Sequence
from concurrent.futures import Future
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, Qt, Signal, Slot

from patrol_anpr.domain.stick import Stick
from patrol_anpr.patrol.window_ports import Patrolling
from ui.bridge import Bridge, settle
from ui.depot_flow import DepotFlow
from ui.screens.sync import SyncScreen
from ui.text import Say, say
from ui.widgets.stick_choice import Trip


class _Answers(QObject):
    """What other threads answer; no Qt parent, so that a late answer meets nothing destroyed."""

    found = Signal(object, object)
    refused = Signal(str)


class StickFlow(QObject):
    """Looks for sticks, asks which where there are several, and has the depot's flow show the trip."""

    def __init__(
        self,
        patrol: Patrolling,
        screen: SyncScreen,
        depot: DepotFlow,
        bridge: Bridge,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._patrol, self._screen, self._depot, self._bridge = patrol, screen, depot, bridge
        self._answers = _Answers()
        queued = Qt.ConnectionType.QueuedConnection
        self._answers.found.connect(self._found, queued)
        self._answers.refused.connect(screen.stick_failed, queued)
        screen.allow_sticks(patrol.sticks.can_be_used)
        screen.stick_wanted.connect(self._look)
        screen.sticks.chosen.connect(self._go)

    @Slot(object)
    def _look(self, trip: Trip) -> None:
        looking: Future[Sequence[Stick]] = self._patrol.sticks.plugged_in()
        looking.add_done_callback(
            lambda done: settle(done, partial(self._answers.found.emit, trip), self._answers.refused.emit)
        )

    @Slot(object, object)
    def _found(self, trip: Trip, sticks: Sequence[Stick]) -> None:
        if not self._screen.may_go_by_stick:
            return  # the officer went on to something else meanwhile
        if not sticks:
            self._screen.stick_failed(say(Say.NO_STICK))
        elif len(sticks) == 1:
            self._go(trip, sticks[0].folder)
        else:
            self._screen.ask_which(trip, sticks)

    @Slot(object, object)
    def _go(self, trip: Trip, folder: Path) -> None:
        if trip is Trip.PUT:
            start = partial(self._patrol.sticks.put, folder)
            self._depot.by_stick(start, self._bridge.put_done, say(Say.STICK_UP))
        else:
            begin = partial(self._patrol.sticks.take, folder)
            self._depot.by_stick(begin, self._bridge.taken_done, say(Say.STICK_DOWN))
