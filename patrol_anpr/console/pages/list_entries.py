"""Single entries: those that cars call out of date, and those that operators add or cancel by hand."""

from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Response

from patrol_anpr.console.guard import duty
from patrol_anpr.console.page import Page
from patrol_anpr.console.pages.lists import check_signing
from patrol_anpr.depot.lists.by_hand import LONGEST, OWNER, Operator, add_by_hand, cancel_by_hand, entry_by_hand
from patrol_anpr.depot.lists.kept import entries_of, opened_list
from patrol_anpr.depot.lists.publishing import audit_list, opening_keys, published, repository_of
from patrol_anpr.depot.lists.signing import signing_of
from patrol_anpr.depot.lists.stale import ReviewDecision, StaleEntry, decide, stale_entries
from patrol_anpr.depot.roles import Role
from patrol_anpr.depot.staff.duties import Duty
from patrol_anpr.domain.errors import BadInput
from patrol_anpr.domain.hotlist import HOT_LIST, Tier, Voi

router = APIRouter(prefix="/lists")

Publishes = Annotated[Page, Depends(duty(Duty.PUBLISH_LISTS))]
DECISIONS = (
    (ReviewDecision.TOLD, "The owner was told and will send another list"),
    (ReviewDecision.REMOVED, "The owner says it is to be taken off: cancel it on every list now"),
    (ReviewDecision.KEPT, "The owner says that it is right"),
)
TIERS = tuple((str(int(tier)), f"{int(tier)} {tier.word}") for tier in Tier if tier is not Tier.SILENT)


@router.get("/review")
def review(page: Publishes) -> Response:
    """Show the entries that cars call out of date."""
    return _review(page)


def _review(page: Page, wrong: str = "", wrong_at: str = "", reason: str = "") -> Response:
    audit_list(page.console.folder, f"staff {page.staff.staff_id}", "entries to review looked at", "", "")
    heads = {head.list_id: head for head, _ in published(repository_of(page.console.folder, now=page.console.now))}
    return page.show(
        "lists/review.html",
        422 if wrong else 200,
        title="Entries to review",
        entries=_stale(page),
        heads=heads,
        decisions=DECISIONS,
        wrong=wrong,
        wrong_at=wrong_at,
        reason=reason,
    )


def _stale(page: Page) -> list[StaleEntry]:
    console = page.console
    return stale_entries(console.database(Role.SEARCH), console.database(Role.OPERATOR), console.now())


@router.post("/review")
def decided(
    page: Publishes,
    car_id: Annotated[str, Form()] = "",
    outcome_id: Annotated[str, Form()] = "",
    decision: Annotated[str, Form()] = "",
    reason: Annotated[str, Form()] = "",
) -> Response:
    """Keep what the owner said; where it is to go, cancel it."""
    wanted = (car_id, outcome_id)
    entry = next((one for one in _stale(page) if (one.car_id, one.outcome_id) == wanted), None)
    staff_id, console = page.staff.staff_id, page.console
    try:
        if entry is None:
            raise BadInput("Nobody calls this entry out of date any more, or somebody decided meanwhile.")
        if decision not in list(ReviewDecision):
            raise BadInput("Choose what the owner said.")
        if not reason.strip():
            raise BadInput("Say who of the owner was asked, and what they said.")
        said = ""
        if decision == ReviewDecision.REMOVED:
            by = Operator(f"staff {staff_id}", reason.strip())
            names = cancel_by_hand(console.folder, entry.vrm, by, now=console.now)
            said = f" It is cancelled on: {', '.join(names)}."
        decide(console.database(Role.OPERATOR), entry, ReviewDecision(decision), staff_id, reason, console.now())
    except BadInput as fault:
        return _review(page, str(fault), f"{car_id} {outcome_id}", reason)
    return page.go("/lists/review", f"Noted.{said}")


@router.get("/by-hand")
def by_hand(page: Publishes) -> Response:
    """Show the entries that were made by hand, and forms to add one and to cancel one."""
    return _by_hand(page, {}, "", "")


