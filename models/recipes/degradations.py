"""What a road camera does to a plate: the kinds the OCR is trained with, and other kinds it never sees in training.

Every kind is a pure function (picture, severity 0 to 1, generator) -> picture of the same size. UNSEEN is for measuring
alone: an OCR that only reads through what it was trained with has learned our degradations and not reading.
"""

import math
from collections.abc import Callable, Mapping

import cv2
import numpy as np
from numpy.typing import NDArray

from patrol_anpr.domain.plate import Pixels
from patrol_anpr.lab import camera_effects

Rng = np.random.Generator
Degradation = Callable[[Pixels, float, Rng], Pixels]

# Real dashcams seldom show neutral light: sodium lamps, white balance gone wrong at dusk, a filter that lost its
# infrared coating (magenta), headlamps (blue). BGR gains.
_CASTS = (
    (1, 1, 1),
    (0.75, 0.9, 1.15),
    (0.6, 0.85, 1.2),
    (1.15, 1, 0.85),
    (0.8, 1.05, 0.95),
    (0.85, 0.65, 1.2),
    (1.2, 0.8, 1),
)


def _clipped(values: NDArray[np.float32]) -> Pixels:
    return np.clip(values, 0, 255).astype(np.uint8)


def _scale(pixels: Pixels) -> float:
    """How large the plate is against one of 100 px: blur on the road grows with the plate's size in the picture."""
    return pixels.shape[1] / 100


def exposure(pixels: Pixels, severity: float, rng: Rng) -> Pixels:
    """Contrast, brightness and gamma of a camera that meters the sky or the road and not the plate."""
    values = (pixels.astype(np.float32) - 128) * rng.uniform(1 - 0.6 * severity, 1.2) + 128
    values += rng.uniform(-50, 45) * severity
    return _clipped(255 * np.power(np.clip(values / 255, 0, 1), rng.uniform(1 - 0.45 * severity, 1 + 0.8 * severity)))


def dusk(pixels: Pixels, severity: float, rng: Rng) -> Pixels:
    """Little light: a dim picture with a cast, and a sensor that grains."""
    cast = np.float32(_CASTS[rng.integers(len(_CASTS))])
    tinted = _clipped(pixels.astype(np.float32) * cast + rng.uniform(0, 16))
    light, grain = rng.uniform(0.75 - 0.55 * severity, 0.9), rng.uniform(2, 4 + 12 * severity)
    return camera_effects.low_light(tinted, light, grain, rng)


def bloom(pixels: Pixels, severity: float, rng: Rng) -> Pixels:
    """Headlamps on a reflecting plate: the ground is blown out, bleeds into the letters and lights its surroundings."""
    values = pixels.astype(np.float32)
    bright = np.maximum(values - rng.uniform(90, 150), 0)
    spread = cv2.GaussianBlur(bright, (0, 0), max(0.8, rng.uniform(1.5, 5) * _scale(pixels)))
    cast = np.float32(_CASTS[rng.integers(len(_CASTS))])
    return _clipped((values + (bright + spread) * rng.uniform(0.3, 0.4 + 1.4 * severity)) * cast)


def veil(pixels: Pixels, severity: float, rng: Rng) -> Pixels:
    """Weak contrast: a dirty windscreen in low sun, or a plate whose letters have faded."""
    share = rng.uniform(0.2, 0.35 + 0.4 * severity)
    colour = np.float32(_CASTS[rng.integers(len(_CASTS))]) * rng.uniform(40, 220)
    return _clipped(pixels.astype(np.float32) * (1 - share) + colour * share)


def lamp(pixels: Pixels, severity: float, rng: Rng) -> Pixels:
    """One or two lamps near the plate: the plate's own above it, or a headlamp's flare anywhere."""
    height, width = pixels.shape[:2]
    lit = pixels
    if rng.random() < 0.5:
        places = [(rng.uniform(0.2, 0.45) * width, 0.0), (rng.uniform(0.55, 0.8) * width, 0.0)][: rng.integers(1, 3)]
        places = [(x, rng.uniform(0, 0.15) * height) for x, _ in places]
        radius = rng.uniform(0.04, 0.13) * width
    else:
        places, radius = [(rng.uniform(0, width), rng.uniform(0, height))], rng.uniform(0.08, 0.45) * width
    for place in places:
        lit = camera_effects.glare(lit, place, radius, rng.uniform(0.2, 0.35 + 0.6 * severity))
    return lit


def grey(pixels: Pixels, severity: float, rng: Rng) -> Pixels:
    """The look of an infrared camera: no colour, sometimes more contrast."""
    single = cv2.cvtColor(pixels, cv2.COLOR_BGR2GRAY).astype(np.float32)
    stretched = (single - 110) * rng.uniform(0.8, 1 + 0.5 * severity) + 110
    return _clipped(np.repeat(stretched[..., None], 3, axis=2))


