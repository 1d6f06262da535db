"""Whether the car moves, by the speed of GPS: at once when it drives off, after some seconds when it stands."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from patrol_anpr.domain.fix import Fix
from patrol_anpr.patrol.movement import FIX_STALE_SECONDS, MOVING_SPEED, STANDING_SECONDS, STANDING_SPEED, Movement
from tests.conftest import FakeClock


@pytest.fixture
def movement(clock: FakeClock) -> Movement:
    return Movement(clock)


def drive(movement: Movement, clock: FakeClock, *speeds: float | None, step: float = 1.0) -> bool | None:
    """Receive a Fix of each speed, a second apart; whether the car moves after the last."""
    for speed in speeds:
        clock.advance(step)
        movement.received(Fix(51.5, -0.1, clock.monotonic(), speed=speed))
    return movement.moving()


def test_it_moves_at_once_and_stands_after_three_seconds(movement: Movement, clock: FakeClock) -> None:
    assert movement.moving() is None
    assert drive(movement, clock, 9.0) is True
    assert drive(movement, clock, 0.0, 0.0, 0.0) is True
    assert drive(movement, clock, 0.0) is False
    assert drive(movement, clock, 2.1) is True


def test_between_the_two_speeds_nothing_changes(movement: Movement, clock: FakeClock) -> None:
    assert drive(movement, clock, 9.0, *[1.5] * 30) is True
    assert drive(movement, clock, *[0.2] * 4) is False
    assert drive(movement, clock, *[1.5] * 30) is False


def test_a_creep_begins_the_seconds_anew(movement: Movement, clock: FakeClock) -> None:
    assert drive(movement, clock, 9.0, 0.2, 0.2, 1.0, 0.2, 0.2, 0.2) is True
    assert drive(movement, clock, 0.2) is False


@pytest.mark.parametrize("speed", [None, math.nan, math.inf, -math.inf])
def test_no_speed_is_no_standing(movement: Movement, clock: FakeClock, speed: float | None) -> None:
    assert drive(movement, clock, 0.0, 0.0, 0.0, 0.0) is False
    assert drive(movement, clock, speed) is None
    assert drive(movement, clock, 0.1) is None  # the seconds begin anew


def test_a_speed_that_is_too_old_says_nothing(movement: Movement, clock: FakeClock) -> None:
    assert drive(movement, clock, 9.0) is True
    movement.received(None)
    clock.advance(FIX_STALE_SECONDS)
    assert movement.moving() is True
    clock.advance(0.1)
    assert movement.moving() is None
    assert movement.fix is not None  # where it was stays known
    assert drive(movement, clock, 0.1) is None  # one slow Fix after a gap is not three seconds of standing
    assert drive(movement, clock, 0.1, 0.1, 0.1) is False


@given(st.lists(st.floats(0, 40), min_size=1, max_size=60))
def test_it_never_stands_within_three_seconds_of_moving(speeds: list[float]) -> None:
    clock = FakeClock()
    movement = Movement(clock)
    moved_at = -math.inf
    for speed in speeds:
        moving = drive(movement, clock, speed)
        if speed > MOVING_SPEED:
            moved_at = clock.monotonic()
            assert moving is True
        if speed >= STANDING_SPEED:
            assert moving is not False or clock.monotonic() - moved_at > STANDING_SECONDS
        if clock.monotonic() - moved_at < STANDING_SECONDS:
            assert moving is True
