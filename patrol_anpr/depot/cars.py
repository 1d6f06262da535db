"""Which cars may speak to the depot. Who a car is comes from its token, never from what it sends."""

import re
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import insert, select, update

from patrol_anpr.depot.audit import add_audit
from patrol_anpr.depot.database import DepotDatabase
from patrol_anpr.depot.tables import cars
from patrol_anpr.domain.errors import BadInput
from patrol_anpr.wire.payloads import sha256_of

_CAR_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,31}")


@dataclass(frozen=True, slots=True)
class KnownCar:
    """A car of the depot."""

    car_id: str
    revoked: bool


def add_car(folder: Path, car_id: str) -> str:
    """Add a car, or give one a new token (the old one ends); return the token, which is kept nowhere.

    The token has 256 random bits, so its plain SHA-256 is enough to keep. Raises BadInput for an unusable car id.
    """
    if not _CAR_ID.fullmatch(car_id):
        raise BadInput("A car id has 1 to 32 letters, digits, - or _, and starts with a letter or digit.")
    token = secrets.token_urlsafe(32)
    row = {
        "token_sha256": sha256_of(token.encode("ascii")),
        "added_at": datetime.now(UTC),
        "revoked_at": None,
    }
    database = DepotDatabase(folder)
    try:
        with database.writing() as connection:
            if not connection.execute(update(cars).where(cars.c.car_id == car_id).values(row)).rowcount:
                connection.execute(insert(cars).values(car_id=car_id, **row))
            add_audit(connection, "operator", "car added", car_id)
    finally:
        database.close()
    return token


def revoke_car(folder: Path, car_id: str) -> None:
    """Refuse a car from now on. Raises BadInput when the depot does not know it."""
    database = DepotDatabase(folder)
    try:
        with database.writing() as connection:
            change = update(cars).where(cars.c.car_id == car_id).values(revoked_at=datetime.now(UTC))
            if not connection.execute(change).rowcount:
                raise BadInput("The depot knows no car of that id.")
            add_audit(connection, "operator", "car revoked", car_id)
    finally:
        database.close()


def car_of(database: DepotDatabase, token: str) -> KnownCar | None:
    """Return the car whose token this is, or None."""
    digest = sha256_of(token.encode("utf-8", "surrogateescape"))
    with database.reading() as connection:
        row = connection.execute(
            select(cars.c.car_id, cars.c.revoked_at).where(cars.c.token_sha256 == digest)
        ).one_or_none()
    return None if row is None else KnownCar(row.car_id, row.revoked_at is not None)
