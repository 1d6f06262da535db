"""A whole car syncs, and its depot knows what it runs."""

import platform
from pathlib import Path

import pytest

from patrol_anpr import __version__, build
from patrol_anpr.depot.fleet.standing import cars_of
from patrol_anpr.domain.errors import ModelRefused
from patrol_anpr.patrol.reader import Reader
from patrol_anpr.reading.models import ModelInUse
from patrol_anpr.records.migrations import MIGRATIONS
from tests.integration.cars import CAR, LISTED, PATIENCE_S, Depot, driving, settings_of
from tests.reading.made import ScriptedDetector, ScriptedOcr


def test_the_depot_knows_what_a_car_runs_after_its_sync(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    used = ModelInUse("ocr", "mine.onnx", "a" * 64)
    fault = ModelRefused("The model is damaged.")
    reader = Reader(ScriptedDetector(), ScriptedOcr(), "scripted", faults=(fault,), models=(used,))
    monkeypatch.setattr(build, "open_reader", lambda settings, folder: reader)
    with Depot(tmp_path / "depot") as depot, driving(settings_of(tmp_path, depot=depot)) as (car, _):
        assert car.patrol.start_sync().result(PATIENCE_S)
        (standing,) = cars_of(depot.folder)
    said = standing.said[0].manifest
    assert said is not None
    assert (said.car_id, said.software) == (CAR, f"patrol-anpr {__version__}")
    assert said.records_version == len(MIGRATIONS)
    assert platform.system() in said.system
    assert said.reading == "warn"
    assert [(one.role, one.version, one.sha256) for one in said.models] == [("ocr", "", "a" * 64)]
    assert [(one.list_id, one.revision, one.sha256 is None) for one in said.lists] == [("stolen", 1, False)]
    whole = said.model_dump_json()
    assert not [mark for mark in LISTED if mark in whole]
    assert "mine.onnx" not in whole
