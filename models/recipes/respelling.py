"""Real crops with other characters: letters and digits of real plates, put in each other's places.

The crops at hand are of few places, so most of their marks begin alike, and an OCR trained on them expects that: a
faint I at the beginning of a light-on-dark plate was read as an A, M, T or U. A respelt crop has the paint, the light
and the blur of a real one and a mark that nobody issued. Crops whose characters do not stand apart stay as they are.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import cv2
import numpy as np
from numpy.typing import NDArray

from patrol_anpr.domain.plate import Pixels

Rng = np.random.Generator
Glyph = tuple[int, int, int, int]  # x, y, width, height in px
Opacity = NDArray[np.float32]  # height x width: 0 is ground, 1 is paint

_LEAST_WIDTH = 90  # px, of a crop: below, characters run into each other
_TALL = (0.25, 0.85)  # of the crop's height: what may be a character
_ALIKE = 0.15  # of the height, by which characters of one plate differ
_ASKEW = 0.35  # of the height, by which one may stand higher than another
_NARROW, _LEAN = "1IJ", 0.22  # characters that may be leaner than this share of their height
_FAT = 1.1
_LEAST_CONTRAST = 24.0  # grey levels between paint and ground
_MARGIN = 2  # px around a character that are its own: its edge is soft
_HARD, _HARDER = "DGHIMNOQUVWY", 3  # letters of which 5 to 25 in a hundred were misread, others 1 to 4: so much oftener
_CHANGED = 0.6  # of the characters of a respelt crop
_FORM = (16, 28)  # px: the size at which characters are compared
_LIKE_OTHERS = 0.45  # correlation with the others of its name; below, label or cutting is wrong (two in a hundred)
_ERASED = 3.0  # px around the characters from which the ground under them is guessed


@dataclass(frozen=True, slots=True)
class Character:
    """One character of a real plate: what it is, how opaque its paint is, and its share of its plate's width."""

    char: str
    opacity: Opacity
    height: float
    wide: float


@dataclass(frozen=True, slots=True)
class Spelt:
    """A crop whose characters were found: the ground without them, their paint (BGR), their places and themselves."""

    ground: Pixels
    paint: NDArray[np.float32]
    places: tuple[Glyph, ...]
    characters: tuple[Character, ...]

    @property
    def text(self) -> str:
        """What stands on it."""
        return "".join(one.char for one in self.characters)


def spell(crop: Pixels, text: str) -> Spelt | None:
    """Find the characters of `text` in a BGR crop; None where they do not stand apart, one for one."""
    if crop.shape[1] < _LEAST_WIDTH:
        return None
    grey = cv2.cvtColor(crop, cv2.COLOR_BGR2GRAY)
    for dark_paint in (True, False):
        ink = _ink(grey, dark_paint=dark_paint)
        places = _row_of(ink, text)
        if places is not None:
            return _lifted(crop, ink, places, text)
    return None


