"""Searching by a part of a mark: what a pattern fits, folded as everywhere."""

import re
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from patrol_anpr.domain.errors import BadInput
from patrol_anpr.domain.search import LONGEST_PATTERN, MarkPattern
from patrol_anpr.domain.vrm import ALPHABET, fold

MARKS = st.text(ALPHABET, min_size=1, max_size=8)
PATTERNS = st.text(ALPHABET + "?*", min_size=1, max_size=8)


@pytest.mark.parametrize(
    ("entered", "fits", "fits_not"),
    [
        ("12c", ["AB12CDE"], ["AB21CDE"]),
        ("AB12 CDE", ["AB12CDE"], ["AB12CDF"]),
        ("AB?2*", ["AB12CDE", "ABX2"], ["XAB12CDE", "AB2"]),
        ("*CDE", ["AB12CDE", "CDE"], ["CDEX"]),
        ("?????", ["AB123"], ["AB12", "AB1234"]),
        ("O1", ["A01BCD", "AOIB", "A0IB"], ["AB12CDE"]),
        ("*", ["AB12CDE", "A1"], []),
    ],
)
def test_what_a_pattern_fits(entered: str, fits: list[str], fits_not: list[str]) -> None:
    pattern = MarkPattern.of(entered)
    assert [vrm for vrm in fits if not pattern.fits(vrm)] == []
    assert [vrm for vrm in fits_not if pattern.fits(vrm)] == []


def by_hand(pattern: str, mark: str) -> bool:
    """The rule told another way: character by character."""
    if not pattern:
        return not mark
    if pattern[0] == "*":
        return by_hand(pattern[1:], mark) or (bool(mark) and by_hand(pattern, mark[1:]))
    return bool(mark) and pattern[0] in ("?", mark[0]) and by_hand(pattern[1:], mark[1:])


@given(PATTERNS, MARKS)
def test_a_pattern_fits_what_its_characters_say(entered: str, mark: str) -> None:
    whole = entered if set(entered) & {"?", "*"} else f"*{entered}*"
    assert MarkPattern.of(entered).fits(mark) is by_hand(fold(whole), fold(mark))


@given(MARKS, st.data())
def test_a_part_of_a_mark_finds_it_whatever_is_put_for_a_character(mark: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(mark) - 1))
    end = data.draw(st.integers(start + 1, len(mark)))
    assert MarkPattern.of(mark[start:end].lower()).fits(mark)
    place = data.draw(st.integers(0, len(mark) - 1))
    assert MarkPattern.of(f"{mark[:place]}?{mark[place + 1 :]}").fits(mark)
    assert MarkPattern.of(f"{mark[:start]}*{mark[end:]}").fits(mark)


@given(st.text())
def test_whatever_is_entered_makes_a_pattern_or_a_sentence(entered: str) -> None:
    if not set(entered) & set(ALPHABET + ALPHABET.lower() + "?*"):
        with pytest.raises(BadInput, match="Enter some letters"):
            MarkPattern.of(entered)
    else:
        with suppress(BadInput):  # it is too long
            assert re.fullmatch(rf"[A-Z0-9?*]{{1,{LONGEST_PATTERN}}}", MarkPattern.of(entered).text)
