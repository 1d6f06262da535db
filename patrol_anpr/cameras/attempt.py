"""One attempt at a source: a thread that opens it and grabs until it fails, ends or is given up."""

import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from patrol_anpr.cameras.opening import open_source
from patrol_anpr.cameras.pictures import BadFrame
from patrol_anpr.cameras.source import CaptureWish, FrameSource, SourceSpec
from patrol_anpr.domain.clock import Clock
from patrol_anpr.domain.health import CameraState
from patrol_anpr.domain.plate import Pixels
from patrol_anpr.domain.rig import Turn
from patrol_anpr.domain.sentences import Sentence, sentence

SILENT_AFTER_S = 3.0
"""A camera that gave frames and then gives none for so long is FROZEN, whatever its read call is waiting for."""
FIRST_FRAME_PATIENCE_S = 8.0
"""So long after opening may the first frame take: some USB cameras set their exposure first."""
OPEN_PATIENCE_S = 20.0
"""So long may opening take; Windows takes ten seconds for some USB cameras."""
_RATE_WINDOW_S = 2.0
"""Over which frames a second are counted: long enough to be steady, short enough to show a change (judged)."""
_AFTER_BAD_S = 0.005
"""Between two tries to grab where the first gave no picture: one that fails at once must not take the processor."""
_JOIN_S = 0.4
"""So long is a grab waited for when the camera is closed; one that hangs is left behind (judged)."""


@dataclass(frozen=True, slots=True)
class Arrival:
    """What one grab gave: a picture, or a complaint (a sentence) instead of one; with its capture time."""

    pixels: Pixels | None
    complaint: str
    at_monotonic: float
    at_utc: datetime


class Attempt:
    """Opens and grabs in a daemon thread of its own; `on_arrival` answers False when it is to stop.

    A read that blocks for ever cannot be interrupted: `give_up` leaves the thread behind with its source, which it
    closes when its call returns.
    """

    def __init__(
        self,
        camera_id: str,
        spec: SourceSpec,
        wish: CaptureWish,
        turn: Callable[[], Turn],
        clock: Clock,
        on_arrival: Callable[["Attempt", Arrival], bool],
        wake: threading.Event,
    ) -> None:
        self._spec, self._wish, self._turn, self._clock = spec, wish, turn, clock
        self._on_arrival, self._wake = on_arrival, wake
        self.outcome: BaseException | None = None
        self._given_up = threading.Event()
        self._began = clock.monotonic()
        self._opened: float | None = None
        self._last: float | None = None
        self._thread = threading.Thread(target=self._run, name=f"grab-{camera_id}", daemon=True)

    def start(self) -> None:
        """Begin to open."""
        self._thread.start()

    def give_up(self) -> None:
        """Let the thread end, and wait a moment for it: a device must be free before it is opened anew."""
        self._given_up.set()
        self._thread.join(_JOIN_S)

    @property
    def running(self) -> bool:
        """Whether the thread is still there, perhaps in a blocked call."""
        return self._thread.is_alive()

    @property
    def delivered_for(self) -> float:
        """Seconds from opening to the last arrival."""
        return (self._last or 0.0) - self._opened if self._opened is not None and self._last is not None else 0.0

    def silence(self, now: float) -> tuple[CameraState, str] | None:
        """What to report when nothing has come for too long at `now`; None while all is well."""
        opened, last = self._opened, self._last
        if last is not None and now - last > SILENT_AFTER_S:
            return CameraState.FROZEN, self._told("The camera {label} gives no more frames: check its power and cable.")
        if opened is not None and last is None and now - opened > FIRST_FRAME_PATIENCE_S:
            return CameraState.LOST, self._told("The camera {label} opens but gives no frames: check its settings.")
        if opened is None and now - self._began > OPEN_PATIENCE_S:
            return CameraState.LOST, self._told("The camera {label} does not answer: check its power and cable.")
        return None

    def _told(self, template: str) -> Sentence:
        return sentence(template, label=self._spec.label)

    def _run(self) -> None:
        try:
            source = open_source(self._spec, self._wish, self._turn)
            try:
                self._grab_all(source)
            finally:
                source.close()
        except BaseException as error:  # noqa: BLE001 - a thread's top: the camera's own thread reports or raises it
            self.outcome = error
            self._wake.set()

    def _grab_all(self, source: FrameSource) -> None:
        opened = self._opened = self._clock.monotonic()
        while not self._given_up.is_set():
            pixels, complaint = None, ""
            try:
                pixels = source.grab()
            except BadFrame as error:
                complaint = error.sentence
                if self._spec.live:
                    self._given_up.wait(_AFTER_BAD_S)
            if not self._spec.live and (early := opened + source.media_time - self._clock.monotonic()) > 0:
                self._given_up.wait(early)
            now = self._last = self._clock.monotonic()
            if not self._on_arrival(self, Arrival(pixels, complaint, now, self._clock.utc())):
                return


class Pace:
    """The size of the newest frame and the rate of the last two seconds."""

    def __init__(self) -> None:
        self.size = (0, 0)
        self._times: deque[float] = deque()

    def count(self, now: float) -> None:
        """Count a frame at `now` (monotonic seconds)."""
        self._times.append(now)
        self._forget(now)

    def fps(self, now: float) -> float:
        """Frames a second; 0 when there were fewer than two lately."""
        self._forget(now)
        if len(self._times) < 2 or self._times[-1] == self._times[0]:
            return 0.0
        return (len(self._times) - 1) / (self._times[-1] - self._times[0])

    def _forget(self, now: float) -> None:
        while self._times and now - self._times[0] > _RATE_WINDOW_S:
            self._times.popleft()
