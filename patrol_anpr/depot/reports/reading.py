"""Reading figures: what was counted in a period, all together or day by day."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import func, select

from patrol_anpr.depot.database import DepotDatabase
from patrol_anpr.depot.reports.counting import Breakdown
from patrol_anpr.depot.tables import figures, figures_done
from patrol_anpr.domain.errors import BadInput

LONGEST = 5 * 366
"""Days: as much as a report shows at once."""


@dataclass(frozen=True, slots=True)
class Period:
    """Days (UTC) from `first` to `last`, both counted."""

    first: date
    last: date

    @classmethod
    def of(cls, first: date, last: date) -> "Period":
        """Check the days that somebody asked for. Raises BadInput."""
        if last < first:
            raise BadInput("The last day lies before the first one. Give them the other way round.")
        if (last - first).days >= LONGEST:
            raise BadInput(f"A report shows {LONGEST:,} days at most. Choose a shorter period.")
        return cls(first, last)

    @classmethod
    def until(cls, last: date, days: int) -> "Period":
        """So many days that end with `last`."""
        return cls(last - timedelta(days=days - 1), last)

    @property
    def days(self) -> list[date]:
        """Every day of it."""
        return [self.first + timedelta(days=number) for number in range((self.last - self.first).days + 1)]


@dataclass(frozen=True, slots=True)
class Figures:
    """What was counted in a period. `counted_at` is when the job last counted something, None if never."""

    period: Period
    amounts: Mapping[Breakdown, Mapping[str, float]]
    counted_at: datetime | None

    def of(self, breakdown: Breakdown) -> Mapping[str, float]:
        """Return the amounts of a breakdown by value."""
        return self.amounts.get(breakdown, {})

    def total(self, breakdown: Breakdown) -> float:
        """Return all of a breakdown together."""
        return sum(self.of(breakdown).values())


def figures_of(database: DepotDatabase, period: Period) -> Figures:
    """Return what was counted in a period. Raises SQLAlchemyError."""
    summed, most = func.sum(figures.c.amount), func.max(figures.c.amount)
    query = (
        select(figures.c.breakdown, figures.c.value, summed, most)
        .where(figures.c.day.between(period.first, period.last))
        .group_by(figures.c.breakdown, figures.c.value)
        .order_by(figures.c.breakdown, figures.c.value)
    )
    amounts: dict[Breakdown, dict[str, float]] = {}
    with database.reading() as connection:
        for name, value, together, highest in connection.execute(query):
            breakdown = Breakdown(name)
            amount = highest if breakdown is Breakdown.PEAK_LIST else together
            amounts.setdefault(breakdown, {})[value] = amount
        counted_at = connection.execute(select(figures_done.c.at)).scalar()
    return Figures(period, amounts, counted_at)


class LastFigures:
    """The figures that were read last, read anew only for another period or where the job has counted since.

    For a page that anybody may ask for: a year of a large fleet is a million rows. Any thread may call.
    """

    def __init__(self) -> None:
        self._last: Figures | None = None

    def of(self, database: DepotDatabase, period: Period) -> Figures:
        """Return what figures_of does."""
        with database.reading() as connection:
            counted_at = connection.execute(select(figures_done.c.at)).scalar()
        last = self._last
        if last is None or (last.period, last.counted_at) != (period, counted_at):
            last = self._last = figures_of(database, period)
        return last


def figures_by_day(database: DepotDatabase, period: Period, breakdown: Breakdown) -> Mapping[date, float]:
    """Return how much of a breakdown there was on each day of a period, 0 for days without any."""
    query = (
        select(figures.c.day, func.sum(figures.c.amount))
        .where(figures.c.day.between(period.first, period.last), figures.c.breakdown == breakdown.value)
        .group_by(figures.c.day)
    )
    found = dict.fromkeys(period.days, 0.0)
    with database.reading() as connection:
        found |= {row[0]: row[1] for row in connection.execute(query)}
    return found
