"""The roster: who may sign on in the cars, whether training and policy are good, and a new one, looked at first."""

import tempfile
from collections import Counter
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, Depends, File, Query, Response, UploadFile

from patrol_anpr.console.guard import duty
from patrol_anpr.console.page import Page
from patrol_anpr.depot.officers.currency import WARNED, Currency, currency_of
from patrol_anpr.depot.officers.drafts import drop_draft, find_draft, forget_over, put_draft
from patrol_anpr.depot.officers.keeping import KeptOfficer, draft_of, keep_draft, roster_in
from patrol_anpr.depot.officers.reading import COLUMNS, read_roster
from patrol_anpr.depot.roles import Role
from patrol_anpr.depot.staff.duties import Duty
from patrol_anpr.domain.errors import BadInput

router = APIRouter()

Keeps = Annotated[Page, Depends(duty(Duty.KEEP_ROSTER))]
LARGEST = 2 * 2**20
"""Bytes of a roster file."""
MOST_PINS = 300
"""New PINs of one file: each takes a tenth of a second to be hashed, and a browser waits."""
A_PAGE = 200
MOST_REJECTED = 200


@router.get("/roster")
def roster(page: Keeps, start: Annotated[int, Query(ge=0, le=10**6)] = 0) -> Response:
    """Show the officers, those first whose training or policy has ended."""
    with page.console.database(Role.OPERATOR).writing() as connection:
        forget_over(connection, page.console.now())
    return _roster(page, start=start)


@router.post("/roster")
def looked_at(page: Keeps, file: Annotated[UploadFile, File()]) -> Response:
    """Take a file, and show what it would change."""
    content = file.file.read(LARGEST + 1)
    try:
        return _draft(page, content)
    except BadInput as wrong:
        return _roster(page, wrong=str(wrong))


@router.get("/roster/new")
def draft(page: Keeps) -> Response:
    """Show the roster that waits to be put in force."""
    with page.console.database(Role.OPERATOR).reading() as connection:
        waiting = find_draft(connection, page.staff.staff_id, page.console.now())
    if waiting is None:
        raise BadInput("There is no new roster that waits, or it waited for over an hour. Give the file again.")
    return page.show("roster/draft.html", title="New roster", draft=waiting)


@router.post("/roster/new")
def in_force(page: Keeps) -> Response:
    """Put the roster that was looked at in force."""
    with page.console.database(Role.OPERATOR).writing() as connection:
        waiting = find_draft(connection, page.staff.staff_id, page.console.now())
        if waiting is None:
            raise BadInput("There is no new roster that waits, or it waited for over an hour. Give the file again.")
        kept = keep_draft(connection, waiting, page.staff.actor)
        drop_draft(connection, page.staff.staff_id)
    return page.go("/roster", f"{kept:,} officers are on the roster. The cars have it with their next sync.")


@router.post("/roster/new/drop")
def dropped(page: Keeps) -> Response:
    """Forget the roster that was looked at."""
    with page.console.database(Role.OPERATOR).writing() as connection:
        drop_draft(connection, page.staff.staff_id)
    return page.go("/roster", "The roster was left as it is.")


def _draft(page: Page, content: bytes) -> Response:
    """Read a file, and keep it as a draft. Raises BadInput."""
    if not content:
        raise BadInput("Choose a file.")
    if len(content) > LARGEST:
        raise BadInput("The file is larger than any roster. Give a CSV of officers.")
    with tempfile.TemporaryDirectory() as scratch:  # only we may look into it; it has PINs, and goes at once
        path = Path(scratch) / "roster.csv"
        path.write_bytes(content)
        file = read_roster(path)
    if file.rejected:
        return page.show(
            "roster/rejected.html",
            422,
            title="This roster cannot be used",
            rejected=file.rejected[:MOST_REJECTED],
            count=len(file.rejected),
            good=len(file.lines),
        )
    if sum(bool(line.pin) for line in file.lines) > MOST_PINS:
        raise BadInput(f"The file has more than {MOST_PINS} new PINs. Use `patrol-anpr depot roster` for so many.")
    database = page.console.database(Role.OPERATOR)
    with database.reading() as connection:
        before = roster_in(connection)
    made = draft_of(file, before)
    with database.writing() as connection:
        put_draft(connection, page.staff.staff_id, made, page.console.now())
    return page.go("/roster/new")


def _roster(page: Page, wrong: str = "", start: int = 0) -> Response:
    today = page.console.now().date()
    with page.console.database(Role.OPERATOR).reading() as connection:
        officers = sorted(roster_in(connection), key=lambda one: (_worst(one, today), one.officer_id))
    shown = officers[start : start + A_PAGE]
    return page.show(
        "roster/roster.html",
        422 if wrong else 200,
        title="Roster",
        officers=shown,
        every=len(officers),
        counts=_counts(officers, today),
        judged=lambda day: currency_of(day, today),
        marks=_MARKS,
        words={one: "on" if one is Currency.ENDED else "until" for one in Currency},
        warned=WARNED.days,
        columns=COLUMNS,
        earlier=f"/roster?start={max(0, start - A_PAGE)}" if start else "",
        later=f"/roster?start={start + A_PAGE}" if start + A_PAGE < len(officers) else "",
        wrong=wrong,
    )


def _worst(officer: KeptOfficer, today: date) -> Currency:
    return min(currency_of(officer.training_ends, today), currency_of(officer.policy_ends, today))


def _counts(officers: Sequence[KeptOfficer], today: date) -> list[tuple[Currency, int]]:
    return sorted(Counter(_worst(one, today) for one in officers).items())


_MARKS = {
    Currency.ENDED: ("bad", "✖"),
    Currency.ENDS_SOON: ("warn", "▲"),
    Currency.NOT_KEPT: ("note", "○"),
    Currency.GOOD: ("good", "●"),
}
"""The kind of tag of each state, and its shape beside the word."""
