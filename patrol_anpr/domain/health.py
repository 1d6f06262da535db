"""Lamps: silence must never look like "no hits", so every part that can stop has one."""

from dataclasses import dataclass
from enum import StrEnum

OF_THE_START = "start:"
"""Lamps whose key begins so tell of the start: what was found, what of the last time is to be known."""


class LampState(StrEnum):
    """Shape as well as colour: full disc, half disc, cross, ring."""

    GOOD = "good"
    WARN = "warn"
    BAD = "bad"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Lamp:
    """The state of one part. `word` is what stands beside it ("Rear lost"), `advice` what to do about it.

    `key` names the part: "camera:front", "gps", "list", "voice", "disk", "clock", "records", "depot".
    """

    key: str
    state: LampState
    word: str
    advice: str = ""

    @property
    def is_news(self) -> bool:
        """Whether it tells what is to be known of the start or of the last time: read once, then done with."""
        return self.key.startswith(OF_THE_START) and self.state is LampState.UNKNOWN

    @property
    def sentence(self) -> str:
        """What is wrong and what to do about it. Of news the advice says it all: its word only names the time."""
        return self.advice if self.is_news else f"{self.word.rstrip('.')}. {self.advice}".strip()


class CameraState(StrEnum):
    """What a camera is doing. FROZEN: the same picture again and again; GARBAGE: frames that cannot be pictures.

    GAPS: a file or folder plays on, but a part of it could not be read.
    """

    STARTING = "starting"
    SEEN = "seen"
    LOST = "lost"
    FROZEN = "frozen"
    GARBAGE = "garbage"
    GAPS = "gaps"
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class CameraStatus:
    """What a camera reports of itself; frame counts since start, rates in frames a second, size in pixels.

    `detail` is a sentence that says what is wrong and what to do, "" where all is well. SEEN with a detail: the
    pictures come, but show too little to read plates in.
    """

    camera_id: str
    state: CameraState
    detail: str = ""
    width: int = 0
    height: int = 0
    fps: float = 0.0
    offered: int = 0
    skipped: int = 0
    reconnects: int = 0
