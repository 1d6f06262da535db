"""Files and folders as cameras that wait to be asked: every frame, in the order of their time, the same each time."""

import logging
import threading
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from patrol_anpr.cameras.playback import frames
from patrol_anpr.cameras.source import CaptureWish, SourceSpec
from patrol_anpr.domain.clock import Clock
from patrol_anpr.domain.errors import KnownError
from patrol_anpr.domain.health import CameraState, CameraStatus
from patrol_anpr.domain.plate import Frame

_log = logging.getLogger(__name__)


class AskedCamera:
    """A file or folder that gives its next frame when it is asked for it, on the thread that asks.

    Its states are those of a Camera: SEEN, GAPS after a part that could not be read, and at the end ENDED, or LOST when
    nothing of it could be played.
    `on_status` is called at each change.
    """

    def __init__(
        self,
        camera_id: str,
        spec: SourceSpec,
        clock: Clock,
        on_status: Callable[[CameraStatus], None],
        wish: CaptureWish | None = None,
    ) -> None:
        self.camera_id = camera_id
        self._frames = frames(spec, camera_id, clock, self._lost, wish)
        self._on_status = on_status
        self._status = CameraStatus(camera_id, CameraState.STARTING)
        self.problem: KnownError | None = None

    @property
    def status(self) -> CameraStatus:
        """The state now, with the number of frames so far; none is ever skipped."""
        return self._status

    def next(self) -> Frame | None:
        """Read the next frame; None when the file is over. Blocks while it reads."""
        try:
            frame = next(self._frames, None)
        except KnownError as error:
            self.problem = error
            self._show(CameraState.ENDED if self._status.offered else CameraState.LOST, error.sentence)
            return None
        except Exception:
            _log.exception("the file of camera %s failed", self.camera_id)
            self._show(CameraState.LOST, "The program failed while it read this file: start it again.")
            raise
        if frame is None:
            self._show(CameraState.ENDED)
            return None
        self._status = replace(self._status, offered=self._status.offered + 1)
        if not self._status.width:
            width, height = frame.size
            self._status = replace(self._status, width=width, height=height)
        if self._status.state is CameraState.STARTING:
            self._show(CameraState.SEEN)
        return frame

    def close(self) -> None:
        """Let go of the file."""
        self._frames.close()

    def _lost(self, loss: str) -> None:
        self._show(CameraState.GAPS, loss)

    def _show(self, state: CameraState, detail: str = "") -> None:
        self._status = replace(self._status, state=state, detail=detail)
        self._on_status(self._status)


class EveryFrame:
    """The frames of several files, none skipped, in the order of their media time; satisfies reading's Feed.

    Whoever asks sets the pace. Used by one thread.
    """

    paced = False

    def __init__(self, cameras: Sequence[AskedCamera], clock: Clock) -> None:
        self._cameras = tuple(cameras)
        self._clock = clock
        self._ahead: dict[AskedCamera, Frame | None] = {}
        self._over: list[str] = []
        self._given: tuple[datetime, float] | None = None
        self._wake: threading.Event | None = None

    @property
    def cameras(self) -> Collection[str]:
        """The ids of the cameras."""
        return tuple(camera.camera_id for camera in self._cameras)

    def round(self) -> Iterator[Frame]:
        """The next frame of all; none when every file is over."""
        for camera in self._cameras:
            if camera not in self._ahead:
                self._ahead[camera] = None  # over, unless it has another
                self._ahead[camera] = camera.next()
                if self._ahead[camera] is None:
                    self._over.append(camera.camera_id)
        ready = [(camera, frame) for camera, frame in self._ahead.items() if frame is not None]
        if not ready:
            return
        camera, frame = min(ready, key=lambda pair: pair[1].at_monotonic)
        del self._ahead[camera]
        self._given = frame.at_utc, self._clock.monotonic()
        yield frame

    def over(self) -> Collection[str]:
        """The cameras whose file has ended since this was last asked."""
        over, self._over = self._over, []
        return over

    def wake_with(self, event: threading.Event) -> None:
        """Nothing: a file is never waited for."""

    def now(self) -> datetime:
        """The media time now: that of the newest frame, and as much later as that was asked for ago."""
        if self._given is None:
            return self._clock.utc()
        shown_at, asked_at = self._given
        return shown_at + timedelta(seconds=self._clock.monotonic() - asked_at)

    def close(self) -> None:
        """Let go of all files."""
        for camera in self._cameras:
            camera.close()
