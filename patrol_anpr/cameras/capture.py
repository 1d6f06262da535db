"""Sources that OpenCV opens: USB cameras, network streams and video files."""

import math
import sys
from collections import deque
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from patrol_anpr.cameras.container import promised_by
from patrol_anpr.cameras.ffmpeg import FileFrames, begin_of, patience, unconvertible
from patrol_anpr.cameras.opencv import cv2
from patrol_anpr.cameras.pictures import BadFrame, check_size
from patrol_anpr.cameras.source import CaptureWish, Granted, SourceEnded, SourceKind, SourceSpec
from patrol_anpr.domain.errors import BadInput, DeviceLost
from patrol_anpr.domain.plate import Pixels
from patrol_anpr.domain.sentences import sentence

_USUAL_FPS = 25.0
"""Frames a second of a file that does not tell: what European cameras record."""
_LONGEST_STEP_S = 5.0
"""From frame to frame: a longer one is no slow recording, but a jump (judged)."""
_TOLERATED = 0.1
"""Share of the promised seconds that may be missing: tracks of sound and pictures differ in length (judged)."""


class LiveCapture:
    """A USB camera, or a stream read by FFmpeg. `grab` blocks until a frame comes or the back-end gives up."""

    def __init__(self, spec: SourceSpec, wish: CaptureWish) -> None:
        self._label = spec.label
        self.media_time = 0.0
        self._stream = "" if spec.kind is SourceKind.USB else spec.where  # to be looked at once
        self._ahead: deque[NDArray[Any]] = deque()
        self._capture = _open_usb(spec, wish) if spec.kind is SourceKind.USB else _open_stream(spec)
        self.granted = _granted(self._capture)

    def grab(self) -> Pixels:
        """Wait for a frame; DeviceLost when the camera gives none."""
        try:
            if self._stream:
                self._look_ahead(self._stream)
            pixels = self._ahead.popleft() if self._ahead else self._captured()
        except cv2.error:  # a frame the back-end could not make sense of
            raise BadFrame("The camera {label} gave a frame that cannot be decoded.", label=self._label) from None
        if pixels is None:
            raise DeviceLost("The camera {label} stopped: check its plug and cable.", label=self._label)
        return _as_pixels(pixels, self._label)

    def _captured(self) -> NDArray[Any] | None:
        there, pixels = self._capture.read()
        return pixels if there else None

    def _look_ahead(self, stream: str) -> None:
        """Look once whether the pictures of a stream, which FFmpeg decodes, are what it sends."""
        self._stream = ""
        self._ahead.extend(begin_of(self._captured))
        if unconvertible(stream, list(self._ahead)):
            raise DeviceLost(
                "The camera at {label} sends interlaced video, of which no picture can be had: set it to progressive.",
                label=self._label,
            )

    def close(self) -> None:
        """Let go of the device."""
        self._capture.release()


class VideoFile:
    """A video file, frame by frame, none skipped."""

    def __init__(self, spec: SourceSpec) -> None:
        """Open it; BadInput (a sentence that names the file) where it cannot be played."""
        self._name = spec.label
        self._read = 0
        self._shown = 0.0  # the container's time of the last frame, in seconds
        self.media_time = 0.0
        try:
            self._promised = promised_by(Path(spec.where))
            self._frames = FileFrames(spec.where)
        except (BadFrame, BadInput) as error:
            raise BadInput("The video {name} cannot be played: {why}.", name=self._name, why=error) from error
        self.granted = _granted(self._frames.capture)
        if not 1.0 <= self.granted.fps <= 240.0:  # some files do not tell, or tell their time base
            self.granted = replace(self.granted, fps=_USUAL_FPS)

    def grab(self) -> Pixels:
        """Return the next frame; SourceEnded after the last, BadInput where the file breaks off before it."""
        try:
            pixels = self._frames.read()
            if pixels is not None:
                seen = _as_pixels(pixels, self._name)
                self._count()
                return seen
        except BadInput as error:
            raise BadInput("The video {name} cannot be read: {why}.", name=self._name, why=error) from error
        except (cv2.error, BadFrame) as error:
            raise BadInput(
                "The video {name} is damaged after frame {read}.", name=self._name, read=self._read
            ) from error
        if self._read == 0:
            raise BadInput("The video {name} cannot be played: no picture of it can be decoded.", name=self._name)
        if why := self._breaks_off():
            raise BadInput(
                "The video {name} breaks off: frame {read} was the last that could be read ({why}). "
                "Copy it again from the camera.",
                name=self._name,
                read=self._read,
                why=why,
            )
        raise SourceEnded

    def close(self) -> None:
        """Let go of the file."""
        self._frames.close()

    def _count(self) -> None:
        """Take the container's time of the frame just read, unless it jumps, as where recordings were joined."""
        shown = self._frames.shown_at
        if self._read:
            step = shown - self._shown
            self.media_time += step if 0.0 < step <= _LONGEST_STEP_S else 1 / self.granted.fps
        self._shown = shown
        self._read += 1

    def _breaks_off(self) -> str:
        """Why less was read than the file holds, or ""."""
        if missing := self._promised.missing:
            return sentence("{count} bytes of the file are missing", count=missing)
        seconds, played = self._promised.seconds, self.media_time + 1 / self.granted.fps
        if seconds is not None and played < seconds - max(1.0, _TOLERATED * seconds):
            return sentence("{played:.0f} of {seconds:.0f} seconds", played=played, seconds=seconds)
        return ""


