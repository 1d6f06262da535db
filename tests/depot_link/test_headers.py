"""The times in the head of an answer: whatever stands there, it is read or it is nothing."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from patrol_anpr.depot_link.headers import moment_of, wait_of

NOW = datetime(2026, 11, 30, 8, 0, tzinfo=UTC)

numbers = st.integers(-(10**30), 10**30)
almost_dates = st.builds("Mon, {} Nov {} {}:{}:00 {:+}".format, numbers, numbers, numbers, numbers, numbers)


@given(st.text() | almost_dates)
def test_any_text_is_a_moment_in_utc_or_none(text: str):
    moment = moment_of(text)
    assert moment is None or moment.utcoffset() == NOW.utcoffset()
    wait = wait_of(text, NOW)
    assert wait is None or wait >= 0


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("Mon, 30 Nov 2026 08:00:30 GMT", NOW.replace(second=30)),
        ("Mon, 30 Nov 2026 09:00:30 +0100", NOW.replace(second=30)),
        ("Mon, 30 Nov 2026 08:00:00 +99999999999999999999999", None),
        ("Fri, 31 Dec 9999 23:59:00 -2300", None),
        ("Sat, 1 Jan 99999999999999999999 00:00:00 GMT", None),
        ("", None),
    ],
)
def test_a_date(text: str, moment: datetime | None):
    assert moment_of(text) == moment


def test_a_wait_is_in_seconds_or_until_a_moment():
    assert wait_of("7", NOW) == 7
    assert wait_of("Mon, 30 Nov 2026 08:00:30 GMT", NOW) == 30
    assert wait_of("Mon, 30 Nov 2026 07:00:00 GMT", NOW) == 0
    assert wait_of("9" * 400, NOW) is None
