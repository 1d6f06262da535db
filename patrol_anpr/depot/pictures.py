"""The pictures of reads, named by the SHA-256 of their content. All of one pack are one object: a segment.

The order is: the segment on the disk for good, then, in one commit with the items that need them, the places of its
pictures. A crash between the two leaves a segment that nothing names, and never a read without its picture.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Row, func, select

from patrol_anpr.depot.database import DepotDatabase
from patrol_anpr.depot.dialect import insert_or_skip
from patrol_anpr.depot.jpeg import NotAPicture, check_jpeg
from patrol_anpr.depot.keys import DepotKeys
from patrol_anpr.depot.settings import picture_store
from patrol_anpr.depot.storage.files import FileObjects
from patrol_anpr.depot.storage.group_keys import GroupKeys, KeyGone
from patrol_anpr.depot.storage.objects import Objects
from patrol_anpr.depot.storage.s3 import S3Objects
from patrol_anpr.depot.storage.segments import Place, Segments, Unreadable
from patrol_anpr.depot.tables import picture_places, refused_pictures
from patrol_anpr.domain.errors import RecordsFault
from patrol_anpr.wire.payloads import sha256_of

FOLDER = "pictures"
"""Of the depot's folder: where the segments are."""
_YEAR = timedelta(days=365)
"""The pictures of a day are kept so long at least."""
HELD = "held-"
"""What the name of a group begins with that is held as evidence."""
APART = "until-"
"""What the name of a group begins with that outlives its day; all others are days."""
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_KEYS = "pictures"
"""Of the folder of the depot's keys: where those of the days are."""
_WRONG_KEYS = (
    "The depot's pictures cannot be opened: their keys are not those of this depot. Put its folder of keys back from a "
    "copy; do not delete anything."
)
_ASKED_AT_ONCE = 500
"""Fewer than a database takes values in one query."""


@dataclass(frozen=True, slots=True)
class Kept:
    """What became of some pictures, by SHA-256. Those in `here` count only once `store` is committed.

    `refused` says why a content is no picture: it is so for good. What was `damaged` on the way may come again.
    """

    here: frozenset[str]
    refused: Mapping[str, str]
    damaged: frozenset[str]
    _places: Sequence[Mapping[str, Any]]
    _refusals: Sequence[Mapping[str, Any]]

    def store(self, connection: Connection) -> None:
        """Note where the pictures are and which were refused, in the transaction of the items that need them."""
        for table, rows in ((picture_places, self._places), (refused_pictures, self._refusals)):
            if rows:
                connection.execute(insert_or_skip(connection, table), rows)


class DepotPictures:
    """The pictures of a depot. Any thread may call."""

    def __init__(self, database: DepotDatabase, segments: Segments) -> None:
        self._database = database
        self.segments = segments

    def keep_all(self, car_id: str, pictures: Mapping[str, bytes], now: datetime) -> Kept:
        """Put the pictures of one pack, by SHA-256, on the disk for good; those that are here already stay as they are.

        Raises OSError, and then nothing was kept.
        """
        refused: dict[str, str] = {}
        damaged: set[str] = set()
        with self._database.reading() as connection:
            here = pictures_here(connection, pictures)
        new: dict[str, bytes] = {}
        for sha256, content in pictures.items():
            if sha256_of(content) != sha256:
                damaged.add(sha256)
            elif sha256 not in here:
                try:
                    check_jpeg(content)
                    new[sha256] = content
                except NotAPicture as fault:
                    refused[sha256] = str(fault)
        return Kept(
            here=(here - damaged) | new.keys(),
            refused=refused,
            damaged=frozenset(damaged),
            _places=self._place(car_id, new, now),
            _refusals=[_refusal(car_id, sha256, reason, now) for sha256, reason in refused.items()],
        )

    def content(self, sha256: str) -> bytes:
        """Return a picture as its car sent it. Raises Unreadable, OSError."""
        with self._database.reading() as connection:
            rows = connection.execute(select(picture_places).where(picture_places.c.sha256 == sha256)).all()
        why = Unreadable("the depot does not have it")
        for row in rows:
            try:
                return self.segments.get(place_of(row))
            except Unreadable as fault:  # it may lie elsewhere as well: held for a case, or sent by two cars at once
                why = fault
        raise why

    def readable(self, names: Iterable[str]) -> dict[str, bytes]:
        """Return those of the pictures that can be read still. Raises OSError."""
        found: dict[str, bytes] = {}
        for sha256 in names:
            with suppress(Unreadable):
                found[sha256] = self.content(sha256)
        return found

    def _place(self, car_id: str, pictures: Mapping[str, bytes], now: datetime) -> list[dict[str, Any]]:
        """Put pictures into one segment of the day of their receipt; return the rows that say where each is."""
        if not pictures:
            return []
        places = self.segments.put(now.astimezone(UTC).date().isoformat(), pictures)
        return [place_row(place, car_id) for place in places]


