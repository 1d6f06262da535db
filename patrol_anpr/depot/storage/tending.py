"""What crashes leave of pictures is cleaned away, at the start and every hour. What a committed row names stays."""

import logging
import threading
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import TypeVar

from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

from patrol_anpr.depot.database import DepotDatabase
from patrol_anpr.depot.dialect import insert_or_skip
from patrol_anpr.depot.jpeg import NotAPicture, check_jpeg
from patrol_anpr.depot.pictures import FOLDER, place_row
from patrol_anpr.depot.storage.objects import ObjectHeld
from patrol_anpr.depot.storage.segments import Segments
from patrol_anpr.depot.tables import picture_places
from patrol_anpr.wire.payloads import sha256_of

log = logging.getLogger(__name__)

YOUNG = timedelta(hours=1)
"""A segment younger than this may still get its rows: far more than the longest commit."""
EVERY_SECONDS = 3600.0
_AT_ONCE = 200
_T = TypeVar("_T")


class Tending:
    """Tends the segments of a depot in a thread of its own, from `start` to `stop`."""

    def __init__(self, folder: Path, database: DepotDatabase, segments: Segments, now: Callable[[], datetime]) -> None:
        self._folder = folder
        self._database = database
        self._segments = segments
        self._now = now
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name="depot-tending")

    def start(self) -> None:
        """Begin: everything once, then the last two days every hour."""
        self._thread.start()

    def stop(self) -> None:
        """End after what is being done."""
        self._stopped.set()
        if self._thread.is_alive():
            self._thread.join()

    def _run(self) -> None:
        groups = [""]
        while not self._stopped.is_set():
            try:
                taken = take_over(self._folder, self._database, self._segments)
                orphans = delete_orphans(self._database, self._segments, groups, self._now())
                halves = self._segments.objects.delete_halves(self._now() - YOUNG)
                if taken or orphans or halves:
                    log.warning("tended: %d pictures taken over, %d orphans, %d halves", taken, orphans, halves)
                today = self._now().astimezone(UTC).date()
                groups = [(today - timedelta(days=n)).isoformat() for n in (0, 1)]
            except (OSError, SQLAlchemyError) as fault:
                log.warning("the pictures could not be tended: %s", type(fault).__name__)
            self._stopped.wait(EVERY_SECONDS)


def delete_orphans(database: DepotDatabase, segments: Segments, groups: Iterable[str], now: datetime) -> int:
    """Delete the segments of these groups ("": all) that no row names and that are not young; return how many.

    Raises OSError, SQLAlchemyError.
    """
    deleted = 0
    old = (it.name for group in groups for it in segments.objects.list(group) if it.at < now - YOUNG)
    for names in _some(old):
        with database.reading() as connection:
            named = set(
                connection.execute(
                    select(picture_places.c.segment).where(picture_places.c.segment.in_(names)).distinct()
                ).scalars()
            )
        for name in names:
            if name not in named:
                deleted += _delete(segments, name)
    return deleted


def _delete(segments: Segments, name: str) -> int:
    try:
        segments.objects.delete(name)
    except ObjectHeld:
        log.warning("a segment that no row names is held as evidence and was left")
        return 0
    return 1


def take_over(folder: Path, database: DepotDatabase, segments: Segments) -> int:
    """Take over pictures of earlier versions, a file each, unsealed: into segments of the days they came.

    A file is deleted once its picture is in a segment for good; a damaged one stays where it is. Returns how many
    pictures were taken over. Raises OSError, SQLAlchemyError.
    """
    taken = 0
    by_day: dict[str, list[Path]] = {}
    for file in sorted((folder / FOLDER).glob("[0-9a-f][0-9a-f]/*.jpg")):
        came = datetime.fromtimestamp(file.stat().st_mtime, UTC).date().isoformat()
        by_day.setdefault(came, []).append(file)
    for day, files in by_day.items():
        for some in _some(files):
            whole = {file: content for file in some if (content := _whole(file)) is not None}
            places = segments.put(day, {file.stem: content for file, content in whole.items()}) if whole else []
            with database.writing() as connection:
                for place in places:
                    connection.execute(insert_or_skip(connection, picture_places), place_row(place, ""))
            for file in whole:
                file.unlink()
            taken += len(whole)
    return taken


def _whole(file: Path) -> bytes | None:
    content = file.read_bytes()
    try:
        check_jpeg(content)
    except NotAPicture:
        content = b""
    if sha256_of(content) != file.stem:
        log.error("a picture of an earlier version is damaged and stays where it is")
        return None
    return content


def _some(them: Iterable[_T]) -> Iterator[list[_T]]:
    left = iter(them)
    while some := list(islice(left, _AT_ONCE)):
        yield some
