"""Searching by law: what analysts ask, what was found, one read with its pictures, and what one asked before."""

from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter, Depends, Form, HTTPException, Response

from patrol_anpr.console.evidence import evidence_file
from patrol_anpr.console.guard import duty
from patrol_anpr.console.page import Page
from patrol_anpr.console.search_forms import Entered, EnteredForm, choices, empty_form
from patrol_anpr.depot.keys import DepotKeys
from patrol_anpr.depot.roles import Role
from patrol_anpr.depot.search.asking import Searching
from patrol_anpr.depot.search.authorising import request_of, requests_in
from patrol_anpr.depot.search.currency import asker_of
from patrol_anpr.depot.search.exporting import Exporting
from patrol_anpr.depot.search.law import Asker, NeedsAuthorisation, Refused, check_currency
from patrol_anpr.depot.settings import evidence_setting
from patrol_anpr.depot.staff.duties import Duty
from patrol_anpr.depot.storage.segments import Unreadable
from patrol_anpr.domain.errors import BadInput
from patrol_anpr.wire.payloads import sha256_of

router = APIRouter(prefix="/search")
Analyst = Annotated[Page, Depends(duty(Duty.SEARCH))]
PICTURES = {"patch.jpg": "patch", "overview.jpg": "overview"}


@router.get("")
def ask(page: Analyst) -> Response:
    """Offer the form."""
    return _form(page, empty_form(page.console.now()))


@router.post("")
def search(page: Analyst, entered: EnteredForm) -> Response:
    """Search, and lead to the answer, whose address holds no mark."""
    try:
        search_id, allowed = searching(page).ask(asker(page), entered.question(), entered.why())
    except NeedsAuthorisation as refused:
        return _form(page, entered, str(refused), may_ask=True)
    except BadInput as wrong:
        return _form(page, entered, str(wrong))
    return page.go(f"/search/{search_id}", " ".join(allowed.warnings))


@router.post("/authorisation")
def ask_senior(page: Analyst, entered: EnteredForm) -> Response:
    """Ask a senior person for the authorisation of a search."""
    try:
        searching(page).request(asker(page), entered.question(), entered.why())
    except BadInput as wrong:
        return _form(page, entered, str(wrong))
    return page.go("/search/authorisations", "A senior person was asked. You can search once they have said yes.")


@router.get("/authorisations")
def asked_for(page: Analyst) -> Response:
    """Show what one asked seniors for, and what came of it."""
    with page.console.database(Role.SEARCH).reading() as connection:
        requests = requests_in(connection, page.staff.staff_id)
    return page.show("search/authorisations.html", title="My authorisations", requests=requests, now=page.console.now())


@router.post("/authorised")
def search_authorised(page: Analyst, authorisation_id: Annotated[str, Form()]) -> Response:
    """Make the very search that was authorised."""
    return search_authorised_by(page, authorisation_id, "/search")


@router.get("/mine")
def mine(page: Analyst) -> Response:
    """Show what one searched for."""
    return page.show(
        "search/mine.html",
        title="My searches",
        searches=searching(page).made_by(page.staff.staff_id),
        now=page.console.now(),
    )


@router.get("/{search_id}")
def answer(page: Analyst, search_id: str, number: int = 1) -> Response:
    """Show a page of what was found."""
    return show_answer(page, search_id, number, "/search")


@router.get("/{search_id}/reads/{place}")
def read(page: Analyst, search_id: str, place: int) -> Response:
    """Show one read, once the trail says so."""
    return show_read(page, search_id, place, "/search")


@router.get("/{search_id}/reads/{place}/{name}")
def picture(page: Analyst, search_id: str, place: int, name: str) -> Response:
    """A picture of a read that was found."""
    return show_picture(page, search_id, place, name)


@router.post("/{search_id}/reads/{place}/evidence")
def hand_out(
    page: Annotated[Page, Depends(duty(Duty.EXPORT))],
    search_id: str,
    place: int,
    reason: Annotated[str, Form()] = "",
) -> Response:
    """Hand a read out as evidence, within the quota, once the trail says so."""
    console = page.console
    setting = evidence_setting(console.folder)
    database = console.database(Role.SEARCH)
    exporting = Exporting(database, searching(page), DepotKeys(console.folder), setting.exports_a_day)
    export = exporting.begin(asker(page), search_id, place, reason, console.now())
    if export is None:
        raise HTTPException(404)
    name, content = evidence_file(console, export)
    exporting.done(export, sha256_of(content))
    return Response(
        content, media_type="application/zip", headers={"content-disposition": f'attachment; filename="{name}"'}
    )


# What the pages of an auditor share


def searching(page: Page) -> Searching:
    """Return the searches of the depot, as a page makes them."""
    return Searching(page.console.database(Role.SEARCH), page.console.now)


def asker(page: Page) -> Asker:
    """Return who asks, as the law sees them."""
    with page.console.database(Role.SEARCH).reading() as connection:
        return asker_of(connection, page.staff)


def show_answer(page: Page, search_id: str, number: int, base: str) -> Response:
    """Show a page of an answer to who asked. Raises HTTPException, Refused."""
    found = searching(page).answer(asker(page), search_id, number)
    if found is None:
        raise HTTPException(404)
    return page.show("search/answer.html", title="What was found", answer=found, base=base)


def show_read(page: Page, search_id: str, place: int, base: str) -> Response:
    """Show one read of an answer to who asked. Raises HTTPException, Refused."""
    found = searching(page).look(asker(page), search_id, place)
    if found is None:
        raise HTTPException(404)
    search, one = found
    lookers = searching(page).found_by(one.seq)
    return page.show("search/read.html", title=f"Read {place}", search=search, read=one, lookers=lookers, base=base)


def show_picture(page: Page, search_id: str, place: int, name: str) -> Response:
    """Answer with a picture of a read, to who found it. Raises HTTPException, Refused."""
    if name not in PICTURES:
        raise HTTPException(404)
    sha256 = searching(page).picture_named(asker(page), search_id, place, PICTURES[name])
    if sha256 is None:
        raise HTTPException(404)
    try:
        return Response(page.console.pictures.content(sha256), media_type="image/jpeg")
    except Unreadable:
        raise HTTPException(404) from None


def search_authorised_by(page: Page, authorisation_id: str, base: str) -> Response:
    """Make a search as it was authorised, and lead to its answer. Raises HTTPException, Refused."""
    with page.console.database(Role.SEARCH).reading() as connection:
        request = request_of(connection, authorisation_id)
    if request is None or request.authorisation.asked_by != page.staff.staff_id:
        raise HTTPException(404)
    asked = request.authorisation
    search_id, allowed = searching(page).ask(asker(page), asked.question, asked.why, authorisation_id)
    return page.go(f"{base}/{search_id}", " ".join(allowed.warnings))


def currency_words(page: Page) -> tuple[Sequence[str], str]:
    """Return what is to be said of somebody's training and policy: warnings, and why they cannot search ("")."""
    try:
        return check_currency(asker(page), page.console.now().date()), ""
    except Refused as refused:
        return (), str(refused)


def _form(page: Page, entered: Entered, wrong: str = "", *, may_ask: bool = False) -> Response:
    warnings, barred = currency_words(page)
    return page.show(
        "search/ask.html",
        422 if wrong else 200,
        title="Search reads",
        typed=entered.shown(),
        purposes=choices(),
        wrong="" if wrong == barred else wrong,
        may_ask=may_ask,
        warnings=warnings,
        barred=barred,
    )
