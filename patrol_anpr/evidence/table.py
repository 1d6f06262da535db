"""The account as a CSV table whose cells no spreadsheet runs as formulas. Pure."""

import csv
import io
from collections.abc import Iterable

from patrol_anpr.evidence.account import Section
from patrol_anpr.plumbing.csv_cell import safe_cell

COLUMNS = ("record", "field", "value", "unit")


def table(sections: Iterable[Section]) -> bytes:
    """Return the account as CSV in UTF-8 with a byte order mark, by which Excel knows it; every cell is quoted."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for section in sections:
        for line in section.lines:
            writer.writerow([safe_cell(cell) for cell in (section.title, line.name, line.value, line.unit)])
    return out.getvalue().encode("utf-8-sig")
