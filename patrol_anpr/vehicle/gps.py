"""GPS receivers: a serial one that speaks NMEA, or gpsd. A thread each; lost is a lamp, and reads go on."""

import logging
import threading
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import datetime

import serial
from gpsdclient import GPSDClient  # type: ignore[attr-defined]

from patrol_anpr.domain.clock import Clock
from patrol_anpr.domain.errors import BadInput
from patrol_anpr.domain.fix import Fix
from patrol_anpr.domain.health import Lamp, LampState
from patrol_anpr.vehicle.nmea import FixCheck, NmeaParser

log = logging.getLogger(__name__)

LOST = Lamp("gps", LampState.BAD, "GPS lost", "Reads go on without a new position. Check the receiver's cable.")
SEARCHING = Lamp("gps", LampState.WARN, "GPS searching", "The receiver sees too few satellites yet.")
FOUND = Lamp("gps", LampState.GOOD, "GPS")
_RETRY_SECONDS = 1.0
_READ_SECONDS = 1.0


class Gps(ABC):
    """A receiver's thread: opens it, reads fixes, opens it again when it is gone.

    `on_fix` gets each believable Fix, and None when GPS is lost; `on_lamp` the lamp whenever it changes.
    """

    def __init__(
        self,
        clock: Clock,
        on_fix: Callable[[Fix | None], None],
        on_lamp: Callable[[Lamp], None],
        *,
        lost_after: float = 5.0,
    ) -> None:
        self._clock = clock
        self._on_fix = on_fix
        self._on_lamp = on_lamp
        self._lost_after = lost_after
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None
        self._lamp: Lamp | None = None
        self._heard_at = clock.monotonic()

    @abstractmethod
    def _fixes(self) -> Iterator[Fix | None]:
        """Open the receiver and yield what it gives: None when a second passed without a fix.

        Raises OSError (serial's errors are OSErrors) when the receiver is gone; closes it in any case.
        """

    def start(self) -> None:
        """Start reading."""
        self._stopping.clear()
        self._thread = threading.Thread(target=self._run, name="gps", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Stop and join."""
        self._stopping.set()
        if self._thread is not None:
            self._thread.join(2 * _READ_SECONDS + 1)

    def _run(self) -> None:
        while not self._stopping.is_set():
            try:
                for fix in self._fixes():
                    if self._stopping.is_set():
                        return
                    self._take(fix)
            except OSError as error:
                log.warning("GPS receiver: %s", type(error).__name__)
                self._take(None)
                self._show(LOST)
            self._stopping.wait(_RETRY_SECONDS)

    def _take(self, fix: Fix | None) -> None:
        if fix is not None:
            self._heard_at = fix.at_monotonic
            self._on_fix(fix)
            self._show(FOUND)
        elif self._clock.monotonic() - self._heard_at >= self._lost_after:
            self._show(LOST if self._lamp in (FOUND, LOST) else SEARCHING)

    def _show(self, lamp: Lamp) -> None:
        if lamp == self._lamp:
            return
        self._lamp = lamp
        if lamp is LOST:
            self._on_fix(None)
        self._on_lamp(lamp)


class SerialGps(Gps):
    """A receiver on a serial port or USB that sends NMEA sentences."""

    def __init__(
        self,
        device: str,
        clock: Clock,
        on_fix: Callable[[Fix | None], None],
        on_lamp: Callable[[Lamp], None],
        *,
        lost_after: float = 5.0,
        baud: int = 9600,
    ) -> None:
        super().__init__(clock, on_fix, on_lamp, lost_after=lost_after)
        self._device = device
        self._baud = baud

    def _fixes(self) -> Iterator[Fix | None]:
        parser = NmeaParser(self._clock)
        with closing(serial.Serial(self._device, self._baud, timeout=_READ_SECONDS)) as port:
            while True:
                line = port.read_until(b"\n", 200)
                yield parser.feed(line.decode("ascii", "replace")) if line else None


class GpsdGps(Gps):
    """A gpsd service."""

    def __init__(
        self,
        host: str,
        port: int,
        clock: Clock,
        on_fix: Callable[[Fix | None], None],
        on_lamp: Callable[[Lamp], None],
        *,
        lost_after: float = 5.0,
    ) -> None:
        super().__init__(clock, on_fix, on_lamp, lost_after=lost_after)
        self._host = host
        self._port = port

    def _fixes(self) -> Iterator[Fix | None]:
        check = FixCheck()
        with GPSDClient(host=self._host, port=self._port, timeout=_READ_SECONDS) as client:
            for report in client.dict_stream(convert_datetime=True, filter=["TPV"]):
                yield self._fix(report, check)

    def _fix(self, report: dict[str, object], check: FixCheck) -> Fix | None:
        latitude, longitude, time = report.get("lat"), report.get("lon"), report.get("time")
        if not (isinstance(latitude, int | float) and isinstance(longitude, int | float)):
            return None
        if not isinstance(time, datetime):
            return None
        speed, heading = report.get("speed"), report.get("track")
        return check.accept(
            Fix(
                latitude=float(latitude),
                longitude=float(longitude),
                at_monotonic=self._clock.monotonic(),
                at_utc=time,
                speed=float(speed) if isinstance(speed, int | float) else None,
                heading=float(heading) if isinstance(heading, int | float) else None,
            )
        )


def open_gps(
    text: str,
    clock: Clock,
    on_fix: Callable[[Fix | None], None],
    on_lamp: Callable[[Lamp], None],
    *,
    lost_after: float = 5.0,
    baud: int = 9600,
) -> Gps:
    """Make the receiver a setting names: `serial:DEVICE`, `gpsd` or `gpsd:HOST:PORT`. Raises BadInput otherwise."""
    kind, _, rest = text.partition(":")
    if kind == "serial" and rest:
        return SerialGps(rest, clock, on_fix, on_lamp, lost_after=lost_after, baud=baud)
    if kind == "gpsd":
        host, _, port = rest.partition(":")
        if not port or port.isdigit():
            return GpsdGps(host or "127.0.0.1", int(port or 2947), clock, on_fix, on_lamp, lost_after=lost_after)
    raise BadInput(f"'{text}' names no GPS receiver. Write serial:DEVICE, gpsd or gpsd:HOST:PORT.")
