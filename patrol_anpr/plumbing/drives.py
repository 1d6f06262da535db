"""The sticks and cards that are plugged in."""

import logging
import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psutil

log = logging.getLogger(__name__)

_MOUNTED_FOR_USERS = ("/media/", "/run/media/")
"""Where Linux desktops put what a user plugs in."""


@dataclass(frozen=True, slots=True)
class Drive:
    """One that is plugged in, with its free bytes."""

    folder: Path
    writable: bool
    free: int


def plugged_in() -> Iterator[Drive]:
    """Yield each stick and card. Waits for the drives; nothing on them is opened."""
    try:
        partitions = psutil.disk_partitions(all=False)
    except OSError as error:
        log.warning("the drives could not be listed: %s", error.strerror)
        return
    for one in partitions:
        options = one.opts.split(",")
        if "removable" in options or one.mountpoint.startswith(_MOUNTED_FOR_USERS):
            writable = "ro" not in options and os.access(one.mountpoint, os.W_OK)
            yield Drive(Path(one.mountpoint), writable, free_bytes(Path(one.mountpoint)))


def free_bytes(folder: Path) -> int:
    """Free bytes of the disk under a folder; 0 where that cannot be told."""
    try:
        return shutil.disk_usage(folder).free
    except OSError:
        return 0
