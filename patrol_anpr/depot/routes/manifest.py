"""What a car says that it runs."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request

from patrol_anpr.depot.asked import JSON, PREFIX, TheDepot, parsed
from patrol_anpr.depot.body import Refusal, read_body
from patrol_anpr.depot.manifests import keep_manifest
from patrol_anpr.depot.who import CarId, KnownCar
from patrol_anpr.wire.manifest import MAX_MANIFEST, ManifestReport
from patrol_anpr.wire.payloads import Taken, sha256_of

router = APIRouter(prefix=PREFIX)


async def _report(request: Request, depot: TheDepot, _: CarId) -> bytes:
    limit = 2 * MAX_MANIFEST  # its quotation marks are escaped
    return await read_body(request, media=JSON, limit=limit, seconds=depot.limits.body_seconds)


@router.post("/manifest")
def manifest(depot: TheDepot, _: CarId, car: KnownCar, body: Annotated[bytes, Depends(_report)]) -> Taken:
    """Keep the car's signed manifest; 422 where it is not of this car, or not for this depot."""
    report = parsed(ManifestReport, body, depot.limits)
    with depot.database.writing() as connection:
        if not keep_manifest(connection, car, report, depot.keys.depot_id, depot.now()):
            raise Refusal(422, "The manifest is not signed by this car for this depot.")
    return Taken(sha256=sha256_of(body))
