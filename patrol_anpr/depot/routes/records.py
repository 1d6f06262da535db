"""What cars send: records, and the pictures of reads."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response
from fastapi import Path as InPath
from fastapi.concurrency import run_in_threadpool

from patrol_anpr.depot.asked import JPEG, JSON, PREFIX, TheDepot, parsed
from patrol_anpr.depot.body import Refusal, read_body
from patrol_anpr.depot.ingest import Ingest
from patrol_anpr.depot.jpeg import NotAPicture
from patrol_anpr.depot.pictures import NotAsNamed
from patrol_anpr.depot.who import CarId
from patrol_anpr.wire.payloads import Taken, UploadBatch, UploadReply

router = APIRouter(prefix=PREFIX)


async def _batch(request: Request, depot: TheDepot, _: CarId) -> bytes:
    return await read_body(request, media=JSON, limit=depot.limits.batch_bytes, seconds=depot.limits.body_seconds)


@router.put("/pictures/{sha256}")
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


@router.post("/items")
def items(depot: TheDepot, car_id: CarId, body: Annotated[bytes, Depends(_batch)]) -> UploadReply:
    """A receipt for each item, in their order."""
    batch = parsed(UploadBatch, body, depot.limits)
    return Ingest(depot.database).take(car_id, batch.items, depot.now())
