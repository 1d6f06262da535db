"""Lamps: silence must never look like "no hits", so every part that can stop has one."""

from dataclasses import dataclass
from enum import StrEnum

from patrol_anpr.domain.coverage import Blind

OF_THE_START = "start:"
"""Lamps whose key begins so tell of the start: what was found, what of the last time is to be known."""

SAFE_MODE = "safe-mode"
"""Key of the lamp of a program that crashed again and again and runs with its safest settings."""


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
class Sight:
    """How the pictures of a camera came out lately.

    `sharpness` is how steep the edges are beside those of the same picture made small: 0.5 to 1.5 where it is sharp.
    `brightness` is the mean grey level and `contrast` the levels between dark and light, 0 to 255; `burnt` the share of
    the picture that is white and shows nothing, 0 to 1.
    """

    sharpness: float
    brightness: float
    contrast: float
    burnt: float


@dataclass(frozen=True, slots=True)
class CameraStatus:
    """What a camera reports of itself; frame counts since start, rates in frames a second, size in pixels.

    `detail` is a sentence that says what is wrong and what to do, "" where all is well. SEEN with a detail: the
    pictures come, but show too little to read plates in. `why` is what is wrong with what comes; `sight` how it
    comes out, None while that is not known and of files.
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
    why: Blind | None = None
    sight: Sight | None = None

    @property
    def blind(self) -> Blind | None:
        """Why no plate can be read in what this camera gives; None where one can."""
        return _NOTHING_COMES.get(self.state, self.why)


_NOTHING_COMES = {
    CameraState.STARTING: Blind.LOST,
    CameraState.LOST: Blind.LOST,
    CameraState.ENDED: Blind.LOST,
    CameraState.FROZEN: Blind.FROZEN,
}
