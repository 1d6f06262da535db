"""A camera that heals itself: one thread grabs, one watches it, and the newest frame wins."""

import logging
import random
import threading
from collections import deque
from collections.abc import Callable
from dataclasses import replace

from patrol_anpr.cameras.attempt import Arrival, Attempt, Pace
from patrol_anpr.cameras.judge import PictureJudge
from patrol_anpr.cameras.source import CaptureWish, SourceEnded, SourceSpec
from patrol_anpr.cameras.visibility import Visibility
from patrol_anpr.domain.clock import Clock
from patrol_anpr.domain.coverage import Blind
from patrol_anpr.domain.errors import KnownError
from patrol_anpr.domain.health import CameraState, CameraStatus
from patrol_anpr.domain.plate import Frame
from patrol_anpr.domain.rig import Turn
from patrol_anpr.plumbing.mailbox import Latest
from patrol_anpr.plumbing.worker import Worker

_log = logging.getLogger(__name__)

REOPEN_BAD_AFTER_S = 10.0
"""A camera that stays FROZEN or GARBAGE is opened anew after this: for many that is the cure."""
FIRST_PAUSE_S, LONGEST_PAUSE_S = 0.25, 5.0
"""Between two tries to open a camera, the first time and at most (judged): it doubles with each failure."""
_STEADY_S = 5.0
"""A camera that gave frames for so long is back: its next pause is the first again (judged)."""
_BLOCKED_AT_MOST = 4
"""Threads left behind in calls that do not return, before we wait for one to end (judged)."""
_LOOK_EVERY_S = 0.1
"""Between looks at a grab that may hang: far below SILENT_AFTER_S."""
_SILENT_LOOKS = 5
"""A silence that ends within so many looks of being noticed was the computer's own: it slept, or was stopped."""
STOP_SECONDS = 2.0
"""So long a stop waits for whoever is being told of a state (judged)."""
_FAILED = "The program failed while it read this camera. It is tried again; if it stays lost, start it again."
_FAILED_FILE = "The program failed while it read this file: start it again."


