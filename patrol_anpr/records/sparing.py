"""What is no longer kept on a disk that fills up, so that facts and the pictures of hits go on for as long as possible.

Overviews of Reads without a hit go first, then their patches; never a fact, never a picture of a hit.
"""

import logging
from enum import IntEnum
from pathlib import Path

from patrol_anpr.plumbing.disk import filling

log = logging.getLogger(__name__)

BACK_PERCENT = 0.5
"""So much less full the disk must be before pictures are kept again: it must not go to and fro with each of them."""
LEAST_BYTES = 256 * 1024
"""With less free a disk is full (judged): the next picture would not fit."""

NEVER_SCARCE = 1000.0
"""Percent that no disk reaches."""


class Sparing(IntEnum):
    """What of a Read without a hit is not kept."""

    NOTHING = 0
    OVERVIEWS = 1
    PICTURES = 2


def sparing_at(percent: float, scarce: float, before: Sparing) -> Sparing:
    """What is not kept on a disk so full: `scarce` percent are the first limit, half way to full is the second."""
    limits = {Sparing.OVERVIEWS: scarce, Sparing.PICTURES: (scarce + 100) / 2}
    reached = [kind for kind, limit in limits.items() if percent >= (limit if kind > before else limit - BACK_PERCENT)]
    return max(reached, default=Sparing.NOTHING)


class Spare:
    """Looks at the disk of the records before a group is written. For one thread at a time.

    From `scarce` percent on pictures are spared; `now` is what the last look found. `is_full`: nothing can be written
    anyway, and pictures wait in memory for room.
    """

    def __init__(self, folder: Path, scarce: float) -> None:
        self._folder, self._scarce = folder, scarce
        self.now, self.percent, self.is_full = Sparing.NOTHING, 0.0, False

    def look(self) -> Sparing:
        """Look at the disk; return what is not kept of what is written next."""
        try:
            found = filling(self._folder)
        except OSError as refusal:  # whoever writes meets it too, and says so
            log.info("how full the disk is cannot be told: %s", refusal.strerror)
            return self.now
        self.percent, self.is_full = found.percent, found.free < LEAST_BYTES
        self.now = sparing_at(found.percent, self._scarce, self.now)
        return self.now
