"""Front and rear: when two Reads are of one vehicle, what that says of them, and when nothing is claimed."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from patrol_anpr.domain.fix import Fix
from patrol_anpr.domain.pairing import LONGEST, MOST_CERTAIN, Pair, longest_delay, pair_of, together
from patrol_anpr.domain.plate import PlateColour
from patrol_anpr.domain.read import Read
from patrol_anpr.domain.vrm import fold
from tests.made import NOW, a_read

WHITE, YELLOW, UNKNOWN = PlateColour.WHITE, PlateColour.YELLOW, PlateColour.UNKNOWN


def look(vrm: str, camera: str, seconds: float = 0.0, colour: PlateColour = WHITE, speed: float | None = 10.0) -> Read:
    fix = None if speed is None else Fix(51.5, -0.1, 0.0, NOW, speed=speed)
    at = NOW + timedelta(seconds=seconds)
    return a_read(vrm, camera_id=camera, captured_at=at, colour=colour, fix=fix, fix_age=0.2)


FRONT = look("AB12CDE", "front")
REAR = look("AB12CDE", "rear", 2.0, YELLOW)


def test_the_same_mark_at_both_ends_is_one_vehicle() -> None:
    assert pair_of(REAR, [FRONT]) == Pair(FRONT.read_id, differs=False)
    assert pair_of(replace(REAR, vrm="AB12CDF"), [FRONT]) == Pair(FRONT.read_id, differs=True)


@pytest.mark.parametrize(
    "rear",
    [
        look("AB12CDF", "rear", 2.0, WHITE),  # a vehicle does not show the same end to both
        look("AB12CDF", "rear", 2.0, UNKNOWN),
        look("AB13CDF", "rear", 2.0, YELLOW),  # two characters
        look("AB12CDF", "rear", 6.0, YELLOW),  # at 10 m/s it was past long ago
        look("AB12CDF", "front", 2.0, YELLOW),
        look("AB12CDF", "rear", 3.0, YELLOW, speed=30.0),
        look("AB12CDF", "entered", 2.0, YELLOW),
    ],
)
def test_plates_that_differ_are_claimed_only_on_strong_evidence(rear: Read) -> None:
    assert pair_of(rear, [FRONT]) is None


def test_with_two_vehicles_that_it_could_be_nothing_is_claimed() -> None:
    other = look("K7PTL", "front", 0.5)
    assert pair_of(replace(REAR, vrm="AB12CDF"), [FRONT, other]) is None


def test_a_vehicle_whose_other_plate_was_read_already_is_no_candidate() -> None:
    neighbour = look("AB12CDF", "rear", 3.0, YELLOW)
    assert pair_of(neighbour, [FRONT, REAR]) is None


def test_one_that_overtakes_slowly_has_the_same_mark_seconds_later() -> None:
    slow = replace(REAR, captured_at=NOW + timedelta(seconds=LONGEST), fix=replace(REAR.fix, speed=30.0))  # type: ignore[type-var]
    assert pair_of(slow, [FRONT]) == Pair(FRONT.read_id, differs=False)
    assert pair_of(replace(slow, captured_at=NOW + timedelta(seconds=LONGEST + 0.1)), [FRONT]) is None


@given(st.integers(0, 100), st.integers(0, 100))
def test_two_looks_that_agree_are_no_less_sure_than_one_and_not_certain(one: int, other: int) -> None:
    both = together(one, other)
    assert both == together(other, one)
    assert max(one, other) <= both <= max(one, other, MOST_CERTAIN)


def test_the_confidence_of_two_looks_is_that_of_bayes() -> None:
    assert [together(*pair) for pair in ((90, 90), (80, 60), (50, 50), (97, 50), (99, 99))] == [99, 86, 50, 97, 99]


@given(st.none() | st.floats(0, 70), st.floats(0, 60))
def test_the_delay_is_bounded_whatever_the_speed(speed: float | None, age: float) -> None:
    read = replace(look("AB12CDE", "front", speed=speed), fix_age=age)
    assert 2.0 <= longest_delay(read) <= LONGEST


marks = st.sampled_from(["AB12CDE", "AB12CDF", "ABI2CDE", "K7PTL", "LM19XYZ"])
looks = st.builds(
    look,
    marks,
    st.sampled_from(["front", "rear", "front_left", "side"]),
    st.floats(-20, 20),
    st.sampled_from(PlateColour),
    st.none() | st.floats(0, 40),
)


@given(looks, st.lists(looks, max_size=8))
def test_whatever_was_read_a_pair_is_of_both_ends_in_time_and_says_truly_whether_the_marks_differ(
    read: Read, before: list[Read]
) -> None:
    pair = pair_of(read, before)
    if pair is None:
        return
    other = next(one for one in before if one.read_id == pair.other_id)
    assert {read.camera_id[:4], other.camera_id[:4]} == {"fron", "rear"}
    assert abs((read.captured_at - other.captured_at).total_seconds()) <= LONGEST
    assert pair.differs is (fold(read.vrm) != fold(other.vrm))
    if pair.differs:
        assert {read.colour, other.colour} == {WHITE, YELLOW}
        assert pair_of(read, list(reversed(before))) == pair
