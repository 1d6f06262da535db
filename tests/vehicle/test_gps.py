"""GPS over a real pseudo-terminal and a real socket; unplugging is closing them."""

import os
import re
import socket
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
import serial
from hypothesis import given
from hypothesis import strategies as st

from patrol_anpr.domain.errors import BadInput
from patrol_anpr.domain.fix import Fix
from patrol_anpr.domain.health import Lamp, LampState
from patrol_anpr.vehicle import gps as gps_module
from patrol_anpr.vehicle.clock import SystemClock
from patrol_anpr.vehicle.gps import REOPEN_SECONDS, STOOD_STILL_SECONDS, Gps, GpsdGps, Lines, SerialGps, open_gps
from patrol_anpr.vehicle.gpsd import GpsdParser
from patrol_anpr.vehicle.nmea import NmeaParser
from tests.conftest import FakeClock
from tests.vehicle.made import gga, report, rmc, tpv

WAIT = 10
no_pseudo_terminal = pytest.mark.skipif(
    sys.platform == "win32", reason="a pseudo-terminal stands for the serial port; Windows has none"
)


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """No test waits for the pauses between two tries."""
    monkeypatch.setattr(gps_module, "AGAIN_SECONDS", 0.05)


class Heard:
    """Collects what a receiver reports and lets a test wait for it."""

    def __init__(self) -> None:
        self.fixes: list[Fix | None] = []
        self.lamps: list[Lamp] = []
        self._changed = threading.Condition()

    def fix(self, fix: Fix | None) -> None:
        with self._changed:
            self.fixes.append(fix)
            self._changed.notify_all()

    def lamp(self, lamp: Lamp) -> None:
        with self._changed:
            self.lamps.append(lamp)
            self._changed.notify_all()

    def wait_until(self, happened: Callable[[], bool], within: float = WAIT) -> bool:
        with self._changed:
            return self._changed.wait_for(happened, within)

    def wait_for(self, state: LampState, since: int = 0) -> bool:
        return self.wait_until(lambda: any(lamp.state is state for lamp in self.lamps[since:]))

    @property
    def words(self) -> list[str]:
        return [lamp.word for lamp in self.lamps]


@pytest.fixture
def heard() -> Heard:
    return Heard()


@contextmanager
def running(gps: Gps) -> Iterator[Gps]:
    gps.start()
    try:
        yield gps
    finally:
        assert gps.stop()


class Receiver:
    """A GPS receiver on a pseudo-terminal, sending a sentence ten times a second until it is unplugged."""

    def __init__(self, link, chunks: tuple[bytes, ...] = ((rmc() + "\r\n").encode(),)) -> None:
        self._link = link
        self._chunks = chunks
        self._master, self._slave = os.openpty()
        link.symlink_to(os.ttyname(self._slave))
        self._unplugged = threading.Event()
        self._thread = threading.Thread(target=self._send)
        self._thread.start()

    def _send(self) -> None:
        while not self._unplugged.is_set():
            for chunk in self._chunks:
                os.write(self._master, chunk)
                self._unplugged.wait(0.1)

    def unplug(self) -> None:
        self._unplugged.set()
        self._thread.join()
        os.close(self._master)
        os.close(self._slave)
        self._link.unlink()


@contextmanager
def plugged_in(link, *chunks: bytes) -> Iterator[Receiver]:
    receiver = Receiver(link, *([chunks] if chunks else []))
    try:
        yield receiver
    finally:
        receiver.unplug()


@no_pseudo_terminal
def test_a_serial_receiver_is_found_lost_when_unplugged_and_found_again(tmp_path, heard: Heard) -> None:
    port = tmp_path / "gps"
    gps = SerialGps(str(port), SystemClock(), heard.fix, heard.lamp, lost_after=5.0, baud=9600)
    with running(gps):
        with plugged_in(port):
            assert heard.wait_for(LampState.GOOD)
            seen = len(heard.lamps)
        assert heard.wait_for(LampState.BAD, since=seen)
        assert heard.fixes[-1] is None
        assert "There is no" in heard.lamps[-1].advice
        seen = len(heard.lamps)
        with plugged_in(port):
            assert heard.wait_for(LampState.GOOD, since=seen)


@no_pseudo_terminal
def test_a_sentence_in_pieces_is_a_sentence(tmp_path, heard: Heard) -> None:
    line = (rmc() + "\r\n").encode()
    with plugged_in(tmp_path / "gps", line[:10], line[10:11], line[11:]):
        gps = SerialGps(str(tmp_path / "gps"), SystemClock(), heard.fix, heard.lamp, lost_after=5.0, baud=9600)
        with running(gps):
            assert heard.wait_until(lambda: sum(fix is not None for fix in heard.fixes) >= 5)
    assert heard.words == ["GPS starting", "GPS"]


