"""The open form: which tables are in it, and how a row is written. Pure. docs/open-form.md tells others of it."""

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Boolean, Date, LargeBinary, Table
from sqlalchemy.types import TypeEngine

from patrol_anpr.depot.tables import metadata
from patrol_anpr.domain.errors import BadInput
from patrol_anpr.plumbing.sqlite import Utc

FORM = 1
MANIFEST = "manifest.json"
PICTURES = "pictures"
PLACES = "pictures.jsonl"
TABLES = "tables"

LEFT_OUT: Mapping[str, str] = {
    "enrolment_codes": "Codes of cars that are just enrolling.",
    "staff_sessions": "Who is signed on just now.",
    "sign_on_tries": "Who mistyped a password lately.",
    "staff_vehicles": "Vehicles of staff, sealed for the key of this depot alone: load them anew.",
    "roster_drafts": "Rosters that are not in force.",
    "picture_places": "Where pictures lie sealed in this depot. The pictures are here in plain.",
}
"""Tables that are not in it, and why."""
EMPTIED: Mapping[str, tuple[str, ...]] = {
    "cars": ("key_sha256",),
    "officers": ("pin_hash",),
    "staff": ("password_hash", "code_secret", "invitation_sha256"),
}
"""Columns that are left empty: what signs somebody on. Cars enrol anew, people are invited anew."""
ONLY_OUT = frozenset({"officers"})
"""Tables that are told and not taken in again: a roster without PINs would let nobody sign on in a car."""


def tables() -> list[Table]:
    """Return the tables of the form, in an order in which they can be filled."""
    return [one for one in metadata.sorted_tables if one.name not in LEFT_OUT]


@dataclass(frozen=True, slots=True)
class FormFile:
    """A file of the form: its path in the folder, its size, its SHA-256, and how many lines it has."""

    path: str
    bytes: int
    sha256: str
    lines: int


def line_of(table: Table, row: Mapping[str, Any]) -> bytes:
    """Return a row as one line of JSON, its keys in order."""
    emptied = EMPTIED.get(table.name, ())
    plain = {name: "" if name in emptied else _plain(value) for name, value in row.items()}
    return json_line(plain)


def json_line(value: Mapping[str, Any]) -> bytes:
    """Return one line of JSON."""
    return json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


def row_of(table: Table, line: bytes) -> dict[str, Any]:
    """Return the row that a line says. Raises BadInput for one that is not of this table."""
    try:
        said = json.loads(line)
        columns = {column.name: column for column in table.columns}
        if not isinstance(said, dict) or said.keys() != columns.keys():
            raise ValueError("other columns")
        return {name: _value(columns[name].type, value) for name, value in said.items()}
    except (ValueError, TypeError, KeyError):
        raise BadInput(f"A line of {TABLES}/{table.name}.jsonl is not of the form. Nothing was taken in.") from None


def _plain(value: object) -> object:
    if isinstance(value, bytes):
        try:
            return {"text": value.decode("utf-8")}
        except UnicodeDecodeError:
            return {"base64": base64.b64encode(value).decode("ascii")}
    return value.isoformat() if isinstance(value, datetime | date) else value


def _value(kind: TypeEngine[Any], said: Any) -> object:
    if said is None:
        return None
    if isinstance(kind, LargeBinary):
        return said["text"].encode("utf-8") if "text" in said else base64.b64decode(said["base64"], validate=True)
    if isinstance(kind, Utc):
        return datetime.fromisoformat(said)
    if isinstance(kind, Date):
        return date.fromisoformat(said)
    return bool(said) if isinstance(kind, Boolean) else said
