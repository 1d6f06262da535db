"""What belongs to a shift, and what it takes to end a run."""

import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from patrol_anpr.commands.headless import Tally, drive
from patrol_anpr.domain.events import CameraChanged, Event, ReadMade
from patrol_anpr.domain.health import CameraState
from patrol_anpr.domain.plate import Pixels
from patrol_anpr.patrol.car import Car
from tests import made
from tests.cameras.fake_camera import FakeCamera
from tests.integration.cars import (
    OFFICER,
    Depot,
    blind,
    driving,
    passing,
    pictures,
    settings_of,
    sign_on,
    until,
    write_clip,
)
from tests.reading.made import plate_box, scene


def in_view(vrm: str) -> list[Pixels]:
    """A video of a vehicle that stands in view, wide enough for one look to count (consensus.py)."""
    return [scene((vrm, plate_box(400 + number, 330, 60)), size=(960, 540)) for number in range(60)]


def test_a_vehicle_still_in_view_at_sign_off_is_read_and_belongs_to_the_shift(tmp_path: Path) -> None:
    clip = write_clip(tmp_path / "clip.avi", in_view("TX64KZW"))
    with Depot(tmp_path / "depot") as depot:
        settings = settings_of(tmp_path, depot=depot, cameras=[("front", str(clip))])
        with driving(settings, cameras=True) as (car, heard):
            assert car.patrol.start_sync().result()
            shift = sign_on(car).shift
            until(lambda: car.recogniser.counts.frames > 0)
            upload = car.patrol.sign_off()
            assert upload.result() == 0
            assert [event.read.vrm for event in heard.of(ReadMade)] == ["TX64KZW"]
            summary = car.records.summary(shift.shift_id)
            assert (summary.reads, summary.hits, summary.unresolved) == (1, 1, 1)
        held = depot.holds()
        assert [(read.vrm, read.shift_id, read.officer_id) for read in held.reads] == [
            ("TX64KZW", shift.shift_id, OFFICER)
        ]
        assert [hit.shift_id for hit in held.hits] == [shift.shift_id]


def test_a_file_plays_from_its_start_in_every_shift(tmp_path: Path) -> None:
    clip = write_clip(tmp_path / "clip.avi", passing("TX64KZW")[:10], fps=10)
    with driving(settings_of(tmp_path, cameras=[("front", str(clip))]), cameras=True) as (car, heard):
        threading.Event().wait(1.2)  # longer than it lasts
        assert sum(status.offered for status in car.engine.statuses) == 0
        for _ in range(2):
            known = len(heard.events)
            sign_on(car, "LOCAL", "")
            heard.wait(lambda event: isinstance(event, ReadMade) and event.read.vrm == "TX64KZW", after=known)
            car.patrol.sign_off().result()


class Run:
    """`run --headless` over cameras as the command line does it, in a thread; `stop` is what a signal does in life."""

    def __init__(self, car: Car) -> None:
        self._ended = threading.Event()
        car.engine.open()
        car.engine.start()
        self._thread = threading.Thread(target=drive, args=(car, Tally(), self._ended), name="run")
        self._thread.start()

    def ended(self, within: float) -> bool:
        self._thread.join(within)
        return not self._thread.is_alive()

    def stop(self) -> None:
        self._ended.set()
        assert self.ended(10)


def test_a_run_goes_on_while_its_only_camera_is_away(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    blind(monkeypatch)

    def is_now(state: CameraState) -> Callable[[Event], bool]:
        return lambda event: isinstance(event, CameraChanged) and event.status.state is state

    with FakeCamera() as fake, driving(settings_of(tmp_path, cameras=[("front", fake.url)])) as (car, heard):
        run = Run(car)
        try:
            heard.wait(is_now(CameraState.SEEN))
            fake.kill()
            heard.wait(is_now(CameraState.LOST))
            assert not run.ended(within=1.2)
            known = len(heard.events)
            fake.restart()
            heard.wait(is_now(CameraState.SEEN), after=known)
        finally:
            run.stop()


def test_a_run_of_files_ends_with_the_last_of_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    blind(monkeypatch)
    empty = scene(size=(960, 540))
    cameras = [
        (name, str(write_clip(tmp_path / f"{name}.avi", [empty] * frames)))
        for name, frames in (("front", 3), ("rear", 6))
    ]
    with driving(settings_of(tmp_path, cameras=cameras)) as (car, _):
        assert Run(car).ended(within=20)


def test_the_figures_of_a_shift_that_goes_on_are_what_they_were(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    blind(monkeypatch)
    shown = []
    for number in range(3):
        with driving(settings_of(tmp_path)) as (car, _):
            sign_on(car, "LOCAL", "")
            shown.append(car.patrol.shift_chart())
            for camera in ("front", "rear", "front")[number:]:
                car.patrol.read_made(made.a_read(camera_id=camera), pictures(number))
            shown.append(car.patrol.shift_chart())
    assert [[(one.camera_id, one.reads) for one in chart.cameras()] for chart in shown] == [
        [],
        [("front", 2), ("rear", 1)],
        [("front", 2), ("rear", 1)],
        [("front", 3), ("rear", 2)],
        [("front", 3), ("rear", 2)],
        [("front", 4), ("rear", 2)],
    ]
