"""The one listing of a car's reads there is: by an auditor, for a case, once a senior person has authorised it."""

from typing import Annotated

from fastapi import APIRouter, Depends, Form, Response

from patrol_anpr.console.guard import duty
from patrol_anpr.console.page import Page
from patrol_anpr.console.pages.search import (
    asker,
    currency_words,
    search_authorised_by,
    searching,
    show_answer,
    show_picture,
    show_read,
)
from patrol_anpr.console.search_forms import Entered, EnteredForm, empty_form
from patrol_anpr.depot.roles import Role
from patrol_anpr.depot.search.authorising import requests_in
from patrol_anpr.depot.search.law import Purpose
from patrol_anpr.depot.staff.duties import Duty
from patrol_anpr.domain.errors import BadInput

router = APIRouter(prefix="/car-audit")
Auditor = Annotated[Page, Depends(duty(Duty.AUDIT))]


@router.get("")
def ask(page: Auditor) -> Response:
    """Offer the form, and show what was asked for before."""
    return _form(page, empty_form(page.console.now()))


@router.post("")
def ask_senior(page: Auditor, entered: EnteredForm) -> Response:
    """Ask a senior person for the authorisation of a listing."""
    try:
        searching(page).request(asker(page), entered.question(), entered.why(Purpose.AUDIT))
    except BadInput as wrong:
        return _form(page, entered, str(wrong))
    return page.go("/car-audit", "A senior person was asked. You can list the reads once they have said yes.")


@router.post("/authorised")
def list_authorised(page: Auditor, authorisation_id: Annotated[str, Form()]) -> Response:
    """Make the very listing that was authorised."""
    return search_authorised_by(page, authorisation_id, "/car-audit")


@router.get("/{search_id}")
def answer(page: Auditor, search_id: str, number: int = 1) -> Response:
    """Show a page of what was found."""
    return show_answer(page, search_id, number, "/car-audit")


@router.get("/{search_id}/reads/{place}")
def read(page: Auditor, search_id: str, place: int) -> Response:
    """Show one read, once the trail says so."""
    return show_read(page, search_id, place, "/car-audit")


@router.get("/{search_id}/reads/{place}/{name}")
def picture(page: Auditor, search_id: str, place: int, name: str) -> Response:
    """A picture of a read that was found."""
    return show_picture(page, search_id, place, name)


def _form(page: Page, entered: Entered, wrong: str = "") -> Response:
    with page.console.database(Role.SEARCH).reading() as connection:
        requests = requests_in(connection, page.staff.staff_id)
    warnings, barred = currency_words(page)
    return page.show(
        "search/car_audit.html",
        422 if wrong else 200,
        title="List a car's reads",
        typed=entered.shown(),
        requests=requests,
        now=page.console.now(),
        wrong="" if wrong == barred else wrong,
        warnings=warnings,
        barred=barred,
    )
