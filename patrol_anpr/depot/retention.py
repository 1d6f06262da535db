"""Erasing the pictures of days that are past, and holding those that are evidence.

A day is erased by destroying its key: from then on nobody reads its pictures, wherever copies of them lie. What is held
was sealed again, with a key of its own, when it was held.
"""

import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from sqlalchemy import Connection, delete, func, insert, select, update

from patrol_anpr.depot.audit import add_audit
from patrol_anpr.depot.database import DepotDatabase
from patrol_anpr.depot.dialect import insert_or_skip
from patrol_anpr.depot.naming import pictures_named
from patrol_anpr.depot.pictures import HELD, KEEP_DAYS, DepotPictures, place_row
from patrol_anpr.depot.storage.segments import Place
from patrol_anpr.depot.tables import holds, items, picture_places, purged_groups
from patrol_anpr.domain.errors import BadInput

_LAST = 1000
"""The median of so many is the cars' time: one car with a wrong clock does not move it."""
_NEVER = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Purged:
    """Days whose pictures can be read by nobody from now on, and how many pictures that were."""

    days: Sequence[str]
    pictures: int


class Retention:
    """Purges and holds. Any thread may call, also beside a running depot."""

    def __init__(self, database: DepotDatabase, pictures: DepotPictures) -> None:
        self._database = database
        self._pictures = pictures
        self._segments = pictures.segments

    def purge(self, before: date, now: datetime, actor: str) -> Purged:
        """Erase the pictures of every day before that one; what is held stays. One that broke off goes on here.

        Raises BadInput when a day would go that is not KEEP_DAYS old by the depot's clock and by those of the cars, one
        of which may be wrong; OSError, SQLAlchemyError.
        """
        youngest = self.youngest(now)
        if before > youngest:
            raise BadInput(
                f"Pictures are kept for {KEEP_DAYS} days. Only days before {youngest} can be purged now, by the clock "
                "here and by those of the cars. Check the date, and the clock."
            )
        self._let_go(self._ended_holds())  # of releases that broke off
        days = [day for day in sorted(self._groups()) if day < before.isoformat()]
        return Purged(days, sum(self._purge(day, now, actor) for day in days))

    def youngest(self, now: datetime) -> date:
        """Return the first day that must be kept still."""
        return self._agreed(now).date() - timedelta(days=KEEP_DAYS)

    def _purge(self, day: str, now: datetime, actor: str) -> int:
        self._segments.keys.destroy(day)  # first: whatever breaks off now, it is unreadable
        with self._database.writing() as connection:
            there = picture_places.c.key_group == day
            count: int = connection.execute(select(func.count()).select_from(picture_places).where(there)).scalar_one()
            connection.execute(delete(picture_places).where(there))
            row = {"key_group": day, "at": now, "pictures": count}
            connection.execute(insert_or_skip(connection, purged_groups).values(row))
            add_audit(connection, actor, "pictures purged", day, f"{count} pictures")
        for one in list(self._segments.objects.list(day)):
            self._segments.objects.delete(one.name)
        return count

    def _groups(self) -> set[str]:
        """Name every day that has a key or a row."""
        with self._database.reading() as connection:
            named = set(connection.execute(select(picture_places.c.key_group).distinct()).scalars())
        return {group for group in named | set(self._segments.keys.groups()) if not group.startswith(HELD)}

    def _agreed(self, now: datetime) -> datetime:
        """Return the time by whichever clock is behind: the depot's own, or those of the cars that came last."""
        query = select(items.c.captured_at).order_by(items.c.seq.desc()).limit(_LAST)
        with self._database.reading() as connection:
            newest = sorted(connection.execute(query).scalars())
        return min(now, newest[len(newest) // 2]) if newest else _NEVER

    def hold(self, car_id: str, item_id: str, reason: str, now: datetime, actor: str) -> int:
        """Hold an item and its pictures as evidence; return how many pictures. They stay until they are released.

        Raises BadInput where there is no such item; Unreadable, OSError, SQLAlchemyError.
        """
        with self._database.reading() as connection:
            wanted = (items.c.car_id == car_id) & (items.c.item_id == item_id)
            payloads = connection.execute(select(items.c.payload).where(wanted)).scalars().all()
        if not payloads:
            raise BadInput("The depot holds no record of that car and id. Check both.")
        names = set().union(*(pictures_named(payload) for payload in payloads))
        group = f"{HELD}{secrets.token_hex(16)}"
        places: Sequence[Place] = ()
        if names:
            places = self._segments.put(group, {name: self._pictures.content(name) for name in names})
        with self._database.writing() as connection:
            if places:
                connection.execute(insert(picture_places), [place_row(place, car_id) for place in places])
            row = {"key_group": group, "car_id": car_id, "item_id": item_id, "reason": reason, "held_at": now}
            connection.execute(insert(holds).values(row))
            add_audit(connection, actor, "record held", item_id, reason)
        if places:  # after the commit: what is held, and no row names, would never be deleted
            self._segments.objects.hold(places[0].segment, held=True)
        return len(places)

    def release(self, car_id: str, item_id: str, reason: str, now: datetime, actor: str) -> int:
        """End every hold of an item; its pictures stay as long as their day does. Returns how many holds there were.

        Raises BadInput where there is none; OSError, SQLAlchemyError.
        """
        with self._database.writing() as connection:
            groups = _open_holds(connection, car_id, item_id)
            if not groups:
                raise BadInput("Nothing is held of that car and id. Check both.")
            ended = holds.c.key_group.in_(groups)
            connection.execute(update(holds).where(ended).values(ended_at=now))
            connection.execute(delete(picture_places).where(picture_places.c.key_group.in_(groups)))
            add_audit(connection, actor, "record released", item_id, reason)
        self._let_go(groups)
        return len(groups)

    def _ended_holds(self) -> list[str]:
        """Name the groups that are held no longer and still have their key."""
        with self._database.reading() as connection:
            ended = set(connection.execute(select(holds.c.key_group).where(holds.c.ended_at.is_not(None))).scalars())
        return [group for group in self._segments.keys.groups() if group in ended]

    def _let_go(self, groups: Iterable[str]) -> None:
        """Delete what was held. The key goes last: it says that there is something left to delete."""
        for group in groups:
            for one in list(self._segments.objects.list(group)):
                self._segments.objects.hold(one.name, held=False)
                self._segments.objects.delete(one.name)
            self._segments.keys.destroy(group)


def _open_holds(connection: Connection, car_id: str, item_id: str) -> Sequence[str]:
    query = select(holds.c.key_group).where(
        holds.c.car_id == car_id, holds.c.item_id == item_id, holds.c.ended_at.is_(None)
    )
    return connection.execute(query).scalars().all()
