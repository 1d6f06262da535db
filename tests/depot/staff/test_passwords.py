"""Which passwords may be, and how long one waits who guesses."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from patrol_anpr.depot.staff import passwords
from patrol_anpr.depot.staff.passwords import hash_of, is_right, why_refused
from patrol_anpr.depot.staff.tries import FREE, LONGEST, wait_after

GOOD = ("copper lantern biscuit", "Zu9!kkfwPq2x", "träumende Füchse im Regen", "correct horse battery staple")
BAD = (
    "short", "elevenchars", "passwordpassword", "Password1234567", "qwertyuiop1234", "123456789012", "aaaaaaaaaaaaaaa",
    "abababababababab", "Summer2026Winter2026", "anna.analyst-is-me", "I am Invented here", "x" * 129, "",
    "letmeinletmein1", "patrol anpr depot",
)  # fmt: skip


@pytest.mark.parametrize("password", GOOD)
def test_a_good_password_is_taken(password: str):
    assert why_refused(password, "anna.analyst", "Anna Invented") == ""


@pytest.mark.parametrize("password", BAD)
def test_a_bad_one_is_refused_with_a_sentence_that_does_not_repeat_it(password: str):
    sentence = why_refused(password, "anna.analyst", "Anna Invented")
    assert sentence.endswith(".")
    assert not password or password not in sentence


def test_only_the_right_one_is_right_and_none_is_where_none_is_kept():
    kept = hash_of(GOOD[0])
    assert kept.startswith("$argon2id$")
    assert is_right(GOOD[0], kept)
    assert not is_right(GOOD[1], kept)
    assert not is_right("what nobody has", "")
    assert not is_right(GOOD[0], "damaged")


def test_the_work_is_the_same_where_nobody_is(monkeypatch):
    asked: list[str] = []

    class Counted:
        def verify(self, kept: str, _password: str) -> bool:
            asked.append(kept.rpartition("$")[0].rpartition("$")[0])
            return True

    kept = hash_of(GOOD[0])
    monkeypatch.setattr(passwords, "_HASHER", Counted())
    is_right("x", "")
    is_right("x", kept)
    assert asked == [kept.rpartition("$")[0].rpartition("$")[0]] * 2, "one verification each, of the same cost"


@given(st.integers(0, 10_000), st.sampled_from(sorted(FREE)))
def test_the_wait_grows_and_has_an_end(failed: int, kind: str):
    free = FREE[kind]
    wait = wait_after(failed, free)
    assert (wait == timedelta()) is (failed < free)
    assert wait <= wait_after(failed + 1, free) <= LONGEST
