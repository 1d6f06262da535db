"""Records that a car could not open any more: they arrive file by file, and are opened here."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from fastapi import Path as InPath
from fastapi.concurrency import run_in_threadpool

from patrol_anpr.depot.asked import JSON, PREFIX, Depot, TheDepot, note, parsed
from patrol_anpr.depot.body import Refusal, read_body
from patrol_anpr.depot.closed import ClosedRecords, NotWhole
from patrol_anpr.depot.epoch import epoch_of
from patrol_anpr.depot.ingest import Ingest, Taken
from patrol_anpr.depot.receipts import signed
from patrol_anpr.depot.who import CarId
from patrol_anpr.wire.closed import MAX_FILE_BYTES, OCTETS, PIECE_BYTES, ClosedArrived, ClosedManifest, ClosedTaken
from patrol_anpr.wire.closed import FileName as Name
from patrol_anpr.wire.payloads import canonical_json, sha256_of

router = APIRouter(prefix=f"{PREFIX}/closed")

ClosedId = Annotated[str, InPath(pattern="^[A-Za-z0-9][A-Za-z0-9-]{0,79}$")]
Number = Annotated[int, Query(ge=0, le=MAX_FILE_BYTES)]


@router.get("/{closed_id}/{name}")
def arrived(depot: TheDepot, car_id: CarId, closed_id: ClosedId, name: Name) -> ClosedArrived:
    """How many bytes of a file are here."""
    return ClosedArrived(size=_records(depot).size(car_id, closed_id, name))


@router.put("/{closed_id}/{name}")
async def append(
    request: Request, depot: TheDepot, car_id: CarId, closed_id: ClosedId, name: Name, offset: Number
) -> ClosedArrived:
    """Append a piece; one that begins elsewhere than the file ends is passed over. The answer says where it ends.

    507: too much of this car lies here already, not taken in.
    """
    content = await read_body(request, media=OCTETS, limit=PIECE_BYTES, seconds=depot.limits.body_seconds)
    if offset + len(content) > MAX_FILE_BYTES:
        raise Refusal(413, "The file is too large.")
    return ClosedArrived(size=await run_in_threadpool(_append, depot, car_id, closed_id, name, offset, content))


def _append(depot: Depot, car_id: str, closed_id: str, name: Name, offset: int, content: bytes) -> int:
    records = _records(depot)
    depot.quotas.check_closed(records.lying(car_id) + len(content))
    return records.append(car_id, closed_id, name, offset, content)


async def _manifest(request: Request, depot: TheDepot, _: CarId) -> bytes:
    return await read_body(request, media=JSON, limit=depot.limits.report_bytes, seconds=depot.limits.body_seconds)


@router.post("/{closed_id}")
def take(
    depot: TheDepot, car_id: CarId, closed_id: ClosedId, body: Annotated[bytes, Depends(_manifest)], after: Number = 0
) -> ClosedTaken:
    """Take some more of it in. 409: not all that was sent is here; send what is not."""
    manifest = parsed(ClosedManifest, body, depot.limits)
    if manifest.closed_id != closed_id:
        raise Refusal(422, "The content is of other records.")
    try:
        step = _records(depot).take(car_id, manifest, after, depot.now())
    except NotWhole:
        raise Refusal(409, "A file is not whole here.") from None
    if step.after is not None:
        return ClosedTaken(after=step.after)
    note(depot, car_id, "closed records taken in", closed_id)
    with depot.database.reading() as connection:
        epoch = epoch_of(connection)
    return ClosedTaken(
        reply=signed(depot.keys, car_id, sha256_of(canonical_json(manifest)), Taken((), (), epoch), depot.now())
    )


def _records(depot: Depot) -> ClosedRecords:
    ingest = Ingest(depot.database, depot.pictures, depot.limits.picture_bytes)
    return ClosedRecords(depot.folder, depot.database, ingest, depot.keys.sealing)
