"""The manifest describes a model to the byte, and a version means one file."""

import hashlib
import json
from pathlib import Path

import pytest
from write_manifest import MODELS, Entry, enter


def manifest_in(folder: Path) -> Path:
    old = {"role": "ocr", "file": "old.onnx", "sha256": "0", "size": 0, "version": "1", "input": "N", "licence": "MIT"}
    path = folder / "manifest.json"
    path.write_text(json.dumps({"models": [{"role": "detector", "version": "7"}, old | {"provenance": "old"}]}))
    return path


def test_a_file_is_entered_to_the_byte_and_the_rest_stays(tmp_path: Path) -> None:
    model = tmp_path / "new.onnx"
    model.write_bytes(b"weights")
    manifest = manifest_in(tmp_path)
    enter(manifest, Entry("ocr", model, "2", "made up"))
    detector, ocr = json.loads(manifest.read_text())["models"]
    assert detector == {"role": "detector", "version": "7"}
    assert ocr == {
        "role": "ocr",
        "file": "new.onnx",
        "sha256": hashlib.sha256(b"weights").hexdigest(),
        "size": 7,
        "version": "2",
        "input": "N",
        "licence": "MIT",
        "provenance": "made up",
    }


def test_what_a_new_form_takes_is_entered(tmp_path: Path) -> None:
    model = tmp_path / "new.onnx"
    model.write_bytes(b"weights")
    manifest = manifest_in(tmp_path)
    enter(manifest, Entry("ocr", model, "2", "made up", takes="N x 64 x 128 x 3 uint8"))
    assert json.loads(manifest.read_text())["models"][1]["input"] == "N x 64 x 128 x 3 uint8"


def test_a_version_is_not_given_to_another_file(tmp_path: Path) -> None:
    model = tmp_path / "new.onnx"
    model.write_bytes(b"weights")
    manifest = manifest_in(tmp_path)
    with pytest.raises(ValueError, match="raise it"):
        enter(manifest, Entry("ocr", model, "1", "made up"))


def test_a_file_elsewhere_is_refused(tmp_path: Path) -> None:
    (tmp_path / "away").mkdir()
    model = tmp_path / "away" / "new.onnx"
    model.write_bytes(b"weights")
    with pytest.raises(ValueError, match="beside"):
        enter(manifest_in(tmp_path), Entry("ocr", model, "2", "made up"))


def test_an_unknown_role_is_refused(tmp_path: Path) -> None:
    model = tmp_path / "new.onnx"
    model.write_bytes(b"weights")
    with pytest.raises(LookupError, match="tracker"):
        enter(manifest_in(tmp_path), Entry("tracker", model, "2", "made up"))


@pytest.mark.parametrize(("role", "like", "other"), [("detector_int8", "detector", "ocr"), ("ocr_near", "ocr", "x")])
def test_a_new_role_is_entered_beside_the_one_it_is_made_like(role: str, like: str, other: str, tmp_path: Path) -> None:
    model = tmp_path / "made.onnx"
    model.write_bytes(b"weights")
    manifest = tmp_path / "manifest.json"
    origin = {
        "role": like,
        "file": "a",
        "sha256": "0",
        "size": 1,
        "version": "7",
        "input": "N",
        "licence": "AGPL",
    }
    manifest.write_text(json.dumps({"models": [origin, {"role": other}]}))
    for version in ("7", "8"):
        enter(manifest, Entry(role, model, version, "made up"))
    models = json.loads(manifest.read_text())["models"]
    assert [one["role"] for one in models] == [like, role, other]
    assert models[0] == origin
    assert models[1]["version"] == "8"
    assert models[1]["file"] == "made.onnx"
    assert (models[1]["input"], models[1]["licence"]) == ("N", "AGPL")


def test_the_shipped_manifest_says_what_is_shipped() -> None:
    for entry in json.loads((MODELS / "manifest.json").read_text(encoding="utf-8"))["models"]:
        payload = (MODELS / entry["file"]).read_bytes()
        assert (entry["sha256"], entry["size"]) == (hashlib.sha256(payload).hexdigest(), len(payload))
