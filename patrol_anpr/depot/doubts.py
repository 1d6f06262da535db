"""What the depot did not understand or did not take, for whoever looks after it. Nothing of a content is in it."""

from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import Column, Table, func, literal_column, select

from patrol_anpr.depot.closed import left_over
from patrol_anpr.depot.database import DepotDatabase
from patrol_anpr.depot.tables import incidents, items, refused_items


@dataclass(frozen=True, slots=True)
class Doubt:
    """Records of one car with one reason: how many, and when the last came. `held`: they are kept as they came.

    Closed records of one shift count as one.
    """

    car_id: str
    reason: str
    held: bool
    count: int
    last: datetime


@dataclass(frozen=True, slots=True)
class Incident:
    """What no car sends by mistake, as it was noted. `item_id` names the record, or the closed records."""

    at: datetime
    car_id: str
    item_id: str
    what: str


def incidents_of(folder: Path, car_id: str | None = None) -> Sequence[Incident]:
    """Return all of them, or those of one car, the newest first."""
    columns = (incidents.c.at, incidents.c.car_id, incidents.c.item_id, incidents.c.what)
    query = select(*columns).order_by(incidents.c.number.desc())
    if car_id is not None:
        query = query.where(incidents.c.car_id == car_id)
    with closing(DepotDatabase(folder)) as database, database.reading() as connection:
        return [Incident(*row) for row in connection.execute(query)]


def doubts_of(folder: Path) -> Sequence[Doubt]:
    """Count them by car and reason, the newest first."""
    database = DepotDatabase(folder)
    try:
        found = [
            *_counted(database, items, items.c.doubt, held=True),
            *_counted(database, refused_items, refused_items.c.reason, held=False),
            *(Doubt(left.car_id, left.why, True, 1, left.at) for left in left_over(folder)),
        ]
    finally:
        database.close()
    return sorted(found, key=lambda doubt: doubt.last, reverse=True)


def _counted(database: DepotDatabase, table: Table, reason: "Column[str]", *, held: bool) -> list[Doubt]:
    query = (
        select(table.c.car_id, reason, func.count(), func.max(table.c.received_at, type_=table.c.received_at.type))
        .where(reason != literal_column("''"))  # not a parameter: the index holds those alone
        .group_by(table.c.car_id, reason)
    )
    with database.reading() as connection:
        return [Doubt(car_id, why, held, count, last) for car_id, why, count, last in connection.execute(query)]
