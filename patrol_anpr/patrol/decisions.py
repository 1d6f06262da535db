"""What an officer may say of a hit: decisions, and the rules of what may follow what. Pure."""

from dataclasses import dataclass, replace

from patrol_anpr.domain.disposition import Disposition
from patrol_anpr.domain.errors import BadInput
from patrol_anpr.domain.hit import UNDO_SECONDS, ControlAnswer, Hit, HitState, Override, Verification
from patrol_anpr.domain.hotlist import Tier
from patrol_anpr.domain.shift import Shift
from patrol_anpr.domain.vrm import normalise


@dataclass(frozen=True, slots=True)
class Decision:
    """What an officer says of a hit: the state it leads to, and why. The rest is as in Outcome."""

    state: HitState
    verification: Verification | None = None
    disposition: Disposition | None = None
    corrected_vrm: str | None = None
    undone: bool = False
    looked: bool = False
    look_choice: str = ""
    control: ControlAnswer | None = None
    override: Override | None = None


SEEN = Decision(HitState.ACKNOWLEDGED)
UNDO = Decision(HitState.ACKNOWLEDGED, undone=True)


def confirmed(*, looked: bool = False, look_choice: str = "") -> Decision:
    """The picture says what the list says; `looked`: said with the picture on the screen."""
    return Decision(HitState.ACTIONED, Verification.CORRECT, looked=looked, look_choice=look_choice)


def dismissed(
    verification: Verification = Verification.COULD_NOT_VERIFY, *, looked: bool = False, look_choice: str = ""
) -> Decision:
    """It does not, or that cannot be told."""
    return Decision(HitState.DISMISSED, verification, looked=looked, look_choice=look_choice)


def answered(said: ControlAnswer) -> Decision:
    """What control said about a confirmed hit."""
    return Decision(HitState.ACTIONED, Verification.CORRECT, control=said)


def disposed(disposition: Disposition, override: Override | None = None) -> Decision:
    """What was done about a confirmed hit; `override` where it was stopped without a look or control's word."""
    return Decision(HitState.ACTIONED, Verification.CORRECT, disposition, override=override)


def corrected(vrm: str) -> Decision:
    """A misread: the officer says what the plate really is. The Read keeps its text.

    Raises:
        BadInput: `vrm` has no letter or digit.
    """
    true_vrm = normalise(vrm)
    if not true_vrm:
        raise BadInput("Enter the letters and digits that are on the plate.")
    return Decision(HitState.DISMISSED, Verification.MISREAD, corrected_vrm=true_vrm)


def decide(hit: Hit, decision: Decision, shift: Shift, now: float) -> Hit:
    """Return the hit as it stands after `decision`, given in `shift` at `now` (monotonic seconds).

    Raises:
        BadInput: the hit is not of this shift or not for the crew, it is decided otherwise already, it is too late
            for UNDO, or the vehicle may not count as stopped.
    """
    if hit.shift_id != shift.shift_id:
        raise BadInput("This hit is of another shift. Only the officer of that shift can decide on it.")
    if hit.tier is Tier.SILENT:
        raise BadInput("This hit is not for the crew.")
    if decision.undone:
        return _undone(hit, now)
    if decision.state is HitState.ACKNOWLEDGED:
        return replace(hit, state=decision.state) if hit.is_open else hit
    if not hit.is_open and hit.state is not decision.state:
        raise BadInput("This hit is decided already. Take that back with UNDO first.")
    if hit.is_open and (decision.control or decision.disposition):
        raise BadInput("Look at the picture and confirm the hit first.")
    if is_new_stop(hit, decision) and not (decision.override or hit.may_stop):
        raise BadInput("A stop needs a look at the picture and control's word that the vehicle is wanted. Say why not.")
    return replace(hit, state=decision.state, decided_monotonic=now) if hit.is_open else hit


def is_new_stop(hit: Hit, decision: Decision) -> bool:
    """Whether `decision` says for the first time that the vehicle was stopped, and what came of it."""
    done = decision.disposition
    before = hit.disposition
    stopped_before = before is not None and before.is_stop and before.is_as(done)
    return done is not None and done.is_stop and not stopped_before


def complete(hit: Hit, decision: Decision) -> Decision:
    """Add what was done already, since the last outcome counts, and what follows from control's answer.

    No longer wanted ends the hit as an entry out of date, unless a stop is on record: that happened. What was done is
    said once more: it keeps its override.
    """
    if decision.state is not HitState.ACTIONED:
        return decision
    if decision.disposition is not None:
        said_again = decision.override is None and decision.disposition.is_as(hit.disposition)
        return replace(decision, override=hit.override) if said_again else decision
    done, override = hit.disposition, hit.override
    if decision.control is not None and not (done and done.is_stop):
        done = _FOLLOWS.get(decision.control, None if done in _FOLLOWS.values() else done)
    return replace(decision, disposition=done, override=override)


_FOLLOWS = {ControlAnswer.NO_LONGER_WANTED: Disposition.NO_LONGER_WANTED}


def _undone(hit: Hit, now: float) -> Hit:
    if hit.is_open or hit.decided_monotonic is None:
        raise BadInput("There is nothing to undo for this hit.")
    if now - hit.decided_monotonic > UNDO_SECONDS:
        raise BadInput(
            "UNDO is possible for {seconds:.0f} seconds. What was decided stays on record.",
            seconds=UNDO_SECONDS,
        )
    return replace(hit, state=HitState.ACKNOWLEDGED, decided_monotonic=None)
