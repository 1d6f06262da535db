"""Evidence on hold: what is held, why, whose it is, when it is reviewed. A release needs two people."""

from datetime import UTC, date
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Response
from pydantic import BaseModel

from patrol_anpr.console.guard import duty
from patrol_anpr.console.page import Page
from patrol_anpr.depot.keeping.holds import Holding, held_record, open_holds
from patrol_anpr.depot.pictures import pictures_in
from patrol_anpr.depot.roles import Role
from patrol_anpr.depot.staff.duties import Duty
from patrol_anpr.depot.storage.segments import Unreadable
from patrol_anpr.domain.errors import BadInput

router = APIRouter()

Holds = Annotated[Page, Depends(duty(Duty.HOLD))]


class HoldForm(BaseModel):
    """What is to be held. `looked`: that its second look was taken."""

    car: str = ""
    item: str = ""
    reason: str = ""
    owner: str = ""
    review: str = ""
    looked: str = ""


class GoesOnForm(BaseModel):
    """What becomes of a hold: `does` is review, ask or agree."""

    hold: str = ""
    does: str = ""
    reason: str = ""
    review: str = ""


@router.get("/holds")
def holds(page: Holds, car: str = "", item: str = "") -> Response:
    """Show what is on hold, the next review first. `car` and `item` fill in the form."""
    return _holds(page, HoldForm(car=car, item=item))


@router.post("/holds")
def hold(page: Holds, form: Annotated[HoldForm, Form()]) -> Response:
    """Show what would be held; hold it once that was looked at."""
    try:
        review_on = _day(form.review)
        if not form.looked:
            record = held_record(page.console.database(Role.RETENTION), form.car.strip(), form.item.strip())
            if not form.reason.strip() or not form.owner.strip():
                raise BadInput("Say why it is held, and whose it is: both are kept in the audit.")
            return page.show("holds/look.html", title="Hold this record?", form=form, record=record)
        count = _holding(page).hold(
            form.car.strip(), form.item.strip(), form.reason, form.owner, review_on, page.console.now(), _actor(page)
        )
    except Unreadable as fault:
        return _holds(page, form, f"A picture of this record cannot be held: {fault}. Tell who keeps the system.")
    except BadInput as wrong:
        return _holds(page, form, str(wrong))
    return page.go("/holds", f"The record and its {count} pictures are held until two people release them.")


@router.post("/holds/change")
def change(page: Holds, form: Annotated[GoesOnForm, Form()]) -> Response:
    """Let a hold go on, ask for its release, or agree to it."""
    holding, actor, now = _holding(page), _actor(page), page.console.now()
    try:
        if form.does == "review":
            holding.review(form.hold, form.reason, _day(form.review), now, actor)
            said = "The hold goes on."
        elif form.does == "ask":
            holding.ask_release(form.hold, form.reason, actor)
            said = "The release is asked for. Another person has to agree."
        elif form.does == "agree":
            holding.agree_release(form.hold, now, actor)
            said = "The record is held no longer. It stays as long as others of its class do."
        else:
            raise BadInput("Choose what is to be done.")
    except BadInput as wrong:
        return _holds(page, HoldForm(), wrong_change=str(wrong), changed=form.hold)
    return page.go("/holds", said)


def _holds(page: Page, form: HoldForm, wrong: str = "", wrong_change: str = "", changed: str = "") -> Response:
    today = page.console.now().astimezone(UTC).date()
    with page.console.database(Role.RETENTION).reading() as connection:
        held = [(hold, hold.is_overdue(today)) for hold in open_holds(connection)]
    return page.show(
        "holds/holds.html",
        422 if wrong or wrong_change else 200,
        title="Evidence on hold",
        held=held,
        overdue=sum(late for _, late in held),
        me=_actor(page),
        form=form,
        wrong=wrong,
        wrong_change=wrong_change,
        changed=changed,
    )


def _holding(page: Page) -> Holding:
    database = page.console.database(Role.RETENTION)
    return Holding(database, pictures_in(page.console.folder, database))


def _actor(page: Page) -> str:
    return f"staff {page.staff.staff_id}"


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        raise BadInput("Say on which day the hold is reviewed, like 2026-11-30.") from None
