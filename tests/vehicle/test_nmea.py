"""NMEA sentences: which give a place, which do not, and that nothing breaks the parser."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from patrol_anpr.vehicle.nmea import NmeaParser
from patrol_anpr.vehicle.reception import Advice, Reception, Sign
from tests.conftest import FakeClock
from tests.vehicle.made import checked, gga, gll, gns, gsv, rmc, vtg


class Signs(Reception):
    """A Reception that keeps what it is told."""

    def __init__(self) -> None:
        super().__init__(Advice("silent", "noise"), 5.0)
        self.told: list[Sign] = []

    def sign(self, sign: Sign, now: float) -> None:
        self.told.append(sign)


@pytest.fixture
def parser(clock: FakeClock) -> NmeaParser:
    return NmeaParser(clock)


def feed(parser: NmeaParser, clock: FakeClock, *lines: str):
    """A second of sentences after the other; returns the fixes of the last."""
    clock.advance(1)
    return [fix for line in lines if (fix := parser.feed(line)) is not None]


def test_a_fix_carries_place_speed_heading_and_quality(parser: NmeaParser, clock: FakeClock) -> None:
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
        rmc(latitude=""),
        rmc(longitude=""),
        rmc(latitude="5175.000"),
        rmc(latitude="9130.000"),
        rmc(longitude="19907.000"),
        rmc(latitude="nan"),
        rmc(speed="99999.0"),
        rmc(speed="-5.0"),
        rmc(course="400.0"),
        rmc(mode="N"),
        rmc(mode="E"),
        rmc(mode="S"),
        rmc()[:-1] + "0",
        rmc()[: len(rmc()) // 2],
        rmc().partition("*")[0],
        "$GPRMC,,,,,,,,,,,*00",
        checked("GPRMC,"),
        checked("P" + rmc()[2:-3]),
        "!AIVDM,1,1,,B,177KQJ5000G?tO`K>RA1wUbN0TKH,0*5C",
        "",
    ],
)
def test_what_cannot_be_a_position_is_refused(parser: NmeaParser, line: str) -> None:
    assert parser.feed(line) is None


@pytest.mark.parametrize("mode", ["A", "D", "F", "R", "P", ""])
def test_measured_modes_count(parser: NmeaParser, mode: str) -> None:
    assert parser.feed(rmc(mode=mode))


@pytest.mark.parametrize(
    "line",
    [
        f"\x00\xb5b\x01\x07${rmc()}",
        f"$GPRMC,2143{rmc()}",
        f"{rmc()}\x7f\x00",
        checked(rmc()[1:-3].replace("GP", "GN", 1)),
        checked(rmc()[1:-3].replace("GP", "GL", 1)),
        rmc()[:-2] + rmc()[-2:].lower(),
    ],
)
def test_noise_around_a_sentence_and_other_talkers_do_no_harm(parser: NmeaParser, line: str) -> None:
    assert parser.feed(line)


def test_a_receiver_without_rmc_gives_places_by_gga_with_the_motion_of_vtg(parser: NmeaParser, clock) -> None:
    feed(parser, clock, gga(), vtg())
    (fix,) = feed(parser, clock, vtg(), gga())
    assert fix.speed == pytest.approx(22.4 * 0.514444)
    assert (fix.heading, fix.satellites, fix.hdop, fix.at_utc) == (84.4, 8, 0.9, None)


def test_a_motion_that_is_old_belongs_to_no_place(parser: NmeaParser, clock: FakeClock) -> None:
    feed(parser, clock, gga(), vtg())
    clock.advance(3)
    (fix,) = feed(parser, clock, gga())
    assert (fix.speed, fix.heading) == (None, None)


@pytest.mark.parametrize("line", [gll(), gga(), gns()])
def test_one_kind_of_sentence_is_enough(parser: NmeaParser, clock: FakeClock, line: str) -> None:
    feed(parser, clock, line)
    assert len(feed(parser, clock, line)) == 1


def test_there_is_one_fix_a_second_however_many_sentences_tell_of_it(parser: NmeaParser, clock: FakeClock) -> None:
    for burst in ([gga(), gll(), vtg(), rmc()], [rmc(), gns(), gga(), gll()]):
        feed(parser, clock, *burst)
        assert len(feed(parser, clock, *burst)) == 1
    for burst in ([gns(), gga(), gll()], [gll(), gga()]):
        feed(parser, clock, *burst)
        feed(parser, clock, *burst)
        assert len(feed(parser, clock, *burst)) == 1


@pytest.mark.parametrize("line", [gga(quality="0"), gga(quality="6"), gga(quality="8"), gll(status="V"), gns("NN")])
def test_a_sentence_that_has_no_fix_gives_none(parser: NmeaParser, clock: FakeClock, line: str) -> None:
    feed(parser, clock, line)
    assert feed(parser, clock, line) == []


@pytest.mark.parametrize(
    ("line", "sign"),
    [
        (rmc(status="V"), Sign.NO_FIX),
        (rmc(latitude="0000.000", longitude="00000.000"), Sign.DOUBTFUL),
        (rmc().partition("*")[0], Sign.UNCHECKED),
        (vtg(), Sign.NO_PLACE),
        (checked("PUBX,00"), Sign.NO_PLACE),
    ],
)
def test_what_is_no_fix_is_told(clock: FakeClock, line: str, sign: Sign) -> None:
    reception = Signs()
    NmeaParser(clock, reception=reception).feed(line)
    assert reception.told == [sign]


@pytest.mark.parametrize(
    ("lines", "number"), [([gga(quality="0", satellites="03")], 3), ([gsv("06"), gsv("02", "GL")], 8), ([], None)]
)
def test_the_number_of_satellites_is_told(clock: FakeClock, lines: list[str], number: int | None) -> None:
    reception = Signs()
    parser = NmeaParser(clock, reception=reception)
    for line in (*lines, rmc(status="V")):
        parser.feed(line)
    assert reception.satellites == number


@pytest.mark.parametrize(
    ("day", "at", "said"),
    [
        ("060180", "000000", "1980-01-06T00:00:00+00:00"),
        ("300426", "235960.5", "2026-04-30T23:59:59.500000+00:00"),
        ("310226", "120000", None),
        ("", "120000", None),
        ("300426", "2460", None),
    ],
)
def test_dates_and_times_are_taken_or_left_but_the_place_counts(parser: NmeaParser, day: str, at: str, said) -> None:
    fix = parser.feed(checked(f"GPRMC,{at},A,5130.000,N,00007.000,W,022.4,084.4,{day},,"))
    assert fix is not None
    assert (fix.at_utc and fix.at_utc.isoformat()) == said


@given(st.text(max_size=120))
def test_no_line_breaks_the_parser(line: str) -> None:
    NmeaParser(FakeClock()).feed(line)


FIELDS = st.lists(st.sampled_from(["", "A", "V", "N", "E", "5130.0", "99999999999", "-1", "1e999", "٣", ".", "1.2.3"]))


@given(st.sampled_from(["RMC", "GGA", "GLL", "GNS", "VTG", "GSV"]), FIELDS)
def test_no_fields_of_a_good_checksum_break_the_parser(kind: str, fields: list[str]) -> None:
    parser = NmeaParser(FakeClock())
    for _ in range(3):
        parser.feed(checked(",".join([f"GP{kind}", *fields])))
