"""The files of a car's shelf: their names, what belongs together, what can go."""

import hashlib
import logging
import os
import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from patrol_anpr.domain.errors import RecordsFault
from patrol_anpr.domain.hotlist import Hotlist
from patrol_anpr.domain.sentences import sentence
from patrol_anpr.hotlists.compact import FETCH, CompactFile
from patrol_anpr.hotlists.note import NotedList
from patrol_anpr.hotlists.shipped import ShippedList
from patrol_anpr.plumbing.files import place_whole, sha256_of_file

log = logging.getLogger(__name__)

SUFFIX = ".hotlist"
DELTA_SUFFIX = ".delta"


def list_files(folder: Path) -> Sequence[Path]:
    """Return the list files in `folder`, deltas among them. Raises RecordsFault."""
    try:
        return sorted(Path(one.path) for one in os.scandir(folder) if one.name.endswith((SUFFIX, DELTA_SUFFIX)))
    except OSError as error:
        raise RecordsFault(
            "The folder {folder} cannot be read ({why}). Check its rights, or change hotlists.folder.",
            folder=folder,
            why=error.strerror or error,
        ) from error


def path_of(folder: Path, head: Hotlist, suffix: str) -> Path:
    """Return the file of a revision. Ids that would share a name, on any file system, are told apart."""
    name = re.sub(r"[^a-z0-9_-]", "_", head.list_id.lower())
    if name != head.list_id:
        name = f"{name}-{hashlib.sha256(head.list_id.encode()).hexdigest()[:8]}"
    return folder / f"{name}.{head.revision}{suffix}"


def newest_lists(files: Iterable[CompactFile]) -> dict[str, ShippedList]:
    """Put together what belongs together; return the newest revision of each list, by its id."""
    by_revision = sorted(files, key=lambda file: file.head.hotlist.revision)
    newest_over = {file.head.base: file for file in by_revision}
    lists = [ShippedList(file, newest_over.get(file.file_id)) for file in by_revision if not file.head.base]
    return {one.head.list_id: one for one in sorted(lists, key=lambda one: one.head.revision)}


def noted_as(opened: ShippedList) -> NotedList:
    """Return what is to be noted of a list that is in force. Raises RecordsFault."""
    head, base, delta = opened.head, opened.files[0], opened.files[-1] if len(opened.files) > 1 else None
    return NotedList(
        head.list_id,
        head.name,
        head.revision,
        base.path.name,
        sha256_of(base.path),
        delta.path.name if delta else "",
        sha256_of(delta.path) if delta else "",
        base.key.key_id,
    )


def is_changed(path: Path, hashes: Mapping[str, str]) -> bool:
    """Tell whether a file is noted and not what was noted to its last byte: damage inside would show late."""
    try:
        return path.name in hashes and sha256_of_file(path) != hashes[path.name]
    except OSError:
        return True


def sha256_of(path: Path) -> str:
    """Return the SHA-256 (hex) of a list file. Raises RecordsFault."""
    try:
        return sha256_of_file(path)
    except OSError as error:
        raise RecordsFault(
            "The list file {name} cannot be read ({why}). {fetch}",
            name=path.name,
            why=error.strerror or error,
            fetch=sentence(FETCH),
        ) from error


def move(path: Path, target: Path) -> Path:
    """Move a file that has arrived to its place on the shelf, and return that. Raises RecordsFault."""
    try:
        place_whole(path, target)
    except OSError as error:
        raise RecordsFault(
            "The list could not be put in its place ({why}): check the disk, then sync again.",
            why=error.strerror or error,
        ) from error
    return target


def delete(path: Path) -> None:
    """Delete a file that is no longer needed; one still in use goes at a later start."""
    try:
        path.unlink(missing_ok=True)
        path.with_name(f"{path.name}.lock").unlink(missing_ok=True)
    except OSError:
        log.info("a list file that is no longer needed could not be deleted yet")
