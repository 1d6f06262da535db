"""An entry that comes after the Read: found among the Reads of this shift, said as what it is, once."""

import threading
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from patrol_anpr.domain.by_hand import Lifetime, ReadCorrection, VoiWish
from patrol_anpr.domain.errors import RecordsFault
from patrol_anpr.domain.events import HitRaised, LampChanged
from patrol_anpr.domain.health import LampState
from patrol_anpr.domain.hit import Hit, Match
from patrol_anpr.domain.hotlist import Tier
from patrol_anpr.domain.sighting import sighting_of
from tests.integration.cars import Depot, driving, hotlist_lines, pictures, settings_of, sign_on, until, write_csv
from tests.made import EVIDENCE, a_hotlist, a_match, a_read
from tests.patrol.test_patrol import Car

SEEN = "RK64AGY"


def seen(car: Car, vrm: str = SEEN) -> str:
    read = a_read(vrm, captured_at=car.clock.utc(), captured_monotonic=car.clock.monotonic())
    car.patrol.read_made(read, EVIDENCE)
    return read.read_id


def added(car: Car, *list_ids: str) -> int:
    future = car.patrol.entries_added(list_ids)
    assert future is not None
    return future.result(timeout=10)


def raised(car: Car) -> list[Hit]:
    return [event.hit for event in car.events if isinstance(event, HitRaised)]


def test_a_new_entry_raises_a_hit_of_the_past_for_each_read_once_the_newest_first(car: Car) -> None:
    first = seen(car)
    car.clock.advance(60)
    second = seen(car)
    car.clock.advance(720)
    car.matching.matches[SEEN] = [a_match(SEEN)]
    assert added(car, "metro") == 2
    assert [(hit.read.read_id, hit.past) for hit in raised(car)] == [(second, True), (first, True)]
    assert [hit.read.captured_at for hit in raised(car)] == [
        car.clock.utc() - timedelta(minutes=12),
        car.clock.utc() - timedelta(minutes=13),
    ]
    assert car.recording.later_hits == raised(car)
    assert [entry for entry in car.story if isinstance(entry, tuple) and entry[0] == "sound"] == [
        ("sound", second),
        ("sound", first),
    ]
    assert added(car, "metro") == 0, "each comes once"
    summary = car.patrol.summary()
    assert summary is not None
    assert summary.hits == 2


def test_the_same_vehicle_here_now_is_a_line_of_its_own_whatever_was_decided_about_the_past(car: Car) -> None:
    seen(car)
    car.clock.advance(720)
    car.matching.matches[SEEN] = [a_match(SEEN)]
    assert added(car, "metro") == 1
    (past,) = raised(car)
    car.session.confirm(past.hit_id)
    seen(car)
    now = raised(car)[-1]
    assert not now.past
    assert sighting_of(now) != sighting_of(past)
    assert [event.again for event in car.events if isinstance(event, HitRaised)] == [False, False]
    assert [hit.hit_id for hit, _ in car.patrol.open_hits()] == [now.hit_id]


def test_what_was_listed_when_it_was_read_brings_no_second_hit(car: Car) -> None:
    hit_id = car.raise_hit()
    assert added(car, "metro") == 0
    assert [hit.hit_id for hit in raised(car)] == [hit_id]


def test_only_the_lists_that_have_new_entries_are_looked_at(car: Car) -> None:
    seen(car)
    car.matching.matches[SEEN] = [a_match(SEEN, hotlist=a_hotlist(list_id="local"))]
    assert added(car, "metro") == 0
    assert added(car, "local") == 1


def test_a_silent_entry_is_recorded_once_and_not_shown_or_counted(car: Car) -> None:
    seen(car)
    car.matching.matches[SEEN] = [a_match(SEEN, Tier.SILENT)]
    assert added(car, "metro") == 1
    assert added(car, "metro") == 0
    assert car.patrol.open_hits() == []


def test_a_muted_entry_is_muted_in_the_past_too(car: Car) -> None:
    hit_id = car.raise_hit()
    car.session.mute_entry(hit_id)
    read_id = seen(car)
    entry = car.matching.matches["AB12CDE"]
    car.matching.matches[SEEN] = entry  # an OCR-confusable mark would match the same entry
    assert added(car, "metro") == 1
    assert raised(car)[-1].muted
    assert ("sound", read_id) not in car.story


def test_reads_of_another_shift_and_without_a_shift_are_left_alone(car: Car) -> None:
    seen(car)
    car.patrol.sign_off().result(timeout=10)
    car.matching.matches[SEEN] = [a_match(SEEN)]
    assert car.patrol.entries_added(("metro",)) is None
    assert raised(car) == []


