"""Measure a hotlist of any size on this machine: import, opening, memory, look-ups."""

import multiprocessing
import os
import random
import statistics
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

import psutil

from patrol_anpr.domain.hotlist import Hotlist, Tier
from patrol_anpr.domain.vrm import fold
from patrol_anpr.hotlists.importer import read_entries
from patrol_anpr.hotlists.index import Index, build_index
from patrol_anpr.hotlists.matcher import Matcher

_LETTERS = "ABCDEFGHJKLMNPRSTUVWXY"
_CODES = [f"{code:02}" for code in (*range(2, 27), *range(51, 77))]
_AT = datetime(2026, 11, 21, tzinfo=UTC)
_MEGABYTE = 1024 * 1024


@dataclass(frozen=True, slots=True)
class UseBench:
    """What using a list costs. `memory` (MB) is what opening it and all the look-ups added.

    The times of look-ups are (median, 99th percentile) in microseconds, with the file in the system's cache: `absent`
    and `present` of one mark, `match` of one read that is on no list, with all its CHECK variants, and `match_hit` of
    one that is.
    """

    open_milliseconds: float
    memory: float
    absent: tuple[float, float]
    present: tuple[float, float]
    match: tuple[float, float]
    match_hit: tuple[float, float]


@dataclass(frozen=True, slots=True)
class HotlistBench:
    """What a hotlist of `entries` costs here. Memory is resident, in MB of 1024 squared bytes.

    `build_seconds` is from the CSV file to the index in its place, `build_memory` the most it added on the way.
    """

    entries: int
    encrypted: bool
    build_seconds: float
    build_memory: float
    file_size: float
    use: UseBench


def bench_hotlist(entries: int, *, encrypted: bool = True, samples: int = 5000) -> HotlistBench:
    """Write, import, open and look up a list of `entries` invented marks in a folder that is removed afterwards.

    Needs about 350 bytes of disk an entry.

    Raises:
        RecordsFault: the disk has no room.
    """
    key = os.urandom(32) if encrypted else None
    with tempfile.TemporaryDirectory() as folder:
        source, target = Path(folder, "list.csv"), Path(folder, "list.voi")
        with source.open("w", encoding="utf-8") as file:
            file.writelines(_line(mark) for mark in _marks(entries, seed=1))
        head = Hotlist("bench", "Bench", "", 1, Tier.ROUTINE, _AT)
        before = _resident()
        with _Highest() as highest:
            started = time.perf_counter()
            report = build_index(read_entries(source, Tier.ROUTINE, date(2026, 11, 21)), target, head, key)
            build_seconds = time.perf_counter() - started

        step = max(1, entries // samples)
        present = [mark for number, mark in enumerate(_marks(entries, seed=1)) if number % step == 0]
        random.Random(2).shuffle(present)  # noqa: S311 (nothing secret)
        absent = list(_marks(samples, seed=3))
        # A fresh process: this one would serve the list from memory that the import left free.
        with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as fresh:
            use = fresh.submit(_use, target, key, present, absent).result()
        return HotlistBench(
            entries=report.entries,
            encrypted=encrypted,
            build_seconds=build_seconds,
            build_memory=(highest.resident - before) / _MEGABYTE,
            file_size=target.stat().st_size / _MEGABYTE,
            use=use,
        )


def _use(path: Path, key: bytes | None, present: list[str], absent: list[str]) -> UseBench:
    before = _resident()
    started = time.perf_counter()
    index = Index.open(path, key)
    open_milliseconds = (time.perf_counter() - started) * 1000
    matcher = Matcher()
    matcher.swap([index])
    with closing(matcher):
        return UseBench(
            open_milliseconds=open_milliseconds,
            absent=_timed(index.entries, [fold(mark) for mark in absent]),
            present=_timed(index.entries, [fold(mark) for mark in present]),
            match=_timed(lambda mark: matcher.match(mark, _AT), absent),
            match_hit=_timed(lambda mark: matcher.match(mark, _AT), present),
            memory=(_resident() - before) / _MEGABYTE,
        )


def _marks(count: int, seed: int) -> Iterator[str]:
    """Invented marks of the current format, spread over all that there can be."""
    chance = random.Random(seed)  # noqa: S311 (nothing secret)
    for _ in range(count):
        yield "".join([*chance.choices(_LETTERS, k=2), chance.choice(_CODES), *chance.choices(_LETTERS, k=3)])


def _line(mark: str) -> str:
    return f"{mark},FORD,FOCUS,SILVER,STOP,,NO INSURANCE,N1,CHECK DOCUMENTS,39A1,31/12/2026,P12345678,OFFICIAL,,,\n"


def _timed(look_up: Callable[[str], object], marks: list[str]) -> tuple[float, float]:
    times = []
    for mark in marks:
        started = time.perf_counter_ns()
        look_up(mark)
        times.append((time.perf_counter_ns() - started) / 1000)
    cuts = statistics.quantiles(times, n=100)
    return cuts[49], cuts[98]


class _Highest:
    """The most memory that is resident between entering and leaving, looked at 50 times a second."""

    def __enter__(self) -> "_Highest":
        self.resident = _resident()
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._look, name="bench-memory")
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._done.set()
        self._thread.join()

    def _look(self) -> None:
        while not self._done.wait(0.02):
            self.resident = max(self.resident, _resident())


def _resident() -> int:
    return int(psutil.Process().memory_info().rss)
