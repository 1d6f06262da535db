"""When the depot is asked on patrol, and what its silence is called."""

import threading

import pytest

from patrol_anpr.domain.errors import DepotFault
from patrol_anpr.domain.health import Lamp, LampState
from patrol_anpr.patrol.list_watch import ListWatch
from tests.conftest import FakeClock


class Outing:
    """A car with a network that comes and goes."""

    def __init__(self, clock: FakeClock) -> None:
        self.clock, self.reached, self.refused, self.signed_on = clock, True, "", True
        self.asked, self.lamps, self.pauses = 0, list[Lamp](), list[float]()
        self.watch = ListWatch(
            self, lambda: self.signed_on, clock, self.lamps.append, seconds=25, chance=max, wait=self._wait
        )

    def look_for_lists(self) -> str:
        self.asked += 1
        if not self.reached:
            raise DepotFault("The depot cannot be reached.")
        return self.refused

    def run(self, rounds: int) -> None:
        self._rounds = len(self.pauses) + rounds
        self.watch._run(threading.Event())

    def _wait(self, _stopping: threading.Event, seconds: float) -> bool:
        self.pauses.append(seconds)
        self.clock.advance(seconds)
        return len(self.pauses) > self._rounds


@pytest.fixture
def outing(clock: FakeClock) -> Outing:
    return Outing(clock)


def test_it_asks_again_and_again_whether_or_not_there_was_an_answer(outing: Outing) -> None:
    outing.run(3)
    outing.reached = False
    outing.run(3)
    assert (outing.asked, set(outing.pauses)) == (6, {25})


def test_nobody_signed_on_asks_nothing(outing: Outing) -> None:
    outing.signed_on = False
    outing.run(3)
    assert (outing.asked, outing.lamps) == (0, [])


def test_until_when_the_depot_answered_is_said_once_it_has_been_silent_for_long(outing: Outing) -> None:
    outing.run(1)
    outing.reached = False
    outing.run(3)
    assert [lamp.state for lamp in outing.lamps] == [LampState.GOOD]
    outing.run(3)
    assert outing.lamps[-1].state is LampState.UNKNOWN
    assert outing.lamps[-1].word.startswith("No additions since")


def test_a_depot_that_never_answered_is_not_told_at_once_either(outing: Outing) -> None:
    outing.reached = False
    outing.run(4)
    assert outing.lamps == []
    outing.run(3)
    assert (outing.lamps[-1].state, outing.lamps[-1].word) == (LampState.UNKNOWN, "Depot not asked yet")


def test_what_was_not_taken_is_told_with_its_reason(outing: Outing) -> None:
    outing.refused = "Stolen NOT updated."
    outing.run(1)
    assert (outing.lamps[-1].state, outing.lamps[-1].advice) == (LampState.WARN, "Stolen NOT updated.")
