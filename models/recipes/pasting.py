"""Rendered UK plates pasted over the real ones of a detection picture: UK scenes with exact labels.

The plate is taken away by inpainting its box (its neighbours are the vehicle's own paint), then a rendered one is put
in its place, as wide, as lean, as bright and about as sharp as what stood there. Geometry in pixels; BGR.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray
from rendered_plates import Rng, render_bare

from patrol_anpr.domain.plate import Box, Pixels
from patrol_anpr.lab.camera_effects import paste

LEAST_WIDTH = 24.0  # px: below it a label would be a guess at a smudge
_GROWTH = (0.06, 0.12)  # of the box, what is painted away around a plate: boxes are drawn tightly
_SURROUNDINGS = 1.0  # of the box, how much around it the inpainting looks at


@dataclass(frozen=True, slots=True)
class Pasted:
    """A picture and where its plates now are."""

    pixels: Pixels
    boxes: tuple[Box, ...]


def paste_plates(pixels: Pixels, boxes: Sequence[Box], rng: Rng, *, share: float = 1.0) -> Pasted:
    """Replace each plate with the chance `share`; those too small or cut by the picture's edge stay as they are."""
    scene = pixels.copy()
    now = [_replaced(scene, box, rng) if fits(box, scene) and rng.random() < share else box for box in boxes]
    return Pasted(scene, tuple(now))


def fits(box: Box, pixels: Pixels) -> bool:
    """Tell whether a plate can be replaced: large enough, and whole in the picture."""
    height, width = pixels.shape[:2]
    inside = box.x1 >= 1 and box.y1 >= 1 and box.x2 <= width - 1 and box.y2 <= height - 1
    return inside and box.width >= LEAST_WIDTH and box.height >= 6


def _replaced(scene: Pixels, box: Box, rng: Rng) -> Box:
    """Replace the plate in `box` of `scene`, in place; return the box of the new one."""
    old = scene[int(box.y1) : round(box.y2) + 1, int(box.x1) : round(box.x2) + 1].copy()
    paint_away(scene, box)
    two_line = box.width / box.height < 1.7  # what stands on two lines is replaced by what stands on two lines
    plate = lit_like(render_bare(rng, two_line=two_line).astype(np.float32), old)
    corners = standing(box, plate.shape[1] / plate.shape[0], rng)
    paste(scene, _softened(plate, box, rng), corners)
    return bounds(corners, scene.shape[1], scene.shape[0])


def paint_away(scene: Pixels, box: Box) -> None:
    """Fill `box`, grown a little, with what surrounds it, in place."""
    height, width = scene.shape[:2]
    gone = box.padded(*_GROWTH, within=(width, height))
    seen = box.padded(_SURROUNDINGS, _SURROUNDINGS, within=(width, height))
    left, top, right, bottom = (round(at) for at in (seen.x1, seen.y1, seen.x2, seen.y2))
    region = scene[top:bottom, left:right]
    mask = np.zeros(region.shape[:2], np.uint8)
    mask[round(gone.y1) - top : round(gone.y2) - top, round(gone.x1) - left : round(gone.x2) - left] = 255
    region[:] = cv2.inpaint(region, mask, 3, cv2.INPAINT_TELEA)


def standing(box: Box, aspect: float, rng: Rng) -> NDArray[np.float32]:
    """Return the corners of a plate of `aspect` (width / height) that stands where `box` was, clockwise.

    What the box is higher than a level plate would be, is taken for lean: a box says how much a plate leans, but not
    to which side. A box much lower than its width is a plate seen from the side and makes a narrower one.
    """
    width = box.width * rng.uniform(0.94, 1.04)
    height = min(width / aspect, box.height * 1.05) * rng.uniform(0.94, 1.04)
    lean = min(max(0.0, box.height - height), 0.25 * width) * rng.choice([-1, 1]) * rng.uniform(0.3, 1)
    x, y = box.centre
    half = np.float32([[-1, -1], [1, -1], [1, 1], [-1, 1]]) * np.float32([width / 2, height / 2])
    half[:, 1] += half[:, 0] / width * lean
    half += rng.normal(0, 0.02, (4, 2)).astype(np.float32) * np.float32([height, height])
    return (half + np.float32([x, y])).astype(np.float32)


def bounds(corners: NDArray[np.float32], width: int, height: int) -> Box:
    """Return the box around `corners`, within a picture of `width` x `height`."""
    (left, top), (right, bottom) = corners.min(0), corners.max(0)
    return Box(max(0.0, left), max(0.0, top), min(float(width), right), min(float(height), bottom))


def lit_like(plate: NDArray[np.float32], old: Pixels) -> Pixels:
    """Give `plate` the light and cast of the plate it replaces: black for its darkest, white for its lightest parts.

    The colour of the old ground is only half taken over: a yellow plate stays yellow under a sodium lamp.
    """
    dark, light = (np.percentile(old.reshape(-1, 3), share, axis=0).astype(np.float32) for share in (8, 85))
    grey = np.float32(light.mean())
    light = 0.5 * light + 0.5 * grey
    return np.clip(dark + plate / 240 * np.maximum(light - dark, 12), 0, 255).astype(np.uint8)


def _softened(plate: Pixels, box: Box, rng: Rng) -> Pixels:
    """Blur the plate as the lens would have, in its own pixels: about 0.4 to 1.1 px of the picture."""
    sigma = rng.uniform(0.4, 1.1) * plate.shape[1] / box.width
    return np.asarray(cv2.GaussianBlur(plate, (0, 0), max(0.3, sigma)), dtype=np.uint8)
