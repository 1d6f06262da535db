"""GPS receivers: a serial one that speaks NMEA, or gpsd. A thread each; lost is a lamp, and reads go on."""

import errno
import logging
import re
import socket
import threading
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from contextlib import closing
from typing import Protocol

import serial

from patrol_anpr.domain.clock import Clock
from patrol_anpr.domain.errors import BadInput
from patrol_anpr.domain.fix import Fix
from patrol_anpr.domain.health import Lamp, LampState
from patrol_anpr.domain.sentences import sentence
from patrol_anpr.plumbing.worker import Worker
from patrol_anpr.vehicle.fixes import FixCheck
from patrol_anpr.vehicle.gpsd import WATCH, GpsdParser
from patrol_anpr.vehicle.nmea import NmeaParser
from patrol_anpr.vehicle.reception import FAILED, STARTING, Advice, Reception, Sign

log = logging.getLogger(__name__)

READ_SECONDS = 0.5
"""A read waits this long at most, so that a stop and a silence are noticed."""
CONNECT_SECONDS = 1.5
"""A gpsd that does not take the connection within this long does not answer: it runs in the car (judged)."""
AGAIN_SECONDS = 1.0
"""Between two tries to open the receiver."""
REOPEN_SECONDS = 30.0
"""A receiver that is silent for this long is opened anew: a line that broke far away never says so by itself.

Not sooner: while gpsd tries the speeds of a new receiver, ten seconds and more, it answers nobody.
"""
STOOD_STILL_SECONDS = 5.0
"""A read that took this long was held up, by sleep as a rule: what lies in the line since then is old."""


class Receiver(Protocol):
    """An open receiver."""

    def read(self) -> bytes:
        """Return what came, b"" when nothing did within READ_SECONDS. Raises OSError when the receiver is gone."""
        ...

    def close(self) -> None:
        """Close it."""
        ...


class LineParser(Protocol):
    """nmea.NmeaParser, gpsd.GpsdParser."""

    def feed(self, line: str) -> Fix | None:
        """Return a Fix when `line` gives a believable one. Raises nothing."""
        ...


class Lines:
    """Cuts what comes into lines. What is longer than `longest` bytes without an end is given as it is: it is noise."""

    def __init__(self, longest: int) -> None:
        self._longest = longest
        self._begun = b""

    def feed(self, chunk: bytes) -> list[str]:
        """Return the lines that `chunk` ends; the rest waits for its end."""
        *whole, self._begun = re.split(rb"[\r\n]+", self._begun + chunk)
        if len(self._begun) > self._longest:
            whole.append(self._begun)
            self._begun = b""
        return [line.decode("utf-8", "replace") for line in whole if line]


class Gps(Worker, ABC):
    """A receiver's thread: opens it, reads fixes, opens it again when it is gone, whatever the reason was.

    `on_fix` gets each believable Fix, and None when there is none any more; `on_lamp` the lamp whenever it changes.
    """

    longest_line: int

    def __init__(
        self,
        clock: Clock,
        on_fix: Callable[[Fix | None], None],
        on_lamp: Callable[[Lamp], None],
        advice: Advice,
        *,
        lost_after: float,
    ) -> None:
        super().__init__("gps", self._read, lambda _: self._show(FAILED))
        self._clock = clock
        self._on_fix = on_fix
        self._on_lamp = on_lamp
        self._reception = Reception(advice, lost_after)
        self._reopen_after = max(REOPEN_SECONDS, 2 * lost_after)
        self._check = FixCheck()
        self._lamp: Lamp | None = None

    @abstractmethod
    def _open(self) -> Receiver:
        """Open the receiver. Raises OSError (serial's errors are OSErrors), or ValueError for what cannot be one."""

    @abstractmethod
    def _parser(self) -> LineParser:
        """Make the parser of what the receiver speaks."""

    @abstractmethod
    def _why_not(self, error: Exception) -> str:
        """Say in a sentence why it cannot be opened, and what to do."""

    def stop(self, deadline: float = CONNECT_SECONDS + 1) -> bool:
        """Stop reading; False when the thread hangs and was left behind."""
        return super().stop(deadline)

    def _read(self, stopping: threading.Event) -> None:
        while not stopping.is_set():
            self._listen(stopping)
            stopping.wait(AGAIN_SECONDS)

    def _listen(self, stopping: threading.Event) -> None:
        """Open the receiver and take what it gives, until it is gone or should be opened anew."""
        self._show(self._lamp or STARTING)
        try:
            line = self._open()
        except (OSError, ValueError, OverflowError) as error:  # ValueError: a name or a speed that no system knows
            self._reception.gone(self._why_not(error))
            self._show(self._reception.lamp(self._clock.monotonic()))
            return
        self._reception.opened(self._clock.monotonic())
        with closing(line):
            parser, lines = self._parser(), Lines(self.longest_line)
            for chunk in self._chunks(line, stopping):
                if chunk:
                    self._reception.sign(Sign.BYTES, self._clock.monotonic())
                for text in lines.feed(chunk):
                    self._take(parser.feed(text))
                self._show(self._reception.lamp(self._clock.monotonic()))

    def _chunks(self, line: Receiver, stopping: threading.Event) -> Iterator[bytes]:
        """Yield what comes, b"" when nothing did for a moment; ends when the receiver should be opened anew."""
        heard_at = before = self._clock.monotonic()
        while not stopping.is_set():
            try:
                chunk = line.read()
            except OSError as error:
                log.warning("GPS receiver: %s", type(error).__name__)
                return
            now = self._clock.monotonic()
            heard_at = now if chunk else heard_at
            if now - before > STOOD_STILL_SECONDS or now - heard_at > self._reopen_after:
                return
            before = now  # what is slow between two reads counts, too: the computer may have slept there
            yield chunk

    def _take(self, fix: Fix | None) -> None:
        if fix is not None:
            self._on_fix(fix)
            self._reception.fix(fix.at_monotonic)  # last: a place that nobody could take is none

    def _show(self, lamp: Lamp | None) -> None:
        if lamp is None or lamp == self._lamp:
            return
        before, self._lamp = self._lamp, lamp
        if lamp.state is not LampState.GOOD and (before is None or before.state is LampState.GOOD):
            self._on_fix(None)
        self._on_lamp(lamp)


