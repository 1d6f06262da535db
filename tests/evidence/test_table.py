"""The table: no spreadsheet may run what is in it."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from patrol_anpr.evidence.account import Line, Section
from patrol_anpr.evidence.table import COLUMNS, table
from patrol_anpr.plumbing.csv_cell import safe_cell

RUN = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")


@pytest.mark.parametrize("start", RUN)
def test_what_begins_like_a_formula_gets_an_apostrophe(start: str) -> None:
    assert safe_cell(f"{start}1+1") == f"'{start}1+1"


@pytest.mark.parametrize("text", [" =1+1", "\u200b=1+1", "\ufeff@SUM(A1)", "\u00a0-1"])
def test_neither_blanks_nor_invisible_signs_hide_a_formula(text: str) -> None:
    assert safe_cell(text) == f"'{text}"


@pytest.mark.parametrize("text", ["", "AB12 CDE", "a=b", "'=1", "97"])
def test_other_cells_stay_as_they_are(text: str) -> None:
    assert safe_cell(text) == text


_ANY = st.text(max_size=12) | st.sampled_from(RUN).flatmap(lambda sign: st.text(max_size=8).map(lambda t: sign + t))


@given(st.lists(st.tuples(_ANY, _ANY, _ANY, _ANY), max_size=6))
def test_no_cell_of_any_table_can_be_run_and_nothing_is_lost(cells: list[tuple[str, str, str, str]]) -> None:
    sections = [Section(title, (Line(name, value, unit),)) for title, name, value, unit in cells]
    text = table(sections).decode("utf-8-sig")
    rows = list(csv.reader(io.StringIO(text, newline="")))
    assert rows[0] == list(COLUMNS)
    for row, wanted in zip(rows[1:], cells, strict=True):
        for cell, said in zip(row, wanted, strict=True):
            assert not cell.lstrip(" \u200b\ufeff\u00a0").startswith(RUN)
            assert cell.removeprefix("'") == said.removeprefix("'")
