"""What the heart needs of the cameras and of reading, beyond Reads: how they stand, and how they are set up."""

from collections.abc import Mapping, Sequence
from typing import Protocol

from patrol_anpr.domain.coverage import Tally
from patrol_anpr.domain.health import CameraStatus
from patrol_anpr.domain.rig import Rig


class Eyes(Protocol):
    """patrol.Engine. Any thread may call; only `swap` waits."""

    @property
    def statuses(self) -> Sequence[CameraStatus]:
        """What each camera that was opened reports of itself now."""
        ...

    def tally(self, camera_id: str) -> Tally:
        """What became of a camera's frames since the start."""
        ...

    def field_of_view(self, camera_id: str) -> float:
        """What a camera's lens sees across, in degrees; 0 where that is not known."""
        ...

    @property
    def rigs(self) -> Mapping[str, Rig]:
        """How each camera is set up."""
        ...

    @property
    def default_rigs(self) -> Mapping[str, Rig]:
        """How the settings set each camera up."""
        ...

    def set_up(self, camera_id: str, rig: Rig) -> None:
        """Set a camera up otherwise, from its next frame on."""
        ...

    def swap(self, one: str, other: str) -> None:
        """Exchange what two cameras look at, with how they are set up. Waits, about a second, until both begin anew."""
        ...


class NoEyes:
    """A car without cameras, or whose frames somebody else gives."""

    statuses: Sequence[CameraStatus] = ()
    rigs: Mapping[str, Rig] = {}
    default_rigs: Mapping[str, Rig] = {}

    def tally(self, camera_id: str) -> Tally:
        """Nothing."""
        del camera_id
        return Tally()

    def field_of_view(self, camera_id: str) -> float:
        """Not known."""
        del camera_id
        return 0.0

    def set_up(self, camera_id: str, rig: Rig) -> None:
        """There is nothing to set up."""

    def swap(self, one: str, other: str) -> None:
        """There is nothing to swap."""
