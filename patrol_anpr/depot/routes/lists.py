"""Lists and models: what was signed of them, their files, and which lists the cars hold."""

import logging
from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response
from fastapi import Path as InPath
from fastapi.responses import FileResponse

from patrol_anpr.depot.asked import JSON, PREFIX, TheDepot, note, parsed
from patrol_anpr.depot.body import Refusal, read_body
from patrol_anpr.depot.lists.held import keep_held
from patrol_anpr.depot.lists.offering import keys_for
from patrol_anpr.depot.lists.publishing import repository_of
from patrol_anpr.depot.lists.repository import head_of, role_of
from patrol_anpr.depot.who import CarId
from patrol_anpr.wire.lists import ListKeysAsk, ListKeysReply
from patrol_anpr.wire.models import MODEL_ROLE
from patrol_anpr.wire.payloads import HeldReport, Taken, sha256_of

log = logging.getLogger(__name__)

router = APIRouter(prefix=PREFIX)
NOT_THERE = "There is no such list or revision."
"""The same for a list that is for other cars: nobody else learns that it is there."""


async def _report(request: Request, depot: TheDepot, _: CarId) -> bytes:
    return await read_body(request, media=JSON, limit=depot.limits.report_bytes, seconds=depot.limits.body_seconds)


@router.get("/lists/metadata/{name}")
def metadata(depot: TheDepot, car_id: CarId, name: str) -> Response:
    """What was signed, by its file name in the manner of TUF."""
    repository = repository_of(depot.folder, now=depot.now)
    if name == "timestamp.json":
        repository.keep_fresh()
    role, content = role_of(name), repository.metadata(name)
    if content is None or (role and not repository.is_for(role, car_id)):
        raise Refusal(404, NOT_THERE)
    return Response(content, media_type=JSON, headers={"cache-control": "no-store"})


@router.get("/lists/targets/{role}/{name}")
def target(
    depot: TheDepot,
    car_id: CarId,
    role: str,
    name: Annotated[str, InPath(pattern=r"^[0-9a-f]{64}\..{1,100}$")],
) -> FileResponse:
    """The file as it was published, its SHA-256 before its name; Range and If-Range resume a broken transfer."""
    repository = repository_of(depot.folder, now=depot.now)
    sha256, _, rest = name.partition(".")
    path = f"{role}/{rest}"
    if not repository.is_for(role, car_id) or sha256 not in repository.files(role, path):
        raise Refusal(404, NOT_THERE)
    file = repository.target(sha256)
    if not file.is_file():
        log.error("a published file is missing: %s", path)
        raise Refusal(503, "The depot misses this file.")
    if MODEL_ROLE.match(role):
        note(depot, car_id, "model fetched", sha256, rest)
    else:
        head = head_of(repository.roles()[role].targets[path])
        note(depot, car_id, "hotlist fetched", head.list_id, f"revision {head.revision}")
    return FileResponse(file, media_type="application/octet-stream", headers={"etag": f'"{sha256}"'})


@router.post("/lists/keys")
def keys(depot: TheDepot, car_id: CarId, body: Annotated[bytes, Depends(_report)]) -> ListKeysReply:
    """The keys of the lists that are for this car, sealed to the key in its question."""
    ask = parsed(ListKeysAsk, body, depot.limits)
    found = keys_for(depot.folder, car_id, ask, depot.now)
    note(depot, car_id, "keys of hotlists fetched", "", f"{len(found.keys)} lists")
    return found


@router.post("/held")
def held(depot: TheDepot, car_id: CarId, body: Annotated[bytes, Depends(_report)]) -> Taken:
    """Which lists the car holds."""
    keep_held(depot.database, car_id, parsed(HeldReport, body, depot.limits).lists, depot.now())
    return Taken(sha256=sha256_of(body))
