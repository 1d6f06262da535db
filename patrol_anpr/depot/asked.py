"""What every route works with: the depot behind it, the content of the request, the answer."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, TypeVar

from fastapi import Depends, Request, Response
from pydantic import BaseModel, ValidationError

from patrol_anpr.depot.arriving import Arriving
from patrol_anpr.depot.audit import add_audit
from patrol_anpr.depot.body import Limits, Refusal
from patrol_anpr.depot.certificates import CarCertificates
from patrol_anpr.depot.database import DepotDatabase
from patrol_anpr.depot.keys import DepotKeys
from patrol_anpr.depot.pictures import DepotPictures
from patrol_anpr.depot.quotas import QuotaKeeper
from patrol_anpr.depot.signatures import Signatures
from patrol_anpr.depot.turns import Turns
from patrol_anpr.wire.payloads import sha256_of
from patrol_anpr.wire.shape import holds_too_much

JSON = "application/json"
PREFIX = "/v2"
"""Of every route: the version of the wire."""
_Model = TypeVar("_Model", bound=BaseModel)


def utc_now() -> datetime:
    """The depot's own clock."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Depot:
    """What the routes work on. `behind_proxy`: whoever asks is a proxy that has checked the car's certificate."""

    folder: Path
    database: DepotDatabase
    pictures: DepotPictures
    arriving: Arriving
    limits: Limits
    now: Callable[[], datetime]
    keys: DepotKeys
    certificates: CarCertificates
    signatures: Signatures
    quotas: QuotaKeeper
    turns: Turns
    behind_proxy: bool = False


def _depot(request: Request) -> Depot:
    depot: Depot = request.app.state.depot
    return depot


TheDepot = Annotated[Depot, Depends(_depot)]


def parsed(model: type[_Model], body: bytes, limits: Limits) -> _Model:
    """Return `body` as its model; raise Refusal (422) where it is none.

    Called on a thread of the pool, never on the event loop: eight megabytes take a while.
    """
    wrong = Refusal(422, "The content has not the shape it must have.")
    if holds_too_much(body, limits.json):
        raise wrong
    try:
        return model.model_validate_json(body)
    except ValidationError:
        raise wrong from None


def note(depot: Depot, car_id: str, action: str, object_id: str = "", reason: str = "") -> None:
    """Audit who fetched what, before the answer goes out: no audit, no answer."""
    with depot.database.writing() as connection:
        add_audit(connection, f"car {car_id}", action, object_id, reason)


def tagged(reply: BaseModel, known: str) -> Response:
    """Answer with the SHA-256 of the content as its tag; 304 where the asker holds that already (`known`)."""
    content = reply.model_dump_json().encode()
    tag = f'"{sha256_of(content)}"'
    if known == tag:
        return Response(status_code=304, headers={"etag": tag})
    return Response(content, media_type=JSON, headers={"etag": tag})
