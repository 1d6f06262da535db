"""What two sets of models make of the same picture, and how it differs. Nothing here says what was read."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from math import prod

from patrol_anpr.domain.plate import Box, Pixels
from patrol_anpr.domain.vrm import edit_distance, fold
from patrol_anpr.reading.consensus import ACCEPTED, ALONE
from patrol_anpr.reading.detector import PlateDetector
from patrol_anpr.reading.ocr import Effort, PlateOcr
from patrol_anpr.reading.prior import decode
from patrol_anpr.wire.models import ShadowCounts

_SAME = 0.3
"""Intersection over union from which on two boxes are of one plate: those of real vehicles never overlap so far."""
_MOST = len(ShadowCounts().characters)


@dataclass(frozen=True, slots=True)
class SeenPlate:
    """A plate in a picture, and what one look says stands on it (folded); "" where that would make no Read."""

    box: Box
    text: str


def see(detector: PlateDetector, ocr: PlateOcr, pixels: Pixels, today: date) -> list[SeenPlate]:
    """Return the plates of a picture that are wide enough to be read in one look. Raises ModelRefused."""
    boxes = [plate.box for plate in detector.find(pixels) if plate.box.width >= ALONE]
    decoded = [decode(one.guesses, today) for one in ocr.look(pixels, boxes, effort=Effort.FRAME)]
    return [
        SeenPlate(box, fold(one.text) if 100 * prod(one.chars) >= ACCEPTED else "")
        for box, one in zip(boxes, decoded, strict=True)
    ]


def compared(old: Sequence[SeenPlate], new: Sequence[SeenPlate]) -> ShadowCounts:
    """Count what `new` made of a picture otherwise than `old`: a plate counts where one of them at least reads it."""
    left = list(new)
    agree = differ = only_old = only_new = 0
    characters = [0] * _MOST
    for one in old:
        other = max(left, key=lambda seen: one.box.iou(seen.box), default=None)
        if other is not None and one.box.iou(other.box) >= _SAME:
            left.remove(other)
        else:
            other = None
        text = other.text if other is not None else ""
        if one.text and text and one.text == text:
            agree += 1
        elif one.text and text:
            differ += 1
            characters[min(edit_distance(one.text, text), _MOST) - 1] += 1
        elif one.text:
            only_old += 1
        elif text:
            only_new += 1
    only_new += sum(bool(seen.text) for seen in left)
    return ShadowCounts(
        pictures=1, agree=agree, differ=differ, only_old=only_old, only_new=only_new, characters=tuple(characters)
    )


def added(one: ShadowCounts, other: ShadowCounts) -> ShadowCounts:
    """Return the sum of two counts."""
    names = ("pictures", "agree", "differ", "only_old", "only_new", "missed")
    sums = {name: getattr(one, name) + getattr(other, name) for name in names}
    pairs = zip(one.characters, other.characters, strict=True)
    return ShadowCounts(**sums, characters=tuple(first + second for first, second in pairs))
