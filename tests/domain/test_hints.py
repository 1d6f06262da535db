"""What is said of a mark while it is entered."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from patrol_anpr.domain.hints import hint
from patrol_anpr.domain.vrm import ALPHABET, VrmFormat, format_of

TODAY = date(2026, 11, 21)


@pytest.mark.parametrize(
    ("entered", "kind", "may_become", "follows"),
    [
        ("AB12", VrmFormat.DATELESS, VrmFormat.CURRENT, "LD"),
        ("AB12CD", VrmFormat.OTHER, VrmFormat.CURRENT, "L"),
        ("AB12CDE", VrmFormat.CURRENT, None, ""),
        ("K7PT", VrmFormat.OTHER, VrmFormat.PREFIX, "L"),
        ("ABC123", VrmFormat.DATELESS, VrmFormat.SUFFIX, "L"),
        ("AIZ12", VrmFormat.NORTHERN_IRELAND, VrmFormat.NORTHERN_IRELAND, "D"),
        ("101D2", VrmFormat.OTHER, VrmFormat.DIPLOMATIC, "D"),
        ("Q12AB", VrmFormat.OTHER, VrmFormat.Q_PLATE, "L"),
    ],
)
def test_what_a_beginning_can_become(entered: str, kind: VrmFormat, may_become: VrmFormat | None, follows: str) -> None:
    said = hint(entered, TODAY)
    assert said.format is kind
    assert (may_become in said.may_become) if may_become else said.may_become == ()
    assert said.impossible is None
    if kind is VrmFormat.OTHER or not may_become:
        assert "L" * said.next_letter + "D" * said.next_digit == follows


@pytest.mark.parametrize(
    ("entered", "place"), [("AB12CDI", 6), ("AB12QDE", 4), ("AB00CDE", 3), ("12345", 4), ("ABCD", 3), ("0", 0)]
)
def test_what_no_uk_mark_has_is_marked(entered: str, place: int) -> None:
    assert hint(entered, TODAY).impossible == place


def test_an_age_code_that_is_none_yet() -> None:
    assert hint("AB80CDE", TODAY).not_issued
    assert not hint("AB76CDE", TODAY).not_issued


@given(st.from_regex(r"[A-HJ-PR-Y]{2}(0[2-9]|[1-4]\d|5[1-9])[A-HJ-PR-Z]{3}", fullmatch=True), st.integers(0, 6))
def test_every_beginning_of_a_current_mark_is_one(vrm: str, length: int) -> None:
    said = hint(vrm[:length], TODAY)
    assert VrmFormat.CURRENT in said.may_become
    assert said.impossible is None


@given(st.text(ALPHABET, max_size=12))
def test_whatever_is_entered_gets_a_hint(vrm: str) -> None:
    said = hint(vrm, TODAY)
    assert said.format is format_of(vrm)
    if said.impossible is not None:
        assert said.may_become == ()
        assert hint(vrm[: said.impossible], TODAY).impossible is None
