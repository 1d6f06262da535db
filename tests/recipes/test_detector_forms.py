"""The exported detector decodes fewer anchors and finds the same; in 8 bits it finds nearly the same."""

from pathlib import Path

import numpy as np
import pytest

from patrol_anpr.reading.detector import make_detector
from patrol_anpr.reading.letterbox import Letterbox, floats
from patrol_anpr.reading.trial import load_cards
from patrol_anpr.resources import ASSETS, MODELS

onnx = pytest.importorskip("onnx", reason="models are only written in training: needs the `train` extra")

from quantise_detector import quantise, stays_exact, take_octets  # noqa: E402  after the skip

SETTINGS = {"provider": "cpu", "threads": 1, "input_size": 640, "threshold": 0.25}


def test_the_shipped_export_decodes_the_best_anchors_alone() -> None:
    model = onnx.load(str(MODELS / "plate_detector.onnx"))
    assert any(node.name == "best/TopK" for node in model.graph.node)
    assert any(name.startswith("best/") for name in stays_exact(model))


def test_in_8_bits_the_same_plates_are_found(tmp_path: Path) -> None:
    cards = load_cards(ASSETS / "test_card")
    views = iter([floats(Letterbox.fit(640, 384, 640).apply(card.pixels)) for card in cards] * 4)
    quantise(MODELS / "plate_detector.onnx", tmp_path / "int8.onnx", views)
    exact = make_detector(MODELS / "plate_detector.onnx", **SETTINGS)
    coarse = make_detector(tmp_path / "int8.onnx", **SETTINGS)
    assert (tmp_path / "int8.onnx").stat().st_size < 0.4 * (MODELS / "plate_detector.onnx").stat().st_size
    for card in cards:
        found, again = exact.find(card.pixels), coarse.find(card.pixels)
        assert len(found) == len(again) == 4
        for plate in found:
            assert max(plate.box.iou(other.box) for other in again) > 0.8


def test_an_input_of_another_scale_does_not_become_bytes() -> None:
    model = onnx.load(str(MODELS / "plate_detector.onnx"))
    picture = model.graph.input[0].name
    for name, value in (("scale", np.float32(1 / 128)), ("zero", np.uint8(0))):
        model.graph.initializer.append(onnx.numpy_helper.from_array(np.array(value), name))
    first = onnx.helper.make_node("QuantizeLinear", [picture, "scale", "zero"], ["coarse"])
    model.graph.node.insert(0, first)
    with pytest.raises(ValueError, match="another scale"):
        take_octets(model)
