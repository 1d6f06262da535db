"""A file system that keeps only what was fsynced, as a disk does whose power is cut; and that fails when it is told to.

Run as a process: `python -m tests.records.forgetful_disk MOUNT`. Orders are files made in its root:
`.cut.HEX` stops everything and writes what a disk would still hold into the folder whose path HEX spells;
`.slow.MS` makes each fsync of a file take so many milliseconds;
`.refuse.ERRNO` makes every change fail until `.refuse.0`, as a disk does that was mounted anew to be read only;
`.fail.N.ERRNO` makes the Nth change from now fail (N from 1), once; `.count` holds the changes since then.
"""

import errno
import itertools
import os
import stat
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any

import mfusepy


@dataclass
class Node:
    """A file or a folder: as programs see it, and as the disk holds it."""

    is_folder: bool
    data: bytearray = field(default_factory=bytearray)
    entries: dict[str, "Node"] = field(default_factory=dict)
    held: bytes = b""
    held_entries: dict[str, "Node"] = field(default_factory=dict)
    mode: int = 0o600


class ForgetfulDisk(mfusepy.Operations):  # type: ignore[misc]
    """All in memory. A file's name lasts when its folder was fsynced, its content when it was fsynced itself."""

    use_ns = True

    def __init__(self) -> None:
        self._root = Node(is_folder=True, mode=0o700)
        self._open: dict[int, Node] = {}
        self._numbers = itertools.count(1)
        self._cut = False
        self._changes = 0
        self._fail_at, self._fail_with, self._refuse_with = 0, 0, 0
        self._fsync_seconds = 0.0

    def _node(self, path: str) -> Node:
        node = self._root
        for part in PurePosixPath(path).parts[1:]:
            if part not in node.entries:
                raise mfusepy.FuseOSError(errno.ENOENT)
            node = node.entries[part]
        return node

    def _place(self, path: str) -> tuple[Node, str]:
        where = PurePosixPath(path)
        return self._node(str(where.parent)), where.name

    def _change(self) -> None:
        if self._cut:
            raise mfusepy.FuseOSError(errno.EIO)
        if self._refuse_with:
            raise mfusepy.FuseOSError(self._refuse_with)
        self._changes += 1
        if self._changes == self._fail_at:
            raise mfusepy.FuseOSError(self._fail_with)

    def _obey(self, name: str) -> None:
        match name.split("."):
            case ["", "cut", target]:
                self._cut = True
                _pour(self._root, Path(bytes.fromhex(target).decode()))
            case ["", "fail", number, error]:
                self._changes, self._fail_at, self._fail_with = 0, int(number), int(error)
            case ["", "refuse", error]:
                self._refuse_with = int(error)
            case ["", "slow", milliseconds]:
                self._fsync_seconds = int(milliseconds) / 1000
            case ["", "count"]:
                pass
            case _:
                raise mfusepy.FuseOSError(errno.EINVAL)

    def getattr(self, path: str, fh: int | None = None) -> dict[str, Any]:
        node = self._open[fh] if fh else self._node(path)
        kind = stat.S_IFDIR if node.is_folder else stat.S_IFREG
        return {"st_mode": kind | node.mode, "st_nlink": 1, "st_size": len(node.data), "st_uid": os.getuid()}

    def readdir(self, path: str, fh: int) -> list[str]:
        return [".", "..", *self._node(path).entries]

    def mkdir(self, path: str, mode: int) -> int:
        self._change()
        folder, name = self._place(path)
        folder.entries[name] = Node(is_folder=True, mode=mode & 0o777)
        return 0

    def create(self, path: str, mode: int, fi: Any = None) -> int:
        folder, name = self._place(path)
        if folder is self._root and name.startswith("."):
            self._obey(name)
            return self._handle(Node(is_folder=False, data=bytearray(str(self._changes).encode())))
        self._change()
        folder.entries[name] = Node(is_folder=False, mode=mode & 0o777)
        return self._handle(folder.entries[name])

    def open(self, path: str, flags: int) -> int:
        return self._handle(self._node(path))

    def opendir(self, path: str) -> int:
        return self._handle(self._node(path))

    def _handle(self, node: Node) -> int:
        number = next(self._numbers)
        self._open[number] = node
        return number

    def release(self, path: str, fh: int) -> int:
        del self._open[fh]
        return 0

    releasedir = release

    def read(self, path: str, size: int, offset: int, fh: int) -> bytes:
        return bytes(self._open[fh].data[offset : offset + size])

    def write(self, path: str, data: bytes, offset: int, fh: int) -> int:
        self._change()
        content = self._open[fh].data
        if offset > len(content):
            content.extend(bytes(offset - len(content)))
        content[offset : offset + len(data)] = data
        return len(data)

    def truncate(self, path: str, length: int, fh: int | None = None) -> int:
        self._change()
        content = (self._open[fh] if fh else self._node(path)).data
        del content[length:]
        content.extend(bytes(length - len(content)))
        return 0

    def fsync(self, path: str, datasync: int, fh: int) -> int:
        self._change()
        if self._fsync_seconds:
            time.sleep(self._fsync_seconds)
        node = self._open[fh]
        node.held = bytes(node.data)
        return 0

    def fsyncdir(self, path: str, datasync: int, fh: int) -> int:
        self._change()
        node = self._open[fh]
        node.held_entries = dict(node.entries)
        return 0

    def rename(self, old: str, new: str) -> int:
        self._change()
        (old_folder, old_name), (new_folder, new_name) = self._place(old), self._place(new)
        new_folder.entries[new_name] = old_folder.entries.pop(old_name)
        return 0

    def link(self, target: str, source: str) -> int:
        self._change()
        folder, name = self._place(target)
        folder.entries[name] = self._node(source)
        return 0

    def unlink(self, path: str) -> int:
        self._change()
        folder, name = self._place(path)
        del folder.entries[name]
        return 0

    rmdir = unlink

    def chmod(self, path: str, mode: int) -> int:
        self._node(path).mode = mode & 0o777
        return 0

    def utimens(self, path: str, times: Any = None) -> int:
        return 0


def _pour(node: Node, target: Path) -> None:
    for name, entry in node.held_entries.items():
        if entry.is_folder:
            (target / name).mkdir(mode=entry.mode)
            _pour(entry, target / name)
        else:
            (target / name).write_bytes(entry.held)


if __name__ == "__main__":
    mfusepy.FUSE(ForgetfulDisk(), sys.argv[1], foreground=True, nothreads=True)
