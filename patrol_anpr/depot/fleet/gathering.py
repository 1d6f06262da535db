"""What the depot knows of each car, put together for the one rule of health.py."""

from collections import Counter
from collections.abc import Container, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import Connection, func, select

from patrol_anpr import __version__
from patrol_anpr.depot.database import DepotDatabase
from patrol_anpr.depot.doubts import Doubt, Incident, doubts_of, incidents_of
from patrol_anpr.depot.fleet.camera_days import days_of, last_days
from patrol_anpr.depot.fleet.health import CameraDay, CarFacts, CarHealth, ListStanding, by_urgency, judged
from patrol_anpr.depot.fleet.standing import CarStanding, cars_of
from patrol_anpr.depot.lists.publishing import published, repository_of
from patrol_anpr.depot.settings import quotas
from patrol_anpr.depot.tables import incidents, picture_places
from patrol_anpr.domain.health import LampState
from patrol_anpr.wire.lists import HotlistHead, RoleHead
from patrol_anpr.wire.manifest import CarManifest

SOFTWARE = f"patrol-anpr {__version__}"
"""What the depot runs, as a car's manifest says it."""
_LATELY = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class FleetCar:
    """One car: where it stands, and how well it is."""

    standing: CarStanding
    health: CarHealth


def fleet_of(folder: Path, now: datetime, before: Container[str] = ()) -> Sequence[FleetCar]:
    """Return every car of a depot, those first that were not heard for long, then the others by their level.

    `before` names the cars of which what they said earlier is wanted, too.

    Raises RecordsFault when the depot cannot be opened.
    """
    cars = {one.car_id: one for one in cars_of(folder, before)}
    lists = published(repository_of(folder))
    with closing(DepotDatabase(folder)) as database, database.reading() as connection:
        cameras, found = last_days(connection), _incidents(connection, now)
        sent = _sent(connection, now, quotas(folder).megabytes_a_day)
    healths = (
        judged(
            _facts(car, lists, cameras=cameras.get(car_id, ()), incidents=found[car_id], sent=sent.get(car_id, 0.0)),
            SOFTWARE,
            now,
        )
        for car_id, car in cars.items()
    )
    return [FleetCar(cars[health.facts.car_id], health) for health in by_urgency(healths)]


@dataclass(frozen=True, slots=True)
class CarFile:
    """All that is known of one car: what its cameras could see by day, what was doubted, and its incidents."""

    car: FleetCar
    days: Sequence[CameraDay]
    doubts: Sequence[Doubt]
    incidents: Sequence[Incident]


def file_of(folder: Path, car_id: str, now: datetime) -> CarFile | None:
    """Return what is known of one car; None where the depot does not know it. Raises RecordsFault."""
    car = next((one for one in fleet_of(folder, now, (car_id,)) if one.standing.car_id == car_id), None)
    if car is None:
        return None
    with closing(DepotDatabase(folder)) as database, database.reading() as connection:
        days = days_of(connection, car_id)
    doubts = [one for one in doubts_of(folder) if one.car_id == car_id]
    return CarFile(car, days, doubts, incidents_of(folder, car_id))


def _facts(car: CarStanding, lists: Sequence[tuple[HotlistHead, RoleHead]], **told: object) -> CarFacts:
    newest = car.said[0] if car.said else None
    said = newest.manifest if newest else None
    return CarFacts(
        car.car_id,
        car.enrolled,
        car.revoked,
        heard=newest.last if newest else None,
        says_sound=newest is None or said is not None,
        certificate_ends=newest.certificate_ends if newest else None,
        software=said.software if said else "",
        reading=said.reading if said else LampState.UNKNOWN,
        waiting=said.waiting if said else None,
        lists=_lists(said, car.car_id, lists) if said else (),
        doubted=car.doubted,
        refused=car.refused,
        **told,  # type: ignore[arg-type]
    )


def _lists(said: CarManifest, car_id: str, lists: Sequence[tuple[HotlistHead, RoleHead]]) -> Sequence[ListStanding]:
    held = {one.list_id: one for one in said.lists}
    found = []
    for head, about in lists:
        if about.audience is not None and car_id not in about.audience:
            continue
        mine = held.get(head.list_id)
        revision, issued = (mine.revision, mine.issued_at) if mine else (None, None)
        found.append(ListStanding(head.name, revision, head.revision, head.issued_at, issued))
    return found


def _incidents(connection: Connection, now: datetime) -> Counter[str]:
    lately = select(incidents.c.car_id).where(incidents.c.at > now - _LATELY)
    return Counter(connection.execute(lately).scalars())


def _sent(connection: Connection, now: datetime, megabytes_a_day: int) -> Mapping[str, float]:
    """The share of today's quota of pictures that each car has used."""
    today = picture_places.c.key_group == now.date().isoformat()
    query = select(picture_places.c.car_id, func.sum(picture_places.c.length)).where(today)
    rows = connection.execute(query.group_by(picture_places.c.car_id))
    return {car_id: int(size) / (megabytes_a_day * 10**6) for car_id, size in rows}
