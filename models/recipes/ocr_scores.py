"""How well plate OCRs read the held-out crops, side by side in one run.

    python models/recipes/ocr_scores.py CROPS models/plate_ocr_uk.onnx+models/plate_ocr_near.onnx [OTHER.onnx ...] \
        [--plain PEER.onnx] [--others VAL]

FAR.onnx+NEAR.onnx are two OCRs that read together, as the product's do; a file alone reads alone.
Exact means the whole text as the product decodes it, O as 0 and I as 1. The confidence is the product's for a single
look: "kept" is the share kept with 99 % of them right, "wrong" counts the wrong reads that the product
would accept, and "sure" those of them with 90 % or more. Needs no torch. For whole pictures and the peer's detector use
`patrol-anpr bench accuracy`.
"""

import argparse
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from ocr_samples import ALPHABET, OcrSet, validation_sets
from real_crops import load_crops, load_others

from patrol_anpr.domain.vrm import ALPHABET as MARK
from patrol_anpr.domain.vrm import fold
from patrol_anpr.lab.accuracy import kept_at
from patrol_anpr.reading.consensus import ACCEPTED, alone, probability
from patrol_anpr.reading.ocr import OTHER_WAYS, Effort, candidate_of
from patrol_anpr.reading.ocr_pair import OcrPair, Slots
from patrol_anpr.reading.prior import decode

SURE = 0.9
TODAY = date(2026, 11, 22)  # for the date rule; the same for every run, so that figures can be compared
_READ = [char if char in MARK else "" for char in ALPHABET]
_BATCH = 64

PlateReader = Callable[[NDArray[np.uint8], NDArray[np.float64]], Slots]  # of views and the widths of their plates, px
Probabilities = Callable[[NDArray[np.uint8]], NDArray[np.float32]]  # N x 64 x 128 x 3 -> N x slots x alphabet


@dataclass(frozen=True, slots=True)
class Score:
    """Of `count` plates: the share read exactly and kept at 99 %, and how many were wrong and accepted, and sure."""

    name: str
    count: int
    exact: float
    kept: float
    wrong: int
    sure_wrong: int


def onnx_reader(path: Path) -> Probabilities:
    """Open an OCR file of the product's form, on one thread."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])

    def probabilities(views: NDArray[np.uint8]) -> NDArray[np.float32]:
        parts = [views[at : at + _BATCH] for at in range(0, len(views), _BATCH)]
        read = [session.run(["plate"], {"input": part})[0].reshape(len(part), -1, len(ALPHABET)) for part in parts]
        return np.concatenate(read)

    return probabilities


def once(read: Probabilities) -> PlateReader:
    """Read each view once, as it is."""
    return lambda views, _: read(views)


def open_pair(files: str) -> PlateReader:
    """Open FAR.onnx+NEAR.onnx, or one file alone, read as the product reads."""
    far, _, near = files.partition("+")
    pair = OcrPair(onnx_reader(Path(far)), onnx_reader(Path(near)) if near else None)
    return partial(pair.read, ways=OTHER_WAYS[Effort.PICTURE])


def decoded(probabilities: NDArray[np.float32]) -> tuple[str, float]:
    """Return the text of one plate (slots x alphabet) and the confidence of its weakest character, 0 when empty."""
    best, confidence = probabilities.argmax(-1), probabilities.max(-1)
    filled = [slot for slot, at in enumerate(best) if ALPHABET[at] != "_"]
    text = "".join(ALPHABET[best[slot]] for slot in filled)
    return text, float(min((confidence[slot] for slot in filled), default=0.0))


def judged(probabilities: NDArray[np.float32], texts: Sequence[str]) -> list[tuple[float, bool]]:
    """Return (confidence, right) of each plate."""
    reads = [decoded(one) for one in probabilities]
    return [(confidence, fold(read) == fold(text)) for (read, confidence), text in zip(reads, texts, strict=True)]


def score(chosen: OcrSet, read: PlateReader) -> Score:
    """Measure one OCR on one set."""
    results: list[tuple[float, bool]] = []
    seen = read(chosen.views, np.array(chosen.widths))
    for slots, text, width in zip(seen, chosen.texts, chosen.widths, strict=True):
        said = decode(candidate_of(slots, _READ).guesses, TODAY)
        results.append((probability(alone(said, width)), fold(said.text) == fold(text)))
    wrong = [confidence for confidence, correct in results if not correct]
    return Score(
        name=chosen.name,
        count=len(results),
        exact=1 - len(wrong) / len(results),
        kept=kept_at(results, 0.99),
        wrong=sum(confidence >= ACCEPTED / 100 for confidence in wrong),
        sure_wrong=sum(confidence >= SURE for confidence in wrong),
    )


def score_all(read: PlateReader, sets: Sequence[OcrSet]) -> list[Score]:
    """Measure one OCR on every set."""
    return [score(one, read) for one in sets]


def table(columns: Sequence[tuple[str, Sequence[Score]]]) -> str:
    """Lay the scores of several OCRs, measured on the same sets, out side by side."""
    lines = [f"{'':34s} {'plates':>6s}" + "".join(f" | {title[:26]:>26s}" for title, _ in columns)]
    lines.append(f"{'':41s}" + " |   exact    kept wrong sure" * len(columns))
    for rows in zip(*(scores for _, scores in columns), strict=True):
        cells = "".join(
            f" | {100 * row.exact:6.1f}% {100 * row.kept:6.1f}% {row.wrong:5d} {row.sure_wrong:4d}" for row in rows
        )
        lines.append(f"{rows[0].name:34s} {rows[0].count:6d}{cells}")
    return "\n".join(lines)


def is_no_worse(before: Sequence[Score], after: Sequence[Score]) -> bool:
    """Tell whether every set is read at least as well as before."""
    return all(new.exact >= old.exact for old, new in zip(before, after, strict=True))


def title_of(files: str) -> str:
    """Return the names of one or two files for the head of a column."""
    return "+".join(Path(file).stem for file in files.split("+"))


def main() -> None:
    """Print the scores of every model named."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("crops", type=Path)
    parser.add_argument("models", nargs="+", help="FAR.onnx or FAR.onnx+NEAR.onnx, read as the product reads")
    parser.add_argument("--plain", type=Path, nargs="*", default=[], help="read each crop once, as it is")
    parser.add_argument("--others", type=Path, help="folder of crops of other sources than those trained on")
    given = parser.parse_args()
    sets = validation_sets(load_crops(given.crops)[1], load_others(given.others))
    columns = [(title_of(files), score_all(open_pair(files), sets)) for files in given.models]
    columns += [(model.stem, score_all(once(onnx_reader(model)), sets)) for model in given.plain]
    print(table(columns))


if __name__ == "__main__":
    main()
