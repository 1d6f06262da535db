"""What the absence of a Read means: minutes, their parts, their reasons, and the strip made of them."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from patrol_anpr.domain.coverage import (
    Blind,
    CoverageMinute,
    MinuteCounts,
    bars,
    blind_because,
    count,
    joined,
    minute_of,
)

AT = datetime(2026, 11, 21, 21, 43, tzinfo=UTC)


def a_minute(number: int = 0, camera: str = "front", seconds: float = 60.0, **blind: float) -> CoverageMinute:
    reasons = {Blind(reason): span for reason, span in blind.items()}
    return CoverageMinute(camera, AT + timedelta(minutes=number), "shift-1", seconds, reasons, 1800, 900, 4, 1, 90.0)


def test_a_minute_is_blind_when_more_than_half_of_it_was() -> None:
    assert a_minute(dark=30.0).reason is None
    assert a_minute(dark=31.0).reason is Blind.DARK
    assert a_minute(dark=20.0, blurred=25.0).reason is Blind.BLURRED
    assert a_minute(seconds=0.0).reason is None


def test_one_reason_is_told_of_several() -> None:
    assert blind_because([Blind.SKIPPED, Blind.DARK]) is Blind.DARK
    assert blind_because([]) is None


def test_the_parts_of_a_cut_minute_are_one() -> None:
    parts = [a_minute(seconds=20, dark=5), a_minute(1), a_minute(seconds=25, dark=2, lost=1), a_minute(camera="rear")]
    first, rear, second = joined(parts)
    assert (first.seconds, dict(first.blind)) == (45, {Blind.DARK: 7, Blind.LOST: 1})
    assert (first.offered, first.read, first.reads, first.unread, first.widest) == (3600, 1800, 8, 2, 90.0)
    assert (rear.camera_id, second.minute) == ("rear", AT + timedelta(minutes=1))


def test_minutes_are_counted_by_their_verdict() -> None:
    assert count([a_minute(0), a_minute(1, dark=31), a_minute(2, dark=29)]) == MinuteCounts(2, 1, 3)
    assert count([]) == MinuteCounts()


def test_the_minute_of_a_moment() -> None:
    assert minute_of(AT + timedelta(seconds=59.9)) == AT


def test_what_nobody_watched_is_neither_usable_nor_blind() -> None:
    one, gap, two = bars([a_minute(0, lost=15), a_minute(2, seconds=30)], AT, AT + timedelta(minutes=3), 100)
    assert (one.usable, one.blind) == (0.75, 0.25)
    assert (gap.minutes, gap.usable, gap.blind) == (None, 0.0, 0.0)
    assert (two.usable, two.blind) == (0.5, 0.0)


@given(st.lists(st.integers(0, 719), unique=True), st.integers(1, 200), st.integers(1, 720))
def test_a_strip_loses_no_second(numbers: list[int], most: int, length: int) -> None:
    numbers = [number for number in numbers if number < length]
    strip = bars([a_minute(n, dark=10) for n in numbers], AT, AT + timedelta(minutes=length), most)
    assert len(strip) <= most
    assert strip[-1].end >= AT + timedelta(minutes=length)
    assert all(one.end == other.begin for one, other in pairwise(strip))
    assert sum(bar.minutes.seconds for bar in strip if bar.minutes) == 60 * len(numbers)
