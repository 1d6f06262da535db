"""What a car is set up with, signed for its question: the same over the line and on a stick."""

from datetime import datetime

from patrol_anpr.depot.database import DepotDatabase
from patrol_anpr.depot.dispositions import dispositions_of
from patrol_anpr.depot.keys import DepotKeys
from patrol_anpr.depot.roster import roster_of
from patrol_anpr.wire.set_up import WHAT, CarSetUp


def set_up_of(keys: DepotKeys, database: DepotDatabase, car_id: str, nonce: str, now: datetime) -> CarSetUp:
    """Who may sign on in a car, and what may be done about a hit, as the answer to the question with this nonce."""
    return CarSetUp(
        what=WHAT,
        depot_id=keys.depot_id,
        car_id=car_id,
        nonce=nonce,
        at=now,
        officers=roster_of(database, car_id).officers,
        dispositions=dispositions_of(database).dispositions,
    )
