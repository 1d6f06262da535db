"""Why nothing was read, for the whole car: each reason is provoked for real, kept, and comes to the depot."""

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path

import cv2
import numpy as np
import pytest

from patrol_anpr.domain.coverage import Blind, CoverageMinute
from patrol_anpr.domain.plate import Box, Pixels, Plate
from patrol_anpr.lab.camera_effects import covered, defocus, low_light
from patrol_anpr.patrol.car import Car
from patrol_anpr.wire.payloads import CoveragePayload, Kind
from tests.cameras.fake_camera import FakeCamera
from tests.cameras.test_visibility import drive
from tests.integration.cars import Depot, blind, driving, settings_of, sign_on, until
from tests.reading.made import ScriptedDetector, plate_box

ENOUGH = 2.0
"""Seconds of a reason after which it is believed."""

RNG = np.random.default_rng(7)
LENSES: dict[Blind, Callable[[Pixels], Pixels]] = {
    Blind.DARK: lambda pixels: low_light(pixels, 0.02, 1.0, RNG),
    Blind.BLURRED: lambda pixels: defocus(pixels, 12),
    Blind.BLOCKED: lambda pixels: covered(pixels, 60, 2.0, RNG),
}
"""What is done to the pictures of a drive; the camera then serves them over HTTP."""


@pytest.fixture
def detector(monkeypatch: pytest.MonkeyPatch) -> ScriptedDetector:
    return blind(monkeypatch)


@pytest.fixture(scope="module")
def roads(tmp_path_factory: pytest.TempPathFactory) -> dict[Blind | None, Path]:
    """A drive by day through each lens, and through a good one."""
    folders: dict[Blind | None, Path] = {}
    for name, lens in (*LENSES.items(), (None, lambda pixels: pixels)):
        folders[name] = tmp_path_factory.mktemp(str(name))
        for number, pixels in enumerate(drive("drive_day.mp4")[:6]):
            half = np.asarray(cv2.resize(pixels, (640, 360), interpolation=cv2.INTER_AREA), np.uint8)
            cv2.imwrite(str(folders[name] / f"{number}.png"), lens(half))
    return folders


def seconds_of(car: Car, camera: str, reason: Blind | None) -> float:
    """How long a camera was blind for a reason in this shift; None: how long it was not."""
    found = [one for one in car.patrol.coverage.minutes() if one.camera_id == camera]
    return sum(one.usable_seconds if reason is None else one.blind.get(reason, 0.0) for one in found)


def comes(car: Car, camera: str, reason: Blind | None) -> None:
    """Wait for some more seconds of a reason."""
    before = seconds_of(car, camera, reason)
    until(lambda: seconds_of(car, camera, reason) >= before + ENOUGH)


def told(depot: Depot) -> Sequence[CoverageMinute]:
    rows = [
        row for one in depot.holds().payloads[Kind.COVERAGE] if isinstance(one, CoveragePayload) for row in one.minutes
    ]
    return [
        CoverageMinute(row.camera_id, row.minute, row.shift_id, row.seconds, row.blind, row.frames_offered)
        for row in rows
    ]


def test_what_a_lens_shows_is_in_the_record_and_comes_to_the_depot(
    tmp_path: Path, detector: ScriptedDetector, roads: dict[Blind | None, Path]
) -> None:
    cameras = {"front": None, "rear": Blind.DARK, "left": Blind.BLURRED, "right": Blind.BLOCKED}
    with ExitStack() as stack:
        depot = stack.enter_context(Depot(tmp_path / "depot"))
        served = [(name, stack.enter_context(FakeCamera(pictures=roads[why], fps=6))) for name, why in cameras.items()]
        settings = settings_of(tmp_path, depot=depot, cameras=[(name, fake.url) for name, fake in served])
        with driving(settings, cameras=True) as (car, _):
            assert car.patrol.start_sync().result(30)
            shift = sign_on(car).shift
            for name, why in cameras.items():
                comes(car, name, why)
            kept = {name: seconds_of(car, name, why) for name, why in cameras.items()}
            assert car.patrol.sign_off().result(30) == 0
            assert {one.shift_id for one in car.records.coverage(shift.shift_id)} == {shift.shift_id}
        rows = told(depot)
        for name, why in cameras.items():
            mine = [one for one in rows if one.camera_id == name]
            assert sum(one.blind.get(why, 0.0) if why else one.usable_seconds for one in mine) >= kept[name]
            assert sum(one.offered for one in mine) > 0
        depot.holds().assert_sound()


@pytest.fixture
def road(
    tmp_path: Path, detector: ScriptedDetector, roads: dict[Blind | None, Path]
) -> Iterator[tuple[Car, FakeCamera]]:
    """A car on patrol with one good camera."""
    with ExitStack() as stack:
        fake = stack.enter_context(FakeCamera(pictures=roads[None], fps=10))
        settings = settings_of(tmp_path, cameras=[("front", fake.url)])
        car, _ = stack.enter_context(driving(settings, cameras=True))
        sign_on(car, "LOCAL", "")
        comes(car, "front", None)
        yield car, fake


def test_a_camera_that_is_pulled_freezes_or_sends_garbage(road: tuple[Car, FakeCamera]) -> None:
    car, fake = road
    fake.mode("frozen")
    comes(car, "front", Blind.FROZEN)
    fake.mode("garbage")
    comes(car, "front", Blind.GARBLED)
    fake.mode("black")
    comes(car, "front", Blind.BLOCKED)
    fake.kill()
    comes(car, "front", Blind.LOST)
    fake.restart()
    fake.mode("moving")
    comes(car, "front", None)


def test_a_reader_that_does_not_keep_up_skips(
    road: tuple[Car, FakeCamera], detector: ScriptedDetector, monkeypatch: pytest.MonkeyPatch
) -> None:
    car, _ = road

    def slowly(pixels: Pixels) -> list[Plate]:
        threading.Event().wait(1.5)
        return []

    monkeypatch.setattr(detector, "find", slowly)
    comes(car, "front", Blind.SKIPPED)


def test_vehicles_whose_plates_are_too_small_are_followed_and_not_read(
    road: tuple[Car, FakeCamera], detector: ScriptedDetector
) -> None:
    car, _ = road
    for number in range(7):
        far: Box = plate_box(100 + 60 * number, 200, 24)
        known = car.recogniser.tally("front").unread
        before = car.recogniser.counts.frames
        detector.show(far)
        until(lambda before=before: car.recogniser.counts.frames > before + 4)  # type: ignore[misc]
        detector.show()
        until(lambda known=known: car.recogniser.tally("front").unread > known)  # type: ignore[misc]
    comes(car, "front", Blind.TOO_WIDE)
    assert sum(one.unread for one in car.patrol.coverage.minutes()) == 7


def test_an_end_of_the_program_within_a_minute_keeps_its_seconds(
    tmp_path: Path, detector: ScriptedDetector, roads: dict[Blind | None, Path]
) -> None:
    with FakeCamera(pictures=roads[None], fps=10) as fake:
        settings = settings_of(tmp_path, cameras=[("front", fake.url)])
        kept = []
        for _ in range(2):
            with driving(settings, cameras=True) as (car, _heard):
                shift = sign_on(car, "LOCAL", "").shift
                comes(car, "front", None)
                kept.append(seconds_of(car, "front", None))
        assert kept[1] >= kept[0] + ENOUGH  # the shift went on, with what was kept of it
        with driving(settings, cameras=False) as (car, _heard):
            parts = car.records.coverage(shift.shift_id)
            assert sum(one.usable_seconds for one in parts) >= kept[1]
