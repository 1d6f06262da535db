"""The cookies of the console: who is signed on, and day or night."""

import secrets

from fastapi import Request, Response
from starlette.requests import cookie_parser

from patrol_anpr.console.state import Console
from patrol_anpr.depot.staff.provider import AWAY_SECONDS

LOOKS = ("auto", "day", "night")
_LOOK = "look"
_AWAY = "away"
_YEAR = 365 * 24 * 3600


def token_of(request: Request, console: Console) -> str:
    """Return the token of the session, or of the form before there is one; "" without."""
    return request.cookies.get(_name(console), "")


def token_in(header: str, console: Console) -> str:
    """Return the same from the header `Cookie`."""
    return cookie_parser(header).get(_name(console), "")


def set_token(response: Response, console: Console, token: str) -> None:
    """Give the browser a token. It ends with the browser; the server ends it sooner."""
    response.set_cookie(_name(console), token, path="/", secure=console.secure, httponly=True, samesite="strict")


def clear_token(response: Response, console: Console) -> None:
    """Take the token away."""
    response.delete_cookie(_name(console), path="/", secure=console.secure, httponly=True, samesite="strict")


def new_token() -> str:
    """Make a token for the forms of somebody who is not signed on."""
    return secrets.token_urlsafe(32)


def keep_away(response: Response, console: Console, sealed: str) -> None:
    """Let the browser keep what it was sent to the provider with. Lax: it comes back from another site."""
    response.set_cookie(
        _name(console, _AWAY),
        sealed,
        max_age=AWAY_SECONDS,
        path="/",
        secure=console.secure,
        httponly=True,
        samesite="lax",
    )


def take_away(response: Response, console: Console) -> None:
    """Take that away again: it is good once."""
    response.delete_cookie(_name(console, _AWAY), path="/", secure=console.secure, httponly=True, samesite="lax")


def away_of(request: Request, console: Console) -> str:
    """Return what the browser was sent to the provider with; "" without."""
    return request.cookies.get(_name(console, _AWAY), "")


def look_of(request: Request) -> str:
    """Return day, night or auto."""
    look = request.cookies.get(_LOOK, "")
    return look if look in LOOKS else LOOKS[0]


def set_look(response: Response, console: Console, look: str) -> None:
    """Keep day, night or auto."""
    response.set_cookie(_LOOK, look, max_age=_YEAR, path="/", secure=console.secure, httponly=True, samesite="strict")


def _name(console: Console, name: str = "console") -> str:
    """With its prefix a browser takes it only from https, for the whole of this host alone."""
    return f"__Host-{name}" if console.secure else name
