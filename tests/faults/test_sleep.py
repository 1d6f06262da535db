"""Fault 4: the computer slept for a while. A whole car locks itself, opens camera and receiver anew, and says so."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from patrol_anpr.domain.events import CameraChanged, Event
from patrol_anpr.domain.health import CameraState, LampState
from patrol_anpr.settings import Settings
from patrol_anpr.vehicle.clock import SystemClock
from patrol_anpr.vehicle.gps import SerialGps
from tests.cameras.fake_camera import FakeCamera
from tests.integration.cars import Depot, blind, driving, pictures, settings_of, sign_on, until
from tests.made import a_read
from tests.records.mounted import ROOT
from tests.vehicle.made import rmc
from tests.vehicle.test_gps import plugged_in

SLEPT = 40.0


class SleepingClock(SystemClock):
    """The computer's clock, whose intervals count sleep; `slept` are seconds that it slept so far."""

    slept = 0.0

    def monotonic(self) -> float:
        return super().monotonic() + self.slept


def seen(event: Event) -> bool:
    return isinstance(event, CameraChanged) and event.status.state is CameraState.SEEN


@pytest.mark.skipif(sys.platform == "win32", reason="a pseudo-terminal stands for the serial port; Windows has none")
def test_after_a_sleep_the_car_is_locked_opens_its_devices_anew_and_tells_of_the_gap(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    blind(monkeypatch)
    opened: list[float] = []
    open_line = SerialGps._open
    monkeypatch.setattr(SerialGps, "_open", lambda gps: opened.append(time.monotonic()) or open_line(gps))
    clock = SleepingClock()
    with (
        Depot(tmp_path / "depot") as depot,
        FakeCamera() as fake,
        plugged_in(tmp_path / "gps", (rmc() + "\r\n").encode()),
    ):
        tree = settings_of(tmp_path, depot=depot, cameras=[("front", fake.url)]).model_dump()
        settings = Settings.model_validate(tree | {"vehicle": {"gps": f"serial:{tmp_path / 'gps'}"}})
        with driving(settings, cameras=True, clock=clock) as (car, heard):
            assert car.patrol.start_sync().result()
            session = sign_on(car)
            heard.wait(seen)
            heard.wait_lamp("gps", LampState.GOOD)
            before, known = len(opened), len(heard.events)

            clock.slept += SLEPT
            car.patrol.read_made(a_read(captured_monotonic=clock.monotonic(), read_id="read-1"), pictures(1))
            until(lambda: car.patrol.lock.is_locked)
            heard.wait(seen, after=known)  # opened anew, it gives pictures again
            until(lambda: len(opened) > before)
            assert car.records.flush(20)
            [stored] = car.records.reads_page(session.shift.shift_id, 9)
            assert stored.read.fix_age is None or stored.read.fix_age >= SLEPT
            watched = sum(one.seconds for one in car.patrol.coverage.minutes())
            assert watched < SLEPT
            assert car.patrol.sign_off().result() == 0
        rows = depot.holds().audited("no_coverage")
        assert [row.object_id for row in rows] == [session.shift.shift_id]


STOPPED = """
import json, os, sys
from pathlib import Path
import pytest
from patrol_anpr.domain.health import LampState
from tests.integration.cars import blind, driving, settings_of, sign_on

blind(pytest.MonkeyPatch())
with driving(settings_of(Path(sys.argv[1]))) as (car, heard):
    sign_on(car, "LOCAL", "")
    print("ready", flush=True)
    sys.stdin.readline()
    bad = [lamp.key for lamp in car.patrol.lamps() if lamp.state is LampState.BAD]
    print(json.dumps([car.patrol.lock.is_locked, bad]))
"""


@pytest.mark.campaign
@pytest.mark.skipif(not hasattr(signal, "SIGSTOP"), reason="Windows has no such signal")
def test_a_car_that_is_stopped_for_40_seconds_goes_on_and_is_locked(tmp_path: Path) -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", STOPPED, str(tmp_path)],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    os.kill(process.pid, signal.SIGSTOP)
    time.sleep(SLEPT)
    os.kill(process.pid, signal.SIGCONT)
    time.sleep(3)
    said, _ = process.communicate("now\n", timeout=30)
    locked, bad = json.loads(said)
    assert locked
    assert not {"health", "records", "reading", "screen"} & set(bad)
