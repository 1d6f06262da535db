"""The first time: an invitation becomes a password and the codes of a phone."""

from io import BytesIO
from typing import Annotated

import segno
from fastapi import APIRouter, Depends, Form, Response

from patrol_anpr.console.cookies import new_token, set_token
from patrol_anpr.console.guard import anybody, newcomer
from patrol_anpr.console.page import NewcomerPage, OpenPage
from patrol_anpr.depot.staff.codes import address_of
from patrol_anpr.domain.errors import BadInput

router = APIRouter(prefix="/first-time")

ISSUER = "Patrol ANPR depot"
_IN_GROUPS_OF = 4


@router.get("")
def ask(page: Annotated[OpenPage, Depends(anybody)]) -> Response:
    """Ask for the invitation."""
    page.token = page.token or new_token()
    response = _asked(page)
    set_token(response, page.console, page.token)
    return response


@router.post("")
def invited(
    page: Annotated[OpenPage, Depends(anybody)],
    staff_id: Annotated[str, Form()] = "",
    invitation: Annotated[str, Form()] = "",
) -> Response:
    """Take the invitation."""
    try:
        token = page.console.sign_on.by_invitation(staff_id, invitation, page.address)
    except BadInput as wrong:
        return _asked(page, staff_id, str(wrong))
    response = page.go("/first-time/password")
    set_token(response, page.console, token)
    return response


@router.get("/password")
def show(page: Annotated[NewcomerPage, Depends(newcomer)]) -> Response:
    """Show what the phone is to learn, and ask for a password."""
    return _shown(page)


@router.get("/code.svg")
def picture(page: Annotated[NewcomerPage, Depends(newcomer)]) -> Response:
    """The same as a picture for the phone's camera."""
    address = address_of(page.console.sign_on.secret_of(page.newcomer), page.newcomer.staff_id, ISSUER)
    drawn = BytesIO()
    segno.make(address, error="m", micro=False).save(drawn, kind="svg", scale=5, border=4, light="#fff", xmldecl=False)
    return Response(drawn.getvalue(), media_type="image/svg+xml")


@router.post("/password")
def set_password(
    page: Annotated[NewcomerPage, Depends(newcomer)],
    password: Annotated[str, Form()] = "",
    again: Annotated[str, Form()] = "",
    code: Annotated[str, Form()] = "",
) -> Response:
    """Set the password, where the phone has learned the codes, and sign on."""
    try:
        token = page.console.sign_on.set_password(page.newcomer, password, again, code)
    except BadInput as wrong:
        return _shown(page, str(wrong))
    response = page.go("/")
    set_token(response, page.console, token)
    return response


def _asked(page: OpenPage, staff_id: str = "", wrong: str = "") -> Response:
    status = 422 if wrong else 200
    return page.show("sign_on/invited.html", status, title="First time here", staff_id=staff_id, wrong=wrong)


def _shown(page: NewcomerPage, wrong: str = "") -> Response:
    secret = page.console.sign_on.secret_of(page.newcomer)
    groups = [secret[start : start + _IN_GROUPS_OF] for start in range(0, len(secret), _IN_GROUPS_OF)]
    return page.show(
        "sign_on/password.html",
        422 if wrong else 200,
        title="Your password and your phone",
        newcomer=page.newcomer,
        secret=" ".join(groups),
        wrong=wrong,
    )
