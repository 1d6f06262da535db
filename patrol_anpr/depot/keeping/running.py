"""One run of the purge: look at the clocks, then erase what is past its date, and say what was done."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime

from sqlalchemy import Connection, insert, select, update

from patrol_anpr.depot.audit import add_audit
from patrol_anpr.depot.database import DepotDatabase
from patrol_anpr.depot.keeping.classes import PERIODS, InForce, Keep, first_kept
from patrol_anpr.depot.keeping.clocks import Clocks, clocks_at
from patrol_anpr.depot.keeping.items import erase_items, erase_others, mark_known
from patrol_anpr.depot.keeping.lasting import forget_marks, mark_lasting
from patrol_anpr.depot.keeping.log import Erasing, begin_run, end_run
from patrol_anpr.depot.keeping.pictures import PicturePurge
from patrol_anpr.depot.pictures import DepotPictures
from patrol_anpr.depot.tables import retention_periods
from patrol_anpr.domain.errors import BadInput


@dataclass(frozen=True, slots=True)
class Erased:
    """What a run erased, by which clocks, and the first day of each class that it kept."""

    clocks: Clocks
    first_kept: Mapping[Keep, date]
    days: int
    pictures: int
    items: int
    others: int


def purge(
    database: DepotDatabase,
    pictures: DepotPictures,
    settings: Mapping[Keep, int],
    now: datetime,
    actor: str,
    *,
    before: date | None = None,
    said: date | None = None,
) -> Erased:
    """Erase all that is past its date at `now` (by the depot's clock); return what that was.

    `before` is the first day of reads to keep, where it is an earlier one; `said` the day that a person says it is.
    Raises BadInput when a day would go that must be kept by one of the clocks; OSError, SQLAlchemyError.
    """
    by = Erasing(secrets.token_hex(8), actor)
    with database.writing() as connection:
        clocks = clocks_at(connection, now, said)
        days = _bring_on(connection, settings, clocks, actor)
        today = clocks.agreed.astimezone(UTC).date()
        firsts = first_kept(days, today)
        begin_run(connection, by, clocks, firsts[Keep.READS], now)
        mark_known(connection, today)
    try:
        if before is not None and before > firsts[Keep.READS]:
            raise BadInput(
                f"Reads are kept for {days[Keep.READS]} days. Only days before {firsts[Keep.READS]} can be purged now, "
                "by the clock here and by those of the cars. Check the date, and the clock."
            )
        firsts = {keep: min(day, before or day) for keep, day in firsts.items()}
        mark_lasting(database, firsts[Keep.READS], now)
        purged = PicturePurge(database, pictures).purge(firsts, by, now)
        items = erase_items(database, firsts, by, now)
        others = erase_others(database, firsts, by, now)
        with database.writing() as connection:
            forget_marks(connection, firsts)
            end_run(connection, by, now)
    except BadInput as refusal:
        with database.writing() as connection:
            end_run(connection, by, now, str(refusal))
        raise
    return Erased(clocks, firsts, len(purged.days), purged.pictures, items, others)


def periods_in_force(connection: Connection) -> dict[Keep, InForce]:
    """Return the periods that count."""
    return {
        Keep(row.keep): InForce(row.days, row.wanted, row.wanted_since)
        for row in connection.execute(select(retention_periods))
    }


def _bring_on(connection: Connection, settings: Mapping[Keep, int], clocks: Clocks, actor: str) -> dict[Keep, int]:
    """Bring the periods in the database on to what is set; return the days that count. Each change is audited."""
    there = periods_in_force(connection)
    for keep, days in settings.items():
        old = there.get(keep)
        new = InForce(days) if old is None else old.towards(days, clocks.own, clocks.agreed)
        if new == old:
            continue
        values = {"days": new.days, "wanted": new.wanted, "wanted_since": new.wanted_since}
        if old is None:
            connection.execute(insert(retention_periods).values(keep=keep.value, **values))
        else:
            connection.execute(update(retention_periods).where(retention_periods.c.keep == keep.value).values(values))
        told = f"{new.days} days" if new.wanted is None else f"{new.days} days still, then {new.wanted}"
        before = f"{old.days} days" if old else "nothing"
        add_audit(connection, actor, "retention period set", keep, f"{told}; before {before}")
        there[keep] = new
    return {keep: there[keep].days for keep in PERIODS}
