"""Checking an officer's PIN offline, against the verifier the depot made, with a back-off against guessing."""

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError

from patrol_anpr.domain.clock import Clock
from patrol_anpr.domain.errors import BadInput
from patrol_anpr.domain.shift import Officer

FREE_TRIES = 5
WAIT_SECONDS = 30.0


class PinGate:
    """Counts failures an officer; after `FREE_TRIES` each further try must wait `WAIT_SECONDS`."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._hasher = PasswordHasher()
        self._failures: dict[str, tuple[int, float]] = {}

    def check(self, officer: Officer, pin: str) -> bool:
        """Tell whether `pin` is right. An officer without a verifier (a car without a depot) needs none.

        Raises:
            BadInput: too many wrong tries; says how long to wait.
        """
        if not officer.pin_hash:
            return True
        count, last = self._failures.get(officer.officer_id, (0, 0.0))
        wait = last + WAIT_SECONDS - self._clock.monotonic()
        if count >= FREE_TRIES and wait > 0:
            raise BadInput(f"Too many wrong PINs. Try again in {wait:.0f} seconds.")
        try:
            self._hasher.verify(officer.pin_hash, pin)
        except (Argon2Error, InvalidHashError):
            self._failures[officer.officer_id] = (count + 1, self._clock.monotonic())
            return False
        self._failures.pop(officer.officer_id, None)
        return True