def shadow(pixels: Pixels, severity: float, rng: Rng) -> Pixels:
    """The edge of a shadow across the plate."""
    height, width = pixels.shape[:2]
    beyond = np.arange(width) + np.arange(height)[:, None] * rng.uniform(-2, 2) > rng.uniform(0.1, 0.9) * width
    dark = np.where(beyond, rng.uniform(0.8 - 0.5 * severity, 0.85), 1.0).astype(np.float32)
    return _clipped(pixels * cv2.GaussianBlur(dark, (0, 0), 0.8)[..., None])


def motion(pixels: Pixels, severity: float, rng: Rng) -> Pixels:
    """Movement during the exposure, mostly across."""
    length = 1 + min(abs(rng.normal(0, 1.2 + 2.6 * severity)), 6) * _scale(pixels)
    angle = rng.normal(0, 20) if rng.random() < 0.7 else rng.uniform(0, 180)
    return camera_effects.motion_blur(pixels, length, angle)


def defocus(pixels: Pixels, severity: float, rng: Rng) -> Pixels:
    """A lens out of focus, or focused on the windscreen."""
    return camera_effects.defocus(pixels, rng.uniform(0.4, 0.7 + 1.6 * severity) * max(0.6, _scale(pixels)))


def soft(pixels: Pixels, severity: float, rng: Rng) -> Pixels:
    """A small lens at its limit."""
    return np.asarray(
        cv2.GaussianBlur(pixels, (0, 0), rng.uniform(0.3, 0.5 + 0.7 * severity), borderType=cv2.BORDER_REPLICATE),
        dtype=np.uint8,
    )


def rolling_shutter(pixels: Pixels, severity: float, rng: Rng) -> Pixels:
    """Rows read one after the other: the plate leans."""
    height, width = pixels.shape[:2]
    lean = rng.uniform(-0.35, 0.35) * severity
    matrix = np.array([[1, lean, -lean * height / 2], [0, 1, 0]], np.float32)
    return np.asarray(cv2.warpAffine(pixels, matrix, (width, height), borderMode=cv2.BORDER_REPLICATE), dtype=np.uint8)


def noise(pixels: Pixels, severity: float, rng: Rng) -> Pixels:
    """The grain of a small sensor in fair light."""
    return camera_effects.low_light(pixels, 1.0, rng.uniform(1, 3 + 7 * severity), rng)


def sharpened(pixels: Pixels, severity: float, rng: Rng) -> Pixels:
    """The halo of a camera that sharpens its pictures."""
    around = cv2.GaussianBlur(pixels, (0, 0), 1.0)
    strength = rng.uniform(0.3, 0.5 + severity)
    return np.asarray(cv2.addWeighted(pixels, 1 + strength, around, -strength, 0), dtype=np.uint8)


def jpeg(pixels: Pixels, severity: float, rng: Rng) -> Pixels:
    """A compressed still."""
    return camera_effects.jpeg(pixels, int(rng.integers(round(80 - 55 * severity), 93)))


def video(pixels: Pixels, severity: float, rng: Rng) -> Pixels:
    """Video: coded twice on grids that do not fall together, as a block that moved with the plate is."""
    height, width = pixels.shape[:2]
    left, top = (int(step) for step in rng.integers(1, 8, 2))
    shifted = cv2.copyMakeBorder(pixels, top, 8 - top, left, 8 - left, cv2.BORDER_REPLICATE)
    once = camera_effects.jpeg(np.asarray(shifted, dtype=np.uint8), int(rng.integers(round(70 - 50 * severity), 85)))
    return jpeg(np.ascontiguousarray(once[top : top + height, left : left + width]), severity, rng)


# In the order in which they come about: light, glass, lens, movement, sensor, codec. The number is how often, at
# severity 0 and at severity 1.
_CHAIN: tuple[tuple[Degradation, float, float], ...] = (
    (shadow, 0.08, 0.12),
    (exposure, 0.25, 0.35),
    (lamp, 0.06, 0.18),
    (bloom, 0.04, 0.16),
    (veil, 0.06, 0.15),
    (grey, 0.10, 0.12),
    (rolling_shutter, 0.08, 0.15),
    (motion, 0.15, 0.42),
    (defocus, 0.04, 0.12),
    (soft, 0.45, 0.60),
    (dusk, 0.10, 0.36),
    (noise, 0.40, 0.55),
    (sharpened, 0.05, 0.17),
    (jpeg, 0.45, 0.45),
    (video, 0.10, 0.30),
)
SEEN: Mapping[str, Degradation] = {step.__name__: step for step, _, _ in _CHAIN}


