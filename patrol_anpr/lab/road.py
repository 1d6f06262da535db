"""What a dashcam sees of a road with vehicles on it, and where every plate in the picture truly is."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast

import cv2
import numpy as np

from patrol_anpr.domain.plate import Pixels, PlateColour
from patrol_anpr.lab.camera_effects import defocus, glare, low_light, motion_blur
from patrol_anpr.lab.roadside import Roadside, draw_bonnet
from patrol_anpr.lab.street import Floats, Light, Street, View
from patrol_anpr.lab.vehicles import Body, Colour, Drawn, Pose, Vehicle, draw_motorcycle, draw_vehicle
from patrol_anpr.lettering.plate import PlateLook, draw_plate

_FINE = 2  # vehicles are drawn at this many times the size of the frame, which smooths their edges
_FARTHEST, _NEAREST = 120.0, 1.6  # metres; beyond these the end of a vehicle is not drawn
_BONNET = 52  # rows at the bottom that our own bonnet may hide


@dataclass(frozen=True, slots=True)
class Motorcycle:
    """A motorcycle seen from behind: the colour of its tail and helmet, and its plate."""

    paint: Colour
    rear_plate: Pixels


def plated(vrm: str, body: Body | None, paint: Colour, look: PlateLook) -> "Vehicle | Motorcycle":
    """Return a vehicle with its plates, white in front and yellow behind; without a `body` it is a motorcycle.

    A motorcycle's plate has two lines and, of `look`, the supplier alone.
    """
    if body is None:
        two_line = PlateLook(two_line=True, supplier=look.supplier)
        return Motorcycle(paint, draw_plate(vrm, colour=PlateColour.YELLOW, look=two_line))
    front, rear = (draw_plate(vrm, colour=each, look=look) for each in (PlateColour.WHITE, PlateColour.YELLOW))
    return Vehicle(body, paint, front, rear)


@dataclass(frozen=True, slots=True)
class Placed:
    """A vehicle and where it is in one frame."""

    vehicle: Vehicle | Motorcycle
    pose: Pose


@dataclass(frozen=True, slots=True)
class PlateTruth:
    """Where the plate of the vehicle at `index` lies: corners (4 x 2 pixels, clockwise) and whether all of it shows."""

    index: int
    corners: Floats
    in_sight: bool

    @property
    def width(self) -> float:
        """The mean of its upper and lower edge, in pixels."""
        top, bottom = self.corners[1] - self.corners[0], self.corners[2] - self.corners[3]
        return float(np.hypot(*top) + np.hypot(*bottom)) / 2


class RoadCamera:
    """Renders one frame after another of one drive. Deterministic for one seed and one order of calls."""

    def __init__(self, view: View, light: Light, seed: int) -> None:
        self._view, self._fine, self._light = view, view.enlarged(_FINE), light
        self._street, self._roadside = Street(view, light, seed), Roadside(view, light, seed + 1)
        self._rng = np.random.default_rng(seed + 2)
        self._shake = np.zeros(2)
        rows, columns = np.mgrid[-1 : 1 : view.height * 1j, -1 : 1 : view.width * 1j]
        self._vignette = (1 - 0.16 * (columns**2 + rows**2 * 0.6))[..., None].astype(np.float32)

    def picture(self, placed: Sequence[Placed], driven: float) -> tuple[Pixels, list[PlateTruth]]:
        """The frame after `driven` metres with the vehicles on it, and the truth about the plates that were drawn."""
        view = self._view
        frame = self._street.draw(driven)
        self._roadside.draw(frame, driven)
        canvas = np.asarray(cv2.resize(frame, (self._fine.width, self._fine.height)), np.uint8)
        drawn: list[tuple[int, Drawn]] = []
        for index, each in sorted(enumerate(placed), key=lambda one: -one[1].pose.z):
            if _NEAREST < each.pose.z < _FARTHEST:
                drawn.append((index, self._draw(canvas, each, driven)))
            elif each.pose.z <= _NEAREST and isinstance(each.vehicle, Vehicle) and _shows(each.vehicle.body, each.pose):
                self._draw(canvas, each, driven)  # its end has left the picture, its flank has not
        frame = np.asarray(cv2.resize(canvas, (view.width, view.height), interpolation=cv2.INTER_AREA), np.uint8)
        if self._light.is_night:
            self._add_lamps(frame, placed, drawn)
        draw_bonnet(frame, self._light)
        self._shake = self._shake * 0.7 + self._rng.normal(0, 0.5, 2)
        return self._exposed(frame), self._truth(drawn)

    def _draw(self, canvas: Pixels, each: Placed, driven: float) -> Drawn:
        if isinstance(each.vehicle, Motorcycle):
            return draw_motorcycle(
                canvas, self._fine, each.vehicle.rear_plate, each.vehicle.paint, each.pose, self._light, driven
            )
        return draw_vehicle(canvas, self._fine, each.vehicle, each.pose, self._light, driven)

    def _add_lamps(self, frame: Pixels, placed: Sequence[Placed], drawn: Sequence[tuple[int, Drawn]]) -> None:
        for index, vehicle in drawn:
            away = placed[index].pose.away
            hidden = [other.outline for number, other in drawn if placed[number].pose.z < placed[index].pose.z]
            for x, y, size in vehicle.lamps:
                if not any(cv2.pointPolygonTest(outline, (x, y), measureDist=False) >= 0 for outline in hidden):
                    _shine(frame, (x / _FINE, y / _FINE), size / _FINE, red=away)

    def _exposed(self, frame: Pixels) -> Pixels:
        """What lens, shake and sensor make of the scene."""
        shift = np.array([[1, 0, self._shake[0]], [0, 1, self._shake[1]]], np.float32)
        size = (self._view.width, self._view.height)
        frame = cast("Pixels", cv2.warpAffine(frame, shift, size, borderMode=cv2.BORDER_REPLICATE))
        frame = motion_blur(frame, 2.2 if self._light.is_night else 1.5, 12)
        frame = defocus(frame, 0.45)
        frame = np.clip(frame * self._vignette, 0, 255).astype(np.uint8)
        exposure, noise = (1.15, 5.5) if self._light.is_night else (1.0, 2.0)
        return low_light(frame, exposure, noise, self._rng)

    def _truth(self, drawn: Sequence[tuple[int, Drawn]]) -> list[PlateTruth]:
        """Far to near as drawn: a plate is in sight when it is within the picture and behind no nearer vehicle."""
        truths = []
        for place, (index, vehicle) in enumerate(drawn):
            if vehicle.plate is None:
                continue
            points = [(float(x), float(y)) for x, y in (*vehicle.plate, vehicle.plate.mean(0))]
            nearer = [other.outline for _, other in drawn[place + 1 :]]
            covered = any(
                cv2.pointPolygonTest(outline, point, measureDist=False) >= 0 for outline in nearer for point in points
            )
            corners = (vehicle.plate / _FINE + self._shake).astype(np.float32)
            low, high = corners.min(0), corners.max(0)
            within = low.min() > 2 and high[0] < self._view.width - 2 and high[1] < self._view.height - _BONNET
            truths.append(PlateTruth(index, corners, bool(within and not covered)))
        return truths


def _shows(body: Body, pose: Pose) -> bool:
    """Whether the far part of a vehicle whose nearer end is beside or behind us is still in the picture."""
    return abs(pose.x) > body.width / 2 and pose.z + body.length > 2.0


def _shine(frame: Pixels, centre: tuple[float, float], size: float, *, red: bool) -> None:
    """Add the veil of a lamp to the part of `frame` around it, in place."""
    radius = max(1.5, size * (1.1 if red else 2.2))
    reach = radius * (6 if red else 12)
    left, top = (max(0, int(c - reach)) for c in centre)
    patch = frame[top : int(centre[1] + reach), left : int(centre[0] + reach)]
    if not patch.size:
        return
    veiled = glare(patch, (centre[0] - left, centre[1] - top), radius, 0.55 if red else 0.85)
    if red:
        added = (veiled.astype(np.float32) - patch) * np.array((0.12, 0.14, 1.0), np.float32)
        veiled = np.clip(patch + added, 0, 255).astype(np.uint8)
    patch[:] = veiled
