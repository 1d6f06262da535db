"""What the user names as a source, what we ask of it, and what every open source can do."""

import re
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Protocol
from urllib.parse import urlsplit

from patrol_anpr.cameras.pictures import PICTURE_SUFFIXES
from patrol_anpr.domain.errors import BadInput
from patrol_anpr.domain.plate import Pixels
from patrol_anpr.domain.rig import Turn
from patrol_anpr.domain.sentences import sentence

_SCHEMES = frozenset({"rtsp", "rtsps", "http", "https"})
VIDEO_SUFFIXES = frozenset(
    {".3gp", ".asf", ".avi", ".flv", ".m2ts", ".m4v", ".mkv", ".mov", ".mp4", ".mpeg", ".mpg", ".mts", ".ts", ".webm"}
    | {".wmv"}
)
# Some cameras want user and password in the path of their address; neither is shown.
_SECRET = re.compile(r"(?:user(?:name)?|usr|login|pass(?:word|wd)?|pwd|psw)\s*[=:].*", re.IGNORECASE | re.DOTALL)
_NAMED = 3
"""Files that a sentence names before it counts the others (judged)."""
_EXAMPLES = "Give a camera (usb:0 or /dev/v4l/by-id/...), an address (rtsp:// or http://), a video file or a folder."


class SourceKind(StrEnum):
    """USB and STREAM are live and come back; VIDEO and PICTURES end."""

    USB = "usb"
    STREAM = "stream"
    VIDEO = "video"
    PICTURES = "pictures"


@dataclass(frozen=True, slots=True)
class SourceSpec:
    """A source as named by the user. `where` may hold a password and is kept out of `repr`; show `label` instead.

    `passed_over` is a sentence about what lies in a folder and is not read, or "".
    """

    kind: SourceKind
    where: str = field(repr=False)
    label: str
    passed_over: str = ""

    @property
    def live(self) -> bool:
        """Whether it is a camera, whose frames are gone when not taken at once."""
        return self.kind in (SourceKind.USB, SourceKind.STREAM)


@dataclass(frozen=True, slots=True)
class CaptureWish:
    """What is asked of a USB camera; it grants what it can.

    The pictures of any source are turned as `turn` says.
    """

    width: int = 1920
    height: int = 1080
    fps: float = 30.0
    fourcc: str = "MJPG"
    turn: Turn = field(default_factory=Turn)


@dataclass(frozen=True, slots=True)
class Granted:
    """What a source really gives; `fps` is 0 and `fourcc` empty where the source does not tell."""

    width: int
    height: int
    fps: float
    fourcc: str


class SourceEnded(Exception):
    """A file or folder has no more frames. Not a fault; `losses` sums up what of it could not be read, or is ""."""

    def __init__(self, losses: str = "") -> None:
        super().__init__(losses)
        self.losses = losses


class FrameSource(Protocol):
    """An open source. One thread grabs and closes it."""

    @property
    def granted(self) -> Granted:
        """Size, rate and format as granted when it was opened."""
        ...

    @property
    def media_time(self) -> float:
        """Of a file or folder: when the picture that was grabbed last is shown, in seconds after the first."""
        ...

    def grab(self) -> Pixels:
        """Wait for the next frame.

        Raises:
            DeviceLost: a camera stopped.
            SourceEnded: a file is at its end.
            BadFrame: this frame is no picture, or this clip of a folder is broken from here on; what follows is not.
            BadInput: a file is broken from here on.
        """
        ...

    def close(self) -> None:
        """Let go of the device, connection or file."""
        ...


def parse_source(text: str) -> SourceSpec:
    """Understand a source as typed by a user.

    A camera need not be plugged in yet: whether it is shows when it is opened. Files and folders must be there.

    Raises:
        BadInput: nothing we could open; the sentence says why.
    """
    named = text.strip()
    if not named or "\0" in named:
        raise BadInput("No source was given. {examples}", examples=sentence(_EXAMPLES))
    if usb := re.fullmatch(r"(?:usb:)?([0-9]{1,2})", named, re.IGNORECASE):
        return SourceSpec(SourceKind.USB, str(int(usb[1])), f"usb:{int(usb[1])}")
    if named.lower().startswith("usb:"):
        raise BadInput("{named!r} names no camera: after usb: comes its number, 0 to 99.", named=named)
    if named.startswith("/dev/"):
        return SourceSpec(SourceKind.USB, named, named)
    if "://" in named:
        return _parse_address(named)
    return _parse_path(Path(named))


