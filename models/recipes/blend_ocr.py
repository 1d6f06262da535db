"""Average the weights of two OCRs of one family: what was learned anew without losing what was known.

    python models/recipes/blend_ocr.py models/plate_ocr_uk.onnx TRAINED.onnx TARGET.onnx --share 0.6

TARGET holds `share` of the second and the rest of the first. Both must come from the same start; then compare all three
with ocr_scores.py. Needs onnx; no torch.
"""

import argparse
from pathlib import Path

import numpy as np


def blend(first: Path, second: Path, target: Path, share: float) -> None:
    """Write `first` with each weight moved by `share` towards `second`; ValueError when they are not of one family."""
    import onnx
    from onnx import numpy_helper

    model = onnx.load(str(first))
    others = {one.name: numpy_helper.to_array(one) for one in onnx.load(str(second)).graph.initializer}
    for initialiser in model.graph.initializer:
        own = numpy_helper.to_array(initialiser)
        other = others.get(initialiser.name)
        if other is None or other.shape != own.shape:
            raise ValueError(f"{first.name} and {second.name} are not the same network.")
        if own.dtype == np.float32:
            mixed = (own * (1 - share) + other * share).astype(np.float32)
            initialiser.CopyFrom(numpy_helper.from_array(mixed, initialiser.name))
    onnx.save(model, str(target))


def main() -> None:
    """Write the blend."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("first", type=Path)
    parser.add_argument("second", type=Path)
    parser.add_argument("target", type=Path)
    parser.add_argument("--share", type=float, default=0.5, help="of the second, 0 to 1")
    given = parser.parse_args()
    blend(given.first, given.second, given.target, given.share)


if __name__ == "__main__":
    main()
