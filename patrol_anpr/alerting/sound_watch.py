"""Who owns the lamp "voice": a thread of its own, so that the lamp changes also while a sentence is being played."""

import threading
from collections.abc import Callable
from contextlib import suppress

from patrol_anpr.alerting.lamp import FAULT, NOT_HEARD, STARTING, is_unheard, voice_lamp
from patrol_anpr.alerting.output import Output, OutputLook
from patrol_anpr.alerting.player import Player
from patrol_anpr.alerting.voice import Voice, VoiceState
from patrol_anpr.domain.clock import Clock
from patrol_anpr.domain.health import Lamp, LampState
from patrol_anpr.plumbing.worker import Worker

TICK = 0.25
"""Seconds between looks of the threads of sound while nothing happens; a voice that is lost wakes its watch at once."""
LOOK_EVERY = 10.0
"""Seconds between looks at the sound system."""
LOOK_LIMIT = 4.0
"""Seconds that the first look is waited for."""


class SoundWatch:
    """Starts the voice again where it is lost, looks at the sound system, and makes the lamp of what it finds.

    The lamp is bad while the program knows of a fault, and while the officer's last word was that the voice cannot be
    heard; it is good only when neither is so. `voice` None means tones only, `look` None that nobody can be asked what
    becomes of a sound. `on_lamp` gets each change of the lamp, `on_change` each but those by the officer's word.
    Both are called on this thread and must not block. Every method may be called from any thread and waits for nothing,
    but for `stop` and `wait_for_look`.
    """

    def __init__(
        self,
        voice: Voice | None,
        player: Player,
        clock: Clock,
        look: OutputLook | None,
        on_lamp: Callable[[Lamp], None],
        on_change: Callable[[Lamp], None],
    ) -> None:
        self._voice, self._player, self._clock, self._look = voice, player, clock, look
        self._on_lamp, self._on_change = on_lamp, on_change
        self._worker = Worker("sound-watch", self._run, self._failed, rouse=self.rouse, wait=short_pause)
        self._news = threading.Event()
        self._looked = threading.Event()
        self._look_at = 0.0
        self._output = Output.UNKNOWN
        self._faulty = False
        self._not_heard = False
        self._of_parts = STARTING
        self._shown = STARTING

    def start(self) -> None:
        """Start watching; returns at once."""
        self._look_at = self._clock.monotonic()
        if self._voice is not None:
            self._voice.on_change = self.rouse
        self._worker.start()

    def stop(self, deadline: float) -> None:
        """Stop and join."""
        self._worker.stop(deadline)

    def rouse(self) -> None:
        """Have everything looked at now."""
        self._news.set()

    def heard(self, was_heard: bool) -> None:
        """Take the officer's answer to "did you hear this voice?"."""
        self._not_heard = not was_heard
        self.rouse()

    def sound_failed(self) -> None:
        """Take word that a sound failed for a reason nobody foresaw; bad until one has been played."""
        self._faulty = True
        self.rouse()

    def sound_played(self) -> None:
        """Take word that a sound was played."""
        self._faulty = False

    @property
    def is_unheard(self) -> bool:
        """Whether a sound that is played now cannot be heard."""
        return is_unheard(self._output)

    def look_again(self) -> None:
        """Have the sound system looked at now; `wait_for_look` tells when that was done."""
        self._looked.clear()
        self._look_at = self._clock.monotonic()
        self.rouse()

    def wait_for_look(self) -> bool:
        """Wait until the sound system was looked at, some seconds at most."""
        return self._looked.wait(LOOK_LIMIT)

    # ---- on the watch's thread ----

    def _run(self, stopping: threading.Event) -> None:
        while not stopping.is_set():
            self._news.clear()
            self._look_at_output()
            state = self._voice.state if self._voice is not None else None
            self._show(state)
            # only now, and only for what was shown: a lost voice that is started again was lost all the same
            if self._voice is not None and self._voice.state is state:
                self._voice.tend()
            self._news.wait(TICK)

    def _look_at_output(self) -> None:
        now = self._clock.monotonic()
        if now < self._look_at:
            return
        self._look_at = now + LOOK_EVERY
        found = self._look() if self._look is not None else Output.UNKNOWN
        if found is not None:
            self._output = found
        self._looked.set()

    def _show(self, state: VoiceState | None) -> None:
        before = self._of_parts
        lamp = voice_lamp(self._player.route, self._output, state, before.state)
        self._of_parts = FAULT if self._faulty else lamp
        shown = NOT_HEARD if self._not_heard and self._of_parts.state is not LampState.BAD else self._of_parts
        if shown != self._shown:
            self._shown = shown
            self._on_lamp(shown)
        if self._of_parts != before:
            self._on_change(self._of_parts)

    def _failed(self, _: BaseException) -> None:
        """A fault of the watch itself: the lamp is all that can tell it."""
        self._of_parts = self._shown = FAULT
        with suppress(Exception):  # the fault may be in there
            self._on_lamp(FAULT)


def short_pause(stopping: threading.Event, _: float) -> bool:
    """A thread of sound that failed begins again soon: no hit, and no news of a lost voice, may wait for it."""
    return stopping.wait(TICK)
