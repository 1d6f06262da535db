"""The cars of a depot, as whoever looks after them wants to see them. No mark, officer or place is in it."""

from collections import Counter
from collections.abc import Container, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import load_der_public_key
from sqlalchemy import Connection, Row, select

from patrol_anpr.depot.certificates import key_sha256_of
from patrol_anpr.depot.database import DepotDatabase
from patrol_anpr.depot.doubts import doubts_of
from patrol_anpr.depot.tables import car_manifests, cars
from patrol_anpr.wire.manifest import CarManifest, ManifestReport


@dataclass(frozen=True, slots=True)
class SaidManifest:
    """What a car said from `first` to `last`. None: what the depot keeps of it is not what the car signed."""

    manifest: CarManifest | None
    first: datetime
    last: datetime
    certificate_ends: datetime


@dataclass(frozen=True, slots=True)
class CarStanding:
    """One car: `enrolled` is None while its code is unused, `said` begins with its newest word since then.

    `doubted` records are kept as they came, `refused` ones the car keeps. `unit` is where it belongs, "" where nobody
    said.
    """

    car_id: str
    enrolled: datetime | None
    revoked: datetime | None
    said: tuple[SaidManifest, ...]
    doubted: int
    refused: int
    unit: str = ""


def cars_of(folder: Path, before: Container[str] | None = None) -> Sequence[CarStanding]:
    """Return the cars of a depot by their id. Raises RecordsFault when it cannot be opened.

    `before` names the cars of which what they said earlier is wanted, too; None: of all. Each word's signature is
    checked, and there are up to 200 to a car.
    """
    doubts = doubts_of(folder)
    doubted, refused = Counter[str](), Counter[str]()
    for doubt in doubts:
        (doubted if doubt.held else refused)[doubt.car_id] += doubt.count
    with closing(DepotDatabase(folder)) as database, database.reading() as connection:
        return [
            CarStanding(
                row.car_id,
                row.added_at if row.key_sha256 else None,
                row.revoked_at,
                tuple(_said(connection, row.car_id, row.key_sha256, all_of_it=before is None or row.car_id in before)),
                doubted[row.car_id],
                refused[row.car_id],
                row.unit,
            )
            for row in connection.execute(select(cars).order_by(cars.c.car_id)).all()
        ]


def _said(connection: Connection, car_id: str, key_sha256: str, *, all_of_it: bool) -> list[SaidManifest]:
    """What was said with the key that the car has now, the newest first: with another one it was another computer."""
    number, der = car_manifests.c.number, car_manifests.c.key
    of_car = select(car_manifests).where(car_manifests.c.car_id == car_id).order_by(number.desc())
    if not all_of_it:
        keys = connection.execute(select(der).where(car_manifests.c.car_id == car_id).distinct()).scalars()
        of_car = of_car.where(der.in_([key for key in keys if _is_of(key, key_sha256)])).limit(1)
    return [
        SaidManifest(_proven(row, _key(row.key)), row.first_at, row.last_at, row.certificate_ends)
        for row in connection.execute(of_car)
        if _is_of(row.key, key_sha256)
    ]


@lru_cache(maxsize=4096)
def _is_of(der: str, key_sha256: str) -> bool:
    """Whether a manifest was signed with the key of this hash; what is no key is told as a word that is not sound."""
    key = _key(der)
    return key is None or key_sha256_of(key) == key_sha256


@lru_cache(maxsize=1024)
def _key(der: str) -> ec.EllipticCurvePublicKey | None:
    try:
        key = load_der_public_key(bytes.fromhex(der))
    except ValueError:
        return None
    return key if isinstance(key, ec.EllipticCurvePublicKey) else None


def _proven(row: Row[Any], key: ec.EllipticCurvePublicKey | None) -> CarManifest | None:
    if key is None:
        return None
    return ManifestReport.model_construct(manifest=row.manifest, signature=row.signature).proven(key)