def test_a_program_that_ends_waits_for_one_read_and_not_for_all(car: Car) -> None:
    for _ in range(3):
        seen(car)
    matched: list[str] = []
    began, goes_on = threading.Event(), threading.Event()

    def match(vrm: str, at: datetime) -> list[Match]:
        matched.append(vrm)
        began.set()
        assert goes_on.wait(10)
        return []

    car.matching.match = match  # type: ignore[method-assign]
    looking = car.patrol.entries_added(("metro",))
    assert looking is not None
    assert began.wait(10)
    closing = threading.Thread(target=car.patrol.close)
    closing.start()
    until(lambda: car.patrol._past._is_closing)
    goes_on.set()
    closing.join(10)
    assert looking.done()
    assert matched == [SEEN]


def test_records_that_cannot_be_read_are_a_lamp_until_the_next_look_works(car: Car) -> None:
    seen(car)
    corrections = car.recording.corrections

    def broken(shift_id: str) -> list[ReadCorrection]:
        raise RecordsFault("The disk does not answer.")

    car.recording.corrections = broken  # type: ignore[method-assign]
    with pytest.raises(RecordsFault):
        added(car, "metro")
    car.recording.corrections = corrections  # type: ignore[method-assign]
    assert added(car, "metro") == 0
    lamps = [event.lamp.state for event in car.events if isinstance(event, LampChanged) and event.lamp.key == "past"]
    assert lamps == [LampState.WARN, LampState.GOOD]


def test_a_corrected_read_is_matched_by_its_correction(tmp_path: Path) -> None:
    with driving(settings_of(tmp_path)) as (car, heard):
        session = sign_on(car, "LOCAL", "")
        read = a_read("TX64KZV")
        car.patrol.read_made(read, pictures(1))
        session.correct_read(read, "TX64KZW").result(20)
        car.shelf.put_in_force(a_hotlist(), write_csv(tmp_path / "list.csv", hotlist_lines(["TX64KZW"])))
        future = car.patrol.entries_added(("metro",))
        assert future is not None
        assert future.result(20) == 1
        (event,) = heard.of(HitRaised)
        assert (event.hit.vrm, event.hit.read.vrm, event.hit.past) == ("TX64KZW", "TX64KZV", True)


def test_an_officers_own_entry_finds_the_reads_of_this_shift(tmp_path: Path) -> None:
    with driving(settings_of(tmp_path)) as (car, heard):
        session = sign_on(car, "LOCAL", "")
        for number in range(3):
            car.patrol.read_made(a_read("TX64KZW" if number != 1 else "UX15ZDM"), pictures(number))
        session.make_voi(VoiWish("TX64KZW", "Left the scene", Tier.PRIORITY, Lifetime.SHIFT)).result(20)
        until(lambda: len(heard.of(HitRaised)) == 2)
        assert all(event.hit.past for event in heard.of(HitRaised))
        assert all(event.evidence.patch for event in heard.of(HitRaised)), "with the pictures of then"
        car.patrol.read_made(a_read("TX64KZW"), pictures(4))
        until(lambda: len(heard.of(HitRaised)) == 3)
        assert not heard.of(HitRaised)[-1].hit.past
        assert car.records.flush(20)
        kept = car.records.hits(session.shift.shift_id)
        assert sorted(hit.past for hit in kept) == [False, True, True]


def test_a_revision_that_comes_with_a_sync_in_the_shift_finds_them_and_the_depot_is_told_they_are_past(
    tmp_path: Path,
) -> None:
    with Depot(tmp_path / "depot", ["UX15ZDM"]) as depot, driving(settings_of(tmp_path, depot=depot)) as (car, heard):
        assert car.patrol.start_sync().result(30)
        sign_on(car)
        car.patrol.read_made(a_read("TX64KZW"), pictures(1))
        car.patrol.read_made(a_read("UX15ZDM"), pictures(2))
        assert [event.hit.past for event in heard.of(HitRaised)] == [False]
        depot.publish(["UX15ZDM", "TX64KZW"])
        assert car.patrol.start_sync().result(30)
        until(lambda: len(heard.of(HitRaised)) == 2)
        assert heard.of(HitRaised)[1].hit.match.voi.vrm == "TX64KZW"
        assert car.patrol.sign_off().result(30) == 0
        held = depot.holds()
        held.assert_sound()
        assert {(hit.listed_vrm, hit.past) for hit in held.hits} == {("UX15ZDM", False), ("TX64KZW", True)}


def test_more_reads_than_fit_one_page_are_looked_through_while_new_ones_are_taken(car: Car) -> None:
    for number in range(1200):
        car.recording.reads.append(
            (a_read(f"R{number:05d}", read_id=f"r{number}"), EVIDENCE, [], car.session.shift.shift_id)
        )
    car.matching.matches["R00003"] = [a_match("R00003")]
    future = car.patrol.entries_added(("metro",))
    assert future is not None
    hit_id = car.raise_hit()
    assert future.result(timeout=10) == 1
    assert {hit.hit_id for hit, _ in car.patrol.open_hits()} >= {hit_id}
