"""Whether a plate could be read in the pictures of a camera at all: pure, told the time with each frame.

Measured on drives by day and by night and on photographs, each sharp and blurred: `edge_ratio` is 0.5 to 1.5 where they
are sharp, 0.2 to 0.4 where a blur of 5 pixels or more (standard deviation) lies over them, and 2 in noise.
"""

from collections import deque
from dataclasses import dataclass
from statistics import median
from typing import Any

import numpy as np
from numpy.typing import NDArray

from patrol_anpr.cameras.opencv import cv2
from patrol_anpr.domain.coverage import Blind
from patrol_anpr.domain.health import Sight
from patrol_anpr.domain.plate import Pixels
from patrol_anpr.domain.sentences import sentence

_EVERY_S = 0.5
"""Seconds between looks: a lens does not change faster, and each costs a millisecond."""
_SAMPLES, _AT_LEAST = 8, 6
"""Looks that are judged together, and the fewest: a bend or a wall before the bonnet is no fault of the camera."""
_LONG_SIDE, _SHORT_SIDE = 320, 180
"""px: the least a camera can be asked for."""
_SHRINK = 8
"""Factor: in a picture so much smaller a blur is no longer seen, so its edges are those of the scene."""
_EDGES = 0.005
"""The share of pixels that are edges; of a picture shrunk by 8, eight times as many."""
_BLURRED, _NOISY = 0.4, 1.7
"""Edge ratio: below the one blurred, above the other noise (measured: see above)."""
_STRUCTURE = 0.2
"""The contrast that is left of a picture shrunk by 8; measured 0.85 and more of a scene, 0.12 of noise."""
_DARK = 12
"""Grey levels between the darkest and the brightest hundredth (judged)."""
_BLACK = 16
"""Mean grey level: with as little contrast, a darker picture is dark, a brighter one has something before its lens."""
_SHAPELESS = 6
"""Edges of the small picture, in grey levels: below, a blur leaves no shape at all. Measured: 7 and more of roads under
a blur of 20 pixels, 4 under a hand that light falls past."""
_BURNT_LEVEL, _BURNT_OUT = 250, 0.75
"""Grey level from which a pixel shows nothing, and the share of such pixels at which no picture is left (measured: 0.8
of a day four times overexposed, 0.5 of one that can still be read)."""

_IS_BLURRED = "The pictures are blurred: clean the lens and set its focus."
_IS_NOISE = "The pictures are nothing but noise: check the camera's cable and power."
_IS_DARK = "The pictures show hardly any light and shade: is the lens covered, fogged or in the dark?"
_IS_BLOCKED = "Something lies before the lens, which shows no light and shade: wipe it, and look what is in its way."
_IS_BRIGHT = "The pictures are burnt out: turn the camera out of the light, or set its exposure."


@dataclass(frozen=True, slots=True)
class _Look:
    edge_ratio: float
    shape: float
    structure: float
    contrast: float
    brightness: float
    burnt: float


class Visibility:
    """Looks at a frame twice a second; `detail` is a sentence where too little is to be seen, else "", `blind` why."""

    def __init__(self) -> None:
        self.blind: Blind | None = None
        self.detail = ""
        self._looks: deque[_Look] = deque(maxlen=_SAMPLES)
        self._looked = -_EVERY_S

    def look(self, pixels: Pixels, now: float) -> None:
        """Take in a frame at `now` (monotonic seconds)."""
        height, width = pixels.shape[:2]
        if max(width, height) < _LONG_SIDE or min(width, height) < _SHORT_SIDE:
            self.blind = Blind.SMALL
            self.detail = sentence(
                "The pictures have {width} x {height} pixels, too few to read plates: set the camera to 1280 x 720 "
                "or more.",
                width=width,
                height=height,
            )
            return
        if now - self._looked >= _EVERY_S:
            self._looked = now
            self._looks.append(_look_at(pixels))
            if len(self._looks) >= _AT_LEAST:
                self.blind, self.detail = self._judged()

    @property
    def sight(self) -> Sight | None:
        """How the pictures come out, over the last looks; None before the first."""
        if not self._looks:
            return None
        return Sight(self._of("edge_ratio"), self._of("brightness"), self._of("contrast"), self._of("burnt"))

    def _of(self, measure: str) -> float:
        return float(median(getattr(look, measure) for look in self._looks))

    def _judged(self) -> tuple[Blind | None, str]:
        if self._of("burnt") > _BURNT_OUT:
            return Blind.BRIGHT, _IS_BRIGHT
        if self._of("contrast") < _DARK:
            return (Blind.DARK, _IS_DARK) if self._of("brightness") < _BLACK else (Blind.BLOCKED, _IS_BLOCKED)
        ratio = self._of("edge_ratio")
        if ratio > _NOISY and self._of("structure") < _STRUCTURE:
            return Blind.GARBLED, _IS_NOISE
        if ratio >= _BLURRED:
            return None, ""
        return (Blind.BLOCKED, _IS_BLOCKED) if self._of("shape") < _SHAPELESS else (Blind.BLURRED, _IS_BLURRED)


def _look_at(pixels: Pixels) -> _Look:
    """Measure the middle of a picture: at its rim stand its time and place, as sharp as ever."""
    height = pixels.shape[0]
    grey = cv2.cvtColor(pixels[height // 4 : height - height // 4], cv2.COLOR_BGR2GRAY)
    size = (max(2, grey.shape[1] // _SHRINK), max(2, grey.shape[0] // _SHRINK))
    small = cv2.resize(grey, size, interpolation=cv2.INTER_AREA)
    fine, coarse = _steepest(cv2.blur(grey, (3, 3)), _EDGES), _steepest(small, _SHRINK * _EDGES)
    return _Look(
        edge_ratio=fine / max(coarse, 1.0),
        shape=coarse,
        structure=float(small.std()) / max(float(grey.std()), 1.0),
        contrast=float(np.percentile(small, 99) - np.percentile(small, 1)),
        brightness=float(small.mean()),
        burnt=float(np.count_nonzero(grey >= _BURNT_LEVEL) / grey.size),
    )


def _steepest(grey: NDArray[Any], share: float) -> float:
    """The difference between neighbours that only `share` of the pixels exceed, across or down, whichever is more."""
    steepest = 0
    for differences in (cv2.absdiff(grey[:, 1:], grey[:, :-1]), cv2.absdiff(grey[1:], grey[:-1])):
        counts = cv2.calcHist([differences], [0], None, [256], [0, 256]).ravel()[::-1]
        steepest = max(steepest, 255 - int(np.searchsorted(np.cumsum(counts), share * differences.size)))
    return float(steepest)
