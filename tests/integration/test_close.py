"""Closing a car: a few seconds at most, whatever hangs; nothing that could be saved is lost; what is lost is told."""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from patrol_anpr.build import build_car
from patrol_anpr.depot.keys import DepotKeys
from patrol_anpr.domain.errors import RecordsFault
from patrol_anpr.domain.events import CameraChanged, Event
from patrol_anpr.domain.health import CameraState
from patrol_anpr.patrol.car import Car
from patrol_anpr.plumbing.sqlite import open_sqlite
from patrol_anpr.records.records import Records
from patrol_anpr.settings import Settings
from patrol_anpr.vehicle.clock import SystemClock
from patrol_anpr.wire.sealing import RecordKeys
from tests.cameras.fake_camera import FakeCamera
from tests.faults.test_records_disk import fill
from tests.integration.cars import (
    KEY,
    Depot,
    Heard,
    blind,
    driving,
    impatient,
    pictures,
    settings_of,
    sign_on,
    until,
)
from tests.made import a_read
from tests.reading.made import ScriptedDetector
from tests.records.mounted import small_disk

WITHIN = 5.0


@pytest.fixture
def detector(monkeypatch: pytest.MonkeyPatch) -> ScriptedDetector:
    return blind(monkeypatch)


@pytest.fixture
def gate() -> Iterator[threading.Event]:
    """Opened at the end, so that what hung comes back."""
    gate = threading.Event()
    yield gate
    gate.set()


def opened(settings: Settings, heard: Heard | None = None) -> Car:
    car = build_car(settings, key=KEY)
    if heard is not None:
        car.patrol.subscribe(heard)
    car.open()
    return car


def kept(folder: Path) -> list[str]:
    """The marks of the Reads on the disk; with nobody signed on those of an enrolled car open at the depot only."""
    if shifts := list((folder / "records").glob("shifts/*")):
        return [mark for shift in shifts for mark in _opened_at_the_depot(shift, folder / "depot")]
    records = Records.open(folder / "records", KEY, SystemClock(), lambda read_id: None, lambda lamp: None)
    try:
        return [stored.read.vrm for stored in records.reads_page(None, 1000)]
    finally:
        records.stop()


def _opened_at_the_depot(shift: Path, depot: Path) -> list[str]:
    keys = RecordKeys.opened((shift / "key.depot").read_bytes(), DepotKeys(depot).sealing)
    with closing(open_sqlite(shift / "records.db", key=bytes.fromhex(keys.database), mode="ro")) as database:
        return [mark for (mark,) in database.execute("SELECT vrm FROM reads ORDER BY seq")]


@contextmanager
def closed_in_time(car: Car, *, losing: str = "") -> Iterator[None]:
    """Close the car after the block; in time, and raising the sentence about a loss where one is due."""
    yield
    began = time.monotonic()
    if losing:
        with pytest.raises(RecordsFault, match=losing):
            car.close()
    else:
        car.close()
    assert time.monotonic() - began < WITHIN


def seen(event: Event) -> bool:
    return isinstance(event, CameraChanged) and event.status.state is CameraState.SEEN


