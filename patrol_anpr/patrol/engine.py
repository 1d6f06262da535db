"""Cameras and the recogniser as running threads, and the newest pictures for the screen."""

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from patrol_anpr.cameras.asked import AskedCamera, EveryFrame
from patrol_anpr.cameras.camera import Camera
from patrol_anpr.cameras.motion import PictureMotion
from patrol_anpr.cameras.source import CaptureWish, SourceSpec
from patrol_anpr.domain.clock import Clock
from patrol_anpr.domain.coverage import Tally
from patrol_anpr.domain.events import PlateSeen
from patrol_anpr.domain.health import CameraState, CameraStatus, Lamp, LampState
from patrol_anpr.domain.live import LiveFrame
from patrol_anpr.domain.plate import Frame
from patrol_anpr.domain.read import Evidence, Read
from patrol_anpr.domain.rig import Rig
from patrol_anpr.domain.sentences import sentence
from patrol_anpr.plumbing.ending import end_all
from patrol_anpr.plumbing.mailbox import Latest
from patrol_anpr.reading.feed import NewestFrames
from patrol_anpr.reading.thread import STOP_SECONDS, ReadingListeners, RecogniserThread, Recognising, Step

HANGING_SECONDS = 5.0
"""A step of reading that takes this long is told: nobody may take the silence for "no hits"."""
HANGS = Lamp("reading", LampState.BAD, "Not reading", "Reading hangs. Close the program and start it again.")
READS = Lamp("reading", LampState.GOOD, "Reading")
LOOK_SECONDS = 2.0
"""Between two looks at a step no more than this counts: what is longer the whole computer slept, not the reader."""
SWAP_SECONDS = 3.0
"""So long cameras that are swapped may take to end."""
_OVER = (CameraState.ENDED, CameraState.LOST)


@dataclass(frozen=True, slots=True)
class CameraPlan:
    """A camera to run: its id, where its frames come from, and what to ask of it.

    `field_of_view` is what its lens sees across, in degrees; 0 where that is not known.
    """

    camera_id: str
    spec: SourceSpec
    wish: CaptureWish
    field_of_view: float = 0.0


@dataclass(frozen=True, slots=True)
class EngineListeners:
    """Whom the engine tells; called on its threads."""

    on_read: Callable[[Read, Evidence], object]
    on_camera: Callable[[CameraStatus], object]
    on_lamp: Callable[[Lamp], object]
    on_frame: Callable[[Frame], object] = lambda _: None


class Reading(Recognising, Protocol):
    """reading.Recogniser, as it is driven and as it is asked and told of the cameras."""

    def tally(self, camera_id: str) -> Tally:
        """What became of a camera's frames since the start."""
        ...

    def use_rigs(self, rigs: Mapping[str, Rig]) -> None:
        """Take how the cameras are set up; where the Rig of one is another object its tracks end."""
        ...


class _HasStatus(Protocol):
    @property
    def status(self) -> CameraStatus: ...


