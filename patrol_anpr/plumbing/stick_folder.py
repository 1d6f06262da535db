"""A folder of ours on a stick that anybody may have had: nothing else on it is opened, and nothing there is trusted.

Files are asked for by names of our own, never listed to be read. Only a plain file is opened, in folders that are no
links; no more is read of it than was said. What is in it must be proven by whoever asked. What is written is there
whole or not at all, also on FAT, which has no rights and no links, and where the stick is pulled out in between.
"""

import errno
import os
import re
import shutil
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from itertools import islice
from pathlib import Path

from patrol_anpr.domain.errors import RecordsFault, StickFault
from patrol_anpr.domain.sentences import marked
from patrol_anpr.plumbing.files import new_file, part_of, place_whole, sync_folder, write_whole

FULL = marked("The stick is full. Free some of it, or take another one.")
READ_ONLY = marked("The stick cannot be written to. Take its write protection off, or take another one.")
GONE = marked("The stick was pulled out, or is broken. Nothing is lost: plug it in, and begin again.")
ODD = marked("The stick holds something other than files where the folder of Patrol ANPR should be. Take another one.")
NO_ROOM_HERE = marked("There is not enough free space on this computer. Free some, then try again.")
LARGEST_FILE = 2**32 - 1
"""Bytes, on FAT32."""
_SPARE_BYTES = 2**20
_MOST_LOOKED_AT = 50_000
"""Names that are looked at when what is no longer needed is deleted."""
_CHUNK = 2**20
_REPARSE = getattr(stat, "FILE_ATTRIBUTE_REPARSE_POINT", 0)
_OPENED = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
_READ_ONLY = (errno.EROFS, errno.EACCES, errno.EPERM)


class StickFolder:
    """The folder with these `names`, one in the other, on `drive`. Calls block, and raise StickFault."""

    def __init__(self, drive: Path, *names: str) -> None:
        self._drive, self._names = drive, names
        self._folder = drive.joinpath(*names)

    def make(self) -> None:
        """Make the folder where there is none."""
        at = self._drive
        with _told():
            for name in self._names:
                at = at / name
                with suppress(FileExistsError):
                    at.mkdir(mode=0o700)
                    sync_folder(at.parent)
                if not _is(at, stat.S_ISDIR):
                    raise StickFault(ODD)

    @property
    def is_there(self) -> bool:
        """Whether the folder is there, and a folder all the way to it."""
        at = self._drive
        for name in self._names:
            at = at / name
            if not _is(at, stat.S_ISDIR):
                return False
        return True

    def size(self, name: str) -> int | None:
        """The size of a plain file in bytes; None where there is none of that name."""
        if not self._is_plain(name):
            return None
        with _told():
            return os.lstat(self._folder / name).st_size

    def read(self, name: str, most: int) -> bytes | None:
        """Return the content of a plain file; None where there is none of that name, or it is longer than `most`."""
        content = bytearray()
        for chunk in self.chunks(name, most):
            content += chunk
        return bytes(content) if content else None

    def chunks(self, name: str, most: int) -> Iterator[bytes]:
        """Yield a plain file piece by piece; nothing where there is none of that name, or it is longer than `most`."""
        if not self._is_plain(name):
            return
        with _told():
            descriptor = os.open(self._folder / name, _OPENED)
        with os.fdopen(descriptor, "rb", buffering=0) as file:
            opened = os.fstat(descriptor)
            if not stat.S_ISREG(opened.st_mode) or opened.st_size > most:
                return
            left = most
            while True:
                with _told():
                    chunk = file.read(min(_CHUNK, left))
                if not chunk:
                    return
                left -= len(chunk)
                yield chunk

    def copy_out(self, name: str, size: int, target: Path, arrived: Callable[[int], None]) -> bool:
        """Copy a plain file of `size` bytes into the new file `target`; False where there is none like that.

        `arrived` is told the bytes of each piece. Raises RecordsFault where this computer's disk takes no more.
        """
        if self.size(name) != size:
            return False
        with _kept(), target.open("wb", buffering=0) as file:
            for chunk in self.chunks(name, size):
                _write_all(file.write, chunk)
                arrived(len(chunk))
        return True

    def write(self, name: str, content: bytes) -> None:
        """Write a file, whole or not at all; it is on the stick for good when this returns."""
        self._check_room(len(content))
        with _told():
            write_whole(self._folder / name, content)

    def copy_in(self, name: str, source: Path, written: Callable[[int], None]) -> None:
        """Copy a file of this computer onto the stick, as `write` does. `written` is told the bytes of each piece."""
        self._check_room(source.stat().st_size)
        target = self._folder / name
        part = part_of(target)
        try:
            with source.open("rb") as file, _told():
                with new_file(part) as stream:
                    while chunk := file.read(_CHUNK):
                        stream.write(chunk)
                        written(len(chunk))
                place_whole(part, target)
        finally:
            with suppress(OSError):
                part.unlink(missing_ok=True)

    def keep_only(self, names: set[str], ours: re.Pattern[str]) -> None:
        """Delete the files whose names are `ours` and not among `names`; what cannot be deleted stays."""
        with suppress(OSError), os.scandir(self._folder) as entries:
            for entry in islice(entries, _MOST_LOOKED_AT):
                if ours.match(entry.name) and entry.name not in names:
                    with suppress(OSError):
                        Path(entry.path).unlink()

    def _is_plain(self, name: str) -> bool:
        return self.is_there and _is(self._folder / name, stat.S_ISREG)

    def _check_room(self, size: int) -> None:
        if not self.is_there:
            raise StickFault(GONE)
        with _told():
            room = shutil.disk_usage(self._folder)
        if size > LARGEST_FILE or (room.total and room.free < size + _SPARE_BYTES):  # some sticks do not say
            raise StickFault(FULL)


def _is(path: Path, kind: Callable[[int], bool]) -> bool:
    """Tell whether something is of this kind itself, and no link to such a thing. It is not opened for that."""
    try:
        found = os.lstat(path)
    except (OSError, ValueError):
        return False
    return kind(found.st_mode) and not getattr(found, "st_file_attributes", 0) & _REPARSE


@contextmanager
def _told() -> Iterator[None]:
    """Turn what the stick refuses into a sentence."""
    try:
        yield
    except OSError as error:
        why = FULL if error.errno in _FULL else READ_ONLY if error.errno in _READ_ONLY else GONE
        raise StickFault(why) from error


@contextmanager
def _kept() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise RecordsFault(NO_ROOM_HERE) from error


def _write_all(write: Callable[[memoryview], int], chunk: bytes) -> None:
    left = memoryview(chunk)
    while left:
        left = left[write(left) :]