def _parse_address(named: str) -> SourceSpec:
    scheme = named.partition("://")[0].lower()
    if scheme not in _SCHEMES:
        raise BadInput("An address must begin with rtsp://, rtsps://, http:// or https://.")
    try:
        parts = urlsplit(named)
        host, port = parts.hostname, parts.port
    except ValueError as error:
        raise BadInput("The address of the camera cannot be understood: check its host and port.") from error
    if not host or re.search(r"\s", named):
        raise BadInput("The address of the camera cannot be understood: check its host and port.")
    shown = f"[{host}]" if ":" in host else host
    label = f"{scheme}://{shown}{f':{port}' if port else ''}{shown_path(parts.path)}"
    return SourceSpec(SourceKind.STREAM, named, label)


def shown_path(path: str) -> str:
    """Return the path of an address as it may be shown: up to where it names a user or a password."""
    return _SECRET.sub("...", path)


def _parse_path(path: Path) -> SourceSpec:
    try:
        if path.is_dir():
            # Videos first: beside its clips an event folder holds a thumbnail.
            for kind, files in ((SourceKind.VIDEO, video_files(path)), (SourceKind.PICTURES, picture_files(path))):
                if files:
                    return SourceSpec(kind, str(path), str(path), _passed_over(path, files))
            kinds = ", ".join(sorted(PICTURE_SUFFIXES | VIDEO_SUFFIXES))
            raise BadInput("The folder {path} holds no pictures and no videos ({kinds}).", path=path, kinds=kinds)
        if path.is_file():
            kind = SourceKind.PICTURES if path.suffix.lower() in PICTURE_SUFFIXES else SourceKind.VIDEO
            return SourceSpec(kind, str(path), str(path))
    except OSError as error:
        raise BadInput(
            "The source cannot be opened: {why}. {examples}", why=error.strerror or error, examples=sentence(_EXAMPLES)
        ) from error
    raise BadInput("There is no file or folder {path}. {examples}", path=path, examples=sentence(_EXAMPLES))


def _passed_over(folder: Path, read: Sequence[Path]) -> str:
    """Name what lies in a folder beside what is read; files that the system keeps for itself are no loss."""
    left = sorted(
        {file.name for file in folder.iterdir() if not file.name.startswith(".")} - {file.name for file in read}
    )
    told = sentence("The folder {folder} also holds what is not read: {names}.", folder=folder, names=named(left))
    return told if left else ""


def named(names: Sequence[str]) -> str:
    """The first of them, and how many more there are."""
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    return f"{', '.join(names[:_NAMED])}{more}"


def picture_files(path: Path) -> list[Path]:
    """The pictures of a folder in the order a person would count them (2 before 10); a picture file is its own list."""
    return _files_of(path, PICTURE_SUFFIXES) if path.is_dir() else [path]


def video_files(folder: Path) -> list[Path]:
    """The video files of a folder in counting order."""
    return _files_of(folder, VIDEO_SUFFIXES)


def _files_of(folder: Path, suffixes: frozenset[str]) -> list[Path]:
    found = [file for file in folder.iterdir() if file.suffix.lower() in suffixes and file.is_file()]
    return sorted((file for file in found if not file.name.startswith(".")), key=_counting_order)


def _counting_order(file: Path) -> tuple[list[tuple[int, str]], str]:
    parts = re.split(r"([0-9]+)", file.name)
    return [(len(part.lstrip("0")), part.lstrip("0")) if part.isdigit() else (0, part) for part in parts], file.name


def require_present(spec: SourceSpec) -> None:
    """Refuse a camera device that is not plugged in now: for commands that should not wait for it.

    Raises:
        BadInput: there is no such device. Only device files can be told without opening them.
    """
    device = Path(f"/dev/video{spec.where}") if spec.where.isdigit() else Path(spec.where)
    if sys.platform == "linux" and spec.kind is SourceKind.USB and not device.exists():
        raise BadInput(
            "There is no camera {label}: plug it in; `patrol-anpr cameras` lists what is there.", label=spec.label
        )
