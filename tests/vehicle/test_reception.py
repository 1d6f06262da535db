"""What a receiver sends and the lamp that follows."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from patrol_anpr.domain.health import LampState
from patrol_anpr.vehicle.reception import Advice, Reception, Sign

LOST_AFTER = 5.0


@pytest.fixture
def reception() -> Reception:
    made = Reception(Advice("It is silent.", "Check the baud rate."), LOST_AFTER)
    made.opened(0.0)
    return made


def told(reception: Reception, now: float) -> tuple[str, str] | None:
    lamp = reception.lamp(now)
    return lamp and (lamp.word, lamp.advice)


def every_second(reception: Reception, sign: Sign, *, begin: int, end: int) -> None:
    for second in range(begin, end):
        reception.sign(Sign.BYTES, second)
        reception.sign(sign, second)


def test_it_is_too_early_to_say_until_it_is_lost(reception: Reception) -> None:
    assert told(reception, LOST_AFTER - 0.1) is None
    assert told(reception, LOST_AFTER) == ("GPS lost", "It is silent.")


@pytest.mark.parametrize(
    ("sign", "word", "advice"),
    [
        (Sign.NO_FIX, "GPS searching", "sky"),
        (Sign.DOUBTFUL, "GPS doubtful", "aerial"),
        (Sign.NO_PLACE, "GPS gives no place", "RMC"),
        (Sign.UNCHECKED, "GPS unreadable", "checksum"),
        (Sign.BYTES, "GPS unreadable", "baud rate"),
    ],
)
@pytest.mark.parametrize("after_a_fix", [False, True])
def test_what_comes_instead_of_a_fix_is_told_apart(
    reception: Reception, sign: Sign, word: str, advice: str, after_a_fix: bool
) -> None:
    if after_a_fix:
        reception.fix(0.0)
    every_second(reception, sign, begin=1, end=7)
    lamp = reception.lamp(6.0)
    assert lamp is not None
    assert lamp.word == word
    assert advice in lamp.advice


def test_a_search_is_told_at_once_at_the_start_but_not_right_after_a_fix(reception: Reception) -> None:
    reception.sign(Sign.NO_FIX, 0.5)
    assert reception.lamp(0.5).word == "GPS searching"
    reception.fix(1.0)
    reception.sign(Sign.NO_FIX, 4.0)
    assert reception.lamp(4.0).word == "GPS"


@pytest.mark.parametrize(
    ("satellites", "advice"),
    [(0, "satellites: 0"), (3, "satellites: 3"), (4, "4 satellites"), (8, "8 satellites"), (None, "no place yet")],
)
def test_a_search_says_how_many_satellites_there_are(reception: Reception, satellites: int | None, advice: str) -> None:
    reception.satellites = satellites
    reception.sign(Sign.NO_FIX, 1.0)
    lamp = reception.lamp(1.0)
    assert lamp.state is LampState.WARN
    assert advice in lamp.advice
    assert ("Too few" in lamp.advice) == (satellites in (0, 3))


def test_a_receiver_that_is_opened_late_gets_its_time() -> None:
    reception = Reception(Advice("It is silent."), LOST_AFTER)
    assert reception.lamp(100.0) is None
    reception.opened(100.0)
    assert reception.lamp(100.0 + LOST_AFTER - 0.1) is None
    assert reception.lamp(100.0 + LOST_AFTER).word == "GPS lost"


def test_what_came_along_with_the_last_fix_says_nothing_of_now(reception: Reception) -> None:
    reception.fix(10.0)
    for sign in Sign:
        reception.sign(sign, 12.4)  # late, as lines of a slow receiver are
    assert told(reception, 15.0) == ("GPS lost", "It is silent.")


@pytest.mark.parametrize("sign", Sign)
def test_what_came_a_while_ago_says_nothing_of_now(reception: Reception, sign: Sign) -> None:
    every_second(reception, sign, begin=1, end=3)
    assert told(reception, 6.0) == ("GPS lost", "It is silent.")


def test_where_somebody_else_tells_noise_from_sense_bytes_say_nothing() -> None:
    reception = Reception(Advice("It is silent."), LOST_AFTER)
    reception.opened(0.0)
    reception.sign(Sign.BYTES, 5.0)
    assert told(reception, 6.0) == ("GPS lost", "It is silent.")
    reception.sign(Sign.NO_FIX, 6.0)
    assert reception.lamp(6.0).word == "GPS searching"


def test_a_receiver_that_is_gone_says_so_at_once_and_comes_back_by_its_fixes(reception: Reception) -> None:
    reception.fix(10.0)
    reception.gone("There is no such device.")
    assert told(reception, 10.5) == ("GPS lost", "There is no such device.")
    reception.opened(30.0)
    reception.sign(Sign.BYTES, 30.1)  # half a line
    assert told(reception, 30.2) == ("GPS lost", "It is silent.")
    reception.fix(31.0)
    assert told(reception, 31.0) == ("GPS", "")


def test_a_receiver_that_can_only_be_opened_again_and_again_is_lost(reception: Reception) -> None:
    reception.fix(0.0)
    for second in range(1, 20):
        reception.opened(float(second))
    assert told(reception, 20.0) == ("GPS lost", "It is silent.")


@given(st.floats(0.5, 3.0), st.lists(st.floats(-0.4, 0.4), min_size=20, max_size=60))
def test_fixes_with_jitter_are_never_lost(pause: float, jitter: list[float]) -> None:
    reception = Reception(Advice("", ""), LOST_AFTER)
    reception.opened(0.0)
    now = 0.0
    for late in jitter:
        reception.fix(now)
        reception.sign(Sign.NO_PLACE, now + 0.1)
        now += pause + late
        assert reception.lamp(now).state is LampState.GOOD
