"""The clock, and how far it can be believed."""

import threading
import time
from datetime import UTC, datetime, timedelta

from patrol_anpr.domain.clock import Clock, ClockState
from patrol_anpr.domain.health import Lamp, LampState

TOLERANCE = timedelta(seconds=2)


class SystemClock:
    """The computer's own clock (domain.clock.Clock)."""

    def monotonic(self) -> float:
        """Seconds since an arbitrary start."""
        return time.monotonic()

    def utc(self) -> datetime:
        """Now, aware, UTC."""
        return datetime.now(UTC)


class ClockWatch:
    """Compares the computer's clock with GPS time, and with its own monotonic time to notice jumps."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._offset: timedelta | None = None
        self._last = (clock.monotonic(), clock.utc())
        self._jumped: timedelta | None = None

    def gps_time(self, gps_utc: datetime) -> None:
        """Take the time a receiver just gave."""
        with self._lock:
            self._offset = self._clock.utc() - gps_utc

    @property
    def state(self) -> ClockState:
        """What is known of the clock, for the records."""
        with self._lock:
            return ClockState("system" if self._offset is None else "gps", self._offset)

    def probe(self) -> Lamp:
        """Look at the clock; called once a second."""
        monotonic, utc = self._clock.monotonic(), self._clock.utc()
        with self._lock:
            drift = (utc - self._last[1]) - timedelta(seconds=monotonic - self._last[0])
            self._last = (monotonic, utc)
            if abs(drift) > TOLERANCE:
                self._jumped = drift
            offset, jumped = self._offset, self._jumped
        if offset is not None and abs(offset) > TOLERANCE:
            word = f"Clock {offset.total_seconds():+.0f} s"
            return Lamp("clock", LampState.WARN, word, "The computer's clock differs from GPS time. Tell IT.")
        if offset is None and jumped is not None:
            word = f"Clock jumped {jumped.total_seconds():+.0f} s"
            return Lamp("clock", LampState.WARN, word, "The computer's clock was changed during the shift. Tell IT.")
        return Lamp("clock", LampState.GOOD, "Clock")
