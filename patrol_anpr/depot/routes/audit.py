"""The depot's audit trail, as cars witness it."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request

from patrol_anpr.depot.asked import JSON, PREFIX, TheDepot, parsed
from patrol_anpr.depot.audit import hash_at, head_of
from patrol_anpr.depot.body import Refusal, read_body
from patrol_anpr.depot.epoch import epoch_of
from patrol_anpr.depot.who import CarId, KnownCar
from patrol_anpr.depot.witnesses import keep_witness
from patrol_anpr.wire.payloads import Taken, sha256_of
from patrol_anpr.wire.witness import AuditHeadReply, WitnessReport

router = APIRouter(prefix=PREFIX)


async def _report(request: Request, depot: TheDepot, _: CarId) -> bytes:
    return await read_body(request, media=JSON, limit=2**12, seconds=depot.limits.body_seconds)


@router.get("/audit/head")
def head(depot: TheDepot, _: CarId, since: Annotated[int, Query(ge=0, le=2**53)] = 0) -> AuditHeadReply:
    """The newest row, and the hash of the row that the car saw last (`since`)."""
    with depot.database.reading() as connection:
        newest = head_of(connection)
        return AuditHeadReply(
            depot_id=depot.keys.depot_id,
            epoch=epoch_of(connection),
            seq=newest.seq,
            hash=newest.hash,
            since_hash=hash_at(connection, since) if since else None,
        )


@router.post("/audit/witness")
def witness(depot: TheDepot, _: CarId, car: KnownCar, body: Annotated[bytes, Depends(_report)]) -> Taken:
    """What the car has signed of the trail; 422 where that is not of this car or this trail."""
    report = parsed(WitnessReport, body, depot.limits)
    with depot.database.writing() as connection:
        if not keep_witness(connection, car, report, depot.now()):
            raise Refusal(422, "What was signed is not of this trail, or not by this car.")
    return Taken(sha256=sha256_of(body))
