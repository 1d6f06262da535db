"""Rendered UK plates on a piece of a vehicle: the mark is invented, the plate drawn by `patrol_anpr.drawing`.

What the drawing leaves clean is worn here: tint, stroke weight, raised letters, screws, dirt, frame, paint around.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import cv2
import numpy as np
from foreign_plates import LETTERS, by_turns, foreign_plate, run
from numpy.typing import NDArray

from patrol_anpr.domain.plate import Pixels, PlateColour
from patrol_anpr.domain.vrm import VrmFormat, format_of
from patrol_anpr.lab.marks import random_mark
from patrol_anpr.lettering.plate import Band, PlateLook, draw_plate

Rng = np.random.Generator

# Flatter than on the road, so that the rare formats are learned too; see marks.UK_PROPORTIONS.
TRAINING_PROPORTIONS: Mapping[VrmFormat, float] = {
    VrmFormat.CURRENT: 0.64,
    VrmFormat.PREFIX: 0.10,
    VrmFormat.SUFFIX: 0.06,
    VrmFormat.DATELESS: 0.10,
    VrmFormat.NORTHERN_IRELAND: 0.08,
    VrmFormat.Q_PLATE: 0.01,
    VrmFormat.DIPLOMATIC: 0.01,
}
ODD_SHARE = 0.15  # marks of no UK format, so that the OCR reads what is there and not what ought to be
_FOREIGN_SHARE = 0.25  # plates of no UK make: a face of its letters is not the letter
_LONGEST = 10  # characters, as the OCR has places: without such marks it drops the last ones of an Indian plate
_TWO_LINE_SHARE = 0.05
_BENT_SHARE = 0.35
SCALE = 0.5  # px/mm: a plate of 260 px, more than the OCR's 128 will ever see
_USUAL_WIDTH = 520  # mm
_BANDS, _BAND_SHARES = ("none", "uk", "gb", "gb_euro", "green"), (0.55, 0.12, 0.06, 0.20, 0.07)
_OLD = {VrmFormat.PREFIX, VrmFormat.SUFFIX, VrmFormat.DATELESS, VrmFormat.NORTHERN_IRELAND}


@dataclass(frozen=True, slots=True)
class RenderedPlate:
    """A plate with its surroundings (BGR) and where its corners are: 4 x 2 px, clockwise from the top left."""

    text: str
    pixels: Pixels
    corners: NDArray[np.float32]


def render(rng: Rng, text: str = "") -> RenderedPlate:
    """Render the plate of a mark, else of an invented one, worn as plates are, on a piece of a vehicle."""
    text = text or invent_mark(rng)
    return _placed(text, _drawn(text, rng, two_line=rng.random() < _TWO_LINE_SHARE), rng)


def render_any(rng: Rng) -> RenderedPlate:
    """Render a plate to learn from: mostly of the UK, else of no country's make (foreign_plates.py)."""
    return _placed(*foreign_plate(rng), rng) if rng.random() < _FOREIGN_SHARE else render(rng)


def _placed(text: str, clean: NDArray[np.float32], rng: Rng) -> RenderedPlate:
    """Wear a clean plate, put it on a piece of a vehicle and bend it with its bumper."""
    plate = worn(clean, rng)
    scene, corners = _mounted(plate, rng)
    if rng.random() < _BENT_SHARE:
        scene = _bent(scene, corners, rng)
    return RenderedPlate(text, np.clip(scene, 0, 255).astype(np.uint8), corners)


def render_bare(rng: Rng, *, two_line: bool = False) -> Pixels:
    """Invent a mark and render its worn plate alone, without surroundings."""
    return np.clip(worn(_drawn(invent_mark(rng), rng, two_line=two_line), rng), 0, 255).astype(np.uint8)


def invent_mark(rng: Rng) -> str:
    """Invent a mark: mostly of a UK format, now and then of none."""
    return odd_mark(rng) if rng.random() < ODD_SHARE else random_mark(rng, TRAINING_PROPORTIONS)


def odd_mark(rng: Rng) -> str:
    """Invent a mark of no UK format: letters and digits by turns, in two to four groups, up to ten in all."""
    return "".join(by_turns(rng, 4))[:_LONGEST]


def _drawn(text: str, rng: Rng, *, two_line: bool) -> NDArray[np.float32]:
    kind = format_of(text)
    old = kind in _OLD
    look = PlateLook(
        band=Band(rng.choice(_BANDS, p=_BAND_SHARES)),
        two_line=two_line,
        supplier=run(rng, LETTERS, 1, 4) + run(rng, LETTERS, 1, 4) + " " + run(rng, LETTERS, 1, 4)
        if rng.random() < 0.25
        else "",
        border=bool(rng.random() < 0.25),
        black_and_silver=bool(old and rng.random() < 0.15),
        group_gap=float(rng.choice([11, 18, 24, 45, 60])) if rng.random() < 0.14 else None,
        plain=bool(rng.random() < 0.2),
    )
    colour = PlateColour.YELLOW if rng.random() < 0.42 else PlateColour.WHITE
    plate = draw_plate(text, colour=colour, look=look, scale=SCALE)
    if old and rng.random() < 0.4:  # letters were 57 mm wide before 2001
        plate = cv2.resize(plate, (round(plate.shape[1] * rng.uniform(1.04, 1.14)), plate.shape[0]))
    usual = round(_USUAL_WIDTH * SCALE)
    if plate.shape[1] > usual and rng.random() < 0.7:  # ten characters stand on a plate no wider than seven
        plate = cv2.resize(plate, (round(usual * rng.uniform(0.9, 1.05)), plate.shape[0]), interpolation=cv2.INTER_AREA)
    return plate.astype(np.float32)


