"""The officers who may sign on in the cars: in force by a file, and as the roster travels to the cars."""

from contextlib import closing
from pathlib import Path

from sqlalchemy import func, or_, select

from patrol_anpr.depot.database import DepotDatabase
from patrol_anpr.depot.officers.keeping import draft_of, keep_draft, roster_in
from patrol_anpr.depot.officers.reading import read_roster
from patrol_anpr.depot.tables import cars, officer_currency, officers
from patrol_anpr.wire.payloads import RosterOfficer, RosterReply


def import_roster(folder: Path, path: Path, actor: str = "operator") -> int:
    """Replace the roster by a CSV file (see officers/reading.py for its columns); return the officers kept.

    PINs are kept as Argon2id verifiers only: destroy the file afterwards. All or nothing; raises BadInput, with the
    numbers of the lines, when any line cannot be used.
    """
    file = read_roster(path)
    with closing(DepotDatabase(folder)) as database:
        with database.reading() as connection:
            before = roster_in(connection)
        draft = draft_of(file, before)
        with database.writing() as connection:
            return keep_draft(connection, draft, actor)


def roster_of(database: DepotDatabase, car_id: str) -> RosterReply:
    """Return the roster as it travels to a car: the officers of its unit, and those of none.

    A car that belongs to no unit gets all officers: a laptop holds no more PIN verifiers than it needs.
    """
    unit = func.coalesce(select(func.lower(cars.c.unit)).where(cars.c.car_id == car_id).scalar_subquery(), "")
    own = func.coalesce(func.lower(officer_currency.c.unit), "")
    among = officers.outerjoin(officer_currency, officer_currency.c.officer_id == officers.c.officer_id)
    currency = (officer_currency.c.training_ends, officer_currency.c.policy_ends)
    wanted = select(officers, *currency).select_from(among).where(or_(unit == "", own == "", own == unit))
    with database.reading() as connection:
        rows = connection.execute(wanted.order_by(officers.c.officer_id)).mappings()
        return RosterReply(officers=tuple(RosterOfficer(**row) for row in rows))
