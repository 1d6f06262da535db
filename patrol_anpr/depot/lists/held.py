"""Which lists each car holds, as it said at its last sync."""

from collections.abc import Sequence
from datetime import datetime

from patrol_anpr.depot.database import DepotDatabase
from patrol_anpr.depot.dialect import insert_or_skip
from patrol_anpr.depot.tables import held_lists
from patrol_anpr.wire.payloads import HeldList


def keep_held(database: DepotDatabase, car_id: str, lists: Sequence[HeldList], now: datetime) -> None:
    """Remember which lists a car holds, instead of what it said before."""
    with database.writing() as connection:
        connection.execute(held_lists.delete().where(held_lists.c.car_id == car_id))
        for held in lists:
            row = held.model_dump() | {"car_id": car_id, "reported_at": now}
            connection.execute(insert_or_skip(connection, held_lists).values(row))
