"""The cameras of the settings and of the command line, understood."""

from collections.abc import Sequence
from typing import Any

from patrol_anpr.cameras.source import CaptureWish, parse_source, require_present
from patrol_anpr.domain.errors import BadInput
from patrol_anpr.domain.rig import Turn
from patrol_anpr.patrol.engine import CameraPlan
from patrol_anpr.settings import CameraSettings

SAME_NAME = "Two cameras have the same name. Give each camera in the settings its own name."
CAMERA_NAMES = ("front", "rear", "left", "right")


def camera_settings(sources: Sequence[str]) -> list[dict[str, Any]]:
    """Make camera settings of the sources of a command line, named front, rear, left, right, camera5 ...

    Someone who types a camera's name has it before them, so one that is not plugged in is BadInput; a camera of the
    settings file is waited for.
    """
    for source in sources:
        require_present(parse_source(source))
    names = [*CAMERA_NAMES, *(f"camera{number}" for number in range(len(CAMERA_NAMES) + 1, len(sources) + 1))]
    return [{"name": name, "source": source} for name, source in zip(names, sources, strict=False)]


def camera_plans(cameras: Sequence[CameraSettings]) -> list[CameraPlan]:
    """Understand the cameras of the settings; raises BadInput for a source that cannot be, or a name given twice."""
    names = [camera.name for camera in cameras]
    if len(set(names)) < len(names):
        raise BadInput(SAME_NAME)
    return [
        CameraPlan(
            camera.name,
            parse_source(camera.source),
            CaptureWish(camera.width, camera.height, camera.fps, camera.fourcc, Turn(camera.mirror, camera.rotate)),
            camera.field_of_view,
        )
        for camera in cameras
    ]
