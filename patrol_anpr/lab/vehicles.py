"""Cars and vans as shaded meshes, with lamps, glass and a real plate: enough of a vehicle for a plate to belong to.

A body is a row of cross-sections from its rear to its nose. What a vehicle shows at its ends (lamps, grille, plate) is
a flat picture laid on. Own coordinates: x to the right seen from behind, y up, s metres from the rear bumper forward.
"""

from dataclasses import dataclass
from functools import lru_cache
from typing import cast

import cv2
import numpy as np
from numpy.typing import NDArray

from patrol_anpr.domain.plate import Pixels
from patrol_anpr.lab.camera_effects import paste
from patrol_anpr.lab.skins import front_skin, motorcycle_skin, rear_skin
from patrol_anpr.lab.street import Floats, Light, View, headlamp_beam, street_lamp_pool

Colour = tuple[int, int, int]  # BGR
Profile = tuple[tuple[float, float], ...]

_PAINT, _GLASS, _TRIM, _SEAM = 0, 1, 2, 3
_STATIONS = 64
_SEAM_WIDTH = 0.022
_NEAR = 0.8  # metres; nothing nearer is drawn
_SUN = np.array((-0.45, 0.78, -0.44), np.float32)


@dataclass(frozen=True, slots=True)
class Body:
    """The shape of a vehicle, in metres.

    `deck` and `roof` are heights along the length (s, y): the body without and with its cabin. `cabin` is where the
    side windows begin and end. Plate heights are those of the plates' centres.
    """

    length: float
    width: float
    deck: Profile
    roof: Profile
    cabin: tuple[float, float]
    pillars: tuple[float, ...]
    wheels: tuple[float, float]
    wheel_radius: float
    rear_plate: float
    front_plate: float
    face: tuple[float, float] = (0.22, 0.98)  # lowest and highest point of the pictures on the ends
    glazed_sides: bool = True
    seams: tuple[float, ...] = ()  # where doors end
    lean: float = 0.22  # how far the sides of the cabin lean in


HATCHBACK = Body(
    length=4.1,
    width=1.78,
    deck=((0, 0.9), (0.12, 1.0), (2.9, 1.0), (3.75, 0.88), (4.1, 0.76)),
    roof=((0, 0.9), (0.12, 1.0), (0.62, 1.42), (1.2, 1.49), (2.1, 1.48), (3.0, 1.0), (3.75, 0.88), (4.1, 0.76)),
    cabin=(0.5, 2.75),
    pillars=(1.0, 1.75),
    wheels=(0.75, 3.3),
    wheel_radius=0.31,
    rear_plate=0.74,
    front_plate=0.46,
    seams=(0.95, 1.78, 2.85),
)
SALOON = Body(
    length=4.6,
    width=1.82,
    deck=((0, 0.86), (0.1, 1.0), (0.75, 1.03), (3.2, 0.98), (4.2, 0.87), (4.6, 0.75)),
    roof=(
        (0, 0.86),
        (0.1, 1.0),
        (0.75, 1.04),
        (1.45, 1.4),
        (2.0, 1.45),
        (2.5, 1.44),
        (3.35, 1.0),
        (4.2, 0.8),
        (4.6, 0.6),
    ),
    cabin=(1.1, 3.1),
    pillars=(1.45, 2.2),
    wheels=(0.95, 3.75),
    wheel_radius=0.32,
    rear_plate=0.78,
    front_plate=0.45,
    seams=(1.3, 2.22, 3.2),
)
ESTATE = Body(
    length=4.5,
    width=1.84,
    deck=((0, 0.95), (0.1, 1.08), (3.1, 1.05), (4.1, 0.95), (4.5, 0.8)),
    roof=((0, 0.95), (0.1, 1.08), (0.45, 1.58), (0.9, 1.66), (2.2, 1.65), (3.2, 1.06), (4.1, 0.95), (4.5, 0.8)),
    cabin=(0.4, 2.95),
    pillars=(1.0, 1.9),
    wheels=(0.85, 3.6),
    wheel_radius=0.35,
    rear_plate=0.84,
    front_plate=0.52,
    face=(0.26, 1.06),
    seams=(1.05, 1.92, 3.05),
)
VAN = Body(
    length=5.0,
    width=1.95,
    deck=((0, 1.0), (0.05, 1.02), (4.0, 1.05), (4.7, 0.98), (5.0, 0.8)),
    roof=((0, 1.86), (0.06, 1.98), (0.3, 2.02), (3.2, 2.02), (4.1, 1.12), (4.7, 0.98), (5.0, 0.8)),
    cabin=(3.0, 3.85),
    pillars=(),
    wheels=(0.95, 4.1),
    wheel_radius=0.33,
    rear_plate=0.68,
    front_plate=0.5,
    face=(0.24, 1.9),
    glazed_sides=False,
    lean=0.05,
    seams=(2.0, 2.95, 4.0),
)


