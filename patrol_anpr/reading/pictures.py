"""The pictures kept of a plate: the patch, the overview, and the plate's colour."""

from dataclasses import dataclass
from datetime import datetime

import cv2
import numpy as np

from patrol_anpr.domain.plate import PATCH_MARGIN, Box, Frame, Pixels, PlateColour
from patrol_anpr.domain.read import Evidence
from patrol_anpr.reading.ocr import cut_out

_PATCH_QUALITY, _OVERVIEW_QUALITY = 92, 80
"""JPEG quality (0 to 100); judged: letters without blocks, and a scene that is small."""
_OVERVIEW_WIDTH = 1280
"""px: shows the vehicle and the scene, and leaves room to shrink it to the 960 px that are sent (judged)."""


@dataclass(frozen=True, slots=True)
class Shot:
    """The pictures of one plate in one frame; `score` says how well it is seen there."""

    score: float
    at_utc: datetime
    at_monotonic: float
    box: Box
    colour: PlateColour
    evidence: Evidence


@dataclass(frozen=True, slots=True)
class Glance:
    """A patch alone, of one moment of a pass; `score` as in Shot."""

    score: float
    at_monotonic: float
    patch: bytes


class Photographer:
    """Makes shots. The overview of a frame is encoded once, however many plates are in it. Not thread-safe."""

    def __init__(self) -> None:
        self._last: tuple[str, int, bytes] = ("", -1, b"")

    def shoot(self, frame: Frame, box: Box, score: float) -> Shot:
        """Copy what is needed of `frame` as JPEG, so that its pixels are not kept."""
        patch = cut_out(frame.pixels, box, PATCH_MARGIN)
        return Shot(
            score,
            frame.at_utc,
            frame.at_monotonic,
            box,
            colour_of(cut_out(frame.pixels, box, (0.0, 0.0))),
            Evidence(_jpeg(patch, _PATCH_QUALITY), self._overview(frame)),
        )

    def glance(self, frame: Frame, box: Box, score: float) -> Glance:
        """Copy the patch alone."""
        return Glance(score, frame.at_monotonic, _jpeg(cut_out(frame.pixels, box, PATCH_MARGIN), _PATCH_QUALITY))

    def _overview(self, frame: Frame) -> bytes:
        camera_id, number, coded = self._last
        if (camera_id, number) != (frame.camera_id, frame.number) or not coded:
            pixels: Pixels = frame.pixels
            if pixels.shape[1] > _OVERVIEW_WIDTH:
                height = round(pixels.shape[0] * _OVERVIEW_WIDTH / pixels.shape[1])
                small = cv2.resize(pixels, (_OVERVIEW_WIDTH, height), interpolation=cv2.INTER_AREA)
                pixels = np.asarray(small, dtype=np.uint8)
            coded = _jpeg(pixels, _OVERVIEW_QUALITY)
            self._last = (frame.camera_id, frame.number, coded)
        return coded


def _jpeg(pixels: Pixels, quality: int) -> bytes:
    made, coded = cv2.imencode(".jpg", pixels, [cv2.IMWRITE_JPEG_QUALITY, quality])
    if not made:
        raise ValueError(f"a picture of shape {pixels.shape} cannot be encoded")
    return bytes(coded)


def colour_of(plate: Pixels) -> PlateColour:
    """Tell a yellow plate from a white one by its ground, the brighter half of its pixels.

    UNKNOWN where the plate is too dark or of another colour: at night both look alike.
    """
    hue, saturation, value = (channel.ravel() for channel in cv2.split(cv2.cvtColor(plate, cv2.COLOR_BGR2HSV)))
    ground = value >= np.median(value)
    if np.median(value[ground]) < 60:
        return PlateColour.UNKNOWN
    coloured = ground & (saturation > 90)
    yellow = coloured & (hue >= 12) & (hue <= 38)
    if yellow.sum() > 0.5 * ground.sum():
        return PlateColour.YELLOW
    if (ground & (saturation < 70)).sum() > 0.5 * ground.sum():
        return PlateColour.WHITE
    return PlateColour.UNKNOWN
