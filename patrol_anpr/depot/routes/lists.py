"""Hotlists: which there are, their files, and which the cars hold."""

import logging
from typing import Annotated

from fastapi import APIRouter, Depends, Header, Request, Response
from fastapi import Path as InPath
from fastapi.responses import FileResponse

from patrol_anpr.depot.asked import JSON, PREFIX, TheDepot, note, parsed, tagged
from patrol_anpr.depot.body import Refusal, read_body
from patrol_anpr.depot.hotlists import file_of, find_revision, index_of, keep_held
from patrol_anpr.depot.who import CarId
from patrol_anpr.wire.payloads import HeldReport, ListIndexReply, Taken, sha256_of

log = logging.getLogger(__name__)

router = APIRouter(prefix=PREFIX)


async def _report(request: Request, depot: TheDepot, _: CarId) -> bytes:
    return await read_body(request, media=JSON, limit=depot.limits.report_bytes, seconds=depot.limits.body_seconds)


@router.get("/hotlists", response_model=ListIndexReply)
def index(depot: TheDepot, _: CarId, if_none_match: Annotated[str, Header()] = "") -> Response:
    """The newest revision of every list."""
    return tagged(index_of(depot.database), if_none_match)


@router.get("/hotlists/{list_id}/{revision}")
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
    note(depot, car_id, "hotlist fetched", head.list_id, f"revision {head.revision}")
    media = "application/zip" if head.packing == "zip" else "text/csv"
    return FileResponse(file, media_type=media, headers={"etag": f'"{head.sha256}"'})


@router.post("/held")
def held(depot: TheDepot, car_id: CarId, body: Annotated[bytes, Depends(_report)]) -> Taken:
    """Which lists the car holds."""
    keep_held(depot.database, car_id, parsed(HeldReport, body, depot.limits).lists, depot.now())
    return Taken(sha256=sha256_of(body))
