"""What a proof run goes through, and the TEST Read of a car whose cameras brought none."""

import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from patrol_anpr.domain.clock import Clock
from patrol_anpr.domain.fix import Fix
from patrol_anpr.domain.health import CameraStatus, Lamp
from patrol_anpr.domain.plate import Box, PlateColour
from patrol_anpr.domain.proof import TEST_VRM
from patrol_anpr.domain.read import Evidence, Read
from patrol_anpr.patrol.ports import Alerting, Matching, PlateLaying, Recording

DRAWN = Evidence(b"TEST", b"TEST")
"""Stands for the pictures where no camera made any."""


@dataclass(frozen=True, slots=True)
class ProofParts:
    """What a proof run goes through. `plates` None: nothing is read in this program, and cameras cannot be proven.

    `lists` are those in force, `test_list` a matcher with the one entry TEST_VRM. `lamps`, `statuses` (of the cameras)
    and `fix` tell how things stand; `about` gives the officer and the shift, for the audit trail;
    `tell_lamp` takes the lamp of what a patrol began without.
    """

    clock: Clock
    plates: PlateLaying | None
    lists: Matching
    test_list: Matching | None
    alerting: Alerting
    recording: Recording
    statuses: Callable[[], Sequence[CameraStatus]]
    lamps: Callable[[], Sequence[Lamp]]
    fix: Callable[[], Fix | None]
    about: Callable[[], tuple[str, str]]
    tell_lamp: Callable[[Lamp], None]


def drawn_read(clock: Clock) -> Read:
    """A TEST Read that no camera made: for what comes after the cameras, when none of them brought one."""
    now = clock.utc()
    return Read(
        read_id=str(uuid.uuid4()),
        vrm=TEST_VRM,
        confidence=100,
        chars=(1.0,) * len(TEST_VRM),
        camera_id="",
        captured_at=now,
        captured_monotonic=clock.monotonic(),
        first_seen=now,
        last_seen=now,
        frames=1,
        box=Box(0, 0, 1, 1),
        colour=PlateColour.YELLOW,
        candidates=(TEST_VRM,),
        format_flag="other",
        models="drawn",
    )
