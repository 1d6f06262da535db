"""What each camera of each car could see, a day at a time: counted as the coverage record comes in, for the fleet.

The coverage record itself is a row a minute; nobody has to read it all to see which camera is blind.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta

from sqlalchemy import Connection, delete, insert, select

from patrol_anpr.depot.fleet.health import CameraDay
from patrol_anpr.depot.tables import camera_days
from patrol_anpr.domain.coverage import Blind
from patrol_anpr.wire.payloads import CoveragePayload, CoverageRow

KEPT = timedelta(days=30)
MOST_CAMERAS = 20
"""Of one car on one day: a name is what the car says, and may be anything."""


def add_coverage(connection: Connection, car_id: str, told: Iterable[CoveragePayload], now: datetime) -> None:
    """Count what has come, in the transaction of its items: the turn of `known_of` keeps others of this car away."""
    oldest = (now - KEPT).date()
    latest = now.date() + timedelta(days=1)
    new: dict[tuple[str, str], list[CoverageRow]] = {}
    for payload in told:
        for row in payload.minutes:
            if oldest <= row.minute.date() <= latest:
                new.setdefault((row.minute.date().isoformat(), row.camera_id), []).append(row)
    if not new:
        return
    mine = camera_days.c.car_id == car_id
    connection.execute(delete(camera_days).where(mine, camera_days.c.day < oldest.isoformat()))
    days = {day for day, _ in new}
    found = connection.execute(select(camera_days).where(mine, camera_days.c.day.in_(days))).all()
    kept = {(row.day, row.camera_id): row for row in found}
    for day in days:
        known = {camera for on, camera in kept if on == day}
        for (on, camera), rows in new.items():
            if on != day or (camera not in known and len(known) >= MOST_CAMERAS):
                continue
            known.add(camera)
            before = kept.get((day, camera))
            watched = sum(row.seconds for row in rows) + (before.watched if before else 0.0)
            blind = _added([json.loads(before.blind)] if before else [], (row.blind for row in rows))
            one = (mine, camera_days.c.day == day, camera_days.c.camera_id == camera)
            connection.execute(delete(camera_days).where(*one))
            said = {"car_id": car_id, "camera_id": camera, "day": day, "watched": watched, "blind": json.dumps(blind)}
            connection.execute(insert(camera_days).values(said))


def last_days(connection: Connection) -> Mapping[str, Sequence[CameraDay]]:
    """Return the last day of each camera of each car, by car; its cameras in the order of their names."""
    newest: dict[tuple[str, str], CameraDay] = {}
    for row in connection.execute(select(camera_days).order_by(camera_days.c.day)):
        newest[row.car_id, row.camera_id] = _day(row.camera_id, row.day, row.watched, json.loads(row.blind))
    found: dict[str, list[CameraDay]] = {}
    for (car_id, _), day in sorted(newest.items()):
        found.setdefault(car_id, []).append(day)
    return found


def days_of(connection: Connection, car_id: str) -> Sequence[CameraDay]:
    """Return every day that is kept of a car's cameras, the newest first."""
    query = select(camera_days).where(camera_days.c.car_id == car_id)
    rows = connection.execute(query.order_by(camera_days.c.day.desc(), camera_days.c.camera_id))
    return [_day(row.camera_id, row.day, row.watched, json.loads(row.blind)) for row in rows]


def _day(camera_id: str, day: str, watched: float, blind: Mapping[str, float]) -> CameraDay:
    reason = max(blind, key=lambda word: blind[word]) if blind else None
    known = Blind(reason) if reason in list(Blind) else None
    return CameraDay(camera_id, date.fromisoformat(day), watched, sum(blind.values()), known)


def _added(before: Iterable[Mapping[str, float]], more: Iterable[Mapping[Blind, float]]) -> dict[str, float]:
    total: dict[str, float] = {}
    for said in (*before, *({word.value: seconds for word, seconds in one.items()} for one in more)):
        for word, seconds in said.items():
            total[word] = round(total.get(word, 0.0) + seconds, 3)
    return total
