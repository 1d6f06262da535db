"""A whole car with a receiver and a disk: the settings have their effect, and reads carry what was known."""

import shutil
import sys
from collections import namedtuple
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from patrol_anpr.domain.health import LampState
from patrol_anpr.settings import Settings
from tests.integration.cars import blind, driving, pictures, settings_of, until
from tests.made import a_read
from tests.vehicle.made import rmc
from tests.vehicle.test_gps import plugged_in

Usage = namedtuple("Usage", "total used free")
no_pseudo_terminal = pytest.mark.skipif(
    sys.platform == "win32", reason="a pseudo-terminal stands for the serial port; Windows has none"
)


@pytest.fixture(autouse=True)
def without_models(monkeypatch: pytest.MonkeyPatch) -> None:
    blind(monkeypatch)


def with_vehicle(folder: Path, **vehicle: object) -> Settings:
    tree = settings_of(folder).model_dump()
    return Settings.model_validate(tree | {"vehicle": vehicle})


@no_pseudo_terminal
@pytest.mark.parametrize(("weeks_lost", "source"), [(0, "gps"), (1024, "rollover")])
def test_reads_carry_the_place_and_what_the_clock_was_compared_with(
    tmp_path: Path, weeks_lost: int, source: str
) -> None:
    now = datetime.now(UTC) - timedelta(weeks=weeks_lost)
    with (
        plugged_in(tmp_path / "gps", (rmc(at=now) + "\r\n").encode()),
        driving(with_vehicle(tmp_path / "car", gps=f"serial:{tmp_path / 'gps'}")) as (car, heard),
    ):
        heard.wait_lamp("gps", LampState.GOOD)
        at = car.patrol.clock.monotonic()
        car.patrol.read_made(a_read(captured_monotonic=at), pictures(1))
        assert car.patrol.moving() is True
        until(lambda: car.records.reads_page(None, 1))
        (stored,) = car.records.reads_page(None, 1)
    assert (round(stored.read.fix.latitude, 4), round(stored.read.fix.longitude, 4)) == (51.5, -0.1167)
    assert stored.read.fix_age < 5
    assert stored.read.clock_source == source
    assert abs(stored.read.clock_offset) < 60


@no_pseudo_terminal
@pytest.mark.parametrize("baud", [4800, 115200])
def test_the_baud_rate_is_a_setting(tmp_path: Path, baud: int) -> None:
    settings = with_vehicle(tmp_path / "car", gps=f"serial:{tmp_path / 'gps'}", gps_baud=baud, gps_lost_seconds=1.0)
    with plugged_in(tmp_path / "gps", bytes(range(128, 256))), driving(settings) as (_, heard):
        _, lamp = heard.wait_lamp("gps", LampState.BAD)
    assert f"now {baud}" in lamp.advice


@no_pseudo_terminal
def test_how_long_gps_may_be_silent_is_a_setting(tmp_path: Path) -> None:
    waited = []
    for seconds in (1.0, 3.0):
        link = tmp_path / f"gps{seconds}"
        settings = with_vehicle(tmp_path / f"car{seconds}", gps=f"serial:{link}", gps_lost_seconds=seconds)
        with plugged_in(link, b""), driving(settings) as (_, heard):
            began, _ = heard.wait_lamp("gps", LampState.UNKNOWN)
            lost, _ = heard.wait_lamp("gps", LampState.BAD)
        waited.append(lost - began)
    assert waited[0] >= 1.0
    assert waited[1] >= 3.0
    assert waited[0] < waited[1]


def test_without_a_receiver_the_lamp_says_so_and_reads_have_no_place(tmp_path: Path) -> None:
    with driving(with_vehicle(tmp_path)) as (car, heard):
        _, lamp = heard.wait_lamp("gps", LampState.UNKNOWN)
        car.patrol.read_made(a_read(), pictures(1))
        until(lambda: car.records.reads_page(None, 1))
        (stored,) = car.records.reads_page(None, 1)
    assert lamp.word == "No GPS"
    assert (stored.read.fix, stored.read.fix_age) == (None, None)


@pytest.mark.parametrize(
    ("amber", "red", "state"), [(90, 97, LampState.GOOD), (70, 97, LampState.WARN), (70, 75, LampState.BAD)]
)
def test_how_full_a_disk_may_be_is_a_setting(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, amber: int, red: int, state: LampState
) -> None:
    room = shutil.disk_usage(tmp_path)
    eighty = Usage(room.total, room.total * 8 // 10, room.total * 2 // 10)
    monkeypatch.setattr("patrol_anpr.plumbing.disk.disk_usage", lambda _: eighty)
    monkeypatch.setattr("patrol_anpr.plumbing.disk._files_percent", lambda _: 0.0)
    with driving(with_vehicle(tmp_path, disk_amber_percent=amber, disk_red_percent=red)) as (_, heard):
        assert heard.wait_lamp("disk", state)
