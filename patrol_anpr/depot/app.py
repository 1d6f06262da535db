"""The depot's HTTP service, version 2. Nothing a car sends is echoed, no request is logged with its content.

Who is there is asked first (`who.py`), then the body is read with limits of our own (`body.py`): no model sees it
before. The routes stand in `routes/`.
"""

import logging
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.requests import ClientDisconnect

from patrol_anpr.depot.arriving import Arriving
from patrol_anpr.depot.asked import Depot, utc_now
from patrol_anpr.depot.body import Limits, Refusal
from patrol_anpr.depot.certificates import CarCertificates
from patrol_anpr.depot.database import DepotDatabase
from patrol_anpr.depot.faults import NOT_JUST_NOW
from patrol_anpr.depot.keys import DepotKeys
from patrol_anpr.depot.lists.publishing import repository_of
from patrol_anpr.depot.metrics import Metrics
from patrol_anpr.depot.pictures import pictures_in
from patrol_anpr.depot.quotas import QuotaKeeper, TooMuch
from patrol_anpr.depot.roles import Role
from patrol_anpr.depot.routes import ROUTERS
from patrol_anpr.depot.security_log import SecurityLog
from patrol_anpr.depot.settings import quotas
from patrol_anpr.depot.signatures import Signatures
from patrol_anpr.depot.turns import Turns
from patrol_anpr.wire.signatures import REASON

log = logging.getLogger(__name__)


def create_app(
    folder: Path,
    *,
    limits: Limits | None = None,
    now: Callable[[], datetime] = utc_now,
    behind_proxy: bool = False,
) -> FastAPI:
    """Make the service over the depot in `folder`, which is made where there is none.

    `now` is the depot's clock. With `behind_proxy` only a proxy can reach it, which says who asks. Whoever runs the app
    closes `app.state.depot.database` afterwards (DepotServer does).
    Raises RecordsFault when the database, the keys or the pictures cannot be opened.
    """
    app = FastAPI(title="Patrol ANPR depot", openapi_url=None, docs_url=None, redoc_url=None)
    keys = DepotKeys(folder)
    database = DepotDatabase(folder, Role.INGEST)
    limits = limits or Limits()
    try:
        pictures = pictures_in(folder, database)
        repository_of(folder, now=now)
        keeper = QuotaKeeper(quotas(folder), database)
    except BaseException:
        database.close()
        raise
    app.state.depot = Depot(
        folder=folder,
        database=database,
        pictures=pictures,
        arriving=Arriving(folder, limits.arriving_bytes),
        limits=limits,
        now=now,
        keys=keys,
        certificates=CarCertificates(keys.authority),
        signatures=Signatures(keys.depot_id, now),
        quotas=keeper,
        turns=Turns(),
        behind_proxy=behind_proxy,
    )
    for router in ROUTERS:
        app.include_router(router)
    app.add_exception_handler(Refusal, _refused)
    app.add_exception_handler(TooMuch, _wait)
    app.add_exception_handler(RequestValidationError, _not_there)
    app.add_exception_handler(ClientDisconnect, _gone)
    app.state.metrics = Metrics(folder, database, now)
    app.add_middleware(SecurityLog, metrics=app.state.metrics)
    for cause in NOT_JUST_NOW:
        app.add_exception_handler(cause, _not_now)
    return app


async def _refused(request: Request, refusal: Exception) -> Response:
    assert isinstance(refusal, Refusal)
    log.info("refused %s with %d", request.method, refusal.status)
    # Closed, because what is left of the content would be read to its end otherwise, and it may have none.
    headers = {"connection": "close"}
    if refusal.status == 401:
        headers["www-authenticate"] = "Signature"
    if refusal.reason:
        headers[REASON] = refusal.reason
    return JSONResponse({"problem": refusal.problem}, refusal.status, headers)


async def _wait(request: Request, too_much: Exception) -> Response:
    assert isinstance(too_much, TooMuch)
    headers = {"connection": "close", "retry-after": str(too_much.seconds)}
    return JSONResponse({"problem": too_much.problem}, too_much.status, headers)


async def _not_there(request: Request, _: Exception) -> Response:
    # Of what a request says, only its path is checked by FastAPI, whose own answer would repeat it.
    return await _refused(request, Refusal(404, "There is nothing of that name."))


async def _gone(request: Request, _: Exception) -> Response:
    log.info("the sender of a %s went away", request.method)
    return Response(status_code=400)


async def _not_now(request: Request, fault: Exception) -> Response:
    # No receipt was given, so the car keeps what it sent and comes back.
    log.error("a %s could not be served: %s", request.method, type(fault).__name__)
    return JSONResponse({"problem": "The depot cannot keep anything just now."}, 503, {"retry-after": "5"})
