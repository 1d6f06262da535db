"""The cameras of the invented shift: how they stand, what they could see so far, and how they are set up."""

from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from patrol_anpr.domain.coverage import Blind, CoverageMinute
from patrol_anpr.domain.health import CameraState, CameraStatus, Sight
from patrol_anpr.domain.optics import PlateWidths
from patrol_anpr.domain.outlook import Outlook
from patrol_anpr.domain.rig import Area, Rig

BONNET = Area(0.0, 0.88, 1.0, 1.0)

_BLIND = {
    "front": {40: Blind.BLURRED, 41: Blind.BLURRED, 42: Blind.BLURRED},
    "rear": {10: Blind.LOST, 11: Blind.LOST, 70: Blind.DARK, 71: Blind.DARK, 72: Blind.DARK, 73: Blind.DARK},
}
_ASLEEP = range(55, 63)


def sample_outlooks() -> list[Outlook]:
    """A front camera as it should be, and a rear one whose lens is too wide."""
    fine, soft = Sight(0.8, 60.0, 170.0, 0.0), Sight(0.45, 40.0, 120.0, 0.0)
    front = CameraStatus("front", CameraState.SEEN, "", 1920, 1080, 30.0, sight=fine)
    rear = CameraStatus("rear", CameraState.SEEN, "", 1280, 720, 25.0, sight=soft)
    return [
        Outlook(front, 15.2, PlateWidths((96.0, 142.0, 88.0, 120.0), 4), 0.0, 13.5),
        Outlook(rear, 12.4, PlateWidths((44.0, 38.0, 52.0, 31.0, 47.0, 40.0), 0), 0.0, 4.4, 2),
    ]


def sample_minutes(started: datetime, now: datetime) -> list[CoverageMinute]:
    """Ninety minutes up to `now`, with some that are blind and a sleep; none before `started`."""
    found = []
    for back in range(90):
        minute = (now - timedelta(minutes=back)).replace(second=0, microsecond=0)
        if back in _ASLEEP or minute < started.replace(second=0, microsecond=0):
            continue
        for camera, whys in _BLIND.items():
            blind = {whys[back]: 48.0} if back in whys else {}
            found.append(CoverageMinute(camera, minute, "shift-1", 60.0, blind, 1800, 900, 3, int(back in whys), 90.0))
    return sorted(found, key=lambda one: (one.minute, one.camera_id))


@dataclass
class SampleCoverage:
    """Satisfies window_ports.Covering."""

    shown: list[CoverageMinute] = field(default_factory=list)
    outlook: list[Outlook] = field(default_factory=sample_outlooks)

    def minutes(self) -> Sequence[CoverageMinute]:
        """As told."""
        return self.shown

    def outlooks(self) -> Sequence[Outlook]:
        """As told."""
        return self.outlook


@dataclass
class SampleRigs:
    """Satisfies window_ports.Rigging; writes down what it was told where its SamplePatrol does."""

    told: list[tuple[object, ...]]
    rigs: dict[str, Rig] = field(default_factory=lambda: {"front": Rig(mask=(BONNET,))})
    answer: "Callable[[], Future[None]]" = field(default_factory=lambda: _done)

    def rig(self, camera_id: str) -> Rig:
        """As told."""
        return self.rigs.get(camera_id, Rig())

    def change(self, camera_id: str, rig: Rig) -> "Future[None]":
        """Write it down."""
        self.told.append(("change", camera_id, rig))
        self.rigs[camera_id] = rig
        return self.answer()

    def swap(self, one: str, other: str) -> "Future[None]":
        """Write it down."""
        self.told.append(("swap", one, other))
        return self.answer()


def _done() -> "Future[None]":
    done: Future[None] = Future()
    done.set_result(None)
    return done
