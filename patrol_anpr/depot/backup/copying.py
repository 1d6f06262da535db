"""Making a copy of a depot, which may be running.

First the database, at one moment; then the segments it names, which are all there by then and never change; last the
keys and everything else. So whatever the copy of the database names is in the copy, and can be opened.
"""

import io
import tarfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import func, select

from patrol_anpr.depot.backup.database_copy import copied_database
from patrol_anpr.depot.backup.pool import Copy, Known, Pool, Segments, read_segments, spelled
from patrol_anpr.depot.backup.sealed import Lock, sealed_to
from patrol_anpr.depot.database import DepotDatabase
from patrol_anpr.depot.lists.drafts import FOLDER as DRAFTS
from patrol_anpr.depot.pictures import FOLDER, segments_in
from patrol_anpr.depot.roles import Role
from patrol_anpr.depot.sqlite_file import FILE
from patrol_anpr.depot.storage.objects import NoSuchObject, Objects
from patrol_anpr.depot.tables import picture_places
from patrol_anpr.domain.errors import BadInput
from patrol_anpr.plumbing.files import PART, made_folder, write_whole
from patrol_anpr.wire.payloads import sha256_of

SEGMENTS = "segments"
DATABASE = "database"
DEPOT = "depot"
"""What is in the sealed file: the list of segments, the database, and below this name the files of the depot."""
_ELSEWHERE = (FOLDER, "log", "arriving", DRAFTS)

Tell = Callable[[int, int], None]
"""Hears how many segments are copied, and how many there are."""


@dataclass(frozen=True, slots=True)
class Made:
    """A copy that was made: how many segments it has, how many of them were new, and how many the depot misses."""

    copy: Copy
    segments: int
    new: int
    missing: int


def make_copy(folder: Path, pool: Pool, lock: Lock, now: datetime, tell: Tell) -> Made:
    """Copy the depot in `folder`. It counts once its sealed file is there.

    Raises BadInput where the copies would lie in the depot itself; RecordsFault, OSError, SQLAlchemyError.
    """
    if pool.folder.resolve().is_relative_to(folder.resolve()):
        raise BadInput("A copy within the depot's own folder is lost with it. Name another folder, on another disk.")
    made_folder(pool.folder, "the folder of the copies")
    copy = pool.new(now)
    with copied_database(folder) as database:
        wanted = _sizes(folder)
        segments, new = _fill(pool, segments_in(folder).objects, wanted, tell)
        listed = spelled(segments)
        write_whole(copy.segments_file, listed)
        with sealed_to(copy.file, lock) as stream, tarfile.open(fileobj=stream, mode="w|") as tar:
            _add(tar, SEGMENTS, listed)
            tar.add(database, DATABASE)
            for file in _files(folder):
                tar.add(file, f"{DEPOT}/{file.relative_to(folder).as_posix()}")
    return Made(copy, len(segments), new, len(wanted) - len(segments))


def _sizes(folder: Path) -> dict[str, int]:
    """Return the bytes of every segment that the depot names."""
    end = func.max(picture_places.c.start + picture_places.c.length)
    database = DepotDatabase(folder, Role.RETENTION)
    try:
        with database.reading() as connection:
            rows = connection.execute(select(picture_places.c.segment, end).group_by(picture_places.c.segment))
            return {row[0]: row[1] for row in rows}
    finally:
        database.close()


def _fill(pool: Pool, source: Objects, wanted: dict[str, int], tell: Tell) -> tuple[Segments, int]:
    """Bring the segments into the pool; return those that are in it then, and how many were new."""
    lying = {one.name: one.size for one in pool.segments.list()}
    known = dict(read_segments(pool.copies()[-1].segments_file)) if pool.copies() else {}
    segments: dict[str, Known] = {}
    new = 0
    for number, (name, size) in enumerate(sorted(wanted.items()), 1):
        if name in known and lying.get(name) == known[name].size:
            segments[name] = known[name]
        else:
            try:
                content = source.get(name, 0, size)
            except NoSuchObject:
                continue
            pool.segments.put(name, content)
            segments[name] = Known(sha256_of(content), size)
            new += 1
        tell(number, len(wanted))
    return segments, new


def _files(folder: Path) -> Iterator[Path]:
    """Name all else that a depot keeps: keys, lists, settings."""
    for file in sorted(folder.rglob("*")):
        top = file.relative_to(folder).parts[0]
        if top not in _ELSEWHERE and not top.startswith(FILE) and file.suffix != PART and file.is_file():
            yield file


def _add(tar: tarfile.TarFile, name: str, content: bytes) -> None:
    member = tarfile.TarInfo(name)
    member.size = len(content)
    tar.addfile(member, io.BytesIO(content))
