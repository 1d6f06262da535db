"""The letters of UK number plates, as geometry in millimetres: our own drawing after the statutory dimensions.

The Road Vehicles (Display of Registration Marks) Regulations 2001 give the height, width, stroke and spacing of the
characters and a picture of their shape. Here each character is a few strokes (centre lines with a width), worked out
from those dimensions, so that the motorcycle size is a true letter of its own and not a squeezed one. O and 0 are one
shape, and so are I and 1, as on the road. x is to the right, y down; (0, 0) is the top left corner of the cell.
"""

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from patrol_anpr.lettering.strokes import Point, Polygon, Stroke, arc, cut_to_cell, extend, outline_of


@dataclass(frozen=True, slots=True)
class LetterSize:
    """A statutory set of dimensions, all in millimetres.

    `gap` lies between characters, `group_gap` between groups, `line_gap` between lines, `margin` around everything.
    `spur` is how far the bars of B and D reach to the left of their stem, which tells them from 8 and 0; with 0 the
    letters are plain, W with a thin, pointed middle, as some makers cut them against the Regulations.
    """

    height: float
    width: float
    stroke: float
    gap: float
    group_gap: float
    line_gap: float
    margin: float
    spur: float = 0.0


CAR = LetterSize(height=79, width=50, stroke=14, gap=11, group_gap=33, line_gap=19, margin=11, spur=5)
MOTORCYCLE = LetterSize(height=64, width=44, stroke=10, gap=10, group_gap=30, line_gap=13, margin=11, spur=4)


@dataclass(frozen=True, slots=True)
class Glyph:
    """One character in its cell of `width` x `height` mm.

    `outlines` are the strokes as filled polygons, already cut off at the cell: fill each, their union is the letter.
    """

    character: str
    width: float
    height: float
    strokes: tuple[Stroke, ...]
    outlines: tuple[Polygon, ...]


@dataclass(frozen=True, slots=True)
class PlacedGlyph:
    """A glyph whose cell has its top left corner at (x, y) mm of the lettering."""

    glyph: Glyph
    x: float
    y: float


@dataclass(frozen=True, slots=True)
class Lettering:
    """The characters of a mark in place; `width` and `height` in mm enclose the cells, without margins."""

    glyphs: tuple[PlacedGlyph, ...]
    width: float
    height: float


class _Pen:
    """Draws within one cell. Left, right, top and bottom are the centre lines of strokes that touch the cell's edge."""

    def __init__(self, size: LetterSize) -> None:
        self.width, self.height, self.stroke, self.spur = size.width, size.height, size.stroke, size.spur
        self.left, self.right = size.stroke / 2, size.width - size.stroke / 2
        self.top, self.bottom = size.stroke / 2, size.height - size.stroke / 2
        self.centre, self.middle = size.width / 2, size.height / 2
        self.radius = (self.right - self.left) / 2
        self.rise = self.radius * 1.08  # rounds are a little taller than a circle, as the Regulations draw them
        self.lip = self.top + self.rise + size.stroke * 0.13  # where C, G and 2 end above, and mirrored below
        self.strokes: list[Stroke] = []

    def line(self, *points: Point, weight: float = 1.0) -> None:
        """Add a stroke through `points`, `weight` times the statutory stroke wide."""
        distinct = [
            point for index, point in enumerate(points) if index == 0 or math.dist(point, points[index - 1]) > 1e-6
        ]
        self.strokes.append(Stroke(tuple(distinct), self.stroke * weight))

    def across(self, y: float, start: float = 0.0, end: float | None = None) -> None:
        """Add a horizontal bar with its centre line at `y`."""
        self.line((start, y), (self.width if end is None else end, y))

    def stem(self, x: float, start: float = 0.0, end: float | None = None) -> None:
        """Add a vertical stem with its centre line at `x`."""
        self.line((x, start), (x, self.height if end is None else end))

    def down(self, share: float) -> float:
        """The y at a share of the height."""
        return self.height * share


def _cap(pen: _Pen, start: float, end: float) -> list[Point]:
    """An arc of the round top that O, C, G, 2, 3, 6, 9 share."""
    return arc((pen.centre, pen.top + pen.rise), (pen.radius, pen.rise), start, end)


def _cup(pen: _Pen, start: float, end: float) -> list[Point]:
    """An arc of the round bottom, the mirror of `_cap`."""
    return arc((pen.centre, pen.bottom - pen.rise), (pen.radius, pen.rise), start, end)


