"""How a camera is rigged: what turns its picture upright, and what of it is not read. Pure.

Places are shares of the width and height of the picture as it is shown, so that they hold at any resolution.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import Literal

Turning = Literal[0, 90, 180, 270]
QUARTERS: tuple[Turning, ...] = (0, 90, 180, 270)
MUCH_MASKED = 0.5
"""More of a picture than this is masked by mistake rather than with a purpose."""


@dataclass(frozen=True, slots=True)
class Turn:
    """What makes a camera's picture upright: `mirror` undoes a mirror, then `rotate` turns it clockwise by degrees."""

    mirror: bool = False
    rotate: Turning = 0


@dataclass(frozen=True, slots=True)
class Area:
    """A rectangle of the picture, in shares of its width and height, 0 to 1; x to the right, y down.

    Raises ValueError where it is none.
    """

    x1: float
    y1: float
    x2: float
    y2: float

    def __post_init__(self) -> None:
        if not (0 <= self.x1 < self.x2 <= 1 and 0 <= self.y1 < self.y2 <= 1):
            raise ValueError("an area lies within its picture, and is wider and higher than nothing")

    @classmethod
    def between(cls, one: tuple[float, float], other: tuple[float, float]) -> "Area | None":
        """The area between two corners, whichever they are, cut to the picture; None where nothing is left."""
        (ax, ay), (bx, by) = ((min(1.0, max(0.0, x)), min(1.0, max(0.0, y))) for x, y in (one, other))
        x1, x2 = sorted((ax, bx))
        y1, y2 = sorted((ay, by))
        return cls(x1, y1, x2, y2) if x1 < x2 and y1 < y2 else None

    def holds(self, x: float, y: float) -> bool:
        """Whether a point lies in it."""
        return self.x1 <= x < self.x2 and self.y1 <= y < self.y2

    def flipped(self) -> "Area":
        """The same in the mirrored picture."""
        return Area(1 - self.x2, self.y1, 1 - self.x1, self.y2)

    def quarter_turned(self) -> "Area":
        """The same in the picture turned clockwise by 90 degrees."""
        return Area(1 - self.y2, self.x1, 1 - self.y1, self.x2)


Mask = tuple[Area, ...]
"""What of a picture is not read: a plate whose centre lies in one of these is passed over."""


def hides(mask: Sequence[Area], x: float, y: float) -> bool:
    """Whether a point of the picture is not read."""
    return any(area.holds(x, y) for area in mask)


def masked_share(mask: Sequence[Area]) -> float:
    """The share of the picture that is not read, 0 to 1; what two areas share counts once."""
    columns = sorted({0.0, 1.0, *(x for area in mask for x in (area.x1, area.x2))})
    share = 0.0
    for left, right in pairwise(columns):
        spans = sorted((area.y1, area.y2) for area in mask if area.x1 <= left and right <= area.x2)
        high, reached = 0.0, 0.0
        for top, bottom in spans:
            high += max(0.0, bottom - max(top, reached))
            reached = max(reached, bottom)
        share += (right - left) * high
    return share


@dataclass(frozen=True, slots=True)
class Rig:
    """How one camera is set up: its turn, and its mask in the picture as it is shown."""

    turn: Turn = field(default_factory=Turn)
    mask: Mask = ()

    def mirrored(self) -> "Rig":
        """The mirror on or off; the mask stays on what it hid."""
        return self._turned(replace(self.turn, mirror=not self.turn.mirror))

    def rotated(self) -> "Rig":
        """Turned clockwise by 90 degrees more; the mask stays on what it hid."""
        place = (QUARTERS.index(self.turn.rotate) + 1) % len(QUARTERS)
        return self._turned(replace(self.turn, rotate=QUARTERS[place]))

    def _turned(self, turn: Turn) -> "Rig":
        back = -QUARTERS.index(self.turn.rotate) % len(QUARTERS)
        on = QUARTERS.index(turn.rotate)
        return Rig(turn, tuple(_placed(area, back, turn.mirror is not self.turn.mirror, on) for area in self.mask))


def _placed(area: Area, back: int, flip: bool, on: int) -> Area:
    """Turn an area by quarters `back` to how the camera gives it, flip it there, and turn it `on`."""
    for _ in range(back):
        area = area.quarter_turned()
    area = area.flipped() if flip else area
    for _ in range(on):
        area = area.quarter_turned()
    return area
