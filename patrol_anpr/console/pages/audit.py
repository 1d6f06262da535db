"""The audit: what is to be looked at, the trail and the cars' trails, its check, the figures of each month.

Whoever audits is audited too: each look is on record before it is answered.
"""

from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Response
from pydantic import BaseModel

from patrol_anpr.console.guard import duty
from patrol_anpr.console.page import Page, RowNumber
from patrol_anpr.depot.audit import add_audit
from patrol_anpr.depot.oversight.checks import last_checks, witnessed_by
from patrol_anpr.depot.oversight.returns import returns_in
from patrol_anpr.depot.oversight.reviewing import findings_in, sampled_in
from patrol_anpr.depot.oversight.trail import (
    PAGE,
    Wanted,
    car_rows,
    cars_with_rows,
    first_act_at,
    recent_actions,
    trail_rows,
)
from patrol_anpr.depot.roles import Role
from patrol_anpr.depot.staff.duties import Duty
from patrol_anpr.depot.staff.sign_on import EMERGENCY
from patrol_anpr.domain.errors import BadInput

router = APIRouter()

Audits = Annotated[Page, Depends(duty(Duty.AUDIT))]
LOOKED = "audit looked at"
_CHECKS = 10
_EMERGENCIES = timedelta(days=30)
_STALE = timedelta(days=40)
"""A car whose word is older says nothing of what was done since."""


class TrailForm(BaseModel):
    """What of the trail is looked for. Days as a browser sends them; `before` is the row that a page goes on from."""

    first: str = ""
    last: str = ""
    actor: str = ""
    action: str = ""
    about: str = ""
    before: RowNumber | None = None

    def wanted(self) -> Wanted:
        """Return it as what is looked for. Raises BadInput."""
        begin, end = (_day(text) for text in (self.first, self.last))
        after = end + timedelta(days=1) if end else None
        if begin and after and begin >= after:
            raise BadInput("The last day lies before the first. Check both.")
        return Wanted(begin, after, self.actor.strip(), self.action.strip(), self.about.strip())


@router.get("/audit")
def overview(page: Audits) -> Response:
    """Show what is to be done, and how the trail stands."""
    note_look(page, "overview")
    now = page.console.now()
    with page.console.database(Role.AUDITOR).reading() as connection:
        open_findings = [one for one in findings_in(connection) if not one.reviews]
        unreviewed = [one for one in sampled_in(connection) if not one.reviews]
        returns = returns_in(connection, first_act_at(connection), now)
        checks = last_checks(connection, _CHECKS)
        witnesses = witnessed_by(connection)
        emergencies = trail_rows(connection, Wanted(begin=now - _EMERGENCIES, action=EMERGENCY))
    return page.show(
        "audit/overview.html",
        title="Audit",
        open_findings=len(open_findings),
        unreviewed=len(unreviewed),
        missing=[one.month for one in returns if one.pulled_at is None],
        checks=checks,
        witnesses=witnesses,
        emergencies=emergencies,
        stale=now - _STALE,
    )


@router.post("/audit/check")
def check(page: Audits) -> Response:
    """Begin a check of the trail, in the background."""
    page.console.checker.start(f"staff {page.staff.staff_id}")
    return page.go("/audit", "The check has begun. Its result will stand below: open this page again in a while.")


@router.get("/audit/trail")
def trail(page: Audits) -> Response:
    """Show the newest rows of the depot's trail."""
    return _trail(page, TrailForm())


@router.post("/audit/trail")
def searched_trail(page: Audits, form: Annotated[TrailForm, Form()]) -> Response:
    """Show the rows of the depot's trail that are looked for."""
    return _trail(page, form)


def _trail(page: Page, form: TrailForm) -> Response:
    wrong, wanted = "", Wanted()
    try:
        wanted = form.wanted()
    except BadInput as fault:
        wrong = str(fault)
    with page.console.database(Role.AUDITOR).reading() as connection:
        rows = [] if wrong else trail_rows(connection, wanted, form.before)
        actions = recent_actions(connection)
    about = (f", about {wanted.about}" if rows else ", about what is not there") if wanted.about else ""
    note_look(page, f"trail: {wanted.says()}{about}")
    return page.show(
        "audit/trail.html",
        422 if wrong else 200,
        title="Audit trail",
        wrong=wrong,
        form=form,
        rows=rows,
        actions=[("", "Anything"), *((one, one) for one in sorted({*actions, form.action} - {""}))],
        earlier=rows[-1].number if len(rows) == PAGE else None,
    )


@router.get("/audit/cars")
def cars(page: Audits, car: str = "", before: RowNumber | None = None) -> Response:
    """Show the rows of cars' trails as they came."""
    with page.console.database(Role.AUDITOR).reading() as connection:
        known = cars_with_rows(connection)
        wanted = car if car in known else ""
        rows = car_rows(connection, wanted, before)
    note_look(page, f"rows of cars: {wanted or 'all'}")
    return page.show(
        "audit/cars.html",
        title="Cars' audit trails",
        cars=[("", "All cars"), *((one, one) for one in known)],
        car=wanted,
        rows=rows,
        earlier=rows[-1].number if len(rows) == PAGE else None,
    )


@router.get("/audit/figures")
def figures(page: Audits) -> Response:
    """Show the figures of each month; a month that is missing is shown as missing."""
    note_look(page, "figures of months")
    with page.console.database(Role.AUDITOR).reading() as connection:
        returns = returns_in(connection, first_act_at(connection), page.console.now())
    names = list(dict.fromkeys(name for one in returns for name in one.figures))
    return page.show("audit/figures.html", title="Figures of each month", returns=returns, names=names)


def note_look(page: Page, what: str, about: str = "") -> None:
    """Put on record that the auditor looks, before anything is shown."""
    with page.console.database(Role.AUDITOR).writing() as connection:
        add_audit(connection, f"staff {page.staff.staff_id}", LOOKED, about, what)


def _day(text: str) -> datetime | None:
    if not text.strip():
        return None
    try:
        return datetime.combine(date.fromisoformat(text.strip()), time(), UTC)
    except ValueError:
        raise BadInput("A day is written like 2026-11-30.") from None
