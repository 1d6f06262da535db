"""Does a camera give its picture as a mirror does? Then its plates read surely only when they are turned round.

Many rear cameras do. What is read of such plates as they are is nonsense, at up to 84 % (measured).
"""

from collections import defaultdict
from collections.abc import Callable
from datetime import date

from patrol_anpr.domain.vrm import VrmFormat, fold, format_of, issued_by
from patrol_anpr.reading.composite import turned_round
from patrol_anpr.reading.consensus import alone, chance
from patrol_anpr.reading.ocr import PlateOcr
from patrol_anpr.reading.passes import Pass
from patrol_anpr.reading.prior import decode

_SURE = 90
"""Percent: as sure as a Read that needs no composites."""
_WIDE_ENOUGH = 48.0
"""px: one look at a narrower plate is never sure."""
_ENOUGH = 3
"""Vehicles, each with its own mark, after which a camera is known (judged)."""


class MirrorWatch:
    """Turns the best crop of a pass round where it was not read surely, until its camera is known.

    `on_mirrored` gets the id of a camera of which three vehicles were read surely turned round, and none as they are.
    """

    def __init__(self, ocr: PlateOcr, on_mirrored: Callable[[str], object]) -> None:
        self._ocr, self._on_mirrored = ocr, on_mirrored
        self._turned: defaultdict[str, set[str]] = defaultdict(set)
        self._known: set[str] = set()

    def concluded(self, passed: Pass, today: date) -> None:
        """Take in a pass that has ended or is certain.

        Raises:
            ModelRefused: the OCR gave NaN or Inf.
        """
        if passed.camera_id in self._known:
            return
        said = passed.consensus
        if chance(said) >= _SURE and _is_mark(said.text, today):
            self._known.add(passed.camera_id)
        elif passed.crops and said.width >= _WIDE_ENOUGH:
            self._turn_round(passed, today)

    def _turn_round(self, passed: Pass, today: date) -> None:
        pixels, plate = turned_round(passed.crops[0])
        width = passed.consensus.width
        (seen,) = self._ocr.look(pixels, [plate], seen_at=width)
        candidate = decode(seen.guesses, today)
        if chance(alone(candidate, width)) < _SURE or not _is_mark(candidate.text, today):
            return
        turned = self._turned[passed.camera_id]
        turned.add(fold(candidate.text))
        if len(turned) >= _ENOUGH:
            self._known.add(passed.camera_id)
            self._on_mirrored(passed.camera_id)


def _is_mark(text: str, today: date) -> bool:
    return format_of(text) is not VrmFormat.OTHER and issued_by(text, today)
