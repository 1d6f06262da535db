"""What the live tile shows: the newest frame of a camera with what is being read in it."""

from dataclasses import dataclass

from patrol_anpr.domain.events import PlateSeen
from patrol_anpr.domain.plate import Pixels


@dataclass(frozen=True, slots=True)
class LiveFrame:
    """A frame for the screen; rates in frames a second: offered by the camera, and read. Times in monotonic seconds."""

    camera_id: str
    pixels: Pixels
    plates: tuple[PlateSeen, ...]
    fps_offered: float
    fps_read: float
    captured_monotonic: float
