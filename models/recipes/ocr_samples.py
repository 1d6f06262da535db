"""What the OCR is trained and measured on: rendered and real crops, seen through a camera, in the OCR's form."""

import math
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

import cv2
import numpy as np
from degradations import degrade, degrade_unseen
from numpy.typing import NDArray
from real_crops import RealCrop
from rendered_plates import RenderedPlate, Rng, bolt, odd_mark, render, render_any
from respelling import Respelling

from patrol_anpr.domain.plate import Box, Pixels
from patrol_anpr.lab.approach import corners_of

ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_"  # of models/plate_ocr_uk_config.yaml; "_" is an empty slot
SLOTS = 10
SIZE = (128, 64)  # px, width x height
_LEGIBLE = 110  # px: a plate of ten characters that can be read
NEAR = "both"  # the set of all real crops as they are, whoever labelled them
BANDS = (40, 56, 70, 80)  # px: plate widths at which accuracy is told
_ASKEW_SHARE = 0.2
_TALLEST = 1.5  # height of a crop in widths
_TURNED_SHARE, _TURNED = 0.5, 0.8  # of real crops, and how strongly; they have a margin and hang a little already
_BOLTED_SHARE = 0.25  # of real crops: so more marks with a bolt in a letter are read than with rendered plates alone
_CROP_HEIGHT = 150.0  # mm: a plate of one line and its margin
RENDERED, RESPELT = -1, -2  # instead of the number of a real crop
_Plate = TypeVar("_Plate")
Distance = Callable[[Rng], tuple[float, float]]  # a plate's width (px) and how hard the camera makes it (0 to 1)
_FRESH = 0.15  # a plate costs ten times what its degradation costs, so each is seen some seven times


@dataclass(frozen=True, slots=True)
class OcrSet:
    """Pictures to measure on, N x 64 x 128 x 3 uint8 RGB, what stands on them, and how wide they were (px)."""

    name: str
    views: NDArray[np.uint8]
    texts: tuple[str, ...]
    widths: tuple[float, ...]


def view_of(crop: Pixels) -> NDArray[np.uint8]:
    """Bring a BGR crop into the OCR's form, as its loader does."""
    rgb = cv2.cvtColor(crop, cv2.COLOR_BGR2RGB)
    return np.asarray(cv2.resize(rgb, SIZE, interpolation=cv2.INTER_LINEAR), dtype=np.uint8)


def encoded(text: str) -> NDArray[np.int64]:
    """Return the slots of a text: ten places in ALPHABET, empty ones at the end."""
    return np.array([ALPHABET.index(char) for char in text.ljust(SLOTS, ALPHABET[-1])])


def photograph(plate: RenderedPlate, width: float, rng: Rng, *, strength: float = 1.0) -> Pixels:
    """Look at a rendered plate from the road and cut it out as the detector and its padding do, `width` px wide.

    `strength` scales roll, lean and yaw, which are twice as strong for one vehicle in five: parked, turning or beside
    us. A box is that of the leaning plate, grown by about 5 % a side and 10 % above and below, as loosely as a detector
    draws it. A squat plate turned far away gets a wider one: none is drawn much higher than wide.
    """
    strength *= 2 if rng.random() < _ASKEW_SHARE else 1
    size = plate.corners[2] - plate.corners[0]
    roll, lean = math.radians(np.clip(rng.normal(0, 4) * strength, -18, 18)), np.clip(rng.normal(0, 0.09), -0.2, 0.2)
    yaw = math.cos(math.radians(min(abs(rng.normal(0, 22 * strength)), 60)))
    turn = np.array([[math.cos(roll), -math.sin(roll)], [math.sin(roll), math.cos(roll)]])
    quad = (plate.corners - plate.corners.mean(0)) @ (turn @ np.array([[yaw, lean * strength], [0, 1]])).T
    quad = quad + rng.normal(0, 0.014 * strength, (4, 2)) * size
    (left, top), (right, bottom) = quad.min(0), quad.max(0)
    across, down = right - left, bottom - top
    grow = rng.normal([0.05, 0.05, 0.10, 0.10], [0.03, 0.03, 0.06, 0.06]) * [across, across, down, down]
    left, right, top, bottom = left - grow[0], right + grow[1], top - grow[2], bottom + grow[3]
    missing = max(0.0, (bottom - top) / _TALLEST - (right - left))
    left, right = left - missing / 2, right + missing / 2
    scale = width / (right - left)
    shape = (max(8, round(width)), max(6, round((bottom - top) * scale)))
    return _warped(plate, (quad - [left, top]) * scale, shape, scale)


