"""A shadow run counts what differs, and does nothing else: whatever its process does, reading goes on."""

import sys
import threading
from dataclasses import replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from patrol_anpr.domain.plate import Box
from patrol_anpr.patrol import shadow_run
from patrol_anpr.patrol.model_process import COMMAND, ModelProcess
from patrol_anpr.patrol.shadow_run import EVERY_SECONDS, MOST_FAILURES, ShadowRun
from patrol_anpr.reading.model_shelf import ModelShelf
from patrol_anpr.reading.shadow import SeenPlate, added, compared
from patrol_anpr.resources import ASSETS, MODELS
from patrol_anpr.settings import ReadingSettings
from patrol_anpr.wire.models import ShadowCounts
from tests.integration.cars import until
from tests.reading.made import frame_at, plate_box
from tests.reading.models_made import a_set

LEFT, RIGHT = plate_box(200, 200, 90), plate_box(700, 200, 90)


def seen(*plates: tuple[Box, str]) -> list[SeenPlate]:
    return [SeenPlate(box, text) for box, text in plates]


@pytest.mark.parametrize(
    ("old", "new", "counts"),
    [
        ([], [], {}),
        ([(LEFT, "JX15ZGY")], [(LEFT, "JX15ZGY")], {"agree": 1}),
        ([(LEFT, "JX15ZGY")], [(LEFT, "JX16ZGY")], {"differ": 1, "characters": (1, 0, 0, 0, 0, 0)}),
        ([(LEFT, "JX15ZGY")], [(LEFT, "ABCDEFGHJK")], {"differ": 1, "characters": (0, 0, 0, 0, 0, 1)}),
        ([(LEFT, "JX15ZGY")], [(LEFT, "")], {"only_old": 1}),
        ([(LEFT, "JX15ZGY")], [(RIGHT, "JX15ZGY")], {"only_old": 1, "only_new": 1}),
        ([(LEFT, "")], [(LEFT, "JX15ZGY"), (RIGHT, "TX74ZLV")], {"only_new": 2}),
        ([(LEFT, "")], [(LEFT, "")], {}),
        ([(LEFT, "A"), (RIGHT, "B")], [(RIGHT, "B"), (LEFT, "A")], {"agree": 2}),
    ],
)
def test_what_differs_in_one_picture(old, new, counts: dict[str, object]) -> None:
    found = compared(seen(*old), seen(*new))
    assert found == ShadowCounts(pictures=1).model_copy(update=counts)
    assert added(found, found).pictures == 2


@pytest.fixture
def shelf(tmp_path: Path) -> ModelShelf:
    """A car with a set that is to run as a shadow, and has passed."""
    shelf = ModelShelf(tmp_path / "models", MODELS)
    shelf.take(a_set(shadow=True), "model-all")
    place = shelf.to_try()
    assert place is not None
    shelf.judge(place, "")
    shelf.begin()
    return shelf


class Shadowed:
    """A run with a process of the test's own."""

    def __init__(self, shelf: ModelShelf, monkeypatch: pytest.MonkeyPatch, command: tuple[str, ...] = COMMAND) -> None:
        monkeypatch.setattr(shadow_run, "KEEP_EVERY", 1)
        self.shelf = shelf
        self.run = ShadowRun(shelf, ReadingSettings(), lambda _: None, command=command)
        self.at = 0.0
        self.run.start()
        until(lambda: self.run._wanted or shelf.shadow is None)

    def show(self, pixels: np.ndarray) -> None:
        """Give a frame whose turn has come, and wait until it was looked at."""
        before = self.counts.pictures
        self.at += EVERY_SECONDS
        self.run.look(replace(frame_at(self.at, pixels)))
        until(lambda: self.counts.pictures > before)

    @property
    def counts(self) -> ShadowCounts:
        folder = self.shelf.shadow
        return self.shelf.counts_of(folder) if folder is not None else ShadowCounts()


