"""What an officer may set in the car: loudness, speed of the voice, brightness, palette, language."""

from dataclasses import dataclass
from enum import StrEnum

LEAST_VOLUME = 20
"""Percent: no volume turns a sound off. Who wants silence mutes, which stays in sight as a lamp."""
LEAST_IMMEDIATE = 70
"""Percent: an IMMEDIATE hit is never quieter than this, whatever is set."""
SLOWEST, FASTEST = 100, 300
"""Words a minute; outside of that nobody understands a sentence (espeak's own limits are wider)."""
DARKEST = 30
"""Percent of the screen's light: below that a hit could be missed by day."""


class PaletteChoice(StrEnum):
    """AUTOMATIC: night and day by the sun."""

    AUTOMATIC = "automatic"
    DAY = "day"
    NIGHT = "night"
    HIGH_CONTRAST = "high_contrast"


class Language(StrEnum):
    """The languages of the screen, by ISO 639-1."""

    ENGLISH = "en"
    WELSH = "cy"


@dataclass(frozen=True, slots=True)
class Choices:
    """What is set now. Volumes and brightness in percent, the voice in words a minute.

    Raises:
        ValueError: a number is outside its range.
    """

    voice_volume: int = 100
    tone_volume: int = 100
    words_per_minute: int = 170
    brightness: int = 100
    palette: PaletteChoice = PaletteChoice.AUTOMATIC
    language: Language = Language.ENGLISH

    def __post_init__(self) -> None:
        for name, (least, most) in RANGES.items():
            if not least <= getattr(self, name) <= most:
                raise ValueError(f"{name} is not between {least} and {most}")


RANGES = {
    "voice_volume": (LEAST_VOLUME, 100),
    "tone_volume": (LEAST_VOLUME, 100),
    "words_per_minute": (SLOWEST, FASTEST),
    "brightness": (DARKEST, 100),
}
"""The least and the most of each number."""


@dataclass(frozen=True, slots=True)
class SettingShown:
    """A setting as it is shown where it cannot be changed: dotted name, value, unit, and what it is for."""

    name: str
    value: str
    unit: str
    explanation: str
