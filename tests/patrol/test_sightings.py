"""One tap for one vehicle: what a decision does to its other sightings, through the real Patrol."""

from datetime import timedelta
from pathlib import Path

import pytest

from patrol_anpr.domain.events import HitChanged, HitRaised
from patrol_anpr.domain.hit import HitState, Verification
from patrol_anpr.domain.hotlist import Tier
from patrol_anpr.domain.shift import Crew
from patrol_anpr.patrol.patrol import Parts, Patrol
from tests.conftest import FakeClock
from tests.fakes import FakeAlerting, FakeMatching, FakeRecording
from tests.integration.cars import driving, hotlist_lines, pictures, settings_of, sign_on, write_csv
from tests.made import EVIDENCE, a_hotlist, a_match, a_read
from tests.patrol.test_patrol import Car

RAISED, ACTIONED, DISMISSED, SEEN = HitState.RAISED, HitState.ACTIONED, HitState.DISMISSED, HitState.ACKNOWLEDGED


def sightings(car: Car, count: int) -> list[str]:
    """The same car, seen again and again."""
    ids = []
    for _ in range(count):
        car.clock.advance(2)
        ids.append(car.patrol.read_made(a_read(captured_at=car.clock.utc()), EVIDENCE)[0].hit_id)
    return ids


def states(car: Car) -> dict[str, HitState]:
    said = {hit.hit_id: hit.state for _, _, hits, _ in car.recording.reads for hit in hits}
    return said | {outcome.hit_id: outcome.state for outcome in car.recording.outcomes}


def test_a_confirmation_is_recorded_for_each_sighting_and_says_whose_picture_was_looked_at(car: Car) -> None:
    first, second, third = sightings(car, 3)
    car.session.confirm(second)
    assert states(car) == dict.fromkeys((first, second, third), ACTIONED)
    by_hit = {outcome.hit_id: outcome for outcome in car.recording.outcomes}
    assert (by_hit[second].verification, by_hit[second].with_hit) == (Verification.CORRECT, None)
    for other in (first, third):
        assert (by_hit[other].verification, by_hit[other].with_hit) == (None, second)
    changed = [event.hit.hit_id for event in car.events if isinstance(event, HitChanged)]
    assert changed == [second, first, third]
    assert set(car.alerting.acknowledged) >= {first, second, third}
    summary = car.patrol.summary()
    assert summary is not None
    assert (summary.hits, summary.confirmed, summary.unresolved) == (3, 3, 0)


def test_a_dismissal_leaves_the_later_picture_open(car: Car) -> None:
    first, second, third = sightings(car, 3)
    car.session.dismiss(second)
    assert states(car) == {first: DISMISSED, second: DISMISSED, third: RAISED}


@pytest.mark.parametrize("decide", ["confirm", "dismiss"])
def test_undo_takes_it_back_for_all_of_them(car: Car, decide: str) -> None:
    ids = sightings(car, 3)
    getattr(car.session, decide)(ids[-1])
    car.session.undo(ids[-1])
    assert states(car) == dict.fromkeys(ids, SEEN)
    assert [outcome.undone for outcome in car.recording.outcomes[-3:]] == [True] * 3
    assert len(car.patrol.open_hits()) == 3


def test_a_reason_given_afterwards_is_said_once_and_a_later_sighting_stays_open(car: Car) -> None:
    first, second = sightings(car, 2)
    car.session.dismiss(second)
    (third,) = sightings(car, 1)
    known = len(car.recording.outcomes)
    car.session.dismiss(second, Verification.MISREAD)
    assert len(car.recording.outcomes) == known + 1
    assert states(car) == {first: DISMISSED, second: DISMISSED, third: RAISED}


def test_another_vehicle_of_the_same_list_and_the_same_mark_on_another_list_stay_open(car: Car) -> None:
    car.matching.matches["AB12CDE"].append(a_match(hotlist=a_hotlist(list_id="local")))
    car.matching.matches["K7PTL"] = [a_match("K7PTL")]
    metro, local = car.patrol.read_made(a_read(), EVIDENCE)
    (other,) = car.patrol.read_made(a_read("K7PTL"), EVIDENCE)
    car.session.confirm(metro.hit_id)
    assert states(car) == {metro.hit_id: ACTIONED, local.hit_id: RAISED, other.hit_id: RAISED}


def test_whether_a_vehicle_is_still_about_is_told_with_the_hit(clock: FakeClock) -> None:
    matching = FakeMatching({"AB12CDE": [a_match()]})
    parts = Parts(
        matching,
        FakeAlerting(),
        FakeRecording(),
        clock,
        unit="TA14",
        list_amber_after=timedelta(hours=12),
        keep_days=7,
        again_after=timedelta(minutes=5),
    )
    patrol = Patrol(parts)
    raised: list[HitRaised] = []
    patrol.subscribe(lambda event: raised.append(event) if isinstance(event, HitRaised) else None)
    patrol.sign_on("LOCAL", "", "TA14", Crew.SINGLE).result(10)
    for seconds in (0, 10, 299, 301):
        clock.advance(seconds)
        patrol.read_made(a_read(), EVIDENCE)
    assert [event.again for event in raised] == [False, True, True, False]
    patrol.close()


def test_over_real_records_each_sighting_keeps_its_own_outcome_after_a_restart(tmp_path: Path) -> None:
    settings = settings_of(tmp_path)
    with driving(settings) as (car, _):
        car.shelf.put_in_force(a_hotlist(Tier.ROUTINE), write_csv(tmp_path / "list.csv", hotlist_lines(["TX64KZW"])))
        session = sign_on(car, "LOCAL", "")
        first, second = (car.patrol.read_made(a_read("TX64KZW"), pictures(n))[0].hit_id for n in (1, 2))
        session.confirm(first)
        assert car.records.flush(20)
    with driving(settings) as (car, _):
        shift = sign_on(car, "LOCAL", "").shift
        assert {hit.state for hit in car.records.hits(shift.shift_id)} == {ACTIONED}
        assert [outcome.with_hit for outcome in car.records.outcomes(first)] == [None]
        assert [outcome.with_hit for outcome in car.records.outcomes(second)] == [first]
