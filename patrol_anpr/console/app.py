"""The console as an app. Nothing of a request is logged but its route; a fault says what happened and repeats nothing.

The pages stand in `pages/`, one file a subject; who may have them is asked in `guard.py`.
"""

import logging
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import RedirectResponse
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect

from patrol_anpr.console.cookies import token_of
from patrol_anpr.console.guard import SAFE, NotAllowed, NotSignedOn
from patrol_anpr.console.headers import SafeHeaders
from patrol_anpr.console.limits import Limits
from patrol_anpr.console.page import OpenPage
from patrol_anpr.console.pages import ROUTERS
from patrol_anpr.console.state import Console
from patrol_anpr.depot.asked import utc_now
from patrol_anpr.depot.faults import NOT_JUST_NOW
from patrol_anpr.depot.security_log import SecurityLog
from patrol_anpr.domain.errors import BadInput, DepotFault, RecordsFault

log = logging.getLogger(__name__)

_PROBLEMS = {
    400: "The request was not whole.",
    404: "There is nothing of that name here.",
    405: "This page cannot be asked in that way.",
}


def create_console(folder: Path, *, now: Callable[[], datetime] = utc_now, secure: bool = True) -> FastAPI:
    """Make the console over the depot in `folder`. `secure`: browsers reach it by https.

    Whoever runs the app closes `app.state.console` afterwards (ConsoleServer does). Raises RecordsFault when the
    database cannot be opened, BadInput when `depot.toml` cannot be used.
    """
    app = FastAPI(title="Patrol ANPR console", openapi_url=None, docs_url=None, redoc_url=None, redirect_slashes=False)
    app.state.console = Console(folder, now, secure=secure)
    for router in ROUTERS:
        app.include_router(router)
    app.add_exception_handler(BadInput, _bad_input)
    app.add_exception_handler(RequestValidationError, _not_whole)
    app.add_exception_handler(NotAllowed, _not_allowed)
    app.add_exception_handler(NotSignedOn, _sign_on_first)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(ClientDisconnect, _gone)
    causes: tuple[type[Exception], ...] = (RecordsFault, DepotFault, *NOT_JUST_NOW)
    for cause in causes:
        app.add_exception_handler(cause, _not_now)
    host = app.state.console.address.partition("://")[2]
    app.add_middleware(Limits, console=app.state.console)
    app.add_middleware(SafeHeaders, secure=secure, host=host)
    app.add_middleware(SecurityLog)
    return app


def _problem(request: Request, status: int, title: str, sentence: str) -> Response:
    console: Console = request.app.state.console
    page = getattr(request.state, "page", None) or OpenPage(request, console, token_of(request, console))
    return page.show("problem.html", status, title=title, sentence=sentence)


def _bad_input(request: Request, error: Exception) -> Response:
    return _problem(request, 422, "That cannot be used", str(error))


def _not_whole(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    if any(fault["loc"][0] == "path" for fault in error.errors()):
        return _problem(request, 404, "Not found", _PROBLEMS[404])
    fields = {str(fault["loc"][1]).replace("_", " ") for fault in error.errors() if len(fault["loc"]) > 1}
    names = f": {', '.join(sorted(fields))}" if fields else ""
    return _problem(request, 422, "That cannot be used", f"Something is missing or cannot be used{names}. Go back.")


def _not_allowed(request: Request, error: Exception) -> Response:
    assert isinstance(error, NotAllowed)
    return _problem(request, error.status, "Not for you", error.sentence)


def _sign_on_first(request: Request, _: Exception) -> Response:
    if request.method in SAFE:
        return RedirectResponse("/sign-on", 303)
    return _problem(request, 403, "Signed off", "You are no longer signed on, so nothing was done. Sign on again.")


def _http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    sentence = _PROBLEMS.get(error.status_code, "That cannot be done.")
    return _problem(request, error.status_code, "Not found" if error.status_code == 404 else "Not possible", sentence)


def _gone(request: Request, _: Exception) -> Response:
    log.info("the sender of a %s went away", request.method)
    return Response(status_code=400)


def _not_now(request: Request, fault: Exception) -> Response:
    log.error("a %s could not be served: %s", request.method, type(fault).__name__)
    sentence = (
        str(fault) if isinstance(fault, RecordsFault | DepotFault) else "The depot cannot be asked just now. Try again."
    )
    request.state.page = None  # what a page says of who is signed on comes from the database
    return _problem(request, 503, "Not just now", sentence)
