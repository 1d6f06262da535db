"""The clocks that must agree before anything is erased: one that jumped erases nothing."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from sqlalchemy import Connection, func, select

from patrol_anpr.depot.tables import items
from patrol_anpr.domain.errors import BadInput

_LAST = 1000
"""The median of so many is the cars' time: one car with a wrong clock does not move it."""
APART = timedelta(days=7)
"""Clocks further apart are told: the depot's clock is wrong, or no car has sent anything for so long."""
_NEVER = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Clocks:
    """What each clock says; None: there is none of that kind.

    `own` is the depot's, `cars` that of the cars whose records came last, `server` that of PostgreSQL. `said` is the
    end of the day that a person says it is, for a depot that cars have left: it stands in for theirs.
    """

    own: datetime
    cars: datetime | None
    server: datetime | None = None
    said: datetime | None = None

    @property
    def agreed(self) -> datetime:
        """The time by whichever clock is behind. Without a second clock nothing is past its date."""
        second = self.said or self.cars
        return min(self.own, second, self.server or self.own) if second else _NEVER

    @property
    def trouble(self) -> str:
        """A sentence where the clocks are too far apart, or there is one alone; else ""."""
        if self.cars is None and self.said is None:
            return "No car has sent a record yet, so there is no second clock, and nothing is erased."
        apart = self.own - self.agreed
        if apart <= APART:
            return ""
        return (
            f"The clocks are {apart.days:,} days apart, so only what is past its date by the earlier one is erased. "
            "Check the depot's clock. Where no car sends to this depot any more, a person has to say the day: "
            "patrol-anpr depot purge --today."
        )


def clocks_at(connection: Connection, own: datetime, said: date | None = None) -> Clocks:
    """Ask the clocks. Raises BadInput where a person says another day than the depot's clock."""
    query = select(items.c.captured_at).order_by(items.c.seq.desc()).limit(_LAST)
    newest = sorted(connection.execute(query).scalars())
    if said is not None and abs(said - own.astimezone(UTC).date()) > timedelta(days=1):
        raise BadInput(f"The depot's clock says {own:%Y-%m-%d}, not the day you gave. Check the day, and the clock.")
    return Clocks(
        own,
        newest[len(newest) // 2] if newest else None,
        server_clock(connection),
        datetime.combine(said, time.max, UTC) if said else None,
    )


def server_clock(connection: Connection) -> datetime | None:
    """Return what PostgreSQL's clock says; a file has none."""
    if connection.dialect.name != "postgresql":
        return None
    moment: datetime = connection.execute(select(func.now())).scalar_one()
    return moment
