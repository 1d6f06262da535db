"""Pictures of a plate made of several frames: aligned and averaged, so that grain and blocks of the codec fade."""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from patrol_anpr.domain.plate import Box, Frame, Pixels
from patrol_anpr.reading.ocr import PADDING, cut_out

MOST_CROPS = 6
"""More frames bring nothing: the farther ones blur what the nearer ones show (`patrol-anpr bench passes`)."""

_SIZE = (192, 96)
"""px, width x height: more than the OCR's form has (128 x 64), so that frames can fall together finer than that."""
_ALIGNED_AT = (96, 48)
"""px: at half the size the alignment costs half and the composites are read as well (measured)."""
_ALIKE = 0.6
"""Correlation (0 to 1); below it a frame shows something else, or too little, and is left out (judged)."""
_AT_MOST = (cv2.TERM_CRITERIA_COUNT | cv2.TERM_CRITERIA_EPS, 20, 1e-3)
"""Steps of an alignment, and the gain in correlation below which it stops earlier (judged)."""
_LEAST_CONTRAST = 1.0
"""Grey levels (standard deviation): a crop with less is not stretched further, it would be noise."""
_SHARPENING, _RADIUS = 1.5, 2.5
"""Share of the detail added, px: a mean of frames is softer than any of them, so each is read sharpened too."""
_REFERENCES = 3
"""Crops to which the others are aligned in turn: what one blurs another may show (measured: docs/adr/0008)."""

_NEARER = -0.075
"""Padding: boxes are loose, and then letters are small, so composites are looked at closer too (docs/adr/0010)."""
_PLATE = Box(
    _SIZE[0] * PADDING[0] / (1 + 2 * PADDING[0]),
    _SIZE[1] * PADDING[1] / (1 + 2 * PADDING[1]),
    _SIZE[0] * (1 + PADDING[0]) / (1 + 2 * PADDING[0]),
    _SIZE[1] * (1 + PADDING[1]) / (1 + 2 * PADDING[1]),
)
"""Where the plate is in a composite: with the OCR's padding it is the whole picture."""


_SEEN = (_PLATE, _PLATE.padded(_NEARER, _NEARER, within=_SIZE))


@dataclass(frozen=True, slots=True)
class Crop:
    """A plate in one frame, brought to one size: `text` is what was read there, `weight` what it counts."""

    pixels: Pixels
    text: str
    weight: float


@dataclass(frozen=True, slots=True)
class Sheet:
    """Composites below each other in one picture, each to be looked at from afar and from nearer.

    `plates` says where, `references` to which crop each was aligned.
    """

    pixels: Pixels
    plates: tuple[Box, ...]
    references: tuple[Crop, ...]


def crop_of(frame: Frame, box: Box, text: str, weight: float) -> Crop:
    """Copy the plate at `box` out of `frame`."""
    pixels = cv2.resize(cut_out(frame.pixels, box, PADDING), _SIZE, interpolation=cv2.INTER_CUBIC)
    return Crop(np.asarray(pixels, np.uint8), text, weight)


def turned_round(crop: Crop) -> tuple[Pixels, Box]:
    """Return the picture of a crop as a mirror shows it, and where its plate is there."""
    return np.ascontiguousarray(crop.pixels[:, ::-1]), _PLATE


def lay_out(crops: Sequence[Crop]) -> Sheet | None:
    """Make the composites of `crops`, the best first, for the OCR to read in one go; None when there is none."""
    made: list[tuple[Crop, Pixels]] = []
    for place, first in enumerate(crops[:_REFERENCES]):
        composite = compose([first, *crops[:place], *crops[place + 1 :]])
        if composite is not None:
            made += [(first, composite), (first, _sharpened(composite))]
    if not made:
        return None
    places = [(_lowered(plate, row * _SIZE[1]), first) for row, (first, _) in enumerate(made) for plate in _SEEN]
    plates, references = zip(*places, strict=True)
    return Sheet(np.vstack([composite for _, composite in made]), plates, references)


def _lowered(box: Box, down: float) -> Box:
    return Box(box.x1, box.y1 + down, box.x2, box.y2 + down)


def _sharpened(pixels: Pixels) -> Pixels:
    around = cv2.GaussianBlur(pixels, (0, 0), _RADIUS)
    return np.asarray(cv2.addWeighted(pixels, 1 + _SHARPENING, around, -_SHARPENING, 0), np.uint8)


def compose(crops: Sequence[Crop]) -> Pixels | None:
    """Return the weighted mean of `crops`, each aligned to the first; None when none of the others falls upon it.

    The alignment is the affine one of best correlation (Evangelidis and Psarakis 2008, OpenCV's findTransformECC). Each
    crop is brought to the first one's brightness and contrast.
    """
    if len(crops) < 2:
        return None
    first = crops[0]
    mean, contrast = float(first.pixels.mean()), float(first.pixels.std())
    pattern = _pattern(first.pixels)
    summed, weight = first.pixels * np.float32(first.weight), first.weight
    for crop in crops[1:]:
        matrix = _aligned(pattern, _pattern(crop.pixels))
        if matrix is None:
            continue
        flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
        moved = cv2.warpAffine(crop.pixels, matrix, _SIZE, flags=flags, borderMode=cv2.BORDER_REPLICATE)
        gain = contrast / max(float(moved.std()), _LEAST_CONTRAST)
        summed += ((moved - np.float32(moved.mean())) * np.float32(gain) + np.float32(mean)) * np.float32(crop.weight)
        weight += crop.weight
    if weight == first.weight:
        return None
    return np.asarray(np.clip(summed / weight, 0, 255), np.uint8)


def _pattern(pixels: Pixels) -> Pixels:
    """What is compared: light and dark, at the size of the alignment."""
    small = cv2.resize(pixels, _ALIGNED_AT, interpolation=cv2.INTER_AREA)
    return np.asarray(cv2.cvtColor(small, cv2.COLOR_BGR2GRAY), np.uint8)


def _aligned(wanted: Pixels, given: Pixels) -> NDArray[np.float32] | None:
    """Return the 2 x 3 matrix that takes places of `wanted` to those of `given`, in pixels of _SIZE; None if unlike."""
    start = np.eye(2, 3, dtype=np.float32)
    try:
        alike, found = cv2.findTransformECC(wanted, given, start, cv2.MOTION_AFFINE, _AT_MOST, inputMask=None)
    except cv2.error:  # it says so when the search runs away
        return None
    if not alike >= _ALIKE:  # also where it is no number
        return None
    matrix = np.array(found, np.float32)
    matrix[:, 2] *= _SIZE[0] / _ALIGNED_AT[0]  # both axes have the same scale
    return matrix
