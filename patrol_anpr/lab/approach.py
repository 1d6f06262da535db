"""A plate coming nearer, as a dashcam films it: any picture of a plate, drawn or real, turned into frames."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import cv2
import numpy as np
from numpy.typing import NDArray

from patrol_anpr.domain.plate import Box, Frame, Pixels, PlateColour
from patrol_anpr.domain.vrm import VrmFormat, format_of
from patrol_anpr.lab.camera_effects import defocus, glare, jpeg, low_light, motion_blur, paste
from patrol_anpr.lab.marks import random_mark
from patrol_anpr.lettering.plate import Band, PlateLook, draw_plate

FPS = 12.0
LEAST_LARGEST, MOST_LARGEST = 32.0, 150.0  # px: how wide a plate gets on its approach
_FARTHEST, _NEAREST_START = 28.0, 60.0  # px: how wide it is at first
_FRAMES = (3, 20)
_SCENE = (1280, 720)
_VANISHING, _ROADSIDE = (600.0, 320.0), (1.6, 1.1)  # px; and where the plate drives, in plate widths from there
_STARTED = datetime(2026, 1, 1, tzinfo=UTC)
_SCALE = 0.5  # px/mm: a drawn plate of 260 px, more than any approach shows
# BGR gains of sodium lamps, of dusk, and of a filter that lost its infrared coating.
_CASTS = ((1, 1, 1), (0.7, 0.88, 1.15), (1.12, 1, 0.88), (0.85, 0.68, 1.2))


@dataclass(frozen=True, slots=True)
class Subject:
    """A picture of a plate: its text, and its corners in the picture (4 x 2 px, clockwise from the top left).

    `is_scene` where the picture shows the road around the plate too.
    """

    text: str
    pixels: Pixels
    corners: NDArray[np.float32]
    is_scene: bool = False

    @property
    def width(self) -> float:
        """The plate's width in the picture, in pixels."""
        return float(math.dist(self.corners[0], self.corners[1]) + math.dist(self.corners[3], self.corners[2])) / 2


@dataclass(frozen=True, slots=True)
class Approach:
    """How a plate comes nearer: its `widths` in pixels, one a frame; `strain` from 0 (a good camera) to 1 (a poor one).

    Everything else follows from `seed`.
    """

    widths: tuple[float, ...]
    by_night: bool
    strain: float
    seed: int


def corners_of(box: Box) -> NDArray[np.float32]:
    """Return a box's corners, 4 x 2, clockwise from the top left."""
    return np.array([[box.x1, box.y1], [box.x2, box.y1], [box.x2, box.y2], [box.x1, box.y2]], np.float32)


def invent_subject(rng: np.random.Generator) -> Subject:
    """Invent a mark and draw its plate, as lawful and as worn as plates are."""
    mark = random_mark(rng)
    old = format_of(mark) in {VrmFormat.SUFFIX, VrmFormat.DATELESS}
    look = PlateLook(
        band=Band(rng.choice(["none", "uk", "gb_euro", "green"], p=[0.6, 0.13, 0.2, 0.07])),
        two_line=bool(rng.random() < 0.05),
        border=bool(rng.random() < 0.25),
        black_and_silver=bool(old and rng.random() < 0.15),
        group_gap=float(rng.choice([11, 24, 50])) if rng.random() < 0.1 else None,
    )
    colour = PlateColour.YELLOW if rng.random() < 0.5 else PlateColour.WHITE
    plate = draw_plate(mark, colour=colour, look=look, scale=_SCALE).astype(np.float32)
    plate = plate * rng.uniform(0.75, 1.0) + rng.uniform(0, 22)
    if rng.random() < 0.4:
        clouds = cv2.resize(rng.random((4, 10), dtype=np.float32), plate.shape[1::-1], interpolation=cv2.INTER_CUBIC)
        grime = (np.clip(clouds - 0.45, 0, 1) * rng.uniform(0.2, 1.1))[..., None]
        plate = plate * (1 - grime) + np.array([48, 62, 74], np.float32) * grime
    pixels = np.clip(plate, 0, 255).astype(np.uint8)
    return Subject(mark, pixels, corners_of(Box(0, 0, pixels.shape[1], pixels.shape[0])))


def plan_approach(rng: np.random.Generator, native: float = math.inf) -> Approach:
    """Draw an approach: how far away it begins, how near it comes, how fast, in what light.

    No frame shows a plate larger than `native` px, the size at which there is a picture of it (ValueError where that is
    below LEAST_LARGEST): what is enlarged is no picture of a near plate. Distance falls evenly, so the width is an
    even step in 1/width.
    """
    if native < LEAST_LARGEST:
        raise ValueError(f"a plate of {native:.0f} px is too small to come nearer")
    largest = math.exp(rng.uniform(math.log(LEAST_LARGEST), math.log(min(native, MOST_LARGEST))))
    first = rng.uniform(_FARTHEST, max(_FARTHEST, min(_NEAREST_START, 0.9 * largest)))
    frames = int(rng.integers(_FRAMES[0], _FRAMES[1] + 1))
    by_night = bool(rng.random() < 0.35)
    strain = float(rng.uniform(0.3 if by_night else 0.0, 1.0))
    widths = 1 / np.linspace(1 / first, 1 / largest, frames)
    return Approach(tuple(widths.tolist()), by_night, strain, int(rng.integers(2**31)))


