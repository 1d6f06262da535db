"""`patrol-anpr run --headless`: the patrol loop without a window, a line for each Read and Hit."""

import heapq
import json
import signal
import sys
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType

import numpy as np
import psutil
import typer

from patrol_anpr.build import Car, car_of, set_up_log
from patrol_anpr.cameras.playback import frames
from patrol_anpr.commands.terminal import complain
from patrol_anpr.domain.errors import KnownError
from patrol_anpr.domain.events import Event, HitRaised, LampChanged, ReadMade
from patrol_anpr.domain.health import LampState
from patrol_anpr.domain.hotlist import Tier
from patrol_anpr.domain.plate import Frame
from patrol_anpr.domain.read import Evidence, Read
from patrol_anpr.domain.vrm import spaced
from patrol_anpr.patrol.engine import CameraPlan
from patrol_anpr.settings import Settings


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
    """Prints what a Patrol tells, a line each: JSON, or words."""

    def __init__(self, tally: Tally, *, as_json: bool) -> None:
        self._tally = tally
        self._as_json = as_json
        self._lock = threading.Lock()

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
            elif isinstance(event, LampChanged) and event.lamp.state is LampState.BAD:
                complain(f"{event.lamp.word}. {event.lamp.advice}")

    def summary(self, seconds: float) -> None:
        """Print the last line."""
        line = self._tally.summary(seconds)
        with self._lock:
            words = ", ".join(f"{name.replace('_', ' ')} {value}" for name, value in line.items() if name != "kind")
            self._say(line, f"END   {words}")

    def _say(self, line: dict[str, object], words: str) -> None:
        typer.echo(json.dumps(line) if self._as_json else words)
        sys.stdout.flush()


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


def run_headless(settings: Settings, lists: Sequence[tuple[Path, Tier]], *, realtime: bool, as_json: bool) -> int:
    """Run until every file has been played, or until Ctrl+C. Returns the exit code."""
    set_up_log(settings.log)
    tally = Tally()
    printer = Printer(tally, as_json=as_json)
    with car_of(settings, lists) as car:
        car.patrol.subscribe(printer)
        for notice in car.notices:
            complain(notice)
        started = car.patrol.clock.monotonic()
        try:
            car.open(cameras=False)
            drive(car, tally, realtime=realtime)
        finally:
            printer.summary(car.patrol.clock.monotonic() - started)
    return 0


def drive(car: Car, tally: Tally, *, realtime: bool) -> None:
    """Run the sources of an open car to their end: cameras and `realtime` files as they come, else frame by frame.

    Raises:
        KnownError: a file could not be read, in whole or in part; everything else was read before.
    """
    if realtime or any(plan.spec.live for plan in car.plans):
        _in_real_time(car, tally)
    else:
        _frame_by_frame(car, tally)


def _frame_by_frame(car: Car, tally: Tally) -> None:
    """Every frame of every file, none skipped, in the order of their media time; the same each time."""
    clock, patrol = car.patrol.clock, car.patrol
    problems: list[KnownError] = []

    def play(plan: CameraPlan) -> Iterator[Frame]:
        try:
            yield from frames(plan.spec, plan.camera_id, clock)
        except KnownError as error:
            problems.append(error)

    def take(frame: Frame, reads: Sequence[tuple[Read, Evidence]], begun: float) -> None:
        for read, evidence in reads:
            patrol.read_made(read, evidence)
            waited = (frame.at_utc - read.last_seen).total_seconds()
            tally.latencies.append(max(0.0, waited) + clock.monotonic() - begun)

    last: dict[str, Frame] = {}
    for frame in heapq.merge(*(play(plan) for plan in car.plans), key=lambda frame: frame.at_monotonic):
        tally.offered += 1
        begun = clock.monotonic()
        recognition = car.recogniser.process(frame)
        tally.processed += 1
        last[frame.camera_id] = frame
        take(frame, recognition.reads, begun)
    for camera_id, frame in last.items():
        take(frame, car.recogniser.finish(camera_id), clock.monotonic())
    if problems:
        raise problems[0]


def _in_real_time(car: Car, tally: Tally) -> None:
    """Cameras and files at their own speed, skipping frames when behind. Until the end, or Ctrl+C."""
    stopping = threading.Event()

    def stop(_signal: int, _frame: FrameType | None) -> None:
        stopping.set()

    def measure(event: Event) -> None:
        if isinstance(event, ReadMade):
            tally.latencies.append((car.patrol.clock.utc() - event.read.last_seen).total_seconds())

    car.patrol.subscribe(measure)
    before = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        car.engine.open()
        car.engine.start()
        while not stopping.is_set() and not car.engine.wait_ended(timeout=0.5):
            pass
        car.engine.stop()
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    for status in car.engine.statuses:
        tally.offered += status.offered
        tally.processed += status.offered - status.skipped
