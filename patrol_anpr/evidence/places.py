"""Where evidence may go: the car's own folder for exports, and the sticks and cards that are plugged in."""

from collections.abc import Sequence
from pathlib import Path

from patrol_anpr.domain.dossier import ExportPlace
from patrol_anpr.plumbing.drives import free_bytes, plugged_in

ON_A_DRIVE = "Patrol ANPR evidence"
"""The folder on a removable drive."""


def places(own: Path) -> Sequence[ExportPlace]:
    """Return the own folder, then a folder on each removable drive that can be written to. Waits for the drives."""
    found = [ExportPlace(own, removable=False, free=free_bytes(_standing(own)))]
    found += [
        ExportPlace(one.folder / ON_A_DRIVE, removable=True, free=one.free) for one in plugged_in() if one.writable
    ]
    return found


def _standing(folder: Path) -> Path:
    """The folder, or what stands of the way to it."""
    return next((one for one in (folder, *folder.parents) if one.exists()), folder)
