"""The owner of how the cameras are set up: what the officer changes acts at once, is audited, and stays."""

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from pydantic import TypeAdapter, ValidationError

from patrol_anpr.domain.errors import BadInput, RecordsFault
from patrol_anpr.domain.rig import Rig, masked_share
from patrol_anpr.domain.sentences import sentence
from patrol_anpr.patrol.eyes import Eyes
from patrol_anpr.patrol.ports import Recording
from patrol_anpr.plumbing.files import write_whole

FILE = "cameras.json"
DAMAGED = (
    "What was changed on the camera page (mask, mirror, turn, names) cannot be read and is not in force: the cameras "
    "are as the settings say. Set them up again there."
)
OTHER_CAMERAS = (
    "The settings name other cameras than when two were swapped on the camera page: the swap is not in force. Look "
    "there which camera is which."
)


@dataclass(frozen=True, slots=True)
class KeptRigs:
    """What the officers changed: how a camera is set up, by its id, and which id a camera of the settings goes by."""

    rigs: Mapping[str, Rig] = field(default_factory=dict)
    names: Mapping[str, str] = field(default_factory=dict)

    def renamed(self, settings_names: Sequence[str]) -> Mapping[str, str]:
        """The id each camera of the settings goes by.

        Raises:
            BadInput: the settings name other cameras than when this was kept.
        """
        if not set(self.names) <= set(settings_names):
            raise BadInput(OTHER_CAMERAS)
        ids = {name: self.names.get(name, name) for name in settings_names}
        if sorted(ids.values()) != sorted(settings_names):
            raise BadInput(OTHER_CAMERAS)
        return ids


_KEPT = TypeAdapter(KeptRigs)


class KeepsRigs(Protocol):
    """What remembers them; waits for the disk."""

    def keep(self, kept: KeptRigs) -> None:
        """Remember this instead of what was kept before; raises RecordsFault."""
        ...


class RigFile:
    """The small file they are kept in. Its calls wait for the disk."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / FILE

    def load(self) -> KeptRigs:
        """What was kept; nothing where there is no file.

        Raises:
            RecordsFault: the file is damaged or cannot be read.
        """
        try:
            return _KEPT.validate_json(self._path.read_bytes())
        except FileNotFoundError:
            return KeptRigs()
        except (OSError, ValidationError):
            raise RecordsFault(DAMAGED) from None

    def keep(self, kept: KeptRigs) -> None:
        """See KeepsRigs."""
        try:
            self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            write_whole(self._path, _KEPT.dump_json(kept))
        except OSError as error:
            reason = error.strerror or type(error).__name__
            raise RecordsFault(
                sentence(
                    "The change acts now, but could not be saved ({reason}). Make it again after the next start.",
                    reason=reason,
                )
            ) from error


class Forgetful:
    """Remembers nothing: for a car that keeps no file."""

    def keep(self, kept: KeptRigs) -> None:
        """See KeepsRigs."""


class Rigs:
    """Satisfies window_ports.Rigging. `officer` says in whose name a change is audited; `submit` runs what waits."""

    def __init__(
        self,
        eyes: Eyes,
        keeps: KeepsRigs,
        names: Mapping[str, str],
        recording: Recording,
        officer: Callable[[], str],
        submit: Callable[..., "Future[Any]"],
    ) -> None:
        self._eyes, self._keeps, self._recording = eyes, keeps, recording
        self._names = dict(names)
        self._officer, self._submit = officer, submit

    def rig(self, camera_id: str) -> Rig:
        """How a camera is set up now."""
        return self._eyes.rigs.get(camera_id, Rig())

    def change(self, camera_id: str, rig: Rig) -> "Future[None]":
        """Set a camera up otherwise, from its next frame on. The Future fails with RecordsFault: it is not kept."""
        self._eyes.set_up(camera_id, rig)
        self._recording.audit(self._officer(), "camera_set_up", camera_id, _in_words(rig))
        return self._submit(self._keep)

    def swap(self, one: str, other: str) -> "Future[None]":
        """Exchange the names of two cameras, for good. The Future is done when both run again."""
        self._recording.audit(self._officer(), "cameras_swapped", f"{one}, {other}")
        return self._submit(self._swap, one, other)

    def _swap(self, one: str, other: str) -> None:
        self._eyes.swap(one, other)
        exchanged = {one: other, other: one}
        ids = {name: self._names.get(name, name) for name in {*self._names, *self._eyes.rigs}}
        self._names = {name: exchanged.get(camera_id, camera_id) for name, camera_id in ids.items()}
        self._keep()

    def _keep(self) -> None:
        """Keep what differs from the settings, so that these go on to count for all the rest."""
        defaults = self._eyes.default_rigs
        rigs = {camera_id: rig for camera_id, rig in self._eyes.rigs.items() if rig != defaults.get(camera_id)}
        names = {name: camera_id for name, camera_id in self._names.items() if name != camera_id}
        self._keeps.keep(KeptRigs(rigs, names))


def _in_words(rig: Rig) -> str:
    mirror = "mirrored" if rig.turn.mirror else "not mirrored"
    return f"{mirror}, turned by {rig.turn.rotate} degrees, {100 * masked_share(rig.mask):.0f} % masked"
