"""The ways out for sound: a player program on Linux, winsound on Windows, and the bell as the second path.

On Linux a player process is fed from memory and killed to stop it; on Windows winsound plays and is purged. Where no
way out works, the bell is the second path for tones: nobody can tell whether it was heard, so the lamp stays bad.
"""

import logging
import os
import re
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import IO, Protocol

from patrol_anpr.alerting.tones import duration
from patrol_anpr.alerting.turn import Turn
from patrol_anpr.domain.errors import DeviceLost

_log = logging.getLogger(__name__)

HANG_MARGIN = 1.5
"""Seconds a way out may take beyond the length of the sound before it counts as hung (aplay takes 5 ms, measured)."""
_MOST_MARGINS = 4
"""Margins that a player gets which is still at work: a busy computer is no broken loudspeaker (judged)."""
APLAY = ("aplay", "-q", "-v", "/dev/stdin")
"""-v: it says what its device is."""
_AT_WORK = 1_000_000
"""Nanoseconds of the processor in half a margin: a start takes 5 million, one that only waits hardly any (judged)."""
_NO_DEVICE = re.compile(r"\bNull PCM|Hardware PCM card \d+ '(?:Dummy|Loopback)'")


class Outlet(Protocol):
    """One way for sound to get out."""

    def play(self, wav: bytes, turn: Turn) -> bool:
        """Play to the end (True) or until the turn is cut (False); raises DeviceLost when it failed or hung."""
        ...


