"""Fault 43 and the end of a shift without a depot: nothing is lost, it is said plainly, and it is sent next time."""

import threading
from pathlib import Path

import pytest

from patrol_anpr.domain.events import SyncProgress, Uploaded
from patrol_anpr.patrol import background_upload
from patrol_anpr.settings import Settings
from tests.integration.cars import (
    LISTED,
    OFFICER,
    Depot,
    blind,
    driving,
    impatient,
    pictures,
    settings_of,
    sign_on,
)
from tests.made import a_read

OF_THIS_RUN = 1
"""Rows of the audit trail that a run makes before anybody signs on; they go with the records of the next shift."""
VRMS = (*LISTED, "XT24ZPA", "TU75KZG")


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    blind(monkeypatch)
    impatient(monkeypatch)


def drive_a_shift(settings: Settings, depot: Depot) -> None:
    """A shift that is signed off while the depot is away."""
    with driving(settings) as (car, heard):
        assert car.patrol.start_sync().result()
        depot.switch_off()
        session = sign_on(car)
        for number, vrm in enumerate(VRMS):
            for hit in car.patrol.read_made(a_read(vrm, read_id=f"read-{number}"), pictures(number)):
                session.confirm(hit.hit_id)
        waiting = car.patrol.sign_off().result()
        assert waiting == car.records.waiting() > len(VRMS)
        assert heard.problems[1:] == [
            "The depot cannot be reached. Nothing is lost: check the depot Wi-Fi and try again."
        ]
        assert car.patrol.start_upload().result() == waiting  # trying again changes nothing


def test_records_wait_over_a_restart_and_are_sent_when_the_depot_is_back(tmp_path: Path) -> None:
    with Depot(tmp_path / "depot") as depot:
        settings = settings_of(tmp_path, depot=depot)
        drive_a_shift(settings, depot)
        depot.switch_on()
        assert depot.holds().reads == []
        with driving(settings) as (car, heard):
            assert car.patrol.start_upload().result() == OF_THIS_RUN
            assert heard.problems == [""]
        held = depot.holds()
        held.assert_sound()
        assert sorted(read.vrm for read in held.reads) == sorted(VRMS)
        assert sorted(hit.listed_vrm for hit in held.hits) == sorted(LISTED)


def test_a_depot_that_goes_away_in_the_middle_of_an_upload_loses_nothing(tmp_path: Path) -> None:
    with Depot(tmp_path / "depot") as depot:
        settings = settings_of(tmp_path, depot=depot)
        drive_a_shift(settings, depot)
        depot.switch_on()
        with driving(settings) as (car, heard):

            def pull(event: object) -> None:
                if isinstance(event, SyncProgress) and event.sent_bytes > 20_000:
                    depot.switch_off()

            car.patrol.subscribe(pull)
            waiting = car.patrol.start_upload().result()
            assert waiting > 0
            assert "Nothing is lost" in heard.problems[-1]
            assert car.records.waiting() == waiting
        depot.switch_on()
        with driving(settings) as (car, _):
            assert car.patrol.start_upload().result() == OF_THIS_RUN
        held = depot.holds()
        held.assert_sound()
        assert sorted(read.vrm for read in held.reads) == sorted(VRMS)


def test_a_shift_starts_without_the_depot_on_the_lists_and_officers_of_last_time(tmp_path: Path) -> None:
    with Depot(tmp_path / "depot") as depot:
        settings = settings_of(tmp_path, depot=depot)
        with driving(settings) as (car, _):
            assert car.patrol.start_sync().result()
        depot.switch_off()
        with driving(settings) as (car, heard):
            assert not car.patrol.start_sync().result()
            assert "cannot be reached" in heard.problems[-1]
            assert [officer.officer_id for officer in car.patrol.roster()] == [OFFICER]
            sign_on(car)
            [hit] = car.patrol.read_made(a_read(LISTED[0]), pictures(1))
            assert hit.match.voi.vrm == LISTED[0]


def test_records_are_sent_without_a_tap_once_the_depot_is_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(background_upload, "FIRST_PAUSE", 0.1)
    with Depot(tmp_path / "depot") as depot:
        settings = settings_of(tmp_path, depot=depot)
        drive_a_shift(settings, depot)
        depot.switch_on()
        with driving(settings) as (car, heard):
            sent = threading.Event()
            car.patrol.subscribe(lambda event: sent.set() if event == Uploaded(OF_THIS_RUN) else None)
            assert sent.wait(60)
            assert heard.problems == [], "and nobody was disturbed"
        held = depot.holds()
        held.assert_sound()
        assert sorted(read.vrm for read in held.reads) == sorted(VRMS)
