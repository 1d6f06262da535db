"""A camera is set up while it runs: mask, mirror, turn and name act at once and are there again after a restart."""

from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

import cv2
import numpy as np
import pytest

from patrol_anpr.domain.events import LampChanged, ReadMade
from patrol_anpr.domain.health import LampState
from patrol_anpr.domain.plate import Pixels
from patrol_anpr.domain.rig import Area, Rig, Turn
from patrol_anpr.patrol.car import Car
from patrol_anpr.patrol.rig import FILE
from patrol_anpr.settings import Settings
from tests.cameras.fake_camera import FakeCamera
from tests.integration.cars import blind, driving, settings_of, sign_on, until
from tests.reading.made import ScriptedDetector, plate_box

SIZE = (640, 360)
BONNET = Area(0.0, 0.8, 1.0, 1.0)


def lopsided(bright: slice) -> Pixels:
    """A grey picture with texture, one half of it bright."""
    pixels = np.random.default_rng(3).integers(60, 100, (SIZE[1], SIZE[0], 3)).astype(np.uint8)
    pixels[:, bright] += 110
    return pixels


LEFT_BRIGHT, RIGHT_BRIGHT = lopsided(slice(0, SIZE[0] // 2)), lopsided(slice(SIZE[0] // 2, None))


@pytest.fixture
def detector(monkeypatch: pytest.MonkeyPatch) -> ScriptedDetector:
    return blind(monkeypatch)


def serving(folder: Path, picture: Pixels) -> FakeCamera:
    folder.mkdir()
    cv2.imwrite(str(folder / "1.png"), picture)
    return FakeCamera(pictures=folder, fps=10)


def shows(car: Car, camera: str) -> Callable[[Callable[[Pixels], bool]], bool]:
    """Whether the newest live picture of a camera is as said."""

    def is_as(said: Callable[[Pixels], bool]) -> bool:
        frame = car.patrol.live(camera).take(1.0)
        return frame is not None and said(frame.pixels)

    return is_as


def is_left_bright(pixels: Pixels) -> bool:
    middle = pixels.shape[1] // 2
    return float(pixels[:, :middle].mean()) > float(pixels[:, middle:].mean()) + 50


def is_right_bright(pixels: Pixels) -> bool:
    return is_left_bright(pixels[:, ::-1])


def two_cameras(tmp_path: Path, stack: ExitStack) -> Settings:
    front = stack.enter_context(serving(tmp_path / "left", LEFT_BRIGHT))
    rear = stack.enter_context(serving(tmp_path / "right", RIGHT_BRIGHT))
    return settings_of(tmp_path, cameras=[("front", front.url), ("rear", rear.url)])


def test_a_plate_in_the_mask_is_not_read_from_the_next_frame_on_and_after_a_restart(
    tmp_path: Path, detector: ScriptedDetector
) -> None:
    detector.show(plate_box(320, 330, 90))
    with ExitStack() as stack:
        fake = stack.enter_context(serving(tmp_path / "pictures", LEFT_BRIGHT))
        settings = settings_of(tmp_path, cameras=[("front", fake.url)])
        with driving(settings, cameras=True) as (car, _):
            car.patrol.rig.change("front", Rig(mask=(BONNET,))).result(10)
        with driving(settings, cameras=True) as (car, heard):
            assert car.patrol.rig.rig("front") == Rig(mask=(BONNET,))
            sign_on(car, "LOCAL", "")
            until(lambda: car.recogniser.tally("front").frames > 8)
            assert heard.of(ReadMade) == []
            car.patrol.rig.change("front", Rig()).result(10)
            _, made = heard.wait(lambda event: isinstance(event, ReadMade))
        assert isinstance(made, ReadMade)
        overview = cv2.imdecode(np.frombuffer(made.evidence.overview, np.uint8), cv2.IMREAD_COLOR)
        assert overview[300:].mean() > 60  # whole, where the mask was as well


def test_mirror_and_turn_act_without_opening_the_camera_anew(tmp_path: Path, detector: ScriptedDetector) -> None:
    with ExitStack() as stack:
        settings = two_cameras(tmp_path, stack)
        car, _ = stack.enter_context(driving(settings, cameras=True))
        sign_on(car, "LOCAL", "")
        until(lambda: shows(car, "front")(is_left_bright))
        car.patrol.rig.change("front", Rig(Turn(mirror=True)))
        until(lambda: shows(car, "front")(is_right_bright))
        car.patrol.rig.change("front", Rig(Turn(rotate=90)))
        until(lambda: shows(car, "front")(lambda pixels: pixels.shape[:2] == (SIZE[0], SIZE[1])))
        assert shows(car, "rear")(is_right_bright)
        assert [status.reconnects for status in car.engine.statuses] == [0, 0]


def test_two_names_are_swapped_with_all_that_belongs_to_their_cameras(
    tmp_path: Path, detector: ScriptedDetector
) -> None:
    with ExitStack() as stack:
        settings = two_cameras(tmp_path, stack)
        with driving(settings, cameras=True) as (car, _):
            sign_on(car, "LOCAL", "")
            car.patrol.rig.change("front", Rig(mask=(BONNET,))).result(10)
            until(lambda: shows(car, "front")(is_left_bright))
            car.patrol.rig.swap("front", "rear").result(20)
            until(lambda: shows(car, "front")(is_right_bright))
            until(lambda: shows(car, "rear")(is_left_bright))
            assert (car.patrol.rig.rig("front"), car.patrol.rig.rig("rear")) == (Rig(), Rig(mask=(BONNET,)))
        with driving(settings, cameras=True) as (car, _):
            assert list(car.patrol.cameras()) == ["front", "rear"]
            assert car.patrol.rig.rig("rear") == Rig(mask=(BONNET,))
            sign_on(car, "LOCAL", "")
            until(lambda: shows(car, "front")(is_right_bright))


def test_a_damaged_file_is_a_lamp_and_the_cameras_are_as_the_settings_say(
    tmp_path: Path, detector: ScriptedDetector
) -> None:
    settings = settings_of(tmp_path, cameras=[("front", "usb:0")])
    settings.records.folder.mkdir()
    (settings.records.folder / FILE).write_text("{broken")
    with driving(settings) as (car, heard):
        _, lamp = heard.wait_lamp("rig", LampState.BAD)
        assert "as the settings say" in lamp.advice
        assert car.patrol.rig.rig("front") == Rig()
        car.patrol.rig.change("front", Rig(mask=(BONNET,))).result(10)
    with driving(settings) as (car, heard):
        assert car.patrol.rig.rig("front") == Rig(mask=(BONNET,))
        assert not [event for event in heard.of(LampChanged) if event.lamp.key == "rig"]
