"""What stands beside the road: trees and street lamps, painted from far to near."""

import cv2
import numpy as np

from patrol_anpr.domain.plate import Pixels
from patrol_anpr.lab.camera_effects import paste
from patrol_anpr.lab.street import PERIOD, Floats, Light, View, headlamp_beam, noise, street_lamp_pool

_TREES = ((-6.9, 4.0, 5.6), (7.7, 13.0, 6.4), (-7.4, 22.0, 6.8), (8.2, 31.0, 5.4))  # x, z in the period, height
_LAMPS = ((-4.0, PERIOD / 2), (4.9, PERIOD / 2))
_FAR, _NEAR = 90.0, 2.5
_LAMP_HEIGHT = 5.4


class Roadside:
    """Draws trees and street lamps; they repeat with the street."""

    def __init__(self, view: View, light: Light, seed: int) -> None:
        rng = np.random.default_rng(seed)
        self._view, self._light = view, light
        self._trees = [_tree(rng) for _ in _TREES]
        self._kept: dict[tuple[int, int], Pixels] = {}

    def draw(self, frame: Pixels, driven: float) -> None:
        """Draw into `frame`, which has the size of the view, after `driven` metres."""
        standing = [
            (z + PERIOD * turn - driven % PERIOD, x, index)
            for turn in range(4)
            for index, (x, z) in enumerate([(x, z) for x, z, _ in _TREES] + list(_LAMPS))
        ]
        for z, x, index in sorted((each for each in standing if _NEAR < each[0] < _FAR), reverse=True):
            if index < len(_TREES):
                self._draw_tree(frame, x, z, index, driven)
            else:
                self._draw_lamp(frame, x, z)

    def _draw_tree(self, frame: Pixels, x: float, z: float, index: int, driven: float) -> None:
        height = _TREES[index][2]
        half = height * 0.42
        quad = self._corners([(x - half, height), (x + half, height), (x + half, 0.0), (x - half, 0.0)], z)
        paste(frame, self._shaded(x, z, index, driven), quad)

    def _shaded(self, x: float, z: float, index: int, driven: float) -> Pixels:
        """The tree in the light and haze of its place, in few enough steps to be kept."""
        if self._light.is_night:
            at = (np.array([value], np.float32) for value in (x, 1.5, z))
            lit = headlamp_beam(self._light, *at)[0] + 0.5 * street_lamp_pool(self._light, np.array([z + driven]))[0]
            step = round(float(lit) * 40)
        else:
            step = round((1 - np.exp(-z / 160)) * 30)
        if (index, step) not in self._kept:
            tree = self._trees[index]
            leaves = tree[..., :3].astype(np.float32)
            if self._light.is_night:
                leaves *= self._light.ambient + 0.6 * step / 40
            else:
                leaves += (np.array((208, 204, 196), np.float32) - leaves) * (step / 30 * 0.8)
            self._kept[index, step] = np.dstack([leaves.astype(np.uint8), tree[..., 3]])
        return self._kept[index, step]

    def _draw_lamp(self, frame: Pixels, x: float, z: float) -> None:
        side = -np.sign(x)
        arm = x + side * 1.1
        grey = (30, 30, 30) if self._light.is_night else (112, 116, 112)
        for box in (
            [(x - 0.06, _LAMP_HEIGHT), (x + 0.06, _LAMP_HEIGHT), (x + 0.08, 0.0), (x - 0.08, 0.0)],
            [(x, _LAMP_HEIGHT), (arm, _LAMP_HEIGHT + 0.1), (arm, _LAMP_HEIGHT), (x, _LAMP_HEIGHT - 0.1)],
        ):
            pixels = np.round(self._corners(box, z) * 16).astype(np.int32)
            cv2.fillConvexPoly(frame, pixels, grey, cv2.LINE_AA, 4)
        head = self._corners([(arm - 0.3, _LAMP_HEIGHT + 0.1), (arm + 0.3, _LAMP_HEIGHT - 0.02)], z)
        centre = np.round(head.mean(0) * 16).astype(int)
        radii = np.round(np.abs(head[1] - head[0]) * 8).astype(int)
        colour = (205, 238, 255) if self._light.is_night else (188, 192, 190)
        cv2.ellipse(frame, centre.tolist(), radii.tolist(), 0, 0, 360, colour, -1, cv2.LINE_AA, 4)

    def _corners(self, box: list[tuple[float, float]], z: float) -> Floats:
        return self._view.project(np.array([(x, y, z) for x, y in box], np.float32))


def _tree(rng: np.random.Generator) -> Pixels:
    """A tree as a picture of 360 x 420 pixels with opacity: a trunk and a crown of leaf clusters lit from the left."""
    shape = (420, 360)
    rows, columns = np.mgrid[: shape[0], : shape[1]].astype(np.float32)
    crown = np.full(shape, -1.0, np.float32)
    lit = np.zeros(shape, np.float32)
    for _ in range(60):
        angle, reach = rng.uniform(0, 2 * np.pi), np.sqrt(rng.uniform(0, 1))
        x, y = 180 + 122 * reach * np.cos(angle), 165 + 118 * reach * np.sin(angle)
        radius = rng.uniform(26, 46)
        inside = 1 - np.hypot(columns - x, rows - y) / radius
        nearer = inside > crown
        crown = np.maximum(crown, inside)
        lit = np.where(nearer, -(columns - x + rows - y) / radius, lit)
    ragged = crown + noise(rng, shape, 3) * 0.16 + noise(rng, shape, 9) * 0.1
    opacity = np.clip((ragged - 0.06) * 9, 0, 1)
    shade = 0.72 + 0.2 * lit + noise(rng, shape, 3) * 0.16 + noise(rng, shape, 1) * 0.08 - (rows - 165) / 520
    colour = shade[..., None] * np.array((48, 104, 82), np.float32)
    trunk = (np.abs(columns - 180) < 9 + (rows - 300).clip(0) * 0.03) & (rows > 220) & (opacity < 0.6)
    colour[trunk] = np.array((52, 66, 78), np.float32)
    opacity = np.maximum(opacity, trunk)
    return np.dstack([np.clip(colour, 0, 255), opacity * 255]).astype(np.uint8)


def draw_bonnet(frame: Pixels, light: Light) -> None:
    """Draw the edge of our own bonnet along the bottom, in place."""
    height, width = frame.shape[:2]
    base = 6 if light.is_night else 34
    for inset, grey in ((0, base), (5, base * 2), (10, base + base // 4), (22, base)):
        centre = (width // 2, round(height * 1.36) + inset)
        cv2.ellipse(
            frame, centre, (round(width * 0.8), round(height * 0.41)), 0, 180, 360, (grey,) * 3, -1, cv2.LINE_AA
        )
