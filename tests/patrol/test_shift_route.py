"""Where the car has been, without a map."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from patrol_anpr.domain.fix import Fix
from patrol_anpr.domain.route import Route, bounds, from_to, scale_bar
from patrol_anpr.patrol.shift_route import MOST_POINTS, ShiftRoute
from tests import made


def fix(metres: float) -> Fix:
    """So far north of a place in the sea."""
    return Fix(55.0 + metres / 111_320.0, 3.0, 0.0)


def driven(*metres: float | None) -> ShiftRoute:
    route = ShiftRoute()
    route.begin(runs=True)
    for one in metres:
        route.received(None if one is None else fix(one))
    return route


def test_a_car_that_hardly_moves_is_one_point_and_a_gap_begins_a_leg() -> None:
    assert [len(leg) for leg in driven(0, 3, 7, 50, 100, None, 105, None, 400, 500).route().legs] == [3, 2]


def test_without_a_shift_nothing_is_kept() -> None:
    route = ShiftRoute()
    route.received(fix(0))
    assert route.route() == Route()
    route.begin(runs=True)
    route.received(fix(0))
    route.begin(runs=False)
    assert route.route() == Route()


def test_a_shift_that_goes_on_has_the_places_of_its_reads() -> None:
    route = ShiftRoute()
    route.begin(runs=True, reads=[made.a_read(fix=fix(200)), made.a_read(), made.a_read(fix=fix(0))])
    route.received(fix(300))
    assert [len(leg) for leg in route.route().legs] == [2, 1]


@pytest.mark.parametrize("gaps", [False, True])
def test_a_long_shift_stays_a_picture(gaps: bool) -> None:
    metres: list[float | None] = []
    for number in range(9000):
        metres += [number * 25.0, None] if gaps else [number * 25.0]
    legs = driven(*metres).route().legs
    assert MOST_POINTS / 4 < sum(map(len, legs)) <= MOST_POINTS
    ends = [legs[0][0][0], legs[-1][-1][0]]
    assert ends[0] == pytest.approx(fix(0).latitude)
    assert ends[1] == pytest.approx(fix(9000 * 25).latitude, abs=0.01)


@given(st.floats(-80, 80), st.floats(-180, 180), st.floats(-0.2, 0.2), st.floats(-0.2, 0.2))
def test_metres_are_those_of_the_globe(latitude: float, longitude: float, north: float, east: float) -> None:
    there = (latitude + north, (longitude + east + 180) % 360 - 180)
    found = math.hypot(*from_to((latitude, longitude), there))
    one, other = math.radians(latitude), math.radians(there[0])
    half = math.sin((other - one) / 2) ** 2 + math.cos(one) * math.cos(other) * math.sin(math.radians(east) / 2) ** 2
    assert found == pytest.approx(2 * 6_378_137 * math.asin(math.sqrt(half)), rel=0.02, abs=1)


@given(st.floats(0.5, 1e6))
def test_a_scale_bar_is_round_and_fits(longest: float) -> None:
    length = scale_bar(longest)
    assert longest * 0.39 < length <= longest * (1 + 1e-6)
    assert round(length / 10 ** math.floor(math.log10(length) + 1e-9)) in (1, 2, 5)


def test_paper_begins_at_the_first_point() -> None:
    assert driven(0, 100).route().on_paper()[0][1] == pytest.approx((0, 100), abs=0.1)
    assert bounds([(1, 2), (-3, 5)]) == (-3, 2, 1, 5)
