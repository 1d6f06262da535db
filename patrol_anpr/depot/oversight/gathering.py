"""What was done in a month, from the database: searches, refusals, exports; and what is known of staff."""

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from csv import reader
from datetime import datetime
from pathlib import Path

from nacl.exceptions import CryptoError
from nacl.public import PrivateKey, PublicKey, SealedBox
from pydantic import ValidationError
from sqlalchemy import Connection, LargeBinary, column, delete, insert, select, table

from patrol_anpr.depot.audit import add_audit
from patrol_anpr.depot.oversight.months import span_of
from patrol_anpr.depot.oversight.patterns import Act, DutyTime, Known, Month, SearchMade
from patrol_anpr.depot.search.refusing import SEARCH_REFUSED
from patrol_anpr.depot.tables import audit, read_exports, searches, staff_times, staff_vehicles
from patrol_anpr.domain.errors import BadInput, RecordsFault
from patrol_anpr.domain.vrm import fold, normalise
from patrol_anpr.wire.payloads import VoiPayload

STAFF = "staff "
"""What the actor of an audit row begins with who is staff."""
_MOST_BYTES = 1_000_000
_officers_entries = table("officers_entries", column("payload", LargeBinary()))


def month_in(connection: Connection, month: str) -> Month:
    """Return what was done in a month."""
    begin, end = span_of(month)
    made = connection.execute(select(searches).where(searches.c.at >= begin, searches.c.at < end))
    found = [
        SearchMade(row.search_id, row.staff_id, row.at, row.case_number, json.loads(row.asked)["mark"]) for row in made
    ]
    refused = select(audit.c.number, audit.c.actor, audit.c.at).where(
        audit.c.action == SEARCH_REFUSED, audit.c.at >= begin, audit.c.at < end
    )
    exported = select(read_exports.c.number, read_exports.c.staff_id, read_exports.c.at).where(
        read_exports.c.at >= begin, read_exports.c.at < end
    )
    return Month(
        found,
        [Act(f"audit-{row.number}", row.actor.removeprefix(STAFF), row.at) for row in connection.execute(refused)],
        [Act(f"export-{row.number}", row.staff_id, row.at) for row in connection.execute(exported)],
    )


def ids_by_searcher(month: Month) -> dict[str, list[str]]:
    """Return the ids of a month's searches by who made them."""
    ids: dict[str, list[str]] = defaultdict(list)
    for search in month.searches:
        ids[search.staff_id].append(search.search_id)
    return ids


def known_of_staff(connection: Connection, key: PrivateKey) -> Known:
    """Return duty times and vehicles of staff. Raises RecordsFault where a vehicle was sealed for another depot."""
    times: dict[str, list[DutyTime]] = defaultdict(list)
    for row in connection.execute(select(staff_times)):
        times[row.staff_id].append(DutyTime(row.begins, row.ends, row.leave))
    vehicles: dict[str, set[str]] = defaultdict(set)
    try:
        for row in connection.execute(select(staff_vehicles)):
            vehicles[row.staff_id].add(SealedBox(key).decrypt(bytes.fromhex(row.sealed)).decode("ascii"))
    except CryptoError:
        raise RecordsFault("The vehicles of staff were sealed for other keys. Load their file again.") from None
    return Known(times, _frozen(vehicles), _frozen(_entries(connection)))


def _entries(connection: Connection) -> Mapping[str, set[str]]:
    entries: dict[str, set[str]] = defaultdict(set)
    for payload in connection.execute(select(_officers_entries.c.payload)).scalars():
        with suppress(ValidationError):  # of a newer car, and not understood
            entry = VoiPayload.model_validate_json(payload)
            entries[entry.officer_id].add(fold(entry.vrm))
    return entries


def _frozen(marks: Mapping[str, set[str]]) -> Mapping[str, frozenset[str]]:
    return {who: frozenset(mine) for who, mine in marks.items()}


def keep_vehicles(connection: Connection, file: Path, key: PublicKey, actor: str) -> int:
    """Replace the vehicles of staff by a CSV file (staff_id, mark), sealed; return how many. Raises BadInput."""
    rows = []
    for line, (staff_id, mark) in _lines(file, 2):
        folded = fold(normalise(mark))
        if not staff_id or not folded:
            raise BadInput(f"{file.name}, line {line}: write the staff id and the mark.")
        rows.append({"staff_id": staff_id, "sealed": SealedBox(key).encrypt(folded.encode("ascii")).hex()})
    connection.execute(delete(staff_vehicles))
    if rows:
        connection.execute(insert(staff_vehicles), rows)
    add_audit(connection, actor, "staff vehicles loaded", "", f"{len(rows)} vehicles")
    return len(rows)


def keep_times(connection: Connection, file: Path, actor: str) -> int:
    """Replace the duty times of staff by a CSV file (staff_id, begins, ends, duty or leave); return how many.

    Moments are written with their zone (2026-11-30T07:00+00:00). Raises BadInput.
    """
    rows = []
    for line, (staff_id, begins, ends, kind) in _lines(file, 4):
        span = _span(begins, ends)
        if not staff_id or span is None or kind not in ("duty", "leave"):
            raise BadInput(
                f"{file.name}, line {line}: write staff id, begin and end with their zone (2026-11-30T07:00+00:00), "
                "and duty or leave."
            )
        rows.append({"staff_id": staff_id, "begins": span[0], "ends": span[1], "leave": kind == "leave"})
    connection.execute(delete(staff_times))
    if rows:
        connection.execute(insert(staff_times), rows)
    add_audit(connection, actor, "staff times loaded", "", f"{len(rows)} times")
    return len(rows)


def _span(begins: str, ends: str) -> tuple[datetime, datetime] | None:
    try:
        span = datetime.fromisoformat(begins), datetime.fromisoformat(ends)
    except ValueError:
        return None
    return span if all(one.tzinfo for one in span) and span[0] < span[1] else None


def _lines(file: Path, columns: int) -> Iterable[tuple[int, Sequence[str]]]:
    try:
        if file.stat().st_size > _MOST_BYTES:
            raise BadInput(f"{file.name} is larger than a table of staff can be. Check which file it is.")
        text = file.read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise BadInput(f"{file} cannot be read as a table (CSV in UTF-8). Check the path and the file.") from error
    for line, cells in enumerate(reader(text.splitlines()), 1):
        if not cells:
            continue
        if len(cells) != columns:
            raise BadInput(f"{file.name}, line {line}: there must be {columns} columns.")
        yield line, [cell.strip() for cell in cells]
