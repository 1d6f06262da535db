"""`patrol-anpr run --headless`: the patrol loop without a window, a line for each Read and Hit."""

import json
import signal
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType

import numpy as np
import psutil

from patrol_anpr.build import car_of
from patrol_anpr.commands.loading import LoadedSettings
from patrol_anpr.commands.log import set_up_log
from patrol_anpr.commands.starting import counted_start
from patrol_anpr.commands.terminal import complain, say
from patrol_anpr.domain.errors import BadInput
from patrol_anpr.domain.events import CameraChanged, Event, HitRaised, LampChanged, ReadMade
from patrol_anpr.domain.health import OF_THE_START, CameraState, Lamp, LampState
from patrol_anpr.domain.hotlist import Tier
from patrol_anpr.domain.read import Read
from patrol_anpr.domain.vrm import spaced
from patrol_anpr.patrol.car import Car

_NOT_READING = ("reading", LampState.BAD)
LAST_READS_SECONDS = 60.0
"""How long the last vehicles in view may take to become Reads; nothing else waits for it then."""


@dataclass(slots=True)
class Tally:
    """What a run counts. Latencies in seconds, from a frame in memory to the alert its Read set off (or none)."""

    offered: int = 0
    processed: int = 0
    reads: int = 0
    hits: int = 0
    latencies: list[float] = field(default_factory=list)

    def summary(self, seconds: float) -> dict[str, object]:
        """The summary line."""
        p50, p99 = np.percentile(self.latencies, (50, 99)) if self.latencies else (None, None)
        return {
            "kind": "summary",
            "frames_offered": self.offered,
            "frames_processed": self.processed,
            "frames_skipped": self.offered - self.processed,
            "reads": self.reads,
            "hits": self.hits,
            "latency_p50_ms": None if p50 is None else round(1000 * float(p50), 1),
            "latency_p99_ms": None if p99 is None else round(1000 * float(p99), 1),
            "seconds": round(seconds, 1),
            "memory_mb": round(psutil.Process().memory_info().rss / 2**20),
        }


class Printer:
    """Prints what a Patrol tells, a line each: JSON, or words. `not_reading`: frames were not read for some time."""

    def __init__(self, tally: Tally, *, as_json: bool) -> None:
        self._tally = tally
        self._as_json = as_json
        self._lock = threading.Lock()
        self.not_reading = False

    def __call__(self, event: Event) -> None:
        """Take an event, on any thread."""
        with self._lock:
            if isinstance(event, ReadMade):
                self._tally.reads += 1
                self._say(_read_line("read", event.read), f"READ  {_words(event.read)}")
            elif isinstance(event, HitRaised):
                self._tally.hits += 1
                hit = event.hit
                line = _read_line("hit", hit.read) | {"tier": int(hit.tier), "match": hit.match.kind.value}
                line |= {"listed": hit.match.voi.vrm, "list": hit.match.hotlist.list_id, "reason": hit.match.voi.reason}
                words = f"{hit.tier.word.upper()} {hit.match.kind.value.upper()}: {hit.match.voi.reason}"
                self._say(line, f"HIT   {_words(hit.read)}  {words}")
            elif isinstance(event, LampChanged) and _is_told(event.lamp):
                complain(event.lamp.sentence)
                self.not_reading = self.not_reading or (event.lamp.key, event.lamp.state) == _NOT_READING
            elif isinstance(event, CameraChanged) and event.status.state is CameraState.GAPS:
                complain(event.status.detail)

    def summary(self, seconds: float) -> None:
        """Print the last line."""
        line = self._tally.summary(seconds)
        with self._lock:
            words = ", ".join(f"{name.replace('_', ' ')} {value}" for name, value in line.items() if name != "kind")
            self._say(line, f"END   {words}")

    def _say(self, line: dict[str, object], words: str) -> None:
        say(json.dumps(line) if self._as_json else words)


def _is_told(lamp: Lamp) -> bool:
    """What does not work, and what is to be said of the start."""
    return lamp.state is LampState.BAD or lamp.key.startswith(OF_THE_START)


def _read_line(kind: str, read: Read) -> dict[str, object]:
    return {
        "kind": kind,
        "camera": read.camera_id,
        "first": read.first_seen.isoformat(timespec="milliseconds"),
        "last": read.last_seen.isoformat(timespec="milliseconds"),
        "vrm": read.vrm,
        "confidence": read.confidence,
        "frames": read.frames,
    }


def _words(read: Read) -> str:
    return f"{read.last_seen:%H:%M:%S}  {read.camera_id:<8} {spaced(read.vrm):<9} {read.confidence:3d} %"


def run_headless(loaded: LoadedSettings, lists: Sequence[tuple[Path, Tier]], *, realtime: bool, as_json: bool) -> int:
    """Run until every file has been played, or until Ctrl+C. Returns the exit code.

    Cameras are read as they come; so are files with `realtime`, at their own rate. Without, every frame of every file
    is read, as fast as that goes.

    Raises:
        KnownError: a file could not be read, in whole or in part; everything else was read before.
    """
    set_up_log(loaded.settings.log)
    tally = Tally()
    printer = Printer(tally, as_json=as_json)
    with (
        ended_by_signal() as ended,
        counted_start(loaded) as start,
        car_of(start.settings, lists, every_frame=not realtime, faults=start.lamps) as car,
    ):
        car.patrol.subscribe(printer)
        if not car.plans or not car.reader.reads:
            raise BadInput(next(lamp.advice for lamp in car.notices if lamp.state is LampState.BAD))
        started = car.patrol.clock.monotonic()
        try:
            car.open()
            start.put_on_record(car)
            car.engine.start()
            drive(car, tally, ended)
        finally:
            printer.summary(car.patrol.clock.monotonic() - started)
    return 1 if printer.not_reading or any(lamp.state is LampState.BAD for lamp in car.notices) else 0


def drive(car: Car, tally: Tally, ended: threading.Event) -> None:
    """Wait for a car that reads until its files are over, or `ended` is set.

    Raises:
        KnownError: a file could not be read, in whole or in part; everything else was read before.
    """

    def measure(event: Event) -> None:
        if isinstance(event, ReadMade):
            tally.latencies.append(car.engine.seconds_since(event.read))

    car.patrol.subscribe(measure)
    while not ended.is_set() and not car.engine.wait_ended(timeout=0.5):
        pass
    car.engine.stop(LAST_READS_SECONDS)
    for status in car.engine.statuses:
        tally.offered += status.offered
        tally.processed += status.offered - status.skipped
    if problems := car.engine.problems:
        raise BadInput("\n".join(problems))


@contextmanager
def ended_by_signal() -> Iterator[threading.Event]:
    """An event that Ctrl+C, a request to end and a terminal that was closed set, so that all ends as it should.

    What was told to go on without its terminal (nohup) does.
    """
    ended = threading.Event()

    def end(_signal: int, _frame: FrameType | None) -> None:
        ended.set()

    names = ("SIGINT", "SIGTERM", "SIGHUP", "SIGBREAK")  # each where the system has it
    numbers = [getattr(signal, name) for name in names if hasattr(signal, name)]
    before = {number: signal.getsignal(number) for number in numbers}
    for number, handler in before.items():
        if handler is not signal.SIG_IGN:
            signal.signal(number, end)
    try:
        yield ended
    finally:
        for number, handler in before.items():
            signal.signal(number, handler if handler is not None else signal.SIG_DFL)
