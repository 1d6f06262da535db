"""The officers who may sign on in the cars."""

import csv
from pathlib import Path

from argon2 import PasswordHasher
from argon2.low_level import Type
from pydantic import ValidationError
from sqlalchemy import delete, insert, select

from patrol_anpr.depot.audit import add_audit
from patrol_anpr.depot.database import DepotDatabase
from patrol_anpr.depot.pins import why_refused
from patrol_anpr.depot.tables import officers
from patrol_anpr.domain.errors import BadInput
from patrol_anpr.domain.vrm import normalise
from patrol_anpr.hotlists.marks import changed_by_spreadsheet
from patrol_anpr.hotlists.shape import other_separator
from patrol_anpr.plumbing.lines import Line, physical_lines
from patrol_anpr.wire.payloads import RosterOfficer, RosterReply

COLUMNS = 3
_HASHER = PasswordHasher(type=Type.ID)


def import_roster(folder: Path, path: Path) -> int:
    """Replace the roster by a CSV file of officer_id, name, PIN (a header line is allowed); return the officers kept.

    PINs are kept as Argon2id verifiers only: destroy the file afterwards. All or nothing; raises BadInput, with the
    number of the line, when a line cannot be used.
    """
    roster: dict[str, RosterOfficer] = {}
    for number, row in _rows(path):
        officer = _officer(number, row)
        one = officer.officer_id.casefold()  # who types an id at sign-on does not mind capitals
        if one in roster:
            raise BadInput(
                f"Line {number} of the roster names an officer a second time; capitals tell nobody apart. Remove one."
            )
        roster[one] = officer
    if not roster:
        raise BadInput("The roster file names no officer. The roster was left as it is.")
    database = DepotDatabase(folder)
    try:
        with database.writing() as connection:
            connection.execute(delete(officers))
            connection.execute(insert(officers), [officer.model_dump() for officer in roster.values()])
            add_audit(connection, "operator", "roster replaced", reason=f"{len(roster)} officers")
    finally:
        database.close()
    return len(roster)


def roster_of(database: DepotDatabase) -> RosterReply:
    """Return the roster as it travels."""
    with database.reading() as connection:
        rows = connection.execute(select(officers).order_by(officers.c.officer_id)).mappings()
        return RosterReply(officers=tuple(RosterOfficer(**row) for row in rows))


def _rows(path: Path) -> list[tuple[int, list[str]]]:
    lines = [line for line in physical_lines(path) if line.problem or line.text.strip(" ,")]
    if word := other_separator([line.text for line in lines]):
        raise BadInput(f"The roster has its columns separated by {word}: save it as CSV with commas.")
    rows = [(line.number, _columns(line)) for line in lines]
    if rows and _is_header(rows[0][1]):
        del rows[0]
    return rows


def _columns(line: Line) -> list[str]:
    if line.problem:
        raise BadInput(f"Line {line.number} of the roster cannot be read: {line.problem}.")
    try:
        cells = [cell.strip() for cell in next(csv.reader([line.text], strict=True))]
    except csv.Error as error:
        raise BadInput(f"Line {line.number} of the roster cannot be read: its quotes do not match.") from error
    while len(cells) > COLUMNS and not cells[-1]:
        cells.pop()
    return cells


def _is_header(row: list[str]) -> bool:
    return normalise(row[0]) in ("OFFICERID", "OFFICER", "ID") or normalise(row[-1]) == "PIN"


def _officer(number: int, row: list[str]) -> RosterOfficer:
    if len(row) != COLUMNS:
        raise BadInput(f"Line {number} of the roster must have {COLUMNS} columns: officer id, name and PIN.")
    officer_id, name, pin = row
    for text, what in ((officer_id, "an officer id"), (pin, "a PIN")):
        if changed_by_spreadsheet(text):
            raise BadInput(
                f"Line {number} of the roster has {what} that a spreadsheet changed into a number with a point or a "
                "date. Write it anew, as text."
            )
    if not name:
        raise BadInput(f"Line {number} of the roster needs a name.")
    if needed := why_refused(pin, officer_id):
        raise BadInput(f"Line {number} of the roster needs {needed}.")
    try:
        return RosterOfficer(officer_id=officer_id, name=name, pin_hash=_HASHER.hash(pin))
    except ValidationError:
        raise BadInput(f"Line {number} of the roster has an officer id or a name that cannot be used.") from None