class SerialGps(Gps):
    """A receiver on a serial port or USB that sends NMEA sentences."""

    longest_line = 512

    def __init__(
        self,
        device: str,
        clock: Clock,
        on_fix: Callable[[Fix | None], None],
        on_lamp: Callable[[Lamp], None],
        *,
        lost_after: float,
        baud: int,
    ) -> None:
        advice = Advice(
            silent="Nothing comes from the receiver. Check its cable, and that it is switched on.",
            noise=sentence(
                "What comes from the receiver makes no sense. Check the baud rate (vehicle.gps_baud, now {baud}), and "
                "that it speaks NMEA.",
                baud=baud,
            ),
        )
        super().__init__(clock, on_fix, on_lamp, advice, lost_after=lost_after)
        self._device = device
        self._baud = baud

    def _open(self) -> Receiver:
        return _SerialLine(serial.Serial(self._device, self._baud, timeout=READ_SECONDS))

    def _parser(self) -> LineParser:
        return NmeaParser(self._clock, self._check, self._reception)

    def _why_not(self, error: Exception) -> str:
        number = _number_of(error)
        if number in (errno.ENOENT, errno.ENODEV, errno.ENXIO):
            return sentence(
                "There is no {device}. Check the receiver's cable, or vehicle.gps in the settings.", device=self._device
            )
        if number in (errno.EACCES, errno.EPERM):
            return sentence("This account may not open {device}. Add it to the group dialout.", device=self._device)
        if number == errno.EBUSY:
            return sentence("Another program uses {device}. Close it, or set vehicle.gps to gpsd.", device=self._device)
        return sentence(
            "{device} cannot be opened as a serial port of {baud} baud. Check vehicle.gps and vehicle.gps_baud.",
            device=self._device,
            baud=self._baud,
        )


def _number_of(error: Exception) -> int | None:
    """The system's number of why a port cannot be opened.

    On Windows pyserial tells it in its text alone, and one that another program uses is refused like one not allowed.
    """
    if isinstance(error, OSError) and error.errno is not None:
        return error.errno
    numbers = {"FileNotFoundError": errno.ENOENT, "PermissionError": errno.EBUSY}
    return next((number for name, number in numbers.items() if name in str(error)), None)


class _SerialLine:
    def __init__(self, port: serial.Serial) -> None:
        self._port = port

    def read(self) -> bytes:
        """Wait for the first byte only, then take all there is: a sentence is not held up until more have come."""
        return bytes(self._port.read(max(1, self._port.in_waiting)))

    def close(self) -> None:
        self._port.close()


class GpsdGps(Gps):
    """A gpsd service."""

    longest_line = 65_536

    def __init__(
        self,
        host: str,
        port: int,
        clock: Clock,
        on_fix: Callable[[Fix | None], None],
        on_lamp: Callable[[Lamp], None],
        *,
        lost_after: float,
    ) -> None:
        advice = Advice(silent="gpsd tells nothing of its receiver. Check the receiver's cable.")
        super().__init__(clock, on_fix, on_lamp, advice, lost_after=lost_after)
        self._host = host
        self._port = port

    def _open(self) -> Receiver:
        return _GpsdLine(self._host, self._port)

    def _parser(self) -> LineParser:
        return GpsdParser(self._clock, self._check, self._reception)

    def _why_not(self, error: Exception) -> str:
        if isinstance(error, socket.gaierror | UnicodeError):
            return sentence("There is no computer named {host}. Check vehicle.gps in the settings.", host=self._host)
        return sentence(
            "gpsd does not answer at {host}:{port}. Check that the service runs, and vehicle.gps.",
            host=self._host,
            port=self._port,
        )


class _GpsdLine:
    def __init__(self, host: str, port: int) -> None:
        self._socket = socket.create_connection((host, port), timeout=CONNECT_SECONDS)
        try:
            self._socket.settimeout(READ_SECONDS)
            self._socket.sendall(WATCH)
        except OSError:
            self._socket.close()
            raise

    def read(self) -> bytes:
        try:
            chunk = self._socket.recv(65_536)
        except TimeoutError:
            return b""
        if not chunk:
            raise ConnectionResetError(errno.ECONNRESET, "gpsd ended the connection")
        return chunk

    def close(self) -> None:
        self._socket.close()


def open_gps(
    text: str,
    clock: Clock,
    on_fix: Callable[[Fix | None], None],
    on_lamp: Callable[[Lamp], None],
    *,
    lost_after: float,
    baud: int = 9600,
) -> Gps:
    """Make the receiver a setting names: `serial:DEVICE`, `gpsd` or `gpsd:HOST:PORT`. Raises BadInput otherwise."""
    kind, _, rest = text.partition(":")
    if kind == "serial" and rest:
        return SerialGps(rest, clock, on_fix, on_lamp, lost_after=lost_after, baud=baud)
    if kind == "gpsd":
        host, _, port = rest.partition(":")
        if not port or (port.isdecimal() and 0 < int(port) <= 65_535):
            return GpsdGps(host or "127.0.0.1", int(port or 2947), clock, on_fix, on_lamp, lost_after=lost_after)
    raise BadInput("'{text}' names no GPS receiver. Write serial:DEVICE, gpsd or gpsd:HOST:PORT.", text=text)
