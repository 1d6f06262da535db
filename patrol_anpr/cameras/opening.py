"""Opening a source, whatever its kind."""

from collections.abc import Callable, Sequence
from pathlib import Path

from patrol_anpr.cameras.capture import LiveCapture, VideoFile
from patrol_anpr.cameras.http_camera import HttpCamera
from patrol_anpr.cameras.jpeg_feed import NotPictures
from patrol_anpr.cameras.pictures import BadFrame, read_picture
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
from patrol_anpr.cameras.upright import Upright
from patrol_anpr.domain.errors import BadInput, DeviceLost
from patrol_anpr.domain.plate import Pixels
from patrol_anpr.domain.rig import Turn

PICTURES_FPS = 10.0
"""Pictures of a folder are taken to be this many a second."""
_TOLD = 3
"""Losses that are told one by one when a folder is over (judged: what a lamp has room for)."""


class PictureFolder:
    """A folder of pictures in counting order, or one picture. The size granted is that of the first readable one."""

    def __init__(self, files: Sequence[Path], fps: float = PICTURES_FPS) -> None:
        self._files = iter(files)
        self._losses = _Losses(len(files), "frames could not be read.")
        self._number = -1
        self.granted = Granted(0, 0, fps, "")

    @property
    def media_time(self) -> float:
        """See FrameSource."""
        return max(0, self._number) / self.granted.fps

    def grab(self) -> Pixels:
        """Return the next picture; BadFrame (naming it) when it cannot be read, SourceEnded after the last."""
        try:
            file = next(self._files)
        except StopIteration:
            raise SourceEnded(self._losses.sum()) from None
        self._number += 1
        try:
            pixels = read_picture(file)
        except BadFrame as error:
            self._losses.add(error.sentence)
            raise
        if not self.granted.width:
            self.granted = Granted(pixels.shape[1], pixels.shape[0], self.granted.fps, "")
        return pixels

    def close(self) -> None:
        """Nothing is held open."""


class VideoFolder:
    """A folder of video files, as dashcams leave them on their card: one after the other, in counting order.

    A clip that cannot be read, or breaks off, is named and the next one plays. `granted` is that of the newest clip.
    """

    def __init__(self, files: Sequence[Path]) -> None:
        self._files = iter(files)
        self._losses = _Losses(len(files), "clips could not be read whole:")
        self._playing: VideoFile | None = None
        self._before = 0.0  # media seconds of the clips that are over
        self.granted = Granted(0, 0, 0.0, "")

    @property
    def media_time(self) -> float:
        """See FrameSource."""
        return self._before + (self._playing.media_time if self._playing else 0.0)

    def grab(self) -> Pixels:
        """Return the next frame; BadFrame (naming the clip) where one breaks off, SourceEnded after the last clip."""
        while True:
            try:
                playing = self._playing = self._playing or self._next()
                return playing.grab()
            except SourceEnded:
                if self._playing is None:
                    raise
                self.close()
            except BadInput as error:
                self._losses.add(error.sentence)
                self.close()
                raise BadFrame(error.sentence) from error

    def close(self) -> None:
        """Let go of the file that is playing."""
        if self._playing is not None:
            self._before += self._playing.media_time + 1 / self._playing.granted.fps
            self._playing.close()
            self._playing = None

    def _next(self) -> VideoFile:
        for file in self._files:
            playing = VideoFile(SourceSpec(SourceKind.VIDEO, str(file), str(file)))
            self.granted = playing.granted
            return playing
        raise SourceEnded(self._losses.sum())


class _Losses:
    """What of a folder could not be read, and the sentence that sums it up."""

    def __init__(self, total: int, what: str) -> None:
        self._total, self._what = total, what
        self._sentences: list[str] = []

    def add(self, sentence: str) -> None:
        self._sentences.append(sentence)

    def sum(self) -> str:
        lost = len(self._sentences)
        more = " ..." if lost > _TOLD else ""
        return f"{lost} of {self._total} {self._what} {' '.join(self._sentences[:_TOLD])}{more}" if lost else ""


def open_source(spec: SourceSpec, wish: CaptureWish, turn: Callable[[], Turn] | None = None) -> FrameSource:
    """Open a source, its pictures turned upright; blocks for some seconds where a camera does not answer.

    `turn` is asked for each picture, where the turn of the wish may change.

    Raises:
        DeviceLost: the camera is not there, is in use, or does not answer. It may come back.
        BadInput: the file cannot be played.
    """
    return Upright(_open_as_it_is(spec, wish), turn or (lambda: wish.turn))


def _open_as_it_is(spec: SourceSpec, wish: CaptureWish) -> FrameSource:
    if not spec.live:
        return _open_files(spec)
    if spec.where.lower().startswith("http"):
        return _open_http(spec, wish)
    return LiveCapture(spec, wish)


def _open_files(spec: SourceSpec) -> FrameSource:
    path = Path(spec.where)
    try:
        if spec.kind is SourceKind.PICTURES:
            return PictureFolder(picture_files(path))
        return VideoFolder(video_files(path)) if path.is_dir() else VideoFile(spec)
    except OSError as error:
        raise BadInput(
            "The folder {label} cannot be opened: {why}.", label=spec.label, why=error.strerror or error
        ) from error


def _open_http(spec: SourceSpec, wish: CaptureWish) -> FrameSource:
    try:
        return HttpCamera(spec)
    except NotPictures as other:
        try:
            return LiveCapture(spec, wish)
        except DeviceLost:
            raise other from None
