"""Until when the training and the signed policy of the staff are good."""

from typing import Annotated

from fastapi import APIRouter, Depends, Form, Response

from patrol_anpr.console.guard import duty
from patrol_anpr.console.page import Page
from patrol_anpr.depot.roles import Role
from patrol_anpr.depot.search.currency import currencies_in, set_currency
from patrol_anpr.depot.staff.duties import Duty
from patrol_anpr.domain.errors import BadInput

router = APIRouter(prefix="/training")
Keeper = Annotated[Page, Depends(duty(Duty.KEEP_ACCOUNTS))]


@router.get("")
def show(page: Keeper) -> Response:
    """Show everybody's, and a form to change one."""
    return _shown(page)


@router.post("")
def keep(
    page: Keeper,
    staff_id: Annotated[str, Form()] = "",
    training_ends: Annotated[str, Form()] = "",
    policy_ends: Annotated[str, Form()] = "",
) -> Response:
    """Keep somebody's."""
    try:
        with page.console.database(Role.STAFF).writing() as connection:
            set_currency(connection, page.staff.actor, staff_id, training_ends, policy_ends)
    except BadInput as wrong:
        typed = {"staff_id": staff_id, "training_ends": training_ends, "policy_ends": policy_ends}
        return _shown(page, str(wrong), typed)
    return page.go("/training", f"Kept for {staff_id}.")


def _shown(page: Page, wrong: str = "", typed: dict[str, str] | None = None) -> Response:
    with page.console.database(Role.STAFF).reading() as connection:
        people = currencies_in(connection)
    return page.show(
        "search/training.html",
        422 if wrong else 200,
        title="Training and policy",
        people=people,
        today=page.console.now().date(),
        wrong=wrong,
        typed=typed or {"staff_id": "", "training_ends": "", "policy_ends": ""},
    )