def worn(plate: NDArray[np.float32], rng: Rng) -> NDArray[np.float32]:
    """Give a clean plate its age: stroke weight, raised letters, tint, sheen, screws, mirrored light, dirt."""
    if rng.random() < 0.5:
        plate = _reweighted(plate, rng)
    if rng.random() < 0.15:
        plate = _raised(plate, rng)
    plate = plate * (1 + rng.normal(0, 0.035, 3).astype(np.float32)) * rng.uniform(0.72, 1.04) + rng.uniform(0, 26)
    if rng.random() < 0.4:
        sheen = np.linspace(-1, 1, plate.shape[0], dtype=np.float32)[:, None, None]
        plate = plate + sheen * rng.uniform(-22, 22)
    if rng.random() < 0.45:
        _screw(plate, rng)
    if rng.random() < 0.4:
        bolt(plate, rng)
    if rng.random() < 0.2:
        plate = _reflecting(plate, rng)
    if rng.random() < 0.3:
        clouds = cv2.resize(rng.random((4, 10), dtype=np.float32), plate.shape[1::-1], interpolation=cv2.INTER_CUBIC)
        grime = (np.clip(clouds - 0.45, 0, 1) * rng.uniform(0.2, 1.1))[..., None]
        plate = plate * (1 - grime) + np.float32([48, 62, 74]) * grime
    return plate


def _reweighted(plate: NDArray[np.float32], rng: Rng) -> NDArray[np.float32]:
    """Thicken or thin the letters by up to about 1.5 mm a side, as makers do."""
    kernel = np.ones((3, 3), np.uint8)
    other = cv2.erode(plate, kernel) if rng.random() < 0.5 else cv2.dilate(plate, kernel)
    share = np.float32(rng.uniform(0.1, 0.75))
    return plate * (1 - share) + other * share


def _raised(plate: NDArray[np.float32], rng: Rng) -> NDArray[np.float32]:
    """Letters of gel or acrylic: light catches one of their edges, the other throws a shadow."""
    luma = plate.mean(axis=2)
    matrix = np.array([[1, 0, 1], [0, 1, float(rng.choice([-1, 1]))]], np.float32)
    moved = cv2.warpAffine(luma, matrix, luma.shape[::-1], borderMode=cv2.BORDER_REPLICATE)
    return plate + np.clip(moved - luma, -90, 120)[..., None] * np.float32(rng.uniform(0.15, 0.5))


def _screw(plate: NDArray[np.float32], rng: Rng) -> None:
    """Two screws or caps: black, steel, or in the plate's own colour."""
    height, width = plate.shape[:2]
    ground = tuple(float(level) for level in np.percentile(plate.reshape(-1, 3), 75, axis=0) * 0.85)
    colour = [ground, (35.0, 35.0, 35.0), (150.0, 155.0, 160.0)][int(rng.integers(3))]
    across, down = rng.uniform(0.03, 0.3), rng.uniform(0.12, 0.88) if rng.random() < 0.5 else 0.5
    for share in (across, 1 - across):
        place = (round(width * share), round(height * down))
        cv2.circle(plate, place, int(rng.integers(2, 5)), colour, -1, cv2.LINE_AA)


def bolt(plate: NDArray[np.float32], rng: Rng, scale: float = SCALE) -> None:
    """Put dark bolts into a BGR plate of `scale` px/mm, in place.

    Two where a plate is bolted to the car, through whatever letter stands there, or some anywhere.
    """
    height, width = plate.shape[:2]
    if rng.random() < 0.5:
        across, down, radius = rng.uniform(0.15, 0.42), rng.uniform(0.35, 0.65), 2 * int(rng.integers(3, 7))  # mm
        for share in (across, 1 - across):
            _one_bolt(plate, (round(width * share), round(height * down)), radius * scale, rng)
    else:
        for _ in range(int(rng.integers(1, 4))):
            place = int(rng.integers(width)), int(rng.uniform(0.2, 0.85) * height)
            _one_bolt(plate, place, 2 * int(rng.integers(2, 6)) * scale, rng)


