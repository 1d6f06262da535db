"""Who is in the car: signing on and off, and the session through which every outcome goes."""

import uuid
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from patrol_anpr.domain.by_hand import OwnVoi, ReadCorrection, VoiWish
from patrol_anpr.domain.clock import Clock
from patrol_anpr.domain.disposition import Disposition
from patrol_anpr.domain.dossier import Exported
from patrol_anpr.domain.errors import BadInput
from patrol_anpr.domain.hit import ControlAnswer, Hit, Override, Verification
from patrol_anpr.domain.read import Read
from patrol_anpr.domain.shift import NO_ONE, PIN_ACCEPTED, PIN_REFUSED, PIN_TOO_SOON, Crew, Officer, Shift
from patrol_anpr.patrol.by_hand import ByHand
from patrol_anpr.patrol.decisions import (
    SEEN,
    UNDO,
    Decision,
    answered,
    confirmed,
    corrected,
    dismissed,
    disposed,
)
from patrol_anpr.patrol.export import Exports
from patrol_anpr.patrol.hits import Hits
from patrol_anpr.patrol.muted_entries import MutedEntries
from patrol_anpr.patrol.pins import SHUT, PinGate
from patrol_anpr.patrol.ports import Recording

LONGEST_SHIFT = timedelta(hours=16)
"""A shift that was cut off goes on at the next sign-on of the same officer, unless it is older than this."""

PINS_VALID = timedelta(hours=72)
"""How long after a sync a PIN counts without the depot."""

PIN_WRONG = "That PIN is not right. Try again."

PINS_OLD = "The PINs in this car are from a sync more than {hours} hours ago. Sync with the depot, then sign on."

LOCAL_OFFICER = Officer("LOCAL", "This car's crew", pin_hash="")
"""Signs on where no depot was ever set up, so that the product can be tried without one."""


class Session:
    """What signing on gives: the only way to say something of a hit, so that nothing is written in another's name.

    Calls return at once and may come from any thread. Each raises BadInput when the session is over, and where
    hits.decide does.
    """

    def __init__(self, shift: Shift, hits: Hits, muted: MutedEntries, by_hand: ByHand, exports: Exports) -> None:
        self.shift = shift
        self._hits, self._muted, self._by_hand = hits, muted, by_hand
        self._exports = exports
        self._over = False

    def end(self) -> None:
        """From here on nothing is said through this session."""
        self._over = True

    def acknowledge(self, hit_id: str) -> None:
        """The officer has seen the card: stop talking about it."""
        self._decide(hit_id, SEEN)

    def confirm(self, hit_id: str, *, looked: bool = False, look_choice: str = "") -> None:
        """The picture says what the list says; `looked`: said with the picture on the screen."""
        self._decide(hit_id, confirmed(looked=looked, look_choice=look_choice))

    def dismiss(
        self,
        hit_id: str,
        verification: Verification = Verification.COULD_NOT_VERIFY,
        *,
        looked: bool = False,
        look_choice: str = "",
    ) -> None:
        """It does not, or that cannot be told; again with the verification once that is known. The hit is kept."""
        self._decide(hit_id, dismissed(verification, looked=looked, look_choice=look_choice))

    def answer(self, hit_id: str, said: ControlAnswer) -> None:
        """What control said; again where that was wrong. "No longer wanted" ends the hit as an entry out of date."""
        self._decide(hit_id, answered(said))

    def dispose(self, hit_id: str, disposition: Disposition, override: Override | None = None) -> None:
        """What was done about a confirmed hit; `override`: why it was stopped without a look or control's word."""
        self._decide(hit_id, disposed(disposition, override))

    def correct(self, hit_id: str, vrm: str) -> None:
        """A misread: the officer says what the plate really is. The original stays."""
        self._decide(hit_id, corrected(vrm))

    def later(self, hit_id: str) -> None:
        """Nothing is decided; the hit stays open."""
        self._decide(hit_id, SEEN)

    def undo(self, hit_id: str) -> None:
        """Take the last decision back, within ten seconds, by appending an outcome that says so."""
        self._decide(hit_id, UNDO)

    def mute_entry(self, hit_id: str) -> None:
        """For the rest of the shift hits of this hit's entry make no sound and take no card; they are recorded."""
        self._check()
        self._muted.mute(hit_id, self.shift)

    def unmute_entry(self, hit_id: str) -> None:
        """Hits of this hit's entry sound again."""
        self._check()
        self._muted.unmute(hit_id, self.shift)

    def correct_read(self, read: Read, vrm: str) -> "Future[ReadCorrection]":
        """What the plate of a Read really says; matched at once. The Read keeps its text."""
        self._check()
        return self._by_hand.correct(read, vrm, self.shift)

    def enter(self, vrm: str) -> "Future[Sequence[Hit]]":
        """A mark the officer saw: a Read without a picture. The result is its hits."""
        self._check()
        return self._by_hand.enter(vrm, self.shift)

    def make_voi(self, wish: VoiWish) -> "Future[OwnVoi]":
        """Put a mark on the car's own list."""
        self._check()
        return self._by_hand.make_voi(wish, self.shift)

    def withdraw_voi(self, voi_id: str) -> "Future[OwnVoi]":
        """Take an entry of the car's own list out of force."""
        self._check()
        return self._by_hand.withdraw(voi_id, self.shift)

    def export(self, read_id: str, reason: str, folder: Path) -> "Future[Exported]":
        """Write the evidence of a Read of this shift into a folder; see Exports.export."""
        self._check()
        return self._exports.export(read_id, reason, folder, self.shift)

    def _decide(self, hit_id: str, decision: Decision) -> None:
        self._check()
        self._hits.decide(hit_id, decision, self.shift)

    def _check(self) -> None:
        if self._over:
            raise BadInput("You are signed off. Sign on first.")


