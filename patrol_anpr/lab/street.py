"""A residential street as a dashcam sees it: road, pavements, hedges, houses and sky, by day and by night.

World: x metres to the right of the camera, y up from the ground, z ahead. The street repeats every `PERIOD` metres, so
a texture of one period serves for a drive of any length. Every surface is a plane: for each pixel it is known once and
for all where its ray meets the plane, and a frame is a look-up in the textures, shifted by the distance driven.
"""

from dataclasses import dataclass
from typing import cast

import cv2
import numpy as np
from numpy.typing import NDArray

from patrol_anpr.domain.plate import Pixels

Floats = NDArray[np.float32]

PERIOD = 36.0  # metres; six centre line marks
LANE_CENTRE_LINE = 1.45
LEFT_KERB, RIGHT_KERB = -3.75, 4.6
LEFT_HEDGE, RIGHT_HEDGE = -5.7, 6.5
LEFT_HOUSES, RIGHT_HOUSES = -12.0, 13.0
_GROUND_SCALE = 40  # texture pixels a metre
_WALL_SCALE = 32
_HALF_WIDTH = 14.0
_HAZE = np.array((214, 206, 198), np.float32)


@dataclass(frozen=True, slots=True)
class View:
    """A pinhole camera: sizes in pixels, the eye's height in metres, looking level along z."""

    width: int = 1280
    height: int = 720
    focal: float = 1108.5  # 60 degrees across 1280 pixels
    horizon: float = 306.0
    eye: float = 1.25

    def project(self, points: NDArray[np.floating]) -> Floats:
        """Pixels (N x 2) of world points (N x 3)."""
        depth = np.maximum(points[..., 2], 0.05)
        across = self.width / 2 + self.focal * points[..., 0] / depth
        down = self.horizon + self.focal * (self.eye - points[..., 1]) / depth
        return cast("Floats", np.stack([across, down], -1).astype(np.float32))

    def enlarged(self, times: int) -> "View":
        """The same view with `times` the pixels."""
        return View(self.width * times, self.height * times, self.focal * times, self.horizon * times, self.eye)


@dataclass(frozen=True, slots=True)
class Light:
    """What lights the scene: `ambient` and `sun` scale daylight, `headlamps` are ours, `street_lamps` by the road."""

    ambient: float
    sun: float
    headlamps: float
    street_lamps: float

    @property
    def is_night(self) -> bool:
        """Whether lamps are on."""
        return self.headlamps > 0


DAY = Light(ambient=0.55, sun=0.55, headlamps=0.0, street_lamps=0.0)
NIGHT = Light(ambient=0.035, sun=0.0, headlamps=1.0, street_lamps=0.22)


def headlamp_beam(light: Light, x: Floats, y: Floats, z: Floats) -> Floats:
    """How strongly our dipped headlamps light a point, about 1 at 6 m straight ahead and below the cut-off."""
    across = np.exp(-((x / np.maximum(z, 0.5) / 0.42) ** 2))
    below = 1 / (1 + np.exp(np.clip((y - 0.75 - 0.008 * z) * 5, -30, 30)))
    beam = light.headlamps * across * (0.2 + 0.8 * below) * np.minimum(1.2, 9 / (np.maximum(z, 0) + 2.5)) ** 1.3
    return cast("Floats", beam.astype(np.float32))


def street_lamp_pool(light: Light, z_world: Floats) -> Floats:
    """The light of the street lamps, one a period, at a distance along the street."""
    off = np.abs(np.mod(z_world, PERIOD) - PERIOD / 2)
    return (light.street_lamps * (0.25 + np.exp(-((off / 6.5) ** 2)))).astype(np.float32)


def noise(rng: np.random.Generator, shape: tuple[int, int], grain: float) -> Floats:
    """Smooth noise of zero mean and unit spread whose blobs are `grain` pixels across; it repeats at the edges."""
    coarse = max(1, int(grain / 4))  # blobs need few pixels each: make them small, then enlarge
    small = max(2, round(shape[0] / coarse)), max(2, round(shape[1] / coarse))
    reach = max(2, min(12, int(grain / coarse * 2)))
    field = np.pad(rng.standard_normal(small, dtype=np.float32), reach, mode="wrap")
    if grain > 1:
        field = np.asarray(cv2.GaussianBlur(field, (0, 0), grain / coarse / 2), np.float32)
    if coarse > 1:
        margin = [round(shape[axis] * reach / small[axis]) for axis in (0, 1)]
        field = np.asarray(cv2.resize(field, (shape[1] + 2 * margin[1], shape[0] + 2 * margin[0])), np.float32)
    else:
        margin = [reach, reach]
    field = field[margin[0] : margin[0] + shape[0], margin[1] : margin[1] + shape[1]]
    return cast("Floats", ((field - field.mean()) / max(float(field.std()), 1e-6)).astype(np.float32))


