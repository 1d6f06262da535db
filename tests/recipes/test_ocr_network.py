"""The network in torch says what the shipped file says, and goes back into it whole."""

from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="the network is only rebuilt for training: needs the `train` extra")
pytest.importorskip("onnx", reason="needs the `train` extra")

import onnxruntime  # noqa: E402
from ocr_network import PlateOcrNetwork, write_back  # noqa: E402
from write_manifest import MODELS  # noqa: E402

SHIPPED = MODELS / "plate_ocr_uk.onnx"


@pytest.fixture(scope="module")
def views() -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, (8, 64, 128, 3), dtype=np.uint8)


def read(path: Path, views: np.ndarray) -> list[np.ndarray]:
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    return session.run(["plate", "region"], {"input": views})


def test_it_says_what_the_file_says(views: np.ndarray) -> None:
    with torch.no_grad():
        logits = PlateOcrNetwork(SHIPPED)(torch.from_numpy(views))
    for ours, theirs in zip(logits, read(SHIPPED, views), strict=True):
        assert np.abs(ours.softmax(-1).numpy() - theirs).max() <= 1e-4


def test_it_goes_back_unchanged(views: np.ndarray, tmp_path: Path) -> None:
    write_back(PlateOcrNetwork(SHIPPED), SHIPPED, tmp_path / "copy.onnx")
    for ours, theirs in zip(read(tmp_path / "copy.onnx", views), read(SHIPPED, views), strict=True):
        assert np.array_equal(ours, theirs)


def test_every_trained_value_goes_back(views: np.ndarray, tmp_path: Path) -> None:
    network = PlateOcrNetwork(SHIPPED)
    with torch.no_grad():
        for parameter in network.parameters():
            parameter.mul_(1.01)
        logits = network(torch.from_numpy(views))
    write_back(network, SHIPPED, tmp_path / "trained.onnx")
    for ours, theirs in zip(logits, read(tmp_path / "trained.onnx", views), strict=True):
        assert np.abs(ours.softmax(-1).numpy() - theirs).max() <= 1e-4
