"""A stick in the place of the line: what is written down of it, and what it lets erase."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from patrol_anpr.domain.errors import DepotFault, StickFault
from patrol_anpr.domain.events import Event, SyncProgress
from patrol_anpr.domain.stick import PutOnStick, Stick, TakenFromStick
from patrol_anpr.patrol.depot_jobs import DepotJobs
from patrol_anpr.patrol.sticks import Sticks
from tests.conftest import FakeClock
from tests.fakes import FakeRecording

STICK = Path("/media/officer/PATROL 3")
AT = datetime(2026, 11, 21, 21, 43, tzinfo=UTC)


@dataclass
class Road:
    """A road that does what it is told."""

    brings: TakenFromStick = field(default_factory=lambda: TakenFromStick(5, 1, 0, up_to_date=True, proven_at=AT))
    fault: Exception | None = None
    accepted: list[tuple[str, int]] = field(default_factory=list)

    def sticks(self):
        return [Stick(STICK, writable=True, free=1)]

    def put(self, drive: Path, progress: Callable[[SyncProgress], None]) -> PutOnStick:
        progress(SyncProgress("Records to the stick", 5, 5, finished=True))
        if self.fault is not None:
            raise self.fault
        return PutOnStick(5, 1)

    def take(self, drive: Path, progress: Callable[[SyncProgress], None]) -> TakenFromStick:
        if self.fault is not None:
            raise self.fault
        return self.brings

    def accept_list(self, list_id: str, revision: int) -> None:
        self.accepted.append((list_id, revision))


@dataclass
class Around:
    recording: FakeRecording
    told: list[Event]
    synced: list[bool]
    sticks: Sticks


@pytest.fixture
def road() -> Road:
    return Road()


@pytest.fixture
def around(road: Road, clock: FakeClock):
    recording = FakeRecording([])
    told: list[Event] = []
    synced: list[bool] = []
    jobs = DepotJobs(None, recording, clock, told.append, keep_days=7)
    sticks = Sticks(road, recording, jobs, told.append, synced.append, lambda: "PC1")
    yield Around(recording, told, synced, sticks)
    sticks.close()
    jobs.close()


def test_what_goes_on_a_stick_is_told_and_on_record(around: Around) -> None:
    assert around.sticks.plugged_in().result(5)[0].folder == STICK
    assert around.sticks.put(STICK).result(5).records == 5
    assert [event.what for event in around.told] == ["Records to the stick"]
    (row,) = around.recording.audits
    assert row[:2] == ("PC1", "stick.put")
    assert around.synced == []


def test_what_comes_off_a_stick_ends_like_a_sync_and_lets_erase(around: Around) -> None:
    around.sticks.take(STICK).result(5)
    assert around.synced == [True]
    assert ("purge", AT, 7) in around.recording.story


@pytest.mark.parametrize(
    ("apart", "erases"),
    [
        (timedelta(hours=20), True),
        (timedelta(minutes=-5), True),
        (timedelta(hours=25), False),
        (timedelta(minutes=-20), False),
        (timedelta(days=3650), False),
        (timedelta(days=-3650), False),
    ],
)
def test_a_clock_that_is_far_from_the_depots_erases_nothing(
    around: Around, clock: FakeClock, apart: timedelta, erases: bool
) -> None:
    clock.advance(apart.total_seconds())
    around.sticks.take(STICK).result(5)
    assert (("purge", AT, 7) in around.recording.story) is erases


def test_a_depot_that_did_not_say_what_it_holds_erases_nothing(around: Around, road: Road) -> None:
    road.brings = TakenFromStick(5, 1, 0, up_to_date=True)
    around.sticks.take(STICK).result(5)
    assert not [one for one in around.recording.story if one[0] == "purge"]


def test_a_stick_that_fails_is_not_on_record_as_one_that_did_not(around: Around, road: Road) -> None:
    road.fault = StickFault("It was pulled out.")
    for ask in (around.sticks.put, around.sticks.take):
        with pytest.raises(StickFault):
            ask(STICK).result(5)
    assert around.recording.audits == []
    assert around.synced == []


def test_a_car_without_a_depot_says_so(clock: FakeClock) -> None:
    recording = FakeRecording([])
    jobs = DepotJobs(None, recording, clock, lambda _: None, keep_days=7)
    sticks = Sticks(None, recording, jobs, lambda _: None, lambda _: None, lambda: "PC1")
    assert not sticks.can_be_used
    for future in (sticks.put(STICK), sticks.take(STICK), sticks.plugged_in()):
        with pytest.raises(DepotFault, match="not enrolled"):
            future.result(5)
    sticks.close()
    jobs.close()
