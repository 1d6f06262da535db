"""The parent's side of the voice: asks the child for WAVs, and kills and restarts it when it dies or hangs."""

import logging
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from patrol_anpr.alerting.turn import Turn
from patrol_anpr.domain.clock import Clock
from patrol_anpr.domain.errors import DeviceLost
from patrol_anpr.plumbing.processes import NO_WINDOW
from patrol_anpr.plumbing.worker import described

_log = logging.getLogger(__name__)

ANSWER_LIMIT = 3.0
"""Seconds a sentence may take (10 ms is usual); a child that takes longer hangs."""
START_LIMIT = 15.0
"""Seconds a child may take to be ready (0.2 s is usual; Windows' first start builds its speech bindings)."""
FIRST_BACK_OFF, LONGEST_BACK_OFF = 0.5, 60.0
"""Seconds before a child is started again, the first time and at most (judged): it doubles with each failure."""

# -P: the script's own folder must not shadow the standard library's modules
_CHILD = (sys.executable, "-P", "-X", "utf8", str(Path(__file__).with_name("voice_child.py")))
_LOST = "The voice stopped: tones go on, and speech is tried again by itself."


class VoiceState(StrEnum):
    """DOWN: no child; one is started again after the back-off."""

    STOPPED = "stopped"
    STARTING = "starting"
    READY = "ready"
    DOWN = "down"


class Spoken:
    """A sentence asked for: its WAV once the child has made it."""

    def __init__(self, voice: "Voice", path: Path, asked_at: float) -> None:
        self._voice = voice
        self._answered = threading.Event()
        self._made = False
        self._is_over = False
        self._discarded = False
        self.path = path
        self.asked_at = asked_at

    def answer(self, *, made: bool) -> None:
        """Note that the child has answered, or never will."""
        self._made = made
        self._is_over = True
        self._answered.set()
        if self._discarded:
            self.path.unlink(missing_ok=True)

    def discard(self) -> None:
        """Leave no file of it behind. One that is still being made is the child's until it has answered."""
        self._discarded = True
        if self._is_over:
            self.path.unlink(missing_ok=True)

    def wav(self, turn: Turn) -> bytes | None:
        """Wait for the WAV at most the voice's limit; None when the turn was cut.

        Raises:
            DeviceLost: the child died, failed or hung (a hung one is killed here), or is not ready yet.
        """
        turn.begun(self._answered.set, audible=False)
        answered = self._answered.wait(self._voice.limit)
        if turn.is_cut():
            return None
        if not answered:
            self._voice.give_up(self)
        if not self._made:
            raise DeviceLost(_LOST)
        try:
            return self.path.read_bytes()
        except OSError as problem:
            raise DeviceLost(_LOST) from problem


@dataclass(slots=True)
class _Child:
    process: subprocess.Popen[str]
    started_at: float
    reader: threading.Thread | None = None


