"""Signing on and off."""

from typing import Annotated

from fastapi import APIRouter, Depends, Form, Response

from patrol_anpr.console.cookies import clear_token, new_token, set_token
from patrol_anpr.console.guard import anybody, duty
from patrol_anpr.console.page import OpenPage, Page
from patrol_anpr.depot.staff.duties import Duty
from patrol_anpr.domain.errors import BadInput

router = APIRouter()


@router.get("/sign-on")
def ask(page: Annotated[OpenPage, Depends(anybody)]) -> Response:
    """Ask who it is."""
    page.token = page.token or new_token()
    response = _asked(page)
    set_token(response, page.console, page.token)
    return response


def _asked(page: OpenPage, staff_id: str = "", wrong: str = "") -> Response:
    return page.show("sign_on/ask.html", 422 if wrong else 200, title="Sign on", staff_id=staff_id, wrong=wrong)


@router.post("/sign-on")
def signed_on(
    page: Annotated[OpenPage, Depends(anybody)],
    staff_id: Annotated[str, Form()] = "",
    password: Annotated[str, Form()] = "",
    code: Annotated[str, Form()] = "",
) -> Response:
    """Sign somebody on by password and one-time code."""
    try:
        token = page.console.sign_on.by_password(staff_id, password, code, page.address)
    except BadInput as wrong:
        return _asked(page, staff_id, str(wrong))
    page.console.sessions.end(page.token)  # who was signed on in this browser before
    response = page.go("/")
    set_token(response, page.console, token)
    return response


@router.post("/sign-off")
def signed_off(page: Annotated[Page, Depends(duty(Duty.BE_SIGNED_ON))]) -> Response:
    """End this session."""
    page.console.sign_on.sign_off(page.staff, page.token)
    response = page.go("/sign-on")
    clear_token(response, page.console)
    return response
