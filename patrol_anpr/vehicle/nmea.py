"""NMEA sentences to Fixes, refusing what cannot be true."""

import math
from datetime import UTC, datetime

import pynmea2

from patrol_anpr.domain.clock import Clock
from patrol_anpr.domain.fix import Fix

METRES_PER_SECOND_PER_KNOT = 0.514444
FASTEST = 120.0
"""A patrol car is never faster than this, in metres a second: a fix that says so is a jump, not a drive."""
_METRES_PER_DEGREE = 111_320.0


class FixCheck:
    """Refuses positions that cannot be: not finite, out of range, exactly 0/0, or a jump from the last one.

    A jump that is confirmed by the next fix is believed: the receiver was wrong before, or the car was shipped.
    """

    def __init__(self) -> None:
        self._last: Fix | None = None
        self._doubted: Fix | None = None
        self.refused = 0

    def accept(self, fix: Fix) -> Fix | None:
        """Return the fix, or None when it is refused."""
        plausible = (
            math.isfinite(fix.latitude)
            and math.isfinite(fix.longitude)
            and abs(fix.latitude) <= 90
            and abs(fix.longitude) <= 180
            and (fix.latitude, fix.longitude) != (0.0, 0.0)
        )
        if plausible and self._last is not None and _too_far(self._last, fix):
            plausible = self._doubted is not None and not _too_far(self._doubted, fix)
            self._doubted = fix
        if not plausible:
            self.refused += 1
            return None
        self._last, self._doubted = fix, None
        return fix


def _too_far(before: Fix, after: Fix) -> bool:
    seconds = max(1.0, after.at_monotonic - before.at_monotonic)
    north = (after.latitude - before.latitude) * _METRES_PER_DEGREE
    east = (after.longitude - before.longitude) * _METRES_PER_DEGREE * math.cos(math.radians(after.latitude))
    return math.hypot(north, east) / seconds > FASTEST


class NmeaParser:
    """Takes the lines of a receiver; position, speed and heading come from RMC, satellites and HDOP from GGA."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._check = FixCheck()
        self._satellites: int | None = None
        self._hdop: float | None = None
        self.bad_lines = 0

    def feed(self, line: str) -> Fix | None:
        """Return a Fix when `line` gives a believable one. Half sentences and bad checksums are counted, not raised."""
        try:
            sentence = pynmea2.parse(line.strip(), check=True)
            if isinstance(sentence, pynmea2.types.talker.GGA):
                self._satellites = int(sentence.num_sats or 0)
                self._hdop = float(sentence.horizontal_dil) if sentence.horizontal_dil else None
            if isinstance(sentence, pynmea2.types.talker.RMC) and sentence.status == "A":
                return self._fix(sentence)
        except (pynmea2.ParseError, ValueError, TypeError, AttributeError):
            # pynmea2 parses fields lazily, and a garbled field surfaces as any of these
            self.bad_lines += 1
        return None

    def _fix(self, sentence: pynmea2.types.talker.RMC) -> Fix | None:
        if sentence.datestamp is None or sentence.timestamp is None:
            return None
        speed = sentence.spd_over_grnd
        return self._check.accept(
            Fix(
                latitude=float(sentence.latitude),
                longitude=float(sentence.longitude),
                at_monotonic=self._clock.monotonic(),
                at_utc=datetime.combine(sentence.datestamp, sentence.timestamp.replace(tzinfo=None), UTC),
                speed=None if speed is None else float(speed) * METRES_PER_SECOND_PER_KNOT,
                heading=None if sentence.true_course is None else float(sentence.true_course),
                satellites=self._satellites,
                hdop=self._hdop,
            )
        )
