"""Entries that the depot adds or cancels while the car is out: in force at the next look, and nobody is misled."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from patrol_anpr.depot.asked import utc_now
from patrol_anpr.depot.lists.by_hand import Operator, add_by_hand, cancel_by_hand
from patrol_anpr.domain.events import HitCancelled, HitRaised, ListChanged
from patrol_anpr.domain.health import LampState
from patrol_anpr.domain.hotlist import HOT_LIST, ListChange, Tier, Voi
from patrol_anpr.patrol.car import Car
from patrol_anpr.patrol.list_watch import OVERDUE_SECONDS
from tests.conftest import FakeClock
from tests.integration.cars import LISTED, Depot, Heard, blind, driving, impatient, pictures, settings_of, sign_on
from tests.made import a_read

BY = Operator("Sgt Example", "seen leaving the scene")
MARK = "XT24ZPA"
MANY = [*LISTED, *(f"AB{n:05}" for n in range(40))]


def add(depot: Depot, vrm: str, tier: Tier = Tier.PRIORITY) -> None:
    end = (utc_now() + timedelta(days=2)).date()
    add_by_hand(depot.folder, Voi(vrm, reason="ROBBERY", weed_date=end, tier=tier), BY)


def lamp(car: Car) -> tuple[LampState, str]:
    found = next(lamp for lamp in car.patrol.lamps() if lamp.key == "additions")
    return found.state, found.word


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock(utc_now())


@pytest.fixture
def out(tmp_path: Path, clock: FakeClock, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Depot, Car, Heard]]:
    """A car on patrol with the lists of its depot, and no look under way but the test's."""
    blind(monkeypatch)
    impatient(monkeypatch)
    with Depot(tmp_path / "depot", listed=MANY) as depot:
        settings = settings_of(tmp_path, depot=depot)
        with driving(settings, clock=clock) as (car, heard):
            assert car.patrol.start_sync().result()
            sign_on(car)
            yield depot, car, heard


def test_what_is_added_is_in_force_at_the_next_look_and_past_reads_are_matched_with_it(out):
    depot, car, heard = out
    assert not car.patrol.read_made(a_read(MARK, read_id="before"), pictures(1))
    assert car.records.flush(20)
    add(depot, MARK)
    car.patrol.list_watch.look()
    _, event = heard.wait(lambda event: isinstance(event, HitRaised))
    assert (event.hit.read.read_id, event.hit.past) == ("before", True)
    assert [event.change for event in heard.of(ListChanged)] == [ListChange(HOT_LIST, 1, 0)]
    [hit] = car.patrol.read_made(a_read(MARK, read_id="after"), pictures(2))
    assert (hit.match.hotlist.list_id, hit.past) == (HOT_LIST, False)
    assert lamp(car)[0] is LampState.GOOD


def test_what_is_cancelled_alarms_no_more_and_its_open_hits_say_so(out, tmp_path, clock):
    depot, car, heard = out
    [hit] = car.patrol.read_made(a_read(LISTED[0], read_id="one"), pictures(1))
    [other] = car.patrol.read_made(a_read(LISTED[1], read_id="two"), pictures(2))
    cancel_by_hand(depot.folder, LISTED[0], BY)
    car.patrol.list_watch.look()
    assert [event.hit.hit_id for event in heard.of(HitCancelled)] == [hit.hit_id]
    marked = {one.hit_id: one.cancelled for one, _ in car.patrol.open_hits()}
    assert marked == {hit.hit_id: True, other.hit_id: False}, "it stays open: the officer may be with the vehicle"
    assert car.patrol.read_made(a_read(LISTED[0], read_id="three"), pictures(3)) == []
    assert [event.change for event in heard.of(ListChanged)] == [ListChange("stolen", 0, 1)]
    head = next(head for head in car.matcher.hotlists if head.list_id == "stolen")
    car.shelf.damaged(head)
    car.matcher.drop("stolen")
    car.patrol.list_changed(ListChange(HOT_LIST, 1, 0))
    assert {one.hit_id: one.cancelled for one, _ in car.patrol.open_hits()} == marked, (
        "a list that is missed tells nothing"
    )
    car.close()
    with driving(settings_of(tmp_path, depot=depot), clock=clock) as (again, _):
        sign_on(again)
        found = {one.hit_id: one.cancelled for one, _ in again.patrol.open_hits()}
        assert found == marked, "over a restart, too"
        depot.publish(MANY)
        again.patrol.list_watch.look()
        assert not any(one.cancelled for one, _ in again.patrol.open_hits()), "its list has it again"


def test_a_silence_of_the_depot_is_no_alarm_and_not_taken_for_no_news(out, clock):
    depot, car, heard = out
    car.patrol.list_watch.look()
    state, word = lamp(car)
    assert state is LampState.GOOD
    depot.switch_off()
    clock.advance(OVERDUE_SECONDS - 1)
    car.patrol.list_watch.look()
    assert lamp(car) == (state, word), "a hole in the network is no news"
    clock.advance(2)
    car.patrol.list_watch.look()
    assert lamp(car) == (LampState.UNKNOWN, word.replace("Additions to", "No additions since"))
    depot.switch_on()
    car.patrol.list_watch.look()
    assert lamp(car)[0] is LampState.GOOD
    assert heard.problems == [""], "nobody was disturbed"
    car.patrol.sign_off().result()
    add(depot, MARK)
    car.patrol.list_watch.look()
    assert HOT_LIST not in {head.list_id for head in car.matcher.hotlists}, "a shift that is over asks no more"
