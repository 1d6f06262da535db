"""The depot's HTTP service, version 1. Nothing a car sends is echoed, no request is logged with its content.

Who is there is asked first, then the body is read with limits of our own (`body.py`): no model sees it before.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, TypeVar

from fastapi import APIRouter, Depends, FastAPI, Header, Request, Response
from fastapi import Path as InPath
from fastapi.concurrency import run_in_threadpool
from fastapi.exceptions import RequestValidationError
from fastapi.responses import FileResponse, JSONResponse
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from pydantic import BaseModel, ValidationError
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as NoConnection
from starlette.requests import ClientDisconnect

from patrol_anpr.depot.body import Limits, Refusal, read_body
from patrol_anpr.depot.cars import car_of
from patrol_anpr.depot.database import DepotDatabase, add_audit
from patrol_anpr.depot.dispositions import dispositions_of
from patrol_anpr.depot.hotlists import file_of, find_revision, index_of, keep_held
from patrol_anpr.depot.ingest import Ingest
from patrol_anpr.depot.jpeg import NotAPicture
from patrol_anpr.depot.pictures import DepotPictures, NotAsNamed
from patrol_anpr.depot.roster import roster_of
from patrol_anpr.depot.security_log import SecurityLog
from patrol_anpr.depot.shape import holds_too_much
from patrol_anpr.wire.payloads import (
    DispositionsReply,
    HeldReport,
    ListIndexReply,
    RosterReply,
    Taken,
    UploadBatch,
    UploadReply,
    sha256_of,
)

log = logging.getLogger(__name__)

JSON = "application/json"
JPEG = "image/jpeg"
_Model = TypeVar("_Model", bound=BaseModel)


def utc_now() -> datetime:
    """The depot's own clock."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Depot:
    """What the endpoints work on."""

    folder: Path
    database: DepotDatabase
    pictures: DepotPictures
    limits: Limits
    now: Callable[[], datetime]


def create_app(folder: Path, *, limits: Limits | None = None, now: Callable[[], datetime] = utc_now) -> FastAPI:
    """Make the service over the depot in `folder`, which is made where there is none.

    `now` is the depot's clock. Whoever runs the app closes `app.state.depot.database` afterwards (DepotServer does).
    Raises RecordsFault when the database cannot be opened.
    """
    app = FastAPI(title="Patrol ANPR depot", openapi_url=None, docs_url=None, redoc_url=None)
    database = DepotDatabase(folder)
    app.state.depot = Depot(folder, database, DepotPictures(folder, database), limits or Limits(), now)
    app.include_router(_routes)
    app.add_exception_handler(Refusal, _refused)
    app.add_exception_handler(RequestValidationError, _not_there)
    app.add_exception_handler(ClientDisconnect, _gone)
    app.add_middleware(SecurityLog)
    for cause in (DBAPIError, NoConnection, OSError):
        app.add_exception_handler(cause, _not_now)
    return app


def _depot(request: Request) -> Depot:
    depot: Depot = request.app.state.depot
    return depot


TheDepot = Annotated[Depot, Depends(_depot)]


def _car_id(
    request: Request,
    depot: TheDepot,
    said: Annotated[HTTPAuthorizationCredentials | None, Depends(HTTPBearer(auto_error=False))],
) -> str:
    car = car_of(depot.database, said.credentials) if said and said.credentials else None
    if car is None:
        raise Refusal(401, "The depot does not know this car.")
    request.state.car_id = car.car_id
    if car.revoked:
        raise Refusal(403, "This car is no longer allowed.")
    return car.car_id


CarId = Annotated[str, Depends(_car_id)]
"""The car that speaks, by its token: 401 when the depot does not know it, 403 when it is revoked."""


async def _report(request: Request, depot: TheDepot, _: CarId) -> bytes:
    return await read_body(request, media=JSON, limit=depot.limits.report_bytes, seconds=depot.limits.body_seconds)


async def _batch(request: Request, depot: TheDepot, _: CarId) -> bytes:
    return await read_body(request, media=JSON, limit=depot.limits.batch_bytes, seconds=depot.limits.body_seconds)


_routes = APIRouter(prefix="/v1")


@_routes.get("/roster", response_model=RosterReply)
def roster(depot: TheDepot, car_id: CarId, if_none_match: Annotated[str, Header()] = "") -> Response:
    """The officers who may sign on."""
    _note(depot, car_id, "roster fetched")
    return _tagged(roster_of(depot.database), if_none_match)