def _by_hand(page: Page, values: dict[str, str], wrong: str, cancel_wrong: str) -> Response:
    audit_list(page.console.folder, f"staff {page.staff.staff_id}", "entries by hand looked at", HOT_LIST, "")
    first = {"vrm": "", "reason": "", "tier": "2", "days": "2", "make": "", "colour": "", "markers": "", "why": ""}
    return page.show(
        "lists/by_hand.html",
        422 if wrong or cancel_wrong else 200,
        title="Add or cancel one entry",
        entries=_made_by_hand(page),
        values=first | {"action": "", "cancel_vrm": "", "cancel_why": ""} | values,
        tiers=TIERS,
        most=LONGEST.days,
        wrong=wrong,
        cancel_wrong=cancel_wrong,
    )


def _made_by_hand(page: Page) -> list[Voi]:
    repository = repository_of(page.console.folder, now=page.console.now)
    for head, _ in published(repository):
        if head.list_id == HOT_LIST:
            with opened_list(repository, head, opening_keys(page.console.folder).get(head.key_id)) as opened:
                today = page.console.now().date()
                found = [entry.voi for entry in entries_of(opened)]
            return sorted((v for v in found if v.weed_date is None or v.weed_date >= today), key=lambda voi: voi.vrm)
    return []


@router.post("/by-hand/add")
def added(
    page: Publishes,
    vrm: Annotated[str, Form()] = "",
    reason: Annotated[str, Form()] = "",
    tier: Annotated[str, Form()] = "2",
    days: Annotated[str, Form()] = "2",
    make: Annotated[str, Form()] = "",
    colour: Annotated[str, Form()] = "",
    action: Annotated[str, Form()] = "",
    markers: Annotated[str, Form()] = "",
    why: Annotated[str, Form()] = "",
) -> Response:
    """Put an entry into force in all cars."""
    values = {"vrm": vrm, "reason": reason, "tier": tier, "days": days, "make": make, "colour": colour}
    values |= {"action": action, "markers": markers, "why": why}
    console = page.console
    try:
        if not why.strip():
            raise BadInput("Say why, for the audit: who asked for it, and the case.")
        if not (days.isascii() and days.isdigit() and 1 <= int(days[:4]) <= LONGEST.days):
            raise BadInput("An entry made by hand ends after 1 to {most} days.", most=LONGEST.days)
        end = (console.now() + timedelta(days=int(days))).date()
        wanted = Tier(int(tier)) if tier in dict(TIERS) else Tier.PRIORITY
        columns = (vrm, make, "", colour, action, markers, reason)
        line = entry_by_hand(columns, wanted, end, console.now().date())
        repository = repository_of(console.folder, now=console.now)
        check_signing(signing_of(repository, HOT_LIST, OWNER, None), "depot hot add")
        add_by_hand(console.folder, line.voi, Operator(f"staff {page.staff.staff_id}", why.strip()), now=console.now)
    except BadInput as fault:
        return _by_hand(page, values, str(fault), "")
    doubt = f" Look at the mark again: {line.doubt}." if line.doubt else ""
    return page.go("/lists/by-hand", f"Added. Cars that reach the depot have it within a minute.{doubt}")


@router.post("/by-hand/cancel")
def cancelled(
    page: Publishes, cancel_vrm: Annotated[str, Form()] = "", cancel_why: Annotated[str, Form()] = ""
) -> Response:
    """Take a mark off every list that has it."""
    values = {"cancel_vrm": cancel_vrm, "cancel_why": cancel_why}
    try:
        if not cancel_why.strip():
            raise BadInput("Say why, for the audit: who of the owner agreed, and how.")
        by = Operator(f"staff {page.staff.staff_id}", cancel_why.strip())
        names = cancel_by_hand(page.console.folder, cancel_vrm, by, now=page.console.now)
    except BadInput as fault:
        return _by_hand(page, values, "", str(fault))
    said = f"Cancelled on: {', '.join(names)}. A later file that has it puts it in force again: tell its owner."
    return page.go("/lists/by-hand", said)
