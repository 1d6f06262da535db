"""Files that are there whole or not at all, also after a power cut."""

import errno
import hashlib
import os
import secrets
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from patrol_anpr.domain.errors import RecordsFault

PART = ".part"
"""What the name of an unfinished file ends with: a crash may leave one, and nothing reads it."""


def made_folder(folder: Path, setting: str) -> Path:
    """Make a folder, for this user alone, where there is none; returns it. Its name outlasts a cut of the power.

    Raises:
        RecordsFault: it cannot be made, or a file stands in its place; `setting` is what the user has to change.
    """
    try:
        new = [path for path in (folder, *folder.parents) if not path.exists()]
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        for path in new:
            sync_folder(path.parent)
    except (FileExistsError, NotADirectoryError):
        raise RecordsFault(
            "The folder {folder} cannot be made: a file is in its way. Change {setting}.",
            folder=folder,
            setting=setting,
        ) from None
    except OSError as error:
        raise RecordsFault(
            "The folder {folder} cannot be made ({why}). Check the disk and its rights, or change {setting}.",
            folder=folder,
            why=error.strerror or error,
            setting=setting,
        ) from error
    except ValueError:  # a zero byte
        raise RecordsFault("The name of the folder cannot be used. Change {setting}.", setting=setting) from None
    return folder


def part_of(target: Path) -> Path:
    """Return a name beside `target`, used by nobody else, for what is to take its place."""
    return target.with_name(f"{target.name}.{secrets.token_hex(4)}{PART}")


def place_whole(part: Path, target: Path, *, replace: bool = True, sync_name: bool = True) -> None:
    """Put the finished file `part` in the place of `target`: a crash leaves the old file or the new one, whole.

    With `replace` False a `target` that is there already stays as it is, and so does `part`. With `sync_name` False
    the name lasts only after `sync_folder`, which serves many files at once. Raises OSError.
    """
    sync_file(part)
    if replace:
        part.replace(target)
    else:
        with suppress(FileExistsError):
            os.link(part, target)
    if sync_name:
        sync_folder(target.parent)


def write_whole(target: Path, content: bytes, *, replace: bool = True, sync_name: bool = True) -> None:
    """Write a file of mode 0600 that is there whole or not at all; see `place_whole`. Raises OSError."""
    part = part_of(target)
    try:
        with new_file(part) as stream:
            stream.write(content)
        place_whole(part, target, replace=replace, sync_name=sync_name)
    finally:
        part.unlink(missing_ok=True)


@contextmanager
def folder_placed_whole(target: Path) -> Iterator[Path]:
    """Lend an empty folder to be filled; at the end it is `target`, with all of its files, or nothing is left of it.

    Raises OSError, FileExistsError among them when there is a `target`.
    """
    part = part_of(target)
    part.mkdir(mode=0o700)
    try:
        yield part
        for file in part.iterdir():
            sync_file(file)
        sync_folder(part)
        if target.exists():
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(target))
        part.rename(target)
        part = target  # what is left where its name does not last
        sync_folder(target.parent)
    except BaseException:
        shutil.rmtree(part, ignore_errors=True)
        raise


def new_file(path: Path) -> BinaryIO:
    """Make a file of mode 0600 and open it for writing; whoever is not its owner never reads a byte. Raises OSError."""
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o600), "wb")


def sha256_of_file(path: Path) -> str:
    """Return the SHA-256 of a file's content in hex. Raises OSError."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def is_open_to_others(folder: Path) -> bool:
    """Tell whether others than its owner may enter or read a folder. Windows has rights of another kind: False."""
    return sys.platform != "win32" and bool(folder.stat().st_mode & 0o077)


def sync_folder(folder: Path) -> None:
    """Make the names in `folder` last. Windows has no such call and does not need it."""
    if sys.platform != "win32":
        _sync(folder, os.O_RDONLY | os.O_DIRECTORY)


def sync_file(file: Path) -> None:
    """Make the content of `file` last. Raises OSError."""
    _sync(file, os.O_RDWR)  # Windows syncs only what is open for writing


def _sync(path: Path, flags: int) -> None:
    descriptor = os.open(path, flags)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
