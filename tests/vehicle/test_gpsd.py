"""gpsd's reports: which give a place, which do not, and that nothing breaks the parser."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from patrol_anpr.vehicle.gpsd import OTHER_RECEIVER_SECONDS, GpsdParser
from patrol_anpr.vehicle.reception import Advice, Reception
from tests.conftest import FakeClock
from tests.vehicle.made import report, tpv


@pytest.fixture
def parser(clock: FakeClock) -> GpsdParser:
    return GpsdParser(clock)


def test_a_report_gives_a_fix_with_its_satellites(parser: GpsdParser, clock: FakeClock) -> None:
    parser.feed(report("SKY", device="/dev/ttyACM0", uSat=9, hdop=0.8))
    fix = parser.feed(tpv())
    assert fix is not None
    assert (fix.latitude, fix.longitude, fix.speed, fix.heading) == (51.5, -0.1, 10.0, 90.0)
    assert (fix.satellites, fix.hdop, fix.at_monotonic) == (9, 0.8, clock.monotonic())
    assert fix.at_utc.isoformat() == "2026-11-21T21:43:05+00:00"


def test_older_versions_list_the_satellites_instead_of_counting_them(parser: GpsdParser) -> None:
    each = [{"PRN": 1, "used": True}, {"PRN": 2, "used": False}, {"PRN": 3, "used": True}]
    parser.feed(report("SKY", device="/dev/ttyACM0", satellites=each))
    assert parser.feed(tpv()).satellites == 2


@pytest.mark.parametrize(
    ("time", "said"),
    [
        (None, None),
        ("not a time", None),
        (True, None),
        (1e300, None),
        (1_795_297_385.0, "2026-11-21T21:43:05+00:00"),
        ("2026-11-21T21:43:05Z", "2026-11-21T21:43:05+00:00"),
        ("2026-11-21T22:43:05+01:00", "2026-11-21T21:43:05+00:00"),
        ("0001-01-01T00:00:00+14:00", None),
    ],
)
def test_a_place_counts_whatever_its_time_is(parser: GpsdParser, time: object, said: str | None) -> None:
    fix = parser.feed(tpv(time=time))
    assert fix is not None
    assert (fix.at_utc and fix.at_utc.isoformat()) == said


@pytest.mark.parametrize("changes", [{"speed": None}, {"track": None}, {"speed": "fast"}, {"status": 1}, {"mode": 2}])
def test_a_place_counts_without_the_rest(parser: GpsdParser, changes: dict[str, object]) -> None:
    assert parser.feed(tpv(**changes))


@pytest.mark.parametrize(
    "changes",
    [
        {"mode": 0},
        {"mode": 1},
        {"lat": None},
        {"lon": None},
        {"lat": "51.5"},
        {"lat": 0.0, "lon": 0.0},
        {"lat": 10**400},
        {"status": 5},
        {"status": 8},
        {"speed": 51_444.0},
        {"class": "ATT"},
        {"class": 7},
    ],
)
def test_what_is_no_place_is_none(parser: GpsdParser, changes: dict[str, object]) -> None:
    assert parser.feed(tpv(**changes)) is None


def test_a_trailing_comma_of_an_old_version_is_forgiven(parser: GpsdParser) -> None:
    assert parser.feed(tpv()[:-1] + ",}")


def test_one_receiver_is_listened_to_until_it_falls_silent(parser: GpsdParser, clock: FakeClock) -> None:
    assert parser.feed(tpv())
    assert parser.feed(tpv(device="/dev/ttyUSB1", lat=51.5001)) is None
    clock.advance(1)
    assert parser.feed(tpv(lat=51.5002))
    clock.advance(OTHER_RECEIVER_SECONDS)
    assert parser.feed(tpv(device="/dev/ttyUSB1", lat=51.5003))
    assert parser.feed(tpv(lat=51.5002)) is None


def test_what_a_second_receiver_lacks_does_not_spoil_the_first(clock: FakeClock) -> None:
    reception = Reception(Advice("silent", "noise"), 5.0)
    parser = GpsdParser(clock, reception=reception)
    for _ in range(20):
        clock.advance(1)
        reception.fix(parser.feed(tpv()).at_monotonic)
        parser.feed(tpv(device="/dev/ttyUSB1", mode=1))
        assert reception.lamp(clock.monotonic()).word == "GPS"


@pytest.mark.parametrize(
    ("lines", "word"),
    [
        ([report("DEVICES", devices=[])], "GPS lost"),
        ([report("DEVICES", devices=[{"path": "/dev/a"}]), report("DEVICE", path="/dev/a", activated=0)], "GPS lost"),
        ([report("DEVICES", devices=[]), report("DEVICE", path="/dev/a", activated="2026-11-21T21:43:05Z")], None),
        ([report("DEVICES", devices=[{"path": "/dev/a"}])], None),
        ([report("DEVICES", devices=[]), tpv(mode=1)], "GPS searching"),
    ],
)
def test_a_service_without_a_receiver_says_so(clock: FakeClock, lines: list[str], word: str | None) -> None:
    reception = Reception(Advice("silent", "noise"), 5.0)
    parser = GpsdParser(clock, reception=reception)
    for line in (report("VERSION", release="3.25"), *lines):
        parser.feed(line)
    lamp = reception.lamp(clock.monotonic())
    assert (lamp and lamp.word) == word
    if word == "GPS lost":
        assert "no receiver" in lamp.advice


def test_the_number_of_satellites_is_told(clock: FakeClock) -> None:
    reception = Reception(Advice("silent", "noise"), 5.0)
    parser = GpsdParser(clock, reception=reception)
    parser.feed(report("SKY", device="/dev/ttyACM0", uSat=3))
    parser.feed(tpv(mode=1))
    assert "satellites: 3" in reception.lamp(clock.monotonic()).advice


@given(st.text(max_size=200))
def test_no_line_breaks_the_parser(line: str) -> None:
    GpsdParser(FakeClock()).feed(line)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5), st.lists, max_leaves=5
)
NAMES = ["device", "mode", "status", "lat", "lon", "time", "speed", "track", "uSat", "hdop", "devices", "satellites"]
KINDS = st.sampled_from(["TPV", "SKY", "DEVICES", "DEVICE", "VERSION"]) | JSON


@given(KINDS, st.dictionaries(st.sampled_from([*NAMES, "path", "activated"]), JSON))
def test_no_report_breaks_the_parser(kind: object, fields: dict[str, object]) -> None:
    parser = GpsdParser(FakeClock())
    parser.feed(json.dumps(fields | {"class": kind}))
    parser.feed(json.dumps([kind]))


@pytest.mark.parametrize("line", ["[" * 60_000, '{"class":"TPV","lat":' + "9" * 10_000, '{"a":' * 20_000])
def test_no_depth_or_length_breaks_the_parser(parser: GpsdParser, line: str) -> None:
    assert parser.feed(line) is None
