"""The pictures on the ends of a vehicle: lamps, grille, bumper, shut lines; transparent where the paint shows."""

from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray

from patrol_anpr.domain.plate import Pixels

Colour = tuple[float, float, float]  # BGR
_SCALE = 300  # pixels a metre


class Skin:
    """A transparent picture in metres: x from the vehicle's centre line, y from the ground."""

    def __init__(self, width: float, face: tuple[float, float], under: Colour = (24, 24, 24)) -> None:
        self._half, self._top = width / 2, face[1]
        shape = (round((face[1] - face[0]) * _SCALE), round(width * _SCALE))
        # `under` is what shows through: edges mix with it when the picture is shrunk
        self._colour = np.full((*shape, 3), under, np.float32)
        self._opacity = np.zeros(shape, np.float32)

    def fill(
        self, points: list[tuple[float, float]], colour: Colour, opacity: float = 1.0, soft: float = 0.004
    ) -> None:
        """Fill a polygon, its edge `soft` metres wide."""
        mask = np.zeros(self._opacity.shape, np.uint8)
        pixels = [((x + self._half) * _SCALE * 16, (self._top - y) * _SCALE * 16) for x, y in points]
        cv2.fillPoly(mask, [np.round(pixels).astype(np.int32)], 255, cv2.LINE_AA, 4)
        share = cv2.GaussianBlur(mask, (0, 0), soft * _SCALE).astype(np.float32) / 255 * opacity
        total = share + self._opacity * (1 - share)
        old = (self._opacity * (1 - share))[..., None]
        mixed = (np.array(colour, np.float32) * share[..., None] + self._colour * old) / np.maximum(total, 1e-6)[
            ..., None
        ]
        self._colour, self._opacity = mixed.astype(np.float32), total.astype(np.float32)

    def both(
        self, points: list[tuple[float, float]], colour: Colour, opacity: float = 1.0, soft: float = 0.004
    ) -> None:
        """Fill a polygon and its mirror image."""
        self.fill(points, colour, opacity, soft)
        self.fill([(-x, y) for x, y in points], colour, opacity, soft)

    def finish(self) -> Pixels:
        """The picture, height x width x 4: BGR and opacity."""
        picture: NDArray[np.float32] = np.dstack([self._colour, self._opacity * 255])
        return np.clip(picture, 0, 255).astype(np.uint8)


def _pill(x: float, y: float, width: float, height: float, squareness: float = 4.0) -> list[tuple[float, float]]:
    """A rounded rectangle about (x, y): a superellipse, from round (2) to square (10)."""
    angles = np.linspace(0, 2 * np.pi, 40, endpoint=False)
    cos, sin = np.cos(angles), np.sin(angles)
    across = np.sign(cos) * np.abs(cos) ** (2 / squareness) * width / 2 + x
    up = np.sign(sin) * np.abs(sin) ** (2 / squareness) * height / 2 + y
    return list(zip(across.tolist(), up.tolist(), strict=True))


def _darker(paint: Colour, share: float) -> Colour:
    return paint[0] * share, paint[1] * share, paint[2] * share


def _bar(x1: float, y1: float, x2: float, y2: float) -> list[tuple[float, float]]:
    return [(x1, y1), (x2, y1), (x2, y2), (x1, y2)]


@lru_cache(maxsize=64)
def rear_skin(paint: Colour, width: float, face: tuple[float, float], lit: bool) -> Pixels:
    """The rear of a vehicle in `paint`; `face` is its lowest and highest point in metres, `lit` its lamps."""
    skin = Skin(width, face, paint)
    half, low, high = width / 2, face[0], min(face[1], 1.1)
    if face[1] > 1.5:
        return _van_rear(skin, paint, half, face, lit)
    dark = _darker(paint, 0.45)
    skin.fill(_pill(0, low + 0.07, width * 0.9, 0.14, 8), (30, 30, 30), 0.95, 0.012)  # the valance of dark plastic
    skin.fill(_bar(-half, low + 0.3, half, low + 0.315), dark, 0.7)  # where the tailgate meets the bumper
    skin.fill(_bar(-half, low + 0.318, half, low + 0.36), (255, 255, 255), 0.1, 0.012)
    skin.both(_bar(half * 0.66, low + 0.3, half * 0.66 + 0.008, high), dark, 0.6)
    skin.fill(_pill(0, high - 0.22, 0.68, 0.2, 6), dark, 0.55, 0.012)  # the recess of the plate
    skin.fill(_pill(0, high - 0.035, 0.1, 0.06, 2), (190, 190, 190), 0.9)
    glow: Colour = (70, 60, 255) if lit else (28, 18, 165)
    skin.both(_pill(half * 0.83, high - 0.17, 0.28, 0.26, 4), (18, 10, 90), 0.97)
    skin.both(_pill(half * 0.84, high - 0.14, 0.22, 0.12, 4), glow, 0.95, 0.008)
    skin.both(_pill(half * 0.84, high - 0.255, 0.2, 0.05, 5), (60, 110, 200) if not lit else (40, 60, 120), 0.9)
    skin.both(_pill(half * 0.8, high - 0.105, 0.15, 0.02, 3), (235, 225, 230), 0.5 if not lit else 0.0, 0.006)
    skin.both(_pill(half * 0.7, low + 0.2, 0.16, 0.035, 5), (26, 20, 150), 0.95)
    skin.fill(_pill(half * 0.5, low + 0.03, 0.1, 0.05, 3), (120, 120, 120), 0.8)
    return skin.finish()


