"""Sends records by itself while the car stands: an upload that broke off is gone on with without a tap."""

import random
import threading
from collections.abc import Callable
from typing import Protocol

from patrol_anpr.domain.events import Event, Uploaded
from patrol_anpr.domain.health import Lamp, LampState
from patrol_anpr.patrol.ports import Recording
from patrol_anpr.plumbing.worker import Worker, in_seconds

FIRST_PAUSE, LONGEST_PAUSE = 30.0, 900.0
"""Seconds to the next try: twice as long after each that brought nothing, up to a quarter of an hour."""
STOP_SECONDS = 1.0


def next_pause(pause: float, *, got_further: bool) -> float:
    """Return the pause after a try that came after `pause` seconds; what is waited is drawn from its second half."""
    return FIRST_PAUSE if got_further else min(2 * pause, LONGEST_PAUSE)


def drawn(pause: float, chance: Callable[[float, float], float]) -> float:
    """Return the seconds to wait: a whole force does not come at once after an outage."""
    return chance(pause / 2, pause)


SENDING_FAILED = Lamp(
    "sending", LampState.BAD, "Sending failed", "Records are not sent by themselves. Sign off sends them. Tell IT."
)
SENDING = Lamp("sending", LampState.GOOD, "Sending")


class Sending(Protocol):
    """depot_jobs.DepotJobs: what sends."""

    def send_in_background(self) -> int:
        """Send once, giving way to whoever waits for the depot; return how many records still wait. Blocks."""
        ...


class BackgroundUpload:
    """Tries now and then, with as much chance in it that a whole force does not come at once after an outage.

    It tries only while records wait and the car is not known to move. `publish` is told what a try that sent something
    left waiting.
    """

    def __init__(
        self,
        sending: Sending,
        recording: Recording,
        moving: Callable[[], bool | None],
        publish: Callable[[Event], None],
        on_lamp: Callable[[Lamp], object],
        *,
        chance: Callable[[float, float], float] = random.uniform,
        wait: Callable[[threading.Event, float], bool] | None = None,
    ) -> None:
        self._sending, self._recording, self._moving, self._publish = sending, recording, moving, publish
        self._chance, self._wait = chance, wait or in_seconds
        self._on_lamp, self._failed = on_lamp, False
        self._worker = Worker("background-upload", self._run, self._fail)

    def start(self) -> None:
        """Begin; returns at once."""
        self._worker.start()

    def stop(self) -> None:
        """End; what is being sent goes on to the end of its batch, or until the link is stopped."""
        self._worker.stop(STOP_SECONDS)

    def _fail(self, _failure: BaseException) -> None:
        self._failed = True
        self._on_lamp(SENDING_FAILED)

    def _run(self, stopping: threading.Event) -> None:
        if self._failed:  # and has begun again
            self._failed = False
            self._on_lamp(SENDING)
        pause = FIRST_PAUSE
        while not self._wait(stopping, drawn(pause, self._chance)):
            if self._moving() is True or not (before := self._recording.waiting()):
                pause = FIRST_PAUSE
                continue
            waiting = self._sending.send_in_background()
            pause = next_pause(pause, got_further=waiting < before)
            if waiting < before:
                self._publish(Uploaded(waiting))
