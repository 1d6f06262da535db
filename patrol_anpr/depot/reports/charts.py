"""A table of a report, what a chart draws of it, and the table as a file. Pure."""

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from patrol_anpr.plumbing.csv_cell import safe_cell

Cell = str | int | float
"""Floats are shown with one place."""


@dataclass(frozen=True, slots=True)
class Chart:
    """A drawing of a table: one label a bar or a point, one value of each part. Several parts are stacked in a bar."""

    labels: Sequence[str]
    parts: Mapping[str, Sequence[float]]

    @property
    def most(self) -> float:
        """What the longest bar stands for; 0 where there is nothing."""
        return max((sum(values) for values in zip(*self.parts.values(), strict=True)), default=0.0)

    def bar(self, place: int) -> list[tuple[float, float]]:
        """Return where each part of a bar begins and how long it is, in per cent of the longest bar."""
        scale = 100 / self.most if self.most else 0.0
        found, begin = [], 0.0
        for values in self.parts.values():
            width = values[place] * scale
            found.append((round(begin, 2), round(width, 2)))
            begin += width
        return found

    def line(self, width: float, height: float) -> str:
        """Return the points of a line over the bars, in a field of that size, as SVG spells them."""
        sums = [sum(values) for values in zip(*self.parts.values(), strict=True)]
        step = width / max(1, len(sums) - 1)
        top = self.most or 1.0
        return " ".join(f"{step * place:.1f},{height * (1 - value / top):.1f}" for place, value in enumerate(sums))


@dataclass(frozen=True, slots=True)
class ReportTable:
    """One table of a report. `name` stands in its address, `note` says what is counted; a row is named first.

    The chart has a bar for each of the first rows, or is a `line` over them all.
    """

    name: str
    title: str
    note: str
    heads: Sequence[str]
    rows: Sequence[Sequence[Cell]]
    chart: Chart
    line: bool = False

    def as_csv(self) -> str:
        """Return it as CSV that a spreadsheet opens and runs nothing of."""
        out = io.StringIO()
        writer = csv.writer(out, lineterminator="\r\n")
        writer.writerows([[_guarded(cell) for cell in row] for row in (self.heads, *self.rows)])
        return out.getvalue()


def _guarded(cell: Cell) -> Cell:
    if isinstance(cell, float):
        return round(cell, 4)
    return safe_cell(cell) if isinstance(cell, str) else cell
