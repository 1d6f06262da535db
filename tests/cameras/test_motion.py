"""Whether the pictures show that the car moves, on drawn roads by day and by night."""

from collections.abc import Callable

import numpy as np
import pytest

from patrol_anpr.cameras.motion import EVERY_S, LOOKS, STALE_S, PictureMotion, share_gone, small
from patrol_anpr.domain.plate import Pixels
from patrol_anpr.lab.road import Placed, RoadCamera, plated
from patrol_anpr.lab.street import DAY, NIGHT, Light, View
from patrol_anpr.lab.vehicles import VAN, Pose
from patrol_anpr.lettering.plate import PLAIN

VIEW = View(width=480, height=270, focal=416.0, horizon=115.0)
LIGHTS = pytest.mark.parametrize("light", [DAY, NIGHT], ids=["day", "night"])


def watched(light: Light, frame: Callable[[RoadCamera, int], Pixels], looks: int = LOOKS + 2) -> list[bool]:
    """What is said after each look at a drive."""
    camera, motion, said = RoadCamera(VIEW, light, 1), PictureMotion(), []
    for number in range(looks):
        at = number * EVERY_S
        motion.look(frame(camera, number), at)
        said.append(motion.moves(at))
    return said


def driving(speed: float) -> Callable[[RoadCamera, int], Pixels]:
    return lambda camera, number: camera.picture([], 3.0 + speed * EVERY_S * number)[0]


def passed(camera: RoadCamera, number: int) -> Pixels:
    """A van that drives past the car."""
    van = plated("AB12CDE", VAN, (150, 148, 144), PLAIN)
    return camera.picture([Placed(van, Pose(2.9, 18.0 - 3 * number, away=False))], 3.0)[0]


@LIGHTS
@pytest.mark.parametrize("speed", [2.0, 13.0])
def test_a_car_that_drives_is_seen_to_move_within_three_seconds(light: Light, speed: float) -> None:
    said = watched(light, driving(speed))
    assert said[:LOOKS] == [False] * LOOKS
    assert all(said[LOOKS:])


@LIGHTS
@pytest.mark.parametrize("frame", [driving(0.0), driving(0.2), passed], ids=["still", "creeps", "is passed"])
def test_a_car_that_stands_is_not(light: Light, frame: Callable[[RoadCamera, int], Pixels]) -> None:
    assert not any(watched(light, frame))


@LIGHTS
def test_a_change_of_the_light_moves_nothing(light: Light) -> None:
    def brighter(camera: RoadCamera, number: int) -> Pixels:
        frame = camera.picture([], 3.0)[0]
        return np.clip(frame * (1 + 0.1 * (number % 3)) + 8 * (number % 2), 0, 255).astype(np.uint8)

    assert not any(watched(light, brighter))


def test_pictures_that_show_nothing_say_nothing() -> None:
    rng = np.random.default_rng(1)

    def dark(_camera: RoadCamera, _number: int) -> Pixels:
        return rng.integers(0, 6, (270, 480, 3), np.uint8)

    assert not any(watched(DAY, dark))
    black = np.zeros((360, 640, 3), np.uint8)
    assert share_gone(small(black), small(black)) is None


def test_what_was_seen_long_ago_says_nothing_of_now() -> None:
    camera, motion = RoadCamera(VIEW, DAY, 1), PictureMotion()
    for number in range(LOOKS + 1):
        motion.look(driving(13.0)(camera, number), number * EVERY_S)
    last = LOOKS * EVERY_S
    assert motion.moves(last + STALE_S)
    assert not motion.moves(last + STALE_S + 0.1)
    motion.look(driving(13.0)(camera, 99), last + 60)  # after a gap it begins anew
    assert not motion.moves(last + 60)


def test_between_two_looks_a_frame_costs_nothing() -> None:
    camera, motion = RoadCamera(VIEW, DAY, 1), PictureMotion()
    still = camera.picture([], 3.0)[0]
    for number in range(20):
        motion.look(still, number * EVERY_S)
        motion.look(np.zeros((1, 1, 3), np.uint8), number * EVERY_S + 0.4)  # not looked at: it would be another picture
    assert not motion.moves(19 * EVERY_S + 0.4)
