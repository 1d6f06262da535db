"""A vehicle on which front and rear read different marks: the word stands in the rows of both Reads."""

from dataclasses import replace

from PySide6.QtCore import Qt

from patrol_anpr.lab.sample_patrol import sample_read
from ui.models.read_rows import ReadRows

WORD = Qt.ItemDataRole.AccessibleTextRole


def test_the_word_stands_in_both_rows_also_of_a_read_that_was_there_before() -> None:
    rows = ReadRows()
    first, other = sample_read("RK64AGY"), sample_read("K7PTL", number=2)
    rows.add(first)
    rows.add(other)
    rows.add(replace(sample_read("RK64AGV", camera="rear", number=3), paired_with=first.read_id, plates_differ=True))
    words = [rows.data(rows.index(row, 0), WORD) for row in range(3)]
    assert words == ["RK64 AGV Plates differ", "K7 PTL", "RK64 AGY Plates differ"]


def test_a_pair_that_agrees_says_nothing() -> None:
    rows = ReadRows()
    first = sample_read("RK64AGY")
    rows.add(first)
    rows.add(replace(sample_read("RK64AGY", camera="rear", number=3), paired_with=first.read_id))
    assert [rows.data(rows.index(row, 0), WORD) for row in range(2)] == ["RK64 AGY", "RK64 AGY"]