@no_pseudo_terminal
@pytest.mark.parametrize(
    ("chunk", "word", "advice"),
    [
        (bytes(range(128, 256)), "GPS unreadable", "baud rate"),
        ((rmc().partition("*")[0] + "\r\n").encode(), "GPS unreadable", "checksum"),
        (b"", "GPS lost", "Nothing comes"),
        ((gga(quality="0", satellites="02") + "\r\n").encode(), "GPS searching", "satellites: 2"),
    ],
)
def test_garbage_silence_and_no_fix_are_told_apart(
    tmp_path, heard: Heard, clock: FakeClock, monkeypatch: pytest.MonkeyPatch, chunk: bytes, word: str, advice: str
) -> None:
    taken: list[bytes] = []
    whole_chunk_taken = threading.Event()
    read = gps_module._SerialLine.read

    def noted(line) -> bytes:
        came = read(line)
        taken.append(came)
        if sum(map(len, taken)) >= len(chunk):
            whole_chunk_taken.set()
        return came

    monkeypatch.setattr(gps_module._SerialLine, "read", noted)
    with plugged_in(tmp_path / "gps", chunk):
        gps = SerialGps(str(tmp_path / "gps"), clock, heard.fix, heard.lamp, lost_after=1.0, baud=9600)
        with running(gps):
            assert whole_chunk_taken.wait(WAIT)
            clock.advance(1.0)
            assert heard.wait_until(lambda: any(lamp.word == word and advice in lamp.advice for lamp in heard.lamps))
    assert heard.words == ["GPS starting", word]


@pytest.mark.parametrize("name", ["not_there", "a_file"])
def test_what_is_no_serial_port_is_said_at_once(tmp_path, heard: Heard, name: str) -> None:
    (tmp_path / "a_file").write_text("$GPRMC")
    with running(SerialGps(str(tmp_path / name), SystemClock(), heard.fix, heard.lamp, lost_after=5.0, baud=9600)):
        assert heard.wait_for(LampState.BAD)
    assert heard.words == ["GPS starting", "GPS lost"]
    assert name in heard.lamps[-1].advice


@pytest.mark.parametrize(
    ("error", "advice"),
    [
        (FileNotFoundError(2, "No such file"), "There is no COM3"),
        (PermissionError(13, "Permission denied"), "group dialout"),
        (OSError(16, "Device or resource busy"), "Another program uses COM3"),
        # as pyserial says it on Windows, without a number
        ("FileNotFoundError(2, 'The system cannot find the file specified.', None, 2)", "There is no COM3"),
        ("PermissionError(13, 'Access is denied.', None, 5)", "Another program uses COM3"),
        ("OSError(22, 'The parameter is incorrect.', None, 87)", "cannot be opened as a serial port of 4800 baud"),
    ],
)
def test_why_a_port_cannot_be_opened_is_said(
    heard: Heard, clock: FakeClock, monkeypatch: pytest.MonkeyPatch, error: OSError | str, advice: str
) -> None:
    told = serial.SerialException(f"could not open port 'COM3': {error}") if isinstance(error, str) else error

    def refused(*_: object, **__: object) -> None:
        raise told

    monkeypatch.setattr(serial, "Serial", refused)
    with running(SerialGps("COM3", clock, heard.fix, heard.lamp, lost_after=5.0, baud=4800)):
        assert heard.wait_for(LampState.BAD)
    assert advice in heard.lamps[-1].advice


@pytest.mark.parametrize(
    ("where", "advice"),
    [("serial:\0", "serial port"), ("gpsd:no..name:2947", "no computer"), ("gpsd:127.0.0.1:1", "gpsd")],
)
def test_what_cannot_be_opened_at_all_is_a_sentence_too(heard: Heard, where: str, advice: str) -> None:
    with running(open_gps(where, SystemClock(), heard.fix, heard.lamp, lost_after=5.0, baud=9600)):
        assert heard.wait_for(LampState.BAD)
    assert advice in heard.lamps[-1].advice


class Gpsd:
    """A service on loopback that tells each client what `talks` holds for it, then closes or stays.

    A place, or that there is none, is told again all the time, as receivers do.
    """

    def __init__(self, *talks: tuple[bytes, bool]) -> None:
        self._server = socket.create_server(("127.0.0.1", 0))
        self.port = self._server.getsockname()[1]
        self._talks = talks
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._serve)

    def __enter__(self) -> "Gpsd":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._server.close()
        self._thread.join()

    def _serve(self) -> None:
        self._server.settimeout(0.05)
        held: list[tuple[socket.socket, bytes]] = []
        for said, stays in self._talks:
            while not self._over.is_set():
                try:
                    client, _ = self._server.accept()
                except TimeoutError:
                    continue
                client.sendall(said)
                if stays:
                    held.append((client, b"".join(line for line in said.splitlines(True) if b"TPV" in line)))
                else:
                    client.close()
                break
        while not self._over.wait(0.1):
            for client, again in held:
                client.sendall(again)
        for client, _ in held:
            client.close()


