"""Which positions are believed."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from patrol_anpr.domain.fix import Fix
from patrol_anpr.vehicle.fixes import FASTEST, STEADY_SECONDS, FixCheck

HERE = Fix(51.5, -0.1, 1000.0, speed=10.0, heading=90.0)
METRES = 111_320.0  # to a degree of latitude
FAR = replace(HERE, latitude=53.5)  # 220 km


def at(fix: Fix, seconds: float) -> Fix:
    return replace(fix, at_monotonic=1000.0 + seconds)


@pytest.mark.parametrize(
    "changes",
    [
        {"latitude": 90.5},
        {"longitude": -181.0},
        {"latitude": float("nan")},
        {"longitude": float("inf")},
        {"latitude": 0.0, "longitude": 0.0},
        {"latitude": 0.001, "longitude": -0.001},
        {"speed": 51_444.0},
        {"speed": -1.0},
        {"speed": float("nan")},
        {"heading": 361.0},
        {"heading": -1.0},
    ],
)
def test_what_cannot_be_is_refused(changes: dict[str, float]) -> None:
    assert FixCheck().accept(replace(HERE, **changes)) is None


@pytest.mark.parametrize(
    "changes",
    [
        {"speed": None},
        {"speed": 0.0},
        {"heading": None},
        {"heading": 0.0},
        {"heading": 360.0},
        {"longitude": 0.0},
        {"latitude": 0.5, "longitude": 0.5},
    ],
)
def test_what_can_be_is_taken(changes: dict[str, float | None]) -> None:
    assert FixCheck().accept(replace(HERE, **changes))


def test_a_jump_is_refused_until_it_has_been_steady_for_long() -> None:
    check = FixCheck()
    assert check.accept(HERE)
    for second in range(1, int(STEADY_SECONDS) + 1):
        assert check.accept(at(FAR, second)) is None
    assert check.accept(at(FAR, STEADY_SECONDS + 1))
    assert check.accept(at(FAR, STEADY_SECONDS + 2))


@pytest.mark.parametrize(
    ("changes", "seconds", "reached"),
    [
        ({"latitude": 60.0 + 100 / METRES}, 1.0, True),
        ({"latitude": 60.0 + 140 / METRES}, 1.0, False),
        ({"longitude": 100 / (METRES / 2)}, 1.0, True),  # a degree of longitude is half as long there
        ({"longitude": 140 / (METRES / 2)}, 1.0, False),
        ({"latitude": 60.0 + 100 / METRES}, 0.1, True),  # two receivers, or two sentences of one second
        ({"latitude": 60.0 + 140 / METRES}, 0.1, False),
        ({"latitude": 60.0 + 140 / METRES}, 2.0, True),
    ],
)
def test_how_far_a_car_can_come(changes: dict[str, float], seconds: float, reached: bool) -> None:
    check, here = FixCheck(), replace(HERE, latitude=60.0, longitude=0.0)
    check.accept(here)
    assert (check.accept(at(replace(here, **changes), seconds)) is not None) is reached


def test_a_jump_back_and_forth_is_never_steady() -> None:
    check = FixCheck()
    check.accept(HERE)
    elsewhere = replace(HERE, latitude=57.5)
    taken = [check.accept(at((FAR, elsewhere)[second % 2], second)) for second in range(1, 120)]
    assert taken == [None] * 119


def test_the_place_before_a_jump_is_believed_at_once_when_it_comes_back() -> None:
    check = FixCheck()
    check.accept(HERE)
    assert check.accept(at(FAR, 1)) is None
    assert check.accept(at(HERE, 2))


def test_a_car_that_was_shipped_or_slept_is_where_it_is() -> None:
    check = FixCheck()
    check.accept(HERE)
    assert check.accept(at(FAR, 3600))


def test_a_drive_over_the_date_line_is_no_jump() -> None:
    check = FixCheck()
    check.accept(replace(HERE, longitude=179.9999))
    assert check.accept(at(replace(HERE, longitude=-179.9999), 1))


@given(st.lists(st.floats(0, FASTEST * 0.99), min_size=1, max_size=30))
def test_no_drive_that_a_car_can_make_is_refused(speeds: list[float]) -> None:
    check, fix = FixCheck(), HERE
    assert check.accept(fix)
    for speed in speeds:
        fix = replace(fix, latitude=fix.latitude + speed / 111_320.0, at_monotonic=fix.at_monotonic + 1, speed=speed)
        assert check.accept(fix)


@given(st.builds(Fix, *[st.floats() | st.integers(-200, 200)] * 3, speed=st.none() | st.floats()))
def test_no_fix_breaks_the_check(fix: Fix) -> None:
    check = FixCheck()
    check.accept(HERE)
    check.accept(fix)
