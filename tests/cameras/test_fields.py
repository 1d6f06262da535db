"""Interlaced pictures: a comb is found and mended, and nothing else is taken for one."""

import numpy as np
import pytest

from patrol_anpr.cameras.fields import FieldMender, combed
from patrol_anpr.cameras.opencv import cv2
from patrol_anpr.domain.plate import Box, Pixels, PlateColour
from patrol_anpr.lettering.plate import draw_plate
from patrol_anpr.reading.ocr import PlateOcr
from patrol_anpr.reading.prior import decode

MARK = "TX64KZW"


def scene(shift: int, vrm: str = MARK) -> Pixels:
    """A noisy street with a plate that has moved by `shift` pixels since the first field."""
    random = np.random.default_rng(4)
    picture = cv2.resize(random.integers(40, 160, (36, 45, 3)).astype(np.uint8), (720, 576))
    plate = cv2.resize(draw_plate(vrm, colour=PlateColour.WHITE), (190, 44), interpolation=cv2.INTER_AREA)
    picture[300:344, 250 + shift : 440 + shift] = plate
    noise = random.normal(0, 3, picture.shape)
    return np.clip(picture + noise, 0, 255).astype(np.uint8)


def woven(first: Pixels, second: Pixels) -> Pixels:
    frame = first.copy()
    frame[1::2] = second[1::2]
    return frame


def read(ocr: PlateOcr, pixels: Pixels) -> str:
    (candidate,) = ocr.look(pixels, [Box(250, 300, 440, 344)])
    return decode(candidate.guesses, None).text


def test_a_plate_that_moved_between_the_fields_is_made_whole(ocr: PlateOcr) -> None:
    mender = FieldMender()
    frame = woven(scene(0), scene(9))
    mended = [mender.mend(frame) for _ in range(6)][-1]
    assert mender.interlaced
    assert read(ocr, frame) != MARK
    assert read(ocr, mended) == MARK
    plate = (slice(296, 348), slice(246, 452))
    before = np.abs(frame[plate].astype(int) - scene(0)[plate]).mean()
    after = np.abs(mended[plate].astype(int) - scene(0)[plate]).mean()
    assert after < before / 3
    assert np.array_equal(mended[::2], frame[::2])
    assert (mended[400:] == frame[400:]).mean() > 0.9  # what stood still keeps both its fields


@pytest.mark.parametrize("size", [(1, 1), (2, 3), (3, 2), (5, 7), (576, 720), (577, 721)])
def test_every_size_is_mended(size: tuple[int, int]) -> None:
    mender = FieldMender()
    mender.interlaced = True
    frame = np.random.default_rng(1).integers(0, 255, (*size, 3)).astype(np.uint8)
    assert mender.mend(frame).shape == frame.shape


def test_whole_pictures_are_left_alone() -> None:
    random = np.random.default_rng(2)
    stripes = np.zeros((480, 640, 3), np.uint8)
    stripes[::4], stripes[1::4] = 200, 200
    mender = FieldMender()
    for frame in (scene(0), scene(9), stripes, random.integers(0, 255, (480, 640, 3)).astype(np.uint8)) * 5:
        assert mender.mend(frame) is frame
    assert not mender.interlaced


def test_one_combed_picture_is_no_interlaced_camera() -> None:
    mender, comb = FieldMender(), woven(scene(0), scene(9))
    assert combed(comb)
    frames = [comb, *[scene(0)] * 9] * 3
    assert all(mender.mend(frame) is frame for frame in frames)
