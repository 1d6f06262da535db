"""The clock, and how far it can be believed."""

import sys
import threading
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from patrol_anpr.domain.clock import BUILT, Clock, ClockState, CorrectedClock, can_be
from patrol_anpr.domain.health import Lamp, LampState
from patrol_anpr.domain.sentences import Sentence, marked, sentence

GPS_TOLERANCE = timedelta(seconds=2)
DEPOT_TOLERANCE = timedelta(seconds=30)
"""An answer gives whole seconds, and may have been long on its way."""
JUMP = timedelta(seconds=2)
"""A clock that moves by more than this against the intervals measured was set by somebody."""
WRONG = timedelta(minutes=10)
"""From here on the clock is not inexact but wrong: red, and said aloud."""
LOST_WEEKS = timedelta(weeks=1024)
"""GPS counts weeks in 10 bits: a receiver that missed a rollover is this much behind, or a multiple of it."""

GOOD = Lamp("clock", LampState.GOOD, "Clock")
_UNITS = (
    (marked("{offset:+.0f} years"), 31_557_600),
    (marked("{offset:+.0f} days"), 86_400),
    (marked("{offset:+.0f} h"), 3_600),
    (marked("{offset:+.0f} min"), 60),
    (marked("{offset:+.0f} s"), 1),
)
_SOURCES = {
    "gps": (marked("GPS time"), GPS_TOLERANCE),
    "depot": (marked("the depot's time"), DEPOT_TOLERANCE),
    "rollover": (marked("GPS time"), GPS_TOLERANCE),
}
"""What a clock can be compared with, the best first: its name in a sentence, and how far apart is still the same."""


class SystemClock:
    """The computer's own clock (domain.clock.Clock)."""

    def monotonic(self) -> float:
        """Seconds since an arbitrary start, those the computer slept included."""
        # Python's own time.monotonic() stands still while a Linux computer sleeps: a place half an hour old would seem
        # new. Windows counts sleep in its performance counter, which is far finer than its tick count.
        if sys.platform == "linux":
            return time.clock_gettime(time.CLOCK_BOOTTIME)
        else:  # noqa: RET505 - mypy knows by the else that this is for the other systems
            return time.perf_counter()

    def utc(self) -> datetime:
        """Now, aware, UTC."""
        return datetime.now(UTC)


def lone_clock() -> Clock:
    """The computer's clock for what has no other to ask; a time that cannot be is BUILT."""
    return CorrectedClock(SystemClock(), lambda: ClockState("system", None))


@dataclass(frozen=True, slots=True)
class _Told:
    """What another clock said, and when by our own intervals (seconds)."""

    utc: datetime
    monotonic: float

    def now(self, monotonic: float) -> datetime:
        return self.utc + timedelta(seconds=monotonic - self.monotonic)


class ClockWatch:
    """Compares the computer's clock with GPS time, with the depot's time, and with its own intervals to notice jumps.

    What another clock said once is good for the whole run: from there on the intervals are counted. Every method may be
    called from any thread.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._told: dict[str, _Told] = {}
        self._last = (clock.monotonic(), clock.utc())
        self._jumped: timedelta | None = None

    def gps_time(self, gps_utc: datetime | None) -> None:
        """Take the time a receiver just gave, if it gave one.

        A receiver that lost count of the weeks is right but for these: they are added, and the time is never called
        GPS's. A time that cannot be even so is no time.
        """
        if gps_utc is None:
            return
        source = "gps"
        while gps_utc < BUILT:
            gps_utc, source = gps_utc + LOST_WEEKS, "rollover"
        if can_be(gps_utc):
            self._take(source, gps_utc)

    def depot_time(self, depot_utc: datetime) -> None:
        """Take the time the depot just gave."""
        if can_be(depot_utc):
            self._take("depot", depot_utc)

    def _take(self, source: str, utc: datetime) -> None:
        with self._lock:
            self._told[source] = _Told(utc, self._clock.monotonic())

    @property
    def state(self) -> ClockState:
        """What is known of the clock, by the best that was heard: GPS, then the depot."""
        monotonic, utc = self._clock.monotonic(), self._clock.utc()
        with self._lock:
            told = {source: self._told[source].now(monotonic) for source in _SOURCES if source in self._told}
        if "rollover" in told and can_be(utc) and abs(utc - told["rollover"]) > WRONG:
            del told["rollover"]  # its date is wrong by more than lost weeks
        if not told:
            return ClockState("system", None)
        source = next(iter(told))
        if "depot" in told and abs(told[source] - told["depot"]) > WRONG:
            source = "depot"  # it proves who it is; a receiver does not
        return ClockState(source, utc - told[source])

    def probe(self) -> Lamp:
        """Look at the clock; called once a second."""
        state, utc = self.state, self._clock.utc()
        jumped = self._jump()
        if state.offset is not None:
            return _compared(state.offset, state.source)
        if not can_be(utc):
            advice = sentence(
                "It says {date}. Set the computer's clock. Until then no list entry ends.", date=f"{utc:%d.%m.%Y}"
            )
            return Lamp("clock", LampState.BAD, "Clock wrong", advice)
        if jumped is not None:
            advice = sentence("The computer's clock was changed during the shift. Tell IT.")
            return Lamp(
                "clock", LampState.WARN, sentence("Clock jumped {difference}", difference=_apart(jumped)), advice
            )
        return GOOD

    def _jump(self) -> timedelta | None:
        """The last jump of this run, None when there was none."""
        monotonic, utc = self._clock.monotonic(), self._clock.utc()
        with self._lock:
            drift = (utc - self._last[1]) - timedelta(seconds=monotonic - self._last[0])
            if abs(drift) > JUMP:
                self._jumped = drift if can_be(self._last[1]) else None  # that one was set right
            self._last = (monotonic, utc)
            return self._jumped


def _compared(offset: timedelta, source: str) -> Lamp:
    """The lamp of a clock that differs by `offset` from a better one."""
    name, tolerance = _SOURCES[source]
    if abs(offset) <= tolerance:
        return GOOD
    wrong = abs(offset) > WRONG
    advice = sentence(
        "The computer's clock differs from {other}; each read carries the difference. Tell IT.", other=sentence(name)
    )
    return Lamp(
        "clock",
        LampState.BAD if wrong else LampState.WARN,
        sentence("Clock {difference}", difference=_apart(offset)),
        advice,
    )


def _apart(offset: timedelta) -> Sentence:
    """A difference of two clocks in the largest unit that tells it: "+90 s", "-3 h", "+14 years"."""
    seconds = offset.total_seconds()
    unit, size = next((unit, size) for unit, size in _UNITS if abs(seconds) >= 2 * size or size == 1)
    return sentence(unit, offset=seconds / size)
