"""Signing on and off."""

from typing import Annotated

from fastapi import APIRouter, Depends, Form, HTTPException, Response
from fastapi.responses import RedirectResponse

from patrol_anpr.console.cookies import away_of, clear_token, keep_away, new_token, set_token, take_away
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


@router.get("/sign-on/provider")
def away(page: Annotated[OpenPage, Depends(anybody)]) -> Response:
    """Send the browser to the force's own sign-on."""
    if page.console.provider is None:
        raise HTTPException(404)
    url, sealed = page.console.provider.begin()
    response = RedirectResponse(url, 303)
    keep_away(response, page.console, sealed)
    return response


@router.get("/sign-on/back")
def back(page: Annotated[OpenPage, Depends(anybody)]) -> Response:
    """Take somebody who comes back from there."""
    provider, setting = page.console.provider, page.console.provider_setting
    if provider is None or setting is None:
        raise HTTPException(404)
    try:
        person = provider.finish(away_of(page.request, page.console), page.request.query_params)
        token = page.console.sign_on.by_provider(person, setting.roles_of(person.groups))
    except BadInput as wrong:
        response = _asked(page, wrong=str(wrong))
    else:
        page.console.sessions.end(page.token)
        # A page, and no redirect: who comes from another site does not bring the new cookie along at once.
        response = page.show("sign_on/back.html", title="Signed on", name=person.name)
        set_token(response, page.console, token)
    take_away(response, page.console)
    return response


@router.post("/sign-off")
def signed_off(page: Annotated[Page, Depends(duty(Duty.BE_SIGNED_ON))]) -> Response:
    """End this session."""
    page.console.sign_on.sign_off(page.staff, page.token)
    response = page.go("/sign-on")
    clear_token(response, page.console)
    return response
