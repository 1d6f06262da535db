"""A Read: one vehicle passing one camera. The evidential record."""

from dataclasses import dataclass
from datetime import datetime

from patrol_anpr.domain.fix import Fix
from patrol_anpr.domain.plate import Box, PlateColour

ENTERED = "entered"
"""The camera id of a Read that no camera made: an officer saw the plate and entered its mark. It has no picture."""


@dataclass(frozen=True, slots=True)
class Read:
    """What consensus over the Candidates of one Track says.

    `confidence` is 0 to 100, calibrated: the chance in percent that `vrm` is right. `chars` has one confidence (0 to 1)
    a character of `vrm`. `captured_at` (UTC) and `box` (pixels) belong to the frame the evidence was cut from, a frame
    whose own Candidate is `vrm`. `first_seen` and `last_seen` (UTC) span the track as known when the Read was made.
    `candidates` are the distinct texts seen, the best supported first. `fix_age` is in seconds at capture.
    `clock_source` names what the clock was last compared with, `clock_offset` is computer minus that, in seconds;
    `lists` are the (list id, revision) it was matched against. `paired_with` is the Read of the same vehicle by a
    camera at the other end of the car, made before this one (domain/pairing.py): with the same mark, or
    `plates_differ`.
    """

    read_id: str
    vrm: str
    confidence: int
    chars: tuple[float, ...]
    camera_id: str
    captured_at: datetime
    captured_monotonic: float
    first_seen: datetime
    last_seen: datetime
    frames: int
    box: Box
    colour: PlateColour
    candidates: tuple[str, ...]
    format_flag: str
    models: str
    fix: Fix | None = None
    fix_age: float | None = None
    clock_source: str = ""
    clock_offset: float | None = None
    lists: tuple[tuple[str, int], ...] = ()
    paired_with: str | None = None
    plates_differ: bool = False

    @property
    def is_entered(self) -> bool:
        """Whether an officer entered it by hand; else a camera made it."""
        return self.camera_id == ENTERED


@dataclass(frozen=True, slots=True)
class Evidence:
    """The pictures of one Read, as JPEG bytes: `patch` is the plate, `overview` the whole frame it was cut from.

    `patches` are the best other looks at the plate in the same pass, at most two; they stay on the car.
    """

    patch: bytes
    overview: bytes
    patches: tuple[bytes, ...] = ()


NO_PICTURES = Evidence(b"", b"")
"""Of a Read that has none, or whose pictures are not here yet."""