class Camera:
    """One camera, file or folder as a stream of frames into `slot`.

    A blocked read cannot be interrupted, so the grab thread may be abandoned: it is a daemon, holds its capture until
    its call returns, and can no longer put a frame. `on_status` is called from this camera's own thread each time the
    state, its detail or the frame size changes; counts and rate are read from `status` at any time.

    A file or folder plays at its own rate and ends as ENDED, or as LOST when nothing of it can be played; it is not
    tried again, and its pictures are not judged. A part that cannot be read is told as GAPS when it is its turn; the
    detail of ENDED sums them up. asked.AskedCamera reads files as fast as it is asked.
    """

    def __init__(
        self,
        camera_id: str,
        spec: SourceSpec,
        wish: CaptureWish,
        clock: Clock,
        slot: Latest[Frame],
        on_status: Callable[[CameraStatus], None],
    ) -> None:
        self._spec, self._wish, self._clock = spec, wish, clock
        self._turn = wish.turn
        self._slot, self._on_status = slot, on_status
        self._lock = threading.Lock()
        self._judge = PictureJudge()
        self._visibility = Visibility()
        self._pace = Pace()
        self._current: Attempt | None = None
        self._blocked: list[Attempt] = []
        self._losses: deque[str] = deque()  # of a file or folder, not yet told
        self._number = 0
        self._status = CameraStatus(camera_id, CameraState.STARTING)
        self._stopping = threading.Event()
        self._wake = threading.Event()
        self._worker = Worker(f"camera-{camera_id}", self._run, self._failed, rouse=self._wake.set)

    def start(self) -> None:
        """Begin; returns at once."""
        self._worker.start()

    def stop(self, deadline: float = STOP_SECONDS) -> bool:
        """End within half a second, even where a read is blocked; no frame and no status comes after it.

        False when whoever is told of the states did not come back within `deadline` seconds: it is left behind.
        """
        self._stopping.set()
        return self._worker.stop(deadline)

    def turn(self, turn: Turn) -> None:
        """Turn the pictures otherwise, from the next one on; any thread may call."""
        self._turn = turn

    @property
    def status(self) -> CameraStatus:
        """The state now, with counts since the start and the rate over the last two seconds."""
        with self._lock:
            offered, skipped = self._slot.offered, self._slot.overwritten
            fps, sight = self._pace.fps(self._clock.monotonic()), self._visibility.sight
            return replace(self._status, fps=fps, offered=offered, skipped=skipped, sight=sight)

    # The watching thread

    def _run(self, stopping: threading.Event) -> None:
        self._keep_open()
        stopping.wait()  # a file that is over: there is nothing to do any more

    def _failed(self, error: BaseException) -> None:
        """Say that the thread failed; it begins again, and with it the camera."""
        attempt = self._current
        if attempt is not None:
            self._abandon(attempt)
        if not self._stopping.is_set():
            self._report(CameraState.LOST, _FAILED if self._spec.live else _FAILED_FILE)

    def _keep_open(self) -> None:
        pause = FIRST_PAUSE_S
        while not self._stopping.is_set():
            attempt = self._begin()
            finished = self._watch(attempt)
            self._abandon(attempt)
            if finished:
                return
            if attempt.delivered_for > _STEADY_S:
                pause = FIRST_PAUSE_S
            # Jitter, so that cameras lost together (one hub, one power cable) do not come back in step.
            self._stopping.wait(pause * random.uniform(0.8, 1.2))  # noqa: S311
            pause = min(2 * pause, LONGEST_PAUSE_S)
            while self._too_many_blocked() and not self._stopping.wait(LONGEST_PAUSE_S):
                pass
            with self._lock:
                self._status = replace(self._status, reconnects=self._status.reconnects + 1)

    def _begin(self) -> Attempt:
        attempt = Attempt(
            self._status.camera_id,
            self._spec,
            self._wish,
            lambda: self._turn,
            self._clock,
            self._take,
            self._wake,
        )
        with self._lock:
            self._judge.reopened()
            self._current = attempt
        attempt.start()
        return attempt

    def _watch(self, attempt: Attempt) -> bool:
        """Follow one attempt until it ended or must be given up; True when there is nothing to try again."""
        bad_since: float | None = None
        silent_looks = 0
        while not self._stopping.is_set():
            self._wake.wait(_LOOK_EVERY_S)
            self._wake.clear()
            outcome = attempt.outcome  # before the losses: none comes after it
            while self._losses:
                self._report(CameraState.GAPS, self._losses.popleft())
            if outcome is not None:
                return self._settle(outcome)
            now = self._clock.monotonic()
            silence = attempt.silence(now) if self._spec.live else None
            silent_looks = silent_looks + 1 if silence else 0
            if silence and silent_looks >= _SILENT_LOOKS:
                self._report(*silence)
                return False
            with self._lock:
                state, detail, why = self._judge.state, self._judge.detail, self._judge.why
                if state is CameraState.SEEN:
                    detail, why = self._visibility.detail, self._visibility.blind
            if state is not CameraState.STARTING:
                self._report(state, detail, why)
            if state not in (CameraState.FROZEN, CameraState.GARBAGE):
                bad_since = None
            elif bad_since is None:
                bad_since = now
            elif now - bad_since > REOPEN_BAD_AFTER_S:
                return False
        return True

    def _settle(self, outcome: BaseException) -> bool:
        if isinstance(outcome, SourceEnded):
            nothing = outcome.losses and not self._slot.offered
            self._report(CameraState.LOST if nothing else CameraState.ENDED, outcome.losses)
        elif isinstance(outcome, KnownError):
            self._report(CameraState.LOST, str(outcome))
        else:
            _log.error("Camera %s cannot be read", self._status.camera_id, exc_info=outcome)
            self._report(CameraState.LOST, _FAILED if self._spec.live else _FAILED_FILE)
        return not self._spec.live

    def _abandon(self, attempt: Attempt) -> None:
        with self._lock:
            self._current = None
        attempt.give_up()
        self._blocked = [one for one in (*self._blocked, attempt) if one.running]

    def _too_many_blocked(self) -> bool:
        self._blocked = [one for one in self._blocked if one.running]
        return len(self._blocked) >= _BLOCKED_AT_MOST

    def _report(self, state: CameraState, detail: str, why: Blind | None = None) -> None:
        with self._lock:
            width, height = self._pace.size
            status = replace(self._status, state=state, detail=detail, why=why, width=width, height=height)
            changed = status != self._status
            self._status = status
        if changed:
            _log.info("Camera %s is %s", status.camera_id, state)
            self._on_status(self.status)

    # Called by the grab thread

    def _take(self, attempt: Attempt, arrival: Arrival) -> bool:
        """Judge what arrived and put it into the slot; False when the attempt was abandoned."""
        with self._lock:
            if attempt is not self._current or self._stopping.is_set():
                return False
            number, self._number = self._number, self._number + 1
            before = self._judge.state, self._visibility.detail
            wanted = (
                self._judge.look(arrival.pixels, arrival.at_monotonic) if self._spec.live else self._accept(arrival)
            )
            self._pace.count(self._clock.monotonic())
            if wanted and (pixels := arrival.pixels) is not None:
                frame = Frame(self._status.camera_id, number, pixels, arrival.at_utc, arrival.at_monotonic)
                self._pace.size = frame.size
                self._slot.put(frame)
                if self._spec.live:
                    self._visibility.look(pixels, arrival.at_monotonic)
        if (self._judge.state, self._visibility.detail) != before or self._losses:
            self._wake.set()
        return True

    def _accept(self, arrival: Arrival) -> bool:
        """Take a frame of a file as it is; a file may well show the same picture twice."""
        if arrival.complaint:
            self._judge.state = CameraState.GAPS
            self._judge.detail = arrival.complaint
            self._losses.append(arrival.complaint)
        elif self._judge.state is not CameraState.GAPS:
            self._judge.state = CameraState.SEEN
        return not arrival.complaint
