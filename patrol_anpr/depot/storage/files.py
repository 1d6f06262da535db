"""Objects as files of a folder, which only its owner may enter."""

import os
import re
import stat
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from patrol_anpr.depot.storage.objects import NoSuchObject, ObjectHeld, StoredObject
from patrol_anpr.plumbing.files import PART, sync_folder, write_whole

_SEGMENT = re.compile(r"[0-9a-f]{32}")


class FileObjects:
    """See Objects. The part of a name before "/" is a folder within `folder`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._making = threading.Lock()
        self._lasting: set[Path] = set()  # folders whose names are on the disk for good

    def put(self, name: str, content: bytes) -> None:
        """Write the file, and make its name last."""
        target = self._folder / name
        self._make(target.parent)
        write_whole(target, content)

    def get(self, name: str, start: int, length: int) -> bytes:
        """Read a part of the file."""
        try:
            with (self._folder / name).open("rb") as stream:
                stream.seek(start)
                content = stream.read(length)
        except FileNotFoundError:
            raise NoSuchObject(name) from None
        if len(content) != length:
            raise NoSuchObject(name)
        return content

    def delete(self, name: str) -> None:
        """Remove the file, and make that last."""
        target = self._folder / name
        try:
            if not target.stat().st_mode & stat.S_IWUSR:
                raise ObjectHeld(name)
        except FileNotFoundError:
            return
        target.unlink(missing_ok=True)
        sync_folder(target.parent)

    def hold(self, name: str, *, held: bool) -> None:
        """Take the right to write the file away, which `delete` asks for, or give it back."""
        (self._folder / name).chmod(0o400 if held else 0o600)

    def list(self, group: str = "") -> Iterator[StoredObject]:
        """Give the finished files; half ones are none."""
        for path in self._folder.glob(f"{group or '*'}/*"):
            if _SEGMENT.fullmatch(path.name) and (found := _stat(path)) is not None:
                at = datetime.fromtimestamp(found.st_mtime, UTC)
                yield StoredObject(path.relative_to(self._folder).as_posix(), found.st_size, at)

    def delete_halves(self, before: datetime) -> int:
        """Delete unfinished files."""
        deleted = 0
        for path in self._folder.glob(f"*/*{PART}"):
            if (found := _stat(path)) is not None and found.st_mtime < before.timestamp():
                path.unlink(missing_ok=True)
                deleted += 1
        return deleted

    def _make(self, folder: Path) -> None:
        """Make a folder whose own name survives a power cut too. One that a crash left may not be there for good."""
        with self._making:
            if folder not in self._lasting:
                for made in (self._folder, folder):  # parents made on the way would be open to others
                    made.mkdir(mode=0o700, exist_ok=True)
                sync_folder(self._folder.parent)
                sync_folder(self._folder)
                self._lasting.add(folder)


def _stat(path: Path) -> os.stat_result | None:
    """None where another has deleted it just now."""
    try:
        return path.stat()
    except FileNotFoundError:
        return None
