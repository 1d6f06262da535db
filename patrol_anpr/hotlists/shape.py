"""Whether a file is a hotlist, judged by its first lines: separator, header row, the column of the marks. Pure."""

import re
from collections.abc import Sequence

from patrol_anpr.domain.vrm import normalise
from patrol_anpr.hotlists.marks import surely_a_mark

COLUMNS = 16
JUDGED_LINES = 100
"""Lines at the beginning of a file by which its shape is judged."""
SHAPE = f"A hotlist is a CSV file of {COLUMNS} columns without a header row, bare or alone in a ZIP."

_SEPARATORS = {";": "semicolons", "\t": "tabs", "|": "vertical bars"}
_MARK_WORD = re.compile(
    r"(?:VEHICLE|VEH|CAR)?(?:VRM|VRN|REG(?:ISTRATION)?(?:NO|NUM|NUMBER|MARK|PLATE)?|(?:NUMBER|LICEN[CS]E)?PLATE(?:NO)?"
    r"|INDEX(?:NO|NUMBER|MARK))S?"
)
_OTHER_WORDS = {"MAKE", "MODEL", "COLOUR", "COLOR", "ACTION", "MARKERS", "WARNINGMARKERS", "REASON", "WEEDDATE"}
_FEW, _MOST = 0.2, 0.6
"""Shares of lines: fewer than the first have a sure mark in column 1, at least the second in another column."""


def other_separator(texts: Sequence[str]) -> str:
    """Name what separates the columns of these lines where it is not the comma, or ""."""
    for separator, word in _SEPARATORS.items():
        if 2 * sum(text.count(separator) > text.count(",") for text in texts) > len(texts):
            return word
    return ""


def is_header(fields: Sequence[str], *, first: bool = False) -> bool:
    """Tell whether a line names columns: two that are known or, in the `first` line, what the marks are called."""
    names = [normalise(field) for field in fields]
    known = len(_OTHER_WORDS.intersection(names)) + (_names_marks(names) >= 0)
    if first and _names_marks(names) >= 0:
        return not any(char.isdigit() for char in names[0])
    return known > 1


def why_no_hotlist(records: Sequence[Sequence[str]]) -> str:
    """Say why these first lines, split into columns, are no hotlist (a sentence to follow the file's name), or "".

    A list whose marks stand elsewhere would load all the same: record numbers look like short marks.
    """
    for number, fields in enumerate(records):
        if is_header(fields, first=number == 0):
            return _of_header(_names_marks([normalise(field) for field in fields]))
    column = column_of_marks(records)
    if column > 0:
        return f"seems to have its marks in column {column + 1}; lists have them in column 1. {SHAPE}"
    return ""


def _of_header(column: int) -> str:
    if column > 0:
        return (
            f"begins with a header row, by which the marks stand in column {column + 1}. Lists have them in column 1 "
            f"and no header row. {SHAPE}"
        )
    return (
        f"begins with a header row, and lists have none: make sure that the columns are the {COLUMNS} of a hotlist in "
        "their order, and remove the row."
    )


def _names_marks(names: Sequence[str]) -> int:
    """The column (from 0) of a header row that is named as the marks are; -1 for none."""
    return next((column for column, name in enumerate(names) if _MARK_WORD.fullmatch(name)), -1)


def column_of_marks(records: Sequence[Sequence[str]], said: int = 0) -> int:
    """The column (from 0) that holds the marks: `said` unless that hardly has any and another is full of them."""
    if not records:
        return said
    width = max(said + 1, *(len(fields) for fields in records))
    shares = [
        sum(column < len(fields) and surely_a_mark(fields[column].strip()) for fields in records) / len(records)
        for column in range(width)
    ]
    best = max(range(width), key=lambda column: shares[column])
    return best if shares[said] < _FEW and shares[best] >= _MOST else said
