"""Plates of no UK make: other letters, other shapes, other colours, so that a letter is known by more than one face.

They imitate no country. Real crops with text come from few of them, and an OCR that has seen one face of a letter takes
that of another for a different letter: an F for an E, a Q for an O. Faces are the strokes of `lettering/glyphs.py` in
other proportions, and those that OpenCV carries within itself, so that every machine draws the same.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from patrol_anpr.lettering.glyphs import CAR, layout
from patrol_anpr.lettering.plate import coverage

Rng = np.random.Generator
Mask = NDArray[np.float32]  # height x width, 0 to 1: where ink is
Colour = tuple[float, float, float]  # BGR
Face = Callable[[str], Mask]  # one character, _TALL px high

_TALL = 40  # px, as a UK plate's letters are rendered
_TAIL = 0.14  # of the height of a letter, below the line: where a Q ends
LETTERS, _DIGITS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ", "0123456789"
_LIGHT_ON_DARK = 0.2
_DOTTED = 0.2  # of the plates: a point between the groups, as South America has it; a bolt sits there elsewhere
_DARK: tuple[Colour, ...] = ((20, 20, 20), (20, 20, 20), (90, 30, 10), (40, 70, 10), (30, 20, 130))
_LIGHT: tuple[Colour, ...] = (
    (240, 240, 240),
    (240, 240, 240),
    (60, 205, 250),
    (230, 215, 190),
    (200, 235, 215),
    (190, 225, 250),
)


@dataclass(frozen=True, slots=True)
class _Shape:
    """A plate's width and height in heights of its letters, how many lines it has, and whether small print."""

    width: float
    height: float
    lines: int = 1
    small_print: bool = False


_LONG, _AMERICAN, _SQUARE = _Shape(6.6, 1.4), _Shape(4.3, 2.15, small_print=True), _Shape(3.8, 2.6, lines=2)


