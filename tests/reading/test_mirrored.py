"""A camera that gives its picture as a mirror does is told; one that does not never is."""

from datetime import timedelta

import numpy as np
import pytest

from patrol_anpr.cameras.opencv import cv2
from patrol_anpr.domain.plate import Frame
from patrol_anpr.reading.detector import PlateDetector
from patrol_anpr.reading.mirrored import MirrorWatch
from patrol_anpr.reading.ocr import PlateOcr
from patrol_anpr.reading.recogniser import Recogniser
from patrol_anpr.resources import ASSETS
from tests.conftest import FakeClock


class CountingOcr:
    """Hands every look on, and counts those at single crops, as the watch takes them."""

    def __init__(self, ocr: PlateOcr) -> None:
        self._ocr, self.looks = ocr, 0

    def look(self, *args, **options):  # type: ignore[no-untyped-def]
        self.looks += 1
        return self._ocr.look(*args, **options)


def driven(detector: PlateDetector, ocr: PlateOcr, *, mirrored: bool, begin: int, end: int) -> tuple[list[str], int]:
    """Drive the demo's road; the cameras that were told, and how many crops were turned round."""
    clock, told = FakeClock(), list[str]()
    counting = CountingOcr(ocr)
    recogniser = Recogniser(detector, ocr, clock, mirrors=MirrorWatch(counting, told.append))
    capture = cv2.VideoCapture(str(ASSETS / "demo" / "drive_day.mp4"), cv2.CAP_FFMPEG)
    for number in range(end):
        there, pixels = capture.read()
        assert there
        if number >= begin and number % 2 == 0:
            seen = np.ascontiguousarray(pixels[:, ::-1]) if mirrored else pixels
            at = number / 15
            recogniser.process(Frame("rear", number, seen, clock.now + timedelta(seconds=at), clock.seconds + at))
    recogniser.finish("rear")
    capture.release()
    return told, counting.looks


def test_a_mirrored_camera_is_told_once(detector: PlateDetector, ocr: PlateOcr) -> None:
    told, _ = driven(detector, ocr, mirrored=True, begin=0, end=240)
    assert told == ["rear"]


@pytest.mark.parametrize("begin", [0, 240])
def test_a_camera_as_it_should_be_is_never_told_and_costs_little(
    detector: PlateDetector, ocr: PlateOcr, begin: int
) -> None:
    told, turned_round = driven(detector, ocr, mirrored=False, begin=begin, end=begin + 150)
    assert told == []
    assert turned_round <= 3  # until its first sure Read
