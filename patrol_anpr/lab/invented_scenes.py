"""Pictures for invented Reads: a few streets with a vehicle are drawn once, and each Read's plate is laid into one."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import cv2
import numpy as np

from patrol_anpr.domain.plate import PATCH_MARGIN, Box, Pixels, PlateColour
from patrol_anpr.domain.read import Evidence
from patrol_anpr.lab.camera_effects import defocus, paste
from patrol_anpr.lab.road import Placed, RoadCamera, plated
from patrol_anpr.lab.street import DAY, NIGHT, Floats, View
from patrol_anpr.lab.vehicles import ESTATE, HATCHBACK, SALOON, VAN, Body, Colour, Pose
from patrol_anpr.lettering.plate import PlateLook, draw_plate
from patrol_anpr.records.evidence import small_copies

_VIEW = View(640, 360, 554.0, 153.0)
_DRAWN: Sequence[tuple[Body, Colour]] = (
    (HATCHBACK, (60, 50, 150)),
    (SALOON, (150, 148, 140)),
    (ESTATE, (120, 70, 30)),
    (VAN, (220, 220, 220)),
)
_PLATE_PIXELS = 0.6
"""Pixels a millimetre of the plate before it is laid in; finer than it comes to lie."""
_MARGIN = 6
"""Pixels round a plate that are made anew with it."""


@dataclass(frozen=True, slots=True)
class _Scene:
    """One street with one vehicle: the picture, where its plate lies, how bright that is, and which plate it shows."""

    picture: Pixels
    corners: Floats
    brightness: float
    colour: PlateColour


class InventedScenes:
    """Gives each Read its pictures, within the limits of what a car sends.

    `plain`: on a grey ground, for tests. A street takes seconds to draw.
    """

    def __init__(self, *, plain: bool = False) -> None:
        self._day = (_plain_scene(),) if plain else _scenes(night=False)
        self._night = self._day if plain else _scenes(night=True)

    def of(self, vrm: str, number: int, *, night: bool) -> tuple[Evidence, Box, PlateColour]:
        """Lay the plate of `vrm` into the scene of this number; return the small copies, its box and its colour."""
        scenes = self._night if night else self._day
        scene = scenes[number % len(scenes)]
        picture = scene.picture.copy()
        box, around = _box(scene.corners), _around(scene.corners)
        part = picture[around]
        plate = draw_plate(vrm, colour=scene.colour, scale=_PLATE_PIXELS)
        lit = np.clip(plate * (scene.brightness / max(1.0, float(plate.mean()))), 0, 255).astype(np.uint8)
        left, top = around[1].start, around[0].start
        paste(part, lit, scene.corners - np.array((left, top), np.float32))
        part[:] = defocus(part, 0.45)
        patch = box.padded(*PATCH_MARGIN, within=(_VIEW.width, _VIEW.height))
        cut = picture[round(patch.y1) : round(patch.y2), round(patch.x1) : round(patch.x2)]
        return small_copies(Evidence(_jpeg(cut, 85), _jpeg(picture, 70))), box, scene.colour


def _plain_scene() -> _Scene:
    picture = np.full((_VIEW.height, _VIEW.width, 3), 120, np.uint8)
    cv2.rectangle(picture, (220, 130), (420, 300), (90, 60, 40), cv2.FILLED)
    corners = np.array(((285, 220), (355, 220), (355, 236), (285, 236)), np.float32)
    return _Scene(picture, corners, 150.0, PlateColour.YELLOW)


@lru_cache(maxsize=2)
def _scenes(*, night: bool) -> tuple[_Scene, ...]:
    camera = RoadCamera(_VIEW, NIGHT if night else DAY, seed=19)
    return tuple(_scene(camera, number, *drawn) for number, drawn in enumerate(_DRAWN))


def _scene(camera: RoadCamera, number: int, body: Body, paint: Colour) -> _Scene:
    away = number % 3 != 2
    vehicle = plated("AA00AAA", body, paint, PlateLook())
    pose = Pose(0.1 if away else 1.4, 4.2 + 0.3 * number, away)
    picture, (truth, *_) = camera.picture([Placed(vehicle, pose)], 7.0 + 5.0 * number)
    brightness = float(picture[_inside(truth.corners)].mean())
    return _Scene(picture, truth.corners, brightness, PlateColour.YELLOW if away else PlateColour.WHITE)


def _box(corners: Floats) -> Box:
    low, high = corners.min(0), corners.max(0)
    return Box(float(low[0]), float(low[1]), float(high[0]), float(high[1]))


def _inside(corners: Floats) -> tuple[slice, slice]:
    low, high = np.ceil(corners.min(0)).astype(int), np.floor(corners.max(0)).astype(int)
    return slice(low[1], high[1]), slice(low[0], high[0])


def _around(corners: Floats) -> tuple[slice, slice]:
    down, across = _inside(corners)
    return slice(down.start - _MARGIN, down.stop + _MARGIN), slice(across.start - _MARGIN, across.stop + _MARGIN)


def _jpeg(pixels: Pixels, quality: int) -> bytes:
    _, coded = cv2.imencode(".jpg", pixels, [cv2.IMWRITE_JPEG_QUALITY, quality])
    return coded.tobytes()