def _open_usb(spec: SourceSpec, wish: CaptureWish) -> cv2.VideoCapture:
    number = int(spec.where) if spec.where.isdigit() else None
    if number is None and not Path(spec.where).exists():
        raise DeviceLost("There is no camera at {label}: plug it in, or choose another.", label=spec.label)
    for backend in _backends():
        capture = cv2.VideoCapture(spec.where if number is None else number, backend)
        if capture.isOpened():
            # The format comes first: without compression, few USB cameras grant the size and rate.
            capture.set(cv2.CAP_PROP_FOURCC, cv2.VideoWriter.fourcc(*wish.fourcc.ljust(4)[:4]))
            capture.set(cv2.CAP_PROP_FRAME_WIDTH, wish.width)
            capture.set(cv2.CAP_PROP_FRAME_HEIGHT, wish.height)
            capture.set(cv2.CAP_PROP_FPS, wish.fps)
            return capture
        capture.release()
    raise DeviceLost(
        "The camera {label} cannot be opened: plug it in, and close what else may be using it.", label=spec.label
    )


def _backends() -> tuple[int, ...]:
    if sys.platform == "win32":
        backends = (cv2.CAP_MSMF, cv2.CAP_DSHOW)
    elif sys.platform == "linux":
        backends = (cv2.CAP_V4L2,)
    else:
        backends = (cv2.CAP_ANY,)
    return backends


def _open_stream(spec: SourceSpec) -> cv2.VideoCapture:
    capture = cv2.VideoCapture(spec.where, cv2.CAP_FFMPEG, patience())
    if not capture.isOpened():
        capture.release()
        raise DeviceLost("The camera at {label} does not answer: check its address, power and cable.", label=spec.label)
    return capture


def _as_pixels(pixels: NDArray[Any], label: str) -> Pixels:
    """Make a decoded frame read-only; BadFrame when it is no colour picture or too large."""
    try:
        if pixels.ndim != 3 or pixels.shape[2] != 3 or pixels.dtype != np.uint8:
            raise BadFrame("it is no colour picture")
        check_size(pixels.shape[1], pixels.shape[0])
    except BadFrame as error:
        raise BadFrame("{label} gave a frame that cannot be used: {why}.", label=label, why=error.sentence) from error
    pixels.flags.writeable = False
    return pixels


def _granted(capture: cv2.VideoCapture) -> Granted:
    fps = capture.get(cv2.CAP_PROP_FPS)
    code = int(capture.get(cv2.CAP_PROP_FOURCC)) & 0xFFFFFFFF
    fourcc = code.to_bytes(4, "little").decode("ascii", "replace").strip("\0 ")
    return Granted(
        width=int(capture.get(cv2.CAP_PROP_FRAME_WIDTH)),
        height=int(capture.get(cv2.CAP_PROP_FRAME_HEIGHT)),
        fps=fps if math.isfinite(fps) and fps > 0 else 0.0,
        fourcc=fourcc if fourcc.isprintable() else "",
    )
