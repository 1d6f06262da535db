"""The revision before the one in force, of each list: kept with its files, so that its owner can go back to it.

Only what an owner published is kept so, not what was added or cancelled by hand since.
"""

import os
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

from pydantic import ValidationError

from patrol_anpr.depot.lists.repository import Repository
from patrol_anpr.domain.errors import RecordsFault
from patrol_anpr.hotlists.importer import Entry
from patrol_anpr.hotlists.list_key import ListKey
from patrol_anpr.hotlists.rows import voi_of
from patrol_anpr.hotlists.shipped import ShippedList
from patrol_anpr.plumbing.files import made_folder, sync_folder, write_whole
from patrol_anpr.wire.lists import HotlistHead

_FOLDER = "before"
_HEAD = ".json"


def keep_before(repository: Repository, head: HotlistHead) -> None:
    """Keep a revision and its files, in place of the one that was kept of this list. Raises RecordsFault."""
    folder = made_folder(repository.beside(_FOLDER), "--folder")
    try:
        for file in head.files:
            if not (folder / file.sha256).exists():
                with suppress(FileNotFoundError):  # it is gone already: `depot verify` says so, and this is no worse
                    os.link(repository.target(file.sha256), folder / file.sha256)
        write_whole(folder / f"{head.list_id}{_HEAD}", head.model_dump_json().encode())
        _clean(repository)
        sync_folder(folder)
    except OSError as error:
        raise RecordsFault(
            "The revision before could not be kept ({why}), so nothing was published. Check the disk.",
            why=error.strerror or error,
        ) from error


def forget_before(repository: Repository, list_id: str) -> None:
    """Keep no revision of a list any more: it was taken back."""
    (repository.beside(_FOLDER) / f"{list_id}{_HEAD}").unlink(missing_ok=True)
    _clean(repository)


def _clean(repository: Repository) -> None:
    wanted = {file.sha256 for one in kept_heads(repository) for file in one.files}
    for path in repository.beside(_FOLDER).glob("*"):
        if path.suffix != _HEAD and path.name not in wanted:
            path.unlink(missing_ok=True)


def kept_heads(repository: Repository) -> list[HotlistHead]:
    """The revisions that are kept, one a list at most."""
    found = []
    for path in sorted(repository.beside(_FOLDER).glob(f"*{_HEAD}")):
        with suppress(ValidationError, OSError):
            found.append(HotlistHead.model_validate_json(path.read_bytes()))
    return found


def kept_head(repository: Repository, list_id: str) -> HotlistHead | None:
    """The revision of a list before the one in force; None where none is kept."""
    return next((head for head in kept_heads(repository) if head.list_id == list_id), None)


@contextmanager
def opened_list(repository: Repository, head: HotlistHead, key: ListKey | None) -> Iterator[ShippedList]:
    """Open a revision, published or kept. Raises RecordsFault where its key or a file of it is not here."""
    if key is None:
        raise RecordsFault("The key that opens {list} is not here. Publish the list again.", list=head.name)
    base, *deltas = (_place(repository, file.sha256) for file in head.files)
    with closing(ShippedList.open(base, key, *deltas)) as opened:
        yield opened


def entries_of(opened: ShippedList) -> Iterator[Entry]:
    """Every entry of a list, in the order of its file. Raises RecordsFault where one cannot be read."""
    for number, (_, row) in enumerate(opened.every_row(), start=1):
        voi = voi_of(row)
        if voi is not None:
            yield Entry(number, voi)


def _place(repository: Repository, sha256: str) -> Path:
    target = repository.target(sha256)
    return target if target.exists() else repository.beside(_FOLDER) / sha256