def _one_bolt(plate: NDArray[np.float32], place: tuple[int, int], radius: float, rng: Rng) -> None:
    """A bolt of `radius` px at `place`, and the rust that ran from it: an O with one looks like a G."""
    (x, y), reach = place, max(1, round(radius))
    if rng.random() < 0.6:
        run = plate[y : y + int(rng.uniform(0.1, 0.5) * len(plate)), max(0, x - reach // 2) : x + reach // 2 + 1]
        fading = np.linspace(rng.uniform(0.4, 0.9), 0, run.shape[0], dtype=np.float32)[:, None, None]
        run[:] = run * (1 - fading) + np.float32([30, 50, 80]) * fading
    shade = rng.uniform(15, 90)
    cv2.circle(plate, place, reach, (shade, shade, shade * rng.uniform(1, 1.4)), -1, cv2.LINE_AA)


def _reflecting(plate: NDArray[np.float32], rng: Rng) -> NDArray[np.float32]:
    """Sky or sun mirrored in patches on a plate's gloss: part of a letter turns grey, and a W loses its middle."""
    height, width = plate.shape[:2]
    lit = np.zeros((height, width), np.float32)
    for _ in range(int(rng.integers(1, 5))):
        place = (int(rng.integers(width)), int(rng.uniform(-0.1, 0.8) * height))
        axes = (int(rng.uniform(0.02, 0.15) * width), int(rng.uniform(0.04, 0.35) * height) + 1)
        cv2.ellipse(lit, place, axes, rng.uniform(-30, 30), 0, 360, rng.uniform(0.4, 1.0), -1, cv2.LINE_AA)
    soft = cv2.GaussianBlur(lit, (0, 0), rng.uniform(0.5, 4))[..., None]
    return plate + soft * np.float32(rng.uniform(40, 170))


def _overhung(scene: NDArray[np.float32], top: int, height: int, rng: Rng) -> None:
    """The lip of a bumper or boot over the plate's upper edge, down to the tops of the letters, and its shadow."""
    end = top + int(rng.uniform(0.05, 0.22) * height)
    scene[:end] = np.float32(rng.uniform(6, 120)) + rng.normal(0, 8, 3).astype(np.float32)
    shade = np.linspace(rng.uniform(0.35, 0.9), 1, max(2, int(rng.uniform(0.02, 0.3) * height)), dtype=np.float32)
    scene[end : end + len(shade)] *= shade[:, None, None]


def _bent(scene: NDArray[np.float32], corners: NDArray[np.float32], rng: Rng) -> NDArray[np.float32]:
    """Bend the plate with the bumper it is stuck to: seen from above or below, its lines of letters are arcs."""
    height, width = scene.shape[:2]
    left, right = corners[0, 0], corners[2, 0]
    rows, columns = np.mgrid[0:height, 0:width].astype(np.float32)
    from_middle = (columns - (left + right) / 2) / ((right - left) / 2)
    sag = np.clip(rng.normal(0, 0.025), -0.06, 0.06) * (right - left)
    shifted = (rows + sag * (from_middle**2 - 0.5)).astype(np.float32)  # half of it at the ends, half in the middle
    return np.asarray(cv2.remap(scene, columns, shifted, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE))


def _mounted(plate: NDArray[np.float32], rng: Rng) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Put a plate on paint with edges and shadows, with or without a frame around it."""
    height, width = plate.shape[:2]
    side, above = round(width * 0.22), round(height * 0.5)
    shape = (height + 2 * above, width + 2 * side)
    paint = rng.uniform(6, 215) if rng.random() < 0.6 else rng.uniform(6, 50)
    scene = np.full((*shape, 3), paint, np.float32) + rng.normal(0, 16, 3).astype(np.float32)
    scene += np.linspace(-1, 1, shape[0], dtype=np.float32)[:, None, None] * rng.uniform(-55, 55)
    for _ in range(int(rng.integers(0, 5))):  # the edges of bumper, boot lid and grille
        level, slope = int(rng.integers(0, shape[0])), int(rng.integers(-8, 9))
        shade = (float(rng.uniform(0, 220)),) * 3
        cv2.line(scene, (0, level), (shape[1], level + slope), shade, int(rng.integers(1, 12)), cv2.LINE_AA)
    frame = int(rng.integers(2, 8)) if rng.random() < 0.5 else 0
    lip = int(rng.integers(2, 11)) if rng.random() < 0.5 else 0
    if frame or lip:
        corner = (side + width + frame, above + height + frame + lip)
        cv2.rectangle(scene, (side - frame, above - frame), corner, (float(rng.uniform(5, 60)),) * 3, -1)
    if lip > 6:  # the dealer's name on the frame below the plate, too small to be read
        ink, left = (float(rng.uniform(150, 235)),) * 3, side + round(width * rng.uniform(0.2, 0.5))
        for at in range(left, left + int(rng.integers(20, 90)), 4):
            cv2.rectangle(
                scene, (at, above + height + frame + 2), (at + int(rng.integers(0, 3)), corner[1] - 3), ink, -1
            )
    scene[above : above + height, side : side + width] = plate
    if rng.random() < 0.1:
        _overhung(scene, above, height, rng)
    left, top, right, bottom = side, above, side + width, above + height
    return scene, np.float32([[left, top], [right, top], [right, bottom], [left, bottom]])