def _warped(plate: RenderedPlate, corners: NDArray[np.float64], size: tuple[int, int], scale: float) -> Pixels:
    """Warp the plate's corners to `corners`; the picture is first shrunk to about the size wanted, against aliasing."""
    share = min(1.0, scale * 1.4)
    pixels, source = plate.pixels, plate.corners
    if share < 1:
        height, width = pixels.shape[:2]
        small = (max(8, round(width * share)), max(8, round(height * share)))
        source = source * np.float32([small[0] / width, small[1] / height])
        pixels = cv2.resize(pixels, small, interpolation=cv2.INTER_AREA)
    matrix = cv2.getPerspectiveTransform(source.astype(np.float32), corners.astype(np.float32))
    warped = cv2.warpPerspective(pixels, matrix, size, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(warped, dtype=np.uint8)


def reframed(crop: Pixels, width: float, rng: Rng, *, strength: float = 1.0) -> Pixels:
    """Shrink a real crop to `width` px and draw its box a little differently; nothing is mirrored."""
    height, across = crop.shape[:2]
    edge = _edge_of(crop)
    plate = RenderedPlate("", crop, edge)
    jitter = rng.uniform(-0.035, 0.05, 4) * [across, across, height, height] * strength
    quad = edge + rng.normal(0, 0.009 * strength, (4, 2)) * [across, height]
    quad = quad + np.float32([jitter[0], jitter[2]])
    scale = width / (across + jitter[0] + jitter[1])
    shape = (max(8, round(width)), max(6, round((height + jitter[2] + jitter[3]) * scale)))
    return _warped(plate, quad * scale, shape, scale)


def _edge_of(crop: Pixels) -> NDArray[np.float32]:
    return corners_of(Box(0, 0, crop.shape[1], crop.shape[0]))


def pick_distance(rng: Rng) -> tuple[float, float]:
    """Draw a Distance as the road has them: far plates are hard, near ones fair."""
    share = rng.random()
    if share < 0.28:
        return rng.uniform(90, 190), 0.35
    if share < 0.74:
        return rng.uniform(50, 110), 0.7
    return rng.uniform(32, 60), 1.0


def pick_near(rng: Rng) -> tuple[float, float]:
    """Draw a near Distance: what the OCR for near plates is trained on."""
    return rng.uniform(90, 260), 0.3


class Rendered:
    """Rendered crops without end: a pool of plates, of which each draw renews one now and then. Not thread-safe."""

    def __init__(self, rng: Rng, pool: int, distance: Distance = pick_distance) -> None:
        self._rng = rng
        self._distance = distance
        self._plates = [render_any(rng) for _ in range(pool)]

    def draw(self) -> tuple[str, Pixels]:
        """Return a text and its degraded crop (BGR)."""
        rng, place = self._rng, int(self._rng.integers(len(self._plates)))
        if rng.random() < _FRESH:
            self._plates[place] = render_any(rng)
        plate, (width, severity) = self._plates[place], self._distance(rng)
        return plate.text, degrade(photograph(plate, width, rng), severity, rng)


def degraded_real(crop: Pixels, rng: Rng, distance: Distance = pick_distance) -> Pixels:
    """Return a real crop as a farther, poorer camera would have seen it; one in six stays as it is.

    Half of the others hang otherwise, as rendered plates do: what was cut out for labelling mostly hangs straight. A
    quarter get bolts.
    """
    if rng.random() < 0.16:
        return crop
    if rng.random() < _BOLTED_SHARE:
        crop = _bolted(crop, rng)
    width, severity = distance(rng)
    width = min(width, crop.shape[1])
    if rng.random() < _TURNED_SHARE:
        seen = photograph(RenderedPlate("", crop, _edge_of(crop)), width, rng, strength=_TURNED)
    else:
        seen = reframed(crop, width, rng)
    return degrade(seen, severity * 0.85, rng)


def _bolted(crop: Pixels, rng: Rng) -> Pixels:
    pixels = crop.astype(np.float32)
    bolt(pixels, rng, len(crop) / _CROP_HEIGHT)
    return np.asarray(pixels.clip(0, 255), np.uint8)


def chances(crops: Sequence[RealCrop]) -> NDArray[np.float64]:
    """Return how often each crop is drawn: those whose marks begin alike get the square root of their number together.

    Nearly half of the crops at hand begin with A or B, being of two places, and a faint I at the beginning is read as
    an A among others.
    """
    alike = Counter(crop.text[0] for crop in crops)
    weights = np.array([alike[crop.text[0]] ** -0.5 for crop in crops])
    return weights / weights.sum()


class Mixture:
    """Batches, half real and half rendered. Not thread-safe: one for each worker, each with its own generator.

    Of the real ones a share is respelt: their characters were exchanged with those of others (respelling.py).
    """

    def __init__(
        self,
        crops: Sequence[RealCrop],
        rng: Rng,
        *,
        pool: int = 1200,
        real_share: float = 0.5,
        respelt_share: float = 0.5,
        distance: Distance = pick_distance,
    ) -> None:
        self._crops = [crop.pixels() for crop in crops]
        self._texts = [crop.text for crop in crops]
        self._chances = chances(crops)
        self._rendered = Rendered(rng, pool, distance)
        self._rng = rng
        self._distance = distance
        self._real_share = real_share if crops else 0.0
        self._respelling = Respelling(list(zip(self._crops, self._texts, strict=True)), rng)
        self._respelt_share = respelt_share if self._respelling.plates else 0.0

    def batch(self, size: int) -> tuple[NDArray[np.uint8], NDArray[np.int64], NDArray[np.int64]]:
        """Return views N x 64 x 128 x 3, slots N x 10, and which real crop each is, or RENDERED or RESPELT."""
        views = np.empty((size, SIZE[1], SIZE[0], 3), np.uint8)
        slots = np.empty((size, SLOTS), np.int64)
        origin = np.empty(size, np.int64)
        real = size * self._real_share
        respelt = int(real * self._respelt_share)  # rounded down: some of every batch are as they are, and taught
        for at in range(size):
            if at < respelt:
                origin[at], (text, crop) = RESPELT, self._respelling.draw()
            elif at < real:
                origin[at] = self._rng.choice(len(self._crops), p=self._chances)
                text, crop = self._texts[origin[at]], self._crops[origin[at]]
            else:
                origin[at], (text, crop) = RENDERED, self._rendered.draw()
            if at < real:
                crop = degraded_real(crop, self._rng, self._distance)
            slots[at], views[at] = encoded(text), view_of(crop)
        return views, slots, origin


def validation_sets(
    crops: Sequence[RealCrop], others: Sequence[RealCrop] = (), *, rendered: int = 250, seed: int = 777
) -> list[OcrSet]:
    """Build what accuracy is measured on, the same for every model.

    Real crops as they are, by who labelled them (a machine's labels only tell agreement with that machine); those with
    people's labels at each width of BANDS through a degradation that training never uses; rendered plates the same;
    rendered plates of as many characters as the OCR has places. `others` are crops of other sources than those trained
    on, as they are and far away: an OCR that reads more of its own and less of these has forgotten.
    """
    sure = [(crop.text, crop.pixels()) for crop in crops if not crop.by_machine]
    machine = [(one.text, one.pixels()) for one in crops if one.by_machine]
    elsewhere = [(one.text, one.pixels()) for one in others]
    plates = [(one.text, one) for one in (render(rng) for rng in _generators(rendered, seed))]
    full = [(one.text, one) for one in (render(rng, _long_mark(rng)) for rng in _generators(rendered // 2, seed))]
    sets = [
        _set("real", sure),
        _set("machine-labelled", machine),
        _set(NEAR, sure + machine),
        *(_unseen("real, unseen kinds", sure, _far, band, seed) for band in BANDS),
        *(_unseen("rendered, unseen kinds", plates, _seen, band, seed) for band in BANDS),
        _unseen("rendered, 9 or 10 characters", full, _seen, _LEGIBLE, seed),
        _set("other sources", elsewhere),
        *(_unseen("other sources, unseen kinds", elsewhere, _far, band, seed) for band in BANDS),
    ]
    return [one for one in sets if one.texts]


def _generators(count: int, seed: int) -> list[Rng]:
    """One generator a plate, the same at every width: the bands then differ by the width and by nothing else."""
    return [np.random.default_rng((seed, at)) for at in range(count)]


def _unseen(
    name: str, plates: Sequence[tuple[str, _Plate]], look: Callable[[_Plate, int, Rng], Pixels], width: int, seed: int
) -> OcrSet:
    """Look at each plate from so far that it is `width` px wide."""
    generators = _generators(len(plates), seed)
    seen = [(text, look(plate, width, rng)) for (text, plate), rng in zip(plates, generators, strict=True)]
    return _set(f"{name}, {width} px", seen)


def _long_mark(rng: Rng) -> str:
    while len(mark := odd_mark(rng)) < SLOTS - 1:
        pass
    return mark


def _seen(plate: RenderedPlate, width: int, rng: Rng) -> Pixels:
    return degrade_unseen(photograph(plate, width, rng, strength=0.7), rng)


def _far(crop: Pixels, width: int, rng: Rng) -> Pixels:
    return degrade_unseen(reframed(crop, min(width, crop.shape[1]), rng, strength=0.0), rng)


def _set(name: str, crops: Sequence[tuple[str, Pixels]]) -> OcrSet:
    views = np.stack([view_of(crop) for _, crop in crops]) if crops else np.empty((0, SIZE[1], SIZE[0], 3), np.uint8)
    return OcrSet(name, views, tuple(text for text, _ in crops), tuple(float(crop.shape[1]) for _, crop in crops))
