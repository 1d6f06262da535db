"""What a camera's lens can do: how wide a plate must be to be read, and how far away it is so wide. Pure.

A plate is 520 mm wide. A lens that shows `f` pixels a radian makes it `f * 0.52 / distance` pixels wide. `f` follows
from the field of view; it cannot be told from the plates alone, since a plate of so many pixels may be far behind a
narrow lens or near a wide one. So metres are said only where the setting gives the field of view, and else pixels.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

PLATE_METRES = 0.52
READABLE_PIXELS = 64
"""Below this width of the plate, reading fails more often than not."""
FOUND_SHARE = 0.025
"""Share of the frame's width below which the detector misses more than one plate of five, whatever the resolution: it
sees the frame 640 pixels wide (measured on the demo drive in wider frames: 33 of 41 found at 16 of these pixels, 21 of
35 at 12, 6 of 26 at 10). It is what counts from 2560 pixels on."""
TOO_WIDE_METRES = 6.0
"""A lens whose plates are read only nearer than this sees little but parked cars beside it (judged)."""
ENOUGH_VEHICLES = 6
"""Vehicles after which plates that were all too small are told to be the lens's fault (judged)."""
LATELY = 20
"""Vehicles that are looked back at."""


@dataclass(frozen=True, slots=True)
class PlateWidths:
    """How wide, in pixels, the plates of the last vehicles were at their widest, the newest last; how many were read.

    At most LATELY of them.
    """

    widest_of_each: tuple[float, ...] = ()
    read: int = 0

    @property
    def widest(self) -> float:
        """The widest of all; 0 without any."""
        return max(self.widest_of_each, default=0.0)

    @property
    def typical(self) -> float:
        """The width that half of the vehicles reached; 0 without any."""
        ordered = sorted(self.widest_of_each)
        return ordered[len(ordered) // 2] if ordered else 0.0

    @property
    def are_too_small(self) -> bool:
        """Whether enough vehicles came by, no plate was ever wide enough, and none of them was read."""
        enough = len(self.widest_of_each) >= ENOUGH_VEHICLES
        return enough and self.widest < READABLE_PIXELS and not self.read


def reach(frame_width: int, field_of_view: float) -> float:
    """How far away, in metres, a plate is still wide enough to be found and read in a frame of so many pixels.

    `field_of_view` is the lens's, across, in degrees (over 0, under 180).
    """
    pixels_a_radian = frame_width / 2 / math.tan(math.radians(field_of_view) / 2)
    return pixels_a_radian * PLATE_METRES / max(READABLE_PIXELS, FOUND_SHARE * frame_width)


class Lens(StrEnum):
    """What is to be said of a lens: nothing seen yet, good, no plate wide enough so far, or too wide."""

    UNKNOWN = "unknown"
    GOOD = "good"
    SMALL = "small"
    TOO_WIDE = "too_wide"


def judge(widths: PlateWidths, metres: float | None) -> Lens:
    """Judge a lens by the plates it showed lately, and by its reach where that is known. What was seen comes first."""
    if widths.are_too_small:
        return Lens.TOO_WIDE
    if metres is not None and metres < TOO_WIDE_METRES:
        return Lens.TOO_WIDE
    if widths.widest >= READABLE_PIXELS or widths.read:
        return Lens.GOOD
    if metres is not None:
        return Lens.GOOD
    return Lens.SMALL if widths.widest else Lens.UNKNOWN


def latest(widths: Sequence[float]) -> tuple[float, ...]:
    """The last LATELY of them."""
    return tuple(widths[-LATELY:])