VERSION = (report("VERSION", release="3.25") + "\n").encode()
PLACE = (tpv() + "\n").encode()


@pytest.mark.parametrize(
    "last", [b"", PLACE[:60], b'{"class":"TPV","device":"/dev/tty\xe9","mode":1}\n', b"\x00\xff\n"]
)
def test_a_gpsd_that_is_restarted_is_found_again_and_nothing_was_lost_of_it(heard: Heard, last: bytes) -> None:
    with (
        Gpsd((VERSION + PLACE + last, False), (VERSION + PLACE, True)) as gpsd,
        running(GpsdGps("127.0.0.1", gpsd.port, SystemClock(), heard.fix, heard.lamp, lost_after=5.0)),
    ):
        assert heard.wait_until(lambda: sum(fix is not None for fix in heard.fixes) >= 2)
    assert heard.words == ["GPS starting", "GPS"]


def test_a_gpsd_that_is_gone_for_good_is_lost_at_once(heard: Heard) -> None:
    with Gpsd((VERSION + PLACE, False)) as gpsd:
        gps = GpsdGps("127.0.0.1", gpsd.port, SystemClock(), heard.fix, heard.lamp, lost_after=60.0)
        with running(gps):
            assert heard.wait_for(LampState.GOOD)
            gpsd.__exit__()
            assert heard.wait_for(LampState.BAD)
            assert "does not answer" in heard.lamps[-1].advice
            assert heard.fixes[-1] is None


@pytest.mark.parametrize(
    ("said", "word", "advice"),
    [
        (VERSION + report("DEVICES", devices=[]).encode() + b"\n", "GPS lost", "no receiver"),
        (VERSION, "GPS lost", "tells nothing"),
        (b"SSH-2.0-OpenSSH_9.9\r\n", "GPS lost", "not gpsd"),
        (b'{"error":"bad request"}\n', "GPS lost", "not gpsd"),
        (VERSION + (tpv(mode=1) + "\n").encode(), "GPS searching", "no place"),
    ],
)
def test_what_a_gpsd_lacks_is_said(heard: Heard, said: bytes, word: str, advice: str) -> None:
    with Gpsd((said, True)) as gpsd:
        gps = GpsdGps("127.0.0.1", gpsd.port, SystemClock(), heard.fix, heard.lamp, lost_after=1.0)
        with running(gps):
            assert heard.wait_until(lambda: any(lamp.word == word and advice in lamp.advice for lamp in heard.lamps))


class ScriptedLine:
    """A receiver that gives chunks, or raises, while the clock moves on; the last entry is repeated."""

    def __init__(self, clock: FakeClock, chunks: list[tuple[float, bytes | BaseException]]) -> None:
        self._clock, self._chunks = clock, chunks
        self.closed = False

    def read(self) -> bytes:
        seconds, chunk = self._chunks.pop(0) if len(self._chunks) > 1 else self._chunks[0]
        self._clock.advance(seconds)
        if isinstance(chunk, BaseException):
            raise chunk
        return chunk

    def close(self) -> None:
        self.closed = True


class ScriptedGps(SerialGps):
    """Opens one ScriptedLine after the other, then none."""

    def __init__(self, clock: FakeClock, heard: Heard, *lines: ScriptedLine, lost_after: float = 5.0) -> None:
        super().__init__("gps", clock, heard.fix, heard.lamp, lost_after=lost_after, baud=9600)
        self.left = list(lines)

    def _open(self) -> ScriptedLine:
        if not self.left:
            raise FileNotFoundError(2, "no such device")
        return self.left.pop(0)


GOOD_LINE = (rmc() + "\r\n").encode()


def test_a_fix_a_second_with_jitter_gives_no_false_loss(clock: FakeClock, heard: Heard) -> None:
    chunks = [(0.5, b""), (0.45, GOOD_LINE), (0.5, b""), (0.55, GOOD_LINE)] * 30
    with running(ScriptedGps(clock, heard, ScriptedLine(clock, [*chunks, (0.0, OSError())]))):
        assert heard.wait_for(LampState.BAD)
    assert heard.words == ["GPS starting", "GPS", "GPS lost"]
    assert sum(fix is not None for fix in heard.fixes) == 60


def test_what_lay_in_the_line_while_the_computer_slept_is_not_taken(clock: FakeClock, heard: Heard) -> None:
    slept = ScriptedLine(clock, [(0.5, GOOD_LINE), (STOOD_STILL_SECONDS + 1800, GOOD_LINE), (0.5, GOOD_LINE)])
    with running(ScriptedGps(clock, heard, slept, ScriptedLine(clock, [(0.0, OSError())]))):
        assert heard.wait_for(LampState.BAD)
    assert slept.closed
    assert [fix.at_monotonic for fix in heard.fixes if fix] == [1000.5]


