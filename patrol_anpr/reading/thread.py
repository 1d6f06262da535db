"""The thread that owns the Recogniser and serves all cameras."""

import logging
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import ParamSpec, Protocol, TypeVar

from patrol_anpr.domain.clock import Clock
from patrol_anpr.domain.events import PlateSeen
from patrol_anpr.domain.plate import Frame
from patrol_anpr.domain.read import Evidence, Read
from patrol_anpr.plumbing.worker import Worker, described
from patrol_anpr.reading.feed import Feed
from patrol_anpr.reading.recogniser import Recognition

_log = logging.getLogger(__name__)

P = ParamSpec("P")
T = TypeVar("T")

_IDLE = 0.5  # seconds between looks for cameras that stopped
STOP_SECONDS = 15.0
"""After this nobody waits for the thread any more: a step that takes so long may never end."""


class Recognising(Protocol):
    """What the thread asks of a Recogniser."""

    def process(self, frame: Frame) -> Recognition:
        """Take in one frame."""
        ...

    def finish(self, camera_id: str) -> list[tuple[Read, Evidence]]:
        """End all tracks of a camera and return their Reads."""
        ...

    def end_idle(self) -> list[tuple[Read, Evidence]]:
        """End the tracks of cameras that gave no frame lately."""
        ...


@dataclass(frozen=True, slots=True)
class ReadingListeners:
    """Whom the thread tells, on itself: each Read, each frame with the plates seen in it, and what went wrong.

    `on_frame` is given each frame once all that was read in it has been told; it is timed as reading is.
    """

    on_read: Callable[[Read, Evidence], object]
    on_plates: Callable[[Frame, Sequence[PlateSeen]], object]
    on_failure: Callable[[BaseException], object]
    on_frame: Callable[[Frame], object] = lambda _: None


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the recogniser under way: its number since the start, and when it began (monotonic seconds)."""

    number: int
    began: float


class RecogniserThread:
    """Takes frames from its feed and gives out Reads.

    A failure is told (a lamp) and the next frame is taken. A step that never ends (an inference library, a driver)
    cannot be broken off: `step` shows it, and `stop` leaves it behind.
    """

    def __init__(self, recogniser: Recognising, feed: Feed, tell: ReadingListeners, clock: Clock) -> None:
        self._recogniser = recogniser
        self._feed = feed
        self._tell = tell
        self._clock = clock
        self._steps = self._seen_to = 0
        self._step: Step | None = None
        self._wake = threading.Event()
        self._failing = False
        self._worker = Worker("recogniser", self._run, tell.on_failure, rouse=self._wake.set)

    @property
    def step(self) -> Step | None:
        """The step the recogniser is at; None between two. What its Reads wait for is not its time."""
        return self._step

    @property
    def running(self) -> bool:
        """Whether the thread is there, also when it was left behind."""
        return self._worker.running

    def start(self) -> bool:
        """Start; returns at once. False when the thread was left behind and still hangs."""
        self._feed.wake_with(self._wake)
        return self._worker.start()

    def stop(self, deadline: float = STOP_SECONDS) -> bool:
        """End all tracks, give out their Reads, and join; False when it took longer and the thread was left behind."""
        self._seen_to = self._steps
        return self._worker.stop(deadline)

    def outlast(self, patience: float) -> bool:
        """Wait on after a `stop` that came back with False, while the thread is slow and does not hang.

        True once it has ended; False when it came through no step for `patience` seconds.
        """
        while self._seen_to != self._steps:
            self._seen_to = self._steps
            if self._worker.stop(patience):
                return True
        return not self.running

    def _run(self, stopping: threading.Event) -> None:
        while not stopping.is_set():
            served = False
            for frame in self._feed.round():
                served = True
                self._attempt(self._read, frame)
                if stopping.is_set():
                    break
            self._attempt(self._end_some)
            if not served:
                self._wake.wait(_IDLE)
                self._wake.clear()
        for camera_id in self._feed.cameras:
            self._attempt(self._finish, camera_id)

    def _attempt(self, step: Callable[P, object], *args: P.args, **kwargs: P.kwargs) -> None:
        """Run one step; a failure is told, and the thread goes on."""
        try:
            step(*args, **kwargs)
        except Exception as error:  # noqa: BLE001  it becomes a lamp
            if not self._failing:  # the first of a run of failures is enough for the log
                _log.warning("A frame was not read: %s", described(error))
            self._failing = True
            self._tell.on_failure(error)

    def _timed(self, step: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        self._steps += 1
        self._step = Step(self._steps, self._clock.monotonic())
        try:
            return step(*args, **kwargs)
        finally:
            self._step = None

    def _read(self, frame: Frame) -> None:
        recognition = self._timed(self._recogniser.process, frame)
        self._failing = False
        self._give(recognition.reads)
        self._tell.on_plates(frame, recognition.plates)
        self._timed(self._tell.on_frame, frame)

    def _end_some(self) -> None:
        for camera_id in self._feed.over():
            self._finish(camera_id)
        if self._feed.paced:
            self._give(self._timed(self._recogniser.end_idle))

    def _finish(self, camera_id: str) -> None:
        self._give(self._timed(self._recogniser.finish, camera_id))

    def _give(self, reads: Sequence[tuple[Read, Evidence]]) -> None:
        for number, (read, evidence) in enumerate(reads):
            try:
                self._tell.on_read(read, evidence)
            except Exception:
                self._give(reads[number + 1 :])  # what one Read sets off must not lose the next
                raise
