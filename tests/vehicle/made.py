"""What receivers send. pynmea2 makes the sentences, so that the parser is held to the word of another."""

import functools
import json
import operator
from datetime import UTC, datetime

import pynmea2

NOW = datetime(2026, 11, 21, 21, 43, 5, tzinfo=UTC)


def checked(body):
    """A sentence of any body, with its checksum."""
    return f"${body}*{functools.reduce(operator.xor, map(ord, body), 0) & 0xFF:02X}"


def rmc(latitude="5130.000", longitude="00007.000", status="A", *, at=NOW, speed="022.4", course="084.4", mode=None):
    fields = [f"{at:%H%M%S}.00", status, latitude, "N", longitude, "W", speed, course, f"{at:%d%m%y}", "", ""]
    return str(pynmea2.RMC("GP", "RMC", (*fields, mode) if mode is not None else fields))


def gga(quality="1", satellites="08", talker="GP", at=NOW):
    fields = f"{at:%H%M%S}.00,5130.000,N,00007.000,W,{quality},{satellites},0.9,30.0,M,47.0,M,,"
    return str(pynmea2.GGA(talker, "GGA", fields.split(",")))


def gll(status="A", mode="A"):
    return str(pynmea2.GLL("GP", "GLL", ("5130.000", "N", "00007.000", "W", "214305.00", status, mode)))


def gns(modes="AN"):
    fields = ("214305.00", "5130.000", "N", "00007.000", "W", modes, "11", "0.8", "30.0", "47.0", "", "")
    return str(pynmea2.GNS("GN", "GNS", fields))


def vtg(knots="022.4", course="084.4", mode="A"):
    return str(pynmea2.VTG("GP", "VTG", (course, "T", "", "M", knots, "N", "41.5", "K", mode)))


def gsv(seen="06", talker="GP"):
    return str(pynmea2.GSV(talker, "GSV", ("1", "1", seen)))


def tpv(**changes):
    report = {"class": "TPV", "device": "/dev/ttyACM0", "mode": 3, "time": f"{NOW:%Y-%m-%dT%H:%M:%S}.000Z"}
    report |= {"lat": 51.5, "lon": -0.1, "speed": 10.0, "track": 90.0}
    return json.dumps({name: value for name, value in (report | changes).items() if value is not None})


def report(kind, **fields):
    return json.dumps({"class": kind, **fields})