def test_a_recogniser_that_hangs(
    tmp_path: Path, detector: ScriptedDetector, gate: threading.Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    entered = threading.Event()

    def find(pixels: object) -> list[object]:
        entered.set()
        gate.wait(60)
        return []

    monkeypatch.setattr(detector, "find", find)
    with FakeCamera() as fake:
        car = opened(settings_of(tmp_path, cameras=[("front", fake.url)]))
        with closed_in_time(car, losing="last vehicles in view"):
            sign_on(car, "LOCAL", "")
            assert entered.wait(10)
            car.patrol.read_made(a_read("TX64KZW"), pictures(1))
    assert kept(tmp_path) == ["TX64KZW"]


@pytest.mark.parametrize("losing", ["", "last vehicles in view"])
def test_a_recogniser_that_is_only_slow_is_waited_for(
    tmp_path: Path, detector: ScriptedDetector, monkeypatch: pytest.MonkeyPatch, losing: str
) -> None:
    car = opened(settings_of(tmp_path))
    monkeypatch.setattr(car.engine, "_end_reading", lambda deadline: False)
    monkeypatch.setattr(car.engine, "outlast", lambda patience: not losing)
    with closed_in_time(car, losing=losing):
        car.patrol.read_made(a_read("TX64KZW"), pictures(1))
    assert kept(tmp_path) == ["TX64KZW"]


def test_a_camera_that_hangs(
    tmp_path: Path, detector: ScriptedDetector, gate: threading.Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    heard = Heard()
    with FakeCamera() as fake:
        car = opened(settings_of(tmp_path, cameras=[("front", fake.url), ("rear", fake.url)]), heard)
        with closed_in_time(car):
            heard.wait(seen)
            front = car.engine._cameras["front"]
            monkeypatch.setattr(front, "stop", lambda stop=front.stop: gate.wait(60) and stop())
            car.patrol.read_made(a_read("TX64KZW"), pictures(1))
    gate.set()
    assert kept(tmp_path) == ["TX64KZW"]
    until(lambda: not any("rear" in thread.name for thread in threading.enumerate()))


def test_a_depot_that_takes_the_call_and_says_nothing(
    tmp_path: Path, detector: ScriptedDetector, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Depot(tmp_path / "depot") as depot, silent() as (url, called):
        settings = settings_of(tmp_path, depot=depot)
        settings = settings.model_copy(update={"depot": settings.depot.model_copy(update={"url": url})})
        car = opened(settings)
        with closed_in_time(car):
            car.patrol.read_made(a_read("TX64KZW"), pictures(1))
            car.patrol.start_sync()
            assert called.wait(10)
    assert kept(tmp_path) == ["TX64KZW"]


@contextmanager
def silent() -> Iterator[tuple[str, threading.Event]]:
    """A server that accepts and never answers: a captive network. Gives its address, and whether it was called."""
    called = threading.Event()
    lines: list[socket.socket] = []
    with socket.create_server(("127.0.0.1", 0)) as server:

        def accept() -> None:
            try:
                while True:
                    lines.append(server.accept()[0])
                    called.set()
            except OSError:
                pass

        thread = threading.Thread(target=accept, name="silent-depot")
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.getsockname()[1]}", called
        finally:
            server.shutdown(socket.SHUT_RDWR)
            thread.join()
            for line in lines:
                line.close()


def test_a_full_disk_and_what_was_lost_is_told(tmp_path: Path, detector: ScriptedDetector) -> None:
    with small_disk(tmp_path / "disk", 24) as disk:
        car = opened(settings_of(disk))
        with closed_in_time(car, losing="could not be saved"):
            assert car.records.flush(20)
            fill(disk)
            for number in range(20):
                evidence = pictures(number)
                car.patrol.read_made(a_read(read_id=f"read-{number}"), type(evidence)(b"", bytes(200_000)))


def test_a_disk_that_is_only_slow_is_waited_for(
    tmp_path: Path, detector: ScriptedDetector, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("patrol_anpr.patrol.car.SAVING_SECONDS", 0.3)
    monkeypatch.setattr("patrol_anpr.patrol.car.END_SECONDS", 0.3)
    car = opened(settings_of(tmp_path))
    write = car.records._writer._pen.write
    pause = threading.Event()

    def slowly(*given: object) -> object:
        pause.wait(0.05)
        return write(*given)

    monkeypatch.setattr(car.records._writer._pen, "write", slowly)
    monkeypatch.setattr(car.records._writer._lanes.facts, "most", 1)
    for number in range(20):
        car.patrol.read_made(a_read(read_id=f"read-{number}"), pictures(number))
    car.close()
    assert len(kept(tmp_path)) == 20


def test_each_part_is_closed_although_another_one_fails(
    tmp_path: Path, detector: ScriptedDetector, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Depot(tmp_path / "depot") as depot:
        impatient(monkeypatch)
        car = opened(settings_of(tmp_path, depot=depot))
        closed: list[str] = []

        def failing(name: str, close: Callable[[], object]) -> Callable[[], object]:
            def fail(*_: object) -> None:
                closed.append(name)
                close()
                raise SystemExit

            return fail

        for name in ("health", "announcer", "matcher", "link"):
            part = getattr(car, name)
            end = "close" if name in ("matcher", "link") else "stop"
            monkeypatch.setattr(part, end, failing(name, getattr(part, end)))
        car.patrol.read_made(a_read("TX64KZW"), pictures(1))
        car.close()
        assert sorted(closed) == ["announcer", "health", "link", "matcher"]
    assert kept(tmp_path) == ["TX64KZW"]


def test_a_car_can_be_closed_twice_and_before_it_was_opened(tmp_path: Path, detector: ScriptedDetector) -> None:
    with driving(settings_of(tmp_path)) as (car, _):
        car.close()
