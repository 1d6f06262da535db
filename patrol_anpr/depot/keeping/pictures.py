"""Erasing the pictures of days that are past.

A day is erased by destroying its key: from then on nobody reads its pictures, wherever copies of them lie. What is held
was sealed again, with a key of its own, when it was held; what lasts longer than reads is sealed again before its day
is erased, under a key of that day and its class.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import delete, func, insert, select

from patrol_anpr.depot.database import DepotDatabase
from patrol_anpr.depot.dialect import insert_or_skip
from patrol_anpr.depot.keeping.classes import Keep
from patrol_anpr.depot.keeping.holds import let_go_of_ended
from patrol_anpr.depot.keeping.lasting import LASTING, lasting_pictures
from patrol_anpr.depot.keeping.log import Erasing, log_erased
from patrol_anpr.depot.pictures import APART, DepotPictures, is_day, place_row
from patrol_anpr.depot.tables import picture_places, purged_groups

PICTURES = "pictures"
_AT_ONCE = 100
"""Pictures sealed anew in one segment: some megabytes."""


@dataclass(frozen=True, slots=True)
class Purged:
    """Days whose pictures can be read by nobody from now on, and how many pictures that were."""

    days: Sequence[str]
    pictures: int


class PicturePurge:
    """Purges days. Any thread may call, also beside a running depot."""

    def __init__(self, database: DepotDatabase, pictures: DepotPictures) -> None:
        self._database = database
        self._pictures = pictures
        self._segments = pictures.segments

    def purge(self, first_kept: Mapping[Keep, date], by: Erasing, now: datetime) -> Purged:
        """Erase the pictures of every day before the first that is kept; what is held stays, and what lasts longer.

        Whoever calls has made sure of the days, and marked what lasts. One that broke off goes on here. Raises OSError,
        SQLAlchemyError.
        """
        let_go_of_ended(self._database, self._segments)
        groups = self._groups()
        ends = {"": first_kept[Keep.READS]} | {_prefix(keep): first_kept[keep] for keep in LASTING}
        due = [
            (f"{prefix}{day}", day)
            for prefix, end in ends.items()
            for day in sorted(group.removeprefix(prefix) for group in groups if group.startswith(prefix))
            if is_day(day) and day < end.isoformat()
        ]
        lasting: Mapping[str, Keep] = {}
        days = sorted(day for group, day in due if is_day(group))
        if days:
            with self._database.reading() as connection:
                lasting = lasting_pictures(connection, date.fromisoformat(days[0]), date.fromisoformat(days[-1]))
        count = 0
        for group, day in due:
            if is_day(group):
                still = {sha256: keep for sha256, keep in lasting.items() if day >= first_kept[keep].isoformat()}
                self._keep_apart(day, still)
            count += self._purge(group, by, now)
        return Purged([group for group, _ in due], count)

    def _keep_apart(self, day: str, lasting: Mapping[str, Keep]) -> None:
        """Seal the pictures of a day that last longer than it again. Those that could not be read are gone already."""
        apart = [_prefix(keep) + day for keep in LASTING]
        names, owners = picture_places.c.sha256, picture_places.c.car_id
        with self._database.reading() as connection:
            done = set(connection.execute(select(names).where(picture_places.c.key_group.in_(apart))).scalars())
            of_day = connection.execute(select(names, owners).where(picture_places.c.key_group == day)).all()
        left = {row.sha256: row.car_id for row in of_day if row.sha256 in lasting.keys() - done}
        for keep in LASTING:
            wanted = sorted(sha256 for sha256 in left if lasting[sha256] is keep)
            for begin in range(0, len(wanted), _AT_ONCE):
                contents = self._pictures.readable(wanted[begin : begin + _AT_ONCE])
                if contents:
                    sealed = self._segments.put(_prefix(keep) + day, contents)
                    with self._database.writing() as connection:
                        connection.execute(insert(picture_places), [place_row(one, left[one.sha256]) for one in sealed])

    def _purge(self, group: str, by: Erasing, now: datetime) -> int:
        self._segments.keys.destroy(group)  # first: whatever breaks off now, it is unreadable
        with self._database.writing() as connection:
            there = picture_places.c.key_group == group
            count: int = connection.execute(select(func.count()).select_from(picture_places).where(there)).scalar_one()
            connection.execute(delete(picture_places).where(there))
            row = {"key_group": group, "at": now, "pictures": count}
            connection.execute(insert_or_skip(connection, purged_groups).values(row))
            log_erased(connection, by, PICTURES, date.fromisoformat(group[-10:]), count, now)
        for one in list(self._segments.objects.list(group)):
            self._segments.objects.delete(one.name)
        return count

    def _groups(self) -> set[str]:
        """Name every group that has a key or a row."""
        with self._database.reading() as connection:
            named = set(connection.execute(select(picture_places.c.key_group).distinct()).scalars())
        return named | set(self._segments.keys.groups())


def _prefix(keep: Keep) -> str:
    return f"{APART}{keep}-"