def _van_rear(skin: Skin, paint: Colour, half: float, face: tuple[float, float], lit: bool) -> Pixels:
    dark = _darker(paint, 0.42)
    low, high = face
    skin.fill(_pill(0, low + 0.11, half * 1.9, 0.22, 9), (36, 36, 36), 0.96, 0.01)
    skin.fill(_bar(-half, low + 0.22, half, low + 0.235), (12, 12, 12), 0.8)
    skin.fill(_bar(-0.006, low + 0.23, 0.006, high), (12, 12, 12), 0.85)
    skin.both(_pill(half * 0.44, high - 0.36, half * 0.72, 0.5, 7), (30, 28, 26), 0.97)
    skin.both(
        [(half * 0.2, high - 0.15), (half * 0.5, high - 0.15), (half * 0.35, high - 0.58), (half * 0.16, high - 0.58)],
        (205, 190, 175), 0.05 if lit else 0.28, 0.02,
    )  # fmt: skip
    skin.fill(_pill(0, low + 0.44, 0.64, 0.2, 7), dark, 0.5, 0.012)
    skin.both(_pill(half * 0.92, low + 0.62, 0.13, 0.52, 5), (16, 10, 90), 0.97)
    skin.both(_pill(half * 0.92, low + 0.74, 0.1, 0.2, 4), (70, 60, 255) if lit else (28, 18, 165), 0.95, 0.008)
    skin.both(_pill(half * 0.92, low + 0.52, 0.09, 0.1, 4), (60, 110, 200) if not lit else (30, 60, 120), 0.9)
    skin.both(_bar(half * 0.84, low + 0.25, half * 0.845, high), dark, 0.6)
    skin.fill(_pill(0.09, low + 0.62, 0.16, 0.035, 5), (25, 25, 25), 0.9)
    return skin.finish()


@lru_cache(maxsize=64)
def front_skin(paint: Colour, width: float, face: tuple[float, float], lit: bool) -> Pixels:
    """The front of a vehicle; arguments as in `rear_skin`."""
    tall = min(face[1], 1.0) - face[0]
    skin = Skin(width, (face[0], face[0] + tall), paint)
    half, low = width / 2, face[0]
    dark = _darker(paint, 0.4)
    skin.fill(_pill(0, low + 0.09, width * 0.84, 0.17, 6), (20, 20, 20), 0.97, 0.008)  # the lower intake
    skin.both(_pill(half * 0.74, low + 0.14, 0.17, 0.09, 4), (28, 28, 28), 0.95)
    skin.both(_pill(half * 0.74, low + 0.14, 0.08, 0.06, 2), (190, 190, 185), 0.8)
    skin.fill(_pill(0, low + 0.37, width * 0.5, 0.13, 6), (18, 18, 18), 0.97, 0.006)  # the grille
    for line in (-0.03, 0.0, 0.03):
        skin.fill(
            _bar(-width * 0.23, low + 0.366 + line, width * 0.23, low + 0.374 + line), (120, 122, 124), 0.7, 0.003
        )
    skin.fill(_pill(0, low + 0.37, 0.12, 0.1, 2), (200, 200, 198), 0.95)
    skin.fill(_bar(-half * 0.9, low + 0.455, half * 0.9, low + 0.463), dark, 0.75)  # the lip of the bonnet
    lamp = [(half * 0.55, low + 0.33), (half * 0.6, low + 0.46), (half * 0.97, low + 0.5), (half * 0.95, low + 0.36)]
    skin.both(lamp, (70, 66, 62), 0.97)
    glass: Colour = (255, 255, 255) if lit else (214, 208, 200)
    skin.both(_pill(half * 0.82, low + 0.415, 0.13, 0.085, 2.5), glass, 0.95, 0.006)
    skin.both(_pill(half * 0.68, low + 0.4, 0.08, 0.06, 2.5), (235, 235, 235) if lit else (170, 166, 160), 0.9, 0.006)
    if not lit:
        skin.both(_pill(half * 0.82, low + 0.415, 0.05, 0.035, 2), (120, 116, 112), 0.8)
    return skin.finish()


