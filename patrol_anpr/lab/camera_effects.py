"""What lies between a clean picture and the one a dashcam gives: small pure functions, each returning a new picture.

Randomness comes from the generator that is passed in, so that a seed gives the same picture again.
"""

import math
from typing import cast

import cv2
import numpy as np
from numpy.typing import ArrayLike, NDArray

from patrol_anpr.domain.plate import Pixels


def paste(scene: Pixels, picture: Pixels, corners: ArrayLike) -> None:
    """Draw `picture` into `scene` in place, its corners on `corners` (4 x 2 pixels, clockwise), with smooth edges.

    A fourth channel of `picture`, where it has one, is its opacity.
    """
    quad = np.asarray(corners, np.float32)
    left, top = np.maximum(np.floor(quad.min(0)) - 1, 0).astype(int)
    right, bottom = np.minimum(np.ceil(quad.max(0)) + 2, (scene.shape[1], scene.shape[0])).astype(int)
    if right <= left or bottom <= top:
        return
    if picture.shape[2] == 3:
        picture = np.dstack([picture, np.full(picture.shape[:2], 255, np.uint8)])
    small, matrix = _flattened(picture, quad - (left, top))
    colours = small[..., :3] * (small[..., 3:].astype(np.float32) / 255)  # weighed by opacity, then mixed by the warp
    small = np.dstack([colours.astype(np.uint8), small[..., 3]])
    warped = cv2.warpPerspective(small, matrix, (right - left, bottom - top), flags=cv2.INTER_LINEAR)
    opacity = warped[..., 3:].astype(np.float32) / 255
    patch = scene[top:bottom, left:right]
    patch[:] = np.clip(patch * (1 - opacity) + warped[..., :3], 0, 255).astype(np.uint8)


def _flattened(pixels: Pixels, corners: ArrayLike) -> tuple[Pixels, NDArray[np.float64]]:
    """The picture shrunk to about the size it is wanted at (against aliasing), and the matrix that puts it there."""
    quad = np.asarray(corners, np.float32)
    height, width = pixels.shape[:2]
    wanted = max(math.dist(quad[0], quad[1]), math.dist(quad[3], quad[2])) * 1.25
    tall = max(math.dist(quad[0], quad[3]), math.dist(quad[1], quad[2])) * 1.25
    size = (max(2, min(width, math.ceil(wanted))), max(2, min(height, math.ceil(tall))))
    small = cv2.resize(pixels, size, interpolation=cv2.INTER_AREA) if size != (width, height) else pixels
    edge = np.array([[0, 0], [size[0], 0], [size[0], size[1]], [0, size[1]]], np.float32) - 0.5
    return cast("Pixels", small), cast("NDArray[np.float64]", cv2.getPerspectiveTransform(edge, quad - 0.5))


def motion_blur(pixels: Pixels, length: float, angle: float = 0.0) -> Pixels:
    """Smear along a line of `length` pixels at `angle` degrees (0 is across, 90 down)."""
    if length <= 1:
        return pixels.copy()
    reach = math.ceil(length) // 2 + 1
    middle, side = float(reach), 2 * reach + 1
    dx, dy = math.cos(math.radians(angle)) * (length - 1) / 2, math.sin(math.radians(angle)) * (length - 1) / 2
    kernel = np.zeros((side, side), np.float32)
    steps = 16 * side
    for step in range(steps + 1):
        share = 2 * step / steps - 1
        _splat(kernel, middle + dx * share, middle + dy * share)
    return _filtered(pixels, kernel / kernel.sum())


def _splat(kernel: NDArray[np.float32], x: float, y: float) -> None:
    """Add one unit at a point between pixels, shared over its four neighbours."""
    column, row = int(x), int(y)
    fx, fy = x - column, y - row
    kernel[row : row + 2, column : column + 2] += np.outer((1 - fy, fy), (1 - fx, fx)).astype(np.float32)


def defocus(pixels: Pixels, radius: float) -> Pixels:
    """Blur with a disc of `radius` pixels, as a lens out of focus does."""
    if radius <= 0:
        return pixels.copy()
    reach = math.ceil(radius)
    across = np.arange(-reach, reach + 1, dtype=np.float32)
    kernel = np.clip(radius + 0.5 - np.hypot(across[None], across[:, None]), 0, 1).astype(np.float32)
    return _filtered(pixels, kernel / kernel.sum())


def _filtered(pixels: Pixels, kernel: NDArray[np.float32]) -> Pixels:
    return cast("Pixels", cv2.filter2D(pixels, -1, kernel, borderType=cv2.BORDER_REPLICATE))


def low_light(pixels: Pixels, exposure: float, noise: float, rng: np.random.Generator) -> Pixels:
    """Dim to `exposure` (1 leaves the light as it is) and add sensor noise of `noise` grey levels.

    Photon noise grows with the square root of the light; a smaller share is the same everywhere (read noise).
    """
    light = pixels.astype(np.float32) * np.float32(exposure)
    grain = rng.standard_normal(pixels.shape, dtype=np.float32)
    grain += rng.standard_normal((*pixels.shape[:2], 1), dtype=np.float32)  # most of it is in the brightness
    noisy = light + grain * (0.35 + np.sqrt(light / 255)) * (noise / 1.6)
    return cast("Pixels", np.clip(noisy, 0, 255).astype(np.uint8))


def glare(pixels: Pixels, centre: tuple[float, float], radius: float, strength: float) -> Pixels:
    """Add the veil of a lamp at `centre` (x, y): half of it within `radius` pixels, `strength` 1 whitens the middle."""
    rows, columns = np.ogrid[: pixels.shape[0], : pixels.shape[1]]
    distance = ((columns - centre[0]) ** 2 + (rows - centre[1]) ** 2) / radius**2
    veil = (strength * 255 / (1 + distance) ** 1.5).astype(np.float32)
    return cast("Pixels", np.clip(pixels.astype(np.float32) + veil[..., None], 0, 255).astype(np.uint8))


def covered(pixels: Pixels, light: float, noise: float, rng: np.random.Generator) -> Pixels:
    """What a lens sees with a hand before it: skin that `light` (grey levels) falls through, and nothing sharp."""
    height, width = pixels.shape[:2]
    rows, columns = np.ogrid[0 : 1 : height * 1j, 0 : 1 : width * 1j]
    glow = light * (0.7 + 0.3 * np.exp(-4 * ((columns - 0.5) ** 2 + (rows - 0.5) ** 2)))
    skin = np.dstack([0.5 * glow, 0.6 * glow, glow])
    return cast("Pixels", np.clip(skin + noise * rng.standard_normal(pixels.shape), 0, 255).astype(np.uint8))


def jpeg(pixels: Pixels, quality: int) -> Pixels:
    """Compress and decode again, quality 1 to 100."""
    _, coded = cv2.imencode(".jpg", pixels, [cv2.IMWRITE_JPEG_QUALITY, quality])
    return cast("Pixels", cv2.imdecode(coded, cv2.IMREAD_COLOR))