class Shifts:
    """Begins and ends shifts, in the records. Its methods wait for the disk: none is called on the GUI thread."""

    def __init__(
        self,
        recording: Recording,
        clock: Clock,
        units: Sequence[str],
        roster: Callable[[], Sequence[Officer]],
        *,
        pins_valid: timedelta = PINS_VALID,
    ) -> None:
        self._recording, self._clock, self._units, self._roster = recording, clock, units, roster
        self._pins_valid = pins_valid
        self._pins = PinGate(clock, recording.pin_tries(), recording.synced_at)

    def admit(self, officer_id: str, pin: str, unit: str) -> Officer:
        """Let an officer of the roster in. Each try is audited, also one made too early.

        Raises:
            BadInput: the officer is not on the roster, the unit is not this car's, the roster is too old, or the PIN
                is wrong or comes too soon after too many wrong ones.
        """
        officer = next((one for one in self._roster() if one.officer_id == officer_id), None)
        if officer is None:
            raise BadInput("This officer is not on the roster of this car. Sync with the depot.")
        if unit not in self._units:
            raise BadInput("This car does not run under that call sign. Choose one of its own.")
        synced = self._recording.synced_at()
        if synced is not None and self._clock.utc() - synced > self._pins_valid:
            raise BadInput(PINS_OLD, hours=round(self._pins_valid / timedelta(hours=1)))
        self.check_pin(officer, pin)
        self._recording.open_for(officer.officer_id, pin if officer.pin_hash else "")
        return officer

    def check_pin(self, officer: Officer, pin: str) -> None:
        """Check an officer's PIN; each try is audited, also one made too early.

        Raises:
            BadInput: it is wrong, or comes too soon after too many wrong ones.
        """
        officer_id = officer.officer_id
        try:
            right = self._pins.check(officer, pin)
        except BadInput:
            self._recording.audit(officer_id, PIN_TOO_SOON, officer_id)
            raise
        self._recording.audit(officer_id, PIN_ACCEPTED if right else PIN_REFUSED, officer_id)
        if self._pins.is_shut(officer):
            self._recording.lock_up()
            raise BadInput(SHUT)
        if not right:
            raise BadInput(PIN_WRONG)

    def begin(self, officer: Officer, unit: str, crew: Crew) -> tuple[Shift, bool]:
        """Begin a shift, or go on with one the program was cut off in; tell which. The crew is as asked for now."""
        cut_off = self._close_cut_off(officer.officer_id, unit)
        if cut_off is None:
            shift = Shift(str(uuid.uuid4()), officer.officer_id, unit, crew, self._clock.utc())
        else:
            shift = replace(cut_off, crew=crew)
        if shift != cut_off:
            self._recording.start_shift(shift)
        self._recording.audit(shift.officer_id, "sign_on" if cut_off is None else "sign_on_again", shift.shift_id, crew)
        return shift, cut_off is not None

    def end(self, shift: Shift) -> Shift:
        """End a shift; returns it with its end."""
        ended = replace(shift, ended_at=self._clock.utc())
        self._recording.end_shift(ended)
        self._recording.audit(shift.officer_id, "sign_off", shift.shift_id)
        return ended

    def _close_cut_off(self, officer_id: str, unit: str) -> Shift | None:
        """End the shifts the program was cut off in, but for this officer's own, which goes on with its open hits."""
        now = self._clock.utc()
        goes_on: Shift | None = None
        for shift in self._recording.unfinished_shifts():
            own = (shift.officer_id, shift.unit) == (officer_id, unit) and now - shift.started_at < LONGEST_SHIFT
            if own and goes_on is None:
                goes_on = shift
            else:
                self._recording.end_shift(replace(shift, ended_at=now))
                self._recording.audit(NO_ONE, "shift_closed", shift.shift_id, "cut off without a sign-off")
        return goes_on