@lru_cache(maxsize=8)
def motorcycle_skin(paint: Colour, lit: bool) -> Pixels:
    """A motorcycle with its rider from behind, 1.0 m wide and 1.8 m tall, its tail in `paint`."""
    skin = Skin(1.0, (0.0, 1.8))
    skin.fill(_pill(0, 0.31, 0.19, 0.62, 5), (18, 18, 18))  # the tyre
    skin.fill(_pill(0, 0.3, 0.07, 0.58, 5), (34, 34, 34), 0.8, 0.012)
    skin.fill(_pill(0.19, 0.4, 0.13, 0.2, 3), (110, 112, 116), 1.0, 0.006)  # the silencer
    skin.fill(_pill(0.19, 0.4, 0.07, 0.11, 2.5), (20, 20, 20), 1.0)
    for side in (-1.0, 1.0):
        boots = [(0.17, 0.3), (0.29, 0.3), (0.33, 0.72), (0.2, 0.74)]
        skin.fill([(side * x, y) for x, y in boots], (24, 22, 22), 1.0, 0.006)
        legs = [(0.14, 0.66), (0.34, 0.6), (0.3, 0.95), (0.1, 0.98)]
        skin.fill([(side * x, y) for x, y in legs], (52, 40, 34), 1.0, 0.006)
        arms = [(0.2, 1.38), (0.29, 1.3), (0.43, 1.06), (0.4, 0.98), (0.33, 1.02), (0.18, 1.16)]
        skin.fill([(side * x, y) for x, y in arms], (38, 36, 36), 1.0, 0.006)
        skin.fill([(side * 0.36, 1.2), (side * 0.38, 1.2), (side * 0.4, 1.04), (side * 0.37, 1.04)], (24, 24, 24))
        skin.fill(_pill(side * 0.42, 1.24, 0.15, 0.09, 3), (26, 26, 26), 1.0, 0.006)  # the mirrors
        skin.fill(_pill(side * 0.42, 1.24, 0.12, 0.065, 3), (160, 150, 140), 0.25 if lit else 0.9, 0.006)
    skin.fill(
        [(-0.23, 0.9), (0.23, 0.9), (0.27, 1.36), (0.13, 1.46), (-0.13, 1.46), (-0.27, 1.36)], (42, 40, 40), 1, 0.02
    )
    vest = [(-0.2, 0.98), (0.2, 0.98), (0.23, 1.34), (0.1, 1.42), (-0.1, 1.42), (-0.23, 1.34)]
    skin.fill(vest, (60, 225, 205), 0.95, 0.006)  # a vest of high visibility
    skin.fill(_bar(-0.21, 1.1, 0.21, 1.15), (205, 208, 208), 0.95)
    skin.fill(_pill(0, 1.6, 0.26, 0.3, 2.4), paint, 1.0, 0.006)  # the helmet
    skin.fill(_pill(-0.05, 1.66, 0.07, 0.1, 2), (235, 230, 225), 0.1 if lit else 0.4, 0.02)
    skin.fill([(-0.15, 0.74), (0.15, 0.74), (0.19, 0.98), (-0.19, 0.98)], paint, 1.0, 0.006)  # the tail
    skin.fill(_pill(0, 0.94, 0.3, 0.1, 4), (22, 22, 24), 1.0, 0.008)
    skin.fill(_pill(0, 0.81, 0.17, 0.08, 3), (70, 60, 255) if lit else (30, 20, 175), 1.0, 0.006)
    skin.both(_pill(0.2, 0.78, 0.07, 0.05, 2.5), (20, 110, 220), 1.0, 0.005)
    skin.fill(_bar(-0.12, 0.5, 0.12, 0.76), (20, 20, 20), 1.0, 0.006)
    return skin.finish()
