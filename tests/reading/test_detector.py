import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from patrol_anpr.domain.errors import BadInput, ModelRefused
from patrol_anpr.domain.plate import Box
from patrol_anpr.reading.detector import OnnxDetector, PlateDetector, make_detector
from tests.conftest import Shipped
from tests.reading.made import plate_box, scene

SETTINGS: dict[str, Any] = {"provider": "cpu", "threads": 1, "input_size": 640, "threshold": 0.25}


def test_it_finds_drawn_plates_where_they_are(detector: PlateDetector) -> None:
    boxes = [plate_box(350, 520, 110), plate_box(900, 470, 80)]
    found = detector.find(scene(("AB12CDE", boxes[0]), ("X123ABC", boxes[1])))
    for box in boxes:
        assert max(plate.box.iou(box) for plate in found) > 0.5
    assert found[0].confidence == max(plate.confidence for plate in found)


def test_an_empty_road_has_no_plates(detector: PlateDetector) -> None:
    assert detector.find(scene()) == []


@pytest.mark.parametrize("shape", [(1, 1), (3, 900), (900, 3), (31, 33), (720, 1280)])
def test_any_size_of_picture_is_taken(detector: PlateDetector, shape: tuple[int, int]) -> None:
    for plate in detector.find(np.full((*shape, 3), 127, np.uint8)):
        assert 0 <= plate.box.x1 < plate.box.x2 <= shape[1]


@pytest.mark.parametrize("provider", ["openvino", "directml", "cuda"])
def test_a_provider_that_is_not_installed_is_said_plainly(
    models: Shipped, provider: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    import onnxruntime

    monkeypatch.setattr(onnxruntime, "get_available_providers", lambda: ["CPUExecutionProvider"])
    with pytest.raises(BadInput, match=f'provider "{provider}" is not installed'):
        make_detector(models.detector, **SETTINGS | {"provider": provider})


@pytest.mark.parametrize(
    "change", [{"provider": "abacus"}, {"threads": 0}, {"input_size": 0}, {"input_size": 100}], ids=str
)
def test_settings_that_cannot_be_are_refused(models: Shipped, change: dict[str, Any]) -> None:
    with pytest.raises(BadInput):
        make_detector(models.detector, **SETTINGS | change)


def test_a_missing_a_damaged_and_another_model_are_refused_by_name(models: Shipped, tmp_path: Path) -> None:
    broken = tmp_path / "broken.onnx"
    broken.write_bytes(b"not a model")
    for path in (tmp_path / "absent.onnx", broken, models.ocr):
        with pytest.raises(ModelRefused, match=path.name):
            make_detector(path, **SETTINGS)


class _Session:
    """A network that gives one value everywhere."""

    def __init__(self, value: float) -> None:
        self._value = value

    def run(self, *_: object) -> list[np.ndarray]:
        return [np.full((1, 5, 10), self._value, np.float32)]


@pytest.mark.parametrize("value", [float("nan"), float("inf"), -float("inf")])
def test_values_that_are_no_numbers_raise_and_are_never_no_plates(models: Shipped, value: float) -> None:
    detector = OnnxDetector(models.detector, **SETTINGS)
    detector._session = _Session(value)
    with pytest.raises(ModelRefused, match="no numbers"):
        detector.find(scene())


def test_a_pt_file_without_ultralytics_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    own = tmp_path / "own.pt"
    own.write_bytes(b"")
    monkeypatch.setitem(sys.modules, "ultralytics", None)
    with pytest.raises(BadInput, match=r"own\.pt needs the package ultralytics"):
        make_detector(own, **SETTINGS)
    with pytest.raises(ModelRefused, match=r"absent\.pt is missing"):
        make_detector(tmp_path / "absent.pt", **SETTINGS)


def test_a_pt_file_goes_through_ultralytics(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """ultralytics is not part of the car's installation: its interface is stood in for, as version 8.4 has it."""
    corners, scores = np.array([[10.0, 20, 110, 45]]), np.array([0.7])
    asked: dict[str, object] = {}

    class Model:
        def __init__(self, path: str) -> None:
            asked["path"] = path

        def predict(self, pixels: np.ndarray, **options: object) -> list[SimpleNamespace]:
            asked.update(options, shape=pixels.shape)
            return [SimpleNamespace(boxes=SimpleNamespace(xyxy=corners, conf=scores))]

    monkeypatch.setitem(sys.modules, "ultralytics", SimpleNamespace(YOLO=Model))
    monkeypatch.setitem(sys.modules, "torch", SimpleNamespace(set_num_threads=lambda n: asked.update(threads=n)))
    own = tmp_path / "own.pt"
    own.write_bytes(b"")
    detector = make_detector(own, **SETTINGS)
    plates = detector.find(scene())
    assert plates[0].box == Box(10, 20, 110, 45)
    assert plates[0].confidence == 0.7
    assert (asked["imgsz"], asked["conf"], asked["threads"], asked["verbose"]) == (640, 0.25, 1, False)
    corners[0, 0] = np.nan
    with pytest.raises(ModelRefused, match="no numbers"):
        detector.find(scene())


@pytest.mark.parametrize("form", ["detector", "detector_int8"])
def test_an_input_with_fewer_anchors_than_are_decoded_is_searched(models: Shipped, form: str) -> None:
    small = OnnxDetector(getattr(models, form), **SETTINGS | {"input_size": 256})
    assert small.find(np.zeros((32, 256, 3), np.uint8)) == []
