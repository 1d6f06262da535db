"""What `doctor` says of GPS and the clock: the same as the lamps of a patrol."""

import sys
from datetime import UTC, datetime, timedelta
from functools import partial

import pytest

from patrol_anpr.commands import doctor
from patrol_anpr.commands.finding import Finding
from patrol_anpr.domain.health import LampState
from patrol_anpr.settings import Settings
from patrol_anpr.vehicle.clock import ClockWatch
from tests.conftest import FakeClock
from tests.vehicle.made import report, rmc, tpv
from tests.vehicle.test_gps import VERSION, Gpsd, plugged_in


def findings(where: str, watch: ClockWatch | None = None, **vehicle: object) -> list[Finding]:
    settings = Settings.model_validate({"vehicle": {"gps": where, "gps_lost_seconds": 1.0, **vehicle}})
    watch = watch or ClockWatch(doctor.SystemClock())
    return [
        finding for look in (partial(doctor._gps, watch), partial(doctor._clock, watch)) for finding in look(settings)
    ]


def now_tpv(**off: float) -> bytes:
    """A place of now, or of a time that is off."""
    return VERSION + tpv(time=f"{datetime.now(UTC) + timedelta(**off):%Y-%m-%dT%H:%M:%S.%fZ}").encode() + b"\n"


def test_a_place_and_a_clock_that_agrees_with_it_are_good() -> None:
    with Gpsd((now_tpv(), True)) as gpsd:
        gps, clock = findings(f"gpsd:127.0.0.1:{gpsd.port}")
    assert (gps.state, clock.state) == (LampState.GOOD, LampState.GOOD)
    assert "gives positions" in gps.found
    assert "compared with GPS" in clock.found


def test_a_clock_that_differs_from_gps_is_bad() -> None:
    with Gpsd((now_tpv(hours=3), True)) as gpsd:
        _, clock = findings(f"gpsd:127.0.0.1:{gpsd.port}")
    assert clock.state is LampState.BAD
    assert "Clock -3 h" in clock.found
    assert "GPS time" in clock.advice


@pytest.mark.parametrize(
    ("said", "state", "found", "advice"),
    [
        (VERSION + report("DEVICES", devices=[]).encode() + b"\n", LampState.BAD, "GPS lost", "no receiver"),
        (VERSION + tpv(mode=1).encode() + b"\n", LampState.WARN, "GPS searching", "sky"),
        (VERSION, LampState.BAD, "GPS lost", "cable"),
    ],
)
def test_what_a_receiver_lacks_is_said_as_its_lamp_does(said: bytes, state: LampState, found: str, advice: str) -> None:
    with Gpsd((said, True)) as gpsd:
        gps, _ = findings(f"gpsd:127.0.0.1:{gpsd.port}")
    assert gps.state is state
    assert found in gps.found
    assert advice in gps.advice


@pytest.mark.skipif(sys.platform == "win32", reason="a pseudo-terminal stands for the serial port; Windows has none")
def test_a_wrong_baud_rate_is_named(tmp_path) -> None:
    with plugged_in(tmp_path / "gps", bytes(range(128, 256))):
        gps, _ = findings(f"serial:{tmp_path / 'gps'}", gps_baud=4800)
    assert gps.state is LampState.BAD
    assert "now 4800" in gps.advice


@pytest.mark.skipif(sys.platform == "win32", reason="a pseudo-terminal stands for the serial port; Windows has none")
def test_a_receiver_that_lost_count_of_the_weeks_does_not_blame_the_clock(tmp_path) -> None:
    old = datetime.now(UTC) - timedelta(weeks=1024)
    with plugged_in(tmp_path / "gps", (rmc(at=old) + "\r\n").encode()):
        gps, clock = findings(f"serial:{tmp_path / 'gps'}")
    assert (gps.state, clock.state) == (LampState.GOOD, LampState.GOOD)


def test_a_clock_that_cannot_be_is_bad_and_no_receiver_is_a_remark() -> None:
    gps, clock = findings("", ClockWatch(FakeClock(datetime(1970, 1, 1, tzinfo=UTC))))
    assert gps.state is LampState.WARN
    assert clock.state is LampState.BAD
    assert "Clock wrong" in clock.found
