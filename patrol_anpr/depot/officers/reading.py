"""A roster file: CSV of officer id, name and PIN, and where the force keeps them unit, training and policy.

Every bad line is told with its number, and nothing of it is repeated: there are PINs in it.
"""

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from patrol_anpr.depot.pins import why_refused
from patrol_anpr.domain.errors import BadInput
from patrol_anpr.domain.vrm import normalise
from patrol_anpr.hotlists.importer import parse_date
from patrol_anpr.hotlists.marks import changed_by_spreadsheet
from patrol_anpr.hotlists.shape import other_separator
from patrol_anpr.plumbing.lines import Line, physical_lines
from patrol_anpr.wire.payloads import Id, Name

FEWEST, MOST = 3, 6
"""Columns: the first three each file has."""
COLUMNS = "officer id, name, PIN, unit, training good until, policy signed until"
LONGEST_UNIT = 60
_ID: TypeAdapter[str] = TypeAdapter(Id)
_NAME: TypeAdapter[str] = TypeAdapter(Name)


@dataclass(frozen=True, slots=True)
class RosterLine:
    """A good line. `pin` is "" for an officer who is on the roster already and keeps the PIN he has."""

    number: int
    officer_id: str
    name: str
    pin: str = field(repr=False)
    unit: str
    training_ends: date | None
    policy_ends: date | None


@dataclass(frozen=True, slots=True)
class RosterFile:
    """What a file says. `rejected` has a sentence for each bad line, `columns` counts those that any line has.

    Of a column that no line has the file says nothing: what is known stays.
    """

    lines: tuple[RosterLine, ...]
    rejected: tuple[str, ...]
    columns: int


def read_roster(path: Path) -> RosterFile:
    """Read a roster file; a header line is allowed. Raises BadInput where it is none as a whole."""
    lines = [line for line in physical_lines(path) if line.problem or line.text.strip(" ,")]
    if word := other_separator([line.text for line in lines]):
        raise BadInput(f"The roster has its columns separated by {word}: save it as CSV with commas.")
    good, rejected, columns = [], [], FEWEST
    seen: set[str] = set()
    for place, line in enumerate(lines):
        try:
            cells = _cells(line)
            if place == 0 and _is_header(cells):
                columns = max(columns, len(cells))
                continue
            one = _line(line.number, cells)
            same = one.officer_id.casefold()  # who types an id at sign-on does not mind capitals
            if same in seen:
                raise _Rejected(
                    f"Line {line.number} of the roster names an officer a second time; capitals tell nobody apart. "
                    "Remove one."
                )
            seen.add(same)
        except _Rejected as why:
            rejected.append(str(why))
            continue
        columns = max(columns, len(cells))
        good.append(one)
    if not good and not rejected:
        raise BadInput("The roster file names no officer. The roster was left as it is.")
    return RosterFile(tuple(good), tuple(rejected), min(columns, MOST))


class _Rejected(Exception):
    """Why a line cannot be used, as a sentence."""


def _cells(line: Line) -> list[str]:
    if line.problem:
        raise _Rejected(f"Line {line.number} of the roster cannot be read: {line.problem}.")
    try:
        cells = [cell.strip() for cell in next(csv.reader([line.text], strict=True))]
    except csv.Error:
        raise _Rejected(f"Line {line.number} of the roster cannot be read: its quotes do not match.") from None
    while len(cells) > FEWEST and not cells[-1]:
        cells.pop()
    return cells


def _is_header(cells: Sequence[str]) -> bool:
    return normalise(cells[0]) in ("OFFICERID", "OFFICER", "ID") or "PIN" in map(normalise, cells)


def _line(number: int, cells: Sequence[str]) -> RosterLine:
    if not FEWEST <= len(cells) <= MOST:
        raise _Rejected(
            f"Line {number} of the roster must have {FEWEST} to {MOST} columns: {COLUMNS}. The last three may be left "
            "out."
        )
    officer_id, name, pin = cells[:FEWEST]
    unit, training, policy = (*cells[FEWEST:], "", "", "")[:3]
    for text, what in ((officer_id, "an officer id"), (pin, "a PIN")):
        if changed_by_spreadsheet(text):
            raise _Rejected(
                f"Line {number} of the roster has {what} that a spreadsheet changed into a number with a point or a "
                "date. Write it anew, as text."
            )
    if not name:
        raise _Rejected(f"Line {number} of the roster needs a name.")
    if pin and (needed := why_refused(pin, officer_id)):
        raise _Rejected(f"Line {number} of the roster needs {needed}.")
    if len(unit) > LONGEST_UNIT:
        raise _Rejected(f"Line {number} of the roster has a unit of more than {LONGEST_UNIT} letters.")
    try:
        _ID.validate_python(officer_id)
        _NAME.validate_python(name)
    except ValidationError:
        raise _Rejected(f"Line {number} of the roster has an officer id or a name that cannot be used.") from None
    dates = list(_dates(number, training, policy))
    return RosterLine(number, officer_id, name, pin, unit, dates[0], dates[1])


def _dates(number: int, *texts: str) -> Iterator[date | None]:
    for text, what in zip(texts, ("training", "policy"), strict=True):
        try:
            yield parse_date(text)
        except ValueError:
            raise _Rejected(
                f"Line {number} of the roster has a day for {what} that is no date such as 2027-01-31 or 31/01/2027."
            ) from None