@_routes.get("/dispositions", response_model=DispositionsReply)
def dispositions(depot: TheDepot, _: CarId, if_none_match: Annotated[str, Header()] = "") -> Response:
    """What may be done about a hit, in the words of this depot."""
    return _tagged(dispositions_of(depot.database), if_none_match)


@_routes.get("/hotlists", response_model=ListIndexReply)
def index(depot: TheDepot, _: CarId, if_none_match: Annotated[str, Header()] = "") -> Response:
    """The newest revision of every list."""
    return _tagged(index_of(depot.database), if_none_match)


@_routes.get("/hotlists/{list_id}/{revision}")
def hotlist(
    depot: TheDepot, car_id: CarId, list_id: str, revision: Annotated[str, InPath(pattern="^[0-9]{1,15}$")]
) -> FileResponse:
    """The file as it was published; Range and If-Range (its SHA-256) resume a broken transfer."""
    head = find_revision(depot.database, list_id, int(revision))
    if head is None:
        raise Refusal(404, "There is no such list or revision.")
    file = file_of(depot.folder, head)
    if not file.is_file():
        log.error("the file of a list is missing: list %s, revision %d", head.list_id, head.revision)
        raise Refusal(503, "The depot misses the file of this list.")
    _note(depot, car_id, "hotlist fetched", head.list_id, f"revision {head.revision}")
    media = "application/zip" if head.packing == "zip" else "text/csv"
    return FileResponse(file, media_type=media, headers={"etag": f'"{head.sha256}"'})


@_routes.post("/held")
def held(depot: TheDepot, car_id: CarId, body: Annotated[bytes, Depends(_report)]) -> Taken:
    """Which lists the car holds."""
    keep_held(depot.database, car_id, _parsed(HeldReport, body, depot.limits).lists, depot.now())
    return Taken(sha256=sha256_of(body))


@_routes.put("/pictures/{sha256}")
async def picture(
    request: Request,
    response: Response,
    depot: TheDepot,
    car_id: CarId,
    sha256: Annotated[str, InPath(pattern="^[0-9a-f]{64}$")],
) -> Taken:
    """201 kept, 200 was here; 400 damaged on the way (send again), 413 and 422 refused for good."""
    limits = depot.limits
    try:
        content = await read_body(request, media=JPEG, limit=limits.picture_bytes, seconds=limits.body_seconds)
        new = await run_in_threadpool(depot.pictures.keep, car_id, sha256, content, depot.now())
    except NotAsNamed:
        raise Refusal(400, "The content is not what its SHA-256 says.") from None
    except NotAPicture as fault:
        raise Refusal(422, f"The content is refused: {fault}.") from None
    except Refusal as refusal:
        if refusal.status == 413:  # remembered for this car alone, whose word for the content this is
            await run_in_threadpool(depot.pictures.refuse, car_id, sha256, "too large", depot.now())
        raise
    response.status_code = 201 if new else 200
    return Taken(sha256=sha256)


@_routes.post("/items")
def items(depot: TheDepot, car_id: CarId, body: Annotated[bytes, Depends(_batch)]) -> UploadReply:
    """A receipt for each item, in their order."""
    batch = _parsed(UploadBatch, body, depot.limits)
    return Ingest(depot.database, depot.pictures).take(car_id, batch.items, depot.now())


def _parsed(model: type[_Model], body: bytes, limits: Limits) -> _Model:
    """Called on a thread of the pool, never on the event loop: eight megabytes take a while."""
    wrong = Refusal(422, "The content has not the shape it must have.")
    if holds_too_much(body, limits.json):
        raise wrong
    try:
        return model.model_validate_json(body)
    except ValidationError:
        raise wrong from None


def _note(depot: Depot, car_id: str, action: str, object_id: str = "", reason: str = "") -> None:
    """Audit who fetched what, before the answer goes out: no audit, no answer."""
    with depot.database.writing() as connection:
        add_audit(connection, f"car {car_id}", action, object_id, reason)


def _tagged(reply: BaseModel, known: str) -> Response:
    content = reply.model_dump_json().encode()
    tag = f'"{sha256_of(content)}"'
    if known == tag:
        return Response(status_code=304, headers={"etag": tag})
    return Response(content, media_type=JSON, headers={"etag": tag})


async def _refused(request: Request, refusal: Exception) -> Response:
    assert isinstance(refusal, Refusal)
    log.info("refused %s with %d", request.method, refusal.status)
    # Closed, because what is left of the content would be read to its end otherwise, and it may have none.
    headers = {"connection": "close"}
    if refusal.status == 401:
        headers["www-authenticate"] = "Bearer"
    return JSONResponse({"problem": refusal.problem}, refusal.status, headers)


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
