"""What the models are worth on this very machine: each start has them read a test card of drawn vehicles.

A model can be whole to the byte and still be wrong here: a graphics driver that reckons badly, or 8-bit arithmetic that
overflows on an older processor. And which form of the detector is the faster depends on the processor. So every form
reads the card before one is chosen.
"""

import json
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from patrol_anpr.domain.errors import BadInput, ModelRefused
from patrol_anpr.domain.plate import Pixels
from patrol_anpr.domain.vrm import fold
from patrol_anpr.reading.dataset import Sample
from patrol_anpr.reading.detector import PlateDetector
from patrol_anpr.reading.ocr import PlateOcr
from patrol_anpr.reading.prior import decode

LEAST_READ = 0.75
"""Share of the card's plates; below it the models do not work here (judged)."""
_REPEATS = 2
"""Runs of each picture, of which the faster counts: the first one of a model is not like the others."""
_REMEDY = "Install Patrol ANPR again."


@dataclass(frozen=True, slots=True)
class TestCard:
    """One picture of the card (BGR) and the VRMs on it."""

    __test__ = False  # pytest: not a test

    pixels: Pixels
    vrms: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Trial:
    """What one form of the detector did: `read` of `plates` on the card right, `milliseconds` to search a picture."""

    form: str
    read: int
    plates: int
    milliseconds: float

    @property
    def works(self) -> bool:
        """Whether enough plates were read."""
        return self.read >= LEAST_READ * self.plates

    def __str__(self) -> str:
        return f"{self.form}: {self.read} of {self.plates} plates read, {self.milliseconds:.0f} ms a picture"


def load_cards(folder: Path) -> tuple[TestCard, ...]:
    """Read the test card of `folder`: card.json and the pictures it names.

    Raises:
        ModelRefused: it is missing or damaged.
    """
    damaged = f"The test card in {folder} is missing or damaged. {_REMEDY}"
    try:
        entries = json.loads((folder / "card.json").read_text(encoding="utf-8"))
        cards = tuple(TestCard(Sample(folder / one["file"]).pixels(), tuple(one["vrms"])) for one in entries)
        if cards:
            return cards
    except (OSError, ValueError, KeyError, TypeError, BadInput) as error:
        raise ModelRefused(damaged) from error
    raise ModelRefused(damaged)


def try_out(form: str, detector: PlateDetector, ocr: PlateOcr, cards: Sequence[TestCard], today: date) -> Trial:
    """Let `detector` and `ocr` read the card. A model that gives no numbers reads nothing of that picture."""
    read = plates = 0
    seconds = 0.0
    for card in cards:
        plates += len(card.vrms)
        try:
            spent, texts = _read(detector, ocr, card.pixels, today)
        except ModelRefused:
            continue
        seconds += spent
        read += sum(fold(vrm) in texts for vrm in card.vrms)
    return Trial(form, read, plates, 1000 * seconds / len(cards))


def _read(detector: PlateDetector, ocr: PlateOcr, pixels: Pixels, today: date) -> tuple[float, set[str]]:
    spent = []
    for _ in range(_REPEATS):
        started = time.perf_counter()
        found = detector.find(pixels)
        spent.append(time.perf_counter() - started)
    looked = ocr.look(pixels, [plate.box for plate in found])
    return min(spent), {fold(decode(candidate.guesses, today).text) for candidate in looked}


def best_of(trials: Sequence[Trial]) -> Trial:
    """Return the fastest of the trials that read the most plates: speed never costs a plate."""
    return min(trials, key=lambda one: (-one.read, one.milliseconds))
