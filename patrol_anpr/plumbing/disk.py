"""How full a disk is: by its bytes, and by the number of files it can hold."""

import os
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Filling:
    """`free` bytes of a disk, and how full it is in percent: `by_bytes`, and `by_files` (0: no limit of files)."""

    free: int
    by_bytes: float
    by_files: float

    @property
    def percent(self) -> float:
        """How full it is: whatever runs out first."""
        return max(self.by_bytes, self.by_files)


def filling(folder: Path) -> Filling:
    """Look at the disk under `folder`, which need not be made yet. Raises OSError."""
    usage = disk_usage(folder)
    return Filling(usage.free, 100 * (usage.total - usage.free) / max(1, usage.total), _files_percent(folder))


def disk_usage(folder: Path) -> "shutil._ntuple_diskusage":
    """The total, used and free bytes of the disk under `folder`, which need not be made yet."""
    return shutil.disk_usage(_made(folder))


def _files_percent(folder: Path) -> float:
    """How many of the files that fit on the disk it holds; 0 on a disk without such a limit, and on Windows."""
    if sys.platform == "win32":
        return 0.0
    else:  # noqa: RET505 - mypy knows by the else that this is for the other systems
        room = os.statvfs(_made(folder))
        return 100 * (room.f_files - room.f_favail) / room.f_files if room.f_files else 0.0


def _made(folder: Path) -> Path:
    """The folder, or the nearest above it that is there."""
    return next(path for path in (folder, *folder.absolute().parents) if path.exists())
