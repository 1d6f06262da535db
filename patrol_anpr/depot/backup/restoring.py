"""Bringing a depot back from a copy. It begins a new epoch, so that cars ask what it still holds."""

import logging
import os
import shutil
import tarfile
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import delete, select

from patrol_anpr.depot.audit import add_audit
from patrol_anpr.depot.backup.copying import DATABASE, DEPOT, SEGMENTS
from patrol_anpr.depot.backup.database_copy import put_database_back
from patrol_anpr.depot.backup.pool import Pool, read_segments
from patrol_anpr.depot.backup.sealed import Opener, opened_from
from patrol_anpr.depot.database import DepotDatabase
from patrol_anpr.depot.epoch import begin_epoch
from patrol_anpr.depot.keys import FOLDER as KEYS
from patrol_anpr.depot.lists.keys import ListKeys
from patrol_anpr.depot.lists.repository import Repository
from patrol_anpr.depot.pictures import HELD, objects_in
from patrol_anpr.depot.roles import Role
from patrol_anpr.depot.settings import FILE as SETTINGS_FILE
from patrol_anpr.depot.storage.objects import NoSuchObject, Objects
from patrol_anpr.depot.tables import picture_places
from patrol_anpr.domain.errors import BadInput, RecordsFault
from patrol_anpr.plumbing.files import part_of, sync_file, sync_folder, write_whole
from patrol_anpr.wire.payloads import sha256_of

log = logging.getLogger(__name__)

Tell = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Restored:
    """A depot that was brought back: its new epoch, its segments, and how many others its records name in vain.

    Those were missing in the depot already, or the copies lack or spoilt them.
    """

    epoch: int
    segments: int
    lost: int


def restore_copy(
    file: Path, opener: Opener, folder: Path, now: datetime, actor: str, tell: Tell, settings: Path | None = None
) -> Restored:
    """Bring the depot of the copy `file` back to `folder`, which is there whole then, or not at all.

    `settings` takes the place of its `depot.toml`, where database or pictures are elsewhere now.

    Raises BadInput when `folder` holds anything, when the copy cannot be opened or is damaged; RecordsFault, OSError,
    SQLAlchemyError.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise BadInput(f"{folder} is not empty. A depot is brought back only to an empty folder. Name another.")
    folder.parent.mkdir(parents=True, exist_ok=True)
    part = part_of(folder)
    part.mkdir(mode=0o700)
    try:
        _unpack(file, opener, part)
        if settings is not None:
            write_whole(part / SETTINGS_FILE, settings.read_bytes())
        objects = _no_objects(part)
        put_database_back(part / DATABASE, part)
        there = _bring_segments(file.parent, part, objects, tell)
        with closing(DepotDatabase(part, Role.RETENTION)) as database, database.writing() as connection:
            named = set(connection.execute(select(picture_places.c.segment).distinct()).scalars())
            lost = named - there
            for name in lost:  # nobody must take their pictures for here
                connection.execute(delete(picture_places).where(picture_places.c.segment == name))
            epoch = begin_epoch(connection, now)
            add_audit(connection, actor, "depot restored", file.name, f"epoch {epoch}")
        _outrun_lists(part, now)
        _sync_all(part)
        for name in there:
            if name.startswith(HELD):
                objects.hold(name, held=True)
        if folder.exists():
            folder.rmdir()
        part.rename(folder)
        sync_folder(folder.absolute().parent)
    except BaseException:
        shutil.rmtree(part, ignore_errors=True)
        raise
    return Restored(epoch, len(there), len(lost))


def _outrun_lists(part: Path, now: datetime) -> None:
    """Have cars that saw later signatures believe the lists of the copy; `depot verify` says where they are damaged."""
    repository = Repository(part, ListKeys(part / KEYS), lambda: now)
    if repository.exists:
        try:
            repository.outrun()
        except RecordsFault as fault:
            log.warning("the lists of the copy could not be signed anew: %s", fault)


def _unpack(file: Path, opener: Opener, target: Path) -> None:
    with opened_from(file, opener) as stream, tarfile.open(fileobj=stream, mode="r|") as tar:
        for member in tar:
            tar.extract(member, target, filter="data")
        while stream.read(2**20):  # to the end that says that nothing was cut off
            pass
    for name in (DATABASE, SEGMENTS, DEPOT):
        if not (target / name).exists():
            raise BadInput(f"{file} is no copy of a depot, or damaged. Take another copy.")
    for found in (target / DEPOT).iterdir():
        found.rename(target / found.name)
    (target / DEPOT).rmdir()
    for path in _below(target):
        path.chmod(0o700 if path.is_dir() else 0o600)


def _no_objects(target: Path) -> Objects:
    """Open the store of the segments, which must be empty.

    A depot deletes what no record of its own names. Those of another one, and those that came after the copy was made,
    must not lie where this one looks.
    """
    objects = objects_in(target)
    if next(iter(objects.list()), None) is not None:
        raise BadInput(
            "The bucket that depot.toml names is not empty. Make a new one with object lock, and name it in a "
            "depot.toml for --settings. Leave the old bucket as it is."
        )
    return objects


def _bring_segments(copies: Path, target: Path, objects: Objects, tell: Tell) -> set[str]:
    """Bring the segments of the copy, but those that the copies lost or spoilt; return which are there now."""
    wanted = read_segments(target / SEGMENTS)
    pool = Pool(copies).segments
    there: set[str] = set()
    for number, (name, known) in enumerate(sorted(wanted.items()), 1):
        try:
            content = pool.get(name, 0, known.size)
        except NoSuchObject:
            content = b""
        if sha256_of(content) == known.sha256:
            objects.put(name, content)
            there.add(name)
        tell(number, len(wanted))
    (target / SEGMENTS).unlink()
    return there


def _sync_all(folder: Path) -> None:
    for path in _below(folder):
        (sync_folder if path.is_dir() else sync_file)(path)
    sync_folder(folder)


def _below(folder: Path) -> Iterator[Path]:
    for parent, folders, files in os.walk(folder):
        for name in (*folders, *files):
            yield Path(parent) / name
