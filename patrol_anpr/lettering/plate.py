"""A clean UK number plate as a picture, from the statutory letters of lettering/glyphs.py."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import cast

import cv2
import numpy as np
from numpy.typing import NDArray

from patrol_anpr.domain.plate import Pixels, PlateColour
from patrol_anpr.domain.vrm import normalise, spaced
from patrol_anpr.lettering.glyphs import CAR, MOTORCYCLE, Lettering, LetterSize, layout

Colour = tuple[int, int, int]  # BGR
_Fill = Callable[..., None]

CAR_PLATE = (520.0, 111.0)  # mm, width x height
MOTORCYCLE_PLATE = (228.0, 178.0)
BAND_WIDTH = 50.0
_GREEN_FLASH_WIDTH = 42.0
_FINE = 4  # letters are filled at this many times the final size and shrunk, which smooths their edges
_SUPPLIER = LetterSize(height=6.5, width=4.2, stroke=1.1, gap=1.3, group_gap=4, line_gap=2, margin=0)
_BAND_LETTERS = LetterSize(height=21, width=13.5, stroke=3.6, gap=3.2, group_gap=6, line_gap=4, margin=0)

_WHITE: Colour = (238, 240, 240)
_YELLOW: Colour = (28, 196, 250)
_BLACK: Colour = (26, 24, 24)
_SILVER: Colour = (196, 194, 190)
_FLAG_BLUE: Colour = (128, 52, 14)
_FLASH_GREEN: Colour = (72, 148, 20)
_STAR_GOLD: Colour = (30, 205, 250)
_RED: Colour = (44, 24, 198)


class Band(StrEnum):
    """What stands at the left end of a car's plate."""

    NONE = "none"
    UK = "uk"
    GB = "gb"
    GB_EURO = "gb_euro"
    GREEN = "green"


@dataclass(frozen=True, slots=True)
class PlateLook:
    """How a plate is made, beside its mark and colour.

    `two_line` is the motorcycle plate with 64 x 44 mm letters. `supplier` is printed small under the mark.
    `black_and_silver` is the old plate of a vehicle made before 1980 and overrides the colour. `group_gap` in mm
    replaces the lawful 33 (None) for plates spaced unlawfully. `plain` letters have no spurs (lettering/glyphs.py).
    """

    band: Band = Band.NONE
    two_line: bool = False
    supplier: str = ""
    border: bool = False
    black_and_silver: bool = False
    group_gap: float | None = None
    plain: bool = False


PLAIN = PlateLook()


def draw_plate(vrm: str, *, colour: PlateColour, look: PlateLook = PLAIN, scale: float = 1.0) -> Pixels:
    """Draw `vrm` on a plate of `colour`, `scale` pixels a millimetre.

    A car's plate is 520 x 111 mm, the two-line one 228 x 178 mm; a mark too long for it gets a wider plate. Spaces are
    put where the format has them. ValueError when `vrm` has no letter or digit.
    """
    mark = normalise(vrm)
    if not mark:
        raise ValueError("a plate needs at least one letter or digit")
    size = MOTORCYCLE if look.two_line else CAR
    if look.plain:
        size = replace(size, spur=0)
    if look.group_gap is not None:
        size = replace(size, group_gap=look.group_gap)
    lettering = layout(spaced(mark).split(), size, two_line=look.two_line)
    band = 0.0 if look.two_line else _band_width(look.band)
    least = MOTORCYCLE_PLATE if look.two_line else CAR_PLATE
    width = max(least[0], band + lettering.width + size.margin * (1 if band else 2))
    height = least[1]

    ground, ink = _colours(colour, look)
    pixels = np.empty((round(height * scale), round(width * scale), 3), np.float32)
    pixels[:] = ground
    if band:
        _draw_band(pixels, look.band, height, scale)
    left = band + (width - band - lettering.width) / 2
    lift = 2.5 if look.supplier else 0.0
    _ink(pixels, lettering, (left, (height - lettering.height) / 2 - lift), ink, scale)
    if look.supplier:
        line = layout([normalise(word) for word in look.supplier.split()], _SUPPLIER)
        _ink(pixels, line, (band + (width - band - line.width) / 2, height - 10.5), ink, scale)
    if look.border:
        _draw_border(pixels, ink, scale)
    return np.clip(pixels, 0, 255).astype(np.uint8)


def _colours(colour: PlateColour, look: PlateLook) -> tuple[Colour, Colour]:
    if look.black_and_silver:
        return _BLACK, _SILVER
    return (_YELLOW if colour is PlateColour.YELLOW else _WHITE), _BLACK


def _band_width(band: Band) -> float:
    if band is Band.NONE:
        return 0.0
    return _GREEN_FLASH_WIDTH if band is Band.GREEN else BAND_WIDTH


