"""Reads a TEST plate that is laid into copies of live frames, beside the reading of the frames themselves.

The frame itself is read as ever, and first. What is read in the copy goes to whoever proves, and nowhere else: it is
told apart by where it was read, never by its text, so that a vehicle that bears the text is read like any other.
"""

import logging
from collections.abc import Callable, Collection
from dataclasses import dataclass, field, replace
from functools import lru_cache

import numpy as np

from patrol_anpr.domain.errors import KnownError
from patrol_anpr.domain.plate import Box, Frame, Pixels, PlateColour
from patrol_anpr.domain.proof import TEST_VRM, Sight
from patrol_anpr.lettering.plate import CAR_PLATE, PlateLook, draw_plate
from patrol_anpr.reading.detector import PlateDetector
from patrol_anpr.reading.recogniser import Recogniser

log = logging.getLogger(__name__)

LOOK = PlateLook(supplier="TEST ONLY")
_SHARE, _LEAST_WIDTH = 0.14, 96
"""The width of the plate: its share of the frame's, and the least in pixels. As of a car some seven metres ahead."""
_DOWN = 0.6
"""Where its upper edge lies, as a share of the frame's height: where plates ahead are seen, above the bonnet."""
_SURROUND, _DARK = 0.9, 40
"""The dark bodywork around it: its share of the plate's height on each side, and its grey level."""
_SAME = 0.3
"""Intersection over union from which on what was found is the TEST plate."""


_SAMPLED = 4
"""Every fourth pixel in both directions is compared: noise shows in them as well."""
Tell = Callable[[Sight], object]


@dataclass(frozen=True, slots=True)
class _Proof:
    """One proof under way; `before` has a sample of each camera's last frame."""

    recogniser: Recogniser
    cameras: frozenset[str]
    tell: Tell
    before: dict[str, Pixels] = field(default_factory=dict)

    def is_fresh(self, frame: Frame) -> bool | None:
        """Whether the frame is another picture than the camera's last one; None for the first: that is not known."""
        sample = frame.pixels[::_SAMPLED, ::_SAMPLED].copy()
        before = self.before.get(frame.camera_id)
        self.before[frame.camera_id] = sample
        return None if before is None else not np.array_equal(before, sample)


class PlateLayer:
    """Lays the TEST plate into a copy of each frame of the cameras that are proven.

    `make` gives a Recogniser over the very detector and OCR that read the frames; a new one for each proof, so that
    nothing of the last one is left. `look` is for the thread that owns those; the others may come from any thread.
    """

    def __init__(self, make: Callable[[], Recogniser], detector: PlateDetector) -> None:
        self._make, self._detector = make, detector
        self._proof: _Proof | None = None

    def begin(self, cameras: Collection[str], tell: Tell) -> None:
        """Prove these cameras, until `end`. `tell` gets a Sight a frame, on the thread that reads."""
        self._proof = _Proof(self._make(), frozenset(cameras), tell)

    def end(self) -> None:
        """Lay no more plates into anything."""
        self._proof = None

    def look(self, frame: Frame) -> None:
        """Take a frame that has been read; nothing is done with it unless its camera is proven. Raises nothing."""
        proof = self._proof
        if proof is None or frame.camera_id not in proof.cameras:
            return
        fresh = proof.is_fresh(frame)
        pixels, place = with_test_plate(frame.pixels)
        try:
            sight = _look(proof.recogniser, replace(frame, pixels=pixels), place, fresh=fresh)
        except Exception as error:  # noqa: BLE001  it is told; a proof that fails must not end reading
            log.warning("the TEST plate could not be read: %s", type(error).__name__)
            told = str(error) if isinstance(error, KnownError) else f"It failed ({type(error).__name__}). Tell IT."
            sight = Sight(frame.camera_id, fresh, found=self._finds(pixels, place), problem=told)
        proof.tell(sight)

    def _finds(self, pixels: Pixels, place: Box) -> bool:
        """Whether it was not the detector that failed."""
        try:
            return any(plate.box.iou(place) >= _SAME for plate in self._detector.find(pixels))
        except Exception:  # noqa: BLE001  the fault is told already
            return False


def _look(recogniser: Recogniser, frame: Frame, place: Box, *, fresh: bool | None) -> Sight:
    recognition = recogniser.process(frame)
    found = any(plate.box.iou(place) >= _SAME for plate in recognition.plates)
    made = [(read, evidence) for read, evidence in recognition.reads if read.box.iou(place) >= _SAME]
    return Sight(frame.camera_id, fresh, found, made[0] if made else None)


def with_test_plate(pixels: Pixels) -> tuple[Pixels, Box]:
    """Return a copy of a frame with the TEST plate in it, and where the plate lies."""
    height, width = pixels.shape[:2]
    plate = _plate(max(_LEAST_WIDTH, round(_SHARE * width)))
    plate = plate[:height, :width]
    down, across = plate.shape[:2]
    left, top = (width - across) // 2, min(round(_DOWN * height), height - down)
    around = round(_SURROUND * down)
    copy = pixels.copy()
    copy[max(0, top - around) : top + down + around, max(0, left - around) : left + across + around] = _DARK
    copy[top : top + down, left : left + across] = plate
    return copy, Box(float(left), float(top), float(left + across), float(top + down))


@lru_cache(maxsize=4)
def _plate(width: int) -> Pixels:
    return draw_plate(TEST_VRM, colour=PlateColour.YELLOW, look=LOOK, scale=width / CAR_PLATE[0])
