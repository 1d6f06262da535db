"""From a frame to the detector's input and from its output back to boxes in the frame: pure geometry."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from patrol_anpr.domain.plate import Box, Pixels, Plate

STRIDE = 32
"""px of the input, whose sides are multiples of it: so the network was made."""
_GREY = (114, 114, 114)
"""BGR around the frame: what the detector was trained with (YOLO's own)."""
_MOST_AREA = 3 / 4
"""Of the square of the longer side: that of a 4:3 frame (see `fit`)."""
_MOST_CUT = 1 / 40
"""Of a side: no plate that can be read lies in the outermost eightieth (judged)."""

_TOUCHES = 2.0
"""px of the input: a box so near to where the frame was cut goes on to the frame's edge (judged)."""
_WITHIN = 0.8
"""Share of a part's area that lies in the whole (judged on drawn vehicles that come from behind another)."""
_SAME_HEIGHT = 1.8
"""Factor: a box that is so much taller than another is not the same plate; a second line makes it 2 (judged)."""


@dataclass(frozen=True, slots=True)
class Letterbox:
    """How a frame of `frame` = (width, height) lies in an input of `size` = (width, height), all in pixels.

    The frame is scaled by `scale` and put at (`left`, `top`); the rest is grey, and what lies outside is cut off.
    """

    frame: tuple[int, int]
    size: tuple[int, int]
    scale: float
    left: int
    top: int

    @classmethod
    def fit(cls, width: int, height: int, long_side: int) -> "Letterbox":
        """Fit a frame so that its longer side is about `long_side`; the input's sides are multiples of STRIDE.

        Fitting 16:9 into 640x352 rather than 640x640 saves 45 % of the work and loses nothing. A frame nearer to a
        square than 4:3 gets no more pixels than that one: work is by area, and square frames lose nothing by it.
        """
        scale = min(long_side / max(width, height), long_side * math.sqrt(_MOST_AREA / (width * height)))
        across, down = _scaled((width, height), scale)
        return cls._amid((width, height), (_strides(across), _strides(down)), scale)

    @classmethod
    def into(cls, width: int, height: int, size: tuple[int, int]) -> "Letterbox":
        """Fit a frame into an input whose `size` is fixed."""
        return cls._amid((width, height), size, min(size[0] / width, size[1] / height))

    @classmethod
    def _amid(cls, frame: tuple[int, int], size: tuple[int, int], scale: float) -> "Letterbox":
        across, down = _scaled(frame, scale)
        return cls(frame, size, scale, (size[0] - across) // 2, (size[1] - down) // 2)

    def apply(self, pixels: Pixels) -> Pixels:
        """Return the frame as it lies in the input: height x width x 3."""
        inner = _scaled(self.frame, self.scale)
        scaled = pixels if inner == self.frame else cv2.resize(pixels, inner, interpolation=cv2.INTER_LINEAR)
        left, top = max(0, -self.left), max(0, -self.top)
        scaled = scaled[top : top + self.size[1], left : left + self.size[0]]
        left, top = max(0, self.left), max(0, self.top)
        right, bottom = self.size[0] - scaled.shape[1] - left, self.size[1] - scaled.shape[0] - top
        if right or bottom or left or top:
            scaled = cv2.copyMakeBorder(scaled, top, bottom, left, right, cv2.BORDER_CONSTANT, value=_GREY)
        return np.asarray(scaled, dtype=np.uint8)

    def to_frame(self, corners: NDArray[np.float32]) -> NDArray[np.float32]:
        """Map n x 4 corners (x1, y1, x2, y2) of the input into the frame and clip them to it.

        What touches an edge where the frame was cut off goes on to the frame's own edge.
        """
        offset = np.array([self.left, self.top, self.left, self.top], dtype=np.float32)
        width, height = self.frame
        limits = np.array([width, height, width, height], dtype=np.float32)
        inside = np.clip((corners - offset) / np.float32(self.scale), 0, limits).astype(np.float32)
        inside[(offset < 0) & (corners <= _TOUCHES)] = 0
        ends = np.array([*self.size, *self.size], dtype=np.float32)
        return np.where((offset < 0) & (corners >= ends - _TOUCHES), limits, inside)


def _scaled(frame: tuple[int, int], scale: float) -> tuple[int, int]:
    return max(1, round(frame[0] * scale)), max(1, round(frame[1] * scale))


def _strides(side: int) -> int:
    """Return the multiple of STRIDE next below `side` where that cuts hardly anything off, else next above it."""
    below = side // STRIDE * STRIDE
    return below if below >= side * (1 - _MOST_CUT) else below + STRIDE


def floats(pixels: Pixels) -> NDArray[np.float32]:
    """Return a picture (BGR) as ultralytics exports take it: 1 x 3 x height x width, RGB, 0 to 1."""
    return np.asarray(cv2.dnn.blobFromImage(pixels, 1 / 255, swapRB=True), dtype=np.float32)


def octets(pixels: Pixels) -> NDArray[np.uint8]:
    """Return a picture (BGR) as our 8-bit form takes it: 1 x height x width x 3, RGB, 0 to 255."""
    return np.asarray(cv2.cvtColor(pixels, cv2.COLOR_BGR2RGB), dtype=np.uint8)[None]


def non_maximum(corners: NDArray[np.float32], scores: NDArray[np.float32], most_overlap: float) -> list[int]:
    """Return the rows to keep, the best first: of boxes that overlap more than `most_overlap` (IoU), only the best."""
    area = (corners[:, 2] - corners[:, 0]) * (corners[:, 3] - corners[:, 1])
    waiting = np.argsort(-scores, kind="stable")
    kept: list[int] = []
    while waiting.size:
        best, rest = waiting[0], waiting[1:]
        kept.append(int(best))
        sides = np.minimum(corners[best, 2:], corners[rest, 2:]) - np.maximum(corners[best, :2], corners[rest, :2])
        shared = np.clip(sides, 0, None).prod(axis=1)
        overlap = shared / np.maximum(area[best] + area[rest] - shared, 1e-9)
        waiting = rest[overlap <= most_overlap]
    return kept


def plates_from(rows: NDArray[np.float32], fitted: Letterbox, threshold: float, most_overlap: float) -> list[Plate]:
    """Turn a x 5 rows (centre x, centre y, width, height, score; input pixels) into plates of the frame, best first.

    Boxes without area after clipping are left out: they lie outside the frame.
    """
    rows = rows[rows[:, 4] >= threshold]
    half = rows[:, 2:4] / 2
    corners = fitted.to_frame(np.concatenate([rows[:, :2] - half, rows[:, :2] + half], axis=1))
    solid = (corners[:, 2:] - corners[:, :2] >= 1).all(axis=1)
    corners, scores = corners[solid], rows[solid, 4]
    return without_parts(
        [
            Plate(Box(*(float(side) for side in corners[row])), min(1.0, float(scores[row])))
            for row in non_maximum(corners, scores, most_overlap)
        ]
    )


def without_parts(plates: Sequence[Plate]) -> list[Plate]:
    """Leave out boxes that are the part of another plate in the list, in their order.

    A plate that comes out from behind something is often found twice, as its visible part and as a whole: two boxes
    that overlap too little to be the same, and a part reads as a short mark that is nobody's.
    """
    return [plate for plate in plates if not any(_is_part(plate.box, whole.box) for whole in plates)]


def _is_part(part: Box, whole: Box) -> bool:
    if part.width >= whole.width or whole.height > _SAME_HEIGHT * part.height:
        return False
    across = min(part.x2, whole.x2) - max(part.x1, whole.x1)
    down = min(part.y2, whole.y2) - max(part.y1, whole.y1)
    return across > 0 and down > 0 and across * down >= _WITHIN * part.width * part.height
