"""How well a reader does on labelled pictures, one thread, one still each: `patrol-anpr bench accuracy`."""

import itertools
import math
import statistics
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np

from patrol_anpr.domain.plate import Box, Candidate, Pixels, Plate
from patrol_anpr.domain.vrm import edit_distance, fold
from patrol_anpr.reading.dataset import Sample
from patrol_anpr.reading.detector import PlateDetector
from patrol_anpr.reading.ocr import PlateOcr

WIDTHS = (0, 50, 64, 80, 120, math.inf)  # px
_SAME_PLACE = 0.5  # IoU
_BLANK: Pixels = np.zeros((360, 640, 3), np.uint8)  # read before the clock starts
_SOMEWHERE = Box(100, 100, 200, 120)


@dataclass(frozen=True, slots=True)
class StillReader:
    """A detector and an OCR to be measured.

    `finish` turns a raw Candidate and the width of its plate in pixels into (text, confidence 0 to 1).
    """

    name: str
    detector: PlateDetector
    ocr: PlateOcr
    finish: Callable[[Candidate, float], tuple[str, float]]


@dataclass(frozen=True, slots=True)
class Recall:
    """Boxes labelled and found, of plates from `least` to below `most` pixels wide."""

    least: float
    most: float
    boxes: int
    found: int


@dataclass(frozen=True, slots=True)
class Accuracy:
    """What a reader did on a dataset.

    `recall` by plate width (empty without labelled boxes); `false_plates` a picture, on pictures with labelled boxes;
    `exact` of `texts` read right (O=0, I=1); `character_error` is edit distance over labelled characters; `kept_98` and
    `kept_99` the share of texts that can be kept, surest first, with 98 and 99 % of them right; `cpu_ms` a picture.
    """

    reader: str
    pictures: int
    recall: tuple[Recall, ...]
    false_plates: float
    texts: int
    exact: int
    character_error: float
    kept_98: float
    kept_99: float
    cpu_ms: float

    @property
    def boxes(self) -> int:
        """Labelled boxes."""
        return sum(part.boxes for part in self.recall)

    @property
    def found(self) -> int:
        """Boxes found at IoU 0.5."""
        return sum(part.found for part in self.recall)


@dataclass(slots=True)
class _Tally:
    widths: list[tuple[float, bool]] = field(default_factory=list)
    boxed: int = 0
    false_plates: int = 0
    texts: list[tuple[float, bool]] = field(default_factory=list)
    errors: int = 0
    characters: int = 0
    seconds: float = 0.0


def measure(samples: Iterable[Sample], reader: StillReader) -> Accuracy:
    """Run `reader` over `samples`. Decoding the pictures, and each network's first run, are not counted in `cpu_ms`."""
    tally, pictures = _Tally(), 0
    _read(reader, _BLANK, None)
    _read(reader, _BLANK, _SOMEWHERE)
    for sample in samples:
        pixels = sample.pixels()
        pictures += 1
        started = time.process_time()
        plates, seen = _read(reader, pixels, sample.plate_in_crop(pixels))
        tally.seconds += time.process_time() - started
        if sample.boxes is not None and not sample.is_crop:
            _count_boxes(tally, sample.boxes_in(pixels), plates)
        if sample.text is not None:
            _count_text(tally, sample.text, seen)
    return Accuracy(
        reader=reader.name,
        pictures=pictures,
        recall=_by_width(tally.widths),
        false_plates=tally.false_plates / max(1, tally.boxed),
        texts=len(tally.texts),
        exact=sum(right for _, right in tally.texts),
        character_error=tally.errors / max(1, tally.characters),
        kept_98=kept_at(tally.texts, 0.98),
        kept_99=kept_at(tally.texts, 0.99),
        cpu_ms=1000 * tally.seconds / max(1, pictures),
    )


def _read(reader: StillReader, pixels: Pixels, known: Box | None) -> tuple[list[Plate], list[tuple[str, float]]]:
    plates = [Plate(known, 1.0)] if known else reader.detector.find(pixels)
    looked = reader.ocr.look(pixels, [plate.box for plate in plates])
    return plates, [reader.finish(each, plate.box.width) for each, plate in zip(looked, plates, strict=True)]


