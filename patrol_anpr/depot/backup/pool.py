"""The folder that copies of a depot lie in. A segment never changes, so that it lies there once, for all of the copies.

depot-20261130T125800Z.sealed     all but the segments: database, keys, lists; only its passphrase or key opens it
depot-20261130T125800Z.segments   which segments belong to it: SHA-256, bytes and name, a line each
segments/                         the segments, sealed as the depot has them
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from patrol_anpr.depot.storage.files import FileObjects
from patrol_anpr.domain.errors import BadInput

_NAME = re.compile(r"depot-(\d{8}T\d{6}Z)\.sealed")
_STAMP = "%Y%m%dT%H%M%SZ"
KEEP_DAYS = 30
"""What is erased at the depot is gone from its copies after as many days: a promise to whoever was photographed."""

_BEING_MADE = timedelta(days=1)
"""A segment younger than this may belong to a copy that is not finished."""


@dataclass(frozen=True, slots=True)
class Known:
    """A segment as a copy names it: the SHA-256 of its bytes, and how many."""

    sha256: str
    size: int


Segments = Mapping[str, Known]
"""The segments of a copy, by name."""


@dataclass(frozen=True, slots=True)
class Copy:
    """A finished copy: its sealed file, and when it was begun."""

    file: Path
    at: datetime

    @property
    def segments_file(self) -> Path:
        """The list of its segments."""
        return self.file.with_suffix(".segments")


class Pool:
    """The copies in `folder`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.segments = FileObjects(folder / "segments")

    def new(self, at: datetime) -> Copy:
        """Name a copy that is begun now."""
        return Copy(self.folder / f"depot-{at.astimezone(UTC).strftime(_STAMP)}.sealed", at)

    def copies(self) -> list[Copy]:
        """Return the finished copies, the newest last."""
        found = ((file, _NAME.fullmatch(file.name)) for file in sorted(self.folder.glob("depot-*.sealed")))
        return [
            Copy(file, datetime.strptime(name[1], _STAMP).replace(tzinfo=UTC))
            for file, name in found
            if name is not None
        ]

    def expired(self, now: datetime, days: int) -> list[Copy]:
        """Return the copies older than so many days, but never the newest one."""
        return [copy for copy in self.copies()[:-1] if copy.at < now - timedelta(days=days)]

    def prune(self, now: datetime, days: int) -> tuple[int, int]:
        """Delete expired copies, and the segments that no copy left names; return how many of each.

        Raises OSError, BadInput.
        """
        expired = self.expired(now, days)
        for copy in expired:
            copy.file.unlink(missing_ok=True)
            copy.segments_file.unlink(missing_ok=True)
        named = {name for copy in self.copies() for name in read_segments(copy.segments_file)}
        gone = [one.name for one in self.segments.list() if one.name not in named and one.at < now - _BEING_MADE]
        for name in gone:
            self.segments.delete(name)
        return len(expired), len(gone)


def spelled(segments: Segments) -> bytes:
    """Write the list of a copy's segments."""
    return b"".join(f"{known.sha256} {known.size} {name}\n".encode() for name, known in sorted(segments.items()))


def read_segments(file: Path) -> Segments:
    """Read such a list. Raises BadInput, OSError."""
    return dict(_lines(file.read_text(encoding="utf-8", errors="replace"), file))


def _lines(text: str, file: Path) -> Iterator[tuple[str, Known]]:
    for line in text.splitlines():
        try:
            sha256, size, name = line.split(" ")
            yield name, Known(sha256, int(size))
        except ValueError:
            raise BadInput(f"{file} is damaged. Take another copy.") from None