def demo_frames(number: int) -> list[np.ndarray]:
    """So many frames of the demo drive, evenly over it."""
    drive = cv2.VideoCapture(str(ASSETS / "demo" / "drive_day.mp4"))
    frames = []
    for place in range(1, number + 1):
        drive.set(cv2.CAP_PROP_POS_FRAMES, place * drive.get(cv2.CAP_PROP_FRAME_COUNT) // (number + 1))
        whole, pixels = drive.read()
        assert whole
        frames.append(pixels)
    drive.release()
    return frames


def test_on_the_demo_drive_the_same_models_in_a_process_of_their_own_only_agree(
    shelf: ModelShelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    shadowed = Shadowed(shelf, monkeypatch)
    try:
        for pixels in demo_frames(3):
            shadowed.show(pixels)
    finally:
        shadowed.run.stop()
    counts = shadowed.counts
    assert counts.pictures == 3
    assert counts.agree >= 2
    assert (counts.differ, counts.only_old, counts.only_new, counts.missed) == (0, 0, 0, 0)


def test_frames_between_are_dropped_and_nobody_waits(shelf: ModelShelf, monkeypatch: pytest.MonkeyPatch) -> None:
    hanging = (sys.executable, "-c", "import time; time.sleep(60)")
    shadowed = Shadowed(shelf, monkeypatch, hanging)
    pixels = np.zeros((720, 1280, 3), np.uint8)
    try:
        for number in range(100):  # ten seconds of a camera, and a process that answers nothing
            shadowed.run.look(frame_at(number / 10, pixels))
        assert shadowed.run._slot.offered == 5
        until(lambda: shadowed.run._process is not None)
    finally:
        shadowed.run.stop()
    assert not shadowed.run._worker.running, "though the process hung"
    shadowed.run.look(frame_at(100.0, pixels))
    assert shadowed.run._slot.offered == 5, "and nothing is kept of a run that is over"


def test_a_stop_while_the_process_is_begun_is_not_missed(shelf: ModelShelf, monkeypatch: pytest.MonkeyPatch) -> None:
    begun, roused = threading.Event(), threading.Event()
    made: list[ModelProcess] = []

    class Slow(ModelProcess):
        """One that takes until after the stop to begin."""

        def __init__(self, *args: Any) -> None:
            super().__init__(*args)
            made.append(self)
            begun.set()
            assert roused.wait(10.0)

    monkeypatch.setattr(shadow_run, "ModelProcess", Slow)
    shadowed = Shadowed(shelf, monkeypatch, (sys.executable, "-c", "import time; time.sleep(60)"))
    worker, rouse = shadowed.run._worker, shadowed.run._rouse

    def rouse_and_tell() -> None:
        rouse()
        roused.set()

    monkeypatch.setattr(worker, "_rouse", rouse_and_tell)
    try:
        shadowed.run.look(frame_at(EVERY_SECONDS, np.zeros((720, 1280, 3), np.uint8)))
        assert begun.wait(10.0)
        shadowed.run.stop()
        assert not worker.running
        assert [process.has_ended() for process in made] == [True]
        assert shadowed.counts == ShadowCounts(), "and it is no failure of the models"
    finally:
        roused.set()
        for process in made:
            process.kill()


@pytest.mark.parametrize("program", ["import os; os.abort()", "print('nonsense')", "print('{\"pictures\": -1}')"])
def test_a_process_that_fails_is_counted_and_after_three_times_rests(
    shelf: ModelShelf, monkeypatch: pytest.MonkeyPatch, program: str
) -> None:
    shadowed = Shadowed(shelf, monkeypatch, (sys.executable, "-c", program))
    try:
        for _ in range(MOST_FAILURES):
            shadowed.show(np.zeros((20, 20, 3), np.uint8))
        until(lambda: not shadowed.run._wanted)
    finally:
        shadowed.run.stop()
    assert shadowed.counts == ShadowCounts(pictures=3, missed=3)


def test_without_a_set_to_run_no_frame_is_kept_and_one_that_comes_is_begun(
    shelf: ModelShelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    shelf.take(a_set(2), "model-all")
    shadowed = Shadowed(shelf, monkeypatch)
    try:
        shadowed.run.look(frame_at(1.0))
        assert shadowed.run._slot.offered == 0
        shelf.take(a_set(3, shadow=True), "model-all")
        shadowed.run.news()
        until(lambda: shadowed.run._wanted)
    finally:
        shadowed.run.stop()
    assert [thread.name for thread in threading.enumerate() if thread.name == "shadow"] == []
