"""PINs are checked offline; guessing is slowed, for an officer and for the whole car, across restarts."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import pytest
from argon2 import PasswordHasher

from patrol_anpr.domain.errors import BadInput
from patrol_anpr.domain.shift import Crew, Officer, PinTry
from patrol_anpr.patrol.pins import FREE_TRIES, FREE_TRIES_IN_CAR, MOST_TRIES, WAIT_SECONDS, PinGate
from patrol_anpr.patrol.shifts import Shifts
from tests.conftest import FakeClock
from tests.fakes import FakeRecording

CHEAP = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
MARLOW = Officer("4821", "A. Example", CHEAP.hash("1234"))


def fail(gate: PinGate, times: int, officer: Officer = MARLOW) -> None:
    for _ in range(times):
        assert not gate.check(officer, "0000")


def test_the_right_pin_and_a_wrong_one(clock: FakeClock) -> None:
    gate = PinGate(clock)
    assert gate.check(MARLOW, "1234")
    assert not gate.check(MARLOW, "1235")


def test_a_verifier_that_is_none_refuses(clock: FakeClock) -> None:
    assert not PinGate(clock).check(Officer("1", "B. Example", "not a hash"), "1234")


def test_an_officer_without_a_verifier_needs_no_pin(clock: FakeClock) -> None:
    """A car without a depot has its own crew and no PINs."""
    assert PinGate(clock).check(Officer("LOCAL", "This car's crew", ""), "")


def test_after_five_wrong_pins_each_try_waits_from_the_last_one(clock: FakeClock) -> None:
    gate = PinGate(clock)
    fail(gate, FREE_TRIES - 1)
    clock.advance(20)
    fail(gate, 1)  # the wait counts from this one, not from the first
    clock.advance(WAIT_SECONDS - 1)
    with pytest.raises(BadInput, match=r"Try again in 1 second\."):
        gate.check(MARLOW, "1234")
    clock.advance(1)
    fail(gate, 1)
    with pytest.raises(BadInput, match="30 seconds"):
        gate.check(MARLOW, "1234")


def test_a_right_pin_clears_the_failures(clock: FakeClock) -> None:
    gate = PinGate(clock)
    fail(gate, FREE_TRIES - 1)
    assert gate.check(MARLOW, "1234")
    fail(gate, FREE_TRIES - 1)
    assert gate.check(MARLOW, "1234")


def test_guessing_through_the_roster_is_slowed_too(clock: FakeClock) -> None:
    gate = PinGate(clock)
    for number in range(FREE_TRIES_IN_CAR):
        fail(gate, 1, Officer(f"PC{number}", "B. Example", MARLOW.pin_hash))
    with pytest.raises(BadInput, match="30 seconds"):
        gate.check(MARLOW, "1234")


def test_a_restart_opens_no_gate(clock: FakeClock) -> None:
    now = clock.utc()
    tries = [PinTry("4821", now - timedelta(seconds=10), right=False)] * FREE_TRIES
    gate = PinGate(clock, tries)
    with pytest.raises(BadInput, match="20 seconds"):
        gate.check(MARLOW, "1234")
    clock.advance(20)
    assert gate.check(MARLOW, "1234")


def test_what_was_cleared_before_a_restart_stays_cleared(clock: FakeClock) -> None:
    tries = [PinTry("4821", clock.utc(), right) for right in [False] * FREE_TRIES + [True]]
    assert PinGate(clock, tries).check(MARLOW, "1234")


def test_a_try_on_record_from_the_future_locks_nobody_out_for_longer(clock: FakeClock) -> None:
    gate = PinGate(clock, [PinTry("4821", clock.utc() + timedelta(days=9), right=False)] * FREE_TRIES)
    with pytest.raises(BadInput, match=r"^Too many wrong PINs\. Try again in 30 seconds\.$"):
        gate.check(MARLOW, "1234")
    clock.advance(WAIT_SECONDS)
    assert gate.check(MARLOW, "1234")


@pytest.fixture
def recording() -> FakeRecording:
    return FakeRecording(officers=(MARLOW,))


def shifts_of(recording: FakeRecording, clock: FakeClock) -> Shifts:
    return Shifts(recording, clock, ("TA14",), recording.roster)  # type: ignore[arg-type]


def test_every_try_is_audited_also_one_that_comes_too_soon(recording: FakeRecording, clock: FakeClock) -> None:
    shifts = shifts_of(recording, clock)
    for _ in range(FREE_TRIES):
        with pytest.raises(BadInput, match="not right"):
            shifts.admit("4821", "0000", "TA14")
    with pytest.raises(BadInput, match="Too many"):
        shifts.admit("4821", "1234", "TA14")
    clock.advance(WAIT_SECONDS)
    assert shifts.admit("4821", "1234", "TA14") == MARLOW
    assert recording.audits == [("4821", "pin_refused")] * 5 + [("4821", "pin_too_soon"), ("4821", "pin_accepted")]


@pytest.mark.parametrize(
    ("officer", "unit", "sentence"),
    [("9999", "TA14", "not on the roster"), ("4821", "TA99", "does not run under that call sign")],
)
def test_a_stranger_and_another_cars_call_sign_are_refused(
    recording: FakeRecording, clock: FakeClock, officer: str, unit: str, sentence: str
) -> None:
    with pytest.raises(BadInput, match=sentence):
        shifts_of(recording, clock).admit(officer, "1234", unit)


def test_the_crew_stands_in_the_audit_trail(recording: FakeRecording, clock: FakeClock) -> None:
    shifts_of(recording, clock).begin(MARLOW, "TA14", Crew.WITH_OBSERVER)
    assert recording.audits[-1] == ("4821", "sign_on")


def test_the_wait_never_reads_as_none(clock: FakeClock) -> None:
    gate = PinGate(clock)
    fail(gate, FREE_TRIES)
    clock.advance(WAIT_SECONDS - 0.2)
    with pytest.raises(BadInput, match=r"Try again in 1 second\."):
        gate.check(MARLOW, "1234")


def synced_gate(clock: FakeClock, synced: list[datetime], tries: Sequence[PinTry] = ()) -> PinGate:
    return PinGate(clock, tries, lambda: synced[-1])


def fail_slowly(gate: PinGate, clock: FakeClock, times: int) -> None:
    for _ in range(times):
        clock.advance(WAIT_SECONDS)
        fail(gate, 1)


def test_after_ten_wrong_pins_none_counts_before_the_next_sync(clock: FakeClock) -> None:
    synced = [clock.utc()]
    gate = synced_gate(clock, synced)
    fail_slowly(gate, clock, MOST_TRIES)
    clock.advance(3600)
    with pytest.raises(BadInput, match="none counts any more"):
        gate.check(MARLOW, "1234")
    assert gate.check(Officer("5177", "B. Example", MARLOW.pin_hash), "1234")  # nobody else is shut out
    synced.append(clock.utc())
    fail(gate, 1)  # the waits hold on
    with pytest.raises(BadInput, match="30 seconds"):
        gate.check(MARLOW, "1234")
    clock.advance(WAIT_SECONDS)
    assert gate.check(MARLOW, "1234")


def test_a_restart_opens_no_shut_gate_and_a_sync_before_it_does(clock: FakeClock) -> None:
    now = clock.utc()
    tries = [PinTry("4821", now - timedelta(minutes=60 - number), right=False) for number in range(MOST_TRIES)]
    with pytest.raises(BadInput, match="none counts"):
        synced_gate(clock, [now - timedelta(hours=2)], tries).check(MARLOW, "1234")
    assert synced_gate(clock, [now - timedelta(minutes=1)], tries).check(MARLOW, "1234")


def test_a_car_that_cannot_ask_a_depot_only_waits(clock: FakeClock) -> None:
    gate = PinGate(clock)
    fail_slowly(gate, clock, 2 * MOST_TRIES - 1)
    clock.advance(WAIT_SECONDS)
    assert gate.check(MARLOW, "1234")


def test_the_tenth_wrong_pin_destroys_what_a_pin_opens(recording: FakeRecording, clock: FakeClock) -> None:
    recording.synced, recording.opened_by = clock.utc(), ("4821", "1234")
    shifts = shifts_of(recording, clock)
    for number in range(MOST_TRIES):
        clock.advance(WAIT_SECONDS)
        with pytest.raises(BadInput, match="not right" if number + 1 < MOST_TRIES else "none counts"):
            shifts.admit("4821", "0000", "TA14")
    assert recording.opened_by is None
    assert recording.audits[-1] == ("4821", "pin_refused")


def test_pins_count_for_so_many_hours_after_a_sync(recording: FakeRecording, clock: FakeClock) -> None:
    recording.synced = clock.utc()
    shifts = shifts_of(recording, clock)
    clock.advance(72 * 3600)
    assert shifts.admit("4821", "1234", "TA14") == MARLOW
    assert recording.opened_by == ("4821", "1234")
    clock.advance(1)
    with pytest.raises(BadInput, match="from a sync more than 72 hours ago"):
        shifts.admit("4821", "1234", "TA14")
    recording.synced = clock.utc()
    assert shifts.admit("4821", "1234", "TA14") == MARLOW
