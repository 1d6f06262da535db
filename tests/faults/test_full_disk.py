"""Fault 6 for the whole car: on a full disk hits still sound, the lamp says that nothing is recorded, and it heals."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from patrol_anpr import build
from patrol_anpr.alerting.tones import load_tones
from patrol_anpr.domain.events import HitRaised, Saved
from patrol_anpr.domain.health import LampState
from patrol_anpr.domain.read import Evidence
from patrol_anpr.settings import Settings
from tests.alerting.made import TONES, TellingPlayer, WordsVoice
from tests.faults.test_records_disk import fill
from tests.integration.cars import LISTED, Depot, blind, driving, pictures, settings_of, sign_on, until, with_records_in
from tests.made import a_read
from tests.records.mounted import small_disk

MEGABYTES = 90  # the car fetches lists only where 64 stay free


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    with small_disk(tmp_path / "disk", MEGABYTES) as disk:
        yield disk


@pytest.fixture
def player(monkeypatch: pytest.MonkeyPatch) -> TellingPlayer:
    blind(monkeypatch)
    player = TellingPlayer(dict(load_tones(TONES)))
    monkeypatch.setattr(build, "find_player", lambda: player)
    monkeypatch.setattr(build, "Voice", lambda clock, rate: WordsVoice())
    return player


def large(number: int) -> Evidence:
    """Pictures of a size that a nearly full disk has no room for."""
    small = pictures(number)
    return Evidence(small.patch, small.overview + bytes(40_000))


def test_on_a_full_disk_a_hit_sounds_is_shown_and_is_recorded_once_there_is_room(
    tmp_path: Path, disk: Path, player: TellingPlayer
) -> None:
    with Depot(tmp_path / "depot") as depot:
        tree = settings_of(disk, depot=depot).model_dump() | {"alerting": {"sound": True}}
        with driving(Settings.model_validate(tree)) as (car, heard):
            assert car.patrol.start_sync().result()
            session = sign_on(car)
            shift = session.shift
            assert car.records.flush(20)
            filler = fill(disk)
            for number, vrm in enumerate((*LISTED, "XT24ZPA")):
                car.patrol.read_made(a_read(vrm, read_id=f"read-{number}"), large(number))
            assert [event.hit.match.voi.vrm for event in heard.of(HitRaised)] == list(LISTED)
            until(lambda: player.played.count("priority") == len(LISTED))
            assert [hit.match.voi.vrm for hit, _ in car.patrol.open_hits()] == list(LISTED)
            assert [evidence for _, evidence in car.patrol.open_hits()] == [large(number) for number in range(3)]
            _, lamp = heard.wait_lamp("records", LampState.BAD)
            assert lamp.word == "Not recording"
            until(lambda: "lost" in player.played)
            heard.wait_lamp("disk", LampState.BAD, within=5)
            assert heard.of(Saved) == []
            for event in heard.of(HitRaised):
                session.confirm(event.hit.hit_id)  # what the officer does goes on, too
            assert car.patrol.open_hits() == []

            known = len(heard.events)
            filler.unlink()
            heard.wait_lamp("records", LampState.GOOD, after=known)
            heard.wait_lamp("disk", LampState.GOOD, LampState.WARN, after=known, within=5)
            assert car.records.flush(20)
            assert {event.read_id for event in heard.of(Saved)} == {f"read-{number}" for number in range(4)}
            summary = car.records.summary(shift.shift_id)
            assert (summary.reads, summary.hits, summary.confirmed) == (4, 3, 3)
            assert car.patrol.sign_off().result() == 0
        held = depot.holds()
        held.assert_sound()
        assert len(held.reads) == 4
        assert len(held.hits) == 3


def test_a_list_that_does_not_fit_on_the_disk_leaves_the_one_before_it_in_force(
    tmp_path: Path, disk: Path, player: TellingPlayer
) -> None:
    with Depot(tmp_path / "depot") as depot, driving(settings_of(disk, depot=depot)) as (car, heard):
        assert car.patrol.start_sync().result()
        sign_on(car)
        [before] = car.matcher.hotlists
        assert car.records.flush(20)
        fill(disk)
        depot.publish([*LISTED, "TU75KZG"])
        assert not car.patrol.start_sync().result()
        assert [one.revision for one in car.matcher.hotlists] == [before.revision]
        [hit] = car.patrol.read_made(a_read(LISTED[0]), pictures(1))
        assert hit.match.voi.vrm == LISTED[0]
        assert "NOT updated" in heard.problems[-1]
        (disk / "filler").unlink()
        assert car.patrol.start_sync().result()
        assert [one.revision for one in car.matcher.hotlists] == [before.revision + 1]


def test_a_car_that_starts_on_a_full_disk_alerts_all_the_same(
    tmp_path: Path, disk: Path, player: TellingPlayer
) -> None:
    with Depot(tmp_path / "depot") as depot:
        sounding = {"alerting": {"sound": True}}
        first = settings_of(disk, depot=depot)
        with driving(first) as (car, _):
            assert car.patrol.start_sync().result()
        others = with_records_in(disk / "others", first, reserve_megabytes=0)
        filler = fill(disk)
        with driving(Settings.model_validate(others.model_dump() | sounding)) as (car, heard):
            [hit] = car.patrol.read_made(a_read(LISTED[0], read_id="read-1"), large(1))
            until(lambda: "priority" in player.played)
            assert hit.match.voi.vrm == LISTED[0]
            heard.wait_lamp("records", LampState.BAD)
            known = len(heard.events)
            filler.unlink()
            heard.wait_lamp("records", LampState.GOOD, after=known)
            assert car.records.flush(20)
            assert [event.read_id for event in heard.of(Saved)] == ["read-1"]


@pytest.mark.parametrize(("keep_days", "left"), [(0, 0), (7, 30)])
def test_a_car_full_of_its_own_records_frees_itself_at_the_depot(
    tmp_path: Path, disk: Path, player: TellingPlayer, keep_days: int, left: int
) -> None:
    with Depot(tmp_path / "depot") as depot:
        tree = settings_of(disk, depot=depot).model_dump()
        tree["records"]["keep_days"] = keep_days
        with driving(Settings.model_validate(tree)) as (car, heard):
            assert car.patrol.start_sync().result()
            sign_on(car)
            for number in range(30):
                car.patrol.read_made(a_read("XT24ZPA", read_id=f"sent-{number}"), large(number))
            assert car.records.flush(20)
            filler = fill(disk)
            for number in range(4):
                car.patrol.read_made(a_read("XT24ZPA", read_id=f"late-{number}"), large(number))
            heard.wait_lamp("records", LampState.BAD)
            car.patrol.sign_off().result()
            if keep_days:
                filler.unlink()
            assert car.records.flush(20)

            def sent() -> list[str]:
                stored = [one.read.read_id for one in car.records.reads_page(None, 99)]
                return [read_id for read_id in stored if read_id.startswith("sent")]

            until(lambda: len(sent()) == left)
            assert {event.read_id for event in heard.of(Saved)} >= {f"late-{number}" for number in range(4)}
            assert car.patrol.start_upload().result() == 0
        assert len(depot.holds().reads) == 34
