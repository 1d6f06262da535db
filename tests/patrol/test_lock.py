"""The lock of the screen: only the officer signed on opens it; every try is on record; hits sound without a word."""

import pytest
from argon2 import PasswordHasher

from patrol_anpr.domain.errors import BadInput
from patrol_anpr.domain.health import LampState
from patrol_anpr.domain.shift import PIN_ACCEPTED, PIN_REFUSED, Officer
from patrol_anpr.patrol.pins import FREE_TRIES
from tests.alerting.made import until
from tests.conftest import FakeClock
from tests.fakes import FakeRecording

from .test_patrol import Car

QUICK = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
OFFICERS = (Officer("4821", "A. Example", QUICK.hash("2580")), Officer("5177", "B. Example", QUICK.hash("1111")))


@pytest.fixture
def car(clock: FakeClock):
    car = Car(clock, recording=FakeRecording(officers=OFFICERS))
    car.sign_on("4821", "2580")
    yield car
    car.patrol.close()


def test_locking_hushes_hits_and_the_pin_opens_it(car: Car) -> None:
    lock = car.patrol.lock
    assert lock.needs_pin
    lock.lock()
    assert lock.is_locked
    assert car.alerting.discreet
    car.raise_hit()
    assert car.story[0][0] == "sound"  # without words: the announcer sees to that
    lock.unlock("2580").result(10)
    assert not lock.is_locked
    assert not car.alerting.discreet
    assert [entry for entry in car.recording.audits if entry[1] in ("locked", "unlocked")] == [
        ("4821", "locked"),
        ("4821", "unlocked"),
    ]


def test_a_lock_in_the_moment_of_the_opening_is_not_overheard(car: Car, monkeypatch: pytest.MonkeyPatch) -> None:
    lock, hush = car.patrol.lock, car.alerting.set_discreet
    lock.lock()

    def locked_first(discreet: bool) -> None:
        monkeypatch.setattr(car.alerting, "set_discreet", hush)
        lock.lock()  # on the window's thread, before this one has spoken up
        hush(discreet)

    monkeypatch.setattr(car.alerting, "set_discreet", locked_first)
    lock.unlock("2580").result(10)
    assert lock.is_locked
    assert car.alerting.discreet


@pytest.mark.parametrize("pin", ["", "1111", "25800"])
def test_no_other_pin_opens_it_and_each_try_is_on_record(car: Car, pin: str) -> None:
    car.patrol.lock.lock()
    with pytest.raises(BadInput, match="not right"):
        car.patrol.lock.unlock(pin).result(10)
    assert car.patrol.lock.is_locked
    assert car.alerting.discreet
    assert car.recording.audits[-1] == ("4821", PIN_REFUSED)
    car.patrol.lock.unlock("2580").result(10)
    assert ("4821", PIN_ACCEPTED) in car.recording.audits[-2:]


def test_guessing_at_the_lock_has_to_wait_as_at_sign_on(car: Car, clock: FakeClock) -> None:
    car.patrol.lock.lock()
    for _ in range(FREE_TRIES):
        with pytest.raises(BadInput, match="not right"):
            car.patrol.lock.unlock("0000").result(10)
    with pytest.raises(BadInput, match="Too many wrong PINs"):
        car.patrol.lock.unlock("2580").result(10)
    clock.advance(31)
    car.patrol.lock.unlock("2580").result(10)


def test_an_officer_who_leaves_the_roster_can_still_open_what_they_locked(car: Car) -> None:
    car.patrol.lock.lock()
    car.patrol.roster_fetched(OFFICERS[1:])
    car.patrol.lock.unlock("2580").result(10)


def test_with_nobody_signed_on_there_is_nothing_to_lock(car: Car) -> None:
    car.patrol.lock.lock()
    car.patrol.sign_off().result(10)
    assert not car.patrol.lock.is_locked
    assert not car.alerting.discreet
    car.patrol.lock.lock()
    assert not car.patrol.lock.is_locked
    with pytest.raises(BadInput, match="Nobody is signed on"):
        car.patrol.lock.unlock("2580").result(10)


def test_a_crew_without_pins_opens_it_without_one(clock: FakeClock) -> None:
    car = Car(clock)
    car.sign_on()
    car.patrol.lock.lock()
    assert not car.patrol.lock.needs_pin
    car.patrol.lock.unlock("").result(10)
    assert not car.patrol.lock.is_locked
    car.patrol.close()


def test_lock_and_sign_off_destroy_what_a_pin_opens_and_unlocking_makes_it_anew(car: Car) -> None:
    assert car.recording.opened_by == ("4821", "2580")
    car.patrol.lock.lock()
    until(lambda: car.recording.opened_by is None)
    car.patrol.lock.unlock("2580").result(10)
    assert car.recording.opened_by == ("4821", "2580")
    car.patrol.sign_off().result(10)
    assert car.recording.opened_by is None


def test_what_stays_on_the_disk_is_said_until_it_is_gone(car: Car) -> None:
    def lamp() -> LampState | None:
        return next((one.state for one in car.patrol.lamps() if one.key == "records-locked"), None)

    car.recording.stuck = "The records could not be locked on the disk."
    car.patrol.lock.lock()
    until(lambda: lamp() is LampState.BAD)
    car.recording.stuck = ""
    car.patrol.sign_off().result(10)
    assert lamp() is LampState.GOOD