def _ring(pen: _Pen) -> None:
    pen.line(*_cap(pen, 180, 360), *_cup(pen, 0, 180), _cap(pen, 180, 180)[0])


def _bowl(pen: _Pen, top: float, bottom: float, reach: float) -> None:
    """A bowl to the right of a stem, its centre line from `top` to `bottom` and out to `reach`."""
    half = (bottom - top) / 2
    turn = min(half, pen.radius)
    straight = reach - turn
    upper = arc((straight, top + turn), (turn, turn), 270, 360)
    lower = arc((straight, bottom - turn), (turn, turn), 0, 90)
    pen.line((pen.left, top), *upper, *lower, (pen.left, bottom))


def _a(pen: _Pen) -> None:
    foot, head = pen.left + 0.2, pen.centre - pen.stroke * 0.2
    for side in (1, -1):
        bottom = foot if side == 1 else pen.width - foot
        top = head if side == 1 else pen.width - head
        pen.line(extend((top, 0), (bottom, pen.height)), extend((bottom, pen.height), (top, 0)))
    pen.across(pen.down(0.72), pen.width * 0.2, pen.width * 0.8)


def _spurred_stem(pen: _Pen) -> None:
    pen.stem(pen.left + pen.spur)
    for y in (pen.top, pen.bottom):
        pen.across(y, end=pen.left + pen.spur)


def _b(pen: _Pen) -> None:
    _spurred_stem(pen)
    waist = pen.down(0.485)
    _bowl(pen, pen.top, waist, pen.right - pen.stroke * 0.1)
    _bowl(pen, waist, pen.bottom, pen.right)


def _c(pen: _Pen) -> None:
    pen.line((pen.right, pen.lip), *_cap(pen, 360, 180), *_cup(pen, 180, 0), (pen.right, pen.height - pen.lip))


def _d(pen: _Pen) -> None:
    _spurred_stem(pen)
    _bowl(pen, pen.top, pen.bottom, pen.right)


def _e(pen: _Pen) -> None:
    pen.stem(pen.left)
    pen.across(pen.top, end=pen.width * 0.98)
    pen.across(pen.down(0.49), end=pen.width * 0.9)
    pen.across(pen.bottom, end=pen.width * 0.98)


def _f(pen: _Pen) -> None:
    pen.stem(pen.left)
    pen.across(pen.top, end=pen.width * 0.98)
    pen.across(pen.down(0.51), end=pen.width * 0.88)


def _g(pen: _Pen) -> None:
    bar = pen.down(0.48)
    pen.line((pen.right, pen.lip), *_cap(pen, 360, 180), *_cup(pen, 180, 0), (pen.right, bar))
    pen.across(bar + pen.stroke / 2, pen.width * 0.52)


def _h(pen: _Pen) -> None:
    pen.stem(pen.left)
    pen.stem(pen.right)
    pen.across(pen.middle, pen.left, pen.right)


def _i(pen: _Pen) -> None:
    pen.stem(pen.left)


def _j(pen: _Pen) -> None:
    pen.line((pen.right, 0), *_cup(pen, 0, 180), (pen.left, pen.down(0.66)))


def _k(pen: _Pen) -> None:
    pen.stem(pen.left)
    shoulder, hip = (pen.left, pen.down(0.66)), (pen.width - pen.stroke * 0.62, 0.0)
    pen.line(shoulder, extend(hip, shoulder), weight=0.97)
    fork = (pen.left + (hip[0] - pen.left) * 0.42, shoulder[1] * 0.58)
    foot = (pen.width - pen.stroke * 0.6, pen.height)
    pen.line(fork, extend(foot, fork), weight=0.97)


def _l(pen: _Pen) -> None:
    pen.stem(pen.left)
    pen.across(pen.bottom, end=pen.width * 0.97)


def _m(pen: _Pen) -> None:
    pen.stem(pen.left)
    pen.stem(pen.right)
    inset, tip = pen.left + pen.stroke * 0.06, (pen.centre, pen.down(0.42))
    heads = (inset, 0.0), (pen.width - inset, 0.0)
    pen.line(extend(heads[0], tip), tip, extend(heads[1], tip), weight=0.86)


def _n(pen: _Pen) -> None:
    pen.stem(pen.left)
    pen.stem(pen.right)
    head, foot = (pen.left + pen.stroke * 0.08, 0.0), (pen.right - pen.stroke * 0.08, pen.height)
    pen.line(extend(head, foot), extend(foot, head), weight=1.0)