def degrade(pixels: Pixels, severity: float, rng: Rng) -> Pixels:
    """Put `pixels` through a camera of the training kinds; `severity` 0 (fair) to 1 (what is barely legible)."""
    for step, fair, hard in _CHAIN:
        if rng.random() < fair + (hard - fair) * severity:
            pixels = step(pixels, severity * rng.uniform(0.5, 1), rng)
    return pixels


def ghost(pixels: Pixels, severity: float, rng: Rng) -> Pixels:
    """Two exposures laid over each other, as a high-dynamic-range or noise-reducing camera does with what moves."""
    step = (0.02 + 0.03 * severity) * pixels.shape[1]
    angle = rng.uniform(0, 2 * math.pi)
    matrix = np.array([[1, 0, step * math.cos(angle)], [0, 1, 0.5 * step * math.sin(angle)]], np.float32)
    size = (pixels.shape[1], pixels.shape[0])
    moved = cv2.warpAffine(pixels, matrix, size, borderMode=cv2.BORDER_REPLICATE)
    share = rng.uniform(0.25, 0.45)
    return np.asarray(cv2.addWeighted(pixels, 1 - share, moved, share, 0), dtype=np.uint8)


def smear(pixels: Pixels, severity: float, rng: Rng) -> Pixels:
    """A noise filter that paints over detail."""
    smoothed = cv2.bilateralFilter(pixels, 5, 40 + 80 * severity, 2.5)
    return np.asarray(cv2.bilateralFilter(smoothed, 5, rng.uniform(30, 60), 2.0), dtype=np.uint8)


def rain(pixels: Pixels, severity: float, rng: Rng) -> Pixels:
    """Streaks of rain, lighter than what is behind them."""
    height, width = pixels.shape[:2]
    streaks = np.zeros((height, width), np.float32)
    for _ in range(int(6 + 18 * severity)):
        x, y, length = rng.uniform(0, width), rng.uniform(-height, height), rng.uniform(0.3, 0.9) * height
        cv2.line(streaks, (round(x), round(y)), (round(x + 0.15 * length), round(y + length)), 1.0, 1, cv2.LINE_AA)
    return _clipped(pixels.astype(np.float32) + streaks[..., None] * rng.uniform(25, 60))


def ripple(pixels: Pixels, severity: float, rng: Rng) -> Pixels:
    """Water on the glass, or a mount that shakes faster than the shutter reads: rows and columns bend."""
    height, width = pixels.shape[:2]
    rows, columns = np.mgrid[0:height, 0:width].astype(np.float32)
    reach, phase = (0.006 + 0.010 * severity) * width, rng.uniform(0, 2 * math.pi, 2)
    across = (columns + reach * np.sin(rows / height * rng.uniform(4, 9) + phase[0])).astype(np.float32)
    down = (rows + 0.7 * reach * np.sin(columns / width * rng.uniform(6, 14) + phase[1])).astype(np.float32)
    bent = cv2.remap(pixels, across, down, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(bent, dtype=np.uint8)


def few_levels(pixels: Pixels, severity: float, rng: Rng) -> Pixels:
    """A starved codec: few grey levels, and colour at a quarter of the resolution."""
    levels = rng.uniform(10, 26 - 12 * severity)
    height, width = pixels.shape[:2]
    luma, *chroma = cv2.split(cv2.cvtColor(pixels, cv2.COLOR_BGR2YCrCb))
    coarse = [cv2.resize(cv2.resize(one, (max(1, width // 4), max(1, height // 4))), (width, height)) for one in chroma]
    banded = np.round(luma.astype(np.float32) / levels) * levels
    merged = cv2.merge([np.clip(banded, 0, 255).astype(np.uint8), *coarse])
    return np.asarray(cv2.cvtColor(merged, cv2.COLOR_YCrCb2BGR), dtype=np.uint8)


def interlaced(pixels: Pixels, severity: float, rng: Rng) -> Pixels:
    """Two half pictures of different moments, woven row by row."""
    matrix = np.array(
        [[1, 0, rng.choice([-1, 1]) * (0.005 + 0.009 * severity) * pixels.shape[1]], [0, 1, 0]], np.float32
    )
    moved = cv2.warpAffine(pixels, matrix, pixels.shape[1::-1], borderMode=cv2.BORDER_REPLICATE)
    woven = pixels.copy()
    woven[1::2] = moved[1::2]
    return woven


UNSEEN: Mapping[str, Degradation] = {
    step.__name__: step for step in (ghost, smear, rain, ripple, few_levels, interlaced)
}


def degrade_unseen(pixels: Pixels, rng: Rng) -> Pixels:
    """Put `pixels` through one kind that training never uses, at a severity from middling to full."""
    kinds = list(UNSEEN.values())
    return kinds[int(rng.integers(len(kinds)))](pixels, rng.uniform(0.4, 1), rng)
