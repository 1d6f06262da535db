"""A patrol comes up with what works, and says what does not: by a lamp with its advice, which the window shows."""

import contextlib
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from patrol_anpr import build
from patrol_anpr.build import build_car, car_of
from patrol_anpr.commands import cli, window
from patrol_anpr.domain.errors import BadInput, RecordsFault
from patrol_anpr.domain.events import HitRaised, ReadMade
from patrol_anpr.domain.health import Lamp, LampState
from patrol_anpr.domain.hotlist import Tier
from patrol_anpr.domain.shift import Crew
from patrol_anpr.patrol.car import Car
from patrol_anpr.patrol.reader import Reader
from patrol_anpr.patrol.window_ports import Patrolling
from patrol_anpr.records.keys import LISTS, RECORDS
from patrol_anpr.resources import ASSETS
from patrol_anpr.settings import Settings
from tests.faults.test_records_disk import fill
from tests.integration.cars import (
    CAR,
    KEY,
    LISTED,
    OFFICER,
    PIN,
    Depot,
    Heard,
    blind,
    driving,
    hotlist_lines,
    passing,
    pictures,
    settings_of,
    sign_on,
    write_clip,
    write_csv,
)
from tests.made import a_read
from tests.reading.made import ScriptedDetector, ScriptedOcr
from tests.records.mounted import small_disk

BAD = LampState.BAD


@pytest.fixture(autouse=True)
def without_models(monkeypatch: pytest.MonkeyPatch) -> None:
    blind(monkeypatch)


def red(car: Car) -> dict[str, Lamp]:
    return {lamp.key: lamp for lamp in car.patrol.lamps() if lamp.state is BAD}


def changed(settings: Settings, section: str, **values: object) -> Settings:
    return settings.model_copy(update={section: getattr(settings, section).model_copy(update=values)})


def failing(error: BaseException) -> Callable[..., Any]:
    def fail(*_: object, **__: object) -> None:
        raise error

    return fail


def test_a_camera_that_cannot_be_is_left_out_and_told(tmp_path: Path) -> None:
    clip = write_clip(tmp_path / "clip.avi", passing("TX64KZW")[:6])
    gone = tmp_path / "gone.avi"
    cameras = [("front", str(clip)), ("rear", str(gone)), ("front", str(clip))]
    with driving(settings_of(tmp_path, cameras=cameras)) as (car, _):
        assert [plan.camera_id for plan in car.plans] == ["front"]
        assert "gone.avi" in red(car)["camera:rear"].advice
        assert red(car)["setting:camera3"].word == "Camera set up twice"


def test_a_receiver_that_cannot_be_opened_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(build, "open_gps", failing(BadInput("This is no receiver.")))
    with driving(changed(settings_of(tmp_path), "vehicle", gps="gpsd")) as (car, _):
        assert red(car)["gps"] == Lamp("gps", BAD, "GPS not set up", "This is no receiver.")