def _p(pen: _Pen) -> None:
    pen.stem(pen.left)
    _bowl(pen, pen.top, pen.down(0.57), pen.right)


def _q(pen: _Pen) -> None:
    _ring(pen)
    start, end = (pen.width * 0.54, pen.down(0.69)), (pen.width * 0.92, pen.height)
    pen.line(start, extend(end, start), weight=0.9)


def _r(pen: _Pen) -> None:
    pen.stem(pen.left)
    waist = pen.down(0.55)
    _bowl(pen, pen.top, waist, pen.right)
    fork, foot = (pen.width * 0.44, waist), (pen.width - pen.stroke * 0.57, pen.height)
    pen.line(fork, extend(foot, fork))


def _s(pen: _Pen) -> None:
    waist = pen.down(0.49)
    upper, lower = (waist - pen.top) / 2, (pen.bottom - waist) / 2
    pen.line(
        *arc((pen.centre, pen.top + upper), (pen.radius * 0.97, upper), -8, -270),
        *arc((pen.centre, pen.bottom - lower), (pen.radius, lower), -90, 172),
    )


def _t(pen: _Pen) -> None:
    pen.across(pen.top)
    pen.stem(pen.centre)


def _u(pen: _Pen) -> None:
    pen.line((pen.left, 0), *_cup(pen, 180, 0), (pen.right, 0))


def _v(pen: _Pen) -> None:
    head, foot = pen.left + 0.2, pen.centre - pen.stroke * 0.14
    for x_head, x_foot in ((head, foot), (pen.width - head, pen.width - foot)):
        pen.line(extend((x_head, 0), (x_foot, pen.height)), extend((x_foot, pen.height), (x_head, 0)))


def _w(pen: _Pen) -> None:
    if not pen.spur:
        _plain_w(pen)
        return
    foot, heel = (pen.width * 0.215, pen.height), (pen.width * 0.2, pen.height)
    for mirrored in (False, True):
        head, sole, inner, fork = (
            (pen.width - x if mirrored else x, y)
            for x, y in ((pen.left, 0.0), foot, heel, (pen.centre, pen.down(0.45)))
        )
        pen.line(extend(head, sole), extend(sole, head), weight=0.95)
        pen.line(extend(inner, fork), fork, weight=0.9)
    pen.stem(pen.centre, pen.down(0.14), pen.down(0.6))  # the middle point is blunt and nearly as high as the letter


def _plain_w(pen: _Pen) -> None:
    weight = 0.76
    head, foot = pen.stroke * weight * 0.52, pen.width * 0.27
    apex = (pen.centre, pen.down(0.5))
    for x_head, x_foot in ((head, foot), (pen.width - head, pen.width - foot)):
        pen.line(extend((x_head, 0), (x_foot, pen.height)), extend((x_foot, pen.height), (x_head, 0)), weight=weight)
    feet = (foot, pen.height), (pen.width - foot, pen.height)
    pen.line(extend(feet[0], apex), apex, extend(feet[1], apex), weight=weight)


def _x(pen: _Pen) -> None:
    edge = pen.stroke * 0.57
    for x_head, x_foot in ((edge, pen.width - edge), (pen.width - edge, edge)):
        pen.line(extend((x_head, 0), (x_foot, pen.height)), extend((x_foot, pen.height), (x_head, 0)))


def _y(pen: _Pen) -> None:
    edge, fork = pen.stroke * 0.57, (pen.centre, pen.down(0.56))
    pen.line(extend((edge, 0), fork), fork)
    pen.line(extend((pen.width - edge, 0), fork), fork)
    pen.stem(pen.centre, pen.down(0.5))


def _z(pen: _Pen) -> None:
    pen.across(pen.top)
    pen.across(pen.bottom)
    pen.line((pen.width - pen.stroke * 0.62, pen.stroke * 0.5), (pen.stroke * 0.62, pen.height - pen.stroke * 0.5))


def _two(pen: _Pen) -> None:
    pen.line((pen.left, pen.lip), *_cap(pen, 180, 395), (pen.stroke * 0.62, pen.bottom))
    pen.across(pen.bottom)


def _three(pen: _Pen) -> None:
    waist = pen.down(0.485)
    upper, lower = (waist - pen.top) / 2, (pen.bottom - waist) / 2
    pen.line(
        *arc((pen.centre, pen.top + upper), (pen.radius * 0.97, upper), 188, 450),
        (pen.width * 0.36, waist),
    )
    pen.line((pen.width * 0.36, waist), *arc((pen.centre, pen.bottom - lower), (pen.radius, lower), -90, 172))


