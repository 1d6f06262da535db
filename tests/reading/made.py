"""Scenes and stand-ins for the reading tests. All VRMs are invented."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import numpy as np

from patrol_anpr.domain.plate import Box, Candidate, CharGuess, Frame, Pixels, Plate, PlateColour
from patrol_anpr.lettering.plate import draw_plate
from patrol_anpr.reading.ocr import Effort

START = datetime(2026, 11, 21, 21, 43, tzinfo=UTC)


def scene(
    *plates: tuple[str, Box], colour: PlateColour = PlateColour.YELLOW, size: tuple[int, int] = (1280, 720)
) -> Pixels:
    """A grey road with dark cars and drawn plates on them."""
    import cv2

    pixels = np.full((size[1], size[0], 3), 110, np.uint8)
    pixels[: size[1] // 2] = 190
    for vrm, box in plates:
        x, y = box.centre
        cv2.rectangle(
            pixels,
            (int(x - 1.6 * box.width), int(y - 1.9 * box.width)),
            (int(x + 1.6 * box.width), int(y + 0.45 * box.width)),
            (70, 40, 35),
            -1,
        )
        drawn = cv2.resize(
            draw_plate(vrm, colour=colour), (round(box.width), round(box.height)), interpolation=cv2.INTER_AREA
        )
        left, top = round(box.x1), round(box.y1)
        pixels[top : top + drawn.shape[0], left : left + drawn.shape[1]] = drawn
    return cv2.GaussianBlur(pixels, (0, 0), 0.6).astype(np.uint8)


def plate_box(x: float, y: float, width: float) -> Box:
    """A box of a UK plate with its centre at (x, y)."""
    height = width * 111 / 520
    return Box(x - width / 2, y - height / 2, x + width / 2, y + height / 2)


def frame_at(seconds: float, pixels: Pixels | None = None, *, camera_id: str = "front", number: int = 0) -> Frame:
    blank = np.zeros((720, 1280, 3), np.uint8)
    given = blank if pixels is None else pixels
    return Frame(camera_id, number, given, START + timedelta(seconds=seconds), 1000.0 + seconds)


def candidate(text: str, confidence: float = 0.999, slots: int = 10) -> Candidate:
    """A Candidate whose every character has `confidence`; the rest goes to the next letter of the alphabet."""
    guesses = [
        CharGuess(((char, confidence), ("X" if char != "X" else "Y", 1 - confidence)))
        if confidence < 1
        else CharGuess(((char, 1.0),))
        for char in text
    ]
    blanks = [CharGuess((("", 1.0),))] * (slots - len(text))
    return Candidate(text, (confidence,) * len(text), (*guesses, *blanks))


@dataclass
class ScriptedDetector:
    """Finds what it is told to find."""

    plates: list[Plate] = field(default_factory=list)
    failure: Exception | None = None

    def find(self, pixels: Pixels) -> list[Plate]:
        del pixels
        if self.failure:
            raise self.failure
        return list(self.plates)

    def show(self, *boxes: Box) -> None:
        self.plates = [Plate(box, 0.9) for box in boxes]


@dataclass
class ScriptedOcr:
    """Reads what `says` gives for a box; counts its looks and those at a frame of many."""

    says: Callable[[Box], Candidate] = lambda _: candidate("AB12CDE")
    looks: int = 0
    efforts: list[Effort] = field(default_factory=list)

    def look(
        self, pixels: Pixels, boxes: Sequence[Box], *, effort: Effort = Effort.PICTURE, seen_at: float | None = None
    ) -> list[Candidate]:
        del pixels
        self.looks += len(boxes)
        self.efforts += [effort] * len(boxes)
        return [self.says(box) for box in boxes]
