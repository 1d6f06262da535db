"""NMEA 0183 sentences to Fixes."""

import functools
import operator
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time

from patrol_anpr.domain.clock import Clock
from patrol_anpr.domain.fix import Fix
from patrol_anpr.vehicle.fixes import FixCheck
from patrol_anpr.vehicle.reception import Reception, Sign

METRES_PER_SECOND_PER_KNOT = 0.514444
MOTION_SECONDS = 3.0
"""A speed and a heading that came in a sentence of their own belong to the places of this long after it."""

# What comes before the last "$" of a line is noise, or a sentence that was cut off.
_SENTENCE = re.compile(r"[$!](?P<body>(?P<address>[A-Z0-9]{4,}),[^$!*]*)\*(?P<sum>[0-9A-Fa-f]{2})")
_UNCHECKED = re.compile(r"\$[A-Z]{5},[^$!*]*$")
_LATITUDE = re.compile(r"(\d\d)([0-5]\d(?:\.\d*)?)", re.ASCII)
_LONGITUDE = re.compile(r"([01]\d\d)([0-5]\d(?:\.\d*)?)", re.ASCII)
_TIME = re.compile(r"([01]\d|2[0-3])([0-5]\d)([0-5]\d|60)(?:\.(\d{0,6})\d*)?", re.ASCII)
_DATE = re.compile(r"([0-3]\d)([01]\d)(\d\d)", re.ASCII)
_NUMBER = re.compile(r"-?\d{1,9}(?:\.\d*)?", re.ASCII)

_MEASURED_MODES = frozenset("ADFPR")
"""Modes of a place that satellites gave; E is estimated, M typed in by hand, N none, S simulated."""
_MEASURED_QUALITIES = frozenset("123459")
"""The same as GGA says it: 0 none, 6 estimated, 7 by hand, 8 simulated."""
_BETTER = {"GNS": ("RMC",), "GGA": ("RMC", "GNS"), "GLL": ("RMC", "GNS", "GGA")}
"""Sentences that give a place, and which others say more of the same place."""


@dataclass(frozen=True, slots=True)
class _Motion:
    """Metres a second, degrees, and when they came."""

    speed: float | None
    heading: float | None
    at: float


