"""How far a clock can be believed."""

from datetime import UTC, datetime, timedelta

import pytest

from patrol_anpr.domain.clock import BUILT, LONGEST_USE, ClockState, can_be

SECOND = timedelta(seconds=1)


def test_the_program_was_made_before_now_and_is_not_too_old_to_be_run() -> None:
    assert can_be(datetime.now(UTC))


@pytest.mark.parametrize(
    ("utc", "possible"),
    [(BUILT - SECOND, False), (BUILT, True), (BUILT + LONGEST_USE, True), (BUILT + LONGEST_USE + SECOND, False)],
)
def test_what_can_be_begins_when_the_program_was_made(utc: datetime, possible: bool) -> None:
    assert can_be(utc) is possible
    assert ClockState("system", None).corrected(utc) == (utc if possible else BUILT)


def test_a_known_difference_is_taken_off_whatever_the_computer_says() -> None:
    assert ClockState("gps", timedelta(days=-7)).corrected(BUILT - timedelta(days=7)) == BUILT
