"""What is asked of the picture before an entry is shown."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from patrol_anpr.domain.hit import Hit, MatchKind
from patrol_anpr.domain.hotlist import Tier
from patrol_anpr.domain.look import MOST_CHOICES, LookFirst, LookQuestion, question_of
from patrol_anpr.domain.vrm import CONFUSABLES
from tests.made import a_hit, a_match, a_read

BOTH = (LookFirst.CHECK, LookFirst.CHECK_AND_IMMEDIATE)


def check(read: str, listed: str, differing: tuple[int, ...], tier: Tier = Tier.PRIORITY) -> Hit:
    match = replace(a_match(listed, tier, MatchKind.CHECK), differing=differing)
    return a_hit(match=match, read=a_read(read))


@pytest.mark.parametrize("when", BOTH)
def test_a_check_is_asked_for_the_first_place_that_differs(when: LookFirst) -> None:
    found = question_of(check("DN23OTH", "DN23OTN", (6,)), when, stands=False)
    assert found == LookQuestion(7, 7, ("H", "M", "N"), "N")
    several = question_of(check("DN23OTH", "DM23OTN", (1, 6)), when, stands=False)
    assert several is not None
    assert several.place == 2


@pytest.mark.parametrize("stands", [True, False])
def test_off_asks_nothing(stands: bool) -> None:
    assert question_of(check("DN23OTH", "DN23OTN", (6,)), LookFirst.OFF, stands=stands) is None
    assert question_of(check("DN23OTH", "DN23OTN", (6,), Tier.IMMEDIATE), LookFirst.OFF, stands=stands) is None


@pytest.mark.parametrize("when", BOTH)
@pytest.mark.parametrize("tier", [Tier.PRIORITY, Tier.ROUTINE])
def test_an_exact_match_of_a_lower_tier_is_never_asked_for(when: LookFirst, tier: Tier) -> None:
    assert question_of(a_hit(tier=tier), when, stands=True) is None


def test_an_immediate_hit_is_asked_for_its_least_sure_look_alike_when_the_car_stands() -> None:
    hit = a_hit("AB12CDE", Tier.IMMEDIATE)
    hit = replace(hit, read=a_read("AB12CDE", chars=(0.5, 0.8, 0.9, 0.99, 0.99, 0.99, 0.7)))
    found = question_of(hit, LookFirst.CHECK_AND_IMMEDIATE, stands=True)
    assert found is not None
    assert (found.place, "A" in found.choices) == (1, True)
    assert question_of(hit, LookFirst.CHECK_AND_IMMEDIATE, stands=False) is None
    assert question_of(hit, LookFirst.CHECK, stands=True) is None


def test_a_clipped_plate_is_asked_for_its_end() -> None:
    first = question_of(check("B12CDE", "AB12CDE", (0,)), LookFirst.CHECK, stands=False)
    last = question_of(check("AB12CD", "AB12CDE", (6,)), LookFirst.CHECK, stands=False)
    assert first is not None
    assert last is not None
    assert (first.place, {"A", "B"} <= set(first.choices)) == (1, True)
    assert (last.place, {"D", "E"} <= set(last.choices)) == (6, True)


def test_a_mark_that_an_officer_corrected_was_looked_at() -> None:
    hit = replace(check("DN23OTH", "DN23OTN", (6,)), corrected_vrm="DN23OTM")
    assert question_of(hit, LookFirst.CHECK, stands=False) is None


@given(st.sampled_from(sorted(CONFUSABLES)), st.data())
def test_neither_the_choices_nor_their_order_tell_which_is_the_lists(read: str, data: st.DataObject) -> None:
    listed = data.draw(st.sampled_from(CONFUSABLES[read]))
    found = [
        question_of(check(f"A{one}23XYZ", f"A{other}23XYZ", (1,)), LookFirst.CHECK, stands=False)
        for one, other in ((read, listed), (listed, read))
    ]
    assert found[0] is not None
    assert found[1] is not None
    choices = found[0].choices
    assert choices == found[1].choices
    assert (found[0].listed, found[1].listed) == (listed, read)
    assert {read, listed} <= set(choices)
    assert 2 <= len(choices) <= MOST_CHOICES
    assert list(choices) == sorted(choices)
