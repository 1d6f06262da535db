"""Who asks: the one dependency of every route that a car uses."""

from typing import Annotated

from fastapi import Depends, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from patrol_anpr.depot.asked import TheDepot
from patrol_anpr.depot.body import Refusal
from patrol_anpr.depot.cars import car_of


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
