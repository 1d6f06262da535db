"""Whether the pictures of a camera show that the car moves: pure, told the time with each frame.

A picture of a standing car stays, but for what passes through it; of a moving one hardly a patch of road, kerb or hedge
stays where it was half a second before, only the bonnet and what lies far ahead. So no movement is followed: it is
counted which parts of a small picture still look the same.
"""

from collections import deque

import numpy as np
from numpy.typing import NDArray

from patrol_anpr.cameras.opencv import cv2
from patrol_anpr.domain.plate import Pixels

Grey = NDArray[np.float32]

EVERY_S = 0.5
"""Seconds between looks: at a walk the road has gone on by half a metre."""
STALE_S = 3.0
"""A look older than this says nothing of now."""
LOOKS = 4
"""All of so many looks must show it: a lorry that drives past a parked car fills its picture for less than that."""
_WIDE, _HIGH, _CELL = 160, 90, 10  # px
_TEXTURE = 5.0
"""Grey levels (standard deviation) below which a part shows nothing that could move: sky, tarmac, darkness."""
_SAME = 0.85
"""Correlation from which on a part looks as before; noise and a change of the exposure leave more."""
_GONE = 0.4
"""The share of the parts that look otherwise from which on the car moves (measured: tests/cameras/test_motion.py)."""
_LEAST_PARTS = 12
"""With fewer parts that show anything nothing is said: a dark or a covered picture."""


def small(pixels: Pixels) -> Grey:
    """The picture as it is looked at: grey, 160 x 90."""
    reduced = cv2.resize(pixels, (_WIDE, _HIGH), interpolation=cv2.INTER_AREA)
    return cv2.cvtColor(reduced, cv2.COLOR_BGR2GRAY).astype(np.float32)


def share_gone(before: Grey, after: Grey) -> float | None:
    """The share of the parts of two small pictures that no longer look the same; None when too few show anything."""
    one, other = _parts(before), _parts(after)
    spread = np.sqrt((one**2).mean(1) * (other**2).mean(1))
    shows = spread >= _TEXTURE**2
    if shows.sum() < _LEAST_PARTS:
        return None
    correlation = (one * other).mean(1)[shows] / spread[shows]
    return float((correlation < _SAME).mean())


def _parts(picture: Grey) -> Grey:
    """The cells of a picture, a row each, with the mean of each taken away."""
    cells = picture.reshape(_HIGH // _CELL, _CELL, _WIDE // _CELL, _CELL).swapaxes(1, 2).reshape(-1, _CELL * _CELL)
    parts: Grey = cells - cells.mean(1, keepdims=True)
    return parts


class PictureMotion:
    """Looks at a camera's frames twice a second, on the thread that brings them; any thread may ask `moves`."""

    def __init__(self) -> None:
        self._before: Grey | None = None
        self._at = float("-inf")
        self._gone: deque[bool] = deque(maxlen=LOOKS)
        self._all_gone = False

    def look(self, pixels: Pixels, at: float) -> None:
        """Take a frame of `at` monotonic seconds; costs two milliseconds twice a second, and nothing between."""
        if at - self._at < EVERY_S:
            return
        if at - self._at > STALE_S:
            self._before = None
            self._gone.clear()
        now = small(pixels)
        if self._before is not None:
            share = share_gone(self._before, now)
            self._gone.append(share is not None and share >= _GONE)
        self._all_gone = len(self._gone) == LOOKS and all(self._gone)
        self._before, self._at = now, at

    def moves(self, now: float) -> bool:
        """Whether the pictures show that the car moves; False too where they show nothing, or none is new."""
        return self._all_gone and now - self._at <= STALE_S
