"""One's own account: where one is signed on, and an end to all of it."""

from typing import Annotated

from fastapi import APIRouter, Depends, Form, Response

from patrol_anpr.console.cookies import clear_token, set_token
from patrol_anpr.console.guard import duty
from patrol_anpr.console.page import Page
from patrol_anpr.depot.staff.duties import Duty
from patrol_anpr.domain.errors import BadInput

router = APIRouter(prefix="/me")
Mine = Annotated[Page, Depends(duty(Duty.BE_SIGNED_ON))]


@router.get("")
def show(page: Mine) -> Response:
    """Show the account and its sessions."""
    return _shown(page)


@router.post("/password")
def change(
    page: Mine,
    password: Annotated[str, Form()] = "",
    code: Annotated[str, Form()] = "",
    new: Annotated[str, Form()] = "",
    again: Annotated[str, Form()] = "",
) -> Response:
    """Change the password: every session ends, and this browser gets a new one."""
    try:
        token = page.console.sign_on.change_password(page.staff, password, code, new, again, page.address)
    except BadInput as wrong:
        return _shown(page, str(wrong))
    page.token = token
    response = page.go("/me", "Your password is changed. Wherever else you were signed on, you are not any more.")
    set_token(response, page.console, token)
    return response


@router.post("/sign-off-everywhere")
def everywhere(page: Mine) -> Response:
    """End every session of this account."""
    page.console.sign_on.sign_off_everywhere(page.staff)
    response = page.go("/sign-on")
    clear_token(response, page.console)
    return response


def _shown(page: Page, wrong: str = "") -> Response:
    sessions = page.console.sessions.of(page.staff.staff_id, page.console.now())
    return page.show("me.html", 422 if wrong else 200, title="Your account", sessions=sessions, wrong=wrong)
