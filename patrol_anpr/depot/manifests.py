"""What each car said that it runs: the newest word, and those before it that were different."""

from datetime import datetime

from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from pydantic import ValidationError
from sqlalchemy import Connection, delete, insert, select, update

from patrol_anpr.depot.audit import add_audit
from patrol_anpr.depot.certificates import CarCertificate
from patrol_anpr.depot.tables import car_manifests
from patrol_anpr.wire.manifest import CarManifest, ManifestReport
from patrol_anpr.wire.payloads import canonical_json, sha256_of

MOST_KEPT = 200
"""Manifests of one car; the oldest gives way. Most changes are new revisions of lists."""


def keep_manifest(
    connection: Connection, car: CarCertificate, report: ManifestReport, depot_id: str, now: datetime
) -> bool:
    """Keep what a car has signed; False where that is not of its key, for another depot, or of another car.

    One that says the same as the one before it takes its place: only the time and what a shadow run counts are new.
    """
    manifest = report.proven(car.key)
    if manifest is None or (manifest.depot_id, manifest.car_id) != (depot_id, car.car_id):
        return False
    says = sha256_of(canonical_json(manifest.lasting))
    key = car.key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo).hex()
    row: dict[str, str | datetime] = {
        "manifest": report.manifest,
        "signature": report.signature,
        "key": key,
        "says_sha256": says,
    }
    row |= {"last_at": now, "certificate_ends": car.ends}
    number, mine = car_manifests.c.number, car_manifests.c.car_id == car.car_id
    kept = connection.execute(select(number, car_manifests.c.says_sha256).where(mine).order_by(number.desc())).all()
    if kept and kept[0].says_sha256 == says:
        connection.execute(update(car_manifests).where(number == kept[0].number).values(row))
        return True
    connection.execute(insert(car_manifests).values(row | {"car_id": car.car_id, "first_at": now}))
    connection.execute(delete(car_manifests).where(number.in_([one.number for one in kept[MOST_KEPT - 1 :]])))
    add_audit(connection, f"car {car.car_id}", "manifest changed", car.car_id)
    return True


def said_at(connection: Connection, car_id: str) -> datetime | None:
    """When, by its own clock, a car last said what it runs; None where it never did, or that cannot be read."""
    newest = select(car_manifests.c.manifest).where(car_manifests.c.car_id == car_id)
    said = connection.execute(newest.order_by(car_manifests.c.number.desc()).limit(1)).scalar()
    try:
        return CarManifest.model_validate_json(said).at if said is not None else None
    except ValidationError:
        return None