@dataclass(frozen=True, slots=True)
class Vehicle:
    """A body in a paint with its plates, already drawn."""

    body: Body
    paint: Colour
    front_plate: Pixels
    rear_plate: Pixels


@dataclass(frozen=True, slots=True)
class Pose:
    """Where a vehicle stands: its centre line at `x`, its nearer end at `z` metres, seen from behind or not."""

    x: float
    z: float
    away: bool


@dataclass(frozen=True, slots=True)
class Drawn:
    """What was drawn, in pixels.

    `plate` holds the plate's corners, 4 x 2, clockwise, None for a vehicle whose end is beside or behind us; `lamps`
    are (x, y, apparent size).
    """

    plate: Floats | None
    outline: Floats
    lamps: tuple[tuple[float, float, float], ...]


@dataclass(frozen=True, slots=True)
class _Mesh:
    corners: Floats  # quads x 4 x 3, own coordinates
    normals: Floats  # quads x 3
    materials: NDArray[np.int64]


@lru_cache(maxsize=16)
def _mesh(body: Body) -> _Mesh:
    edges = [seam + side * _SEAM_WIDTH / 2 for seam in body.seams for side in (-1, 1)]
    corners = [s for s, _ in body.roof]
    stations = np.unique(np.concatenate([np.linspace(0, body.length, _STATIONS), corners, body.cabin, edges]))
    deck, roof = (_smoothed(stations, profile) for profile in (body.deck, body.roof))
    nose = np.minimum(stations, body.length - stations)
    half = body.width / 2 * (1 - 0.1 * np.clip(1 - nose / 0.42, 0, 1) ** 2.2)
    floor = 0.2 + 0.1 * np.clip(1 - nose / 0.3, 0, 1)
    rise = np.maximum(roof - deck, 0)
    shoulder = half - 0.05
    upper = shoulder - 0.05 - body.lean * np.clip(rise / 0.5, 0, 1.2)
    section = [
        (half * 0.9, floor),
        (half * 0.985, floor + 0.12),
        (half, floor + 0.3 * (deck - floor)),
        (half, floor + 0.42 * (deck - floor)),
        (half * 0.998, floor + 0.54 * (deck - floor)),
        (half * 0.994, floor + 0.67 * (deck - floor)),
        (half * 0.985, floor + 0.8 * (deck - floor)),
        (shoulder, deck - 0.02),
        (shoulder - 0.04, deck + 0.02 * (rise > 0.03)),
        (shoulder - 0.04 + (upper - shoulder + 0.04) * 0.82, deck + rise * 0.84),
        (upper - 0.03, deck + rise * 0.95),
        (upper - 0.14, roof),
        (upper * 0.5, roof + 0.018),
        (np.zeros_like(half), roof + 0.025),
    ]
    right = np.stack([np.stack([x, y, stations], -1) for x, y in section], 1)  # stations x points x 3
    left = right[:, ::-1] * np.array((-1, 1, 1))
    ring = np.concatenate([right, left[:, 1:]], 1).astype(np.float32)
    quads = np.stack([ring[:-1, :-1], ring[:-1, 1:], ring[1:, 1:], ring[1:, :-1]], 2).reshape(-1, 4, 3)
    materials = _materials(body, stations, deck, roof, ring.shape[1] - 1)
    caps = [_cap(ring[0], -1.0), _cap(ring[-1], 1.0)]
    quads = np.concatenate([quads, *caps])
    materials = np.concatenate([materials, np.full(sum(map(len, caps)), _PAINT)])
    normals = np.cross(quads[:, 2] - quads[:, 0], quads[:, 3] - quads[:, 1])
    length = np.linalg.norm(normals, axis=1, keepdims=True)
    return _Mesh(quads, (normals / np.maximum(length, 1e-9)).astype(np.float32), materials)


def _cap(ring: Floats, facing: float) -> Floats:
    """The flat end of a body: horizontal slices between its left and right edges, normals along `facing` s."""
    half = (len(ring) + 1) // 2
    right, left = ring[:half], ring[::-1][:half]
    slices = np.stack([left[:-1], left[1:], right[1:], right[:-1]], 1)
    return slices if facing < 0 else slices[:, ::-1]


