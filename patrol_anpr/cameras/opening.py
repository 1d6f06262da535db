"""Opening a source, whatever its kind."""

from collections.abc import Sequence
from pathlib import Path

from patrol_anpr.cameras.capture import LiveCapture, VideoFile
from patrol_anpr.cameras.http_camera import HttpCamera
from patrol_anpr.cameras.jpeg_feed import NotPictures
from patrol_anpr.cameras.pictures import read_picture
from patrol_anpr.cameras.source import (
    CaptureWish,
    FrameSource,
    Granted,
    SourceEnded,
    SourceKind,
    SourceSpec,
    picture_files,
    video_files,
)
from patrol_anpr.domain.errors import BadInput, DeviceLost
from patrol_anpr.domain.plate import Pixels

PICTURES_FPS = 10.0
"""Pictures of a folder are taken to be this many a second."""


class PictureFolder:
    """A folder of pictures in counting order, or one picture. The size granted is that of the first readable one."""

    def __init__(self, files: Sequence[Path], fps: float = PICTURES_FPS) -> None:
        self._files = iter(files)
        self.granted = Granted(0, 0, fps, "")

    def grab(self) -> Pixels:
        """Return the next picture; BadFrame (naming it) when it cannot be read, SourceEnded after the last."""
        try:
            pixels = read_picture(next(self._files))
        except StopIteration:
            raise SourceEnded from None
        if not self.granted.width:
            self.granted = Granted(pixels.shape[1], pixels.shape[0], self.granted.fps, "")
        return pixels

    def close(self) -> None:
        """Nothing is held open."""


class VideoFolder:
    """A folder of video files, as dashcams leave them on their card: one after the other, in counting order.

    `granted` is that of the first; clips of one camera have one rate.
    """

    def __init__(self, files: Sequence[Path]) -> None:
        self._files = iter(files)
        self._playing = self._next()
        self.granted = self._playing.granted

    def grab(self) -> Pixels:
        """Return the next frame; SourceEnded after the last of the last file, BadInput where a file breaks off."""
        while True:
            try:
                return self._playing.grab()
            except SourceEnded:
                self._playing.close()
                self._playing = self._next()

    def close(self) -> None:
        """Let go of the file that is playing."""
        self._playing.close()

    def _next(self) -> VideoFile:
        for file in self._files:
            return VideoFile(SourceSpec(SourceKind.VIDEO, str(file), str(file)))
        raise SourceEnded


def open_source(spec: SourceSpec, wish: CaptureWish) -> FrameSource:
    """Open a source; blocks for some seconds where a camera does not answer.

    Raises:
        DeviceLost: the camera is not there, is in use, or does not answer. It may come back.
        BadInput: the file cannot be played.
    """
    if spec.kind is SourceKind.PICTURES:
        try:
            return PictureFolder(picture_files(Path(spec.where)))
        except OSError as error:
            raise BadInput(f"The folder {spec.label} cannot be opened: {error.strerror or error}.") from error
    if spec.kind is SourceKind.VIDEO:
        path = Path(spec.where)
        return VideoFolder(video_files(path)) if path.is_dir() else VideoFile(spec)
    if spec.where.lower().startswith("http"):
        return _open_http(spec, wish)
    return LiveCapture(spec, wish)


def _open_http(spec: SourceSpec, wish: CaptureWish) -> FrameSource:
    try:
        return HttpCamera(spec)
    except NotPictures as other:
        try:
            return LiveCapture(spec, wish)
        except DeviceLost:
            raise other from None
