"""What an auditor finds in an invented depot: a month of searches with planted misuse, holds, a run of the purge."""

from collections.abc import Sequence
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path

from nacl.public import SealedBox
from sqlalchemy import Connection, insert, select

from patrol_anpr.depot.database import DepotDatabase
from patrol_anpr.depot.keeping.holds import Holding
from patrol_anpr.depot.keeping.running import purge
from patrol_anpr.depot.keys import DepotKeys
from patrol_anpr.depot.oversight.checks import begin_check, do_check
from patrol_anpr.depot.oversight.job import oversee
from patrol_anpr.depot.oversight.patterns import Known, Pattern
from patrol_anpr.depot.oversight.reviewing import ReviewOutcome, findings_in, review
from patrol_anpr.depot.pictures import pictures_in
from patrol_anpr.depot.roles import Role
from patrol_anpr.depot.settings import retention_days
from patrol_anpr.depot.tables import items, staff_times, staff_vehicles
from patrol_anpr.lab.invented_searches import clean_month, plant, put_searches_in

SEARCHERS: Sequence[str] = ("anna.analyst", "ben.analyst", "cara.analyst")
PLANTED: Sequence[tuple[Pattern, str]] = (
    (Pattern.SAME_MARK, "ben.analyst"),
    (Pattern.COLLEAGUE, "ben.analyst"),
    (Pattern.ON_LEAVE, "cara.analyst"),
)
"""The misuse that is planted, and by whom."""
_BY = "operator invented"


def invent_oversight(folder: Path, now: datetime) -> None:
    """Add last month's searches, with misuse planted, and let the jobs of the depot in `folder` do their work."""
    last = (now.replace(day=1, hour=0, minute=0, second=0, microsecond=0) - timedelta(days=1)).replace(day=1)
    made = clean_month(last, SEARCHERS, 19, days=28)
    for pattern, who in PLANTED:
        made = plant(made, pattern, who)
    keys = DepotKeys(folder)
    with closing(DepotDatabase(folder, Role.SEARCH)) as database, database.writing() as connection:
        put_searches_in(connection, made.month)
    with closing(DepotDatabase(folder, Role.AUDITOR)) as database:
        with database.writing() as connection:
            _put_known(connection, made.known, keys)
        oversee(database, keys.sealing, now, _BY)
        with database.writing() as connection:
            first = findings_in(connection)[0]
            words = "Asked the line manager: a witness named one letter after the other."
            review(
                connection, first.finding_id, first.finding.staff_id, "audrey.auditor", ReviewOutcome.PROPER, words, now
            )
            check_id = begin_check(connection, _BY, now)
        do_check(database, check_id, lambda: now)
    with closing(DepotDatabase(folder, Role.RETENTION)) as database:
        _hold(database, folder, now)
        purge(database, pictures_in(folder, database), retention_days(folder), now, _BY)


def _put_known(connection: Connection, known: Known, keys: DepotKeys) -> None:
    box = SealedBox(keys.sealing.public_key)
    connection.execute(
        insert(staff_times),
        [
            {"staff_id": who, "begins": one.begins, "ends": one.ends, "leave": one.leave}
            for who, mine in known.times.items()
            for one in mine
        ],
    )
    connection.execute(
        insert(staff_vehicles),
        [
            {"staff_id": who, "sealed": box.encrypt(mark.encode("ascii")).hex()}
            for who, marks in known.vehicles.items()
            for mark in marks
        ],
    )


def _hold(database: DepotDatabase, folder: Path, now: datetime) -> None:
    """Hold two reads: one whose review is near, one whose release is asked for."""
    query = select(items.c.car_id, items.c.item_id).where(items.c.kind == "read").order_by(items.c.seq).limit(2)
    with database.reading() as connection:
        reads = connection.execute(query).all()
    holding = Holding(database, pictures_in(folder, database))
    for (car_id, item_id), days in zip(reads, (20, 200), strict=False):
        reason, review_on = f"Case {days}/26, burglary", (now + timedelta(days=days)).date()
        holding.hold(car_id, item_id, reason, "DS Invented", review_on, now, "staff anna.analyst")
