"""The test card that models of the depot must pass before they read: drawn plates, and pictures without any.

It is harder and longer than the one of each start (`trial.py`). It is drawn, from nothing real, the same each time.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import cv2
import numpy as np

from patrol_anpr.domain.errors import ModelRefused
from patrol_anpr.domain.plate import Pixels, PlateColour
from patrol_anpr.domain.sentences import marked, sentence
from patrol_anpr.domain.vrm import fold
from patrol_anpr.lettering.plate import Band, PlateLook, draw_plate
from patrol_anpr.reading.detector import PlateDetector
from patrol_anpr.reading.ocr import PlateOcr
from patrol_anpr.reading.prior import decode
from patrol_anpr.reading.trial import TestCard

PICTURES, EMPTY = 12, 4
"""Pictures with four plates each, and without any."""
SEED = 20261130
SIZE = (960, 540)
WIDTHS = (72.0, 180.0)
"""px: how wide the plates are, from a car some twelve metres ahead to one right before this one."""
LEAST_SHARE = 0.9
"""Share of the plates that must be read (judged): the models of the program read them all but one."""
MOST_FALSE = 2
"""Plates that may be found where none is (judged)."""
MOST_TIMES = 3.0
"""The time of the processor a picture may take, in that of the models of the program (judged)."""

NO_NUMBERS = marked("They gave values that are no numbers.")
READS_LESS = marked("They read {read} of {plates} plates of the test card; {least} are needed.")
FINDS_MORE = marked("They found {found} plates where there are none; {most} may be.")
SLOWER = marked(
    "They need {new} ms for a picture on this machine, more than three times the {old} ms of the program's."
)


@dataclass(frozen=True, slots=True)
class Score:
    """What models did with the card: `found` counts plates where there are none, `milliseconds` of processor a picture.

    `finite` is False where they gave a value that is no number.
    """

    read: int
    plates: int
    found: int
    milliseconds: float
    finite: bool


def draw_cards(pictures: int = PICTURES, empty: int = EMPTY) -> tuple[TestCard, ...]:
    """Draw the card: plates of invented marks on dark vehicles, by day and by night, and `empty` pictures."""
    rng = np.random.default_rng(SEED)
    return (*(_picture(rng) for _ in range(pictures)), *(TestCard(_road(rng), ()) for _ in range(empty)))


def score(detector: PlateDetector, ocr: PlateOcr, cards: Sequence[TestCard], today: date) -> Score:
    """Let models read the card."""
    read = plates = found = 0
    finite = True
    began = time.process_time()
    for card in cards:
        plates += len(card.vrms)
        try:
            seen = detector.find(card.pixels)
            looked = ocr.look(card.pixels, [plate.box for plate in seen])
        except ModelRefused:
            finite = False
            continue
        texts = {fold(decode(candidate.guesses, today).text) for candidate in looked}
        read += sum(fold(vrm) in texts for vrm in card.vrms)
        found += 0 if card.vrms else len(seen)
    return Score(read, plates, found, 1000 * (time.process_time() - began) / len(cards), finite)


def why_not(new: Score, old: Score) -> str:
    """Return why models of this score may not take over from those of the program; "" where they may."""
    least = int(np.ceil(LEAST_SHARE * new.plates))
    if not new.finite:
        return NO_NUMBERS
    if new.read < least:
        return sentence(READS_LESS, read=new.read, plates=new.plates, least=least)
    if new.found > MOST_FALSE:
        return sentence(FINDS_MORE, found=new.found, most=MOST_FALSE)
    if new.milliseconds > MOST_TIMES * old.milliseconds:
        return sentence(SLOWER, new=f"{new.milliseconds:.0f}", old=f"{old.milliseconds:.0f}")
    return ""


def _picture(rng: np.random.Generator) -> TestCard:
    pixels = _road(rng)
    vrms = [_mark(rng) for _ in range(4)]
    for place, vrm in enumerate(vrms):
        width = rng.uniform(*WIDTHS)
        x = SIZE[0] * (0.25 + 0.5 * (place % 2)) + rng.uniform(-25, 25)
        y = SIZE[1] * (0.3 + 0.45 * (place // 2)) + rng.uniform(-15, 15)
        _place_vehicle(pixels, vrm, (x, y), width, rng)
    light = rng.uniform(0.45, 1.0)  # from dusk to day
    noisy = pixels * light + rng.normal(0, 3, pixels.shape)
    blurred = cv2.GaussianBlur(np.clip(noisy, 0, 255).astype(np.uint8), (0, 0), rng.uniform(0.5, 0.9))
    return TestCard(np.asarray(blurred, np.uint8), tuple(vrms))


def _road(rng: np.random.Generator) -> Pixels:
    pixels = np.full((SIZE[1], SIZE[0], 3), rng.integers(95, 125), np.uint8)
    pixels[: SIZE[1] // 3] = rng.integers(150, 200)
    for _ in range(6):  # what stands beside a road
        left, top = rng.integers(0, SIZE[0]), rng.integers(0, SIZE[1] // 2)
        corner = (int(left + rng.integers(20, 90)), int(top + rng.integers(30, 120)))
        cv2.rectangle(pixels, (int(left), int(top)), corner, [int(one) for one in rng.integers(60, 160, 3)], -1)
    return pixels


def _place_vehicle(
    pixels: Pixels, vrm: str, centre: tuple[float, float], width: float, rng: np.random.Generator
) -> None:
    x, y = centre
    paint = [int(one) for one in rng.integers(25, 110, 3)]
    cv2.rectangle(
        pixels, (int(x - 1.25 * width), int(y - 0.8 * width)), (int(x + 1.25 * width), int(y + 0.4 * width)), paint, -1
    )
    colour = PlateColour.YELLOW if rng.random() < 0.5 else PlateColour.WHITE
    look = PlateLook(band=rng.choice([Band.NONE, Band.NONE, Band.UK, Band.GREEN]))
    drawn = draw_plate(vrm, colour=colour, look=look)
    small = cv2.resize(
        drawn, (round(width), round(width * drawn.shape[0] / drawn.shape[1])), interpolation=cv2.INTER_AREA
    )
    turned = cv2.getRotationMatrix2D((small.shape[1] / 2, small.shape[0] / 2), rng.uniform(-3, 3), 1.0)
    left, top = round(x - small.shape[1] / 2), round(y - small.shape[0] / 2)
    part = pixels[top : top + small.shape[0], left : left + small.shape[1]]
    cv2.warpAffine(small, turned, (small.shape[1], small.shape[0]), part, borderMode=cv2.BORDER_TRANSPARENT)


def _mark(rng: np.random.Generator) -> str:
    """An invented mark of the current form: its first letter is no region of the DVLA's scheme."""
    letters = "ABDEFGHJKLMNPRSTUVWXYZ"

    def pick(of: str, number: int) -> str:
        return "".join(of[int(rng.integers(len(of)))] for _ in range(number))

    return f"{pick('JTUX', 1)}{pick(letters, 1)}{pick('0156', 1)}{pick('23456789', 1)}{pick(letters, 3)}"
