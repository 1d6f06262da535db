"""Mirror and rotate: whatever the mounting, everybody sees the picture as it stands on the road."""

from pathlib import Path

import numpy as np
import pytest

from patrol_anpr.cameras import CaptureWish, frames, open_source, parse_source
from patrol_anpr.cameras.opencv import cv2
from patrol_anpr.domain.health import CameraState
from patrol_anpr.domain.plate import Pixels
from patrol_anpr.domain.rig import Turn
from patrol_anpr.patrol.plans import camera_plans
from patrol_anpr.settings import CameraSettings
from tests.cameras.test_camera import watched
from tests.conftest import FakeClock

PICTURE = np.random.default_rng(6).integers(0, 255, (48, 64, 3)).astype(np.uint8)

# What a mounting does to the picture, and the settings that undo it.
MOUNTINGS = {
    "as it should": (lambda seen: seen, False, 0),
    "as a mirror": (lambda seen: seen[:, ::-1], True, 0),
    "head down": (lambda seen: seen[::-1, ::-1], False, 180),
    "on its left side": (np.rot90, False, 90),
    "on its right side": (lambda seen: np.rot90(seen, -1), False, 270),
    "head down, as a mirror": (lambda seen: seen[::-1], True, 180),
    "on its left side, then as a mirror": (lambda seen: np.rot90(seen)[:, ::-1], True, 90),
}


@pytest.fixture
def folder(tmp_path: Path, request: pytest.FixtureRequest) -> Path:
    mounted: Pixels = np.ascontiguousarray(MOUNTINGS[request.param][0](PICTURE))
    for number in range(3):
        cv2.imwrite(str(tmp_path / f"{number}.png"), mounted)
    return tmp_path


@pytest.mark.parametrize(("folder", "mounting"), [(one, one) for one in MOUNTINGS], indirect=["folder"])
def test_the_settings_of_a_camera_turn_its_picture_upright(folder: Path, mounting: str, clock: FakeClock) -> None:
    _, mirror, rotate = MOUNTINGS[mounting]
    (plan,) = camera_plans([CameraSettings(source=str(folder), mirror=mirror, rotate=rotate)])
    source = open_source(plan.spec, plan.wish)
    seen = source.grab()
    assert np.array_equal(seen, PICTURE)
    assert not seen.flags.writeable
    source.close()
    every = list(frames(plan.spec, "front", clock, wish=plan.wish))
    assert all(np.array_equal(frame.pixels, PICTURE) for frame in every)


def test_a_camera_that_runs_gives_upright_frames(tmp_path: Path) -> None:
    cv2.imwrite(str(tmp_path / "1.png"), np.ascontiguousarray(np.rot90(PICTURE)))
    with watched(str(tmp_path), wish=CaptureWish(turn=Turn(rotate=90))) as (_, listener, slot):
        frame = slot.take(5.0)
        status = listener.wait(CameraState.SEEN, CameraState.ENDED, within=5)
    assert frame is not None
    assert np.array_equal(frame.pixels, PICTURE)
    assert (status.width, status.height) == (64, 48)


def test_a_turn_that_is_none_is_refused() -> None:
    with pytest.raises(ValueError, match="rotate"):
        CameraSettings(rotate=45)


def test_nothing_is_turned_unasked(tmp_path: Path) -> None:
    cv2.imwrite(str(tmp_path / "1.png"), PICTURE)
    assert np.array_equal(open_source(parse_source(str(tmp_path)), CaptureWish()).grab(), PICTURE)
