"""The rules of registration marks. All marks are invented."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from patrol_anpr.domain.vrm import (
    ALPHABET,
    CONFUSABLES,
    FORMAT_MASKS,
    VrmFormat,
    both_legal,
    fold,
    format_of,
    issued_by,
    normalise,
    shape,
    spaced,
)

MARKS = st.text(ALPHABET, min_size=1, max_size=8)
LEGAL = st.sampled_from(list(VrmFormat)).filter(lambda f: f in FORMAT_MASKS).flatmap(
    lambda f: st.sampled_from(FORMAT_MASKS[f]).flatmap(
        lambda mask: st.tuples(
            *(st.sampled_from("ABCDEFGHIJKLMNOPQRSTUVWXYZ" if kind == "L" else "0123456789") for kind in mask)
        ).map("".join)
    )
)  # fmt: skip


@pytest.mark.parametrize(
    ("vrm", "expected", "on_the_plate"),
    [
        ("AB12CDE", VrmFormat.CURRENT, "AB12 CDE"),
        ("YZ12CDE", VrmFormat.OTHER, "YZ12CDE"),  # tag letters never I Q Z
        ("AB12CDZ", VrmFormat.CURRENT, "AB12 CDZ"),
        ("AB12CDI", VrmFormat.OTHER, "AB12CDI"),  # last three never I Q
        ("AB00CDE", VrmFormat.OTHER, "AB00CDE"),
        ("AB01CDE", VrmFormat.OTHER, "AB01CDE"),
        ("AB50CDE", VrmFormat.OTHER, "AB50CDE"),
        ("A123BCD", VrmFormat.PREFIX, "A123 BCD"),
        ("Z123BCD", VrmFormat.OTHER, "Z123BCD"),
        ("A012BCD", VrmFormat.OTHER, "A012BCD"),  # no leading 0
        ("BCD123A", VrmFormat.SUFFIX, "BCD 123A"),
        ("BCD123U", VrmFormat.OTHER, "BCD123U"),
        ("BQD123A", VrmFormat.OTHER, "BQD123A"),
        ("Q123BCD", VrmFormat.Q_PLATE, "Q123 BCD"),
        ("AIZ1234", VrmFormat.NORTHERN_IRELAND, "AIZ 1234"),
        ("AZ12", VrmFormat.NORTHERN_IRELAND, "AZ 12"),
        ("BIA7", VrmFormat.NORTHERN_IRELAND, "BIA 7"),
        ("ABC1234", VrmFormat.OTHER, "ABC1234"),  # neither I nor Z: not Northern Ireland
        ("123D456", VrmFormat.DIPLOMATIC, "123 D456"),
        ("123X456", VrmFormat.DIPLOMATIC, "123 X456"),
        ("1234AB", VrmFormat.DATELESS, "1234 AB"),
        ("1A", VrmFormat.DATELESS, "1 A"),
        ("ABC123", VrmFormat.DATELESS, "ABC 123"),
        ("XU1234", VrmFormat.DATELESS, "XU 1234"),
        ("12345", VrmFormat.OTHER, "12345"),
        ("", VrmFormat.OTHER, ""),
    ],
)
def test_formats_and_spacing(vrm: str, expected: VrmFormat, on_the_plate: str) -> None:
    assert format_of(vrm) is expected
    assert spaced(vrm) == on_the_plate


@given(st.text())
def test_normalising_is_idempotent_and_leaves_only_the_alphabet(text: str) -> None:
    once = normalise(text)
    assert normalise(once) == once
    assert set(once) <= set(ALPHABET)
    assert len(once) <= len(text)


@given(st.text())
def test_folding_is_idempotent_and_keeps_the_length(text: str) -> None:
    assert fold(fold(text)) == fold(text)
    assert len(fold(text)) == len(text)


@given(st.one_of(MARKS, LEGAL))
def test_spacing_adds_at_most_one_space_and_nothing_else(vrm: str) -> None:
    assert spaced(vrm).replace(" ", "") == vrm
    assert normalise(spaced(vrm)) == vrm
    assert spaced(vrm).count(" ") == (format_of(vrm) is not VrmFormat.OTHER)


@given(st.one_of(MARKS, LEGAL))
def test_a_mark_has_a_mask_of_its_format(vrm: str) -> None:
    kind = format_of(vrm)
    if kind is VrmFormat.OTHER:
        assert kind not in FORMAT_MASKS
    else:
        assert shape(vrm) in FORMAT_MASKS[kind]


def test_every_format_but_other_has_masks() -> None:
    assert set(FORMAT_MASKS) == set(VrmFormat) - {VrmFormat.OTHER}


def test_confusables_go_both_ways_and_live_in_the_folded_alphabet() -> None:
    for char, others in CONFUSABLES.items():
        assert fold(char) == char
        assert char not in others
        assert len(set(others)) == len(others)
        for other in others:
            assert char in CONFUSABLES[other]


def test_marks_that_fold_alike_and_are_both_legal() -> None:
    assert fold("10AB") == fold("1OAB")
    assert both_legal("10AB", "1OAB")
    assert both_legal("I1", "1I")
    assert not both_legal("10AB", "10AB")
    assert not both_legal("AB10CDE", "AB1OCDE")
    assert not both_legal("10AB", "IOAB")


@given(MARKS, MARKS)
def test_both_legal_is_symmetric(one: str, other: str) -> None:
    assert both_legal(one, other) == both_legal(other, one)


@pytest.mark.parametrize(
    ("today", "issued", "not_yet"),
    [
        (date(2026, 11, 21), ["02", "26", "51", "76"], ["27", "49", "77", "99"]),
        (date(2026, 8, 31), ["26", "75"], ["76", "27"]),
        (date(2026, 9, 1), ["26", "76"], ["77", "27"]),
        (date(2027, 2, 28), ["26", "76"], ["27", "77"]),
        (date(2027, 3, 1), ["27", "76"], ["28", "77"]),
        (date(2028, 2, 29), ["27", "77"], ["28", "78"]),
    ],
)
def test_the_date_rule_rolls_on_1_march_and_1_september(today: date, issued: list[str], not_yet: list[str]) -> None:
    assert [code for code in issued if not issued_by(f"AB{code}CDE", today)] == []
    assert [code for code in not_yet if issued_by(f"AB{code}CDE", today)] == []


def test_the_date_rule_in_november_2026_allows_exactly_02_to_26_and_51_to_76() -> None:
    codes = [code for code in range(2, 100) if code != 50]
    assert [code for code in codes if issued_by(f"AB{code:02}CDE", date(2026, 11, 21))] == [
        *range(2, 27),
        *range(51, 77),
    ]


def test_the_date_rule_says_nothing_of_other_formats() -> None:
    for vrm in ("A999BCD", "BCD999A", "9999AB", "AB99CDI"):
        assert issued_by(vrm, date(2026, 11, 21))
