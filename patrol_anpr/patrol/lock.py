"""The lock of the screen: what the officers know is hidden and not spoken; hits still sound, and so do lost parts."""

import threading
from collections.abc import Callable
from concurrent.futures import Executor, Future

from patrol_anpr.domain.errors import BadInput, RecordsFault
from patrol_anpr.domain.health import Lamp, LampState
from patrol_anpr.domain.shift import Officer
from patrol_anpr.patrol.ports import Alerting, Recording
from patrol_anpr.patrol.shifts import Shifts

LAMP = "records-locked"


class ScreenLock:
    """Owns whether the car is locked; satisfies window_ports.Locking. Every method may be called from any thread.

    Only the officer who is signed on opens it, with the PIN of the sign-on; each try is audited, and too many wrong
    ones have to wait, as at sign-on.
    """

    def __init__(
        self,
        alerting: Alerting,
        recording: Recording,
        shifts: Shifts,
        thread: Executor,
        on_lamp: Callable[[Lamp], object] = lambda _: None,
    ) -> None:
        self._alerting, self._recording, self._shifts, self._thread = alerting, recording, shifts, thread
        self._on_lamp, self._failed = on_lamp, False
        self._lock = threading.Lock()
        self._officer: Officer | None = None
        self._locked = False

    @property
    def is_locked(self) -> bool:
        """Whether the screen is locked."""
        with self._lock:
            return self._locked

    @property
    def needs_pin(self) -> bool:
        """Whether a PIN opens it; an officer of a car without a depot has none."""
        with self._lock:
            return self._officer is not None and bool(self._officer.pin_hash)

    def begin(self, officer: Officer) -> None:
        """An officer has signed on: from now on it can be locked, and only they open it."""
        with self._lock:
            self._officer = officer
        self._open()

    def end(self) -> None:
        """Nobody is signed on any more, and there is nothing to hide; no PIN opens the records. Waits for the disk."""
        with self._lock:
            self._officer = None
        self._open()
        self._lock_up()

    def lock(self) -> None:
        """Lock the screen. Without an officer there is nobody who could open it: nothing happens."""
        with self._lock:
            if self._officer is None or self._locked:
                return
            self._locked = True
            officer_id = self._officer.officer_id
        self._hush()
        self._recording.audit(officer_id, "locked", "")
        self._thread.submit(self._lock_up)

    def unlock(self, pin: str) -> "Future[None]":
        """Open it. The Future raises BadInput when the PIN is wrong or comes too soon after too many wrong ones."""
        return self._thread.submit(self._unlock, pin)

    def _unlock(self, pin: str) -> None:
        with self._lock:
            officer = self._officer
        if officer is None:
            raise BadInput("Nobody is signed on.")
        self._shifts.check_pin(officer, pin)
        self._recording.unlock_for(officer.officer_id, pin if officer.pin_hash else "")
        self._open()
        self._recording.audit(officer.officer_id, "unlocked", "")

    def _lock_up(self) -> None:
        """Destroy what a PIN opens on the disk; where that cannot be done, say so until it can."""
        try:
            self._recording.lock_up()
        except RecordsFault as fault:
            self._failed = True
            self._on_lamp(Lamp(LAMP, LampState.BAD, "Records not locked", fault.sentence))
            return
        if self._failed:
            self._failed = False
            self._on_lamp(Lamp(LAMP, LampState.GOOD, "Records locked"))

    def _open(self) -> None:
        with self._lock:
            self._locked = False
        self._hush()

    def _hush(self) -> None:
        """Have hits spoken or not by what is in force at the end: it is locked and opened on two threads."""
        hushed = None
        while hushed is not (locked := self.is_locked):
            self._alerting.set_discreet(locked)
            hushed = locked