class Engine:
    """Every camera of the car with one recogniser. Satisfies ports.Service and eyes.Eyes.

    Cameras run from `open` to their end, so that the start check can show them; frames are read during a shift only,
    from `start` at sign-on to `stop` at sign-off.
    Files have nothing to show before and would be over by then: each shift plays them from the beginning. They play at
    their own rate, as a camera would; with `every_frame` they wait to be asked, and none of their frames is skipped.

    `reads` is the lamp while frames are read: another than green where the reader is not all it should be.
    """

    def __init__(
        self,
        plans: Sequence[CameraPlan],
        recogniser: Reading,
        clock: Clock,
        tell: EngineListeners,
        *,
        every_frame: bool = False,
        reads: Lamp = READS,
    ) -> None:
        self._tell = tell
        self._clock = clock
        self._recogniser = recogniser
        self._reads = reads
        self._plans = {plan.camera_id: plan for plan in plans}
        self._asks = every_frame and not any(plan.spec.live for plan in plans)
        self._rigs = dict(self.default_rigs)
        self._slots = {plan.camera_id: Latest[Frame]() for plan in plans}
        self._live = {plan.camera_id: Latest[LiveFrame]() for plan in plans}
        self._motion = {plan.camera_id: PictureMotion() for plan in plans}
        self._cameras: dict[str, Camera] = {}
        self._asked: EveryFrame | None = None
        self._status_of: dict[str, _HasStatus] = {}
        self._lock = threading.RLock()  # over starting and wanting to; never held while something is waited for
        self._thread: RecogniserThread | None = None
        self._wanted = False
        self._watched: tuple[Step | None, float, float] = (None, 0.0, 0.0)
        self._done = threading.Condition()
        self._states = dict.fromkeys(self._slots, CameraState.STARTING)

    @property
    def live(self) -> Mapping[str, Latest[LiveFrame]]:
        """A mailbox with the newest frame for the screen, for each camera."""
        return self._live

    @property
    def statuses(self) -> Sequence[CameraStatus]:
        """What each camera reports of itself now."""
        return [camera.status for camera in self._status_of.values()]

    def tally(self, camera_id: str) -> Tally:
        """What became of a camera's frames since the start. A reader that has no models has read none of them."""
        tally = self._recogniser.tally(camera_id)
        return tally if self._reads.state is not LampState.BAD else replace(tally, frames=0)

    def field_of_view(self, camera_id: str) -> float:
        """What a camera's lens sees across, in degrees; 0 where that is not known."""
        return self._plans[camera_id].field_of_view

    @property
    def rigs(self) -> Mapping[str, Rig]:
        """How each camera is set up."""
        with self._lock:
            return dict(self._rigs)

    @property
    def default_rigs(self) -> Mapping[str, Rig]:
        """How the settings set each camera up."""
        return {camera_id: Rig(plan.wish.turn) for camera_id, plan in self._plans.items()}

    def set_up(self, camera_id: str, rig: Rig) -> None:
        """Set a camera up otherwise, from its next frame on."""
        with self._lock:
            self._rigs[camera_id] = rig
            camera = self._cameras.get(camera_id)
            if camera is not None:
                camera.turn(rig.turn)
            self._recogniser.use_rigs(self._rigs)

    def swap(self, one: str, other: str) -> None:
        """Exchange what two cameras look at, with how they are set up. Waits, about a second, until both begin anew."""
        ran = [self._cameras[name] for name in (one, other) if name in self._cameras]
        end_all({f"camera {number}": camera.stop for number, camera in enumerate(ran)}, SWAP_SECONDS)
        with self._lock:
            plans, rigs = self._plans, self._rigs
            plans[one], plans[other] = replace(plans[other], camera_id=one), replace(plans[one], camera_id=other)
            # Other objects, so that no track goes on from what one camera saw to what the other sees.
            rigs[one], rigs[other] = replace(rigs[other]), replace(rigs[one])
            self._recogniser.use_rigs(rigs)
            for name in (one, other):
                self._slots[name].take()
                if name in self._cameras:
                    self._begin_one(plans[name])

    def open_anew(self) -> None:
        """End each camera that runs and begin it anew: a capture that the computer slept over may give old pictures.

        Waits for their ends, side by side, as `swap` does.
        """
        with self._lock:
            ran = {name: camera for name, camera in self._cameras.items() if self._plans[name].spec.live}
        end_all({f"camera {name}": camera.stop for name, camera in ran.items()}, SWAP_SECONDS)
        with self._lock:
            for name, camera in ran.items():
                if self._cameras.get(name) is camera:  # else somebody swapped it meanwhile
                    self._slots[name].take()
                    self._begin_one(self._plans[name])

    def picture_moves(self) -> bool:
        """Whether the pictures of a camera show that the car moves; False too where they show nothing."""
        now = self._clock.monotonic()
        return any(motion.moves(now) for motion in self._motion.values())

    def open(self) -> None:
        """Start the cameras."""
        self._begin(live=True)

    def ends(self, deadline: float) -> Mapping[str, Callable[[], object]]:
        """The end of reading and of each camera, by name, for `end_all`: each comes back by itself or hangs.

        False is what reading answers that hung and was left behind after `deadline` seconds.
        """
        self._unwant()
        ends: dict[str, Callable[[], object]] = {f"camera {name}": one.stop for name, one in self._cameras.items()}
        return ends | {"reading": lambda: self._end_reading(deadline)}

    def start(self) -> None:
        """Start reading, and the files. A thread that still hangs from before has the recogniser: it stays a lamp.

        As soon as that one has ended after all, `tend` starts reading.
        """
        with self._lock:
            self._wanted = True
            if self._thread is None or not self._thread.running:
                self._start()

    def _start(self) -> None:
        if self._asks:
            cameras = [
                AskedCamera(name, plan.spec, self._clock, self._camera_changed, self._turned(plan))
                for name, plan in self._plans.items()
            ]
            self._status_of.update((camera.camera_id, camera) for camera in cameras)
            self._states = dict.fromkeys(self._slots, CameraState.STARTING)
            self._asked = EveryFrame(cameras, self._clock)
        tell = ReadingListeners(self._tell.on_read, self._show, self._reading_failed, self._tell.on_frame)
        self._thread = RecogniserThread(self._recogniser, self._asked or NewestFrames(self._slots), tell, self._clock)
        self._thread.start()
        if not self._asks:
            self._begin(live=False)

    def stop(self, deadline: float = STOP_SECONDS) -> bool:
        """Stop the files and reading; vehicles in view become their Reads first.

        False when reading had not ended after `deadline` seconds and was left behind.
        """
        self._unwant()
        files = [camera for name, camera in self._cameras.items() if not self._plans[name].spec.live]
        end_all({f"file {number}": file.stop for number, file in enumerate(files)}, deadline)
        return self._end_reading(deadline)

    def _unwant(self) -> None:
        with self._lock:
            self._wanted = False

    def _end_reading(self, deadline: float) -> bool:
        return self._has_ended(self._thread is None or self._thread.stop(deadline))

    def outlast(self, patience: float) -> bool:
        """Wait on for reading that had not ended: True once it has, False when it hangs for `patience` seconds."""
        return self._has_ended(self._thread is None or self._thread.outlast(patience))

    def _has_ended(self, ended: bool) -> bool:
        if ended and self._asked is not None:
            self._asked.close()
        return ended

    def tend(self) -> Lamp | None:
        """A probe for the health thread: the lamp of a recogniser that hangs, else None. A frame read makes it good.

        Judged by the time this process really ran: a laptop that slept has no reader that hangs. One that was left
        behind at the end of a shift and has ended since is begun again for the shift under way.
        """
        with self._lock:
            thread, now = self._thread, self._clock.monotonic()
            if thread is None:
                return None
            if self._wanted and not thread.running:
                self._start()
        step = thread.step
        watched, looked, seconds = self._watched
        seconds = seconds + min(now - looked, LOOK_SECONDS) if step is not None and step == watched else 0.0
        self._watched = step, now, seconds
        return HANGS if seconds >= HANGING_SECONDS else None

    def seconds_since(self, read: Read) -> float:
        """How long ago its plate was last in view, by media time where files are read faster than they play."""
        now = self._asked.now() if self._asked is not None else self._clock.utc()
        return max(0.0, (now - read.last_seen).total_seconds())

    @property
    def problems(self) -> Sequence[str]:
        """What could not be read of the files, a sentence each."""
        files = [status for status in self.statuses if not self._plans[status.camera_id].spec.live]
        return [status.detail for status in files if status.detail]

    def wait_ended(self, timeout: float) -> bool:
        """Wait until every camera is a file that is over; False when `timeout` seconds passed first."""
        with self._done:
            return self._done.wait_for(lambda: all(map(self._is_over, self._states)), timeout)

    def _begin(self, *, live: bool) -> None:
        for plan in self._plans.values():
            if plan.spec.live is live:
                self._begin_one(plan)

    def _begin_one(self, plan: CameraPlan) -> None:
        name = plan.camera_id
        self._states[name] = CameraState.STARTING
        camera = Camera(name, plan.spec, self._turned(plan), self._clock, self._slots[name], self._camera_changed)
        self._cameras[name] = self._status_of[name] = camera
        camera.start()

    def _turned(self, plan: CameraPlan) -> CaptureWish:
        return replace(plan.wish, turn=self._rigs[plan.camera_id].turn)

    def _is_over(self, camera_id: str) -> bool:
        """A file that cannot be played is over; a camera that is lost is tried again."""
        return self._states[camera_id] in _OVER and not self._plans[camera_id].spec.live

    def _camera_changed(self, status: CameraStatus) -> None:
        self._tell.on_camera(status)
        with self._done:
            self._states[status.camera_id] = status.state
            self._done.notify_all()

    def _show(self, frame: Frame, plates: Sequence[PlateSeen]) -> None:
        self._motion[frame.camera_id].look(frame.pixels, frame.at_monotonic)
        status = self._status_of[frame.camera_id].status
        share = 1 - status.skipped / status.offered if status.offered else 1.0
        live = LiveFrame(
            frame.camera_id, frame.pixels, tuple(plates), status.fps, status.fps * share, frame.at_monotonic
        )
        self._live[frame.camera_id].put(live)
        self._tell.on_lamp(self._reads)

    def _reading_failed(self, error: BaseException) -> None:
        advice = sentence(
            "Plates may be missed. Sign off and on again; if it stays, tell IT. ({kind})", kind=type(error).__name__
        )
        self._tell.on_lamp(Lamp("reading", LampState.BAD, "Not reading", advice))