def _smoothed(stations: NDArray[np.float64], profile: Profile) -> NDArray[np.float64]:
    """Heights at the stations with the corners of the profile rounded over some 15 cm."""
    s, y = np.array(profile).T
    offsets = np.linspace(-0.15, 0.15, 7)
    inner = np.mean([np.interp(stations + offset, s, y) for offset in offsets], axis=0)
    at_ends = (stations < 0.2) | (stations > s[-1] - 0.2)
    return cast("NDArray[np.float64]", np.where(at_ends, np.interp(stations, s, y), inner))


def _materials(
    body: Body, stations: NDArray[np.float64], deck: NDArray[np.float64], roof: NDArray[np.float64], across: int
) -> NDArray[np.int64]:
    """The material of each quad between stations, row by row; the section is symmetric about its middle."""
    middle = (stations[:-1] + stations[1:]) / 2
    rise = (roof - deck)[:-1]
    slope = np.abs(np.diff(roof) / np.diff(stations))
    material = np.full((len(middle), across), _PAINT)
    edge = np.minimum(np.arange(across), across - 1 - np.arange(across))  # 0 at the sill, 12 at the middle of the roof
    material[:, edge == 0] = _TRIM
    in_cabin = (middle > body.cabin[0]) & (middle < body.cabin[1]) & (rise > 0.1)
    material[np.ix_(in_cabin, edge == 8)] = _GLASS
    for pillar in body.pillars:
        material[np.ix_(np.abs(middle - pillar) < 0.06, edge == 8)] = _TRIM
    screen = (slope > 0.33) & (rise > 0.06) & (roof[:-1] > deck[:-1] + 0.05)
    if not body.glazed_sides:
        screen &= middle > body.length / 2
    material[np.ix_(screen, edge >= 11)] = _GLASS
    seam = np.isin(np.round(middle, 4), np.round(body.seams, 4))
    material[np.ix_(seam, (edge >= 1) & (edge <= 6))] = _SEAM
    return material.reshape(-1)


def draw_vehicle(canvas: Pixels, view: View, vehicle: Vehicle, pose: Pose, light: Light, driven: float) -> Drawn:
    """Draw `vehicle` into `canvas` (of the size of `view`), and say where its plate came to lie."""
    body = vehicle.body
    mesh = _mesh(body)
    points, normals = _placed(mesh.corners, body, pose), _turned(mesh.normals, pose)
    _draw_shadow(canvas, view, pose, body.width, body.length, light)
    _draw_tyres(canvas, view, body, pose)
    colours = _shade(points.mean(1), normals, mesh.materials, vehicle.paint, view, light, driven)
    to_eye = np.array((0, view.eye, 0), np.float32) - points.mean(1)
    shown = (points[..., 2].min(1) > _NEAR) & ((normals * to_eye).sum(1) > 0)
    order = np.flatnonzero(shown)[np.argsort(-points[shown].mean(1)[:, 2], kind="stable")]
    pixels = np.round(view.project(points) * 16).astype(np.int32)
    for index in order:
        cv2.fillConvexPoly(canvas, pixels[index], colours[index].tolist(), cv2.LINE_8, 4)
    _draw_wheels(canvas, view, body, pose, light)
    corners = _draw_end(canvas, view, vehicle, pose, light, driven) if pose.z > _NEAR else None
    ahead = points.reshape(-1, 3)
    outline = np.asarray(cv2.convexHull(view.project(ahead[ahead[:, 2] > _NEAR]))[:, 0], np.float32)
    return Drawn(corners, outline, _lamps(view, body, pose))


def _draw_end(canvas: Pixels, view: View, vehicle: Vehicle, pose: Pose, light: Light, driven: float) -> Floats:
    """Lay lamps, grille and plate on the nearer end; return the corners of the plate."""
    body, brightness = vehicle.body, _end_light(pose, light, driven)
    skin = (rear_skin if pose.away else front_skin)(vehicle.paint, body.width, body.face, light.is_night)
    end = _end_quad(pose, body.width * 0.465, body.face[0], body.face[1], -0.02)
    paste(canvas, _dimmed(skin, brightness, keep_lamps=light.is_night), view.project(end))
    plate = vehicle.rear_plate if pose.away else vehicle.front_plate
    height = body.rear_plate if pose.away else body.front_plate
    return _draw_plate(canvas, view, pose, plate, height, brightness, light)


