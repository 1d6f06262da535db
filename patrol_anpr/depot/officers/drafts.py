"""Rosters that somebody at the console looks at before they are in force: one for each of the staff, for an hour."""

import json
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, delete, insert, select

from patrol_anpr.depot.officers.keeping import KeptOfficer, NewOfficer, RosterChange, RosterDraft
from patrol_anpr.depot.tables import roster_drafts

LASTS = timedelta(hours=1)


def put_draft(connection: Connection, staff_id: str, draft: RosterDraft, now: datetime) -> None:
    """Keep a draft in the place of an earlier one."""
    forget_over(connection, now)
    drop_draft(connection, staff_id)
    row = {"staff_id": staff_id, "made_at": now, "draft": json.dumps(_said(draft))}
    connection.execute(insert(roster_drafts).values(row))


def find_draft(connection: Connection, staff_id: str, now: datetime) -> RosterDraft | None:
    """Return somebody's draft; None where there is none, or it is over."""
    query = select(roster_drafts).where(roster_drafts.c.staff_id == staff_id)
    row = connection.execute(query).one_or_none()
    return None if row is None or row.made_at < now - LASTS else _read(json.loads(row.draft))


def forget_over(connection: Connection, now: datetime) -> None:
    """Forget the drafts of all that waited too long: they name officers."""
    connection.execute(delete(roster_drafts).where(roster_drafts.c.made_at < now - LASTS))


def drop_draft(connection: Connection, staff_id: str) -> None:
    """Forget somebody's draft."""
    connection.execute(delete(roster_drafts).where(roster_drafts.c.staff_id == staff_id))


def _said(draft: RosterDraft) -> Mapping[str, Any]:
    return {
        "officers": [
            {
                "officer_id": one.officer.officer_id,
                "name": one.officer.name,
                "unit": one.officer.unit,
                "training_ends": _text(one.officer.training_ends),
                "policy_ends": _text(one.officer.policy_ends),
                "pin_hash": one.pin_hash,
            }
            for one in draft.officers
        ],
        "changes": [[one.officer_id, one.name, one.what] for one in draft.changes],
        "gone": draft.gone,
        "before": draft.before,
        "basis": draft.basis,
    }


def _read(said: Mapping[str, Any]) -> RosterDraft:
    officers = tuple(
        NewOfficer(
            KeptOfficer(
                one["officer_id"], one["name"], one["unit"], _date(one["training_ends"]), _date(one["policy_ends"])
            ),
            one["pin_hash"],
        )
        for one in said["officers"]
    )
    changes = tuple(RosterChange(*change) for change in said["changes"])
    return RosterDraft(officers, changes, said["gone"], said["before"], said.get("basis", ""))  # "": an older depot's


def _text(day: date | None) -> str:
    return day.isoformat() if day else ""


def _date(text: str) -> date | None:
    return date.fromisoformat(text) if text else None
