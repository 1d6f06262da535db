"""Which PINs an officer may have."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from patrol_anpr.depot.pins import FEWEST, MOST, why_refused

EASY = (
    *("00000000", "11112222", "12121212", "12341234", "123123123", "19901990"),
    *("12345678", "87654321", "01234567", "90123456", "23456780", "123456789012"),
    *("14725836", "74185296", "15935715", "12369874", "14789632"),
    *("31122001", "12312001", "20011231", "0131121975", "00820482"),
    *("31415926", "27182818", "482148214821", "48214821"),
)
HARD = ("25803614", "73052846", "60417283", "19538264", "80265914", "905174382617")


@pytest.mark.parametrize("pin", EASY)
def test_what_a_thief_tries_first_is_refused(pin: str) -> None:
    assert "not easily guessed" in why_refused(pin, "PC00820482")


@pytest.mark.parametrize("pin", HARD)
def test_what_is_not_easily_guessed_is_taken(pin: str) -> None:
    assert why_refused(pin, "PC1001") == ""


@pytest.mark.parametrize("pin", ["", "1234567", "correct horse battery", "8026591x", "8026591٣", "9051743826174"])
def test_the_pad_of_a_car_takes_8_to_12_digits(pin: str) -> None:
    assert why_refused(pin, "PC1001") == "a PIN of 8 to 12 digits"


@given(days=st.integers(0, 365 * 150), form=st.sampled_from(["%d%m%Y", "%m%d%Y", "%Y%m%d"]))
def test_no_birthday(days: int, form: str) -> None:
    assert why_refused((date(1900, 1, 1) + timedelta(days)).strftime(form), "PC1") != ""


@given(pin=st.text("0123456789", min_size=FEWEST, max_size=MOST))
def test_what_is_said_repeats_no_pin(pin: str) -> None:
    assert pin not in why_refused(pin, "PC1001")


def test_most_pins_stay() -> None:
    """A rule that refuses much would only narrow down what is left."""
    some = [f"{number:08}" for number in range(7, 10**8, 99_991)]
    taken = sum(not why_refused(pin, "PC1001") for pin in some)
    assert taken / len(some) > 0.9
