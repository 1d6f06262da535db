"""Plays a WAV so that it can be stopped at once, over the first way out that works.

On Linux a player process is fed from memory and killed to stop it; on Windows winsound plays and is purged. Where no
way out works, the bell is the second path for tones: nobody can tell whether it was heard, so the lamp stays bad.
"""

import logging
import os
import re
import shutil
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from enum import StrEnum
from pathlib import Path
from typing import IO, Protocol

from patrol_anpr.alerting.tones import duration, silence
from patrol_anpr.domain.errors import DeviceLost

_log = logging.getLogger(__name__)

HANG_MARGIN = 1.5
"""Seconds a way out may take beyond the length of the sound before it counts as hung (aplay takes 5 ms, measured)."""
_MOST_MARGINS = 4
"""Margins that a player gets which only waits for the processor: a busy computer is no broken loudspeaker (judged)."""
_PROBE = silence(0.05)
"""Seconds of silence that show whether a way out works: as short as every device takes (judged)."""
APLAY = ("aplay", "-q", "-v", "/dev/stdin")
"""-v: it says what its device is."""
_AT_WORK = frozenset("Rt")
"""States of a process in Linux' /proc: R runs or waits for the processor, t waits for whoever traces it."""
_NO_DEVICE = re.compile(r"\bNull PCM|Hardware PCM card \d+ '(?:Dummy|Loopback)'")


class Turn:
    """One sound's turn at the loudspeaker. `cut` ends it from any thread, also before it has begun."""

    def __init__(self, on_begun: Callable[[], None] | None = None) -> None:
        self._lock = threading.Lock()
        self._stop: Callable[[], None] | None = None
        self._on_begun = on_begun
        self._was_cut = False

    def is_cut(self) -> bool:
        """Tell whether `cut` was called."""
        return self._was_cut

    def begun(self, stop: Callable[[], None], *, audible: bool = True) -> None:
        """Say that the wait or the sound that `stop` ends has begun; the first audible one calls `on_begun`."""
        with self._lock:
            self._stop = stop
            cut = self._was_cut
        if cut:
            stop()
        elif audible and self._on_begun is not None:
            on_begun, self._on_begun = self._on_begun, None
            on_begun()

    def cut(self) -> None:
        """End what is playing now, and let nothing more of this turn begin. Never blocks."""
        with self._lock:
            self._was_cut = True
            stop = self._stop
        if stop is not None:
            stop()


class Outlet(Protocol):
    """One way for sound to get out."""

    def play(self, wav: bytes, turn: Turn) -> bool:
        """Play to the end (True) or until the turn is cut (False); raises DeviceLost when it failed or hung."""
        ...


class Route(StrEnum):
    """Which way the last sound went. OFF: the user asked for no sound."""

    UNKNOWN = "unknown"
    FIRST = "first"
    SECOND = "second"
    BELL = "bell"
    NONE = "none"
    OFF = "off"


class Player(Protocol):
    """What the announcer plays with."""

    @property
    def route(self) -> Route:
        """Which way the last sound went."""
        ...

    def play(self, wav: bytes, turn: Turn) -> bool:
        """Play to the end (True) or until the turn is cut (False); raises DeviceLost when there is no way out."""
        ...

    def probe(self, turn: Turn) -> None:
        """Try the ways out again with a short silence, the best first; `route` then says which works."""
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


class Loudspeaker:
    """The ways out in order: stays with the one that works, goes on to the next when it fails, at last to the bell."""

    def __init__(self, outlets: Sequence[Outlet], bell: Outlet) -> None:
        self._outlets = tuple(outlets)
        self._bell = bell
        self._at = 0
        self._route = Route.UNKNOWN

    @property
    def route(self) -> Route:
        """Which way the last sound went."""
        return self._route

    def play(self, wav: bytes, turn: Turn) -> bool:
        """See Player."""
        whole = self._try(self._at, wav, turn)
        if whole is not None:
            return whole
        try:
            whole = self._bell.play(wav, turn)
        except DeviceLost:
            self._route = Route.NONE
            raise
        self._route = Route.BELL
        return whole

    def probe(self, turn: Turn) -> None:
        """See Player."""
        if self._try(0, _PROBE, turn) is None:
            self._route = Route.NONE

    def _try(self, first: int, wav: bytes, turn: Turn) -> bool | None:
        """Play over the first way out from `first` on that works; None when none does."""
        for at in range(first, len(self._outlets)):
            try:
                whole = self._outlets[at].play(wav, turn)
            except DeviceLost:
                continue
            if whole:
                self._at = at
                self._route = Route.SECOND if at else Route.FIRST
            return whole
        self._at = 0
        return None


class NullPlayer:
    """No sound because the user asked for none. Never a stand-in for a missing sound device: that is a bad lamp."""

    route = Route.OFF

    def play(self, wav: bytes, turn: Turn) -> bool:
        """Play nothing, at once."""
        turn.begun(lambda: None)
        return not turn.is_cut()

    def probe(self, turn: Turn) -> None:
        """Nothing to try."""


def find_player() -> Player:
    """Return a player over every way out this machine has. Starts nothing: the first probe tells whether one works."""
    if sys.platform == "win32":
        import winsound

        outlets: list[Outlet] = [WinsoundOutlet(winsound, count_windows_devices)]
    else:
        # /dev/stdin, not "-": pw-play takes raw samples from a pipe only, and here it is a real (memory) file
        commands = (("pw-play", "/dev/stdin"), ("paplay", "/dev/stdin"), APLAY)
        outlets = [CommandOutlet(command) for command in commands if shutil.which(command[0])]
    return Loudspeaker(outlets, Bell())


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
    limit, margins = seconds + HANG_MARGIN, 1
    while True:
        try:
            return player.communicate(timeout=limit)[1]
        except subprocess.TimeoutExpired:
            if margins == _MOST_MARGINS or not _is_at_work(player.pid):
                raise
        limit, margins = HANG_MARGIN, margins + 1


def _is_at_work(pid: int) -> bool:
    """Tell whether a process runs or waits for the processor, and not for a device. False where nobody can tell."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return False
    return stat.rpartition(")")[2].split()[0] in _AT_WORK


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
