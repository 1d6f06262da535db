import json
import shutil
from pathlib import Path

import pytest

from patrol_anpr.domain.errors import ModelRefused
from patrol_anpr.reading.models import find_models

SHIPPED = Path(__file__).resolve().parents[2] / "models"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for path in SHIPPED.iterdir():
        if path.is_file():
            shutil.copy(path, tmp_path)
    return tmp_path


def refusals(folder: Path) -> str:
    """What is said against the models in `folder`."""
    try:
        return " ".join(map(str, find_models(folder).faults.values()))
    except ModelRefused as refusal:
        return str(refusal)


def entries() -> list[dict[str, str]]:
    return list(json.loads((SHIPPED / "manifest.json").read_text())["models"])


def test_the_shipped_models_are_the_ones_measured() -> None:
    models = find_models(SHIPPED)
    assert models.faults == {}
    for entry in entries():
        assert models.files[entry["role"]].is_file()
        assert str(models.models[entry["role"]]) == f"{entry['role']} {entry['version']} ({entry['sha256'][:8]})"
        assert entry["licence"]
        assert entry["provenance"]


@pytest.mark.parametrize("entry", entries(), ids=lambda entry: entry["role"])
@pytest.mark.parametrize("place", [0, 0.5, 1])
def test_one_flipped_bit_refuses_the_model_and_names_it(folder: Path, entry: dict[str, str], place: float) -> None:
    path = folder / entry["file"]
    content = bytearray(path.read_bytes())
    content[round(place * (len(content) - 1))] ^= 1
    path.write_bytes(content)
    found = find_models(folder)
    assert list(found.faults) == [entry["role"]]
    assert entry["file"] in str(found.faults[entry["role"]])
    assert entry["role"] not in found.files


@pytest.mark.parametrize("entry", entries(), ids=lambda entry: entry["role"])
def test_a_missing_model_is_named(folder: Path, entry: dict[str, str]) -> None:
    (folder / entry["file"]).unlink()
    found = find_models(folder)
    assert list(found.faults) == [entry["role"]]
    assert entry["file"] in str(found.faults[entry["role"]])
    assert entry["role"] not in found.files


@pytest.mark.parametrize("content", ["", "{}", "[1]", '{"models": [{}]}', '{"models": 3}', '{"models": []}', "\0"])
def test_a_damaged_manifest_is_refused(folder: Path, content: str) -> None:
    (folder / "manifest.json").write_text(content)
    assert "manifest.json" in refusals(folder)


def test_a_missing_manifest_is_refused(tmp_path: Path) -> None:
    assert "manifest.json" in refusals(tmp_path)


def test_a_manifest_cannot_point_outside_its_folder(folder: Path) -> None:
    content = json.loads((folder / "manifest.json").read_text())
    content["models"][0]["file"] = "../" + content["models"][0]["file"]
    (folder / "manifest.json").write_text(json.dumps(content))
    assert {path.parent for path in find_models(folder).files.values()} == {folder}