def coverage(
    polygons: Iterable[Sequence[tuple[float, float]]], shape: tuple[int, int], scale: float
) -> NDArray[np.float32]:
    """How much of each pixel of `shape` (height, width) the union of `polygons` (mm) covers, 0 to 1."""
    fine = np.zeros((shape[0] * _FINE, shape[1] * _FINE), np.uint8)
    for polygon in polygons:
        points = np.round(np.array(polygon, np.float64) * scale * _FINE * 16 - 8).astype(np.int32)
        cv2.fillPoly(fine, [points], 255, cv2.LINE_8, 4)
    small = cv2.resize(fine, (shape[1], shape[0]), interpolation=cv2.INTER_AREA)
    return cast("NDArray[np.float32]", small.astype(np.float32) / 255)


def _blend(pixels: NDArray[np.float32], cover: NDArray[np.float32], colour: Colour) -> None:
    pixels += (np.array(colour, np.float32) - pixels) * cover[..., None]


def _ink(
    pixels: NDArray[np.float32], lettering: Lettering, corner: tuple[float, float], ink: Colour, scale: float
) -> None:
    shapes = [
        [(x + placed.x + corner[0], y + placed.y + corner[1]) for x, y in outline]
        for placed in lettering.glyphs
        for outline in placed.glyph.outlines
    ]
    _blend(pixels, coverage(shapes, (pixels.shape[0], pixels.shape[1]), scale), ink)


def _rectangle(left: float, top: float, right: float, bottom: float) -> list[tuple[float, float]]:
    return [(left, top), (right, top), (right, bottom), (left, bottom)]


def _draw_band(pixels: NDArray[np.float32], band: Band, height: float, scale: float) -> None:
    def fill(colour: Colour, *shapes: list[tuple[float, float]]) -> None:
        _blend(pixels, coverage(shapes, (pixels.shape[0], pixels.shape[1]), scale), colour)

    if band is Band.GREEN:
        fill(_FLASH_GREEN, _rectangle(0, 0, _GREEN_FLASH_WIDTH, height))
        return
    fill(_FLAG_BLUE, _rectangle(0, 0, BAND_WIDTH, height))
    if band is Band.GB_EURO:
        angles = np.radians(np.arange(12) * 30)
        stars = [(BAND_WIDTH / 2 + 15 * np.cos(a), 36 + 15 * np.sin(a)) for a in angles]
        fill(_STAR_GOLD, *(_star(x, y, 3.4) for x, y in stars))
    else:
        _draw_flag(fill, _rectangle(7, 22, 43, 48))
    code = layout(["UK" if band is Band.UK else "GB"], _BAND_LETTERS)
    _ink(pixels, code, ((BAND_WIDTH - code.width) / 2, height - 38), _WHITE, scale)


def _star(x: float, y: float, radius: float) -> list[tuple[float, float]]:
    corners = []
    for point in range(10):
        reach = radius if point % 2 == 0 else radius * 0.42
        angle = np.radians(point * 36 - 90)
        corners.append((float(x + reach * np.cos(angle)), float(y + reach * np.sin(angle))))
    return corners


def _draw_flag(fill: _Fill, frame: list[tuple[float, float]]) -> None:
    """The Union flag, simplified to what is seen of a flag 36 mm wide: both crosses and both saltires."""
    (left, top), (right, bottom) = frame[0], frame[2]
    across, down = (left + right) / 2, (top + bottom) / 2
    fill(_FLAG_BLUE, frame)
    for colour, half in ((_WHITE, 2.6), (_RED, 0.9)):
        fill(
            colour,
            [(left, top), (left + half * 1.5, top), (right, bottom), (right - half * 1.5, bottom)],
            [(right, top), (right - half * 1.5, top), (left, bottom), (left + half * 1.5, bottom)],
        )
    for colour, half in ((_WHITE, 4.2), (_RED, 2.5)):
        fill(colour, _rectangle(across - half, top, across + half, bottom))
        fill(colour, _rectangle(left, down - half, right, down + half))


def _draw_border(pixels: NDArray[np.float32], ink: Colour, scale: float) -> None:
    height, width = pixels.shape[0] / scale, pixels.shape[1] / scale
    inset, line = 3.0, 2.2
    outer, inner = (inset, inset, width - inset, height - inset), inset + line
    bars = [
        _rectangle(outer[0], outer[1], outer[2], inner),
        _rectangle(outer[0], height - inner, outer[2], outer[3]),
        _rectangle(outer[0], outer[1], inner, outer[3]),
        _rectangle(width - inner, outer[1], outer[2], outer[3]),
    ]
    _blend(pixels, coverage(bars, (pixels.shape[0], pixels.shape[1]), scale), ink)
