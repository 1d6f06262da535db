"""Blurred, noisy, dark and tiny pictures are not called good; sharp ones by day and by night are."""

from collections.abc import Iterator

import numpy as np
import pytest

from patrol_anpr.cameras.opencv import cv2
from patrol_anpr.cameras.visibility import Visibility
from patrol_anpr.domain.coverage import Blind
from patrol_anpr.domain.health import CameraState
from patrol_anpr.domain.plate import Pixels
from patrol_anpr.lab.camera_effects import covered, defocus, low_light
from patrol_anpr.resources import ASSETS
from tests.cameras.fake_camera import FakeCamera
from tests.cameras.test_camera import watched


def drive(name: str) -> list[Pixels]:
    """Ten frames of the demo drive, some seconds apart."""
    capture, seen = cv2.VideoCapture(str(ASSETS / "demo" / name), cv2.CAP_FFMPEG), []
    for number in range(200):
        capture.grab()
        if number % 20 == 0:
            seen.append(capture.retrieve()[1])
    capture.release()
    return seen


@pytest.fixture(scope="module", params=["drive_day.mp4", "drive_night.mp4"])
def road(request: pytest.FixtureRequest) -> list[Pixels]:
    return drive(request.param)


def looked_at(pictures: list[Pixels]) -> Visibility:
    visibility = Visibility()
    for number, pixels in enumerate(pictures):
        visibility.look(pixels, 100 + number / 2)
    return visibility


def told(pictures: list[Pixels]) -> str:
    return looked_at(pictures).detail


def test_a_sharp_road_is_good(road: list[Pixels]) -> None:
    assert told(road) == ""


@pytest.mark.parametrize("spread", [5, 10, 20])
def test_a_blurred_road_is_not(road: list[Pixels], spread: int) -> None:
    assert "blurred" in told([cv2.GaussianBlur(pixels, (0, 0), spread) for pixels in road])


def test_a_blurred_road_under_the_noise_of_its_sensor_is_not(road: list[Pixels]) -> None:
    random = np.random.default_rng(1)
    blurred = [cv2.GaussianBlur(pixels, (0, 0), 10) + random.normal(0, 3, pixels.shape) for pixels in road]
    assert "blurred" in told([np.clip(pixels, 0, 255).astype(np.uint8) for pixels in blurred])


@pytest.mark.parametrize(("low", "high", "word"), [(0, 256, "noise"), (40, 216, "noise"), (1, 6, "light and shade")])
@pytest.mark.parametrize("size", [(320, 240), (1280, 720)])
def test_noise_and_darkness_are_not(size: tuple[int, int], low: int, high: int, word: str) -> None:
    random = np.random.default_rng(2)
    assert word in told([random.integers(low, high, (size[1], size[0], 3)).astype(np.uint8) for _ in range(8)])


@pytest.mark.parametrize("size", [(64, 36), (16, 2000), (2000, 16), (160, 120), (319, 319)])
def test_pictures_that_are_too_small_are_told_at_once(size: tuple[int, int]) -> None:
    noise = np.random.default_rng(3).integers(0, 255, (size[1], size[0], 3)).astype(np.uint8)
    assert f"{size[0]} x {size[1]} pixels" in told([noise])


def test_one_bend_is_no_fault_and_a_clean_lens_is_good_again(road: list[Pixels]) -> None:
    blurred = [cv2.GaussianBlur(pixels, (0, 0), 10) for pixels in road]
    assert told(road + blurred[:3]) == ""
    assert told(blurred + road) == ""


def test_why_a_camera_is_blind(road: list[Pixels]) -> None:
    random = np.random.default_rng(4)
    whys = {
        Blind.BLURRED: [defocus(pixels, 12) for pixels in road],
        Blind.DARK: [low_light(pixels, 0.02, 1.0, random) for pixels in road],
        Blind.BLOCKED: [covered(pixels, 60, 2.0, random) for pixels in road],
        Blind.BRIGHT: [np.clip(pixels * 4.0 + 245, 0, 255).astype(np.uint8) for pixels in road],
        Blind.GARBLED: [random.integers(0, 256, pixels.shape).astype(np.uint8) for pixels in road],
        Blind.SMALL: [pixels[:120, :160] for pixels in road],
        None: road,
    }
    assert {why: looked_at(pictures).blind for why, pictures in whys.items()} == {why: why for why in whys}


def test_what_is_before_a_lens_leaves_no_shape_even_where_light_falls_past_it(road: list[Pixels]) -> None:
    random = np.random.default_rng(5)
    past = (80 * np.exp(-14 * np.linspace(0, 1, road[0].shape[1])))[None, :, None]
    hand = [np.clip(covered(pixels, 120, 2.0, random) + past, 0, 255).astype(np.uint8) for pixels in road]
    assert looked_at(hand).blind is Blind.BLOCKED


def test_how_the_pictures_come_out(road: list[Pixels]) -> None:
    sharp, soft = looked_at(road).sight, looked_at([defocus(pixels, 12) for pixels in road]).sight
    assert sharp is not None
    assert soft is not None
    assert sharp.sharpness > 0.5 > 0.4 > soft.sharpness
    assert abs(sharp.brightness - soft.brightness) < 3
    assert sharp.contrast > 100
    assert sharp.burnt < 0.01
    assert Visibility().sight is None


@pytest.fixture
def soft(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FakeCamera]:
    """A camera whose lens is out of focus."""
    folder = tmp_path_factory.mktemp("soft")
    for number, pixels in enumerate(drive("drive_day.mp4")):
        cv2.imwrite(str(folder / f"{number}.png"), cv2.GaussianBlur(pixels, (0, 0), 12))
    with FakeCamera(pictures=folder, fps=10) as camera:
        yield camera


def test_a_camera_out_of_focus_says_so(soft: FakeCamera) -> None:
    with watched(soft.url) as (_, listener, _slot):
        listener.wait(CameraState.SEEN, within=5)
        known = len(listener.heard)
        assert "blurred" in listener.wait(CameraState.SEEN, within=10, after=known).detail