def test_a_line_that_is_silent_for_long_is_opened_anew(clock: FakeClock, heard: Heard) -> None:
    silent = ScriptedLine(clock, [(0.5, b"")])
    with running(ScriptedGps(clock, heard, silent, ScriptedLine(clock, [(0.5, GOOD_LINE), (0.0, b"")]))):
        assert heard.wait_for(LampState.GOOD)
    assert silent.closed
    assert clock.monotonic() >= 1000 + REOPEN_SECONDS
    assert "Nothing comes" in next(lamp.advice for lamp in heard.lamps if lamp.state is LampState.BAD)


@pytest.mark.parametrize("fault", [RuntimeError("bug"), SystemExit(1), MemoryError(), TypeError()])
def test_whatever_ends_the_reading_is_a_red_lamp_and_tried_again(
    clock: FakeClock, heard: Heard, fault: BaseException
) -> None:
    broken = ScriptedLine(clock, [(0.1, GOOD_LINE), (0.1, fault)])
    with running(ScriptedGps(clock, heard, broken, ScriptedLine(clock, [(0.1, GOOD_LINE), (0.0, b"")]))):
        assert heard.wait_for(LampState.BAD)
        assert heard.wait_for(LampState.GOOD, since=heard.words.index("GPS lost"))
    assert heard.words == ["GPS starting", "GPS", "GPS lost", "GPS"]
    assert broken.closed


def test_a_listener_that_fails_does_not_end_the_thread(clock: FakeClock, heard: Heard) -> None:
    failing = [True]

    def lamp(lamp: Lamp) -> None:
        heard.lamp(lamp)
        if failing:
            failing.clear()
            raise RuntimeError

    line = ScriptedLine(clock, [(0.1, GOOD_LINE), (0.0, b"")])
    gps = ScriptedGps(clock, heard, line)
    gps._on_lamp = lamp
    with running(gps):
        assert heard.wait_for(LampState.GOOD)


def test_a_place_that_nobody_can_take_is_none(clock: FakeClock, heard: Heard) -> None:
    def refuse(fix: Fix | None) -> None:
        if fix is not None:
            raise RuntimeError

    lines = [ScriptedLine(clock, [(0.1, b""), (0.1, GOOD_LINE)]) for _ in range(3)]
    gps = ScriptedGps(clock, heard, *lines)
    gps._on_fix = refuse
    with running(gps):
        assert heard.wait_until(lambda: not gps.left)
    assert "GPS" not in heard.words


@pytest.mark.parametrize("size", [1, 3, 10_000])
def test_lines_are_cut_wherever_the_chunks_end(size: int) -> None:
    lines, said = Lines(512), b"one\r\ntwo\n\n\rthree\xff\r\n"
    cut = [line for at in range(0, len(said), size) for line in lines.feed(said[at : at + size])]
    assert cut == ["one", "two", "three\ufffd"]


@given(st.lists(st.binary(max_size=40) | st.sampled_from([rmc().encode(), tpv().encode(), b"\r\n", b"$", b"\xff"])))
def test_no_bytes_break_the_cutting_or_a_parser(chunks: list[bytes]) -> None:
    for parser in (NmeaParser(FakeClock()), GpsdParser(FakeClock())):
        lines, whole = Lines(10_000), Lines(10_000)
        cut = [line for chunk in [*chunks, b"\n"] for line in lines.feed(chunk)]
        assert cut == whole.feed(b"".join(chunks) + b"\n")
        for line in cut:
            parser.feed(line)


def test_noise_without_an_end_is_not_kept_for_ever() -> None:
    lines = Lines(512)
    given = "".join(line for _ in range(100) for line in lines.feed(b"x" * 100))
    assert len(given) >= 10_000 - 512 - 100


@no_pseudo_terminal
def test_advice_names_the_baud_rate_that_is_set(tmp_path, heard: Heard) -> None:
    with plugged_in(tmp_path / "gps", bytes(range(128, 256))):
        gps = open_gps(f"serial:{tmp_path / 'gps'}", SystemClock(), heard.fix, heard.lamp, lost_after=1.0, baud=115200)
        with running(gps):
            assert heard.wait_until(lambda: any("now 115200" in lamp.advice for lamp in heard.lamps))


@pytest.mark.parametrize("text", ["bluetooth", "serial:", "gpsd:host:port", "gpsd:host:0", "gpsd:host:99999"])
def test_a_receiver_nobody_knows_is_a_sentence(clock: FakeClock, text: str) -> None:
    with pytest.raises(BadInput, match=re.escape("serial:DEVICE")):
        open_gps(text, clock, print, print, lost_after=5.0, baud=9600)