def draw_motorcycle(
    canvas: Pixels, view: View, plate: Pixels, paint: Colour, pose: Pose, light: Light, driven: float
) -> Drawn:
    """Draw a motorcycle and its rider from behind: a flat picture, for from behind they are nearly flat."""
    _draw_shadow(canvas, view, pose, 0.6, 1.8, light)
    skin = motorcycle_skin(paint, light.is_night)
    quad = view.project(_end_quad(pose, 0.5, 0.0, 1.8, 0.0))
    brightness = _end_light(pose, light, driven)
    paste(canvas, _dimmed(skin, brightness * 1.1, keep_lamps=light.is_night), quad)
    corners = _draw_plate(canvas, view, pose, plate, 0.62, brightness, light)
    lamp = view.project(np.array([(pose.x, 0.8, pose.z)], np.float32))[0]
    inner = view.project(_end_quad(pose, 0.28, 0.0, 1.7, 0.0))
    return Drawn(corners, inner, ((float(lamp[0]), float(lamp[1]), view.focal * 0.08 / pose.z),))


def _placed(own: Floats, body: Body, pose: Pose) -> Floats:
    """Own coordinates to world coordinates."""
    if pose.away:
        return (own + np.array((pose.x, 0, pose.z), np.float32)).astype(np.float32)
    return (own * np.array((-1, 1, -1), np.float32) + np.array((pose.x, 0, pose.z + body.length), np.float32)).astype(
        np.float32
    )


def _turned(normals: Floats, pose: Pose) -> Floats:
    return normals if pose.away else (normals * np.array((-1, 1, -1), np.float32)).astype(np.float32)


def _shade(
    centres: Floats,
    normals: Floats,
    materials: NDArray[np.int64],
    paint: Colour,
    view: View,
    light: Light,
    driven: float,
) -> Floats:
    """Colours of faces: matt paint lit by sky and sun, over it the reflection of sky, hedges and road."""
    to_eye = np.array((0, view.eye, 0), np.float32) - centres
    to_eye /= np.linalg.norm(to_eye, axis=1, keepdims=True)
    facing = np.clip((normals * to_eye).sum(1), 0, 1)
    mirrored = 2 * facing[:, None] * normals - to_eye
    shut = tuple(channel * 0.35 for channel in paint)
    base = np.array([paint, (22, 20, 18), (26, 26, 26), shut], np.float32)[materials]
    gloss = np.array([0.07, 0.16, 0.02, 0.02], np.float32)[materials]
    fresnel = gloss + (0.75 if not light.is_night else 0.5) * gloss**0.3 * (1 - facing) ** 4
    if light.is_night:
        beam = headlamp_beam(light, centres[:, 0], centres[:, 1], centres[:, 2])
        pool = street_lamp_pool(light, centres[:, 2] + driven)
        matt = light.ambient + beam * (0.15 + 0.85 * facing) + pool * (0.35 + 0.65 * np.clip(normals[:, 1], 0, 1))
        sky = np.array((34, 30, 30), np.float32) + pool[:, None] * np.array((60, 95, 120), np.float32)
        ground = np.full(3, 30, np.float32)
    else:
        matt = light.ambient * (0.72 + 0.38 * normals[:, 1]) + light.sun * np.clip(normals @ _SUN, 0, 1)
        sky, ground = np.array((238, 222, 205), np.float32), np.array((92, 94, 96), np.float32)
    hedge = ground * np.array((0.55, 0.7, 0.6), np.float32)
    up = mirrored[:, 1:2]
    sheen = np.where(
        up > 0.28, sky, np.where(up > 0.0, hedge + (sky - hedge) * np.clip((up - 0.16) / 0.12, 0, 1), ground)
    )
    glint = np.clip(mirrored @ _SUN, 0, 1) ** 60 * (0 if light.is_night else 150)
    colours = base * matt[:, None] + sheen * fresnel[:, None] + (glint * (gloss > 0.05))[:, None]
    return cast("Floats", np.clip(colours, 0, 255).astype(np.float32))


def _end_light(pose: Pose, light: Light, driven: float) -> float:
    """How light the nearer end of a vehicle is, for the pictures laid on it."""
    if not light.is_night:
        return light.ambient * 0.78 + light.sun * float(-_SUN[2])
    at = (np.array([value], np.float32) for value in (pose.x, 0.7, pose.z))
    return float(
        light.ambient + headlamp_beam(light, *at)[0] + 0.4 * street_lamp_pool(light, np.array([pose.z + driven]))[0]
    )


def _end_quad(pose: Pose, half: float, low: float, high: float, out: float) -> Floats:
    """The corners, clockwise as seen, of an upright rectangle `out` metres (negative: nearer) from the nearer end."""
    x, z = pose.x, pose.z + out
    return np.array([(x - half, high, z), (x + half, high, z), (x + half, low, z), (x - half, low, z)], np.float32)


