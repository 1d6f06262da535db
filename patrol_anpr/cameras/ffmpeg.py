"""The frames of a video file, of an interlaced one too.

Of a frame that is marked as interlaced OpenCV (seen in 4.13 and 5.0) says that all went well, and gives zeros or what
was in that memory before: always the same picture. The program ffmpeg, where it is installed, reads such a file then.
"""

import shutil
import subprocess
from collections import deque
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from patrol_anpr.cameras.opencv import cv2
from patrol_anpr.cameras.pictures import BadFrame, check_size
from patrol_anpr.domain.errors import BadInput
from patrol_anpr.plumbing.processes import NO_WINDOW

STREAM_TIMEOUT_MS = 4000
"""FFmpeg gives up opening or reading after this; longer than the camera's patience, which tells first."""
_LOOKED_AT = 5
"""Frames: one differs from the first by then, unless the picture stands still."""
_STEP = 8
"""Every eighth pixel in both directions is enough to compare two pictures."""
_PIXELS_A_BYTE = 500
"""A coded frame with more bytes than one for so many pixels shows something else than the frame before (judged)."""


class FileFrames:
    """Reads the frames of a video file one after the other.

    `shown_at` is the container's time of the frame read last, in seconds, where it tells.
    """

    def __init__(self, where: str) -> None:
        """Open it; BadFrame (a clause without a subject) where it is no video."""
        self._where = where
        self.capture = _open(where)
        self.shown_at = 0.0
        self._ahead: deque[tuple[NDArray[Any], float]] = deque()
        self._program: _Program | None = None
        self._begun = False

    def read(self) -> NDArray[Any] | None:
        """Return the next frame; None when there is no more.

        Raises:
            cv2.error: the frame makes no sense.
            BadInput: the file is interlaced, and nothing here can read it (a clause without a subject).
        """
        if not self._begun:
            self._begun = True
            self._look_ahead()
        if self._ahead:
            pixels, self.shown_at = self._ahead.popleft()
            return pixels
        return self._program.read() if self._program else self._captured()

    def close(self) -> None:
        """Let go of the file."""
        self.capture.release()
        if self._program:
            self._program.close()

    def _captured(self) -> NDArray[Any] | None:
        there, pixels = self.capture.read()
        self.shown_at = self.capture.get(cv2.CAP_PROP_POS_MSEC) / 1000
        return pixels if there else None

    def _look_ahead(self) -> None:
        """Read until the picture moves; where it stands still although the file goes on, take the other program."""
        times: list[float] = []

        def timed() -> NDArray[Any] | None:
            pixels = self._captured()
            times.append(self.shown_at)
            return pixels

        begin = begin_of(timed)
        if unconvertible(self._where, begin):
            height, width = begin[0].shape[:2]
            self._program = _Program(self._where, width, height)
        else:
            self._ahead.extend(zip(begin, times, strict=False))


def patience() -> list[int]:
    """The parameters of a VideoCapture that let FFmpeg wait no longer than STREAM_TIMEOUT_MS; it would take 30 s."""
    return [cv2.CAP_PROP_OPEN_TIMEOUT_MSEC, STREAM_TIMEOUT_MS, cv2.CAP_PROP_READ_TIMEOUT_MSEC, STREAM_TIMEOUT_MS]


def begin_of(read: Callable[[], NDArray[Any] | None]) -> list[NDArray[Any]]:
    """Read frames until one differs from the first, or there are enough to say that the picture stands still."""
    begin: list[NDArray[Any]] = []
    while len(begin) < _LOOKED_AT and (pixels := read()) is not None:
        begin.append(pixels)
        if _differ(begin[0], pixels):
            break
    return begin


def _differ(one: NDArray[Any], other: NDArray[Any]) -> bool:
    return not np.array_equal(one[::_STEP, ::_STEP], other[::_STEP, ::_STEP])


def unconvertible(where: str, begin: list[NDArray[Any]]) -> bool:
    """Whether the picture stands still in `begin` although the frames as they are coded go on: nothing is decoded."""
    if len(begin) < _LOOKED_AT or _differ(begin[0], begin[-1]):
        return False
    capture = cv2.VideoCapture(where, cv2.CAP_FFMPEG, [cv2.CAP_PROP_FORMAT, -1, *patience()])
    try:
        coded = [capture.read()[1] for _ in range(_LOOKED_AT)]
    finally:
        capture.release()
    least = begin[0].shape[0] * begin[0].shape[1] / _PIXELS_A_BYTE
    return len({one.size for one in coded[1:] if one is not None and one.size > least}) > 1


def _open(where: str) -> cv2.VideoCapture:
    try:
        capture = cv2.VideoCapture(where, cv2.CAP_FFMPEG)
    except cv2.error:
        raise BadFrame("it is damaged or not a video") from None
    try:
        if not capture.isOpened():
            raise BadFrame("it is damaged or not a video")
        check_size(int(capture.get(cv2.CAP_PROP_FRAME_WIDTH)), int(capture.get(cv2.CAP_PROP_FRAME_HEIGHT)))
    except BadFrame:
        capture.release()
        raise
    return capture


class _Program:
    """The program ffmpeg, which weaves the two fields of each frame together where nothing moves."""

    def __init__(self, where: str, width: int, height: int) -> None:
        program = shutil.which("ffmpeg")
        if program is None:
            raise BadInput("it is interlaced, which needs the program ffmpeg: install it")
        self._shape = (height, width, 3)
        command = [program, "-nostdin", "-loglevel", "quiet", "-i", f"file:{where}", "-map", "0:v:0"]
        command += ["-vf", f"yadif,scale={width}:{height}", "-fps_mode", "passthrough"]
        command += ["-f", "rawvideo", "-pix_fmt", "bgr24", "pipe:1"]
        self._process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, creationflags=NO_WINDOW
        )

    def read(self) -> NDArray[Any] | None:
        wanted = int(np.prod(self._shape))
        assert self._process.stdout  # for mypy: it was asked for
        content = self._process.stdout.read(wanted)
        return np.frombuffer(bytearray(content), np.uint8).reshape(self._shape) if len(content) == wanted else None

    def close(self) -> None:
        self._process.kill()
        self._process.communicate()
