"""What cars have signed of the depot's audit trail. The newest word of each car is kept: it vouches for all before."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_der_public_key
from sqlalchemy import Connection, delete, insert, select

from patrol_anpr.depot.audit import hash_at
from patrol_anpr.depot.certificates import CarCertificate
from patrol_anpr.depot.tables import audit_witnesses
from patrol_anpr.wire.statements import is_signed
from patrol_anpr.wire.witness import SeenHead, WitnessReport


@dataclass(frozen=True, slots=True)
class Contradicted:
    """A row that a car saw and signed, and that the trail does not have, or has otherwise."""

    car_id: str
    seq: int


def keep_witness(connection: Connection, car: CarCertificate, report: WitnessReport, now: datetime) -> bool:
    """Keep what a car has signed in the place of its word before; False where that is not of its key or this trail."""
    head = report.head
    if hash_at(connection, head.seq) != head.hash or not is_signed(car.key, head.signed(), report.signature):
        return False
    connection.execute(delete(audit_witnesses).where(audit_witnesses.c.car_id == car.car_id))
    key = car.key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    row = {"car_id": car.car_id, "at": now, "seq": head.seq, "head": head.model_dump_json()}
    connection.execute(insert(audit_witnesses).values(row | {"signature": report.signature, "key": key.hex()}))
    return True


def contradicted(connection: Connection, epoch: int) -> Iterator[Contradicted]:
    """Compare the trail with what cars saw in this epoch; a restore puts an older trail back, and begins another.

    A word whose signature does not fit was not a car's, and counts as one that the trail contradicts.
    """
    for row in connection.execute(select(audit_witnesses).order_by(audit_witnesses.c.car_id)):
        head = SeenHead.model_validate_json(row.head)
        if head.epoch != epoch:
            continue
        key = load_der_public_key(bytes.fromhex(row.key))
        assert isinstance(key, ec.EllipticCurvePublicKey)
        if hash_at(connection, head.seq) != head.hash or not is_signed(key, head.signed(), row.signature):
            yield Contradicted(row.car_id, head.seq)
