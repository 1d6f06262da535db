"""Average the weights of OCRs of one family: what was learned anew without losing what was known.

    python models/recipes/blend_ocr.py TRAINED.onnx ORIGIN.onnx [ORIGIN.onnx ...] TARGET.onnx \
        (--share 0.4 | --crops CROPS [--others VAL] [--near NEAR.onnx | --far FAR.onnx] [--against FAR.onnx+NEAR.onnx])

TARGET holds `share` of the origins, in equal parts, and the rest of the first. All must come from the same start. With
CROPS the share is chosen: of those at which no set of ocr_scores.py loses more than one plate in a hundred against the
OCRs given with --against (else the first), nor the near crops what is kept of them at 99 %, the one that reads most.
With --near or --far it is measured as the other one of a pair. Needs onnx; no torch.
"""

import argparse
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from ocr_samples import NEAR, OcrSet, validation_sets
from ocr_scores import Score, open_pair, score_all
from real_crops import load_crops, load_others

CHANCE = 0.01  # of some twenty sets of a hundred plates and more, one moves by this between two equally good OCRs
SHARES = (0.0, 0.2, 0.35, 0.5, 0.65, 1.0)  # the last: the origins' own mean, as good as before where there is but one


def blend(first: Path, origins: Sequence[Path], target: Path, share: float) -> None:
    """Write `first` with each weight moved by `share` towards the mean of `origins`; ValueError when not one family."""
    import onnx
    from onnx import numpy_helper

    model = onnx.load(str(first))
    known = [
        {one.name: numpy_helper.to_array(one) for one in onnx.load(str(origin)).graph.initializer} for origin in origins
    ]
    for initialiser in model.graph.initializer:
        own = numpy_helper.to_array(initialiser)
        for origin, weights in zip(origins, known, strict=True):
            if initialiser.name not in weights or weights[initialiser.name].size != own.size:
                raise ValueError(f"{first.name} and {origin.name} are not the same network.")
        if own.dtype == np.float32:
            other = np.mean([weights[initialiser.name].reshape(own.shape) for weights in known], axis=0)
            mixed = (own * (1 - share) + other * share).astype(np.float32)
            initialiser.CopyFrom(numpy_helper.from_array(mixed, initialiser.name))
    onnx.save(model, str(target))


def best_share(before: Sequence[Score], blends: Sequence[tuple[float, Sequence[Score]]]) -> float | None:
    """Return the share of the blend that reads most, and no set by CHANCE less than `before` did; None without one."""
    allowed = [(share, scores) for share, scores in blends if not losses(before, scores)]
    best = max(allowed, key=lambda one: sum(each.exact for each in one[1]), default=None)
    return best[0] if best else None


def losses(before: Sequence[Score], after: Sequence[Score]) -> list[str]:
    """Say which sets are read by more than CHANCE less, and whether less is kept of the near crops at 99 %.

    What is kept of far ones hangs on one plate.
    """
    lost = []
    for old, new in zip(before, after, strict=True):
        if new.exact < old.exact - CHANCE:
            lost.append(f"{old.name} {100 * old.exact:.1f} -> {100 * new.exact:.1f} %")
        if old.name == NEAR and new.kept < old.kept - CHANCE:
            lost.append(f"{old.name} kept {100 * old.kept:.1f} -> {100 * new.kept:.1f} %")
    return lost


def scored_blends(
    first: Path, origins: Sequence[Path], measured: Callable[[Path], list[Score]], before: Sequence[Score]
) -> list[tuple[float, list[Score]]]:
    """Measure the blend of every share, printing how much of all sets each reads, and where less than `before`."""
    blends = []
    with tempfile.TemporaryDirectory() as folder:
        made = Path(folder) / "blend.onnx"
        for share in SHARES:
            blend(first, origins, made, share)
            scores = measured(made)
            less = "".join(f"; less of {one}" for one in losses(before, scores))
            print(f"share {share:.2f}: {mean_exact(scores)}{less}", flush=True)
            blends.append((share, scores))
    return blends


def scored(files: str, sets: Sequence[OcrSet]) -> list[Score]:
    """Measure one file, or FAR.onnx+NEAR.onnx, on every set, read as the product reads."""
    return score_all(open_pair(files), sets)


def mean_exact(scores: Sequence[Score]) -> str:
    """Say what the sets read exactly come to."""
    return f"{100 * sum(each.exact for each in scores) / len(scores):.1f} % exact, mean of {len(scores)} sets"


def main() -> None:
    """Write the blend; exit code 1 where none is at least as good as the first."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("first", type=Path)
    parser.add_argument("origins", type=Path, nargs="+")
    parser.add_argument("target", type=Path)
    how = parser.add_mutually_exclusive_group(required=True)
    how.add_argument("--share", type=float, help="of the origins together, 0 to 1")
    how.add_argument("--crops", type=Path, help="choose the share by what is read of these held-out crops")
    parser.add_argument("--others", type=Path, help="and of these crops, of other sources than those trained on")
    parser.add_argument("--against", help="the OCR or the two that no set may lose against; else the first")
    other = parser.add_mutually_exclusive_group()
    other.add_argument("--near", type=Path, help="the OCR for near plates that the blend is to read beside")
    other.add_argument("--far", type=Path, help="the OCR for far plates that the blend is to read beside")
    given = parser.parse_args()
    share = given.share
    if share is None:
        sets = validation_sets(load_crops(given.crops)[1], load_others(given.others))

        def measured(model: Path) -> list[Score]:
            return scored("+".join(str(file) for file in (given.far, model, given.near) if file), sets)

        rival = given.against or str(given.first)
        before = scored(rival, sets)
        print(f"{rival}: {mean_exact(before)}")
        share = best_share(before, scored_blends(given.first, given.origins, measured, before))
        if share is None:
            raise SystemExit(f"With every share some set loses against {rival}: keep it.")
        print(f"chosen: {share:.2f}")
    blend(given.first, given.origins, given.target, share)


if __name__ == "__main__":
    main()
