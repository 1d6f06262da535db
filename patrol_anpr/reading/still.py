"""Reading one still picture, for `patrol-anpr read`."""

from dataclasses import dataclass
from datetime import date

from patrol_anpr.domain.plate import Box, Pixels
from patrol_anpr.reading.consensus import alone, chance
from patrol_anpr.reading.detector import PlateDetector
from patrol_anpr.reading.ocr import PlateOcr
from patrol_anpr.reading.prior import decode

LEAST_CONFIDENCE = 3
"""Percent: 13 of the 16 boxes found in 160 pictures without plates lie below, real plates above (measured)."""


@dataclass(frozen=True, slots=True)
class StillRead:
    """A plate in a still. `confidence` 0 to 100, `box` in pixels, `chars` one confidence (0 to 1) a character."""

    vrm: str
    confidence: int
    box: Box
    chars: tuple[float, ...]


def read_still(pixels: Pixels, detector: PlateDetector, ocr: PlateOcr, today: date | None = None) -> list[StillRead]:
    """Read every plate of one picture, the largest first; plates of which nothing can be made out are left out.

    The date rule needs `today`; without it, marks not issued yet are as good as others.
    """
    plates = sorted(detector.find(pixels), key=lambda plate: -plate.box.width)
    looked = ocr.look(pixels, [plate.box for plate in plates])
    reads: list[StillRead] = []
    for plate, seen in zip(plates, looked, strict=True):
        candidate = decode(seen.guesses, today)
        confidence = chance(alone(candidate, plate.box.width))
        if confidence >= LEAST_CONFIDENCE:
            reads.append(StillRead(candidate.text, confidence, plate.box, candidate.chars))
    return reads
