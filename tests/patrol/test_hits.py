"""What may be said of a hit: pure rules, and the one owner that keeps them."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from patrol_anpr.domain.disposition import BUILT_IN, Disposition, DispositionKind
from patrol_anpr.domain.errors import BadInput
from patrol_anpr.domain.events import Event, HitChanged
from patrol_anpr.domain.hit import (
    UNDO_SECONDS,
    Answer,
    ControlAnswer,
    Hit,
    HitState,
    Look,
    MatchKind,
    Outcome,
    Override,
    Verification,
    urgency,
)
from patrol_anpr.domain.hit import after as after_outcome
from patrol_anpr.domain.hotlist import Tier
from patrol_anpr.domain.read import NO_PICTURES
from patrol_anpr.domain.shift import Crew, Shift
from patrol_anpr.patrol.decisions import (
    SEEN,
    UNDO,
    Decision,
    answered,
    complete,
    confirmed,
    corrected,
    decide,
    dismissed,
    disposed,
)
from patrol_anpr.patrol.hits import STOPPED_WITHOUT, HitCounts, Hits
from patrol_anpr.patrol.listeners import Listeners
from tests.conftest import FakeClock
from tests.fakes import FakeAlerting, FakeRecording
from tests.made import EVIDENCE, NOW, a_hit, a_match, a_read

SHIFT = Shift("shift-1", "4821", "TA14", Crew.SINGLE, NOW)
NEXT_SHIFT = replace(SHIFT, shift_id="shift-2", officer_id="5177")
LOOKED, WANTED = confirmed(looked=True), answered(ControlAnswer.CONFIRMED)
NO_LONGER, NOBODY = answered(ControlAnswer.NO_LONGER_WANTED), answered(ControlAnswer.NO_ANSWER)
ARREST, PASSED = disposed(Disposition.ARREST), disposed(Disposition.PASSED_TO_CONTROL)
FORCED = disposed(Disposition.ARREST, Override.DANGER)
DECISIONS = [SEEN, UNDO, confirmed(), dismissed(), corrected("AB12CDF")]
ALL = [*DECISIONS, LOOKED, WANTED, NO_LONGER, NOBODY, ARREST, PASSED, FORCED]


def after(*decisions: Decision, at: float = 0.0) -> Hit:
    hit = a_hit()
    for decision in decisions:
        hit = decide(hit, decision, SHIFT, at)
    return hit


@pytest.mark.parametrize(
    ("decision", "state"),
    [
        (SEEN, HitState.ACKNOWLEDGED),
        (confirmed(), HitState.ACTIONED),
        (dismissed(), HitState.DISMISSED),
        (corrected("ab12 cdf"), HitState.DISMISSED),
    ],
)
@pytest.mark.parametrize("before", [(), (SEEN,)])
def test_an_open_hit_goes_where_the_officer_says(
    before: tuple[Decision, ...], decision: Decision, state: HitState
) -> None:
    assert after(*before, decision).state is state


@pytest.mark.parametrize("reason", [PASSED, NOBODY, confirmed()])
def test_a_reason_changes_neither_the_state_nor_the_time_for_undo(reason: Decision) -> None:
    decided = after(confirmed(), at=3.0)
    assert decide(decided, reason, SHIFT, 9.0) == decided


@pytest.mark.parametrize(("first", "second"), [(confirmed(), dismissed()), (dismissed(), confirmed())])
def test_what_is_decided_is_not_decided_otherwise_without_undo(first: Decision, second: Decision) -> None:
    with pytest.raises(BadInput, match="UNDO first"):
        after(first, second)
    assert after(first, UNDO, second).state is second.state


@pytest.mark.parametrize("decision", [confirmed(), dismissed(), corrected("AB12CDF")])
@pytest.mark.parametrize("before", [(), (SEEN,)])
def test_undo_always_leads_back_to_a_hit_that_was_seen(before: tuple[Decision, ...], decision: Decision) -> None:
    hit = after(*before, decision, UNDO)
    assert (hit.state, hit.decided_monotonic) == (HitState.ACKNOWLEDGED, None)


def test_a_dismissal_says_why() -> None:
    assert dismissed() == Decision(HitState.DISMISSED, Verification.COULD_NOT_VERIFY)
    assert dismissed(Verification.MISREAD) == Decision(HitState.DISMISSED, Verification.MISREAD)


def test_undo_counts_ten_seconds_from_the_tap() -> None:
    decided = after(confirmed(), at=100.0)
    assert decide(decided, UNDO, SHIFT, 100.0 + UNDO_SECONDS).is_open
    with pytest.raises(BadInput, match="10 seconds"):
        decide(decided, UNDO, SHIFT, 100.1 + UNDO_SECONDS)


@pytest.mark.parametrize("before", [(), (SEEN,), (confirmed(), UNDO)])
def test_there_is_nothing_to_undo_where_nothing_was_decided(before: tuple[Decision, ...]) -> None:
    with pytest.raises(BadInput, match="nothing to undo"):
        after(*before, UNDO)


def test_what_was_decided_before_a_restart_cannot_be_undone() -> None:
    with pytest.raises(BadInput, match="nothing to undo"):
        decide(replace(a_hit(), state=HitState.ACTIONED), UNDO, SHIFT, 5.0)


@pytest.mark.parametrize("decision", DECISIONS)
def test_nobody_decides_on_a_hit_of_another_shift(decision: Decision) -> None:
    """Else the arrest of one officer is written to the next."""
    with pytest.raises(BadInput, match="another shift"):
        decide(a_hit(), decision, NEXT_SHIFT, 0.0)


@pytest.mark.parametrize("decision", DECISIONS)
def test_nobody_decides_on_a_silent_hit(decision: Decision) -> None:
    with pytest.raises(BadInput):
        decide(a_hit(tier=Tier.SILENT), decision, SHIFT, 0.0)


@pytest.mark.parametrize("vrm", ["", " ", "--"])
def test_a_correction_needs_a_mark(vrm: str) -> None:
    with pytest.raises(BadInput, match=r"^Enter the letters and digits that are on the plate\.$"):
        corrected(vrm)


@pytest.mark.parametrize(
    ("hit", "decision", "sentence"),
    [
        (
            a_hit(shift_id="shift-0"),
            SEEN,
            "This hit is of another shift. Only the officer of that shift can decide on it.",
        ),
        (a_hit(tier=Tier.SILENT), SEEN, "This hit is not for the crew."),
        (a_hit(), UNDO, "There is nothing to undo for this hit."),
        (after(dismissed()), confirmed(), "This hit is decided already. Take that back with UNDO first."),
        (after(confirmed(), at=-99.0), UNDO, "UNDO is possible for 10 seconds. What was decided stays on record."),
    ],
)
def test_each_refusal_says_why(hit: Hit, decision: Decision, sentence: str) -> None:
    with pytest.raises(BadInput) as told:
        decide(hit, decision, SHIFT, 0.0)
    assert str(told.value) == sentence


def test_the_order_is_tier_then_exact_then_the_longest_wait() -> None:
    def hit(tier: Tier, kind: MatchKind, minutes: int, monotonic: float) -> Hit:
        at = NOW + timedelta(minutes=minutes)
        return replace(a_hit(tier=tier, kind=kind), raised_at=at, raised_monotonic=monotonic)

    # The first was raised before a reboot: the clock of intervals began anew, the record's time did not.
    right = [
        hit(Tier.IMMEDIATE, MatchKind.EXACT, 0, 9000.0),
        hit(Tier.IMMEDIATE, MatchKind.EXACT, 5, 12.0),
        hit(Tier.IMMEDIATE, MatchKind.CHECK, -5, 8000.0),
        hit(Tier.PRIORITY, MatchKind.EXACT, -9, 7000.0),
    ]
    assert sorted([right[3], right[1], right[2], right[0]], key=urgency) == right


@given(st.lists(st.tuples(st.sampled_from(DECISIONS), st.floats(0, 30)), max_size=8))
def test_whatever_is_said_a_hit_is_decided_only_in_its_ten_seconds_or_stays(said: list[tuple[Decision, float]]) -> None:
    hit, now = a_hit(), 0.0
    for decision, passed in said:
        now += passed
        before = hit
        try:
            hit = decide(hit, decision, SHIFT, now)
        except BadInput:
            continue
        assert hit.state is decision.state or (decision == SEEN and hit == before)
        assert (hit.decided_monotonic is None) == hit.is_open
        if not before.is_open and hit.is_open:
            assert decision.undone
            assert now - (before.decided_monotonic or 0.0) <= UNDO_SECONDS


# -- look, control's answer, stopped ---------------------------------------------------------------------------------


def said(hit: Hit, *decisions: Decision, seconds: float = 0.0) -> tuple[Hit, list[Outcome]]:
    """The hit after decisions a second apart, as its owner takes them, and their outcomes."""
    outcomes = list[Outcome]()
    for number, one in enumerate(decisions):
        decision = complete(hit, one)
        decided = decide(hit, decision, SHIFT, seconds + number)
        at = NOW + timedelta(seconds=seconds + number)
        fields = {name: getattr(decision, name) for name in Decision.__slots__}
        outcomes.append(Outcome(f"outcome-{number}", hit.hit_id, SHIFT.officer_id, at, **fields))
        hit = after_outcome(decided, outcomes[-1])
    return hit, outcomes


def test_look_and_answer_are_named_and_timed() -> None:
    hit, _ = said(a_hit(), confirmed(looked=True, look_choice="8"), WANTED)
    assert hit.look == Look("4821", NOW, "8")
    assert hit.answer == Answer(ControlAnswer.CONFIRMED, "4821", NOW + timedelta(seconds=1))


def test_seen_in_the_driver_view_is_no_look() -> None:
    hit, _ = said(a_hit(), SEEN)
    assert hit.look is None


def test_a_dismissal_with_the_picture_on_the_screen_is_a_look() -> None:
    hit, _ = said(a_hit(), dismissed(looked=True))
    assert hit.look == Look("4821", NOW)


def test_a_stop_after_a_look_and_controls_word() -> None:
    hit, _ = said(a_hit(), LOOKED, WANTED, ARREST)
    assert (hit.disposition, hit.override) == (Disposition.ARREST, None)


@pytest.mark.parametrize(
    "before", [(confirmed(),), (confirmed(), WANTED), (LOOKED,), (LOOKED, NOBODY), (LOOKED, NO_LONGER)]
)
@pytest.mark.parametrize("stop", [one for one in BUILT_IN if one.is_stop])
def test_no_stop_without_a_look_and_controls_word(before: tuple[Decision, ...], stop: Disposition) -> None:
    hit, _ = said(a_hit(), *before)
    with pytest.raises(BadInput, match="look at the picture and control's word"):
        decide(hit, disposed(stop), SHIFT, 5.0)
    hit, outcomes = said(hit, disposed(stop, Override.NO_ANSWER))
    assert (hit.disposition, outcomes[-1].override) == (stop, Override.NO_ANSWER)


@pytest.mark.parametrize("decision", [WANTED, NOBODY, NO_LONGER, ARREST, PASSED, FORCED])
@pytest.mark.parametrize("before", [(), (SEEN,), (LOOKED, UNDO)])
def test_an_open_hit_is_confirmed_first(before: tuple[Decision, ...], decision: Decision) -> None:
    hit, _ = said(a_hit(), *before)
    with pytest.raises(BadInput, match="confirm the hit first"):
        said(hit, decision)


def test_a_disposition_that_a_new_table_makes_a_stop_needs_what_a_stop_needs() -> None:
    before = Disposition("other", "Other", DispositionKind.NOT_STOPPED)
    hit, _ = said(a_hit(), confirmed(), disposed(before))
    with pytest.raises(BadInput, match="look at the picture"):
        said(hit, disposed(replace(before, kind=DispositionKind.STOPPED)))


def test_no_longer_wanted_ends_the_hit_as_an_entry_out_of_date_and_not_as_stopped() -> None:
    hit, (_, outcome) = said(a_hit(), LOOKED, NO_LONGER)
    assert hit.disposition is outcome.disposition is Disposition.NO_LONGER_WANTED
    assert not Disposition.NO_LONGER_WANTED.is_stop


def test_an_answer_can_be_corrected_and_takes_the_end_it_made_with_it() -> None:
    hit, _ = said(a_hit(), LOOKED, NO_LONGER, WANTED)
    assert (hit.disposition, hit.may_stop) == (None, True)
    hit, _ = said(hit, ARREST)
    assert hit.disposition is Disposition.ARREST


def test_a_stop_that_happened_stays_on_record_whatever_control_says_later() -> None:
    hit, outcomes = said(a_hit(), LOOKED, WANTED, ARREST, NO_LONGER)
    assert outcomes[-1].disposition is hit.disposition is Disposition.ARREST
    forced, outcomes = said(a_hit(), confirmed(), FORCED, WANTED)
    assert (forced.disposition, outcomes[-1].override) == (Disposition.ARREST, Override.DANGER)


def test_undo_takes_look_answer_and_disposition_back() -> None:
    hit, _ = said(a_hit(), LOOKED, WANTED, ARREST, UNDO)
    assert (hit.look, hit.answer, hit.disposition, hit.state) == (None, None, None, HitState.ACKNOWLEDGED)


@given(st.lists(st.tuples(st.sampled_from(ALL), st.floats(0, 6)), max_size=12))
def test_whatever_is_said_nothing_leads_to_stopped_without_look_and_answer_or_an_override(
    given_: list[tuple[Decision, float]],
) -> None:
    hit, now = a_hit(), 0.0
    for decision, passed in given_:
        now += passed
        before = hit
        if decision == SEEN and not hit.is_open:
            continue  # the owner makes no outcome of it
        try:
            hit, (outcome,) = said(hit, decision, seconds=now)
        except BadInput:
            continue
        if hit.disposition is not None and hit.disposition.is_stop and hit.disposition is not before.disposition:
            looked_and_asked = before.look is not None and before.answer is not None
            assert hit.override or (looked_and_asked and before.answer.said is ControlAnswer.CONFIRMED)  # type: ignore[union-attr]
        assert (outcome.disposition, outcome.override) == (hit.disposition, hit.override)
        if hit.look is not None and hit.look != before.look:
            assert decision.looked
        assert hit.is_open <= (hit.answer is None and hit.disposition is None)


class Owner:
    """Hits with fakes around them."""

    def __init__(self, clock: FakeClock) -> None:
        self.alerting, self.recording, self.events = FakeAlerting(), FakeRecording(), list[Event]()
        listeners = Listeners()
        listeners.add(self.events.append, tuple)
        self.hits = Hits(self.alerting, self.recording, clock, listeners)  # type: ignore[arg-type]

    def raise_hit(self, tier: Tier = Tier.PRIORITY, vrm: str = "AB12CDE") -> Hit:
        (hit,) = self.hits.made(a_read(vrm), [a_match(vrm, tier)], SHIFT)
        self.hits.keep([hit], EVIDENCE)
        return hit


@pytest.fixture
def owner(clock: FakeClock) -> Owner:
    return Owner(clock)


def test_an_outcome_carries_who_said_what(owner: Owner, clock: FakeClock) -> None:
    hit = owner.raise_hit()
    owner.hits.decide(hit.hit_id, corrected("ab12 cdf"), SHIFT)
    (outcome,) = owner.recording.outcomes
    assert (outcome.hit_id, outcome.officer_id, outcome.at) == (hit.hit_id, "4821", clock.utc())
    assert (outcome.state, outcome.verification, outcome.corrected_vrm) == (
        HitState.DISMISSED,
        Verification.MISREAD,
        "AB12CDF",
    )
    assert owner.events == [HitChanged(replace(hit, state=HitState.DISMISSED, decided_monotonic=1000.0), outcome)]
    assert owner.alerting.acknowledged == [hit.hit_id]


@pytest.mark.parametrize(
    ("decisions", "said"),
    [
        ([confirmed()], Decision(HitState.ACTIONED, Verification.CORRECT)),
        ([confirmed(), PASSED], Decision(HitState.ACTIONED, Verification.CORRECT, Disposition.PASSED_TO_CONTROL)),
        ([dismissed()], Decision(HitState.DISMISSED, Verification.COULD_NOT_VERIFY)),
        ([dismissed(Verification.CORRECT)], Decision(HitState.DISMISSED, Verification.CORRECT)),
        ([confirmed(), UNDO], Decision(HitState.ACKNOWLEDGED, undone=True)),
    ],
)
def test_an_outcome_carries_all_that_was_said(owner: Owner, decisions: list[Decision], said: Decision) -> None:
    hit = owner.raise_hit()
    for decision in decisions:
        owner.hits.decide(hit.hit_id, decision, SHIFT)
    outcome = owner.recording.outcomes[-1]
    told = (outcome.state, outcome.verification, outcome.disposition, outcome.corrected_vrm, outcome.undone)
    assert told == (said.state, said.verification, said.disposition, None, said.undone)


def test_a_stop_said_again_keeps_its_override(owner: Owner) -> None:
    hit = owner.raise_hit()
    for decision in (confirmed(), FORCED, ARREST):
        owner.hits.decide(hit.hit_id, decision, SHIFT)
    assert [one.override for one in owner.recording.outcomes] == [None, Override.DANGER, Override.DANGER]


def test_a_stop_by_override_is_in_the_audit_trail_once(owner: Owner) -> None:
    hit = owner.raise_hit()
    for decision in (confirmed(), FORCED, WANTED):
        owner.hits.decide(hit.hit_id, decision, SHIFT)
    assert owner.recording.audits == [("4821", STOPPED_WITHOUT)]
    assert [one.override for one in owner.recording.outcomes] == [None, Override.DANGER, Override.DANGER]


def test_no_two_outcomes_and_no_two_hits_have_one_id(owner: Owner) -> None:
    hits = [owner.raise_hit(), owner.raise_hit()]
    for hit in hits:
        owner.hits.decide(hit.hit_id, confirmed(), SHIFT)
    ids = [hit.hit_id for hit in hits] + [outcome.outcome_id for outcome in owner.recording.outcomes]
    assert len(set(ids)) == len(ids) == 5  # the first tap is about both sightings of the vehicle
    assert all(len(one) == 36 for one in ids)


def test_a_hit_is_raised_from_what_was_read_when_it_was_read(owner: Owner, clock: FakeClock) -> None:
    read, match = a_read(), a_match()
    clock.advance(7)
    (hit,), (without_a_shift,) = owner.hits.made(read, [match], SHIFT), owner.hits.made(read, [match], None)
    assert hit == Hit(hit.hit_id, read, match, clock.utc(), clock.monotonic(), SHIFT.shift_id)
    assert without_a_shift.shift_id is None


def test_a_shift_that_goes_on_brings_its_open_hits_and_counts(owner: Owner) -> None:
    stored = a_hit()
    decided = [a_hit(state=HitState.ACTIONED)] * 3 + [a_hit(state=HitState.DISMISSED)] * 2
    decided = [replace(hit, hit_id=f"hit-{number}") for number, hit in enumerate(decided)]
    owner.hits.begin([stored, *decided], {stored.hit_id: EVIDENCE})
    assert owner.hits.open_hits() == [(stored, EVIDENCE)]
    assert dict(owner.hits.shift_hits()) == {stored: EVIDENCE} | dict.fromkeys(decided, NO_PICTURES)
    assert owner.hits.counts() == HitCounts(confirmed=3, dismissed=2, unresolved=1)
    for decision in (confirmed(), dismissed(), dismissed()):  # in memory
        owner.hits.decide(owner.raise_hit(vrm="K7PTL").hit_id, decision, SHIFT)
    assert owner.hits.counts() == HitCounts(confirmed=4, dismissed=4, unresolved=1)
    assert owner.hits.counts().hits == 9


def test_that_a_hit_was_seen_is_recorded_once_and_silences_every_time(owner: Owner) -> None:
    hit = owner.raise_hit()
    for _ in range(2):
        owner.hits.decide(hit.hit_id, SEEN, SHIFT)
    assert [outcome.state for outcome in owner.recording.outcomes] == [HitState.ACKNOWLEDGED]
    assert owner.alerting.acknowledged == [hit.hit_id] * 2


def test_what_the_records_refuse_has_not_happened(owner: Owner, monkeypatch: pytest.MonkeyPatch) -> None:
    hit = owner.raise_hit()

    def refuse(_: object) -> None:
        raise BadInput("The records are closed.")

    monkeypatch.setattr(owner.recording, "keep_outcome", refuse)
    with pytest.raises(BadInput, match="closed"):
        owner.hits.decide(hit.hit_id, confirmed(), SHIFT)
    assert [one.state for one, _ in owner.hits.open_hits()] == [HitState.RAISED]
    assert owner.events == []


def test_open_hits_are_in_order_and_without_silent_ones(owner: Owner, clock: FakeClock) -> None:
    order = []
    for tier in (Tier.ROUTINE, Tier.SILENT, Tier.IMMEDIATE, Tier.ROUTINE):
        clock.advance(1)
        order.append(owner.raise_hit(tier).hit_id)
    assert [hit.hit_id for hit, _ in owner.hits.open_hits()] == [order[2], order[0], order[3]]
    assert owner.hits.counts() == HitCounts(unresolved=3)


def test_an_end_forgets_everything(owner: Owner) -> None:
    hit = owner.raise_hit()
    owner.hits.end()
    assert owner.hits.open_hits() == []
    assert owner.hits.counts().hits == 0
    with pytest.raises(BadInput, match=r"^This hit is not of the shift under way\.$"):
        owner.hits.decide(hit.hit_id, confirmed(), SHIFT)
