"""The rows that a finding or a sample is about, as an auditor sees them: with the mark that was asked for."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select

from patrol_anpr.depot.search.law import Purpose, Reach
from patrol_anpr.depot.tables import audit, read_exports, searches

_AUDIT, _EXPORT = "audit-", "export-"


@dataclass(frozen=True, slots=True)
class SearchSeen:
    """A search. `mark` is "" where none was asked for; `asked` is the rest. `found` is None where it broke off."""

    search_id: str
    staff_id: str
    at: datetime
    purpose: str
    case_number: str
    reason: str
    reach: str
    mark: str
    asked: str
    found: int | None
    authorisation_id: str | None


@dataclass(frozen=True, slots=True)
class ActSeen:
    """Another row that a finding names: a refusal, an export."""

    row: str
    at: datetime
    words: str


def searches_seen(connection: Connection, ids: Iterable[str]) -> Sequence[SearchSeen]:
    """Return the searches of these ids that are there still, by time."""
    query = select(searches).where(searches.c.search_id.in_(list(ids))).order_by(searches.c.at)
    seen = []
    for row in connection.execute(query):
        asked = json.loads(row.asked)
        area = asked["area"]
        parts = [
            " to ".join(asked[name][:16].replace("T", " ") for name in ("begin", "end")) + " UTC",
            f"car {asked['car_id']}" if asked["car_id"] else "",
            f"within {area['metres']:.0f} m of a place" if area else "",
        ]
        seen.append(
            SearchSeen(
                row.search_id,
                row.staff_id,
                row.at,
                Purpose(row.purpose).word,
                row.case_number,
                row.reason,
                Reach(row.reach).word,
                asked["mark"],
                ", ".join(part for part in parts if part),
                row.found,
                row.authorisation_id,
            )
        )
    return seen


def acts_seen(connection: Connection, rows: Iterable[str]) -> Sequence[ActSeen]:
    """Return the refusals and exports that are named so, by time."""
    named = list(rows)
    numbers = [int(row.removeprefix(_AUDIT)) for row in named if row.startswith(_AUDIT)]
    exported = [int(row.removeprefix(_EXPORT)) for row in named if row.startswith(_EXPORT)]
    refusals = select(audit.c.number, audit.c.at, audit.c.reason).where(audit.c.number.in_(numbers))
    exports = select(read_exports.c.number, read_exports.c.at, read_exports.c.search_id).where(
        read_exports.c.number.in_(exported)
    )
    found = [ActSeen(f"{_AUDIT}{row.number}", row.at, row.reason) for row in connection.execute(refusals)]
    found += [
        ActSeen(f"{_EXPORT}{row.number}", row.at, f"found by search {row.search_id}")
        for row in connection.execute(exports)
    ]
    return sorted(found, key=lambda act: act.at)
