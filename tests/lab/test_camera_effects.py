import numpy as np
import pytest

from patrol_anpr.domain.plate import PlateColour
from patrol_anpr.lab import camera_effects as effects
from patrol_anpr.lettering.plate import draw_plate


@pytest.fixture
def plate():
    return draw_plate("XU18DFZ", colour=PlateColour.YELLOW)


@pytest.mark.parametrize(
    "effect",
    [
        lambda pixels: effects.motion_blur(pixels, 7, 20),
        lambda pixels: effects.motion_blur(pixels, 0),
        lambda pixels: effects.defocus(pixels, 2.5),
        lambda pixels: effects.defocus(pixels, 0),
        lambda pixels: effects.low_light(pixels, 0.3, 8, np.random.default_rng(1)),
        lambda pixels: effects.glare(pixels, (100, 40), 30, 0.8),
        lambda pixels: effects.jpeg(pixels, 40),
    ],
    ids=["motion", "no motion", "defocus", "in focus", "low light", "glare", "jpeg"],
)
def test_an_effect_gives_a_new_picture_of_the_same_size_and_leaves_the_old_alone(plate, effect):
    before = plate.copy()
    after = effect(plate)
    assert after.shape == plate.shape
    assert after.dtype == np.uint8
    assert after is not plate
    assert np.array_equal(plate, before)


def test_blur_keeps_the_light_and_where_it_is():
    dot = np.zeros((61, 61, 3), np.uint8)
    dot[28:33, 28:33] = 240
    for blurred in (effects.motion_blur(dot, 9, 0), effects.motion_blur(dot, 9, 90), effects.defocus(dot, 4)):
        assert blurred.sum() == pytest.approx(dot.sum(), rel=0.05)
        rows, columns = np.nonzero(blurred[..., 0])
        assert (rows.mean(), columns.mean()) == (pytest.approx(30, abs=0.1), pytest.approx(30, abs=0.1))
    across, down = effects.motion_blur(dot, 9, 0), effects.motion_blur(dot, 9, 90)
    assert np.ptp(np.nonzero(across[..., 0])[1]) > np.ptp(np.nonzero(across[..., 0])[0])
    assert np.ptp(np.nonzero(down[..., 0])[0]) > np.ptp(np.nonzero(down[..., 0])[1])


def test_noise_is_the_same_for_the_same_seed_and_grows_with_the_light():
    grey = np.full((80, 80, 3), 40, np.uint8)
    one, other = (effects.low_light(grey, 1, 6, np.random.default_rng(3)) for _ in range(2))
    assert np.array_equal(one, other)
    bright = effects.low_light(np.full_like(grey, 180), 1, 6, np.random.default_rng(3))
    assert bright.astype(float).std() > one.astype(float).std()
    assert effects.low_light(grey, 0.25, 0.1, np.random.default_rng(3)).mean() == pytest.approx(10, abs=1)


def test_glare_is_strongest_at_the_lamp():
    lit = effects.glare(np.zeros((50, 80, 3), np.uint8), (60, 20), 8, 0.9)
    assert np.unravel_index(lit[..., 0].argmax(), lit.shape[:2]) == (20, 60)
    assert lit[45, 5, 0] < 5


def test_pasting_changes_only_what_lies_under_the_picture(plate):
    scene = np.full((100, 220, 3), 77, np.uint8)
    effects.paste(scene, plate, [(40, 30), (170, 22), (172, 60), (38, 66)])
    assert (scene[:18] == 77).all()
    assert (scene[:, 180:] == 77).all()
    assert (scene[45, 60:150] != 77).any()
    effects.paste(scene, plate, [(-400, 30), (-300, 22), (-300, 60), (-400, 66)])  # wholly outside: nothing to do


def test_a_transparent_picture_lets_the_scene_through():
    scene = np.full((40, 40, 3), 100, np.uint8)
    glass = np.zeros((20, 20, 4), np.uint8)
    glass[..., :3], glass[..., 3] = 200, 128
    effects.paste(scene, glass, [(5, 5), (35, 5), (35, 35), (5, 35)])
    assert scene[20, 20, 0] == pytest.approx(150, abs=2)
