"""Column 1 of a hotlist: what a spreadsheet made of a mark is no mark. All marks are invented."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from patrol_anpr.domain.vrm import normalise
from patrol_anpr.hotlists.marks import SPREADSHEET, doubt_of, surely_a_mark, why_no_mark


@pytest.mark.parametrize(
    "text",
    [
        *("01-Jan", "10-Mar", "1-Jan", "Jan-01", "Mar-10", "MAR-2010", "03-Sep", "03-Sept", "01-Jan-26", "01/Jan/2026"),
        *("01 Jan", "01JAN", "Jan 01", "JAN01", "January 2026", "Mar 2010"),
        *("1 January 2026", "01 Jan 26", "01/04/2026", "1/4/26", "01.04.2026", "01-04-2026", "2026-04-01", "1/4"),
        *("2026-04-01 00:00:00", "2026-04-01T00:00:00.000", "01/04/2026 00:00", "1:00 AM", "01:00", "01:00:00"),
        *("1.00E-05", "1.00E+05", "2.20E+02", "5.00E+03", "1E+05", "1E-5", "1,00E+05", "1.E5", "-1.00E+05"),
        *("258036.0", "12345.00", "12,345", "1.5", "#NAME?", "#VALUE!", "#######"),
    ],
)
def test_what_a_spreadsheet_made_of_a_mark_is_told(text: str) -> None:
    assert why_no_mark(text) == SPREADSHEET
    assert why_no_mark(text.lower()) == SPREADSHEET
    assert why_no_mark(text.upper()) == SPREADSHEET


@pytest.mark.parametrize(
    "text",
    [
        *("1 JAN", "JAN 1", "1JAN", "10MAR", "MAR10", "DEC 1", "1 SEP", "MAY 15", "3 OCT"),
        *(
            "1E10",
            "22E1",
            "5E3",
            "1 E 10",
            "E 10",
            "1 AM",
            "5 PM",
            "AB12-CDE",
            "A.B 12",
            "AB12 CDE",
            "12345",
            "MAR 104",
        ),
    ],
)
def test_marks_that_look_like_dates_or_numbers_are_marks(text: str) -> None:
    assert why_no_mark(text) == ""


@given(st.dates(date(1930, 1, 1), date(2029, 12, 31)))
def test_every_day_in_every_form_of_a_spreadsheet_is_told(day: date) -> None:
    forms = ["%d-%b", "%b-%y", "%d-%b-%y", "%d/%m/%Y", "%d/%m/%y", "%Y-%m-%d", "%Y-%m-%d %H:%M:%S", "%d %B %Y"]
    assert {why_no_mark(day.strftime(form)) for form in forms} == {SPREADSHEET}


@given(st.floats(allow_nan=False, allow_infinity=False, min_value=0))
def test_every_number_as_a_spreadsheet_writes_it_is_told(number: float) -> None:
    assert why_no_mark(f"{number:.2E}") == SPREADSHEET


@given(st.text(max_size=30))
def test_any_text_is_a_mark_or_has_a_reason_without_it(text: str) -> None:
    reason = why_no_mark(text)
    assert reason or 2 <= len(normalise(text)) <= 12


def test_a_count_of_days_cannot_be_told_from_a_mark_so_it_is_taken_and_doubted() -> None:
    first_of_january = str((date(2022, 1, 1) - date(1899, 12, 30)) // timedelta(days=1))
    assert first_of_january == "44562"
    assert why_no_mark(first_of_january) == ""
    assert "number alone" in doubt_of(first_of_january)
    assert "no digit" in doubt_of("TRUE")
    assert "1.00E+05" in doubt_of("100E05")
    assert doubt_of("AB12CDE") == doubt_of("1JAN") == ""


@pytest.mark.parametrize(
    ("text", "sure"),
    [("ab12 cde", True), ("K7 PTL", True), ("PTL 7K", True), ("17", False), ("E41", False), ("", False)],
)
def test_a_mark_of_full_length_is_sure(text: str, sure: bool) -> None:
    assert surely_a_mark(text) is sure