class Voice:
    """Owns one speech process. All methods may be called from any thread; none but `stop` waits.

    `limit` is in seconds, `rate` in words a minute. `on_change` is called, from any thread, when `state` has changed.
    """

    def __init__(
        self, clock: Clock, *, rate: int, limit: float = ANSWER_LIMIT, command: Sequence[str] | None = None
    ) -> None:
        self.limit = limit
        self.on_change: Callable[[], None] = lambda: None
        self._clock = clock
        self._command = tuple(command or _CHILD)
        self._rate = rate
        self._lock = threading.RLock()
        self._state = VoiceState.STOPPED
        self._child: _Child | None = None
        self._scratch: tempfile.TemporaryDirectory[str] | None = None
        self._waiting: dict[int, Spoken] = {}
        self._number = 0
        self._retry_at = 0.0
        self._back_off = FIRST_BACK_OFF
        self._restarts = 0

    @property
    def state(self) -> VoiceState:
        """Whether sentences can be asked for."""
        return self._state

    @property
    def restarts(self) -> int:
        """How many times a child was started after the first."""
        return self._restarts

    @property
    def process_id(self) -> int | None:
        """The child's process id; None while there is none."""
        child = self._child
        return child.process.pid if child else None

    def start(self) -> None:
        """Start the child; returns at once, `state` becomes READY when it has proved that it can speak."""
        with self._lock:
            if self._state is not VoiceState.STOPPED:
                return
            self._set(VoiceState.STARTING)
        self._spawn()

    def stop(self) -> None:
        """End the child and wait for it."""
        with self._lock:
            self._state = VoiceState.STOPPED
            child = self._drop_child()
            scratch, self._scratch = self._scratch, None
        if child is not None and child.reader is not None and child.reader is not threading.current_thread():
            child.reader.join(5.0)
        if scratch is not None:
            scratch.cleanup()

    def ask(self, text: str) -> Spoken:
        """Ask for a sentence, cleaned by phrases.py. Never fails: what goes wrong is raised by `Spoken.wav`."""
        with self._lock:
            self._number += 1
            folder = self._scratch.name if self._scratch else ""
            spoken = Spoken(self, Path(folder, f"{self._number}.wav"), self._clock.monotonic())
            if self._hangs():
                self._lose("a sentence was not answered")
            if self._child is None:
                spoken.answer(made=False)
                return spoken
            self._waiting[self._number] = spoken
            stdin = self._child.process.stdin
            assert stdin is not None
            try:
                stdin.write(f"{self._number}\t{spoken.path}\t{' '.join(text.split())}\n")
                stdin.flush()
            except OSError:
                self._lose("its pipe broke")
        return spoken

    def set_rate(self, words_a_minute: int) -> None:
        """Speak this fast from the next sentence on. A child that is started later is started with it."""
        with self._lock:
            if words_a_minute == self._rate:
                return
            self._rate = words_a_minute
            if self._child is None or self._child.process.stdin is None:
                return
            try:
                self._child.process.stdin.write(f"rate\t{words_a_minute}\n")
                self._child.process.stdin.flush()
            except OSError:
                self._lose("its pipe broke")

    def tend(self) -> None:
        """Do what is due: give up a child that is not ready in time, start one again after the back-off."""
        with self._lock:
            now = self._clock.monotonic()
            if self._state is VoiceState.STARTING and self._child and now - self._child.started_at > START_LIMIT:
                self._lose("it did not get ready")
            if self._state is not VoiceState.DOWN or now < self._retry_at:
                return
            self._restarts += 1
            self._set(VoiceState.STARTING)
        self._spawn()

    def give_up(self, spoken: Spoken) -> None:
        """Kill a child that has not answered in time, save one that is still starting."""
        with self._lock:
            if self._state is VoiceState.READY and spoken in self._waiting.values():
                self._lose("a sentence was not answered")

    def _hangs(self) -> bool:
        """Tell whether an older sentence that nobody waits for any more is overdue."""
        oldest = next(iter(self._waiting.values()), None)
        return (
            self._state is VoiceState.READY
            and oldest is not None
            and self._clock.monotonic() - oldest.asked_at > self.limit
        )

    def _spawn(self) -> None:
        """Start the child that is STARTING; without the lock, as it may take long, and a hit's tone waits for `ask`."""
        try:
            with self._lock:
                if self._state is not VoiceState.STARTING:
                    return
                folder = self._scratch_folder()
            process = subprocess.Popen(
                (*self._command, folder, str(self._rate)),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                encoding="utf-8",
                errors="replace",
                creationflags=NO_WINDOW,
            )
        except OSError as problem:
            with self._lock:
                self._lose(f"it cannot be started: {problem}")
            return
        child = _Child(process, self._clock.monotonic())
        child.reader = threading.Thread(target=self._listen, args=(child,), name="voice-reader", daemon=True)
        with self._lock:
            is_wanted = self._state is VoiceState.STARTING and self._child is None
            if is_wanted:
                self._child = child
                child.reader.start()
        if not is_wanted:  # the voice was stopped meanwhile
            with process:
                process.kill()

    def _scratch_folder(self) -> str:
        """Return the folder of the child's files; a new one when it is gone: others clear temporary folders too."""
        if self._scratch is not None and not Path(self._scratch.name).is_dir():
            self._scratch.cleanup()
            self._scratch = None
        if self._scratch is None:
            # in memory where there is such a folder: a full disk must not silence the voice
            memory = Path("/dev/shm")  # noqa: S108 - a folder of mode 0700 is made in it
            self._scratch = tempfile.TemporaryDirectory(
                prefix="patrol-anpr-voice-", dir=memory if memory.is_dir() else None, ignore_cleanup_errors=True
            )
        return self._scratch.name

    def _listen(self, child: _Child) -> None:
        """Take the child's answers until its end. Daemon: it blocks for as long as the child lives."""
        assert child.process.stdout is not None
        reason = "its process ended"
        try:
            with child.process.stdout as answers:
                for line in answers:
                    self._take(child, line)
        except BaseException as fault:  # noqa: BLE001 - the thread's top: a child that nobody listens to is lost
            reason = f"its answers could not be taken: {described(fault)}"
        with self._lock:
            if self._child is child:
                self._lose(reason)
        child.process.wait()

    def _take(self, child: _Child, line: str) -> None:
        word, _, rest = line.strip().partition(" ")
        with self._lock:
            if self._child is not child:
                return
            if word == "ready":
                self._set(VoiceState.READY)
            elif word == "done" and rest.isdecimal():
                self._back_off = FIRST_BACK_OFF
                if spoken := self._waiting.pop(int(rest), None):
                    spoken.answer(made=True)
            else:
                self._lose(f"it says {line.strip()[:200]}")

    def _lose(self, reason: str) -> None:
        """Kill the child, fail what waits for it, and set when to try again."""
        if self._state is VoiceState.STOPPED:
            return
        _log.warning("the voice is down: %s; again in %.1f s", reason, self._back_off)
        self._drop_child()
        self._retry_at = self._clock.monotonic() + self._back_off
        self._back_off = min(self._back_off * 2, LONGEST_BACK_OFF)
        self._set(VoiceState.DOWN)

    def _drop_child(self) -> _Child | None:
        child, self._child = self._child, None
        if child is not None:
            child.process.kill()
            if child.process.stdin is not None:
                with suppress(OSError):
                    child.process.stdin.close()
        waiting, self._waiting = self._waiting, {}
        for spoken in waiting.values():
            spoken.answer(made=False)
        return child

    def _set(self, state: VoiceState) -> None:
        if self._state is not state:
            self._state = state
            self.on_change()