class NmeaParser:
    """Takes the lines of a receiver, and tells its Reception of those that are no fix.

    RMC gives a place with speed, heading and date. A receiver without RMC gives it by the best it sends of GNS, GGA and
    GLL, with speed and heading from VTG and without a date. Satellites and HDOP come from GGA or GNS.
    """

    def __init__(self, clock: Clock, check: FixCheck | None = None, reception: Reception | None = None) -> None:
        self._clock = clock
        self._check = check or FixCheck()
        self._reception = reception
        self._sentences = 0
        self._last_heard: dict[str, int] = {}  # kinds that give a place, by the number of their newest sentence
        self._satellites: int | None = None
        self._in_view: dict[str, int] = {}
        self._hdop: float | None = None
        self._motion = _Motion(None, None, -MOTION_SECONDS)
        self._place_kinds = {"RMC": self._rmc, "GNS": self._gns, "GGA": self._gga, "GLL": self._gll}

    def feed(self, line: str) -> Fix | None:
        """Return a Fix when `line` gives a believable one. Nothing that a line can hold is raised."""
        found = _SENTENCE.search(line)
        if found is None or functools.reduce(operator.xor, map(ord, found["body"])) != int(found["sum"], 16):
            if _UNCHECKED.search(line):
                self._sign(Sign.UNCHECKED)
            return None
        self._sentences += 1
        fields = [*found["body"].split(",")[1:], *[""] * 20]
        talker, kind = found["address"][:2], found["address"][2:]
        if talker.startswith("P"):  # a maker's own, like Garmin's PGRMC
            kind = ""
        if place := self._place_kinds.get(kind):
            return place(fields)
        if kind == "VTG":
            self._vtg(fields)
        elif kind == "GSV":
            self._in_view[talker] = _count(fields[2]) or 0
        self._sign(Sign.NO_PLACE)
        return None

    def _rmc(self, fields: Sequence[str]) -> Fix | None:
        at, status, north, ns, east, ew, knots, course, day, _, _, mode = fields[:12]
        self._last_heard["RMC"] = self._sentences
        if status != "A" or not _is_measured(mode):
            self._no_fix()
            return None
        return self._fix((north, ns, east, ew), _Motion(_speed(knots), _number(course), self._now), _moment(day, at))

    def _gns(self, fields: Sequence[str]) -> Fix | None:
        _, north, ns, east, ew, modes, satellites, hdop = fields[:8]
        self._satellites, self._hdop = _count(satellites), _number(hdop)
        return self._other("GNS", (north, ns, east, ew), measured=bool(_MEASURED_MODES & set(modes)))

    def _gga(self, fields: Sequence[str]) -> Fix | None:
        _, north, ns, east, ew, quality, satellites, hdop = fields[:8]
        self._satellites, self._hdop = _count(satellites), _number(hdop)
        return self._other("GGA", (north, ns, east, ew), measured=quality in _MEASURED_QUALITIES)

    def _gll(self, fields: Sequence[str]) -> Fix | None:
        north, ns, east, ew, _, status, mode = fields[:7]
        return self._other("GLL", (north, ns, east, ew), measured=status == "A" and _is_measured(mode))

    def _vtg(self, fields: Sequence[str]) -> None:
        if _is_measured(fields[8]):
            self._motion = _Motion(_speed(fields[4]), _number(fields[0]), self._now)

    def _other(self, kind: str, place: tuple[str, str, str, str], *, measured: bool) -> Fix | None:
        """A place of a lesser kind counts where no better kind came between two of its own."""
        before = self._last_heard.get(kind)
        self._last_heard[kind] = self._sentences
        if not measured:
            self._no_fix()
            return None
        if before is None or any(self._last_heard.get(better, -1) > before for better in _BETTER[kind]):
            return None
        is_new = self._now - self._motion.at < MOTION_SECONDS
        return self._fix(place, self._motion if is_new else _Motion(None, None, self._now), None)

    def _fix(self, place: tuple[str, str, str, str], motion: _Motion, at_utc: datetime | None) -> Fix | None:
        latitude = _degrees(_LATITUDE, place[0], place[1], "NS")
        longitude = _degrees(_LONGITUDE, place[2], place[3], "EW")
        if latitude is None or longitude is None:
            self._no_fix()
            return None
        fix = Fix(
            latitude=latitude,
            longitude=longitude,
            at_monotonic=self._now,
            at_utc=at_utc,
            speed=motion.speed,
            heading=motion.heading,
            satellites=self._satellites,
            hdop=self._hdop,
        )
        accepted = self._check.accept(fix)
        if accepted is None:
            self._sign(Sign.DOUBTFUL)
        return accepted

    @property
    def _now(self) -> float:
        return self._clock.monotonic()

    def _no_fix(self) -> None:
        if self._reception is not None:
            in_view = sum(self._in_view.values()) if self._in_view else None
            self._reception.satellites = in_view if self._satellites is None else self._satellites
        self._sign(Sign.NO_FIX)

    def _sign(self, sign: Sign) -> None:
        if self._reception is not None:
            self._reception.sign(sign, self._now)


def _is_measured(mode: str) -> bool:
    """Tell whether a mode is of a place that was measured; sentences before NMEA 2.3 have no mode."""
    return not mode or mode in _MEASURED_MODES


def _degrees(form: re.Pattern[str], text: str, letter: str, letters: str) -> float | None:
    """Return signed degrees of `ddmm.mm` and N or S, `dddmm.mm` and E or W; None when it is not all there."""
    found = form.fullmatch(text)
    if found is None or letter not in tuple(letters):
        return None
    degrees = int(found[1]) + float(found[2]) / 60
    return degrees if letter == letters[0] else -degrees


def _moment(day: str, at: str) -> datetime | None:
    """Return the time of `ddmmyy` and `hhmmss.ss`. GPS began in 1980, so a year of 80 or more is of that century."""
    found_day, found_at = _DATE.fullmatch(day), _TIME.fullmatch(at)
    if found_day is None or found_at is None:
        return None
    year = int(found_day[3])
    try:
        on = date(year + (1900 if year >= 80 else 2000), int(found_day[2]), int(found_day[1]))
    except ValueError:  # 31 February
        return None
    second = min(59, int(found_at[3]))  # a leap second
    microsecond = int((found_at[4] or "0").ljust(6, "0"))
    return datetime.combine(on, time(int(found_at[1]), int(found_at[2]), second, microsecond), UTC)


def _number(text: str) -> float | None:
    return float(text) if _NUMBER.fullmatch(text) else None


def _count(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= 3 else None


def _speed(knots: str) -> float | None:
    number = _number(knots)
    return None if number is None else number * METRES_PER_SECOND_PER_KNOT
