"""Interlaced pictures: two fields, taken one after the other, woven into one frame. What moves is a comb in them.

Analogue in-car cameras and their grabbers give such pictures, and no plate can be read in a comb.
"""

from collections import deque

import numpy as np
from numpy.typing import NDArray

from patrol_anpr.cameras.opencv import cv2
from patrol_anpr.domain.plate import Pixels

Levels = NDArray[np.int16]

_TOOTH = 8
"""Grey levels by which a row differs from both its neighbours, in one direction, where there is a comb (judged)."""
_COMBED_SHARE = 0.006
"""Of a frame's pixels; measured 0.001 to 0.005 in whole frames of drives, 0.03 to 0.07 in woven ones."""
_MORE_THAN_ACROSS = 2.5
"""Times as many as between columns; measured at most 2.4 in whole frames, 2.6 to 35 in woven ones."""
_STEP = 4
"""Every fourth column, or row, is enough to count."""
_AROUND = np.ones((3, 9), np.uint8)
"""Rows of the second field, and columns: so much around a comb's pixel is mended with it (judged)."""
_LATELY, _ENOUGH = 10, 5
"""Frames: so many combed ones of so many lately; one picture of a roller shutter is no interlacing (judged)."""


class FieldMender:
    """Finds out whether a source is interlaced, and mends its frames from then on. One thread uses it."""

    def __init__(self) -> None:
        self.interlaced = False
        self._lately: deque[bool] = deque(maxlen=_LATELY)

    def mend(self, pixels: Pixels) -> Pixels:
        """Return the frame with its comb replaced by what the first field shows there; as it is where it has none."""
        if not self.interlaced:
            self._lately.append(combed(pixels))
            self.interlaced = sum(self._lately) >= _ENOUGH
        return _mended(pixels) if self.interlaced and len(pixels) > 2 else pixels


def combed(pixels: Pixels) -> bool:
    """Whether rows stand out from both their neighbours far more often than columns do."""
    down, across = pixels[:, ::_STEP, 1], pixels[::_STEP, :, 1].T
    teeth = _teeth(down)
    return teeth > _COMBED_SHARE and teeth > _MORE_THAN_ACROSS * _teeth(across)


def _teeth(levels: Pixels) -> float:
    """The share of pixels that differ from those above and below, from both in the same direction."""
    rows = levels.astype(np.int16)
    return float(_stands_out(rows[1:-1], rows[:-2], rows[2:]).mean()) if len(rows) > 2 else 0.0


def _stands_out(rows: Levels, above: Levels, below: Levels) -> NDArray[np.bool_]:
    up, down = rows - above, rows - below
    return ((up > _TOOTH) & (down > _TOOTH)) | ((up < -_TOOTH) & (down < -_TOOTH))


def _mended(pixels: Pixels) -> Pixels:
    """Replace the second field by the mean of the rows above and below, where it moved; elsewhere it is kept whole."""
    count = 2 * ((len(pixels) - 1) // 2)
    above, second, below = (np.ascontiguousarray(pixels[at : at + count - 1 : 2]) for at in (0, 1, 2))
    levels = (rows[..., 1].astype(np.int16) for rows in (second, above, below))
    moved = cv2.dilate(_stands_out(*levels).astype(np.uint8), _AROUND)
    cv2.copyTo(cv2.addWeighted(above, 0.5, below, 0.5, 0), moved, second)
    whole = pixels.copy()
    whole[1:count:2] = second
    return whole