class CommandOutlet:
    """A player program that reads a WAV from its standard input, a file in memory."""

    def __init__(self, command: Sequence[str]) -> None:
        self._command = tuple(command)

    def __repr__(self) -> str:
        return f"CommandOutlet({self._command[0]})"

    def play(self, wav: bytes, turn: Turn) -> bool:
        """See Outlet."""
        if turn.is_cut():
            return False
        with _in_memory(wav) as sound:
            try:
                player = subprocess.Popen(self._command, stdin=sound, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
            except OSError as problem:
                raise DeviceLost("The sound player cannot be started: install alsa-utils.") from problem
        turn.begun(player.kill)
        try:
            complaint = _complaint(player, duration(wav))
        except subprocess.TimeoutExpired as problem:
            abandon(player)
            if turn.is_cut():
                return False
            raise DeviceLost("The sound device hangs: switch the loudspeaker off and on.") from problem
        if turn.is_cut():
            return False
        said = complaint.decode(errors="replace")
        if player.returncode != 0:
            _log.warning("%r failed with %d: %s", self, player.returncode, said[-200:])
            raise DeviceLost("There is no sound device: connect a loudspeaker.")
        if plays_into_nothing(said):
            raise DeviceLost("The sound device is a dummy that plays nothing: connect a loudspeaker.")
        return True


class WinsoundApi(Protocol):
    """The part of the standard module `winsound` in use."""

    SND_FILENAME: int
    SND_ASYNC: int
    SND_NODEFAULT: int
    SND_PURGE: int

    def PlaySound(self, sound: str | None, flags: int, /) -> None:  # noqa: N802 - its own name
        """Start a sound file, or end the one that is playing."""
        ...


class WinsoundOutlet:
    """Windows' own player. It plays a file on its own thread and does not say when it is done, so time is kept here."""

    def __init__(self, winsound: WinsoundApi, count_devices: Callable[[], int]) -> None:
        self._winsound = winsound
        self._count_devices = count_devices

    def play(self, wav: bytes, turn: Turn) -> bool:
        """See Outlet."""
        if turn.is_cut():
            return False
        if not self._count_devices():
            raise DeviceLost("There is no sound device: connect a loudspeaker.")
        sound = self._winsound
        ended = threading.Event()
        with tempfile.TemporaryDirectory(prefix="patrol-anpr-", ignore_cleanup_errors=True) as folder:
            path = Path(folder) / "sound.wav"
            try:
                path.write_bytes(wav)
                sound.PlaySound(str(path), sound.SND_FILENAME | sound.SND_ASYNC | sound.SND_NODEFAULT)
            except (OSError, RuntimeError) as problem:
                raise DeviceLost("The sound device does not play: check the loudspeaker.") from problem
            turn.begun(ended.set)
            ended.wait(duration(wav))
            with suppress(RuntimeError):
                sound.PlaySound(None, sound.SND_PURGE)
        return not turn.is_cut()


class Bell:
    """The second path for tones: the terminal's bell, or Windows' message beep. Whether it is heard, nobody knows."""

    def __init__(self, ring: Callable[[], None] | None = None) -> None:
        self._ring = ring or _ring

    def play(self, wav: bytes, turn: Turn) -> bool:
        """Ring once, whatever the sound; raises DeviceLost when there is no bell."""
        if turn.is_cut():
            return False
        try:
            self._ring()
        except (OSError, RuntimeError) as problem:
            raise DeviceLost("There is no sound device: connect a loudspeaker.") from problem
        turn.begun(lambda: None)
        return True


def count_windows_devices() -> int:
    """Return how many devices Windows can play on; 0 on any other system."""
    count = 0
    if sys.platform == "win32":
        import ctypes

        count = int(ctypes.windll.winmm.waveOutGetNumDevs())
    return count


def plays_into_nothing(setup: str) -> bool:
    """Tell by what `aplay -v` says of its device whether nothing is behind it.

    ALSA's null device takes a sound at once and is satisfied; a file over it keeps the sound, so somebody wants it.
    """
    return "File PCM" not in setup and _NO_DEVICE.search(setup) is not None


def _complaint(player: subprocess.Popen[bytes], seconds: float) -> bytes:
    """Wait for the end of a player and of its sound, `seconds` long; return what it complained of.

    Raises:
        subprocess.TimeoutExpired: it hangs. One that is still at work when its margin is over gets another.
    """
    margins, limit = 1, seconds + HANG_MARGIN / 2
    while True:
        with suppress(subprocess.TimeoutExpired):
            return player.communicate(timeout=limit)[1]
        before = _worked(player.pid)
        try:
            return player.communicate(timeout=HANG_MARGIN / 2)[1]
        except subprocess.TimeoutExpired:
            if margins == _MOST_MARGINS or _worked(player.pid) - before < _AT_WORK:
                raise
        margins, limit = margins + 1, HANG_MARGIN / 2


def _worked(pid: int) -> int:
    """How long a process has had the processor, in nanoseconds; 0 where the system does not tell."""
    try:
        return int(Path(f"/proc/{pid}/schedstat").read_text(encoding="ascii").split()[0])
    except (OSError, ValueError, IndexError):
        return 0


def _in_memory(wav: bytes) -> IO[bytes]:
    """Return a file that holds `wav` and touches no disk where the system allows it."""
    file: IO[bytes]
    if sys.platform == "linux":
        file = os.fdopen(os.memfd_create("sound"), "w+b")
    else:
        file = tempfile.TemporaryFile()  # noqa: SIM115 - the caller closes it
    file.write(wav)
    file.seek(0)
    return file


def abandon(program: subprocess.Popen[bytes]) -> None:
    """Kill a program, and do not wait long: one stuck in a sound driver cannot die until the driver lets it."""
    program.kill()
    with suppress(subprocess.TimeoutExpired):
        program.wait(1.0)
    for stream in (program.stdout, program.stderr):
        if stream is not None:
            stream.close()


def _ring() -> None:
    if sys.platform == "win32":
        import winsound

        winsound.MessageBeep(winsound.MB_ICONHAND)
    else:
        terminal = os.open("/dev/tty", os.O_WRONLY | os.O_NOCTTY | os.O_NONBLOCK)
        try:
            os.write(terminal, b"\a")
        finally:
            os.close(terminal)
