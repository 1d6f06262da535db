"""Measure a hotlist of any size on this machine: build, delta, time until it is in force, memory, look-ups."""

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
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path

import psutil

from patrol_anpr.domain.hotlist import Hotlist, Tier
from patrol_anpr.domain.vrm import fold
from patrol_anpr.hotlists.building import build_list
from patrol_anpr.hotlists.compact import CompactFile
from patrol_anpr.hotlists.delta import build_delta
from patrol_anpr.hotlists.importer import read_entries
from patrol_anpr.hotlists.list_key import KEY_BYTES, ListKey
from patrol_anpr.hotlists.matcher import Matcher
from patrol_anpr.hotlists.shelf import Shelf
from patrol_anpr.plumbing.files import sha256_of_file
from patrol_anpr.vehicle.clock import SystemClock

_LETTERS = "ABCDEFGHJKLMNPRSTUVWXY"
_CODES = [f"{code:02}" for code in (*range(2, 27), *range(51, 77))]
_VEHICLES = ("FORD,FOCUS", "VAUXHALL,ASTRA", "BMW,3 SERIES", "VW,GOLF", "NISSAN,QASHQAI", "TOYOTA,YARIS", "KIA,CEED")
_COLOURS = ("SILVER", "BLACK", "WHITE", "GREY", "BLUE", "RED", "GREEN")
_REASONS = ("NO INSURANCE", "STOLEN", "NO MOT", "DISQUALIFIED DRIVER", "NO KEEPER", "FUEL THEFT")
_AT = datetime(2026, 11, 21, tzinfo=UTC)
_HEAD = Hotlist("bench", "Bench", "", 1, Tier.ROUTINE, _AT)
_NEXT = replace(_HEAD, revision=2)
_CHANGED = 1000
"""One entry in so many is another in the next revision: 0.1 %."""
_MEGABYTE = 1024 * 1024


@dataclass(frozen=True, slots=True)
class UseBench:
    """What using a list costs a car. `memory` (MB) is what having it in force and all the look-ups added.

    `in_force_seconds` is from the file that has arrived to the first look-up, with the comparison of its hash;
    `delta_seconds` the same of a delta. The times of look-ups are (median, 99th percentile) in microseconds, with the
    file in the system's cache: `absent` and `present` of one mark, `match` of one read that is on no list, with all its
    CHECK variants, and `match_hit` of one that is.
    """

    in_force_seconds: float
    delta_seconds: float
    memory: float
    absent: tuple[float, float]
    present: tuple[float, float]
    match: tuple[float, float]
    match_hit: tuple[float, float]


@dataclass(frozen=True, slots=True)
class HotlistBench:
    """What a hotlist of `entries` costs here. Memory is resident, in MB of 1024 squared bytes; sizes of files as well.

    `build_seconds` is from the CSV file to the list in its place, `build_memory` the most it added on the way.
    `delta_build_seconds` is what the depot takes to compare two revisions of which 0.1 % differ.
    """

    entries: int
    build_seconds: float
    build_memory: float
    file_size: float
    delta_build_seconds: float
    delta_size: float
    use: UseBench


def bench_hotlist(entries: int, *, samples: int = 5000) -> HotlistBench:
    """Write, build, put in force and look up a list of `entries` invented marks in a folder that is removed afterwards.

    Needs about 350 bytes of disk an entry.

    Raises:
        RecordsFault: the disk has no room.
    """
    secret = os.urandom(KEY_BYTES)
    key = ListKey(secret)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        base, after, delta = folder / "base", folder / "after", folder / "delta"
        before = _resident()
        with _Highest() as highest:
            count, build_seconds = _built(folder / "list.csv", entries, base, _HEAD, key)
        _built(folder / "list.csv", entries, after, _NEXT, key)
        started = time.perf_counter()
        with closing(CompactFile.open(base, key)) as one, closing(CompactFile.open(after, key)) as other:
            build_delta(one, other, delta, most=entries)
        delta_build_seconds = time.perf_counter() - started
        after.unlink()
        file_size, delta_size = (path.stat().st_size / _MEGABYTE for path in (base, delta))

        step = max(1, entries // samples)
        present = [mark for number, mark in enumerate(_marks(entries, seed=1)) if number % step == 1]
        random.Random(2).shuffle(present)  # noqa: S311 (nothing secret)
        absent = list(_marks(samples, seed=3))
        # A fresh process: this one would serve the list from memory that the build left free.
        with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as fresh:
            use = fresh.submit(_use, folder, secret, present, absent).result()
    return HotlistBench(
        entries=count,
        build_seconds=build_seconds,
        build_memory=(highest.resident - before) / _MEGABYTE,
        file_size=file_size,
        delta_build_seconds=delta_build_seconds,
        delta_size=delta_size,
        use=use,
    )


def _built(source: Path, entries: int, target: Path, head: Hotlist, key: ListKey) -> tuple[int, float]:
    """Write a CSV and build the list of it; return its entries, and the seconds from the CSV on."""
    with source.open("w", encoding="utf-8") as file:
        file.writelines(_lines(entries, head.revision))
    started = time.perf_counter()
    report = build_list(read_entries(source, Tier.ROUTINE, date(2026, 11, 21)), target, head, key)
    seconds = time.perf_counter() - started
    source.unlink()
    return report.entries, seconds


def _use(folder: Path, secret: bytes, present: list[str], absent: list[str]) -> UseBench:
    matcher = Matcher()
    shelf = Shelf(folder / "lists", bytes(32), matcher, SystemClock())
    shelf.load()
    before = _resident()
    with closing(matcher):
        started = time.perf_counter()
        sha256_of_file(folder / "base")
        shelf.take(_HEAD, folder / "base", None, secret)
        matcher.match(absent[0], _AT)
        in_force_seconds = time.perf_counter() - started
        started = time.perf_counter()
        sha256_of_file(folder / "delta")
        shelf.take(_NEXT, None, folder / "delta", None)
        matcher.match(absent[0], _AT)
        delta_seconds = time.perf_counter() - started
        (opened,) = shelf.in_force
        return UseBench(
            in_force_seconds=in_force_seconds,
            delta_seconds=delta_seconds,
            absent=_timed(opened.entries, [fold(mark) for mark in absent]),
            present=_timed(opened.entries, [fold(mark) for mark in present]),
            match=_timed(lambda mark: matcher.match(mark, _AT), absent),
            match_hit=_timed(lambda mark: matcher.match(mark, _AT), present),
            memory=(_resident() - before) / _MEGABYTE,
        )


def _marks(count: int, seed: int) -> Iterator[str]:
    """Invented marks of the current format, spread over all that there can be."""
    chance = random.Random(seed)  # noqa: S311 (nothing secret)
    for _ in range(count):
        yield "".join([*chance.choices(_LETTERS, k=2), chance.choice(_CODES), *chance.choices(_LETTERS, k=3)])


def _lines(entries: int, revision: int) -> Iterator[str]:
    """The lines of one revision: what stands beside a mark differs as it does in real lists, and changes with each."""
    chance = random.Random(4)  # noqa: S311 (nothing secret)
    for number, mark in enumerate(_marks(entries, seed=1)):
        vehicle, colour, reason = chance.choice(_VEHICLES), chance.choice(_COLOURS), chance.choice(_REASONS)
        day, pnc = chance.randint(1, 28), chance.randrange(10**8)
        changed = f"REVISION {revision}" if number % _CHANGED == 0 else "CHECK DOCUMENTS"
        yield f"{mark},{vehicle},{colour},STOP,,{reason},N1,{changed},39A1,{day:02}/12/2026,P{pnc:08},OFFICIAL,,,\n"


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
