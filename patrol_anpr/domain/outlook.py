"""What is to be said of a camera to whoever sets it up: its lens, its focus, its exposure. Pure."""

from dataclasses import dataclass, field
from enum import StrEnum

from patrol_anpr.domain.health import CameraState, CameraStatus, Sight
from patrol_anpr.domain.optics import Lens, PlateWidths, judge

BLURRED, SOFT = 0.4, 0.5
"""Sharpness: below the first no plate can be read (measured, cameras/visibility.py), below the second it is not as it
should be (judged)."""
DARK, BRIGHT = 16.0, 0.4
"""Mean grey level below which a picture is too dark, and share burnt out above which it is too bright (judged)."""
BURNING = 0.5
"""Share of the plates looked at lately that were burnt out, above which it is the exposure (judged)."""


class Focus(StrEnum):
    """How sharp the pictures are."""

    UNKNOWN = "unknown"
    GOOD = "good"
    SOFT = "soft"
    BLURRED = "blurred"


class Exposure(StrEnum):
    """How bright the pictures are; BURNING: the picture is good, and its plates are white."""

    UNKNOWN = "unknown"
    GOOD = "good"
    DARK = "dark"
    BRIGHT = "bright"
    BURNING = "burning"


@dataclass(frozen=True, slots=True)
class Outlook:
    """One camera as the page of the cameras shows it.

    `fps_read` is how many of its frames are read a second, `reconnects` how often it came back since sign-on; `metres`
    is how far away its plates can be read, None where its field of view is not known; `burnt` is as in Tally.
    """

    status: CameraStatus
    fps_read: float = 0.0
    widths: PlateWidths = field(default_factory=PlateWidths)
    burnt: float = 0.0
    metres: float | None = None
    reconnects: int = 0

    @property
    def lens(self) -> Lens:
        """What is to be said of its lens."""
        return judge(self.widths, self.metres)

    @property
    def _sight(self) -> Sight | None:
        """How its pictures come out; None while none comes."""
        return self.status.sight if self.status.state is CameraState.SEEN else None

    @property
    def focus(self) -> Focus:
        """What is to be said of its focus."""
        sight = self._sight
        if sight is None:
            return Focus.UNKNOWN
        if sight.sharpness < BLURRED:
            return Focus.BLURRED
        return Focus.SOFT if sight.sharpness < SOFT else Focus.GOOD

    @property
    def exposure(self) -> Exposure:
        """What is to be said of its exposure: first of the picture, then of its plates."""
        sight = self._sight
        if sight is not None and sight.burnt > BRIGHT:
            return Exposure.BRIGHT
        if sight is not None and sight.brightness < DARK:
            return Exposure.DARK
        if sight is None:
            return Exposure.UNKNOWN
        return Exposure.BURNING if self.burnt > BURNING else Exposure.GOOD
