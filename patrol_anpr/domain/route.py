"""Where the car has been in a shift, flat on paper, north up. Pure."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

_METRES_A_DEGREE = 111_320.0
"""Of latitude, and of longitude at the equator."""
Point = tuple[float, float]
"""Metres east and north of the first point of the route."""


@dataclass(frozen=True, slots=True)
class Route:
    """Legs of (latitude, longitude) in degrees, the oldest first; between two legs the car had no position."""

    legs: tuple[tuple[tuple[float, float], ...], ...] = ()

    def on_paper(self) -> tuple[tuple[Point, ...], ...]:
        """The legs in metres east and north of the first point: flat, which is right for a patrol's area."""
        first = next((leg[0] for leg in self.legs if leg), None)
        if first is None:
            return ()
        return tuple(tuple(from_to(first, place) for place in leg) for leg in self.legs if leg)


def from_to(one: tuple[float, float], other: tuple[float, float]) -> Point:
    """How far `other` lies east and north of `one`, in metres; both (latitude, longitude)."""
    east = (other[1] - one[1] + 180) % 360 - 180
    scale = math.cos(math.radians(one[0]))
    return east * scale * _METRES_A_DEGREE, (other[0] - one[0]) * _METRES_A_DEGREE


def scale_bar(longest: float) -> float:
    """The longest of 1, 2, 5, 10, 20, 50 ... metres that is not longer than `longest` (metres, above 0)."""
    tens = 10.0 ** math.floor(math.log10(longest))
    return max(step * tens for step in (1, 2, 5) if step * tens <= longest * (1 + 1e-9))


def bounds(points: Sequence[Point]) -> tuple[float, float, float, float]:
    """The least and the most of east and north: (west, south, east, north)."""
    easts, norths = [east for east, _ in points], [north for _, north in points]
    return min(easts), min(norths), max(easts), max(norths)
