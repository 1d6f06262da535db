"""Asks the depot on patrol for entries that were added or cancelled since: they are in force within a minute."""

import random
import threading
from collections.abc import Callable
from concurrent.futures import CancelledError
from datetime import datetime
from typing import Protocol

from patrol_anpr.domain.clock import Clock
from patrol_anpr.domain.errors import KnownError
from patrol_anpr.domain.health import Lamp, LampState
from patrol_anpr.domain.sentences import sentence
from patrol_anpr.plumbing.worker import Worker, in_seconds

USUAL_SECONDS = 25.0
OVERDUE_SECONDS = 120.0
"""After so long without an answer the lamp says since when: a hole in the network alone is no news (judged)."""
STOP_SECONDS = 1.0
KEY = "additions"
FAILED = Lamp(KEY, LampState.BAD, "Additions not asked for", "The depot's changes come with a sync only. Tell IT.")
AWAY = (
    "The depot cannot be reached from here, which is no fault. What it adds or cancels comes into force once it can be."
)


class Looking(Protocol):
    """depot_jobs.DepotJobs: what asks."""

    def look_for_lists(self) -> str:
        """Put in force what changed; return what was not taken and why, or "". Raises KnownError: not reached."""
        ...


class ListWatch:
    """Asks every `seconds`, less some chance, while somebody is signed on; also while the car moves.

    Its lamp says when the depot last answered: that nothing was added is known until then, and no longer.
    """

    def __init__(
        self,
        looking: Looking,
        signed_on: Callable[[], bool],
        clock: Clock,
        on_lamp: Callable[[Lamp], object],
        *,
        seconds: float = USUAL_SECONDS,
        chance: Callable[[float, float], float] = random.uniform,
        wait: Callable[[threading.Event, float], bool] = in_seconds,
    ) -> None:
        self._looking, self._signed_on, self._clock, self._on_lamp = looking, signed_on, clock, on_lamp
        self.seconds, self._chance, self._wait = seconds, chance, wait
        self._answered: datetime | None = None
        self._due = 0.0  # monotonic; when the lamp says that there was no answer
        self._was_on = False
        self._worker = Worker("list-watch", self._run, lambda _: on_lamp(FAILED))

    def start(self) -> None:
        """Begin; returns at once. Nothing begins where the settings ask for nothing."""
        if self.seconds > 0:
            self._worker.start()

    def stop(self) -> None:
        """End; a question under way ends with the link."""
        self._worker.stop(STOP_SECONDS)

    def look(self) -> None:
        """Ask once, if somebody is signed on, and show by the lamp what came of it."""
        is_on, now = self._signed_on(), self._clock.monotonic()
        if is_on and not self._was_on:
            self._due = now + OVERDUE_SECONDS
        self._was_on = is_on
        if not is_on:
            return
        try:
            refused = self._looking.look_for_lists()
        except (KnownError, CancelledError):  # whoever syncs is told
            if now >= self._due:
                self._on_lamp(self._lamp(LampState.UNKNOWN, AWAY))
            return
        self._answered, self._due = self._clock.utc(), now + OVERDUE_SECONDS
        self._on_lamp(self._lamp(LampState.WARN if refused else LampState.GOOD, refused))

    def _lamp(self, state: LampState, advice: str) -> Lamp:
        if self._answered is None:
            return Lamp(KEY, state, "Depot not asked yet", advice)
        time = f"{self._answered.astimezone():%H:%M}"
        if state is LampState.GOOD:
            return Lamp(KEY, state, sentence("Additions to {time}", time=time))
        if state is LampState.WARN:
            return Lamp(KEY, state, "Additions not taken", advice)
        return Lamp(KEY, state, sentence("No additions since {time}", time=time), advice)

    def _run(self, stopping: threading.Event) -> None:
        while not self._wait(stopping, self._chance(0.8 * self.seconds, self.seconds)):
            self.look()
