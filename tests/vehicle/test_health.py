"""Probes: disk, one that breaks, one that is slow; and a program that stood still."""

import os
import shutil
import threading
from collections import namedtuple
from datetime import timedelta

import pytest

from patrol_anpr.domain.health import Lamp, LampState
from patrol_anpr.vehicle.disk_rate import DiskRate
from patrol_anpr.vehicle.health import GAP_SECONDS, Health, Prompt, disk_probe
from tests.conftest import FakeClock

Usage = namedtuple("Usage", "total used free")
Files = namedtuple("Files", "f_files f_favail")
DISK = Lamp("disk", LampState.GOOD, "Disk")


@pytest.mark.parametrize(("free", "state"), [(50, LampState.GOOD), (9, LampState.WARN), (2, LampState.BAD)])
def test_the_disk_lamp_follows_how_full_it_is(tmp_path, monkeypatch, clock, free: int, state: LampState) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _: Usage(100, 100 - free, free))
    assert disk_probe(tmp_path / "not" / "made yet", 90, 97, clock)().state is state


@pytest.mark.skipif(not hasattr(os, "statvfs"), reason="Windows has no number of files that a disk can hold")
@pytest.mark.parametrize(
    ("files", "free", "state"),
    [(32, 10, LampState.GOOD), (32, 2, LampState.WARN), (32, 0, LampState.BAD), (0, 0, LampState.GOOD)],
)
def test_the_disk_lamp_follows_how_many_files_fit(tmp_path, monkeypatch, clock, files: int, free: int, state) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _: Usage(100, 50, 50))
    monkeypatch.setattr(os, "statvfs", lambda _: Files(files, free))
    lamp = disk_probe(tmp_path, 90, 97, clock)()
    assert lamp.state is state
    assert ("number of files" in lamp.advice) == (state is not LampState.GOOD)


def test_a_good_disk_says_how_long_it_lasts(tmp_path, monkeypatch, clock: FakeClock) -> None:
    free = [500 * 10**9]
    monkeypatch.setattr(shutil, "disk_usage", lambda _: Usage(10**12, 10**12 - free[0], free[0]))
    probe = disk_probe(tmp_path, 90, 97, clock)
    assert probe().advice == "500 GB free."
    for _ in range(20 * 60):
        clock.advance(1)
        free[0] -= 10**7
        lamp = probe()
    assert lamp.advice == "488 GB free. At this rate that is enough for about 14 h."
    for _ in range(70 * 60):  # nothing more is written
        clock.advance(1)
        lamp = probe()
    assert lamp.advice == "488 GB free."


def test_the_hours_of_a_disk_that_hardly_fills_are_no_false_precision() -> None:
    rate = DiskRate()
    assert rate.hours_left(10**12, 0.0) is None
    assert rate.hours_left(10**12 - 10**6, 1200.0) == 999
    rate = DiskRate()
    rate.hours_left(10**12, 0.0)
    assert rate.hours_left(10**12 - 10**9, 1200.0) == 330
    assert rate.hours_left(10**12, 99_999.0) is None


def test_a_disk_that_does_not_answer_is_told_and_holds_up_nothing_else(clock: FakeClock) -> None:
    gate, answers = threading.Event(), [DISK]

    def disk() -> Lamp:
        assert gate.wait(10)
        return answers[0]

    late = Lamp("disk", LampState.BAD, "Disk does not answer")
    probe = Prompt("health-disk", disk, late, seconds=0.01)
    watched = Watched(clock, disk=probe, clock=lambda: Lamp("clock", LampState.GOOD, "Clock"))
    for _ in range(3):
        watched.health.look()
    assert watched.said() == [("disk", LampState.BAD), ("clock", LampState.GOOD)] * 3
    assert sum(thread.name == "health-disk" for thread in threading.enumerate()) == 1
    gate.set()
    probe._asked[0].join(10)
    watched.health.look()
    assert watched.said()[-2:] == [("disk", LampState.GOOD), ("clock", LampState.GOOD)]


def test_what_a_probe_raises_on_its_thread_is_raised_where_it_was_asked() -> None:
    def broken() -> Lamp:
        raise OSError("gone")

    probe = Prompt("health-disk", broken, DISK)
    for _ in range(2):
        with pytest.raises(OSError, match="gone"):
            probe()


class Watched:
    """A Health of `probes`, and what it says."""

    def __init__(self, fake: FakeClock, **probes) -> None:
        self.lamps: list[Lamp] = []
        self.gaps: list[timedelta] = []
        self.ends: list[object] = []
        self.health = Health(probes, self.lamps.append, fake, self._gap, seconds=0.01)

    def _gap(self, began, ended) -> None:
        self.gaps.append(ended - began)
        self.ends.append(ended)

    def said(self) -> list[tuple[str, LampState]]:
        return [(lamp.key, lamp.state) for lamp in self.lamps]


def test_a_probe_that_breaks_leaves_its_lamp_empty_and_the_others_are_still_asked(clock: FakeClock) -> None:
    faults = [RuntimeError("bug"), OSError()]

    def broken() -> Lamp:
        if faults:
            raise faults.pop()
        return Lamp("clock", LampState.GOOD, "Clock")

    watched = Watched(clock, clock=broken, disk=lambda: DISK)
    watched.health.look()
    failed = [("clock", LampState.UNKNOWN), ("disk", LampState.GOOD), ("health", LampState.BAD)]
    assert watched.said() == failed
    assert "clock" in watched.lamps[-1].advice
    watched.health.look()
    watched.health.look()
    well = [("clock", LampState.GOOD), ("disk", LampState.GOOD)]
    assert watched.said() == [*failed, *failed, *well, ("health", LampState.GOOD)]
    watched.health.look()
    assert watched.said()[-2:] == well


@pytest.mark.parametrize("fault", [SystemExit(1), RuntimeError()])
def test_whatever_ends_the_thread_is_a_red_lamp_and_it_goes_on(clock: FakeClock, fault: BaseException) -> None:
    seen, again, armed = [], threading.Event(), threading.Event()

    def on_lamp(lamp: Lamp) -> None:
        seen.append(lamp.state)
        if lamp.key == "disk" and armed.is_set():
            armed.clear()
            raise fault
        if seen[-3:] == [LampState.BAD, LampState.GOOD, LampState.GOOD]:
            again.set()

    health = Health({"disk": lambda: DISK}, on_lamp, clock, lambda *_: None, seconds=0.01)
    health.start()
    try:
        armed.set()
        assert again.wait(10)
    finally:
        health.stop()


def test_sleep_is_told_and_nothing_is_looked_at_right_after_it(clock: FakeClock) -> None:
    watched = Watched(clock, disk=lambda: DISK)
    watched.health.turn()
    clock.advance(1800)
    watched.health.turn()
    assert watched.gaps == [timedelta(seconds=1800)]
    assert watched.ends == [clock.utc()]
    assert len(watched.lamps) == 1
    clock.advance(1)
    watched.health.turn()
    assert len(watched.lamps) == 2
    assert len(watched.gaps) == 1


def test_a_slow_probe_and_a_little_load_are_no_gap(clock: FakeClock) -> None:
    watched = Watched(clock, disk=lambda: clock.advance(60))
    for _ in range(3):
        clock.advance(GAP_SECONDS - 1)
        watched.health.turn()
    assert watched.gaps == []


def test_a_clock_that_was_set_is_no_gap(clock: FakeClock) -> None:
    watched = Watched(clock, disk=lambda: DISK)
    clock.now += timedelta(days=30)
    watched.health.turn()
    assert watched.gaps == []
