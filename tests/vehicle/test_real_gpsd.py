"""A real gpsd with a receiver on a pseudo-terminal. The other tests have a service that only speaks as gpsd does."""

import os
import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

import pytest

from patrol_anpr.domain.health import LampState
from patrol_anpr.vehicle.clock import SystemClock
from patrol_anpr.vehicle.gps import GpsdGps
from tests.vehicle.made import rmc
from tests.vehicle.test_gps import Heard, plugged_in, running

GPSD = shutil.which("gpsd") or shutil.which("gpsd", path="/usr/sbin")
PATIENCE = 60.0  # gpsd tries the speeds of a receiver one after the other

pytestmark = pytest.mark.skipif(GPSD is None, reason="needs gpsd: apt-get install gpsd")


def a_free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


@contextmanager
def gpsd_with(tmp_path, *devices: str) -> Iterator[int]:
    port = a_free_port()
    command = [str(GPSD), "-N", "-n", "-S", str(port), "-F", str(tmp_path / "control"), *devices]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        yield port
    finally:
        process.kill()
        process.wait()


def test_a_real_gpsd_without_a_receiver_says_so(tmp_path) -> None:
    heard = Heard()
    with (
        gpsd_with(tmp_path) as port,
        running(GpsdGps("127.0.0.1", port, SystemClock(), heard.fix, heard.lamp, lost_after=5.0)),
    ):
        assert heard.wait_until(lambda: any("no receiver" in lamp.advice for lamp in heard.lamps), PATIENCE)


def test_a_real_gpsd_gives_places_and_its_end_is_noticed(tmp_path) -> None:
    heard = Heard()
    now = datetime.now(UTC)
    with plugged_in(tmp_path / "gps", f"{rmc(at=now, mode='A')}\r\n".encode()):
        device = os.path.realpath(tmp_path / "gps")
        os.chmod(device, 0o666)  # noqa: PTH101 - gpsd gives up root's rights
        with gpsd_with(tmp_path, device) as port:
            gps = GpsdGps("127.0.0.1", port, SystemClock(), heard.fix, heard.lamp, lost_after=5.0)
            with running(gps):
                assert heard.wait_until(lambda: any(heard.fixes), PATIENCE)
    fix = next(fix for fix in heard.fixes if fix)
    assert (round(fix.latitude, 4), round(fix.longitude, 4)) == (51.5, -0.1167)
    assert fix.at_utc == now.replace(microsecond=0)
    assert fix.speed == pytest.approx(11.5, abs=0.1)
    assert heard.wait_for(LampState.GOOD)
