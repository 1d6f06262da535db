"""The officers who may sign on in the cars."""

import csv
from pathlib import Path

from argon2 import PasswordHasher
from argon2.low_level import Type
from pydantic import ValidationError
from sqlalchemy import delete, insert, select

from patrol_anpr.depot.database import DepotDatabase, add_audit
from patrol_anpr.depot.tables import officers
from patrol_anpr.domain.errors import BadInput
from patrol_anpr.wire.payloads import RosterOfficer, RosterReply

MIN_PIN = 6
_HASHER = PasswordHasher(type=Type.ID)


def import_roster(folder: Path, path: Path) -> int:
    """Replace the roster by a CSV file of officer_id, name, PIN (a header line is allowed); return the officers kept.

    PINs are kept as Argon2id verifiers only: destroy the file afterwards. All or nothing; raises BadInput, with the
    number of the line, when a line cannot be used.
    """
    roster: dict[str, RosterOfficer] = {}
    for number, row in _rows(path):
        officer = _officer(number, row)
        if officer.officer_id in roster:
            raise BadInput(f"Line {number} of the roster names an officer a second time. Remove one of them.")
        roster[officer.officer_id] = officer
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
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.reader(file)
            rows = [(reader.line_num, [cell.strip() for cell in row]) for row in reader if any(row)]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise BadInput("The roster file cannot be read. It must be a CSV file of officer id, name and PIN.") from error
    if rows and rows[0][1][0].lower() == "officer_id":
        del rows[0]
    return rows


def _officer(number: int, row: list[str]) -> RosterOfficer:
    if len(row) != 3:
        raise BadInput(f"Line {number} of the roster must have 3 columns: officer id, name and PIN.")
    officer_id, name, pin = row
    if len(pin) < MIN_PIN or not name:
        raise BadInput(f"Line {number} of the roster needs a name and a PIN of at least {MIN_PIN} characters.")
    try:
        return RosterOfficer(officer_id=officer_id, name=name, pin_hash=_HASHER.hash(pin))
    except ValidationError:
        raise BadInput(f"Line {number} of the roster has an officer id or a name that cannot be used.") from None
