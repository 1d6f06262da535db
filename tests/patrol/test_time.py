"""Clocks that are wrong and computers that slept: what the use cases make of them."""

from datetime import UTC, datetime, timedelta

import pytest

from patrol_anpr.domain.clock import BUILT, ClockState
from patrol_anpr.domain.fix import Fix
from patrol_anpr.domain.health import LampState
from patrol_anpr.domain.shift import Crew
from patrol_anpr.patrol.patrol import Parts, Patrol
from tests.conftest import FakeClock
from tests.fakes import FakeAlerting, FakeMatching, FakeRecording
from tests.made import EVIDENCE, a_hotlist, a_read

UNKNOWN = ClockState("system", None)


class Asked(FakeMatching):
    """Notes the time it is asked for."""

    at: datetime

    def match(self, vrm, at):
        self.at = at
        return super().match(vrm, at)


class Car:
    def __init__(self, clock: FakeClock, state: ClockState = UNKNOWN) -> None:
        self.matching, self.recording = Asked(hotlists=[a_hotlist()]), FakeRecording()
        self.state = state
        self.patrol = Patrol(
            Parts(
                self.matching,
                FakeAlerting(),
                self.recording,
                clock,
                unit="CAR1",
                list_amber_after=timedelta(hours=12),
                keep_days=7,
                clock_state=lambda: self.state,
            )
        )
        self.patrol.sign_on("LOCAL", "", self.patrol.units()[0], Crew.SINGLE).result(10)


@pytest.mark.parametrize("year", [1970, 2015, 2040])
def test_weed_dates_are_judged_by_the_time_that_is_known(clock: FakeClock, year: int) -> None:
    true, clock.now = clock.now, clock.now.replace(year=year)
    car = Car(clock, ClockState("depot", clock.now - true))
    car.patrol.read_made(a_read(), EVIDENCE)
    assert car.matching.at == true
    car.state = UNKNOWN
    car.patrol.read_made(a_read(), EVIDENCE)
    assert car.matching.at == BUILT  # no entry that was in force then is out of force now
    car.patrol.close()


def test_the_record_keeps_the_computers_time_with_the_difference_beside_it(clock: FakeClock) -> None:
    car = Car(clock, ClockState("depot", timedelta(days=-30)))
    car.patrol.read_made(a_read(), EVIDENCE)
    read = car.recording.reads[0][0]
    assert (read.captured_at, read.clock_source, read.clock_offset) == (a_read().captured_at, "depot", -30 * 86_400)
    car.patrol.close()


def test_the_age_of_a_list_is_that_of_the_time_that_is_known(clock: FakeClock) -> None:
    true, clock.now = clock.now, clock.now.replace(year=2040)
    car = Car(clock, ClockState("gps", clock.now - true))
    assert car.patrol.list_lamp().state is LampState.GOOD
    clock.now = datetime(1970, 1, 1, tzinfo=UTC)
    car.state = UNKNOWN
    lamp = car.patrol.list_lamp()
    assert (lamp.state, lamp.word) == (LampState.WARN, "List of unknown age")
    car.patrol.close()


def test_after_a_sleep_the_place_is_old_and_whether_the_car_moves_is_not_known(clock: FakeClock) -> None:
    car = Car(clock)
    car.patrol.fix_received(Fix(51.5, -0.1, clock.monotonic(), clock.utc(), speed=13.0))
    assert car.patrol.moving() is True
    clock.advance(1800)  # its intervals count sleep
    assert car.patrol.moving() is None
    car.patrol.read_made(a_read(captured_monotonic=clock.monotonic()), EVIDENCE)
    assert car.recording.reads[0][0].fix_age == 1800
    car.patrol.close()


def test_a_time_without_coverage_is_in_the_audit_trail_of_the_shift(clock: FakeClock) -> None:
    car = Car(clock)
    reasons = []
    car.recording.audit = lambda actor, action, object_id, reason="": reasons.append((action, object_id, reason))
    began = clock.utc()
    car.patrol.stood_still(began, began + timedelta(minutes=29))
    shift = car.patrol.shift
    assert reasons == [
        ("no_coverage", shift.shift_id, "asleep or stopped from 2026-11-21 21:43:00 to 2026-11-21 22:12:00 UTC"),
        ("locked", "", ""),
    ]
    car.patrol.sign_off().result(10)
    reasons.clear()
    car.patrol.stood_still(began, began + timedelta(minutes=29))  # a run without a sign-on makes reads, too
    assert [(action, object_id) for action, object_id, _ in reasons] == [("no_coverage", "")]
    car.patrol.close()


def test_a_car_that_slept_is_locked_and_one_that_was_held_up_is_not(clock: FakeClock) -> None:
    car = Car(clock)
    car.patrol.stood_still(clock.utc() - timedelta(seconds=29), clock.utc())
    assert not car.patrol.lock.is_locked
    car.patrol.stood_still(clock.utc() - timedelta(seconds=31), clock.utc())
    assert car.patrol.lock.is_locked
    car.patrol.close()
