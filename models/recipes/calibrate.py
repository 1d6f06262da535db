"""Make an OCR's confidences mean what they say: one temperature, fitted on one half of the held-out crops.

    python models/recipes/calibrate.py CROPS MODEL.onnx TARGET.onnx

TARGET is MODEL with the last layer of the plate head divided by the temperature: no text changes, only how sure it is.
Printed are, on the other half, the reads kept at 99 % precision, the sure wrong ones, and how far the mean confidence
lies from the share of right reads, before and after. Needs onnx; no torch.
"""

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from ocr_samples import ALPHABET, OcrSet, encoded, validation_sets
from ocr_scores import SURE, judged, onnx_reader
from real_crops import RealCrop, load_crops

from patrol_anpr.domain.vrm import fold
from patrol_anpr.lab.accuracy import kept_at

HEAD = ("CCT_OCR_1/plate_1/dense_16_1/Cast/ReadVariableOp:0", "CCT_OCR_1/plate_1/dense_16_1/BiasAdd/ReadVariableOp:0")
_CANDIDATES = np.geomspace(0.4, 4, 73)
_ALIKE = ("O0", "I1")  # one shape on a UK plate: the product reads either as the same


@dataclass(frozen=True, slots=True)
class Trust:
    """Of a set of reads: share kept at 99 % precision, sure wrong ones, mean confidence less share of right ones."""

    kept: float
    sure_wrong: int
    excess: float

    def __str__(self) -> str:
        kept, excess = f"{100 * self.kept:5.1f} % kept at 99 %", f"{100 * self.excess:+.1f} points too sure"
        return f"{kept}, {self.sure_wrong} sure and wrong, {excess}"


def softened(probabilities: NDArray[np.float32], temperature: float) -> NDArray[np.float32]:
    """Return what the probabilities (... x alphabet) become when their logits are divided by `temperature`."""
    logits = np.log(np.maximum(probabilities.astype(np.float64), 1e-30)) / temperature
    powers = np.exp(logits - logits.max(-1, keepdims=True))
    return (powers / powers.sum(-1, keepdims=True)).astype(np.float32)


def fitted_temperature(probabilities: NDArray[np.float32], texts: Sequence[str]) -> float:
    """Return the temperature at which the labels are likeliest; O and 0, I and 1 count as one."""
    alike = np.eye(len(ALPHABET), dtype=np.float32)
    for one, other in _ALIKE:
        alike[ALPHABET.index(one), ALPHABET.index(other)] = alike[ALPHABET.index(other), ALPHABET.index(one)] = 1
    wanted = alike[np.stack([encoded(text) for text in texts])]
    losses = [-np.log((softened(probabilities, each) * wanted).sum(-1) + 1e-12).mean() for each in _CANDIDATES]
    return float(_CANDIDATES[int(np.argmin(losses))])


def trust(probabilities: NDArray[np.float32], texts: Sequence[str]) -> Trust:
    """Measure what the confidences of these plates are worth."""
    reads = judged(probabilities, texts)
    right = sum(correct for _, correct in reads)
    sure_wrong = sum(not correct and confidence >= SURE for confidence, correct in reads)
    mean = sum(confidence for confidence, _ in reads) / len(reads)
    return Trust(kept_at(reads, 0.99), sure_wrong, mean - right / len(reads))


def halves(crops: Sequence[RealCrop]) -> tuple[list[RealCrop], list[RealCrop]]:
    """Part crops by their plate, so that no plate is both fitted on and reported."""
    marks = sorted({fold(crop.text) for crop in crops})
    first = set(marks[::2])
    one = [crop for crop in crops if fold(crop.text) in first]
    return one, [crop for crop in crops if fold(crop.text) not in first]


def write_softened(model: Path, target: Path, temperature: float) -> None:
    """Write `model` to `target` with its plate head divided by `temperature`; ValueError when it has no such head."""
    import onnx
    from onnx import numpy_helper

    graph = onnx.load(str(model))
    head = [one for one in graph.graph.initializer if one.name in HEAD]
    if len(head) != len(HEAD):
        raise ValueError(f"{model.name} has no plate head that is known here.")
    for initialiser in head:
        value = numpy_helper.to_array(initialiser) / np.float32(temperature)
        initialiser.CopyFrom(numpy_helper.from_array(value, initialiser.name))
    onnx.save(graph, str(target))


def _gathered(sets: Sequence[OcrSet]) -> tuple[NDArray[np.uint8], list[str]]:
    return np.concatenate([one.views for one in sets]), [text for one in sets for text in one.texts]


def main() -> None:
    """Fit, write, and report on the half that was not fitted on."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("crops", type=Path)
    parser.add_argument("model", type=Path)
    parser.add_argument("target", type=Path)
    given = parser.parse_args()
    fitting, reporting = halves([crop for crop in load_crops(given.crops)[1] if not crop.by_machine])
    read = onnx_reader(given.model)
    views, texts = _gathered([one for one in validation_sets(fitting, rendered=0) if "40 px" not in one.name])
    temperature = fitted_temperature(read(views), texts)
    print(f"temperature {temperature:.2f}, fitted on {len(texts)} views of {len(fitting)} crops")
    write_softened(given.model, given.target, temperature)
    after = onnx_reader(given.target)
    for chosen in validation_sets(reporting, seed=778):
        print(f"{chosen.name:34s} before {trust(read(chosen.views), chosen.texts)}")
        print(f"{'':34s} after  {trust(after(chosen.views), chosen.texts)}")


if __name__ == "__main__":
    main()
