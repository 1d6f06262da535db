"""Models that a depot signed, in whole cars: fetched after a sync, tried, and read with from the next start on."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from patrol_anpr import build
from patrol_anpr.commands.depot_lists import keys_of
from patrol_anpr.commands.depot_models import report_sets, show_sets, withdraw_set
from patrol_anpr.commands.doctor import _models
from patrol_anpr.commands.starting import CountedStart
from patrol_anpr.depot.lists.models import publish_models
from patrol_anpr.domain.health import LampState
from patrol_anpr.patrol.lamps import safe_mode
from patrol_anpr.patrol.reader import Reader, open_reader
from patrol_anpr.reading.model_shelf import CRASHED
from patrol_anpr.resources import MODELS
from patrol_anpr.settings import Settings
from tests.integration.cars import PATIENCE_S, Depot, driving, settings_of, until
from tests.reading.made import ScriptedDetector, ScriptedOcr
from tests.reading.models_made import models_in, with_a_comment, with_random_weights


@pytest.fixture(autouse=True)
def read_from(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """The folders from which cars opened their models; they read with stand-ins, and try with the real ones."""
    folders: list[Path] = []

    def opened(_settings: object, folder: Path) -> Reader:
        folders.append(folder)
        return Reader(ScriptedDetector(), ScriptedOcr(), "scripted")

    monkeypatch.setattr(build, "open_reader", opened)
    return folders


@pytest.fixture
def depot(tmp_path: Path) -> Iterator[Depot]:
    with Depot(tmp_path / "depot") as depot:
        yield depot


@pytest.fixture
def settings(tmp_path: Path, depot: Depot) -> Settings:
    return settings_of(tmp_path, depot=depot)


def synced(settings: Settings, state: str) -> None:
    """Drive a car until its newest models are so far."""
    with driving(settings) as (car, _):
        assert car.patrol.start_sync().result(PATIENCE_S)
        until(lambda: (said := car.models.standing()) is not None and said.state == state, within=120)
        assert car.patrol.start_sync().result(PATIENCE_S)  # whose manifest says so


def publish(depot: Depot, folder: Path, change: Callable[[bytearray], None], *roles: str, **wishes: bool) -> None:
    publish_models(depot.folder, models_in(folder, change, *roles), "New", actor="DS Example", **wishes)  # type: ignore[arg-type]


def test_models_of_the_depot_read_once_they_passed_and_go_when_they_are_taken_back(
    settings: Settings, depot: Depot, tmp_path: Path, read_from: list[Path], capsys: pytest.CaptureFixture[str]
) -> None:
    publish(depot, tmp_path / "new", with_a_comment, "ocr")
    synced(settings, "ready")
    assert read_from == [MODELS], "nothing changes under way"
    synced(settings, "in use")
    assert read_from[-1] != MODELS
    report_sets(depot.folder)
    assert "TEST1: New, revision 1: in use" in capsys.readouterr().out
    show_sets(depot.folder)
    assert "New, revision 1: 5 files" in capsys.readouterr().out
    new = open_reader(settings.reading, read_from[-1])
    assert (new.faults, new.lamp.state) == ((), LampState.GOOD)
    assert new.models[1].sha256 != open_reader(settings.reading).models[1].sha256, "each Read names them"
    assert [finding.found for finding in _models(settings) if finding.part == "new models"] == [
        "New, revision 1, of the depot: in use"
    ]
    withdraw_set(depot.folder, 1, "DS Example", "reads less at night", keys_of(depot.folder))
    with driving(settings) as (car, _):
        assert car.patrol.start_sync().result(PATIENCE_S)
        until(lambda: car.models.newest is None)
    with driving(settings):
        assert read_from[-1] == MODELS


@pytest.mark.campaign
def test_models_that_read_nothing_are_refused_and_everybody_knows_why(
    settings: Settings, depot: Depot, tmp_path: Path, read_from: list[Path], capsys: pytest.CaptureFixture[str]
) -> None:
    publish(depot, tmp_path / "new", with_random_weights, "ocr", "ocr_near")
    synced(settings, "refused")
    with driving(settings) as (car, _):
        (lamp,) = [lamp for lamp in car.patrol.lamps() if lamp.key == "models"]
        assert (lamp.state, lamp.word) == (LampState.WARN, "New models not used")
        assert lamp.advice == (
            "They read 0 of 48 plates of the test card; 44 are needed. The models of before read on."
        )
        assert car.models.to_try() is None, "and they are not tried again"
    assert set(read_from) == {MODELS}
    assert report_sets(depot.folder) == 1
    assert "refused. They read 0 of 48 plates" in capsys.readouterr().out
    (finding,) = [finding for finding in _models(settings) if finding.part == "new models"]
    assert (finding.state, finding.advice[:11]) == (LampState.WARN, "They read 0")


def test_safe_mode_goes_back_to_the_models_of_the_program(
    settings: Settings, depot: Depot, tmp_path: Path, read_from: list[Path]
) -> None:
    publish(depot, tmp_path / "new", with_a_comment, "ocr")
    with driving(settings) as (car, _):
        car.trial.stop()
        assert car.patrol.start_sync().result(PATIENCE_S)
        until(lambda: car.models.newest)
        car.models.judge(car.models.folders[1], "")
    with driving(settings):
        assert read_from[-1] != MODELS
    safest = settings.safest()
    with driving(safest) as (car, _):
        assert read_from[-1] == MODELS
        CountedStart(safest, (safe_mode(3, ""),), 3).put_on_record(car)
    with driving(settings) as (car, _):
        assert read_from[-1] == MODELS, "also after it, until the depot has other ones"
        assert car.models.problem == CRASHED
