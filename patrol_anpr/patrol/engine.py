"""Cameras and the recogniser as running threads, and the newest pictures for the screen."""

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from patrol_anpr.cameras.camera import Camera
from patrol_anpr.cameras.source import CaptureWish, SourceSpec
from patrol_anpr.domain.clock import Clock
from patrol_anpr.domain.events import PlateSeen
from patrol_anpr.domain.health import CameraState, CameraStatus, Lamp, LampState
from patrol_anpr.domain.live import LiveFrame
from patrol_anpr.domain.plate import Frame
from patrol_anpr.domain.read import Evidence, Read
from patrol_anpr.plumbing.mailbox import Latest
from patrol_anpr.reading.recogniser import Recogniser
from patrol_anpr.reading.thread import RecogniserThread

HANGING_SECONDS = 5.0
"""A step of reading that takes this long is told: nobody may take the silence for "no hits"."""
HANGS = Lamp("reading", LampState.BAD, "Not reading", "Reading hangs. Close the program and start it again.")


@dataclass(frozen=True, slots=True)
class CameraPlan:
    """A camera to run: its id, where its frames come from, and what to ask of it."""

    camera_id: str
    spec: SourceSpec
    wish: CaptureWish


@dataclass(frozen=True, slots=True)
class EngineListeners:
    """Whom the engine tells; called on its threads."""

    on_read: Callable[[Read, Evidence], None]
    on_camera: Callable[[CameraStatus], None]
    on_lamp: Callable[[Lamp], None]


class Engine:
    """Every camera of the car with one recogniser. Satisfies ports.Service: `start` at sign-on, `stop` at sign-off.

    Cameras run from `open` to `close`, so that the start check can show them; frames are read during a shift only.
    Files have nothing to show before and would be over by then: each shift plays them from the beginning.
    """

    def __init__(
        self, plans: Sequence[CameraPlan], recogniser: Recogniser, clock: Clock, tell: EngineListeners
    ) -> None:
        self._tell = tell
        self._clock = clock
        self._recogniser = recogniser
        self._plans = {plan.camera_id: plan for plan in plans}
        self._slots = {plan.camera_id: Latest[Frame]() for plan in plans}
        self._live = {plan.camera_id: Latest[LiveFrame]() for plan in plans}
        self._cameras: dict[str, Camera] = {}
        self._thread: RecogniserThread | None = None
        self._done = threading.Condition()
        self._states = dict.fromkeys(self._slots, CameraState.STARTING)

    @property
    def live(self) -> Mapping[str, Latest[LiveFrame]]:
        """A mailbox with the newest frame for the screen, for each camera."""
        return self._live

    @property
    def statuses(self) -> Sequence[CameraStatus]:
        """What each camera reports of itself now."""
        return [camera.status for camera in self._cameras.values()]

    def open(self) -> None:
        """Start the cameras."""
        self._begin(live=True)

    def close(self) -> None:
        """Stop reading, then the cameras."""
        self.stop()
        self._end(live=True)

    def start(self) -> None:
        """Start reading, and the files; a thread that still hangs from before has the recogniser, and stays a lamp."""
        if self._thread is None or self._thread.stop():
            self._thread = RecogniserThread(
                self._recogniser, self._slots, self._tell.on_read, self._show, self._reading_failed, self._clock
            )
            self._thread.start()
        self._begin(live=False)

    def stop(self) -> None:
        """Stop the files and reading; vehicles in view become their Reads first."""
        self._end(live=False)
        if self._thread is not None and self._thread.stop():
            self._thread = None

    def hanging(self) -> Lamp | None:
        """A probe for the health thread: the lamp of a recogniser that hangs, else None. A frame read makes it good."""
        thread = self._thread
        return HANGS if thread is not None and thread.busy_seconds > HANGING_SECONDS else None

    def _begin(self, *, live: bool) -> None:
        for plan in self._plans.values():
            if plan.spec.live is live:
                self._states[plan.camera_id] = CameraState.STARTING
                self._cameras[plan.camera_id] = camera = Camera(
                    plan.camera_id, plan.spec, plan.wish, self._clock, self._slots[plan.camera_id], self._camera_changed
                )
                camera.start()

    def _end(self, *, live: bool) -> None:
        for camera_id, camera in self._cameras.items():
            if self._plans[camera_id].spec.live is live:
                camera.stop()

    def wait_ended(self, timeout: float) -> bool:
        """Wait until every camera is a file that is over; False when `timeout` seconds passed first."""
        with self._done:
            return self._done.wait_for(lambda: all(map(self._is_over, self._states)), timeout)

    def _is_over(self, camera_id: str) -> bool:
        """A file that cannot be played is over; a camera that is lost is tried again."""
        state = self._states[camera_id]
        return state is CameraState.ENDED or (state is CameraState.LOST and not self._plans[camera_id].spec.live)

    def _camera_changed(self, status: CameraStatus) -> None:
        self._tell.on_camera(status)
        with self._done:
            self._states[status.camera_id] = status.state
            self._done.notify_all()

    def _show(self, camera_id: str, frame: Frame, plates: Sequence[PlateSeen]) -> None:
        status = self._cameras[camera_id].status
        share = 1 - status.skipped / status.offered if status.offered else 1.0
        self._live[camera_id].put(LiveFrame(camera_id, frame.pixels, tuple(plates), status.fps, status.fps * share))
        self._tell.on_lamp(Lamp("reading", LampState.GOOD, "Reading"))

    def _reading_failed(self, error: Exception) -> None:
        advice = "Plates may be missed. Sign off and on again; if it stays, tell IT."
        self._tell.on_lamp(Lamp("reading", LampState.BAD, "Not reading", f"{advice} ({type(error).__name__})"))
