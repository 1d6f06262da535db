"""What was planted in a month of searches is found, and a clean month is silent."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from patrol_anpr.depot.oversight.patterns import (
    THRESHOLDS,
    Act,
    DutyTime,
    Known,
    Month,
    Pattern,
    SearchMade,
    find_patterns,
    unchecked,
)
from patrol_anpr.depot.oversight.sampling import LEAST, draw, hash_of_ids
from patrol_anpr.lab.invented_searches import clean_month, plant

BEGINS = datetime(2026, 10, 1, tzinfo=UTC)
STAFF = ("an1", "an2", "an3", "an4")
NOBODY = Known({}, {})


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 2**32), staff=st.integers(1, 5))
def test_a_clean_month_is_silent(seed: int, staff: int):
    clean = clean_month(BEGINS, [f"an{n}" for n in range(staff)], seed)
    assert find_patterns(clean.month, clean.known) == []
    assert unchecked(clean.month, clean.known) == []


@pytest.mark.parametrize("pattern", Pattern)
def test_what_was_planted_is_found_and_names_its_rows_and_nobody_else(pattern: Pattern):
    clean = clean_month(BEGINS, STAFF, 7)
    planted = plant(clean, pattern, "an2")
    found = find_patterns(planted.month, planted.known)
    assert pattern in {one.pattern for one in found}
    assert {one.staff_id for one in found} == {"an2"}
    there = {one.search_id for one in clean.month.searches} | {one.row for one in clean.month.exports}
    assert not there.intersection(row for one in found for row in one.rows), "only what was planted"
    said = " ".join(one.says for one in found)
    assert not any(search.mark in said for search in planted.month.searches if search.mark)


def test_every_pattern_has_its_threshold_and_the_reason_of_it():
    assert THRESHOLDS.keys() == set(Pattern)
    assert all(threshold.why for threshold in THRESHOLDS.values())


def made(n: int, at: datetime, mark: str = "AB12CDE", who: str = "an1") -> SearchMade:
    return SearchMade(f"s{n}", who, at, f"case {n}", mark)


@pytest.mark.parametrize(("count", "found"), [(5, 0), (6, 1)])
def test_the_same_mark_counts_as_plates_look(count: int, found: int):
    """O and 0 are one: who writes it otherwise each time asks for one vehicle all the same."""
    marks = ("A01OOO", "AO1000", "A0IOO0")
    searches = [made(n, BEGINS + timedelta(days=n, hours=9), marks[n % 3]) for n in range(count)]
    assert len(find_patterns(Month(searches), NOBODY)) == found


@pytest.mark.parametrize(
    ("asked", "found"), [("AB12CDE", 1), ("AB12C?E", 1), ("AB12*", 1), ("AB1*", 0), ("XX12CDE", 0), ("", 0)]
)
def test_a_pattern_that_knows_enough_of_a_colleagues_mark_counts(asked: str, found: int):
    known = Known({}, {"an2": frozenset({"AB12CDE"})})
    assert len(find_patterns(Month([made(1, BEGINS + timedelta(hours=9), asked)]), known)) == found


def test_an_hour_around_a_duty_is_granted_and_who_has_no_known_times_is_not_checked():
    duty = DutyTime(BEGINS + timedelta(hours=8), BEGINS + timedelta(hours=16))
    known = Known({"an1": [duty]}, {})
    around = [made(n, BEGINS + timedelta(hours=hours), "") for n, hours in enumerate((7, 8, 16.9))]
    assert find_patterns(Month(around), known) == []
    outside = Month([made(1, BEGINS + timedelta(hours=6.9), "")])
    assert [one.pattern for one in find_patterns(outside, known)] == [Pattern.OFF_DUTY]
    assert find_patterns(outside, NOBODY) == []
    assert unchecked(outside, NOBODY)[0].startswith("No duty times are known of 1 of 1")


@pytest.mark.parametrize(("hours", "found"), [(5, 1), (7, 0)])
def test_refusals_count_where_they_are_dense(hours: int, found: int):
    refusals = [Act(f"r{n}", "an1", BEGINS + timedelta(hours=hours * n)) for n in range(5)]
    assert len(find_patterns(Month([], refusals), NOBODY)) == found


@pytest.mark.parametrize(("quota", "found"), [(20, 0), (5, 1), (1000, 0)])
def test_exports_count_near_the_quota_of_this_depot(quota: int, found: int):
    exports = [Act(f"e{n}", "an1", BEGINS + timedelta(hours=n)) for n in range(5)]
    assert len(find_patterns(Month([], (), exports), Known({}, {}, exports_a_day=quota))) == found


# The dip sample


@settings(max_examples=25, deadline=None)
@given(
    seed=st.text(min_size=1, max_size=64),
    counts=st.dictionaries(st.sampled_from(STAFF), st.integers(1, 90), min_size=1),
    order=st.randoms(),
)
def test_every_searcher_is_in_the_sample_and_whoever_has_the_seed_draws_the_same(seed: str, counts: dict, order):
    ids = {who: [f"{who}-{n}" for n in range(count)] for who, count in counts.items()}
    drawn = draw(seed, ids)
    assert drawn.keys() == ids.keys()
    for who, mine in drawn.items():
        assert len(mine) == len(set(mine)) >= min(LEAST, len(ids[who]))
        assert set(mine) <= set(ids[who])
    mixed = {who: order.sample(mine, len(mine)) for who, mine in reversed(ids.items())}
    assert draw(seed, mixed) == drawn
    assert hash_of_ids(mixed) == hash_of_ids(ids)


def test_another_seed_draws_others():
    ids = {"an1": [f"s{n}" for n in range(400)]}
    assert draw("a", ids) != draw("b", ids)
    assert len(draw("a", ids)["an1"]) == 20