def _ink(grey: NDArray[np.uint8], *, dark_paint: bool) -> NDArray[np.uint8]:
    """Return what is darker, or lighter, than its surroundings: 255, else 0."""
    smooth = cv2.GaussianBlur(grey, (3, 3), 0)
    block = max(9, grey.shape[0] // 2 | 1)
    kind = cv2.THRESH_BINARY_INV if dark_paint else cv2.THRESH_BINARY
    offset = 6 if dark_paint else -6
    return np.asarray(cv2.adaptiveThreshold(smooth, 255, cv2.ADAPTIVE_THRESH_GAUSSIAN_C, kind, block, offset), np.uint8)


def _row_of(ink: NDArray[np.uint8], text: str) -> tuple[Glyph, ...] | None:
    """Return the one row of as many parts of like height as `text` has characters, from the left; None without it."""
    _, _, stats, _ = cv2.connectedComponentsWithStats(ink, connectivity=4)
    least, most = (share * ink.shape[0] for share in _TALL)
    parts = sorted((int(x), int(y), int(w), int(h)) for x, y, w, h, _ in stats[1:] if least < h < most and w < _FAT * h)
    for _, y, _, height in parts:
        row = [
            part for part in parts if abs(part[3] - height) <= _ALIKE * height and abs(part[1] - y) <= _ASKEW * height
        ]
        if len(row) == len(text) and _fits(row, text):
            return tuple(row)
    return None


def _fits(row: Sequence[Glyph], text: str) -> bool:
    apart = all(left[0] + left[2] <= right[0] for left, right in pairwise(row))
    return apart and all(w >= _LEAN * h or char in _NARROW for (_, _, w, h), char in zip(row, text, strict=True))


def _lifted(crop: Pixels, ink: NDArray[np.uint8], row: Sequence[Glyph], text: str) -> Spelt | None:
    """Take the characters off the plate; None where paint and ground hardly differ."""
    mask = np.zeros_like(ink)
    parts = [_around(place) for place in row]
    for part in parts:
        mask[part] = cv2.dilate(ink[part], np.ones((3, 3), np.uint8), iterations=_MARGIN)
    core = (cv2.erode(ink, np.ones((3, 3), np.uint8)) > 0) & (mask > 0)
    if not core.any():
        return None
    ground = np.asarray(cv2.inpaint(crop, mask, _ERASED, cv2.INPAINT_TELEA), np.uint8)
    paint = np.median(crop[core], axis=0).astype(np.float32)
    contrast = paint.mean() - ground[mask > 0].mean()
    if abs(contrast) < _LEAST_CONTRAST:
        return None
    wide = float(np.median([w for _, _, w, _ in row]))
    characters = []
    for part, (*_, height), char in zip(parts, row, text, strict=True):
        under = ground[part].astype(np.float32)
        away = paint - under
        opacity = ((crop[part] - under) * away).sum(-1) / np.maximum((away**2).sum(-1), 1)
        opacity[mask[part] == 0] = 0
        characters.append(Character(char, np.clip(opacity, 0, 1.3).astype(np.float32), float(height), wide))
    return Spelt(ground, paint, tuple(row), tuple(characters))


def _around(place: Glyph) -> tuple[slice, slice]:
    x, y, w, h = place
    return np.s_[max(0, y - _MARGIN) : y + h + _MARGIN, max(0, x - _MARGIN) : x + w + _MARGIN]


class Respelling:
    """The characters of many crops, and crops to put them on. Not thread-safe."""

    def __init__(self, crops: Sequence[tuple[Pixels, str]], rng: Rng) -> None:
        self._rng = rng
        self.plates = without_strange([spelt for crop, text in crops if (spelt := spell(crop, text))])
        """The crops whose characters were found."""
        self._known: dict[str, list[Character]] = {}
        for plate in self.plates:
            for one in plate.characters:
                self._known.setdefault(one.char, []).append(one)
        self._letters = sorted(
            char for char in self._known for _ in range(_HARDER if char in _HARD else 1) if char.isalpha()
        )
        self._digits = sorted(char for char in self._known if char.isdigit())

    def draw(self) -> tuple[str, Pixels]:
        """Return a mark and its crop (BGR): a plate with some of its characters changed, letters for letters.

        Every letter is as likely as every other, and the hard ones likelier, whatever the plates at hand begin with.

        Raises:
            ValueError: there is no plate whose characters were found.
        """
        plate = self.plates[int(self._rng.integers(len(self.plates)))]
        pixels, text = plate.ground.astype(np.float32), ""
        for place, room, own in zip(plate.places, _rooms(plate), plate.characters, strict=True):
            one = self._another(own) if self._rng.random() < _CHANGED else own
            _put(pixels, plate, place, room, own, one)
            text += one.char
        return text, np.clip(pixels, 0, 255).astype(np.uint8)

    def _another(self, own: Character) -> Character:
        chars = self._letters if own.char.isalpha() else self._digits
        known = self._known[chars[int(self._rng.integers(len(chars)))]]
        return known[int(self._rng.integers(len(known)))]


def without_strange(plates: Sequence[Spelt]) -> list[Spelt]:
    """Leave out plates with a character that looks unlike the others of its name: a wrong label, a bolt, a scrape."""
    forms: dict[str, list[NDArray[np.float32]]] = {}
    for plate in plates:
        for one in plate.characters:
            forms.setdefault(one.char, []).append(_form(one))
    usual = {char: np.median(np.stack(seen), axis=0) for char, seen in forms.items()}
    return [
        plate
        for plate in plates
        if all(np.corrcoef(_form(one), usual[one.char])[0, 1] >= _LIKE_OTHERS for one in plate.characters)
    ]


def _form(one: Character) -> NDArray[np.float32]:
    return np.asarray(cv2.resize(one.opacity, _FORM, interpolation=cv2.INTER_AREA).ravel(), np.float32)


def _rooms(plate: Spelt) -> list[float]:
    """Return how wide, in px, a character may be at each place without touching its neighbours."""
    middles = [x + w / 2 for x, _, w, _ in plate.places]
    width = plate.ground.shape[1]
    gaps = [2 * middles[0], *(right - left for left, right in pairwise(middles)), 2 * (width - middles[-1])]
    return [min(left, right) - 1 for left, right in pairwise(gaps)]


def _put(pixels: NDArray[np.float32], plate: Spelt, place: Glyph, room: float, own: Character, one: Character) -> None:
    """Paint `one` in the middle of `place`, as tall as what stood there and as wide as its plate's characters are."""
    height, width = pixels.shape[:2]
    x, y, w, h = place
    tall = round(one.opacity.shape[0] * h / one.height)
    wide = round(min(one.opacity.shape[1] * own.wide / one.wide, max(room, w)))
    shape = cv2.resize(one.opacity, (max(2, wide), max(2, tall)), interpolation=cv2.INTER_AREA)
    left, top = round(x + w / 2 - shape.shape[1] / 2), round(y + h / 2 - shape.shape[0] / 2)
    x1, y1, x2, y2 = max(left, 0), max(top, 0), min(left + shape.shape[1], width), min(top + shape.shape[0], height)
    if x2 <= x1 or y2 <= y1:
        return
    opacity = shape[y1 - top : y2 - top, x1 - left : x2 - left, None]
    part = pixels[y1:y2, x1:x2]
    part += (plate.paint - part) * opacity
