"""PINs are checked offline; guessing is slowed, for an officer and for the whole car, across restarts."""

from datetime import timedelta

import pytest
from argon2 import PasswordHasher

from patrol_anpr.domain.errors import BadInput
from patrol_anpr.domain.shift import Crew, Officer, PinTry
from patrol_anpr.patrol.pins import FREE_TRIES, FREE_TRIES_IN_CAR, WAIT_SECONDS, PinGate
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
