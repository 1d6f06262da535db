"""A plate in one frame: where it is, and what one look at it says."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[np.uint8]
"""An image: height x width x 3, uint8, BGR, as OpenCV has it. Read-only once made."""


class PlateColour(StrEnum):
    """UK law: yellow is the rear plate, white the front plate."""

    WHITE = "white"
    YELLOW = "yellow"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle in pixels of its frame; x to the right, y down; x2 and y2 are exclusive."""

    x1: float
    y1: float
    x2: float
    y2: float

    @property
    def width(self) -> float:
        """Width in pixels."""
        return self.x2 - self.x1

    @property
    def height(self) -> float:
        """Height in pixels."""
        return self.y2 - self.y1

    @property
    def centre(self) -> tuple[float, float]:
        """Centre point (x, y) in pixels."""
        return (self.x1 + self.x2) / 2, (self.y1 + self.y2) / 2

    def iou(self, other: "Box") -> float:
        """Intersection over union with `other`, 0 to 1."""
        width = min(self.x2, other.x2) - max(self.x1, other.x1)
        height = min(self.y2, other.y2) - max(self.y1, other.y1)
        if width <= 0 or height <= 0:
            return 0.0
        shared = width * height
        return shared / (self.width * self.height + other.width * other.height - shared)

    def padded(self, across: float, down: float, *, within: tuple[int, int]) -> "Box":
        """Grow by `across` x width and `down` x height on each side, clipped to `within` = (width, height)."""
        dx, dy = self.width * across, self.height * down
        return Box(
            max(0.0, self.x1 - dx),
            max(0.0, self.y1 - dy),
            min(float(within[0]), self.x2 + dx),
            min(float(within[1]), self.y2 + dy),
        )


PATCH_MARGIN = (0.1, 0.3)
"""Share of a plate's width and height that its patch shows on each side: a loose box loses no letter (judged)."""

# What the camera sees of a car around its plate, in plate widths (0.52 m): 1.9 m wide, 1.5 m tall; the rear plate sits
# higher than the front one. Only a frame to show which vehicle is meant.
_HALF_WIDTH = 1.8
_REAR, _FRONT = (1.6, 1.1), (2.05, 0.9)  # above and below the plate's centre


def vehicle_box(plate: Box, width: float, height: float, *, rear: bool) -> Box:
    """Where the vehicle of a plate is, within a scene of `width` x `height` pixels: a guess from the plate alone."""
    above, below = _REAR if rear else _FRONT
    x, y = plate.centre
    left, top = max(0.0, x - _HALF_WIDTH * plate.width), max(0.0, y - above * plate.width)
    right, foot = min(width - 1.0, x + _HALF_WIDTH * plate.width), min(height - 1.0, y + below * plate.width)
    return Box(left, top, left + max(1.0, right - left), top + max(1.0, foot - top))


@dataclass(frozen=True, slots=True)
class Frame:
    """One image from one camera with its capture time.

    `at_utc` is for the record, `at_monotonic` (seconds, of this process's clock) for intervals.
    """

    camera_id: str
    number: int
    pixels: Pixels
    at_utc: datetime
    at_monotonic: float

    @property
    def size(self) -> tuple[int, int]:
        """(width, height) in pixels."""
        return self.pixels.shape[1], self.pixels.shape[0]


@dataclass(frozen=True, slots=True)
class Plate:
    """A located plate in one frame. `confidence` is the detector's, 0 to 1."""

    box: Box
    confidence: float


@dataclass(frozen=True, slots=True)
class CharGuess:
    """The probabilities of one character place: (character, probability) pairs, the likeliest first.

    Only pairs worth considering are kept. The character "" stands for "nothing here".
    """

    options: tuple[tuple[str, float], ...]

    @property
    def best(self) -> tuple[str, float]:
        """The likeliest character and its probability."""
        return self.options[0]


@dataclass(frozen=True, slots=True)
class Candidate:
    """The OCR of one Plate in one Frame; internal to reading, never called a read.

    `text` is A-Z 0-9; `chars` has one confidence (0 to 1) a character, once decoded the last one's that it is the
    last, too; `guesses` one entry an OCR slot.
    """

    text: str
    chars: tuple[float, ...]
    guesses: tuple[CharGuess, ...]

    @property
    def confidence(self) -> float:
        """The weakest character's confidence: a chain is as strong as its weakest link. 0 when empty."""
        return min(self.chars, default=0.0)