def _four(pen: _Pen) -> None:
    stem, bar = pen.width * 0.7, pen.down(0.73)
    pen.stem(stem)
    pen.across(bar)
    heel = (pen.stroke * 0.58, bar - pen.stroke * 0.1)
    pen.line(extend((stem - pen.stroke * 0.08, 0), heel), heel, weight=0.95)


def _five(pen: _Pen) -> None:
    lower = pen.height * 0.24
    pen.across(pen.top, pen.stroke * 0.15, pen.width * 0.94)
    pen.stem(pen.left + pen.stroke * 0.15, end=pen.down(0.55))
    pen.line(*arc((pen.centre, pen.bottom - lower), (pen.radius, lower), -146, 166))


def _six(pen: _Pen) -> None:
    lower = pen.height * 0.235
    _closed(pen, (pen.centre, pen.bottom - lower), (pen.radius, lower))
    pen.line(*_cap(pen, 347, 180), (pen.left, pen.bottom - lower))


def _seven(pen: _Pen) -> None:
    pen.across(pen.top)
    head, foot = (pen.width - pen.stroke * 0.56, pen.stroke * 0.5), (pen.width * 0.34, pen.height)
    pen.line(head, extend(foot, head))


def _eight(pen: _Pen) -> None:
    waist = pen.down(0.485)
    upper, lower = (waist - pen.top) / 2, (pen.bottom - waist) / 2
    _closed(pen, (pen.centre, pen.top + upper), (pen.radius * 0.92, upper))
    _closed(pen, (pen.centre, pen.bottom - lower), (pen.radius, lower))


def _nine(pen: _Pen) -> None:
    upper = pen.height * 0.235
    _closed(pen, (pen.centre, pen.top + upper), (pen.radius, upper))
    pen.line(*_cup(pen, 167, 0), (pen.right, pen.top + upper))


def _closed(pen: _Pen, centre: Point, radii: Point) -> None:
    pen.line(*arc(centre, radii, 0, 360))


_DRAWINGS: dict[str, Callable[[_Pen], None]] = {
    **dict(zip("ABCDEFGHIJKLM", (_a, _b, _c, _d, _e, _f, _g, _h, _i, _j, _k, _l, _m), strict=True)),
    **dict(zip("NOPQRSTUVWXYZ", (_n, _ring, _p, _q, _r, _s, _t, _u, _v, _w, _x, _y, _z), strict=True)),
    **dict(zip("0123456789", (_ring, _i, _two, _three, _four, _five, _six, _seven, _eight, _nine), strict=True)),
}


@lru_cache(maxsize=256)
def glyph(character: str, size: LetterSize = CAR) -> Glyph:
    """The letter or digit `character` (A-Z 0-9) at a statutory size; KeyError for anything else."""
    pen = _Pen(size)
    _DRAWINGS[character](pen)
    width = size.stroke if character in "1I" else size.width
    outlines = (cut_to_cell(outline_of(stroke), width, size.height) for stroke in pen.strokes)
    return Glyph(character, width, size.height, tuple(pen.strokes), tuple(shape for shape in outlines if shape))


def layout(groups: Sequence[str], size: LetterSize = CAR, *, two_line: bool = False) -> Lettering:
    """Place the groups of a mark (`domain.vrm.spaced(vrm).split()`) in one line, or one centred line each."""
    lines = [[group] for group in groups] if two_line else [list(groups)]
    widths = [_line_width(line, size) for line in lines]
    across = max(widths, default=0.0)
    placed: list[PlacedGlyph] = []
    for number, (line, width) in enumerate(zip(lines, widths, strict=True)):
        x, y = (across - width) / 2, number * (size.height + size.line_gap)
        for group in line:
            for character in group:
                placed.append(PlacedGlyph(glyph(character, size), x, y))
                x += placed[-1].glyph.width + size.gap
            x += size.group_gap - size.gap
    return Lettering(tuple(placed), across, len(lines) * (size.height + size.line_gap) - size.line_gap)


def _line_width(groups: Iterable[str], size: LetterSize) -> float:
    widths = [sum(glyph(c, size).width for c in group) + size.gap * (len(group) - 1) for group in groups]
    return sum(widths) + size.group_gap * (len(widths) - 1)