def pictures_in(folder: Path, database: DepotDatabase) -> DepotPictures:
    """Open the pictures of the depot in `folder`. Raises RecordsFault when they were sealed with other keys."""
    segments = segments_in(folder)
    day = picture_places.c.key_group.not_like(f"{HELD}%") & picture_places.c.key_group.not_like(f"{APART}%")
    with database.reading() as connection:
        newest = connection.execute(select(func.max(picture_places.c.key_group)).where(day)).scalar()
    kept_since = (datetime.now(UTC) - _YEAR).date().isoformat()
    if newest is not None and newest > kept_since and newest not in segments.keys.groups():
        raise RecordsFault(_WRONG_KEYS)  # with new ones, pictures that nobody can read would count as here
    return DepotPictures(database, segments)


def segments_in(folder: Path) -> Segments:
    """Open the segments of the depot in `folder`. Raises as `pictures_in` does."""
    keys = DepotKeys(folder)
    group_keys = GroupKeys(keys.folder / _KEYS, keys.storage)
    try:
        for newest in sorted(group_keys.groups())[-1:]:
            group_keys.to_open(newest)
    except (KeyGone, OSError) as fault:
        raise RecordsFault(_WRONG_KEYS) from fault
    return Segments(objects_in(folder), group_keys)


def objects_in(folder: Path) -> Objects:
    """Open the store of the segments of the depot in `folder`. Raises RecordsFault, BadInput."""
    store = picture_store(folder)
    if store is None:
        return FileObjects(folder / FOLDER)
    return S3Objects(store.bucket, store.endpoint, store.region)


def is_day(group: str) -> bool:
    """Tell whether a group of pictures is those that came on one day."""
    return _DAY.fullmatch(group) is not None


def place_of(row: Row[Any]) -> Place:
    """Return a row of picture_places as a Place."""
    return Place(row.sha256, row.segment, row.start, row.length)


def place_row(place: Place, car_id: str) -> dict[str, Any]:
    """Return a Place as a row of picture_places."""
    return {
        "sha256": place.sha256,
        "segment": place.segment,
        "start": place.start,
        "length": place.length,
        "car_id": car_id,
        "key_group": place.group,
    }


def pictures_here(connection: Connection, wanted: Iterable[str]) -> frozenset[str]:
    """Return those of the SHA-256s whose pictures the depot has."""
    asked = list(wanted)
    found: set[str] = set()
    for begin in range(0, len(asked), _ASKED_AT_ONCE):
        some = picture_places.c.sha256.in_(asked[begin : begin + _ASKED_AT_ONCE])
        found.update(connection.execute(select(picture_places.c.sha256).where(some)).scalars())
    return frozenset(found)


def refused_of(connection: Connection, car_id: str) -> frozenset[str]:
    """Return the SHA-256 of every picture of a car that was refused."""
    query = select(refused_pictures.c.sha256).where(refused_pictures.c.car_id == car_id)
    return frozenset(connection.execute(query).scalars())


def _refusal(car_id: str, sha256: str, reason: str, now: datetime) -> dict[str, Any]:
    return {"car_id": car_id, "sha256": sha256, "reason": reason, "received_at": now}
