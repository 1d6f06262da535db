"""Front and rear agree: the same vehicle read by a camera at each end of the car carries one mark. Pure.

Two Reads are of one vehicle where they have the same mark (folded) within seconds of each other. Where the marks
differ, that is claimed only on strong evidence: one character apart, one plate white and the other yellow (a vehicle
shows its front plate to one end of the car and its rear plate to the other), within the time that passing takes, and
nothing else that either could be paired with. A pair says something of its Reads; it never makes a hit.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from patrol_anpr.domain.plate import PlateColour
from patrol_anpr.domain.read import Read
from patrol_anpr.domain.vrm import fold

LENGTH = 40.0
"""Metres that a vehicle travels along the car from the one place of reading to the other, at most (judged)."""
LONGEST, SHORTEST = 15.0, 2.0
"""Seconds that may lie between: of the same mark, since a vehicle may overtake slowly; and of any in any case."""
UNKNOWN_SPEED = 6.0
"""Seconds, where the car's own speed is not known."""
MOST_CERTAIN = 99
"""Two looks share the letters of the plate, its dirt and the OCR: they are never quite independent."""
_FRESH = 5.0
"""Seconds: an older Fix says nothing of the speed now."""
_BOTH = {PlateColour.WHITE, PlateColour.YELLOW}


@dataclass(frozen=True, slots=True)
class Pair:
    """What a Read has to do with one before it, of the camera at the other end: the same mark, or `differs`."""

    other_id: str
    differs: bool


def longest_delay(read: Read) -> float:
    """Seconds within which the other end of the car reads a vehicle that it passes, where the marks are no proof.

    A parked vehicle takes as long as the car needs for LENGTH, an oncoming one less.
    """
    speed = read.fix.speed if read.fix is not None and (read.fix_age or 0.0) <= _FRESH else None
    if speed is None:
        return UNKNOWN_SPEED
    return min(LONGEST, max(SHORTEST, LENGTH / max(speed, 1.0)))


def pair_of(read: Read, before: Sequence[Read]) -> Pair | None:
    """Find the Read of the same vehicle among those made `before`, in any order; None where none is sure."""
    same = [one for one in before if _agree(read, one)]
    if same:
        return Pair(max(same, key=lambda one: one.captured_at).read_id, differs=False)
    near = [one for one in before if _at_the_other_end(read, one, longest_delay(read))]
    unpaired = [one for one in near if not any(_agree(one, other) for other in before)]
    alike = [one for one in unpaired if {one.colour, read.colour} == _BOTH]
    if len(alike) == 1 and _one_apart(fold(alike[0].vrm), fold(read.vrm)):
        return Pair(alike[0].read_id, differs=True)
    return None


def together(one: int, other: int) -> int:
    """The confidence (percent) of a mark that two looks agree on.

    By Bayes, from the two calibrated chances, for looks that err independently and, at worst, always to the same wrong
    mark: right and right against wrong and wrong. Never less than the better of the two, never over MOST_CERTAIN but
    where one look alone was.
    """
    right, wrong = one * other, (100 - one) * (100 - other)
    both = round(100 * right / (right + wrong)) if right + wrong else 0
    return max(one, other, min(both, MOST_CERTAIN))


def _end(camera_id: str) -> str:
    """The end of the car that a camera looks from, by its name."""
    return next((end for end in ("front", "rear") if camera_id.startswith(end)), "")


def _at_the_other_end(read: Read, other: Read, within: float) -> bool:
    ends = {_end(read.camera_id), _end(other.camera_id)}
    apart = abs((read.captured_at - other.captured_at).total_seconds())
    return ends == {"front", "rear"} and apart <= within


def _agree(one: Read, other: Read) -> bool:
    return fold(one.vrm) == fold(other.vrm) and _at_the_other_end(one, other, LONGEST)


def _one_apart(one: str, other: str) -> bool:
    """Whether one character was taken for another, or one is missing at an end or within."""
    if one == other or abs(len(one) - len(other)) > 1 or min(len(one), len(other)) < 5:
        return False
    if len(one) == len(other):
        return sum(a != b for a, b in zip(one, other, strict=True)) == 1
    longer, shorter = (one, other) if len(one) > len(other) else (other, one)
    return any(longer[:place] + longer[place + 1 :] == shorter for place in range(len(longer)))
