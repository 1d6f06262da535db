"""A car that is closed leaves nothing behind: no thread, no open file, no connection."""

import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path

import pytest

from patrol_anpr.domain.events import CameraChanged, Event, ReadMade
from patrol_anpr.domain.health import CameraState
from patrol_anpr.patrol.car import Car
from tests.cameras.fake_camera import FakeCamera
from tests.integration.cars import (
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
from tests.made import a_read

LINUX = sys.platform == "linux"


def left_open() -> list[str]:
    """The files and sockets of this process, by what they lead to, without those of the platform itself."""
    if not LINUX:
        return []
    found = []
    for link in Path("/proc/self/fd").iterdir():
        try:
            found.append(str(link.readlink()))
        except FileNotFoundError:
            continue  # the folder that was being read
    return found


def threads() -> list[str]:
    return sorted(thread.name for thread in threading.enumerate())


def twice_without_a_trace(drive: Callable[[], Car]) -> None:
    """Drive once for what is made once for all (thread pools of the libraries), then twice and compare.

    The closed cars are held until the end: what only the collector of garbage would close is left open.
    """
    closed = [drive()]
    threads_before, open_before = threads(), len(left_open())
    for _ in range(2):
        closed.append(drive())
        until(lambda: threads() == threads_before, within=5)
        until(lambda: len(left_open()) <= open_before, within=5)


def test_a_whole_shift_with_reading_sync_and_upload_leaves_nothing(tmp_path: Path) -> None:
    clip = write_clip(tmp_path / "clip.avi", passing("TX64KZW"))
    with Depot(tmp_path / "depot") as depot:
        settings = settings_of(tmp_path, depot=depot, cameras=[("front", str(clip))])

        def shift() -> Car:
            with driving(settings, cameras=True) as (car, heard):
                assert car.patrol.start_sync().result()
                sign_on(car)
                heard.wait(lambda event: isinstance(event, ReadMade))
                assert car.patrol.sign_off().result() == 0
            return car

        twice_without_a_trace(shift)


def test_cameras_that_are_there_lost_and_in_the_middle_of_a_shift_leave_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    blind(monkeypatch)
    with FakeCamera() as fake:
        settings = settings_of(tmp_path, cameras=[("front", fake.url), ("rear", "http://127.0.0.1:9/")])

        def seen(event: Event) -> bool:
            return isinstance(event, CameraChanged) and event.status.state is CameraState.SEEN

        def patrol() -> Car:
            with driving(settings, cameras=True) as (car, heard):
                sign_on(car, "LOCAL", "")
                heard.wait(seen)
            return car

        twice_without_a_trace(patrol)


def test_a_car_that_is_closed_while_it_sends_stops_sending_and_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    blind(monkeypatch)
    with Depot(tmp_path / "depot") as depot:
        settings = settings_of(tmp_path, depot=depot)
        with driving(settings) as (car, _):
            assert car.patrol.start_sync().result()
        depot.switch_off()
        uploads: list[Future[int]] = []

        def hurry() -> Car:
            with driving(settings) as (car, _):
                sign_on(car)
                car.patrol.read_made(a_read(), pictures(1))
                uploads.append(car.patrol.sign_off())
                closing = time.monotonic()
            assert time.monotonic() - closing < 3
            assert uploads[-1].result(timeout=0) > 0
            return car

        twice_without_a_trace(hurry)
