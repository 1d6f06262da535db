"""Where frames come from: sources, grab threads, reconnection, camera states."""

from patrol_anpr.cameras.camera import Camera
from patrol_anpr.cameras.listing import FoundCamera, list_cameras
from patrol_anpr.cameras.opening import open_source
from patrol_anpr.cameras.pictures import BadFrame, read_picture
from patrol_anpr.cameras.playback import frames
from patrol_anpr.cameras.source import (
    CaptureWish,
    FrameSource,
    Granted,
    SourceEnded,
    SourceKind,
    SourceSpec,
    parse_source,
    picture_files,
    require_present,
)

__all__ = [
    "BadFrame",
    "Camera",
    "CaptureWish",
    "FoundCamera",
    "FrameSource",
    "Granted",
    "SourceEnded",
    "SourceKind",
    "SourceSpec",
    "frames",
    "list_cameras",
    "open_source",
    "parse_source",
    "picture_files",
    "read_picture",
    "require_present",
]
