"""What is counted of hits and their outcomes: each hit once in every breakdown, whatever comes later."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from patrol_anpr.depot.reports.counting import USABLE, Breakdown, count_coverage, count_day, days_of
from patrol_anpr.depot.reports.facts import (
    BESIDE,
    LOOKED_AND_CONFIRMED,
    OPEN,
    WITHOUT_GROUND,
    CoverageFact,
    HitFact,
    OutcomeFact,
    ShiftFact,
    counted_at,
    standing,
)
from patrol_anpr.depot.reports.rates import Rate, public_count, public_share
from patrol_anpr.depot.reports.reasons import ReasonClass, reason_class
from patrol_anpr.domain.coverage import Blind
from patrol_anpr.domain.disposition import BUILT_IN, Disposition, DispositionKind
from patrol_anpr.domain.hit import ControlAnswer, HitState, MatchKind, Override, Verification
from patrol_anpr.domain.hotlist import Tier

AT = datetime(2026, 11, 20, 21, 0, tzinfo=UTC)
DAY = AT.date()
HIT_BREAKDOWNS = [one for one in Breakdown if one.startswith("hits.")]


def outcome(seq: int, hit_id: str = "h0", **fields) -> OutcomeFact:
    said = {"state": HitState.ACTIONED, "at": AT + timedelta(seconds=seq)} | fields
    return OutcomeFact("TA14", f"o{seq}", hit_id, seq=seq, **said)


def hit(number: int = 0, **fields) -> HitFact:
    said = {
        "at": AT,
        "list_id": "pnc",
        "tier": Tier.PRIORITY,
        "kind": MatchKind.EXACT,
        "reason": ReasonClass.STOLEN,
        "alarmed": True,
    }
    return HitFact("TA14", f"h{number}", "s1", **said | fields)


hits = st.lists(
    st.builds(
        hit,
        st.integers(0, 20),
        at=st.integers(0, 86_399).map(lambda seconds: datetime(2026, 11, 20, tzinfo=UTC) + timedelta(seconds=seconds)),
        list_id=st.sampled_from(["pnc", "local", "untaxed"]),
        tier=st.sampled_from(Tier),
        kind=st.sampled_from(MatchKind),
        reason=st.sampled_from(ReasonClass),
        alarmed=st.booleans(),
    ),
    unique_by=lambda one: one.hit_id,
    max_size=20,
)
outcomes = st.lists(
    st.builds(
        outcome,
        st.integers(0, 1000),
        st.integers(0, 20).map(lambda number: f"h{number}"),
        state=st.sampled_from(HitState),
        verification=st.none() | st.sampled_from(Verification),
        disposition=st.sampled_from(["", *(one.value for one in BUILT_IN)]),
        disposition_kind=st.none() | st.sampled_from(DispositionKind),
        undone=st.booleans(),
        looked=st.booleans(),
        control=st.none() | st.sampled_from(ControlAnswer),
        override=st.none() | st.sampled_from(Override),
        beside=st.booleans(),
    ),
    unique_by=lambda one: one.seq,
    max_size=40,
)


def total(counts, *breakdowns: Breakdown) -> float:
    return sum(amount for (breakdown, _), amount in counts.items() if breakdown in breakdowns)


@settings(max_examples=60, deadline=None)
@given(hits, outcomes, st.randoms(use_true_random=False))
def test_every_breakdown_counts_each_hit_once_in_whatever_order_records_came(hits, outcomes, random):
    counts = count_day(DAY, hits, outcomes, [])
    assert {total(counts, one) for one in HIT_BREAKDOWNS} == {len(hits)}
    alarms = sum(one.alarmed for one in hits)
    assert (total(counts, Breakdown.ALARMS_LIST), total(counts, Breakdown.ALARMS_HOUR)) == (alarms, alarms)
    assert total(counts, Breakdown.VERIFIED_EXACT, Breakdown.VERIFIED_CHECK) == len(hits)
    stops = {
        total(counts, one) for one in (Breakdown.STOPS_REASON, Breakdown.STOPS_DISPOSITION, Breakdown.STOPS_GROUND)
    }
    assert len(stops) == 1
    random.shuffle(hits)
    random.shuffle(outcomes)
    assert count_day(DAY, hits, outcomes, []) == counts


@settings(max_examples=60, deadline=None)
@given(hits, outcomes, outcomes)
def test_later_outcomes_change_what_class_a_hit_is_in_and_never_how_many_there_are(hits, before, later):
    first = count_day(DAY, hits, before, [])
    moved = count_day(DAY, hits, [*before, *later], [])
    for breakdown in HIT_BREAKDOWNS:
        assert total(first, breakdown) == total(moved, breakdown)
    for breakdown in (Breakdown.HITS_LIST, Breakdown.HITS_TIER, Breakdown.HITS_KIND, Breakdown.HITS_REASON):
        assert {k: v for k, v in first.items() if k[0] is breakdown} == {
            k: v for k, v in moved.items() if k[0] is breakdown
        }


def test_a_hit_without_a_decision_is_counted_as_one_without_an_outcome():
    seen = outcome(1, state=HitState.ACKNOWLEDGED)
    for said in ([], [seen]):
        assert (standing(said).verification, standing(said).disposition) == (OPEN, OPEN)


def test_undo_takes_back_what_was_said_and_what_comes_after_counts():
    misread = outcome(1, state=HitState.DISMISSED, verification=Verification.MISREAD)
    undo = outcome(2, state=HitState.ACKNOWLEDGED, undone=True)
    right = outcome(3, verification=Verification.CORRECT)
    assert standing([misread]).verification == "misread"
    assert standing([misread, undo]).verification == OPEN
    assert standing([right, undo, misread]).verification == "correct", "in the order of their times"


def test_a_stop_says_on_what_it_was_made():
    arrest = {"disposition": Disposition.ARREST.value, "disposition_kind": DispositionKind.STOPPED}
    correct = {"verification": Verification.CORRECT}
    looked = outcome(1, looked=True, **correct)
    control = outcome(2, control=ControlAnswer.CONFIRMED, **correct)
    stopped = outcome(3, **arrest, **correct)
    assert standing([looked, control, stopped]).ground == LOOKED_AND_CONFIRMED
    assert standing([looked, stopped]).ground == WITHOUT_GROUND
    assert standing([outcome(3, override=Override.DANGER, **arrest)]).ground == "danger_to_life"
    lost = outcome(4, disposition=Disposition.NOT_STOPPED_LOST.value, disposition_kind=DispositionKind.NOT_STOPPED)
    assert not standing([looked, lost]).stopped


def test_a_sighting_decided_beside_another_hit_is_not_counted_as_looked_at():
    assert standing([outcome(1, beside=True)]).verification == BESIDE


def test_the_hours_of_a_shift_are_counted_on_the_days_they_were_in():
    night = ShiftFact("TA14", "s1", "Roads", AT, AT + timedelta(hours=8))
    counts = [count_day(day, [], [], [night]).get((Breakdown.PATROL_UNIT, "Roads"), 0) for day in days_of(night)]
    assert counts == [3 * 3600, 5 * 3600]


def test_a_shift_that_runs_or_whose_clock_was_wrong_has_no_hours():
    for ended in (None, AT - timedelta(hours=1), AT + timedelta(days=400)):
        assert days_of(ShiftFact("TA14", "s1", "Roads", AT, ended)) == []


@pytest.mark.parametrize(
    ("moment", "counted"),
    [
        (AT, AT),
        (datetime(1970, 1, 1, tzinfo=UTC), AT + timedelta(days=1)),
        (AT + timedelta(days=3), AT + timedelta(days=1)),
    ],
)
def test_what_a_wrong_clock_dated_counts_when_it_was_received(moment, counted):
    assert counted_at(moment, AT + timedelta(days=1)) == counted


minutes = st.lists(
    st.builds(
        CoverageFact,
        car_id=st.sampled_from(["TA14", "TA15"]),
        camera_id=st.sampled_from(["front", "rear"]),
        at=st.sampled_from([AT, AT + timedelta(hours=5)]),
        seconds=st.floats(0, 60),
        blind=st.dictionaries(st.sampled_from(Blind), st.floats(0, 40), max_size=3),
        reads=st.integers(0, 9),
        unread=st.integers(0, 3),
    ),
    max_size=12,
)


@settings(max_examples=60, deadline=None)
@given(minutes)
def test_usable_and_blind_seconds_are_together_those_watched(minutes):
    counts = count_coverage(minutes)

    def total(*breakdowns):
        return sum(amount for (_, breakdown, _), amount in counts.items() if breakdown in breakdowns)

    assert total(Breakdown.COVERAGE) == pytest.approx(total(Breakdown.WATCHED_CAR))
    assert total(Breakdown.WATCHED_CAR) == pytest.approx(sum(one.seconds for one in minutes))
    usable = sum(amount for (_, by, value), amount in counts.items() if (by, value) == (Breakdown.COVERAGE, USABLE))
    assert usable + total(Breakdown.BLIND_CAR) == pytest.approx(total(Breakdown.WATCHED_CAR))
    assert total(Breakdown.READS_CAMERA) == sum(one.reads for one in minutes)


@pytest.mark.parametrize(
    ("said", "found"),
    [
        ("STOLEN", ReasonClass.STOLEN),
        ("Stolen, used in ROBBERY", ReasonClass.VIOLENCE),
        ("NO_INSURANCE", ReasonClass.NO_INSURANCE),
        ("MISSING PERSON - Jane Example", ReasonClass.MISSING),
        ("untaxed", ReasonClass.NO_TAX_OR_TEST),
        ("Jane Example's car", ReasonClass.OTHER),
        (" - ", ReasonClass.NOT_GIVEN),
    ],
)
def test_the_reason_of_a_list_becomes_one_of_a_closed_set(said, found):
    assert reason_class(said) is found


# Shares and small numbers


def test_a_share_comes_with_its_interval():
    low, high = Rate(3, 100).interval
    assert (round(low, 4), round(high, 4)) == (0.0103, 0.0845)  # Wilson, as R's prop.test without correction
    assert Rate(0, 0).share is None


@given(st.integers(0, 3000), st.integers(0, 3000))
def test_the_interval_holds_the_share_and_lies_between_0_and_1(part, more):
    rate = Rate(part, part + more)
    low, high = rate.interval
    assert 0 <= low <= (rate.share or 0) + 1e-12
    assert (rate.share or 0) - 1e-12 <= high <= 1


def test_the_public_is_told_no_number_below_5():
    assert {public_count(n) for n in range(5)} == {"fewer than 5"}
    assert [public_count(n) for n in (5, 7, 8, 1234)] == ["about 5", "about 5", "about 10", "about 1,235"]


def could_be(count: int) -> list[int]:
    """The numbers that the public is told the same of."""
    return [other for other in range(max(0, count - 5), count + 6) if public_count(other) == public_count(count)]


@given(st.lists(st.integers(0, 400), min_size=2, max_size=30))
def test_of_1_to_3_cases_nobody_finds_out_how_many_also_not_from_the_total_and_the_others(cells):
    totals = could_be(sum(cells))
    for place, cell in enumerate(cells):
        others = [could_be(other) for number, other in enumerate(cells) if number != place]
        least = totals[0] - sum(one[-1] for one in others)
        most = totals[-1] - sum(one[0] for one in others)
        if 1 <= cell <= 3:
            assert sum(least <= number <= most for number in could_be(cell)) >= 2


def test_the_public_is_told_no_share_of_few_cases():
    assert public_share(Rate(1, 49)) == "too few to say"
    assert public_share(Rate(1, 200)) == "less than 2 %"
    assert public_share(Rate(30, 200)) == "about 15 %"
    assert public_share(Rate(0, 200)) == "about 0 %"