def _dimmed(picture: Pixels, brightness: float, *, keep_lamps: bool) -> Pixels:
    colours = picture[..., :3].astype(np.float32)
    dim = colours * brightness
    if keep_lamps:  # a lit lamp shines whatever light falls on it
        lit = (colours.max(2, keepdims=True) > 235).astype(np.float32)
        dim = dim + (colours - dim) * lit
    return np.dstack([np.clip(dim, 0, 255).astype(np.uint8), picture[..., 3]])


def _draw_plate(
    canvas: Pixels, view: View, pose: Pose, plate: Pixels, height: float, brightness: float, light: Light
) -> Floats:
    width, tall = plate.shape[1] / 1000, plate.shape[0] / 1000  # plates are drawn at 1 pixel a millimetre
    quad = _end_quad(pose, width / 2, height - tall / 2, height + tall / 2, -0.035)
    shade = _end_quad(pose, width / 2 + 0.012, height - tall / 2 - 0.022, height + tall / 2 + 0.008, -0.03)
    corners = view.project(quad)
    paste(canvas, np.full((8, 8, 3), 12, np.uint8), view.project(shade))
    if light.is_night:  # plates reflect straight back, and a rear plate has a lamp of its own
        brightness = min(1.0, brightness * 1.5 + (0.16 if pose.away else 0.0))
    else:
        brightness = min(1.0, brightness * 1.25)
    paste(canvas, np.clip(plate * np.float32(brightness), 0, 255).astype(np.uint8), corners)
    return corners


def _draw_shadow(canvas: Pixels, view: View, pose: Pose, width: float, length: float, light: Light) -> None:
    x, near, far = pose.x, max(pose.z - 0.15, _NEAR), pose.z + length + 0.2
    if far <= _NEAR:
        return
    half = width / 2 + 0.04
    shift = 0.0 if light.is_night else 0.45  # the sun stands to the left
    quad = np.array([(x - half, 0, far), (x + half + shift, 0, far), (x + half + shift, 0, near), (x - half, 0, near)])
    soft = np.zeros((96, 64, 4), np.uint8)
    cv2.rectangle(soft, (8, 6), (55, 89), (0, 0, 0, 215), -1)
    paste(canvas, np.asarray(cv2.GaussianBlur(soft, (0, 0), 4), np.uint8), view.project(quad.astype(np.float32)))


def _draw_tyres(canvas: Pixels, view: View, body: Body, pose: Pose) -> None:
    """What is seen of the tyres below the bumper."""
    for wheel in body.wheels:
        depth = pose.z + (wheel if pose.away else body.length - wheel)
        if depth < _NEAR:
            continue
        for side in (-1, 1):
            centre = pose.x + side * (body.width / 2 - 0.13)
            box = [(centre - 0.1, 0.5), (centre + 0.1, 0.5), (centre + 0.1, 0.0), (centre - 0.1, 0.0)]
            quad = np.array([(x, y, depth) for x, y in box], np.float32)
            cv2.fillConvexPoly(canvas, np.round(view.project(quad)).astype(np.int32), (20, 20, 20), cv2.LINE_AA)


def _draw_wheels(canvas: Pixels, view: View, body: Body, pose: Pose, light: Light) -> None:
    """The wheels of the side that faces us."""
    side = -np.sign(pose.x)
    if abs(pose.x) < body.width / 2:
        return
    grey = 26 if light.is_night else 150
    angles = np.radians(np.arange(0, 360, 10))
    for wheel in body.wheels:
        depth = pose.z + (wheel if pose.away else body.length - wheel)
        if depth - body.wheel_radius < _NEAR:
            continue
        across = np.full(len(angles), pose.x + side * (body.width / 2 + 0.01))
        for radius, colour in ((1.13, 9), (1.0, 18), (0.68, grey), (0.6, grey // 2), (0.5, grey), (0.16, grey // 3)):
            reach = body.wheel_radius * radius
            up = body.wheel_radius + reach * np.sin(angles).clip(0 if radius > 1 else -1)  # first the arch, half a disc
            ring = np.stack([across, up, depth + reach * np.cos(angles)], -1)
            pixels = np.round(view.project(ring) * 16).astype(np.int32)
            cv2.fillConvexPoly(canvas, pixels, (colour, colour, colour), cv2.LINE_AA, 4)


def _lamps(view: View, body: Body, pose: Pose) -> tuple[tuple[float, float, float], ...]:
    half = body.width / 2 - 0.17
    height = body.face[0] + (0.72 if body.face[1] < 1.5 else 0.62) * (min(body.face[1], 1.1) - body.face[0])
    points = np.array([(pose.x - half, height, pose.z), (pose.x + half, height, pose.z)], np.float32)
    size = view.focal * 0.1 / max(pose.z, _NEAR)
    return tuple((float(x), float(y), size) for x, y in view.project(points))
