"""The clock: sleep counts, and what it is compared with decides whether it is right."""

import sys
import time
from datetime import UTC, datetime, timedelta

import pytest

from patrol_anpr.domain.clock import BUILT, ClockState, CorrectedClock
from patrol_anpr.domain.health import LampState
from patrol_anpr.vehicle.clock import LOST_WEEKS, ClockWatch, SystemClock
from tests.conftest import FakeClock


@pytest.fixture
def watch(clock: FakeClock) -> ClockWatch:
    return ClockWatch(clock)


@pytest.mark.skipif(sys.platform != "linux", reason="the boot-time clock is Linux's")
def test_intervals_count_the_time_the_computer_slept(monkeypatch: pytest.MonkeyPatch) -> None:
    assert abs(SystemClock().monotonic() - time.clock_gettime(time.CLOCK_BOOTTIME)) < 1
    awake = {time.CLOCK_BOOTTIME: 4000.0, time.CLOCK_MONOTONIC: 2200.0}  # half an hour asleep
    monkeypatch.setattr(time, "clock_gettime", awake.__getitem__)
    assert SystemClock().monotonic() == 4000.0


def test_the_time_is_aware_and_utc() -> None:
    assert abs(SystemClock().utc() - datetime.now(UTC)) < timedelta(seconds=5)
    assert SystemClock().utc().utcoffset() == timedelta(0)


def test_a_clock_that_agrees_is_good_and_one_that_jumps_is_told(watch: ClockWatch, clock: FakeClock) -> None:
    clock.advance(3600)
    assert watch.probe().state is LampState.GOOD
    clock.now += timedelta(hours=1)
    assert watch.probe().word == "Clock jumped +60 min"
    clock.advance(1)
    assert watch.probe().state is LampState.WARN  # told until something better is known
    watch.gps_time(clock.utc())
    assert watch.probe().state is LampState.GOOD


def test_a_clock_that_is_set_right_is_good(watch: ClockWatch, clock: FakeClock) -> None:
    true, clock.now = clock.now, clock.now.replace(year=2015)
    watch.probe()  # this one is a jump
    assert watch.probe().word == "Clock wrong"
    clock.now = true
    assert watch.probe().state is LampState.GOOD


def test_sleep_is_no_jump(watch: ClockWatch, clock: FakeClock) -> None:
    watch.gps_time(clock.utc())
    clock.advance(8 * 3600)
    assert watch.probe().state is LampState.GOOD
    assert watch.state == ClockState("gps", timedelta(0))


@pytest.mark.parametrize(
    ("wrong_by", "state", "word"),
    [
        (timedelta(seconds=1.9), LampState.GOOD, "Clock"),
        (timedelta(seconds=90), LampState.WARN, "Clock +90 s"),
        (timedelta(seconds=125), LampState.WARN, "Clock +2 min"),
        (timedelta(minutes=-9), LampState.WARN, "Clock -9 min"),
        (timedelta(minutes=11), LampState.BAD, "Clock +11 min"),
        (timedelta(hours=3), LampState.BAD, "Clock +3 h"),
        (timedelta(days=-30), LampState.BAD, "Clock -30 days"),
        (timedelta(days=14 * 365.25), LampState.BAD, "Clock +14 years"),
    ],
)
def test_gps_time_decides_whether_the_clock_is_right(
    watch: ClockWatch, clock: FakeClock, wrong_by: timedelta, state: LampState, word: str
) -> None:
    watch.gps_time(clock.utc())
    clock.now += wrong_by
    lamp = watch.probe()
    assert (lamp.state, lamp.word) == (state, word)
    assert watch.state == ClockState("gps", wrong_by)
    clock.now -= wrong_by
    assert watch.probe().state is LampState.GOOD


def test_the_depots_time_tells_a_wrong_clock_and_is_not_so_exact(watch: ClockWatch, clock: FakeClock) -> None:
    watch.depot_time(clock.utc() - timedelta(seconds=20))
    assert watch.probe().state is LampState.GOOD
    clock.now = datetime(1970, 1, 1, tzinfo=UTC)
    lamp = watch.probe()
    assert (lamp.state, lamp.word) == (LampState.BAD, "Clock -57 years")
    assert "depot" in lamp.advice


def test_gps_is_better_than_the_depot_unless_they_are_far_apart(watch: ClockWatch, clock: FakeClock) -> None:
    watch.depot_time(clock.utc() - timedelta(seconds=5))
    watch.gps_time(clock.utc() - timedelta(seconds=1))
    assert watch.state == ClockState("gps", timedelta(seconds=1))
    watch.gps_time(clock.utc() + timedelta(days=1))
    assert watch.state == ClockState("depot", timedelta(seconds=5))


@pytest.mark.parametrize("year", [1970, 2015, 2040])
def test_a_time_that_cannot_be_is_told_though_nothing_else_is_known(
    watch: ClockWatch, clock: FakeClock, year: int
) -> None:
    clock.now = clock.now.replace(year=year)
    lamp = watch.probe()
    assert (lamp.state, lamp.word) == (LampState.BAD, "Clock wrong")
    assert str(year) in lamp.advice


@pytest.mark.parametrize("rollovers", [1, 2])
def test_lost_weeks_are_added_and_such_a_time_is_not_called_gps(
    watch: ClockWatch, clock: FakeClock, rollovers: int
) -> None:
    watch.gps_time(clock.utc() - rollovers * timedelta(weeks=1024))
    assert watch.state == ClockState("rollover", timedelta(0))
    assert watch.probe().state is LampState.GOOD
    watch.depot_time(clock.utc())
    assert watch.state.source == "depot"


@pytest.mark.parametrize("gps_utc", [None, datetime(2040, 1, 1, tzinfo=UTC), datetime(2020, 5, 1, tzinfo=UTC)])
def test_a_receiver_without_a_time_that_can_be_says_nothing_of_the_clock(watch: ClockWatch, gps_utc) -> None:
    watch.gps_time(gps_utc)
    assert watch.state == ClockState("system", None)
    assert watch.probe().state is LampState.GOOD


def test_a_receiver_whose_date_is_wrong_by_more_than_weeks_does_not_blame_the_clock(
    watch: ClockWatch, clock: FakeClock
) -> None:
    watch.gps_time(clock.utc() - LOST_WEEKS + timedelta(days=400))
    assert watch.probe().state is LampState.GOOD
    assert watch.state == ClockState("system", None)
    true, clock.now = clock.now, clock.now.replace(year=1970)
    assert watch.state.source == "rollover"  # better than a time that cannot be
    assert watch.state.corrected(clock.utc()) == true + timedelta(days=400)


def test_no_time_of_a_receiver_breaks_the_watch(watch: ClockWatch) -> None:
    for moment in (datetime(1, 1, 1, tzinfo=UTC), datetime(9999, 12, 31, tzinfo=UTC)):
        watch.gps_time(moment)
    assert watch.probe() is not None


def test_what_is_judged_by_is_the_best_time_that_is_known(watch: ClockWatch, clock: FakeClock) -> None:
    judging, true = CorrectedClock(clock, lambda: watch.state), clock.utc()
    assert judging.utc() == true
    clock.now = clock.now.replace(year=2040)
    assert judging.utc() == BUILT  # nothing is known: nothing that was in force then has ended
    watch.depot_time(true)
    assert judging.utc() == true
    clock.advance(3600)
    assert judging.utc() == true + timedelta(hours=1)
    clock.now = clock.now.replace(year=1970)
    assert judging.utc() == true + timedelta(hours=1)
    assert judging.monotonic() == clock.monotonic()