def film(subject: Subject, approach: Approach) -> Iterator[tuple[Frame, Box]]:
    """Yield the frames and where the plate is in each. A plate alone is filmed on a small piece of paint."""
    rng = np.random.default_rng(approach.seed)
    camera = _Camera(approach, rng)
    turn = _turn(rng)
    plate = (subject.corners - subject.corners.mean(0)) @ turn.T
    height, width = subject.pixels.shape[:2]
    picture = (corners_of(Box(0, 0, width, height)) - subject.corners.mean(0)) @ turn.T
    extent = np.ptp(plate, axis=0)
    size = _SCENE if subject.is_scene else _room(max(approach.widths), extent[1] / extent[0])
    anchor = np.array(_VANISHING if subject.is_scene else (size[0] / 2, size[1] / 2))
    away = np.array(_ROADSIDE if subject.is_scene else (0.0, 0.0))
    ground = _ground(size, rng)
    for number, plate_width in enumerate(approach.widths):
        scale = plate_width / extent[0]
        centre = anchor + away * plate_width + rng.normal(0, 0.8 + approach.strain, 2)
        scene = ground.copy()
        paste(scene, subject.pixels, (picture * scale + centre).astype(np.float32))
        corners = plate * scale + centre
        at = number / FPS
        frame = Frame("bench", number, camera.expose(scene, plate_width), _STARTED + timedelta(seconds=at), at)
        yield frame, Box(*corners.min(0).tolist(), *corners.max(0).tolist())


def _turn(rng: np.random.Generator) -> NDArray[np.float64]:
    """How the plate hangs in the picture all the way: rolled, leaning with the rolling shutter, seen from the side."""
    roll, lean = math.radians(np.clip(rng.normal(0, 3), -9, 9)), float(np.clip(rng.normal(0, 0.07), -0.18, 0.18))
    yaw = math.cos(math.radians(min(abs(rng.normal(0, 20)), 50)))
    rolled = np.array([[math.cos(roll), -math.sin(roll)], [math.sin(roll), math.cos(roll)]])
    return np.asarray(rolled @ np.array([[yaw, lean], [0, 1]]), np.float64)


def _room(largest: float, leanness: float) -> tuple[int, int]:
    """How large a picture (width, height) shows a plate of that width, and height to width, with room around it."""
    return round(1.4 * largest) + 32, round(1.6 * leanness * largest) + 32


def _ground(size: tuple[int, int], rng: np.random.Generator) -> Pixels:
    """The paint or road around the picture: one tint, lighter towards the top."""
    tint = np.clip(rng.uniform(8, 190) + rng.normal(0, 14, 3), 0, 255)
    shade = np.linspace(1.15, 0.8, size[1])[:, None, None]
    return np.clip(np.broadcast_to(tint * shade, (size[1], size[0], 3)), 0, 255).astype(np.uint8)


class _Camera:
    """One camera in one light: what it does to every frame of a pass is drawn once, the rest frame by frame."""

    def __init__(self, approach: Approach, rng: np.random.Generator) -> None:
        strain, self._night, self._rng = approach.strain, approach.by_night, rng
        self._blur = (0.5 + 1.5 * strain) * (1.5 if self._night else 1.0)
        self._focus = rng.uniform(0.3, 0.6 + 0.7 * strain)  # px
        self._quality = round(rng.uniform(80 - 50 * strain, 90))
        self._veil = rng.uniform(0, 0.35 * strain), rng.uniform(40, 190)
        if self._night:
            self._cast = np.array(_CASTS[rng.integers(len(_CASTS))], np.float32)
            self._light, self._grain = rng.uniform(0.75 - 0.5 * strain, 0.9), rng.uniform(3, 4 + 12 * strain)
        else:
            self._cast = rng.normal(1, 0.04, 3).astype(np.float32)
            self._light, self._grain = rng.uniform(1 - 0.45 * strain, 1.15), rng.uniform(1, 2 + 4 * strain)
        self._lamp = (rng.uniform(0, 1), rng.uniform(0, 1)) if rng.random() < (0.25 if self._night else 0.04) else None

    def expose(self, scene: Pixels, width: float) -> Pixels:
        """Return what the camera gives of `scene`, in which the plate is `width` px wide."""
        rng = self._rng
        share, level = self._veil
        seen = np.clip(scene * self._cast * (1 - share) + level * share, 0, 255).astype(np.uint8)
        if self._lamp is not None:
            place = self._lamp[0] * scene.shape[1], self._lamp[1] * scene.shape[0]
            seen = glare(seen, place, rng.uniform(0.1, 0.3) * width, rng.uniform(0.2, 0.7))
        # Shaking smears alike at any distance, driving past the more the nearer the plate.
        length = 1 + abs(rng.normal(0, self._blur)) * (0.4 + 0.6 * width / 80)
        seen = motion_blur(seen, length, rng.normal(0, 20) if rng.random() < 0.7 else rng.uniform(0, 180))
        seen = defocus(seen, self._focus)
        seen = low_light(seen, self._light * rng.uniform(0.92, 1.08), self._grain, rng)
        return jpeg(seen, int(np.clip(self._quality + rng.normal(0, 6), 12, 95)))