class Street:
    """Draws the street behind the vehicles, frame by frame. Deterministic for one seed."""

    def __init__(self, view: View, light: Light, seed: int) -> None:
        rng = np.random.default_rng(seed)
        self._view, self._light = view, light
        rows, columns = np.mgrid[: view.height, : view.width].astype(np.float32)
        self._across = (columns + 0.5 - view.width / 2) / view.focal
        self._down = (rows + 0.5 - view.horizon) / view.focal
        self._sky = _sky(rng, view, light)
        self._ground_levels = _levels(_ground_texture(rng))
        self._ground = self._cast_ground()
        self._walls = [
            self._cast_wall(LEFT_HOUSES, *_houses_texture(rng), height=8.5),
            self._cast_wall(RIGHT_HOUSES, *_shifted(*_houses_texture(rng), 0.4), height=8.5),
            self._cast_wall(LEFT_HEDGE, *_hedge_texture(rng), height=2.2),
            self._cast_wall(RIGHT_HEDGE, *_shifted(*_hedge_texture(rng), 0.2), height=2.2),
        ]

    def draw(self, driven: float) -> Pixels:
        """The street after `driven` metres, height x width x 3."""
        frame = self._sky.copy()
        self._draw_ground(frame, driven)
        for wall in self._walls:
            wall.draw(frame, driven)
        return np.clip(frame, 0, 255).astype(np.uint8)

    def _cast_ground(self) -> tuple[int, Floats, Floats, Floats]:
        top = int(self._view.horizon) + 2
        depth = self._view.eye / self._down[top:]
        x = self._across[top:] * depth
        column = (np.clip(x, -_HALF_WIDTH, _HALF_WIDTH - 0.1) + _HALF_WIDTH) * _GROUND_SCALE
        return top, depth, column.astype(np.float32), headlamp_beam(self._light, x, np.zeros_like(x), depth)

    def _draw_ground(self, frame: Floats, driven: float) -> None:
        top, depth, column, beam = self._ground
        length = self._ground_levels[0].shape[0]
        row = np.mod((depth + driven) * _GROUND_SCALE, length).astype(np.float32)
        footprint = depth[:, 0] ** 2 / (self._view.focal * self._view.eye) * _GROUND_SCALE
        level = np.clip(np.log2(np.maximum(footprint, 1)), 0, len(self._ground_levels) - 1).round().astype(int)
        for number, texture in enumerate(self._ground_levels):
            lines = np.flatnonzero(level == number)
            if not len(lines):
                continue
            first, last = lines[0], lines[-1] + 1
            seen = cv2.remap(
                texture, column[first:last], row[first:last], cv2.INTER_LINEAR, borderMode=cv2.BORDER_WRAP
            ).astype(np.float32)
            lit = _lit(self._light, seen, beam[first:last], depth[first:last], driven)
            frame[top + first : top + last] = _hazed(self._light, lit, depth[first:last])

    def _cast_wall(self, x: float, texture: Pixels, glow: Pixels | None, *, height: float) -> "_Wall":
        side = self._across * np.sign(x) > 0.02
        depth = np.where(side, abs(x) / np.maximum(np.abs(self._across), 1e-3), 1e6).astype(np.float32)
        y = self._view.eye - self._down * depth
        seen = side & (y > -0.05) & (y < height) & (depth < 140)
        rows, columns = np.flatnonzero(seen.any(1)), np.flatnonzero(seen.any(0))
        part = np.s_[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
        beam = headlamp_beam(self._light, np.full_like(y, x), y, depth)
        return _Wall(self._light, part, seen[part], depth[part], (height - y[part]), beam[part], texture, glow)


class _Wall:
    """A plane along the road: its texture (BGRA) and, at night, what glows of itself."""

    def __init__(
        self,
        light: Light,
        part: tuple[slice, slice],
        seen: NDArray[np.bool_],
        depth: Floats,
        below_top: Floats,
        beam: Floats,
        texture: Pixels,
        glow: Pixels | None,
    ) -> None:
        self._light, self._part, self._seen, self._depth, self._beam = light, part, seen, depth, beam
        self._texture, self._glow = texture, glow
        self._row = np.clip(below_top * _WALL_SCALE, 0, texture.shape[0] - 1).astype(np.float32)

    def draw(self, frame: Floats, driven: float) -> None:
        column = np.mod((self._depth + driven) * _WALL_SCALE, self._texture.shape[1]).astype(np.float32)
        seen = cv2.remap(self._texture, column, self._row, cv2.INTER_LINEAR, borderMode=cv2.BORDER_WRAP)
        opacity = (seen[..., 3:].astype(np.float32) / 255) * self._seen[..., None]
        lit = _lit(self._light, seen[..., :3].astype(np.float32), self._beam, self._depth, driven)
        if self._light.is_night and self._glow is not None:
            lit += cv2.remap(self._glow, column, self._row, cv2.INTER_LINEAR, borderMode=cv2.BORDER_WRAP)
        lit = _hazed(self._light, lit, self._depth)
        patch = frame[self._part]
        patch += (lit - patch) * opacity


def _lit(light: Light, albedo: Floats, beam: Floats, depth: Floats, driven: float) -> Floats:
    if not light.is_night:
        return albedo
    warm = np.array((0.72, 0.92, 1.08), np.float32)
    pool = street_lamp_pool(light, depth + driven)
    return albedo * (light.ambient + beam[..., None] * 0.85 + pool[..., None] * warm)


def _hazed(light: Light, colour: Floats, depth: Floats) -> Floats:
    share = (1 - np.exp(-np.maximum(depth - 8, 0) / 150))[..., None].astype(np.float32)
    return cast("Floats", colour + (_HAZE * (0.05 if light.is_night else 1.0) - colour) * share)


def _levels(texture: Pixels) -> list[Pixels]:
    """The ground smeared more and more along the road, for far rows where one pixel covers metres of it."""
    levels = [texture]
    for power in range(1, 6):
        reach = 2**power
        wrapped = np.concatenate([texture[-4 * reach :], texture, texture[: 4 * reach]])
        smeared = cv2.GaussianBlur(wrapped, (0, 0), sigmaX=0.3 + reach / 12, sigmaY=reach / 2)
        levels.append(cast("Pixels", smeared[4 * reach : -4 * reach]))
    return levels


def _sky(rng: np.random.Generator, view: View, light: Light) -> Floats:
    share = np.clip(np.arange(view.height, dtype=np.float32) / view.horizon, 0, 1)[:, None, None]
    if light.is_night:
        sky = np.array((22, 14, 11), np.float32) * (1 - share) + np.array((40, 36, 38), np.float32) * share
        sky = np.broadcast_to(sky, (view.height, view.width, 3)).copy()
    else:
        zenith, low = np.array((226, 182, 140), np.float32), np.array((236, 228, 218), np.float32)
        sky = np.broadcast_to(zenith * (1 - share) + low * share, (view.height, view.width, 3)).copy()
        shape = (view.height, view.width // 2)
        cloud = noise(rng, shape, 110) * 0.7 + noise(rng, shape, 40) * 0.35 + noise(rng, shape, 14) * 0.12
        cloud = cv2.resize(cloud, (view.width, view.height))  # clouds are broader than tall
        cover = np.clip(cloud * 0.45 + 0.35, 0, 1)[..., None]
        sky += (np.array((250, 247, 244), np.float32) - sky) * cover * 0.8
    _draw_treeline(rng, sky, view, light)
    return sky


def _draw_treeline(rng: np.random.Generator, sky: Floats, view: View, light: Light) -> None:
    columns = np.arange(view.width, dtype=np.float32)
    tops = noise(rng, (1, view.width), 90)[0] * 9 + noise(rng, (1, view.width), 14)[0] * 3 + 30
    rows = np.arange(view.height, dtype=np.float32)[:, None]
    below = np.clip(rows - (view.horizon - tops[columns.astype(int)]), 0, 1)[..., None]
    colour = np.array((118, 128, 112), np.float32) * (0.06 if light.is_night else 1.0)
    sky += (colour - sky) * below * (0.9 if light.is_night else 0.72)


def _ground_texture(rng: np.random.Generator) -> Pixels:
    shape = (int(PERIOD * _GROUND_SCALE), int(2 * _HALF_WIDTH * _GROUND_SCALE))
    x = np.broadcast_to(np.arange(shape[1]) / _GROUND_SCALE - _HALF_WIDTH, shape).astype(np.float32)
    z = np.broadcast_to((np.arange(shape[0]) / _GROUND_SCALE)[:, None], shape).astype(np.float32)
    fine, middle, broad = noise(rng, shape, 1), noise(rng, shape, 8), noise(rng, shape, 90)
    asphalt = 112 + fine * 9 + middle * 3 + broad * 5
    for track in (-0.75, 0.75, 2.3, 3.8):  # tyres polish the road
        asphalt += 7 * np.exp(-(((x - track) / 0.28) ** 2))
    asphalt -= 16 * np.exp(-(((x + 2.9) / 0.6) ** 2)) * np.clip(broad, 0, 1)  # oil where cars park
    patch = (z > 11) & (z < 15.5) & (x > -1.2) & (x < 0.9)  # a trench made good
    asphalt = np.where(patch, asphalt - 18, asphalt)
    colour = asphalt[..., None] * np.array((1.0, 0.99, 0.97), np.float32)

    def lay(where: NDArray[np.bool_], paint: tuple[float, float, float], wear: float, grain: Floats) -> None:
        fresh = np.clip(0.92 - wear * np.abs(broad + 0.4 * middle), 0, 1)[..., None]
        laid = np.array(paint, np.float32) + grain[..., None]
        colour[where] += ((laid - colour) * fresh)[where]

    lay((np.abs(x - LANE_CENTRE_LINE) < 0.055) & (np.mod(z, 6) < 2.1), (222, 226, 226), 0.25, fine * 5)
    bay = (np.abs(x + 1.75) < 0.045) & (np.mod(z, 1.5) < 0.9)
    lay(bay, (205, 210, 210), 0.35, fine * 5)
    for kerb, side in ((LEFT_KERB, -1), (RIGHT_KERB, 1)):
        gutter = (np.abs(x - kerb + side * 0.12) < 0.12) & (side * (x - kerb) < 0)
        lay(gutter, (84, 86, 88), 0.1, fine * 7)
        lay(np.abs(x - kerb - side * 0.07) < 0.07, (168, 172, 174), 0.12, fine * 6)
        pavement = side * (x - kerb) > 0.14
        lay(pavement, (138, 143, 146), 0.06, fine * 6 + broad * 4)
        joints = pavement & ((np.mod(z, 0.9) < 0.025) | (np.mod(np.abs(x - kerb), 0.62) < 0.025))
        lay(joints, (98, 102, 104), 0.2, fine * 3)
    grass = (x < LEFT_HEDGE) | (x > RIGHT_HEDGE)
    lay(grass, (62, 112, 96), 0.02, fine * 12 + middle * 10)
    return cast("Pixels", np.clip(colour, 0, 255).astype(np.uint8))


def _hedge_texture(rng: np.random.Generator) -> tuple[Pixels, None]:
    shape = (int(2.2 * _WALL_SCALE), int(PERIOD * _WALL_SCALE))
    height = 2.2 - np.arange(shape[0])[:, None] / _WALL_SCALE
    along = np.broadcast_to(np.arange(shape[1]) / _WALL_SCALE, shape)
    leaves = noise(rng, shape, 3) * 0.5 + noise(rng, shape, 8) * 0.35 + noise(rng, shape, 1) * 0.3
    top = 1.35 + noise(rng, (1, shape[1]), 40) * 0.12 + noise(rng, (1, shape[1]), 4) * 0.04
    brick = (np.mod(along, 18) > 10.5) & (np.mod(along, 18) < 16)  # garden walls between hedges
    gap = (np.mod(along, 18) > 16) & (np.mod(along, 18) < 17.6)  # and gateways
    green = np.array((44, 88, 68), np.float32) * (0.45 + 0.42 * np.clip(height / 1.4, 0, 1)[..., None])
    colour = green + (leaves * 22)[..., None] * np.array((0.7, 1.0, 0.9), np.float32)
    colour[brick] = (_bricks(rng, shape, height, along) * 0.9)[brick]
    limit = np.where(brick, 0.95, np.broadcast_to(top, shape))
    opacity = np.clip((limit - height) * 14, 0, 1) * ~gap
    return np.dstack([np.clip(colour, 0, 255), opacity * 255]).astype(np.uint8), None


def _bricks(
    rng: np.random.Generator, shape: tuple[int, int], height: NDArray[np.floating], along: NDArray[np.floating]
) -> Floats:
    course = np.broadcast_to(np.floor(height / 0.15), shape)
    shade = noise(rng, shape, 6) * 7 + noise(rng, shape, 1) * 6
    mortar = (np.mod(height, 0.15) < 0.03) | (np.mod(along + course * 0.15, 0.45) < 0.035)
    brick = np.array((72, 92, 146), np.float32) + shade[..., None]
    return np.where(mortar[..., None], np.array((140, 148, 156), np.float32), brick).astype(np.float32)


def _houses_texture(rng: np.random.Generator) -> tuple[Pixels, Pixels]:
    """Semi-detached houses, three a period: brick below, slate above, windows, doors, and which windows are lit."""
    shape = (int(8.5 * _WALL_SCALE), int(PERIOD * _WALL_SCALE))
    height = 8.5 - np.arange(shape[0])[:, None] / _WALL_SCALE
    along = np.broadcast_to(np.arange(shape[1]) / _WALL_SCALE, shape)
    place = np.mod(along, 12.0)
    colour = _bricks(rng, shape, height, along)
    upper = np.broadcast_to(height > 2.9, shape) & (np.floor(along / 12) % 2 == 1)
    colour[upper] = np.array((206, 218, 222), np.float32)  # rendered upper storeys
    roof = np.broadcast_to(height > 5.3, shape)
    slates = np.array((84, 80, 82), np.float32) + (noise(rng, shape, 2) * 6)[..., None]
    slates -= (np.mod(height, 0.25) < 0.05)[..., None] * 18.0
    colour[roof] = slates[roof]
    opacity = ((place > 0.8) & (place < 11.2)).astype(np.float32)
    slope = np.clip(np.minimum(place - 0.4, 11.6 - place) * 1.4 + 5.3, 5.3, 7.6)
    opacity *= (height < slope).astype(np.float32)
    glow = np.zeros((*shape, 3), np.float32)
    for house in range(3):
        for left, right, low, high, lit in (
            (1.6, 3.6, 0.9, 2.3, 0.5), (8.4, 10.4, 0.9, 2.3, 0.5),
            (1.8, 3.3, 3.5, 4.8, 0.4), (8.7, 10.2, 3.5, 4.8, 0.4),
            (4.6, 5.5, 0.0, 2.2, 0.15), (6.5, 7.4, 0.0, 2.2, 0.15), (5.4, 6.6, 3.6, 4.6, 0.3),
        ):  # fmt: skip
            start = house * 12.0
            _draw_window(rng, colour, glow, (start + left, start + right, low, high), lit)
    return np.dstack([np.clip(colour, 0, 255), opacity * 255]).astype(np.uint8), np.clip(glow, 0, 255).astype(np.uint8)


def _shifted(texture: Pixels, glow: Pixels | None, share: float) -> tuple[Pixels, Pixels | None]:
    """The same wall begun elsewhere, so that the two sides of the street are not twins."""
    columns = int(texture.shape[1] * share)
    return np.roll(texture, columns, axis=1), None if glow is None else np.roll(glow, columns, axis=1)


def _draw_window(
    rng: np.random.Generator, colour: Floats, glow: Floats, where: tuple[float, float, float, float], lit: float
) -> None:
    left, right, low, high = where

    def part(inset: float) -> tuple[slice, slice]:
        rows = slice(int((8.5 - high + inset) * _WALL_SCALE), int((8.5 - low - inset) * _WALL_SCALE))
        return rows, slice(int((left + inset) * _WALL_SCALE), int((right - inset) * _WALL_SCALE))

    colour[part(0.0)] = (226, 230, 232)
    if low == 0.0:  # a door
        colour[part(0.09)] = rng.uniform(40, 140, 3)
        return
    pane = colour[part(0.09)]
    pane[:] = np.linspace(120, 58, pane.shape[0], dtype=np.float32)[:, None, None] * np.array(
        (1.05, 1.0, 0.94), np.float32
    )
    pane[:, pane.shape[1] // 2 - 1 : pane.shape[1] // 2 + 1] = (226, 230, 232)
    if rng.random() < lit:
        glow[part(0.12)] = np.array((70, 140, 190), np.float32) * rng.uniform(0.35, 0.9)
