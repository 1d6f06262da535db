"""Who may have a page: what every route depends on. Default is no.

A route depends on exactly one `duty(...)`, or on `anybody` or `newcomer` and stands in their table; a test walks them
all. What changes something is a POST, and is looked at here before its route: it comes from a page of this console
(`Origin`), and from this browser (the token in the form).
"""

import hmac
from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request
from fastapi.concurrency import run_in_threadpool

from patrol_anpr.console.cookies import token_of
from patrol_anpr.console.page import CSRF_FIELD, NewcomerPage, OpenPage, Page, csrf_of
from patrol_anpr.console.state import Console
from patrol_anpr.depot.staff.duties import Duty
from patrol_anpr.wire.payloads import sha256_of

FOR_ANYBODY = frozenset(
    {
        ("GET", "/look/{name}"),
        ("POST", "/look"),
        ("GET", "/public"),
        ("GET", "/sign-on"),
        ("POST", "/sign-on"),
        ("GET", "/sign-on/provider"),
        ("GET", "/sign-on/back"),
        ("GET", "/first-time"),
        ("POST", "/first-time"),
    }
)
"""The routes (method, path) that ask nobody who he is."""
FOR_NEWCOMERS = frozenset(
    {("GET", "/first-time/password"), ("GET", "/first-time/code.svg"), ("POST", "/first-time/password")}
)
"""The routes for who has shown an invitation; nobody else has them, and they have no others."""
SAFE = ("GET", "HEAD")


class NotAllowed(Exception):
    """Who asks may not have this: `status` 403, and a sentence that says why."""

    status = 403

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


class NotSignedOn(Exception):
    """Nobody is signed on, or not any more."""


def _console(request: Request) -> Console:
    console: Console = request.app.state.console
    return console


def session_name(token: str) -> str:
    """Return how logs name a session: it leads to a person only by the audit."""
    return f"session {sha256_of(token.encode())[:12]}"


def own_origin(request: Request) -> str:
    """Return the origin of this console's pages, as a browser says it."""
    console = _console(request)
    scheme = "https" if console.secure else "http"
    return console.address or f"{scheme}://{request.headers.get('host', '')}"


async def _checked(request: Request) -> None:
    """Refuse a POST that no form of this console sent from this browser."""
    if request.method in SAFE:
        return
    _check_origin(request)
    form = await request.form()
    check_form(request, form.get(CSRF_FIELD, ""))


def _check_origin(request: Request) -> None:
    if request.headers.get("origin", "") != own_origin(request):
        raise NotAllowed("This was not sent by a page of this console, so nothing was done.")


def check_form(request: Request, sent: object) -> None:
    """Raise NotAllowed where `sent` is not the token that a form of this browser brings back."""
    wanted = csrf_of(token_of(request, _console(request)))
    if not wanted or not isinstance(sent, str) or not hmac.compare_digest(sent.encode(), wanted.encode()):
        raise NotAllowed("The form was made before you signed on, or by somebody else. Open its page again.")


Checked = Annotated[None, Depends(_checked)]


def anybody(request: Request, _: Checked) -> OpenPage:
    """Lend a page to anybody. The route must stand in FOR_ANYBODY."""
    console = _console(request)
    return OpenPage(request, console, token_of(request, console))


async def newcomer(request: Request, _: Checked) -> NewcomerPage:
    """Lend a page to who has shown an invitation. The route must stand in FOR_NEWCOMERS. Raises NotSignedOn."""
    console = _console(request)
    token = token_of(request, console)
    found = await run_in_threadpool(console.sessions.find, token, console.now(), enrols=True)
    if found is None:
        raise NotSignedOn
    request.state.session = session_name(token)
    return NewcomerPage(request, console, token, found)


@dataclass(frozen=True)
class Asks:
    """The dependency of a route on one duty."""

    duty: Duty

    async def __call__(self, request: Request, _: Checked) -> Page:
        """Lend a page to who is signed on and has the duty. Raises NotSignedOn, NotAllowed."""
        return await self._page(request)

    async def _page(self, request: Request) -> Page:
        console = _console(request)
        token = token_of(request, console)
        found = await run_in_threadpool(console.sessions.find, token, console.now())
        if found is None:
            raise NotSignedOn
        request.state.session = session_name(token)
        page = Page(request, console, token, found)
        request.state.page = page
        if self.duty not in found.duties:
            raise NotAllowed("Your roles do not include this. Ask who keeps the accounts, if they should.")
        return page


def duty(wanted: Duty) -> Callable[..., object]:
    """Let a route be for who has a duty: `page: Annotated[Page, Depends(duty(Duty.SEARCH))]`."""
    return Asks(wanted)


class AsksBeforeFile(Asks):
    """The dependency of a route that takes a large file: nothing of its body is read before the duty is asked.

    The route itself checks the form's token, with `check_form`, before it keeps a byte of the file (`uploads.py`).
    """

    async def __call__(self, request: Request) -> Page:  # type: ignore[override]
        """Lend a page as Asks does."""
        _check_origin(request)
        return await self._page(request)


def duty_before_file(wanted: Duty) -> Callable[..., object]:
    """Let a route that takes a large file be for who has a duty."""
    return AsksBeforeFile(wanted)
