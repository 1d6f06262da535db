"""Sticks at a depot of either database: with no more rights than the service has."""

from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import select

from patrol_anpr.depot.database import DepotDatabase
from patrol_anpr.depot.pictures import pictures_in
from patrol_anpr.depot.roles import Role
from patrol_anpr.depot.sticks import Sticks
from patrol_anpr.depot.tables import audit
from tests.conftest import FakeClock
from tests.depot.postgresql import on_both
from tests.depot_link.conftest import read_item, shift_item
from tests.sticks.trips import StickDepot


@on_both
def test_a_stick_is_taken_in_once_and_on_record(folder: Path, tmp_path: Path) -> None:
    clock = FakeClock(datetime.now(UTC))
    stick = tmp_path / "stick"
    stick.mkdir()
    depot = StickDepot(folder, tmp_path, clock.utc)
    depot.publish()
    depot.officers("PC9001")
    car = depot.car(stick, clock=clock)
    car.wants_sent([shift_item(1), *map(read_item, range(3))])
    car.put()
    for _ in range(2):
        with closing(DepotDatabase(folder, Role.INGEST)) as database:
            sticks = Sticks(folder, database, pictures_in(folder, database), "operator test", clock.utc)
            (became,) = sticks.take(stick)
        assert (became.records, became.lists, became.problems) == (4, 1, ())
    taken = car.take()
    assert (taken.settled, taken.up_to_date) == (4, True)
    assert len(depot.held()) == 4
    with closing(DepotDatabase(folder, Role.RETENTION)) as database, database.reading() as connection:
        rows = connection.execute(select(audit.c.action, audit.c.actor).order_by(audit.c.seq)).all()
    assert ("stick taken in", "operator test") in [tuple(row) for row in rows]
    assert ("hotlists and their keys put on a stick", "operator test") in [tuple(row) for row in rows]
