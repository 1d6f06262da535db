"""Reads of both ends of the car, through the real Patrol and records."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from patrol_anpr.domain.events import HitRaised, ReadMade
from patrol_anpr.domain.plate import PlateColour
from patrol_anpr.domain.read import Read
from tests.integration.cars import Depot, driving, pictures, settings_of, sign_on
from tests.made import EVIDENCE, a_read
from tests.patrol.test_patrol import Car


def made(car: Car, vrm: str, camera: str, seconds: float, confidence: int = 90) -> Read:
    at = car.clock.utc() + timedelta(seconds=seconds)
    colour = PlateColour.WHITE if camera == "front" else PlateColour.YELLOW
    read = a_read(vrm, camera_id=camera, captured_at=at, confidence=confidence, colour=colour)
    car.patrol.read_made(read, EVIDENCE)
    return [event.read for event in car.events if isinstance(event, ReadMade)][-1]


def test_the_second_look_names_the_first_and_is_surer_and_the_first_stays_as_it_was_published(car: Car) -> None:
    first, second = made(car, "K7PTL", "front", 0), made(car, "K7PTL", "rear", 2)
    assert (first.paired_with, first.confidence) == (None, 90)
    assert (second.paired_with, second.plates_differ, second.confidence) == (first.read_id, False, 99)
    assert [read for read, *_ in car.recording.reads] == [first, second]


def test_plates_that_differ_are_a_note_and_never_a_hit(car: Car) -> None:
    first, second = made(car, "RK64AGY", "front", 0), made(car, "RK64AGV", "rear", 2)
    assert (second.paired_with, second.plates_differ, second.confidence) == (first.read_id, True, 90)
    assert not [event for event in car.events if isinstance(event, HitRaised)]


def test_a_new_shift_pairs_with_nothing_of_the_one_before(car: Car) -> None:
    made(car, "K7PTL", "front", 0)
    car.patrol.sign_off().result(timeout=10)
    car.sign_on()
    assert made(car, "K7PTL", "rear", 2).paired_with is None


def test_the_note_is_kept_and_reaches_the_depot(tmp_path: Path) -> None:
    with Depot(tmp_path / "depot") as depot:
        settings = settings_of(tmp_path, depot=depot)
        with driving(settings) as (car, _):
            assert car.patrol.start_sync().result(30)
            shift = sign_on(car).shift
            front = a_read("RK64AGY", colour=PlateColour.WHITE)
            rear = replace(a_read("RK64AGV", camera_id="rear"), captured_at=front.captured_at + timedelta(seconds=2))
            for number, read in enumerate((front, rear)):
                car.patrol.read_made(read, pictures(number))
            assert car.records.flush(20)
            kept = car.records.recent_reads(shift.shift_id, 10)
            assert [(read.paired_with, read.plates_differ) for read in kept] == [(front.read_id, True), (None, False)]
            assert car.patrol.sign_off().result(30) == 0
        held = {read.read_id: (read.paired_with, read.plates_differ) for read in depot.holds().reads}
        assert held == {front.read_id: (None, False), rear.read_id: (front.read_id, True)}
