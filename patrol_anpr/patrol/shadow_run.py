"""A shadow run: a set of models reads silently beside the one in use, and what differs is counted.

It sees one picture now and then, of which the newest counts and the others are dropped, in a process of its own that
takes what others leave of the processor. It raises no hit, says nothing and shows nothing.
"""

import json
import logging
import threading
from collections.abc import Callable, Sequence
from pathlib import Path

import psutil
from pydantic import ValidationError

from patrol_anpr.domain.errors import RecordsFault
from patrol_anpr.domain.plate import Frame
from patrol_anpr.patrol.model_process import COMMAND, ModelProcess
from patrol_anpr.plumbing.mailbox import Latest
from patrol_anpr.plumbing.worker import Worker
from patrol_anpr.reading.model_shelf import ModelShelf
from patrol_anpr.reading.shadow import added
from patrol_anpr.settings import ReadingSettings
from patrol_anpr.wire.models import ShadowCounts

log = logging.getLogger(__name__)

EVERY_SECONDS = 2.0
"""Between two pictures: 0.1 s of one core for both sets, so a twentieth of it (measured on two cores)."""
KEEP_EVERY = 30
"""Pictures after which the counts are written down."""
MOST_FAILURES = 3
"""Of the process in one run of the program; then the shadow run rests until the next one."""
MOST_MEGABYTES = 1500
LONGEST_ANSWER = 4000
STOP_SECONDS = 2.0


class ShadowRun:
    """The thread of shadow runs. `look` is for the thread that reads: it takes no time and waits for nothing."""

    def __init__(
        self,
        shelf: ModelShelf,
        reading: ReadingSettings,
        on_failure: Callable[[BaseException], object],
        *,
        command: Sequence[str] = COMMAND,
    ) -> None:
        self._shelf, self._reading, self._command = shelf, reading, command
        self._slot = Latest[Frame]()
        self._next = 0.0
        self._wanted = False
        self._process: ModelProcess | None = None
        self._failures = 0
        self._wake = threading.Event()
        self._slot.wake_with(self._wake)
        self._worker = Worker("shadow", self._run, on_failure, rouse=self._rouse)

    def start(self) -> None:
        """Begin; returns at once."""
        self._worker.start()

    def stop(self) -> None:
        """End, with the process."""
        self._worker.stop(STOP_SECONDS)

    def news(self) -> None:
        """Look whether a set is to run as a shadow now."""
        self._wake.set()

    def look(self, frame: Frame) -> None:
        """Have a frame looked at by both sets, where its turn has come. Called on the thread that reads."""
        if self._wanted and frame.at_monotonic >= self._next:
            self._next = frame.at_monotonic + EVERY_SECONDS
            self._slot.put(frame)

    def _rouse(self) -> None:
        self._wake.set()
        if (process := self._process) is not None:
            process.kill()  # so that nobody waits for its answer

    def _run(self, stopping: threading.Event) -> None:
        try:
            while not stopping.is_set():
                self._wake.clear()
                folder = self._shelf.shadow if self._failures < MOST_FAILURES else None
                self._wanted = folder is not None
                if folder is not None:
                    self._beside(folder, stopping)
                    continue
                while not stopping.is_set() and not self._wake.wait(1.0):
                    continue  # a second at a time: what is wrong with a thread shows only when it runs
        finally:
            self._wanted = False

    def _beside(self, folder: Path, stopping: threading.Event) -> None:
        """Run a set as a shadow until it is no longer one, or its process fails."""
        counts, unkept = self._shelf.counts_of(folder), 0
        try:
            while not stopping.is_set() and self._shelf.shadow == folder:
                self._wake.clear()
                if (frame := self._slot.take()) is None:
                    if not stopping.is_set():  # it may have been told to end just before the event was cleared
                        self._wake.wait(1.0)
                    continue
                found = self._compared(frame, folder, stopping)
                if stopping.is_set():
                    return
                if found is None:
                    self._failures += 1
                    found = ShadowCounts(pictures=1, missed=1)
                counts, unkept = added(counts, found), unkept + 1
                if unkept >= KEEP_EVERY:
                    self._keep(folder, counts)
                    unkept = 0
                if self._failures >= MOST_FAILURES:
                    log.warning("the shadow run of new models failed %d times and rests", MOST_FAILURES)
                    return
        finally:
            self._end_process()
            if unkept:
                self._keep(folder, counts)

    def _keep(self, folder: Path, counts: ShadowCounts) -> None:
        try:
            self._shelf.keep_counts(folder, counts)
        except RecordsFault:
            log.warning("what the shadow run counted could not be written down")

    def _compared(self, frame: Frame, folder: Path, stopping: threading.Event) -> ShadowCounts | None:
        """Let both sets look at a picture; None where the process failed or the run ends: it is ended then."""
        try:
            if self._process is None:
                self._process = ModelProcess("shadow", self._reading, self._shelf.in_use, folder, self._command)
            process = self._process
            if stopping.is_set():  # `_rouse` came while the process was begun, and saw none to kill
                self._end_process()
                return None
            height, width = frame.pixels.shape[:2]
            process.stdin.write(json.dumps({"width": width, "height": height}).encode() + b"\n")
            process.stdin.write(frame.pixels.tobytes())
            process.stdin.flush()
            counts = ShadowCounts.model_validate_json(process.stdout.readline(LONGEST_ANSWER))
            if psutil.Process(process.pid).memory_info().rss <= MOST_MEGABYTES * 2**20:
                return counts
        except (OSError, ValueError, ValidationError, psutil.Error) as error:
            log.warning("the process of the shadow run failed: %s", type(error).__name__)
        self._end_process()
        return None

    def _end_process(self) -> None:
        process, self._process = self._process, None
        if process is not None:
            process.end()
