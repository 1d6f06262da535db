"""Whether what lies on a disk, or is written there from memory, is protected by the system."""

import os
import sys
from contextlib import suppress
from enum import Enum
from pathlib import Path


class Encryption(Enum):
    """Of the disk under a folder, as far as the system tells an ordinary user."""

    YES = "encrypted"
    NO = "not encrypted"
    UNKNOWN = "not known to be encrypted"


def disk_encryption(folder: Path) -> Encryption:
    """Tell whether the disk under `folder` is encrypted: LUKS and other dm-crypt on Linux; not known elsewhere."""
    if sys.platform == "linux":
        with suppress(OSError):
            return _of_device(folder.stat().st_dev)
    return Encryption.UNKNOWN


if sys.platform == "linux":

    def _of_device(number: int) -> Encryption:
        return _of_block_device(Path(f"/sys/dev/block/{os.major(number)}:{os.minor(number)}"))


def _of_block_device(entry: Path) -> Encryption:
    if not entry.exists():
        return Encryption.UNKNOWN  # a network, an overlay, a pool of several disks
    if (entry / "dm" / "uuid").exists() and (entry / "dm" / "uuid").read_text().startswith("CRYPT-"):
        return Encryption.YES
    below = [_of_block_device(one) for one in (entry / "slaves").iterdir()] if (entry / "slaves").is_dir() else []
    return Encryption.YES if below and all(one is Encryption.YES for one in below) else Encryption.NO


def plain_swap() -> list[str]:
    """The names of what memory is written out to in plain, on Linux: a key in memory may lie there after the end."""
    with suppress(OSError):
        lines = Path("/proc/swaps").read_text().splitlines()[1:]
        return [name for name in (line.split()[0] for line in lines) if not _is_protected_swap(Path(name))]
    return []


def _is_protected_swap(where: Path) -> bool:
    if where.name.startswith("zram"):
        return True
    if where.is_file():
        return disk_encryption(where) is Encryption.YES
    if sys.platform == "linux":
        with suppress(OSError):
            return _of_device(where.stat().st_rdev) is Encryption.YES
    return False


def no_core_dumps() -> None:
    """Have the system write no dump of this process's memory, and let no other program of the user read it.

    Best effort: a system that knows no such thing is none the worse. On Windows the dump is the system's setting.
    """
    if sys.platform != "win32":
        import resource

        with suppress(OSError, ValueError):
            resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if sys.platform == "linux":
        import ctypes

        with suppress(OSError, AttributeError):
            ctypes.CDLL(None).prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)


_PR_SET_DUMPABLE = 4
