"""With one model bad the others read and say so; with none that reads, that is said too."""

import shutil
from pathlib import Path

import numpy as np
import pytest

from patrol_anpr.domain.health import LampState
from patrol_anpr.patrol import reader as readers
from patrol_anpr.patrol.reader import open_reader
from patrol_anpr.plumbing.files import sha256_of_file
from patrol_anpr.resources import ASSETS, MODELS
from patrol_anpr.settings import ReadingSettings

FILES = {
    "detector": "plate_detector.onnx",
    "detector_int8": "plate_detector_int8.onnx",
    "ocr": "plate_ocr_uk.onnx",
    "ocr_near": "plate_ocr_near.onnx",
    "ocr_config": "plate_ocr_uk_config.yaml",
}


@pytest.fixture
def models(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the shipped models that may be spoiled."""
    folder = tmp_path / "models"
    shutil.copytree(MODELS, folder, ignore=shutil.ignore_patterns("recipes", "__pycache__"))
    monkeypatch.setattr(readers, "MODELS", folder)
    return folder


def spoil(file: Path) -> None:
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    file.write_bytes(content)


def test_all_whole_is_green() -> None:
    found = open_reader(ReadingSettings())
    assert (found.faults, found.lamp.state) == ((), LampState.GOOD)
    detector = "detector_int8" if found.form == "int8" else "detector"
    hashes = {MODELS / FILES[one.role]: one.sha256 for one in found.models}
    assert [one.role for one in found.models] == [detector, "ocr", "ocr_near"]
    assert hashes == {file: sha256_of_file(file) for file in hashes}
    assert found.names == ", ".join(map(str, found.models))


def test_a_model_of_the_users_own_is_known_by_its_hash(tmp_path: Path) -> None:
    own = shutil.copy(MODELS / FILES["ocr"], tmp_path / "mine.onnx")
    ocr = next(one for one in open_reader(ReadingSettings(ocr=str(own))).models if one.role == "ocr")
    assert (str(ocr), ocr.sha256, ocr.version) == ("ocr mine.onnx", sha256_of_file(MODELS / FILES["ocr"]), "")


@pytest.mark.parametrize(
    ("bad", "form", "used"),
    [
        ("detector", "int8", ["detector_int8", "ocr", "ocr_near"]),
        ("detector_int8", "fp32", ["detector", "ocr", "ocr_near"]),
        ("ocr_near", None, ["ocr"]),
        ("ocr", None, ["ocr_near"]),
    ],
)
def test_one_model_that_is_bad_is_done_without_and_named(
    models: Path, bad: str, form: str | None, used: list[str]
) -> None:
    spoil(models / FILES[bad])
    found = open_reader(ReadingSettings())
    roles = [name.split(" ")[0] for name in found.names.split(", ")]
    assert found.reads
    assert form is None or found.form == form
    assert [role for role in roles if not role.startswith("detector")] == [one for one in used if "detector" not in one]
    assert FILES[bad] in str(found.faults[0])
    assert found.lamp.state is LampState.WARN
    assert FILES[bad] in found.lamp.advice


@pytest.mark.parametrize("bad", [("detector", "detector_int8"), ("ocr", "ocr_near"), ("ocr_config",)])
def test_with_none_that_reads_the_lamp_is_red_and_nothing_is_raised(models: Path, bad: tuple[str, ...]) -> None:
    for role in bad:
        (models / FILES[role]).unlink()
    found = open_reader(ReadingSettings())
    assert not found.reads
    assert (found.lamp.key, found.lamp.state) == ("reading", LampState.BAD)
    assert FILES[bad[0]] in found.lamp.advice
    assert found.detector.find(np.zeros((72, 128, 3), np.uint8)) == []


def test_a_list_of_models_that_is_gone_is_told(models: Path) -> None:
    (models / "manifest.json").unlink()
    found = open_reader(ReadingSettings())
    assert not found.reads
    assert "manifest.json" in found.lamp.advice


@pytest.mark.parametrize(
    "wrong",
    [
        {"detector": "nothing.onnx"},
        {"ocr": "nothing.onnx", "ocr_config": "nothing.yaml"},
        {"ocr_near": "nothing.onnx", "ocr": "nothing.onnx"},
        {"provider": "cuda"},
        {"detector_form": "int8", "provider": "cuda"},
    ],
)
def test_what_the_settings_ask_for_and_cannot_be_used_gives_way_to_what_is_shipped(wrong: dict[str, str]) -> None:
    found = open_reader(ReadingSettings.model_validate(wrong))
    assert found.reads
    assert found.faults
    assert all(trial.works for trial in found.trials)
    assert "nothing" not in found.names


def test_a_test_card_that_is_gone_stops_no_patrol(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.copytree(ASSETS / "test_card", tmp_path / "test_card")
    (tmp_path / "test_card" / "card.json").unlink()
    monkeypatch.setattr(readers, "ASSETS", tmp_path)
    found = open_reader(ReadingSettings())
    assert found.reads
    assert "test card" in found.lamp.advice
