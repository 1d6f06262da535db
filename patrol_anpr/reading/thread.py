"""The thread that owns the Recogniser and serves all cameras."""

import logging
import threading
from collections.abc import Callable, Mapping, Sequence
from typing import ParamSpec, TypeVar

from patrol_anpr.domain.clock import Clock
from patrol_anpr.domain.events import PlateSeen
from patrol_anpr.domain.plate import Frame
from patrol_anpr.domain.read import Evidence, Read
from patrol_anpr.plumbing.mailbox import Latest
from patrol_anpr.reading.recogniser import Recogniser

_log = logging.getLogger(__name__)

P = ParamSpec("P")
T = TypeVar("T")

_IDLE = 0.5  # seconds between looks for cameras that stopped
_ABANDONED = 15.0  # seconds in one step after which nobody waits for the thread any more


class RecogniserThread:
    """Takes the newest frame of each camera in turn and gives out Reads.

    When behind, frames are overwritten in their slots, which count them: what is processed is never old. A failure goes
    to `on_failure` (a lamp) and the next frame is taken. The callbacks run on this thread and must not block. A
    step that never ends (an inference library, a driver) cannot be broken off: `busy_seconds` tells it, and `stop`
    leaves it behind.
    """

    def __init__(
        self,
        recogniser: Recogniser,
        slots: Mapping[str, Latest[Frame]],
        on_read: Callable[[Read, Evidence], None],
        on_plates: Callable[[str, Frame, Sequence[PlateSeen]], None],
        on_failure: Callable[[Exception], None],
        clock: Clock,
    ) -> None:
        self._recogniser = recogniser
        self._slots = dict(slots)
        self._on_read = on_read
        self._on_plates = on_plates
        self._on_failure = on_failure
        self._clock = clock
        self._step_began: float | None = None
        self._wake = threading.Event()
        self._stopping = False
        self._failing = False
        self._finishing: list[str] = []
        self._thread = threading.Thread(target=self._run, name="recogniser", daemon=True)  # may have to be left behind

    @property
    def busy_seconds(self) -> float:
        """How long the recogniser has been at its present step, in seconds; 0 between two."""
        began = self._step_began
        return 0.0 if began is None else self._clock.monotonic() - began

    def start(self) -> None:
        """Start; returns at once."""
        for slot in self._slots.values():
            slot.wake_with(self._wake)
        self._thread.start()

    def stop(self) -> bool:
        """End all tracks, give out their Reads, and join; False when the thread hangs and was left behind."""
        self._stopping = True
        self._wake.set()
        while self._thread.is_alive():
            self._thread.join(_IDLE)
            if self.busy_seconds > _ABANDONED:
                _log.error("The recogniser hangs and is left behind.")
                return False
        return True

    def finish(self, camera_id: str) -> None:
        """Ask for the tracks of a camera to end, because it was lost or its file ended. Returns at once."""
        self._finishing.append(camera_id)
        self._wake.set()

    def _run(self) -> None:
        while not self._stopping:
            # One frame of each camera a round: no camera waits for another's second frame.
            served = [self._attempt(self._serve, slot) for slot in self._slots.values()]
            self._attempt(self._end_some)
            if not any(served):
                self._wake.wait(_IDLE)
                self._wake.clear()
        for camera_id in self._slots:
            self._attempt(self._finish, camera_id)

    def _attempt(self, step: Callable[P, bool], *args: P.args, **kwargs: P.kwargs) -> bool:
        """Run one step; a failure is told and counts as done, so that the thread goes on."""
        try:
            done = step(*args, **kwargs)
        except Exception as error:  # noqa: BLE001  the thread's top: it becomes a lamp
            if not self._failing:  # the first of a run of failures is enough for the log
                _log.warning("A frame was not read: %s", type(error).__name__, exc_info=True)
            self._failing = True
            self._on_failure(error)
            return True
        return done

    def _timed(self, step: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run one step of the recogniser. What its Reads wait for (a full disk) is not its time: that has a lamp."""
        self._step_began = self._clock.monotonic()
        try:
            return step(*args, **kwargs)
        finally:
            self._step_began = None

    def _serve(self, slot: Latest[Frame]) -> bool:
        """Process the frame in `slot`; False when it is empty."""
        frame = slot.take()
        if frame is None:
            return False
        recognition = self._timed(self._recogniser.process, frame)
        self._failing = False
        self._give(recognition.reads)
        self._on_plates(frame.camera_id, frame, recognition.plates)
        return True

    def _end_some(self) -> bool:
        while self._finishing:
            self._finish(self._finishing.pop())
        return self._give(self._timed(self._recogniser.end_idle))

    def _finish(self, camera_id: str) -> bool:
        return self._give(self._timed(self._recogniser.finish, camera_id))

    def _give(self, reads: Sequence[tuple[Read, Evidence]]) -> bool:
        for read, evidence in reads:
            self._on_read(read, evidence)
        return bool(reads)