def test_a_bug_in_one_part_keeps_no_other_from_the_patrol(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(build, "open_gps", failing(ZeroDivisionError()))
    with driving(changed(settings_of(tmp_path), "vehicle", gps="gpsd")) as (car, heard):
        assert "ZeroDivisionError" in red(car)["gps"].advice
        car.patrol.read_made(a_read(), pictures(1))
        assert heard.events


def test_a_depot_that_cannot_be_set_up_is_told_and_signs_nobody_on_without_a_pin(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Depot(tmp_path / "depot") as depot:
        settings = settings_of(tmp_path, depot=depot)
        with driving(settings) as (car, _):
            assert car.patrol.start_sync().result()
        monkeypatch.setattr(build, "Link", failing(BadInput("The authority is no certificate.")))
        with driving(settings) as (car, heard):
            assert red(car)["depot"].advice == "The authority is no certificate."
            assert not car.patrol.start_sync().result()
            assert heard.problems[-1] == "The authority is no certificate."
            assert [officer.officer_id for officer in car.patrol.roster()] == [OFFICER]
            session = car.patrol.sign_on(OFFICER, PIN, CAR, Crew.SINGLE).result(timeout=20)
            assert session.shift.officer_id == OFFICER
            [hit] = car.patrol.read_made(a_read(LISTED[0]), pictures(1))
            assert hit in [event.hit for event in heard.of(HitRaised)]


def test_without_the_lists_key_lists_are_fetched_for_this_run_and_the_old_ones_stay(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    find_key = build.find_key

    def lost(folder: Path, holds: str = RECORDS) -> object:
        if holds == LISTS:
            raise BadInput("The key is lost.")
        return find_key(folder, holds)

    with Depot(tmp_path / "depot") as depot:
        monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.fail.Keyring")
        settings = settings_of(tmp_path, depot=depot, key=None)
        with opened(settings) as car:
            assert car.patrol.start_sync().result()
        before = {file.name: file.read_bytes() for file in (tmp_path / "hotlists").glob("*.hotlist")}
        assert before
        with monkeypatch.context() as patch:
            patch.setattr(build, "find_key", lost)
            with opened(settings) as car:
                assert red(car)["lists"].advice == "The key is lost."
                assert car.patrol.start_sync().result()
                sign_on(car)
                [hit] = car.patrol.read_made(a_read(LISTED[0]), pictures(1))
                assert hit.match.voi.vrm == LISTED[0]
        assert {file.name: file.read_bytes() for file in (tmp_path / "hotlists").glob("*.hotlist")} == before
        assert list((tmp_path / "one-run").iterdir()) == []
        with opened(settings) as car:
            assert [head.name for head in car.matcher.hotlists] == ["Stolen vehicles"]


class opened:  # noqa: N801  reads as `driving` does
    """A car with the keys it finds, open."""

    def __init__(self, settings: Settings) -> None:
        self.car = build_car(settings, by_hand=True)

    def __enter__(self) -> Car:
        self.car.open(cameras=False)
        return self.car

    def __exit__(self, *_: object) -> None:
        self.car.close()


def test_a_folder_of_lists_that_is_a_file_is_told(tmp_path: Path) -> None:
    (tmp_path / "hotlists").write_text("a file")
    with driving(settings_of(tmp_path)) as (car, _):
        assert "hotlists" in red(car)["lists"].advice
        assert red(car)["list"].word == "No list"


def test_a_tone_that_is_missing_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.copytree(ASSETS / "tones", tmp_path / "assets" / "tones")
    (tmp_path / "assets" / "tones" / "check.wav").unlink()
    monkeypatch.setattr(build, "ASSETS", tmp_path / "assets")
    with driving(settings_of(tmp_path)) as (car, _):
        [lamp] = [lamp for lamp in car.patrol.lamps() if lamp.key == "tones"]
        assert "check.wav" in lamp.advice


def test_without_any_model_that_reads_the_cameras_run_and_it_is_red(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fault = BadInput("The model is gone.")
    nothing = Reader(ScriptedDetector(), ScriptedOcr(), "none", faults=(fault,), reads=False)
    monkeypatch.setattr(build, "open_reader", lambda settings, folder: nothing)
    clip = write_clip(tmp_path / "clip.avi", passing("TX64KZW")[:6])
    with driving(settings_of(tmp_path, cameras=[("front", str(clip))]), cameras=True) as (car, _):
        told = red(car)["reading"]
        assert told == Lamp("reading", BAD, "Plates are not read", "The model is gone.")
        car.patrol.sign_on("LOCAL", "", CAR, Crew.SINGLE).result(timeout=20)
        assert car.patrol.live("front").take(timeout=20) is not None
        assert red(car)["reading"] == told


def test_lists_of_one_run_lie_beside_the_lists_and_are_gone_after_it(tmp_path: Path) -> None:
    listed = write_csv(tmp_path / "mine.csv", hotlist_lines(LISTED))
    clip = write_clip(tmp_path / "clip.avi", passing("TX64KZW")[:6])
    with car_of(settings_of(tmp_path, cameras=[("front", str(clip))]), [(listed, Tier.PRIORITY)]) as car:
        assert [head.name for head in car.matcher.hotlists] == ["mine"]
        assert list((tmp_path / "one-run").iterdir())
    assert list((tmp_path / "one-run").iterdir()) == []


def test_lists_of_one_run_lie_with_the_systems_temporary_files_where_no_folder_can_be_made_beside_the_lists(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    listed = write_csv(tmp_path / "mine.csv", hotlist_lines(LISTED))
    clip = write_clip(tmp_path / "clip.avi", passing("TX64KZW")[:6])
    settings = settings_of(tmp_path, cameras=[("front", str(clip))])
    (tmp_path / "one-run").write_text("a file")
    monkeypatch.setattr(build, "gettempdir", lambda: str(tmp_path / "temporary"))
    with car_of(settings, [(listed, Tier.PRIORITY)]) as car:
        assert [head.name for head in car.matcher.hotlists] == ["mine"]
        [folder] = (tmp_path / "temporary").iterdir()
        assert list(folder.iterdir())
    assert list(folder.iterdir()) == []
    monkeypatch.setattr(build, "gettempdir", lambda: str(clip))
    with pytest.raises(BadInput, match="no room for the lists"), car_of(settings, [(listed, Tier.PRIORITY)]):
        pass


class SeenWindow:
    """In place of the window: notes the lamps a window would show at the start."""

    def __init__(self) -> None:
        self.lamps: dict[str, Lamp] = {}
        self.problems: list[str] = []

    def run(self, patrol: Patrolling, **_: object) -> int:
        self.lamps = {lamp.key: lamp for lamp in patrol.lamps()}
        return 0


@pytest.fixture
def seen(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[SeenWindow]:
    seen = SeenWindow()
    monkeypatch.setattr(window, "find_window", lambda: seen.run)
    monkeypatch.setattr(window, "show_problem", seen.problems.append)
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.fail.Keyring")
    for section in ("records", "hotlists", "log"):
        monkeypatch.setenv(f"PATROL_ANPR__{section.upper()}__FOLDER", str(tmp_path / section))
    monkeypatch.setenv("PATROL_ANPR__ALERTING__SOUND", "false")
    return seen


def run_window(*arguments: object) -> int:
    """`patrol-anpr run` with these arguments; returns its exit code."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "argv", ["patrol-anpr", "run", *map(str, arguments)])
        with pytest.raises(SystemExit) as ended:
            cli.main()
    return int(ended.value.code or 0)


def test_one_wrong_setting_is_told_in_the_window(seen: SeenWindow, tmp_path: Path) -> None:
    clip = write_clip(tmp_path / "clip.avi", passing("TX64KZW")[:6])
    file = tmp_path / "patrol.toml"
    file.write_text(f"[reading]\nthreads = 99\n[[cameras]]\nname = 'front'\nsource = '{clip}'\n")
    assert run_window("--settings", file) == 0
    assert "reading.threads" in seen.lamps["setting:1"].advice
    assert seen.lamps["setting:1"].state is BAD
    assert seen.problems == []


def test_a_log_that_cannot_be_written_is_told_in_the_window(seen: SeenWindow, tmp_path: Path) -> None:
    clip = write_clip(tmp_path / "clip.avi", passing("TX64KZW")[:6])
    (tmp_path / "log").write_text("a file")
    assert run_window("--source", clip) == 0
    assert "log.folder" in seen.lamps["log"].advice


def test_a_start_that_fails_altogether_is_a_window_with_the_sentence(
    seen: SeenWindow, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "patrol.toml"
    file.write_text("this is no TOML")
    assert run_window("--settings", file) == 1
    assert run_window("--source", tmp_path / "nothing.avi") == 1
    assert run_window() == 1
    assert ["patrol.toml" in seen.problems[0], "nothing.avi" in seen.problems[1]] == [True, True]
    assert "No camera is set up" in seen.problems[2]
    assert all(problem in capsys.readouterr().err for problem in seen.problems[2:3])


def test_a_bug_at_the_start_is_a_window_with_a_sentence(seen: SeenWindow, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(window, "find_window", lambda: failing(ZeroDivisionError()))
    with pytest.raises(ZeroDivisionError):
        window.run_with_window(failing(ZeroDivisionError()), [])
    assert "ZeroDivisionError" in seen.problems[0]


def test_the_window_with_the_sentence_comes_up_as_a_program_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    ran: list[tuple[list[str], dict[str, Any]]] = []
    monkeypatch.setattr(subprocess, "run", lambda command, **options: ran.append((command, options)))
    window.show_problem("Nothing works.")
    [(command, options)] = ran
    assert command[-2:] == ["-m", "ui.problem"]
    assert options["input"] == b"Nothing works."


def test_records_that_cannot_be_opened_stop_no_patrol_and_its_hits_are_heard(tmp_path: Path) -> None:
    (tmp_path / "records").write_text("a file where the folder should be")
    with Depot(tmp_path / "depot") as depot:
        car = build_car(settings_of(tmp_path, depot=depot), key=KEY, by_hand=True)
        heard = Heard()
        car.patrol.subscribe(heard)
        car.open(cameras=False)
        assert red(car)["records"].word
        assert car.patrol.start_sync().result()
        car.patrol.sign_on(OFFICER, PIN, CAR, Crew.SINGLE).result(timeout=20)
        [hit] = car.patrol.read_made(a_read(LISTED[0]), pictures(1))
        assert [event.hit for event in heard.of(HitRaised)] == [hit]
        assert [hit for hit, _ in car.patrol.open_hits()] == [hit]
        (tmp_path / "records").unlink()  # mended while the patrol goes on
        heard.wait_lamp("records", LampState.GOOD)
        assert car.records.flush(20)
        car.close()
    with driving(settings_of(tmp_path)) as (again, _):
        assert [stored.read.vrm for stored in again.records.reads_page(None, 10)] == [LISTED[0]]


def test_a_lost_key_to_the_records_stops_no_patrol_and_what_was_read_is_saved_when_it_is_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.fail.Keyring")
    settings = settings_of(tmp_path)
    with opened(settings):
        pass
    key = tmp_path / "records" / "records.key"
    away = key.rename(tmp_path / "away.key")
    with opened(settings) as car:
        assert "key" in red(car)["records"].advice
        heard = Heard()
        car.patrol.subscribe(heard)
        car.patrol.read_made(a_read("TX64KZW"), pictures(1))
        assert [event.read.vrm for event in heard.of(ReadMade)] == ["TX64KZW"]
        known = len(heard.events)
        away.rename(key)
        heard.wait_lamp("records", LampState.GOOD, after=known)
        assert car.records.flush(20)
        assert [stored.read.vrm for stored in car.records.reads_page(None, 10)] == ["TX64KZW"]


def test_a_second_program_on_the_same_records_does_not_start(seen: SeenWindow, tmp_path: Path) -> None:
    clip = write_clip(tmp_path / "clip.avi", passing("TX64KZW")[:6])
    with opened(settings_of(tmp_path)):
        assert run_window("--source", clip) == 1
    assert "already running" in seen.problems[0]


def test_a_car_whose_disk_is_full_starts_alerts_and_uploads(tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk", 90) as disk, Depot(tmp_path / "depot") as depot:
        settings = settings_of(disk, depot=depot)
        with driving(settings) as (car, _):
            assert car.patrol.start_sync().result()
            sign_on(car)
            car.patrol.read_made(a_read(LISTED[0]), pictures(1))
            assert car.records.flush(20)
        fill(disk)
        car = build_car(settings, key=KEY, by_hand=True)
        heard = Heard()
        car.patrol.subscribe(heard)
        car.open(cameras=False)
        session = car.patrol.sign_on(OFFICER, PIN, CAR, Crew.SINGLE).result(timeout=20)
        [hit] = car.patrol.read_made(a_read(LISTED[1]), pictures(2))
        assert [event.hit for event in heard.of(HitRaised)] == [hit]
        session.confirm(hit.hit_id)
        assert car.patrol.start_upload().result(timeout=60) >= 0
        assert [read.vrm for read in depot.holds().reads][:1] == [LISTED[0]]
        with contextlib.suppress(RecordsFault):  # what there is no room for is said, or there is some by now
            car.close()
