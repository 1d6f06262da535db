"""Where evidence may go: the car's own folder for exports, and the sticks and cards that are plugged in."""

import logging
import os
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path

import psutil

from patrol_anpr.domain.dossier import ExportPlace

log = logging.getLogger(__name__)

ON_A_DRIVE = "Patrol ANPR evidence"
"""The folder on a removable drive."""
_MOUNTED_FOR_USERS = ("/media/", "/run/media/")
"""Where Linux desktops put what a user plugs in."""


def places(own: Path) -> Sequence[ExportPlace]:
    """Return the own folder, then a folder on each removable drive that can be written to. Waits for the drives."""
    found = [ExportPlace(own, removable=False, free=_free(_standing(own)))]
    found += [ExportPlace(drive / ON_A_DRIVE, removable=True, free=_free(drive)) for drive in _removable()]
    return found


def _removable() -> Iterator[Path]:
    try:
        partitions = psutil.disk_partitions(all=False)
    except OSError as error:
        log.warning("the drives could not be listed: %s", error.strerror)
        return
    for one in partitions:
        options = one.opts.split(",")
        plugged = "removable" in options or one.mountpoint.startswith(_MOUNTED_FOR_USERS)
        if plugged and "ro" not in options and os.access(one.mountpoint, os.W_OK):
            yield Path(one.mountpoint)


def _standing(folder: Path) -> Path:
    """The folder, or what stands of the way to it."""
    return next((one for one in (folder, *folder.parents) if one.exists()), folder)


def _free(folder: Path) -> int:
    try:
        return shutil.disk_usage(folder).free
    except OSError:
        return 0
