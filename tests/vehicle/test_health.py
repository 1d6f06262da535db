"""Probes: disk, clock, and one that breaks."""

import shutil
from collections import namedtuple
from datetime import timedelta

import pytest

from patrol_anpr.domain.health import Lamp, LampState
from patrol_anpr.vehicle.clock import ClockWatch
from patrol_anpr.vehicle.health import Health, disk_probe
from tests.conftest import FakeClock

Usage = namedtuple("Usage", "total used free")


@pytest.mark.parametrize(("free", "state"), [(50, LampState.GOOD), (9, LampState.WARN), (2, LampState.BAD)])
def test_the_disk_lamp_follows_how_full_it_is(tmp_path, monkeypatch, free: int, state: LampState) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _: Usage(100, 100 - free, free))
    assert disk_probe(tmp_path / "not" / "made yet", 90, 97)().state is state


def test_a_clock_that_agrees_is_good_and_one_that_jumps_is_told(clock: FakeClock) -> None:
    watch = ClockWatch(clock)
    clock.advance(3600)
    assert watch.probe().state is LampState.GOOD
    clock.now += timedelta(hours=1)
    assert watch.probe().word == "Clock jumped +3600 s"


def test_gps_time_decides_whether_the_clock_is_right(clock: FakeClock) -> None:
    watch = ClockWatch(clock)
    watch.gps_time(clock.utc() - timedelta(seconds=90))
    assert watch.probe().word == "Clock +90 s"
    assert watch.state.source == "gps"
    watch.gps_time(clock.utc())
    assert watch.probe().state is LampState.GOOD


def test_a_probe_that_breaks_is_a_lamp_and_the_others_are_still_asked() -> None:
    seen: list[Lamp] = []

    def broken() -> Lamp:
        raise RuntimeError

    Health([broken, lambda: Lamp("disk", LampState.GOOD, "Disk")], seen.append).look()
    assert [lamp.state for lamp in seen] == [LampState.BAD, LampState.GOOD]
