"""Strokes of a pen as geometry in millimetres: arcs, outlines with mitred corners, cutting off at a cell."""

import math
from dataclasses import dataclass
from itertools import pairwise

Point = tuple[float, float]
Polygon = tuple[Point, ...]

_STEP_DEGREES = 5  # arcs become chords of this angle: 0.02 mm off the true curve
_OVERHANG = 8.0  # mm


@dataclass(frozen=True, slots=True)
class Stroke:
    """A centre line drawn with a pen of `width` mm: flat ends, mitred corners. Ends may lie outside the cell."""

    points: Polygon
    width: float


def arc(centre: Point, radii: Point, start: float, end: float) -> list[Point]:
    """Points of an elliptic arc; angles in degrees, 0 to the right, 90 down, 270 up."""
    steps = max(2, math.ceil(abs(end - start) / _STEP_DEGREES))
    angles = (math.radians(start + (end - start) * step / steps) for step in range(steps + 1))
    return [(centre[0] + radii[0] * math.cos(angle), centre[1] + radii[1] * math.sin(angle)) for angle in angles]


def extend(end: Point, start: Point) -> Point:
    """Return the point a few millimetres beyond `end`, coming from `start`: the cell then cuts the stroke off level."""
    length = math.dist(start, end)
    reach = _OVERHANG / length
    return end[0] + (end[0] - start[0]) * reach, end[1] + (end[1] - start[1]) * reach


def outline_of(stroke: Stroke) -> Polygon:
    """The polygon a stroke covers: along its left side, back along its right."""
    half, points = stroke.width / 2, stroke.points
    normals = [_normal(one, other) for one, other in pairwise(points)]
    ring = math.dist(points[0], points[-1]) < 1e-6
    before = [normals[-1] if ring else normals[0], *normals]
    after = [*normals, normals[0] if ring else normals[-1]]
    offsets = [_mitre(one, other, half) for one, other in zip(before, after, strict=True)]
    left = [(x + dx, y + dy) for (x, y), (dx, dy) in zip(points, offsets, strict=True)]
    right = [(x - dx, y - dy) for (x, y), (dx, dy) in zip(points, offsets, strict=True)]
    return (*left, *reversed(right))


def _normal(one: Point, other: Point) -> Point:
    length = math.dist(one, other)
    return (other[1] - one[1]) / length, (one[0] - other[0]) / length


def _mitre(one: Point, other: Point, half: float) -> Point:
    """The offset of a corner between two sides with the unit normals `one` and `other`."""
    x, y = one[0] + other[0], one[1] + other[1]
    scale = 2 * half / (x * x + y * y)
    return x * scale, y * scale


def cut_to_cell(shape: Polygon, width: float, height: float) -> Polygon:
    """Cut a polygon off at the edges of the cell (Sutherland and Hodgman)."""
    for axis, limit, sign in ((0, 0.0, 1), (0, width, -1), (1, 0.0, 1), (1, height, -1)):
        kept: list[Point] = []
        for index, point in enumerate(shape):
            before = shape[index - 1]
            inside, was_inside = sign * (point[axis] - limit) >= 0, sign * (before[axis] - limit) >= 0
            if inside != was_inside:
                share = (limit - before[axis]) / (point[axis] - before[axis])
                crossing = [before[i] + share * (point[i] - before[i]) for i in (0, 1)]
                crossing[axis] = limit
                kept.append((crossing[0], crossing[1]))
            if inside:
                kept.append(point)
        shape = tuple(kept)
    return shape
