"""GPS over a real pseudo-terminal and a real socket; unplugging is closing them."""

import json
import os
import socket
import sys
import threading

import pynmea2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from patrol_anpr.domain.errors import BadInput
from patrol_anpr.domain.health import Lamp, LampState
from patrol_anpr.vehicle.clock import SystemClock
from patrol_anpr.vehicle.gps import GpsdGps, SerialGps, open_gps
from patrol_anpr.vehicle.nmea import NmeaParser
from tests.conftest import FakeClock

WAIT = 10


def rmc(latitude="5130.000", longitude="00007.000", status="A"):
    fields = ("214305.00", status, latitude, "N", longitude, "W", "022.4", "084.4", "211126", "", "")
    return str(pynmea2.RMC("GP", "RMC", fields))


def gga():
    fields = ("214305.00", "5130.000", "N", "00007.000", "W", "1", "08", "0.9", "30.0", "M", "47.0", "M", "", "")
    return str(pynmea2.GGA("GP", "GGA", fields))


def test_a_fix_carries_place_speed_heading_and_quality(clock: FakeClock) -> None:
    parser = NmeaParser(clock)
    assert parser.feed(gga()) is None
    fix = parser.feed(rmc())
    assert fix is not None
    assert fix.latitude == pytest.approx(51.5)
    assert fix.longitude == pytest.approx(-7 / 60)
    assert fix.speed == pytest.approx(22.4 * 0.514444)
    assert (fix.heading, fix.satellites, fix.hdop) == (84.4, 8, 0.9)
    assert fix.at_utc.isoformat() == "2026-11-21T21:43:05+00:00"
    assert fix.age(clock.monotonic() + 3) == 3


@pytest.mark.parametrize(
    "line",
    [
        rmc(status="V"),
        rmc(latitude="0000.000", longitude="00000.000"),
        rmc()[:-1] + "0",
        rmc()[: len(rmc()) // 2],
        "$GPRMC,,,,,,,,,,,*00",
        "",
    ],
)
def test_what_cannot_be_a_position_is_refused(clock: FakeClock, line: str) -> None:
    assert NmeaParser(clock).feed(line) is None


def test_a_jump_is_refused_until_a_second_fix_confirms_it(clock: FakeClock) -> None:
    parser = NmeaParser(clock)
    assert parser.feed(rmc())
    clock.advance(1)
    assert parser.feed(rmc(latitude="5230.000")) is None
    clock.advance(1)
    assert parser.feed(rmc())
    clock.advance(1)
    assert parser.feed(rmc(latitude="5230.000")) is None
    clock.advance(1)
    assert parser.feed(rmc(latitude="5230.001"))


@given(st.text(max_size=120))
def test_no_line_breaks_the_parser(line: str) -> None:
    NmeaParser(FakeClock()).feed(line)


class Heard:
    """Collects what a receiver reports and lets a test wait for it."""

    def __init__(self) -> None:
        self.fixes = []
        self.lamps: list[Lamp] = []
        self._changed = threading.Condition()

    def fix(self, fix):
        with self._changed:
            self.fixes.append(fix)
            self._changed.notify_all()

    def lamp(self, lamp: Lamp) -> None:
        with self._changed:
            self.lamps.append(lamp)
            self._changed.notify_all()

    def wait_for(self, state: LampState, since: int = 0) -> bool:
        with self._changed:
            return self._changed.wait_for(lambda: any(lamp.state is state for lamp in self.lamps[since:]), WAIT)


class Receiver:
    """A GPS receiver on a pseudo-terminal, sending a sentence ten times a second until it is unplugged."""

    def __init__(self, link) -> None:
        self._link = link
        self._master, self._slave = os.openpty()
        link.symlink_to(os.ttyname(self._slave))
        self._unplugged = threading.Event()
        self._thread = threading.Thread(target=self._send)
        self._thread.start()

    def _send(self) -> None:
        while not self._unplugged.wait(0.1):
            os.write(self._master, (rmc() + "\r\n").encode())

    def unplug(self) -> None:
        self._unplugged.set()
        self._thread.join()
        os.close(self._master)
        os.close(self._slave)
        self._link.unlink()


@pytest.mark.skipif(sys.platform == "win32", reason="a pseudo-terminal stands for the serial port; Windows has none")
def test_a_serial_receiver_is_found_lost_when_unplugged_and_found_again(tmp_path) -> None:
    heard = Heard()
    port = tmp_path / "gps"
    receiver = Receiver(port)
    gps = SerialGps(str(port), SystemClock(), heard.fix, heard.lamp, lost_after=1.0)
    gps.start()
    try:
        assert heard.wait_for(LampState.GOOD)
        receiver.unplug()
        assert heard.wait_for(LampState.BAD)
        assert heard.fixes[-1] is None
        seen = len(heard.lamps)
        receiver = Receiver(port)
        assert heard.wait_for(LampState.GOOD, since=seen)
    finally:
        gps.stop()
        receiver.unplug()


def test_gpsd_is_understood_and_its_end_is_noticed() -> None:
    heard = Heard()
    with socket.create_server(("127.0.0.1", 0)) as server:
        gps = GpsdGps("127.0.0.1", server.getsockname()[1], SystemClock(), heard.fix, heard.lamp, lost_after=1.0)
        gps.start()
        try:
            connection, _ = server.accept()
            report = {"class": "TPV", "mode": 3, "lat": 51.5, "lon": -0.1, "speed": 10.0, "track": 90.0}
            report["time"] = "2026-11-21T21:43:05.000Z"
            connection.sendall(b'{"class":"VERSION","release":"3.22"}\n' + json.dumps(report).encode() + b"\n")
            assert heard.wait_for(LampState.GOOD)
            assert heard.fixes[0].speed == 10.0
            connection.close()
            assert heard.wait_for(LampState.BAD)
        finally:
            gps.stop()


def test_a_receiver_nobody_knows_is_a_sentence(clock: FakeClock) -> None:
    with pytest.raises(BadInput, match="serial:DEVICE"):
        open_gps("bluetooth", clock, print, print)
