"""The TEST plate in copies of live frames: laid in, read by the real parts, and told apart by where it was read."""

from datetime import UTC, datetime, timedelta
from functools import cache

import numpy as np
import pytest

from patrol_anpr.domain.errors import ModelRefused
from patrol_anpr.domain.plate import Box, Candidate, Frame, Pixels
from patrol_anpr.domain.proof import TEST_VRM, Sight
from patrol_anpr.domain.vrm import VrmFormat, format_of, is_word
from patrol_anpr.patrol.reader import Reader, open_reader
from patrol_anpr.reading.proving import PlateLayer, with_test_plate
from patrol_anpr.reading.recogniser import Recogniser
from patrol_anpr.settings import ReadingSettings
from tests.conftest import FakeClock
from tests.reading.made import ScriptedDetector, ScriptedOcr, scene

NOW = datetime(2026, 11, 30, 9, 0, tzinfo=UTC)


@cache
def reader() -> Reader:
    return open_reader(ReadingSettings())


def frame(number: int, pixels: Pixels, camera: str = "front") -> Frame:
    return Frame(camera, number, pixels, NOW + timedelta(seconds=number / 10), 1000 + number / 10)


def noisy(number: int, level: int, size: tuple[int, int] = (1280, 720)) -> Pixels:
    noise = np.random.default_rng(number).integers(0, 9, (size[1], size[0], 3), dtype=np.uint8)
    return noise + np.uint8(level)


def test_the_text_is_no_mark_and_no_word() -> None:
    assert format_of(TEST_VRM) is VrmFormat.OTHER
    assert not is_word(TEST_VRM)


@pytest.mark.parametrize("level", [0, 110, 240], ids=["in the dark", "by day", "against the sun"])
@pytest.mark.parametrize("size", [(1920, 1080), (640, 360)], ids=str)
def test_the_real_parts_find_and_read_it_in_any_light(clock: FakeClock, level: int, size: tuple[int, int]) -> None:
    sights: list[Sight] = []
    layer = PlateLayer(lambda: Recogniser(reader().detector, reader().ocr, clock), reader().detector)
    layer.begin(["front"], sights.append)
    for number in range(6):
        layer.look(frame(number, noisy(number, level, size)))
    [made] = [sight.made for sight in sights if sight.made]
    assert made[0].vrm == TEST_VRM
    assert all(sight.found for sight in sights)


def test_the_frame_itself_stays_as_it_is() -> None:
    pixels = scene(size=(1280, 720))
    before = pixels.copy()
    laid, place = with_test_plate(pixels)
    assert np.array_equal(pixels, before)
    assert not np.array_equal(laid, before)
    assert 0 <= place.x1 < place.x2 <= 1280


def test_only_cameras_that_are_proven_and_only_until_the_end(clock: FakeClock) -> None:
    detector, sights = ScriptedDetector(), []
    layer = PlateLayer(lambda: Recogniser(detector, ScriptedOcr(), clock), detector)
    layer.look(frame(0, noisy(0, 50)))
    layer.begin(["front"], sights.append)
    layer.look(frame(1, noisy(1, 50), "rear"))
    assert sights == []
    layer.look(frame(2, noisy(2, 50)))
    layer.end()
    layer.look(frame(3, noisy(3, 50)))
    assert sights == [Sight("front", fresh=None)]


def test_a_vehicle_elsewhere_in_the_picture_is_not_taken_for_the_plate(clock: FakeClock) -> None:
    detector, sights = ScriptedDetector(), []
    layer = PlateLayer(lambda: Recogniser(detector, ScriptedOcr(), clock), detector)
    detector.show(Box(10, 10, 150, 40))
    layer.begin(["front"], sights.append)
    for number in range(6):
        layer.look(frame(number, noisy(number, 50)))
    assert not any(sight.found or sight.made for sight in sights)


def test_whether_a_picture_lives_is_told(clock: FakeClock) -> None:
    detector, sights = ScriptedDetector(), []
    layer = PlateLayer(lambda: Recogniser(detector, ScriptedOcr(), clock), detector)
    layer.begin(["front"], sights.append)
    for number, picture in enumerate((1, 1, 2)):
        layer.look(frame(number, noisy(picture, 50)))
    assert [sight.fresh for sight in sights] == [None, False, True]


@pytest.mark.parametrize("error", [ModelRefused("The model gave no numbers."), ZeroDivisionError()])
def test_a_detector_that_fails_is_told(clock: FakeClock, error: Exception) -> None:
    detector, sights = ScriptedDetector(failure=error), []
    layer = PlateLayer(lambda: Recogniser(detector, ScriptedOcr(), clock), detector)
    layer.begin(["front"], sights.append)
    layer.look(frame(0, noisy(0, 50)))
    [sight] = sights
    assert not sight.found
    assert str(error) in sight.problem or "ZeroDivisionError" in sight.problem


def test_an_ocr_that_fails_is_told_apart_from_the_detector(clock: FakeClock) -> None:
    def fails(_: Box) -> Candidate:
        raise ModelRefused("The model gave no numbers.")

    detector, sights = ScriptedDetector(), []
    _, place = with_test_plate(noisy(0, 50))
    detector.show(place)
    layer = PlateLayer(lambda: Recogniser(detector, ScriptedOcr(says=fails), clock), detector)
    layer.begin(["front"], sights.append)
    layer.look(frame(0, noisy(0, 50)))
    assert [(sight.found, sight.problem) for sight in sights] == [(True, "The model gave no numbers.")]
