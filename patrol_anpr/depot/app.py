"""The depot's HTTP service, version 1. Nothing a car sends is echoed, no request is logged with its content."""

import logging
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar

from fastapi import FastAPI
from pydantic import BaseModel, ValidationError
from sqlalchemy.dialects.sqlite import insert
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as NoConnection
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.responses import FileResponse, JSONResponse, Response

from patrol_anpr.depot.body import Limits, Refusal, read_body
from patrol_anpr.depot.cars import car_of
from patrol_anpr.depot.database import Database
from patrol_anpr.depot.hotlists import file_of, find_revision, index_of
from patrol_anpr.depot.ingest import Ingest
from patrol_anpr.depot.jpeg import NotAPicture
from patrol_anpr.depot.pictures import NotAsNamed, Pictures
from patrol_anpr.depot.roster import roster_of
from patrol_anpr.depot.tables import held_lists
from patrol_anpr.wire.payloads import HeldReport, Taken, UploadBatch, sha256_of

log = logging.getLogger(__name__)

JSON = "application/json"
JPEG = "image/jpeg"
_SHA256 = re.compile(r"[0-9a-f]{64}")
_Model = TypeVar("_Model", bound=BaseModel)


def utc_now() -> datetime:
    """The depot's own clock."""
    return datetime.now(UTC)


def create_app(folder: Path, *, limits: Limits | None = None, now: Callable[[], datetime] = utc_now) -> FastAPI:
    """Make the service over the depot in `folder`, which is made where there is none.

    `now` is the depot's clock. Whoever runs the app closes `app.state.database` afterwards (DepotServer does). Raises
    RecordsFault when the database cannot be opened.
    """
    database = Database(folder)
    routes = _Routes(folder, database, limits or Limits(), now)
    app = FastAPI(title="Patrol ANPR depot", openapi_url=None, docs_url=None, redoc_url=None)
    app.state.database = database
    for method, path, endpoint in (
        ("GET", "/v1/roster", routes.roster),
        ("GET", "/v1/hotlists", routes.index),
        ("GET", "/v1/hotlists/{list_id}/{revision}", routes.hotlist),
        ("POST", "/v1/held", routes.held),
        ("PUT", "/v1/pictures/{sha256}", routes.picture),
        ("POST", "/v1/items", routes.items),
    ):
        app.add_route(path, endpoint, methods=[method])
    app.add_exception_handler(Refusal, _refused)
    app.add_exception_handler(ClientDisconnect, _gone)
    for cause in (DBAPIError, NoConnection, OSError):
        app.add_exception_handler(cause, _not_now)
    return app


@dataclass(frozen=True, slots=True)
class _Routes:
    """The endpoints. Each first asks who is there, then reads the body, then works in the thread pool."""

    folder: Path
    database: Database
    limits: Limits
    now: Callable[[], datetime]

    async def roster(self, request: Request) -> Response:
        await self._car(request)
        return _tagged(request, await run_in_threadpool(roster_of, self.database))

    async def index(self, request: Request) -> Response:
        await self._car(request)
        return _tagged(request, await run_in_threadpool(index_of, self.database))

    async def hotlist(self, request: Request) -> Response:
        """The file as it was published; Range and If-Range (its SHA-256) resume a broken transfer."""
        await self._car(request)
        revision = request.path_params["revision"]
        head = None
        if revision.isascii() and revision.isdecimal() and len(revision) <= 15:
            list_id = request.path_params["list_id"]
            head = await run_in_threadpool(find_revision, self.database, list_id, int(revision))
        if head is None:
            raise Refusal(404, "There is no such list or revision.")
        media = "application/zip" if head.packing == "zip" else "text/csv"
        return FileResponse(file_of(self.folder, head), media_type=media, headers={"etag": f'"{head.sha256}"'})

    async def held(self, request: Request) -> Response:
        car_id = await self._car(request)
        body = await self._body(request, JSON, self.limits.report_bytes)
        await run_in_threadpool(self._keep_report, car_id, _parsed(HeldReport, body))
        return _taken(sha256_of(body), 200)

    async def picture(self, request: Request) -> Response:
        """201 kept, 200 was here; 400 damaged on the way (send again), 413 and 422 refused for good."""
        car_id = await self._car(request)
        sha256 = request.path_params["sha256"]
        if not _SHA256.fullmatch(sha256):
            raise Refusal(404, "A picture is named by its SHA-256.")
        pictures = Pictures(self.folder, self.database)
        try:
            content = await self._body(request, JPEG, self.limits.picture_bytes)
            new = await run_in_threadpool(pictures.keep, car_id, sha256, content, self.now())
        except NotAsNamed:
            raise Refusal(400, "The content is not what its SHA-256 says.") from None
        except NotAPicture as fault:
            raise Refusal(422, f"The content is refused: {fault}.") from None
        except Refusal as refusal:
            if refusal.status == 413:  # remembered for this car alone, whose word for the content this is
                await run_in_threadpool(pictures.refuse, car_id, sha256, "too large", self.now())
            raise
        return _taken(sha256, 201 if new else 200)

    async def items(self, request: Request) -> Response:
        car_id = await self._car(request)
        batch = _parsed(UploadBatch, await self._body(request, JSON, self.limits.batch_bytes))
        ingest = Ingest(self.database, Pictures(self.folder, self.database))
        reply = await run_in_threadpool(ingest.take, car_id, batch.items, self.now())
        return Response(reply.model_dump_json(), media_type=JSON)

    async def _car(self, request: Request) -> str:
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        car = await run_in_threadpool(car_of, self.database, token) if scheme.lower() == "bearer" and token else None
        if car is None:
            raise Refusal(401, "The depot does not know this car.")
        if car.revoked:
            raise Refusal(403, "This car is no longer allowed.")
        return car.car_id

    async def _body(self, request: Request, media: str, limit: int) -> bytes:
        return await read_body(request, media=media, limit=limit, seconds=self.limits.body_seconds)

    def _keep_report(self, car_id: str, report: HeldReport) -> None:
        at = self.now()
        with self.database.writing() as connection:
            connection.execute(held_lists.delete().where(held_lists.c.car_id == car_id))
            for held in report.lists:
                row = held.model_dump() | {"car_id": car_id, "reported_at": at}
                connection.execute(insert(held_lists).values(row).on_conflict_do_nothing())


def _parsed(model: type[_Model], body: bytes) -> _Model:
    try:
        return model.model_validate_json(body)
    except ValidationError:
        raise Refusal(422, "The content has not the shape it must have.") from None


def _taken(sha256: str, status: int) -> Response:
    return Response(Taken(sha256=sha256).model_dump_json(), status, media_type=JSON)


def _tagged(request: Request, reply: BaseModel) -> Response:
    content = reply.model_dump_json().encode()
    tag = f'"{sha256_of(content)}"'
    if request.headers.get("if-none-match") == tag:
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


async def _gone(request: Request, _: Exception) -> Response:
    log.info("the sender of a %s went away", request.method)
    return Response(status_code=400)


async def _not_now(request: Request, fault: Exception) -> Response:
    # No receipt was given, so the car keeps what it sent and comes back.
    log.error("a %s could not be served: %s", request.method, type(fault).__name__)
    return JSONResponse({"problem": "The depot cannot keep anything just now."}, 503, {"retry-after": "5"})
