"""How a car becomes known: by a one-time code, and by renewing its certificate in time."""

import logging
from base64 import b64encode
from typing import Annotated

from fastapi import APIRouter, Depends, Request

from patrol_anpr.depot.asked import JSON, PREFIX, TheDepot, parsed
from patrol_anpr.depot.body import Refusal, read_body
from patrol_anpr.depot.cars import Enrolment, enrol, renew
from patrol_anpr.depot.certificates import NotACar
from patrol_anpr.depot.lists.publishing import repository_of
from patrol_anpr.depot.who import KnownCar
from patrol_anpr.wire.enrolment import (
    DAMAGED,
    OLD_CODE,
    SPENT_CODE,
    WRONG_CODE,
    AuthorityReply,
    EnrolReply,
    EnrolRequest,
    RenewReply,
    RenewRequest,
)

log = logging.getLogger(__name__)

router = APIRouter(prefix=PREFIX)

_REFUSED = {
    Enrolment.NO_REQUEST: ("The request for a certificate cannot be used.", DAMAGED),
    Enrolment.NO_SUCH_CODE: ("There is no such code.", WRONG_CODE),
    Enrolment.WRONG: ("There is no such code.", WRONG_CODE),
    Enrolment.SPENT: ("This code was used before.", SPENT_CODE),
    Enrolment.OVER: ("This code is out of date.", OLD_CODE),
}
"""What is said of a code that cannot be used: only who has its secret learns more than that."""


async def _request(request: Request, depot: TheDepot) -> bytes:
    return await read_body(request, media=JSON, limit=2**15, seconds=depot.limits.body_seconds)


async def _request_of_car(request: Request, depot: TheDepot, _: KnownCar) -> bytes:
    return await _request(request, depot)


@router.get("/authority")
def authority(depot: TheDepot) -> AuthorityReply:
    """Who vouches for this depot. Anybody may ask, and believes it only with the fingerprint of a code."""
    return AuthorityReply(ca=depot.keys.authority.pem.decode())


@router.post("/enrol")
def enrolled(request: Request, depot: TheDepot, body: Annotated[bytes, Depends(_request)]) -> EnrolReply:
    """Spend a code; 403 where it cannot be used."""
    keys = depot.keys
    answer = enrol(depot.database, keys.authority, parsed(EnrolRequest, body, depot.limits), depot.now())
    if answer.outcome is not Enrolment.DONE:
        log.warning("an enrolment was refused: %s", answer.outcome.value)
        problem, reason = _REFUSED[answer.outcome]
        raise Refusal(403, problem, reason)
    request.state.car_id = answer.car_id
    return EnrolReply(
        car_id=answer.car_id,
        certificate=answer.certificate,
        depot_id=keys.depot_id,
        ca=keys.authority.pem.decode(),
        receipt_key=b64encode(keys.receipt_key),
        sealing_key=b64encode(keys.sealing_key),
        lists_root=b64encode(repository_of(depot.folder, now=depot.now).root()),
    )


@router.post("/renew")
def renewed(depot: TheDepot, car: KnownCar, body: Annotated[bytes, Depends(_request_of_car)]) -> RenewReply:
    """Give another certificate to the same car and key."""
    asked = parsed(RenewRequest, body, depot.limits)
    try:
        certificate = renew(depot.database, depot.keys.authority, car, asked.request, depot.now())
    except NotACar:
        raise Refusal(422, "The request for a certificate is not of this car's key.") from None
    return RenewReply(certificate=certificate)
