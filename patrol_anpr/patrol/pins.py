"""Checking an officer's PIN offline, against the verifier the depot made, with a wait against guessing."""

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError

from patrol_anpr.domain.clock import Clock
from patrol_anpr.domain.errors import BadInput
from patrol_anpr.domain.sentences import counted
from patrol_anpr.domain.shift import Officer, PinTry

FREE_TRIES = 5
"""Wrong PINs of one officer before each further try must wait."""
FREE_TRIES_IN_CAR = 20
"""Wrong PINs in this car, whoever they were for, before each further try must wait: no guessing through the roster."""
WAIT_SECONDS = 30.0
"""The wait, counted from the last wrong PIN."""
MOST_TRIES = 10
"""Wrong PINs of one officer in a row, after which no PIN counts before the next sync with the depot."""


SHUT = "Too many wrong PINs: none counts any more. Sync with the depot, then sign on."


@dataclass(frozen=True, slots=True)
class _Failures:
    """Wrong PINs in a row, and when the last one was (monotonic seconds)."""

    count: int = 0
    last: float = 0.0

    def wait(self, free: int, now: float) -> float:
        """Seconds until the next try may be made; not above 0: now."""
        return self.last + WAIT_SECONDS - now if self.count >= free else 0.0

    def one_more(self, now: float) -> "_Failures":
        return _Failures(self.count + 1, now)

    def eased(self) -> "_Failures":
        """What is left of them after a sync: the next try counts again, and each further one waits."""
        return _Failures(min(self.count, FREE_TRIES), self.last)


class PinGate:
    """Counts wrong PINs of each officer and of the whole car. A right PIN clears its officer's count and the car's.

    `synced_at` tells when the depot was last asked; None for a car that cannot ask one: there only the waits hold.
    """

    def __init__(
        self, clock: Clock, tries: Iterable[PinTry] = (), synced_at: Callable[[], datetime | None] = lambda: None
    ) -> None:
        """Go on counting after the `tries` on record, oldest first: a restart of the program opens no gate."""
        self._clock = clock
        self._hasher = PasswordHasher()
        self._officers: dict[str, _Failures] = {}
        self._car = _Failures()
        self._synced_at = synced_at
        self._eased_at: datetime | None = None
        synced = synced_at()
        for one in tries:
            if synced is not None and one.at > synced:
                self._ease()
            self._note(one.officer_id, one.right, self._seconds_of(one.at))
        self._ease()

    def is_shut(self, officer: Officer) -> bool:
        """Whether no PIN of this officer counts before the next sync."""
        self._ease()
        failures = self._officers.get(officer.officer_id, _Failures())
        return self._synced_at() is not None and failures.count >= MOST_TRIES

    def _ease(self) -> None:
        """Once after each sync."""
        synced = self._synced_at()
        if synced != self._eased_at:
            self._eased_at = synced
            self._officers = {officer_id: failures.eased() for officer_id, failures in self._officers.items()}

    def check(self, officer: Officer, pin: str) -> bool:
        """Tell whether `pin` is right. An officer without a verifier (a car without a depot) needs none.

        Raises:
            BadInput: too many wrong tries; says how long to wait.
        """
        if not officer.pin_hash:
            return True
        if self.is_shut(officer):
            raise BadInput(SHUT)
        now = self._clock.monotonic()
        failures = self._officers.get(officer.officer_id, _Failures())
        wait = max(failures.wait(FREE_TRIES, now), self._car.wait(FREE_TRIES_IN_CAR, now))
        if wait > 0:
            seconds = math.ceil(wait)
            raise BadInput(
                counted(
                    "Too many wrong PINs. Try again in 1 second.",
                    "Too many wrong PINs. Try again in {count} seconds.",
                    seconds,
                )
            )
        try:
            self._hasher.verify(officer.pin_hash, pin)
        except (Argon2Error, InvalidHashError):
            self._note(officer.officer_id, False, self._clock.monotonic())
            return False
        self._note(officer.officer_id, True, self._clock.monotonic())
        return True

    def _note(self, officer_id: str, right: bool, now: float) -> None:
        if right:
            self._officers.pop(officer_id, None)
            self._car = _Failures()
        else:
            self._officers[officer_id] = self._officers.get(officer_id, _Failures()).one_more(now)
            self._car = self._car.one_more(now)

    def _seconds_of(self, at: datetime) -> float:
        """When that was on the monotonic clock; never later than now, so that a wrong clock locks nobody out."""
        return self._clock.monotonic() - max(0.0, (self._clock.utc() - at).total_seconds())
