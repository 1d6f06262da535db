"""What became of one camera's frames and of the vehicles in them, counted while they are read."""

from collections import deque

import numpy as np

from patrol_anpr.domain.coverage import Tally
from patrol_anpr.domain.optics import LATELY, PlateWidths
from patrol_anpr.domain.plate import Box, Pixels
from patrol_anpr.domain.rig import Rig
from patrol_anpr.reading.ocr import cut_out
from patrol_anpr.reading.tracker import Track

FOLLOWED = 3
"""Sightings from which a track is a vehicle that was followed: what the detector mistakes for a plate is seen once."""
_WHITE = 250
"""Grey level from which a pixel of a plate shows nothing."""
_BURNT_OUT = 0.8
"""Share of such pixels at which a plate's letters are gone: they cover a quarter of it (measured on drawn plates)."""
_NEWEST = 0.1
"""Weight of the newest plate looked at in the share that is burnt out (judged: that of the last twenty)."""


class CameraTally:
    """Counts for one camera. Used by the recogniser's thread; `now` may be read by any."""

    def __init__(self) -> None:
        self.now = Tally()
        self._vehicles: deque[tuple[float, bool]] = deque(maxlen=LATELY)
        self._frames = self._reads = self._unread = self._ended = 0
        self._burnt = 0.0
        self._rig: Rig | None = None

    def begin(self, rig: Rig | None) -> None:
        """Frames of a camera that is rigged so come from now on: what others showed says nothing of its lens."""
        if rig is not self._rig:
            self._rig, self._burnt = rig, 0.0
            self._vehicles.clear()
            self._tell()

    def frame(self) -> None:
        """A frame was read."""
        self._frames += 1
        self._tell()

    def made(self) -> None:
        """A Read was made."""
        self._reads += 1

    def looked(self, pixels: Pixels, box: Box) -> None:
        """A plate is looked at: note whether it is burnt out."""
        red_and_green = cut_out(pixels, box, (0.0, 0.0))[..., 1:]  # a yellow plate has no blue to burn out
        burnt = float(np.mean(red_and_green.min(axis=2) >= _WHITE)) > _BURNT_OUT
        self._burnt += _NEWEST * (burnt - self._burnt)

    def ended(self, track: Track, *, read: bool) -> None:
        """A track is over; `read` tells whether its vehicle was."""
        if not read and track.sightings < FOLLOWED:
            return
        self._vehicles.append((track.widest, read))
        self._unread += not read
        self._ended += 1
        self._tell()

    def _tell(self) -> None:
        widths = PlateWidths(tuple(width for width, _ in self._vehicles), sum(read for _, read in self._vehicles))
        self.now = Tally(self._frames, self._reads, self._unread, self._ended, widths, self._burnt)
