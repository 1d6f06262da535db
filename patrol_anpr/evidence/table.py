"""The account as a CSV table whose cells no spreadsheet runs as formulas. Pure."""

import csv
import io
import unicodedata
from collections.abc import Iterable

from patrol_anpr.evidence.account import Section

COLUMNS = ("record", "field", "value", "unit")

_STARTS = frozenset("=+-@\t\r\n")
"""What a formula may begin with, after OWASP's page on CSV injection."""


def safe_cell(text: str) -> str:
    """Return a text that a spreadsheet shows and does not run: an apostrophe stands before what could be a formula.

    Wide forms of those signs (U+FF1D and its like) count, and so does what stands after blanks or invisible signs.
    """
    visible = text.lstrip(" \u00a0\ufeff\u200b\u200c\u200d\u2060\0")
    first = unicodedata.normalize("NFKC", visible[:1])[:1]
    return f"'{text}" if text[:1] in _STARTS or first in _STARTS else text


def table(sections: Iterable[Section]) -> bytes:
    """Return the account as CSV in UTF-8 with a byte order mark, by which Excel knows it; every cell is quoted."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for section in sections:
        for line in section.lines:
            writer.writerow([safe_cell(cell) for cell in (section.title, line.name, line.value, line.unit)])
    return out.getvalue().encode("utf-8-sig")
