"""What each list brings: counted from the events, on a clock that is moved."""

from dataclasses import replace
from datetime import timedelta
from itertools import count

import pytest
from hypothesis import given
from hypothesis import strategies as st

from patrol_anpr.domain.events import HitChanged, HitRaised
from patrol_anpr.domain.hit import Hit, HitState, Outcome
from patrol_anpr.domain.hotlist import Tier
from patrol_anpr.domain.shift import FLOOD, ListCounts
from patrol_anpr.patrol.list_tally import TEN_MINUTES, ListTally
from tests.conftest import FakeClock
from tests.made import EVIDENCE, NOW, a_hit, a_hotlist, a_match

_numbers = count(1)


def a_hit_of(
    list_id: str = "untaxed", tier: Tier = Tier.ROUTINE, shift_id: str | None = "shift-1", at: float = 1000.0
) -> Hit:
    match = a_match(tier=tier, hotlist=a_hotlist(tier, list_id=list_id, name=list_id.capitalize()))
    hit_id = f"hit-{next(_numbers)}"
    return replace(a_hit(), hit_id=hit_id, match=match, shift_id=shift_id, raised_monotonic=at)


def decided(hit: Hit, state: HitState) -> HitChanged:
    return HitChanged(replace(hit, state=state), Outcome("o", hit.hit_id, "4821", NOW, state))


@pytest.fixture
def tally(clock: FakeClock) -> ListTally:
    tally = ListTally(clock)
    tally.begin("shift-1")
    return tally


def test_each_list_has_its_hits_and_the_share_that_was_dismissed(tally: ListTally) -> None:
    untaxed = [a_hit_of() for _ in range(3)]
    for hit in [a_hit_of("stolen", Tier.IMMEDIATE), *untaxed]:
        tally.take(HitRaised(hit, EVIDENCE))
    tally.take(decided(untaxed[0], HitState.DISMISSED))
    tally.take(decided(untaxed[1], HitState.ACTIONED))
    assert tally.counts() == [
        ListCounts("untaxed", "Untaxed", hits=3, dismissed=1, lately=3, peak=3),
        ListCounts("stolen", "Stolen", hits=1, dismissed=0, lately=1, peak=1),
    ]
    assert tally.counts()[0].dismissed_percent == 33


def test_a_dismissal_that_was_undone_does_not_count(tally: ListTally) -> None:
    hit = a_hit_of()
    tally.take(HitRaised(hit, EVIDENCE))
    tally.take(decided(hit, HitState.DISMISSED))
    tally.take(decided(hit, HitState.ACKNOWLEDGED))
    assert tally.counts()[0].dismissed == 0


def test_silent_hits_and_those_of_another_shift_or_of_none_are_not_counted(tally: ListTally) -> None:
    others = [a_hit_of(tier=Tier.SILENT), a_hit_of(shift_id="shift-0"), a_hit_of(shift_id=None)]
    for hit in others:
        tally.take(HitRaised(hit, EVIDENCE))
        tally.take(decided(hit, HitState.DISMISSED))
    assert tally.counts() == []
    tally.begin(None)
    tally.take(HitRaised(a_hit_of(shift_id=None), EVIDENCE))
    assert tally.counts() == []


def test_more_than_ten_in_ten_minutes_are_a_flood_also_when_it_is_over(tally: ListTally, clock: FakeClock) -> None:
    for number in range(FLOOD + 1):
        assert not (number and tally.counts()[0].is_flood)
        clock.advance(TEN_MINUTES / (FLOOD + 1))
        tally.take(HitRaised(a_hit_of(at=clock.monotonic()), EVIDENCE))
    assert (tally.counts()[0].lately, tally.counts()[0].is_flood) == (FLOOD + 1, True)
    clock.advance(2 * TEN_MINUTES)
    assert (tally.counts()[0].lately, tally.counts()[0].peak, tally.counts()[0].is_flood) == (0, FLOOD + 1, True)


def test_a_shift_that_goes_on_counts_what_it_had_by_the_time_of_the_records(clock: FakeClock) -> None:
    ages = [50.0, 9.0, 3.0]  # minutes
    states = [HitState.DISMISSED, HitState.ACTIONED, HitState.RAISED]
    before = [
        replace(a_hit_of(at=7.0), raised_at=clock.utc() - timedelta(minutes=age), state=state)
        for age, state in zip(ages, states, strict=True)
    ]
    tally = ListTally(clock)
    tally.begin("shift-1", list(reversed(before)))
    tally.take(HitRaised(a_hit_of(), EVIDENCE))
    tally.take(decided(before[2], HitState.DISMISSED))
    assert tally.counts() == [ListCounts("untaxed", "Untaxed", hits=4, dismissed=2, lately=3, peak=3)]
    tally.begin("shift-2")
    assert tally.counts() == []


@given(st.lists(st.sampled_from([0.0, 1.0, 30.0, 200.0, 599.0, 600.0, 601.0]), max_size=60))
def test_the_peak_is_the_most_in_any_ten_minutes(pauses: list[float]) -> None:
    clock = FakeClock()
    tally, times = ListTally(clock), []
    tally.begin("shift-1")
    for pause in pauses:
        clock.advance(pause)
        times.append(clock.monotonic())
        tally.take(HitRaised(a_hit_of(at=clock.monotonic()), EVIDENCE))
    most = max((sum(0 <= at - first <= TEN_MINUTES for at in times) for first in times), default=0)
    assert [one.peak for one in tally.counts()] == ([most] if times else [])
