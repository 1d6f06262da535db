"""Records that are sent without a tap: when, how often, and after whom."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest

from patrol_anpr.domain.errors import DepotFault
from patrol_anpr.domain.events import Uploaded
from patrol_anpr.patrol.background_upload import FIRST_PAUSE, LONGEST_PAUSE, BackgroundUpload
from patrol_anpr.patrol.depot_jobs import DepotJobs
from tests.conftest import FakeClock
from tests.integration.cars import until


class Outing:
    """A car that stands or moves, with records that wait, and a depot that takes some at each try."""

    def __init__(self, waiting: int, taken: list[int], *, moving: bool | None = False) -> None:
        self.left, self.taken, self.is_moving = waiting, taken, moving
        self.pauses: list[float] = []
        self.told: list[object] = []
        self.tries = 0
        self.upload = BackgroundUpload(
            self,
            self,  # type: ignore[arg-type]  # of the records only how many wait is asked
            lambda: self.is_moving,
            self.told.append,
            self.told.append,
            chance=max,
            wait=self._wait,
        )

    def waiting(self) -> int:
        return self.left

    def send_in_background(self) -> int:
        self.tries += 1
        self.left -= self.taken.pop(0) if self.taken else 0
        return self.left

    def run(self, rounds: int) -> None:
        self._rounds = rounds
        self.upload._run(threading.Event())

    def _wait(self, _stopping: threading.Event, seconds: float) -> bool:
        self.pauses.append(seconds)
        return len(self.pauses) > self._rounds


def test_a_depot_that_is_not_reached_is_asked_less_and_less_often() -> None:
    outing = Outing(5, [])
    outing.run(8)
    assert outing.pauses[:3] == [FIRST_PAUSE, 2 * FIRST_PAUSE, 4 * FIRST_PAUSE]
    assert outing.pauses[-1] == LONGEST_PAUSE
    assert outing.told == []


def test_once_it_takes_something_the_next_try_is_soon_and_what_is_left_is_told() -> None:
    outing = Outing(5, [0, 3, 2])
    outing.run(4)
    assert outing.pauses == [FIRST_PAUSE, 2 * FIRST_PAUSE, FIRST_PAUSE, FIRST_PAUSE, FIRST_PAUSE]
    assert outing.told == [Uploaded(2), Uploaded(0)]
    assert outing.tries == 3, "nothing waits any more"


@pytest.mark.parametrize(("moving", "tries"), [(True, 0), (False, 3), (None, 3)])
def test_nothing_is_sent_while_the_car_moves(moving: bool | None, tries: int) -> None:
    outing = Outing(5, [], moving=moving)
    outing.run(3)
    assert outing.tries == tries


class SlowDepot:
    """Takes one record a time, for as long as nobody waits."""

    proven_time = None

    def __init__(self) -> None:
        self.began, self.go_on = threading.Event(), threading.Event()
        self.story: list[str] = []

    def download(self, progress: Callable[[object], None]) -> bool:
        self.story.append("download")
        return True

    def upload_quietly(self, give_way: Callable[[], bool]) -> int:
        self.began.set()
        assert self.go_on.wait(10)
        self.story.append("gave way" if give_way() else "sent all")
        return 1


class Records:
    def waiting(self) -> int:
        return 2


def jobs(depot: object, clock: FakeClock) -> DepotJobs:
    return DepotJobs(depot, Records(), clock, lambda _: None, keep_days=7)  # type: ignore[arg-type]


def test_whoever_waits_for_the_depot_comes_first(clock: FakeClock) -> None:
    depot = SlowDepot()
    made = jobs(depot, clock)
    with ThreadPoolExecutor(1) as other:
        quiet = other.submit(made.send_in_background)
        assert depot.began.wait(10)
        sync = made.start_sync(lambda _: None)
        depot.go_on.set()
        assert quiet.result(10) == 1
        assert sync.result(10) is True
    assert depot.story == ["gave way", "download"]
    made.close()


def test_a_depot_that_is_not_there_is_no_failure(clock: FakeClock) -> None:
    class Dead:
        proven_time = None

        def upload_quietly(self, give_way: Callable[[], bool]) -> int:
            raise DepotFault("The depot cannot be reached.")

    made = jobs(Dead(), clock)
    assert made.send_in_background() == 2
    made.close()
    made = jobs(None, clock)
    assert made.send_in_background() == 2
    made.close()


def test_models_that_take_long_hold_up_no_records_and_do_not_queue_twice(clock: FakeClock) -> None:
    class Depot:
        proven_time = datetime(2026, 11, 30, tzinfo=UTC)

        def __init__(self) -> None:
            self.fetching, self.go_on, self.done = threading.Event(), threading.Event(), threading.Event()
            self.story: list[str] = []

        def upload_quietly(self, give_way: Callable[[], bool]) -> int:
            self.story.append("sent")
            return 0

        def fetch_models(self, give_way: Callable[[], bool]) -> bool:
            self.fetching.set()
            assert self.go_on.wait(10)
            whole = not give_way()
            self.story.append("models" if whole else "gave way")
            if whole:
                self.done.set()
            return whole

    class Erasing(Records):
        def purge(self, *_: object, keep_days: float) -> None: ...

    depot = Depot()
    made = DepotJobs(depot, Erasing(), clock, lambda _: None, keep_days=7)  # type: ignore[arg-type]
    assert made.send_in_background() == 0
    assert depot.fetching.wait(10)
    with ThreadPoolExecutor(1) as other:
        second = other.submit(made.send_in_background)
        until(made._is_wanted)
        depot.go_on.set()
        assert second.result(10) == 0
    assert depot.done.wait(10)
    made.close()
    assert depot.story == ["sent", "gave way", "sent", "models"]
