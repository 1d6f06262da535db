"""What a senior person is asked to authorise, and what they authorised."""

from typing import Annotated

from fastapi import APIRouter, Depends, Form, HTTPException, Response

from patrol_anpr.console.guard import duty
from patrol_anpr.console.page import Page
from patrol_anpr.depot.audit import add_audit
from patrol_anpr.depot.roles import Role
from patrol_anpr.depot.search.authorising import decide, request_of, requests_in, revoke
from patrol_anpr.depot.search.law import LONGEST_AUTHORISED, reach_of
from patrol_anpr.depot.search.refusing import DECISION_REFUSED, told
from patrol_anpr.depot.staff.duties import Duty
from patrol_anpr.domain.errors import BadInput

router = APIRouter(prefix="/authorisations")
Senior = Annotated[Page, Depends(duty(Duty.AUTHORISE))]


@router.get("")
def all_of_them(page: Senior) -> Response:
    """Show what waits, and what was decided; the marks stand on the page of each alone."""
    with page.console.database(Role.SEARCH).reading() as connection:
        requests = requests_in(connection)
    return page.show("authorisations/all.html", title="Authorisations", requests=requests, now=page.console.now())


@router.get("/{authorisation_id}")
def one(page: Senior, authorisation_id: str) -> Response:
    """Show one request."""
    return _shown(page, authorisation_id)


@router.post("/{authorisation_id}")
def decided(
    page: Senior,
    authorisation_id: str,
    what: Annotated[str, Form()],
    words: Annotated[str, Form()] = "",
    days: Annotated[str, Form()] = "",
) -> Response:
    """Grant, refuse or revoke."""
    who, now = page.staff.staff_id, page.console.now()
    try:
        database = page.console.database(Role.SEARCH)
        with told(database, who, DECISION_REFUSED, authorisation_id), database.writing() as connection:
            if what == "revoke":
                revoke(connection, who, authorisation_id, now, words=words)
            elif what in ("grant", "refuse"):
                lasts = None if what == "refuse" else _days(days)
                decide(connection, who, authorisation_id, now, days=lasts, words=words)
            else:
                raise BadInput("Choose what to do.")
    except BadInput as wrong:
        return _shown(page, authorisation_id, str(wrong), {"words": words, "days": days})
    done = {"grant": "It is granted.", "refuse": "It is refused.", "revoke": "It is revoked."}[what]
    return page.go("/authorisations", done)


def _days(text: str) -> int:
    try:
        return int(text)
    except ValueError:
        raise BadInput(f"Give the number of days, from 1 to {LONGEST_AUTHORISED.days}.") from None


def _shown(page: Page, authorisation_id: str, wrong: str = "", typed: dict[str, str] | None = None) -> Response:
    database = page.console.database(Role.SEARCH)
    with database.reading() as connection:
        request = request_of(connection, authorisation_id)
    if request is None:
        raise HTTPException(404)
    with database.writing() as connection:  # first: it may show a mark
        add_audit(connection, page.staff.actor, "authorisation looked at", authorisation_id)
    now = page.console.now()
    return page.show(
        "authorisations/one.html",
        422 if wrong else 200,
        title="Authorisation",
        request=request,
        reach=reach_of(request.authorisation.question.begin, now),
        own=request.authorisation.asked_by == page.staff.staff_id,
        now=now,
        wrong=wrong,
        typed=typed or {"words": "", "days": "7"},
        most_days=LONGEST_AUTHORISED.days,
    )
