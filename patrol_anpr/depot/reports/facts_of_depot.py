"""What a depot can say of itself for an impact assessment: settings, periods, people and cars by number, figures."""

from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import func, select

from patrol_anpr import __version__
from patrol_anpr.depot.database import DepotDatabase
from patrol_anpr.depot.jobs import seconds_since_done
from patrol_anpr.depot.lists.care import unprotected_roles
from patrol_anpr.depot.lists.publishing import published, repository_of
from patrol_anpr.depot.reports.public import PublicPage, public_page
from patrol_anpr.depot.reports.reading import figures_of
from patrol_anpr.depot.reports.tables import Headline, headline
from patrol_anpr.depot.roles import Role
from patrol_anpr.depot.settings import Quotas, database_setting, picture_store, quotas
from patrol_anpr.depot.staff.accounts import accounts_in
from patrol_anpr.depot.staff.duties import StaffRole
from patrol_anpr.depot.tables import cars


@dataclass(frozen=True, slots=True)
class DepotFacts:
    """What the pack is filled with. Nothing of it names a vehicle, an officer or a place.

    `own_accounts` are the roles that come at a PostgreSQL database by an account of their own; `job_ages` are seconds
    since each job ended well, infinite if never; `open_keys` are roles of lists whose keys lie open in the depot.
    """

    version: str
    at: datetime
    on_postgresql: bool
    own_accounts: Sequence[str]
    bucket: str
    quotas: Quotas
    public: PublicPage
    accounts: Mapping[StaffRole, int]
    emergency_accounts: int
    cars: int
    refused_cars: int
    lists: int
    lists_for_some: int
    open_keys: Sequence[str]
    job_ages: Mapping[str, float]
    figures: Headline


def facts_of_depot(folder: Path, now: datetime) -> DepotFacts:
    """Gather what the depot in `folder` says of itself. Raises RecordsFault, BadInput, SQLAlchemyError."""
    setting, store = database_setting(folder), picture_store(folder)
    with closing(DepotDatabase(folder, Role.REPORTS)) as database:
        public = public_page(folder, database, now)
        figures = headline(figures_of(database, public.period))
    with closing(DepotDatabase(folder, Role.STAFF)) as database, database.reading() as connection:
        people = [one for one in accounts_in(connection) if one.ended_at is None]
    with closing(DepotDatabase(folder, Role.OPERATOR)) as database, database.reading() as connection:
        known = connection.execute(select(func.count()).select_from(cars).where(cars.c.key_sha256 != "")).scalar_one()
        refused = select(func.count()).select_from(cars).where(cars.c.revoked_at.is_not(None))
        refused_cars = connection.execute(refused).scalar_one()
    repository = repository_of(folder)
    lists = published(repository)
    return DepotFacts(
        version=__version__,
        at=now,
        on_postgresql=setting.url is not None,
        own_accounts=sorted(setting.accounts),
        bucket="" if store is None else store.bucket,
        quotas=quotas(folder),
        public=public,
        accounts=Counter(role for one in people for role in one.roles),
        emergency_accounts=sum(one.emergency for one in people),
        cars=known,
        refused_cars=refused_cars,
        lists=len(lists),
        lists_for_some=sum(head.audience is not None for _, head in lists),
        open_keys=unprotected_roles(repository),
        job_ages=seconds_since_done(folder, now),
        figures=figures,
    )