def foreign_plate(rng: Rng) -> tuple[str, NDArray[np.float32]]:
    """Invent a plate: its mark (two to ten characters) and its picture (height x width x BGR, 0 to 255)."""
    shape = (_LONG, _AMERICAN, _SQUARE)[int(rng.choice(3, p=[0.4, 0.4, 0.2]))]
    groups = _invent(rng, longest=7 if shape is _AMERICAN else 10)
    lines = (
        [groups] if shape.lines == 1 or len(groups) == 1 else [groups[: len(groups) // 2], groups[len(groups) // 2 :]]
    )
    face = (_own, _sans, _universal)[int(rng.integers(3))](rng)
    mask = np.zeros((round(shape.height * _TALL), round(shape.width * _TALL)), np.float32)
    step = mask.shape[0] / len(lines)
    for at, line in enumerate(lines):
        _ink(mask, _line(line, face, rng), round(step * (at + 0.5)), _TALL * rng.uniform(0.85, 1.1), rng)
    if shape.small_print:
        for centre in (0.12, 0.9):
            words = [run(rng, LETTERS, 4, 9) for _ in range(rng.integers(1, 3))]
            _ink(
                mask, _line(words, _sans(rng), rng), round(centre * mask.shape[0]), _TALL * rng.uniform(0.12, 0.28), rng
            )
    return "".join(groups), _coloured(mask, rng)


def _invent(rng: Rng, longest: int) -> list[str]:
    """Invent the groups of a mark: a word, a number, India's ten characters, or letters and digits by turns."""
    kind = rng.random()
    if kind < 0.3:
        return [run(rng, LETTERS, 3, 7)]
    if kind < 0.37:
        return [run(rng, _DIGITS, 4, 7)]
    if kind < 0.47:
        return [run(rng, LETTERS, 3, 3), run(rng, _DIGITS, 4, 4)]
    if kind < 0.69 and longest == 10:
        return [run(rng, *part) for part in ((LETTERS, 2, 2), (_DIGITS, 1, 2), (LETTERS, 1, 2), (_DIGITS, 4, 4))]
    groups = by_turns(rng, 3)
    while len("".join(groups)) > longest:
        groups.pop()
    return groups


def by_turns(rng: Rng, most: int) -> list[str]:
    """Invent two to `most` groups of one to four characters, letters and digits by turns."""
    start = int(rng.integers(2))
    return [run(rng, (LETTERS, _DIGITS)[(start + turn) % 2], 1, 4) for turn in range(int(rng.integers(2, most + 1)))]


def run(rng: Rng, choice: str, least: int, most: int) -> str:
    """Draw `least` to `most` characters of `choice`."""
    return "".join(choice[at] for at in rng.integers(len(choice), size=rng.integers(least, most + 1)))


def _own(rng: Rng) -> Face:
    """Our own strokes, narrower or wider, lighter or heavier than the law has them."""
    size = replace(CAR, width=rng.uniform(38, 60), stroke=rng.uniform(8, 16), spur=float(rng.choice([0, 5])))

    def draw(char: str) -> Mask:
        glyph = layout([char], size).glyphs[0].glyph
        scale = _TALL / glyph.height
        return coverage(glyph.outlines, (_TALL, round(glyph.width * scale)), scale)

    return draw


def _sans(rng: Rng) -> Face:
    return _of_opencv("sans", int(rng.integers(300, 750)), 0, rng.uniform(0.55, 1.0))


def _universal(rng: Rng) -> Face:
    return _of_opencv("uni", 400, int(rng.integers(0, 6)), rng.uniform(0.6, 1.0))


def _of_opencv(name: str, weight: int, thicker: int, squeezed: float) -> Face:
    """One of OpenCV's faces, `weight` 100 to 1000, thickened by some px and made narrower."""
    face, size = cv2.FontFace(name), round(_TALL * 1.4)
    high = _rows(_written("H", face, size, weight))

    def draw(char: str) -> Mask:
        ink = _written(char, face, size, weight)
        lowest = max(high.stop + round(_TAIL * (high.stop - high.start)), _rows(ink).stop)
        ink = ink[high.start : lowest]  # a J may reach farther down than a Q: it is then lower as a whole
        columns = np.flatnonzero(ink.max(axis=0))
        ink = ink[:, columns[0] : columns[-1] + 1]
        if thicker:
            roomy = cv2.copyMakeBorder(ink, 0, 0, thicker, thicker, cv2.BORDER_CONSTANT)
            ink = cv2.dilate(roomy, np.ones((thicker, thicker), np.uint8))
        across = max(4, round(ink.shape[1] * squeezed * _TALL / ink.shape[0]))
        return np.asarray(cv2.resize(ink, (across, _TALL), interpolation=cv2.INTER_AREA), np.float32) / 255

    return draw


def _written(text: str, face: cv2.FontFace, size: int, weight: int) -> NDArray[np.uint8]:
    canvas = np.zeros((size * 2, size * 2), np.uint8)
    cv2.putText(canvas, text, (size // 2, round(size * 1.4)), (255,), face, size, weight=weight)
    return canvas


def _rows(ink: NDArray[np.uint8]) -> slice:
    filled = np.flatnonzero(ink.max(axis=1))
    return slice(int(filled[0]), int(filled[-1]) + 1)


def _line(groups: Sequence[str], face: Face, rng: Rng) -> Mask:
    """Set the groups of one line, with the gaps of this plate between characters and between groups."""
    gap, wider = (
        np.zeros((_TALL, round(_TALL * rng.uniform(*room))), np.float32) for room in ((0.06, 0.25), (0.1, 0.6))
    )
    point = [_point(rng), gap] if rng.random() < _DOTTED else [wider]
    parts = []
    for group in groups:
        for char in group:
            parts += [face(char), gap]
        parts += point
    return np.hstack(parts[: -1 - len(point)])


def _point(rng: Rng) -> Mask:
    """A round point, half-way up."""
    mask, radius = np.zeros((_TALL, round(_TALL * 0.25)), np.float32), round(_TALL * rng.uniform(0.06, 0.11))
    cv2.circle(mask, (mask.shape[1] // 2, _TALL // 2), radius, (1.0,), -1, cv2.LINE_AA)
    return mask


def _ink(mask: Mask, line: Mask, centre: int, tall: float, rng: Rng) -> None:
    """Lay a line on the plate, its middle `centre` px from the top, squeezed to the plate's width if need be."""
    most = mask.shape[1] * rng.uniform(0.85, 0.95)
    size = (max(4, round(min(most, line.shape[1] * tall / _TALL))), max(4, round(tall)))
    fitted = cv2.resize(line, size, interpolation=cv2.INTER_AREA)
    top, left = min(max(0, centre - size[1] // 2), mask.shape[0] - size[1]), (mask.shape[1] - size[0]) // 2
    mask[top : top + size[1], left : left + size[0]] = fitted


def _coloured(mask: Mask, rng: Rng) -> NDArray[np.float32]:
    """Give the plate its colours: dark on light, now and then the other way, on one ground or two that run together."""
    ink, ground = _DARK[rng.integers(len(_DARK))], _LIGHT[rng.integers(len(_LIGHT))]
    second = _LIGHT[rng.integers(len(_LIGHT))] if rng.random() < 0.4 else ground
    if rng.random() < _LIGHT_ON_DARK:
        faded = rng.uniform(0, 0.4)  # such plates are of a colour, and bleach: hardly darker than their letters
        ink, ground = ground, tuple(np.float32(ink) * (1 - faded) + np.float32(ground) * faded)
        second = ground
    run = cv2.resize(rng.random((3, 4), dtype=np.float32), mask.shape[::-1], interpolation=cv2.INTER_CUBIC)
    paper = np.float32(ground) + (np.float32(second) - np.float32(ground)) * np.clip(run, 0, 1)[..., None]
    return np.asarray(paper + (np.float32(ink) - paper) * mask[..., None], np.float32)
