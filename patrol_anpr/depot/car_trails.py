"""The audit trails of cars, as far as their rows have come: each row names the hash of the one before it.

A trail begins anew with each store of records in a car. Nothing here is read by people: a row holds hashes only.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, func, select
from sqlalchemy.orm import aliased

from patrol_anpr.depot.dialect import insert_or_skip
from patrol_anpr.depot.tables import car_trails
from patrol_anpr.domain.audit import FIRST_PREV, AuditRow

CHANGED = "an audit row of the car is not what was sealed"
FORKED = "the audit trail of the car goes on from one row in two ways: its records were put back, or rewritten"
MISSING = "an audit row of the car is missing before this one"


@dataclass(frozen=True, slots=True)
class Broken:
    """Where a trail is broken: the row of this number, whose hash is `hash`, and what is wrong there."""

    car_id: str
    seq: int
    hash: str
    what: str


def add_rows(connection: Connection, car_id: str, rows: Sequence[AuditRow]) -> Iterator[tuple[AuditRow, str]]:
    """Put rows in, in the transaction of their items; give each row that is not as it should be, and why."""
    sound = [row for row in rows if row.sealed() == row.hash]
    yield from ((row, CHANGED) for row in rows if row.sealed() != row.hash)
    if not sound:
        return
    of_car = car_trails.c.car_id == car_id
    links = [{"car_id": car_id, "hash": row.hash, "prev_hash": row.prev_hash, "seq": row.seq} for row in sound]
    connection.execute(insert_or_skip(connection, car_trails), links)
    before = {row.prev_hash for row in sound} - {FIRST_PREV}
    here = set(connection.execute(select(car_trails.c.hash).where(of_car, car_trails.c.hash.in_(before))).scalars())
    twice = (
        select(car_trails.c.prev_hash)
        .where(of_car, car_trails.c.prev_hash.in_(before))
        .group_by(car_trails.c.prev_hash)
        .having(func.count() > 1)
    )
    forked = set(connection.execute(twice).scalars())
    for row in sound:
        if row.prev_hash in forked:
            yield row, FORKED
        elif row.prev_hash != FIRST_PREV and row.prev_hash not in here:
            yield row, MISSING


def broken_trails(connection: Connection) -> Iterator[Broken]:
    """Give every place where a trail of a car is broken, with all that has come by now."""
    before = aliased(car_trails)
    follows = (before.c.car_id == car_trails.c.car_id) & (before.c.hash == car_trails.c.prev_hash)
    later = car_trails.c.prev_hash != FIRST_PREV
    gaps = select(car_trails).outerjoin(before, follows).where(later, before.c.hash.is_(None))
    for row in connection.execute(gaps.order_by(car_trails.c.car_id, car_trails.c.seq)):
        yield Broken(row.car_id, row.seq, row.hash, MISSING)
    forks = (
        select(car_trails.c.car_id, car_trails.c.prev_hash, func.max(car_trails.c.seq).label("seq"))
        .where(later)
        .group_by(car_trails.c.car_id, car_trails.c.prev_hash)
        .having(func.count() > 1)
    )
    for row in connection.execute(forks):
        yield Broken(row.car_id, row.seq, row.prev_hash, FORKED)