def _count_boxes(tally: _Tally, boxes: Sequence[Box], plates: Sequence[Plate]) -> None:
    """Give each plate, the surest first, the labelled box it overlaps most; each box counts once."""
    free = list(boxes)
    found: list[Box] = []
    for plate in sorted(plates, key=lambda one: -one.confidence):
        best = max(free, key=plate.box.iou, default=None)
        if best is not None and plate.box.iou(best) >= _SAME_PLACE:
            free.remove(best)
            found.append(best)
    tally.widths += [(box.width, True) for box in found] + [(box.width, False) for box in free]
    tally.false_plates += len(plates) - len(found)
    tally.boxed += 1


def _count_text(tally: _Tally, label: str, seen: Sequence[tuple[str, float]]) -> None:
    """Count the read that is right, or else the surest one."""
    text, confidence = max(seen, key=lambda read: (fold(read[0]) == fold(label), read[1]), default=("", 0.0))
    tally.texts.append((confidence, fold(text) == fold(label)))
    tally.errors += edit_distance(fold(text), fold(label))
    tally.characters += len(label)


def _by_width(widths: Sequence[tuple[float, bool]]) -> tuple[Recall, ...]:
    if not widths:
        return ()
    parts = []
    for least, most in itertools.pairwise(WIDTHS):
        within = [found for width, found in widths if least <= width < most]
        parts.append(Recall(least, most, len(within), sum(within)))
    return tuple(parts)


def kept_at(texts: Sequence[tuple[float, bool]], precision: float) -> float:
    """Return the largest share of (confidence, right) that can be kept, surest first, at that precision.

    Equal confidences are kept or dropped together: no threshold could tell them apart.
    """
    ranked = sorted(texts, key=lambda read: -read[0])
    kept = right = 0
    for place, (confidence, correct) in enumerate(ranked, start=1):
        right += correct
        last_of_equals = place == len(ranked) or ranked[place][0] < confidence
        if last_of_equals and right >= precision * place:
            kept = place
    return kept / len(ranked) if ranked else 0.0


def table(results: Sequence[Accuracy]) -> str:
    """Return the results side by side as plain text, one reader a column."""
    rows = [("", [one.reader for one in results]), ("pictures", [str(one.pictures) for one in results])]
    if results[0].boxes:
        rows.append(("boxes found %", [_share(one.found, one.boxes) for one in results]))
        for place, part in enumerate(results[0].recall):
            if part.boxes:
                most = "" if math.isinf(part.most) else f"-{part.most:.0f}"
                rows.append(
                    (
                        f"  {part.least:.0f}{most or '+'} px ({part.boxes})",
                        [_share(one.recall[place].found, one.recall[place].boxes) for one in results],
                    )
                )
        rows.append(("false plates a picture", [f"{one.false_plates:.2f}" for one in results]))
    if results[0].texts:
        rows += [
            ("read exactly %", [_share(one.exact, one.texts) for one in results]),
            ("character error %", [f"{100 * one.character_error:.2f}" for one in results]),
            ("kept at 98 % right", [f"{100 * one.kept_98:.1f}" for one in results]),
            ("kept at 99 % right", [f"{100 * one.kept_99:.1f}" for one in results]),
        ]
    rows.append(("CPU ms a picture", [f"{one.cpu_ms:.1f}" for one in results]))
    width = max(len(cell) for _, cells in rows for cell in cells)
    return "\n".join(f"{name:<24}" + "  ".join(f"{cell:>{width}}" for cell in cells) for name, cells in rows)


def _share(part: int, whole: int) -> str:
    return f"{100 * part / whole:.1f}" if whole else "-"


def mean_of(chars: Sequence[float]) -> float:
    """Return the mean of the character confidences, 0 when there are none."""
    return statistics.fmean(chars) if chars else 0.0
