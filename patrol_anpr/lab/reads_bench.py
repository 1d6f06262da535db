"""How the reads page keeps up with a long shift: `python -m patrol_anpr.lab.reads_bench [reads]`.

The real window over a car with real encrypted records.
"""

import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import cast

import numpy as np
from PySide6.QtWidgets import QApplication

from patrol_anpr.build import build_car
from patrol_anpr.domain.plate import PlateColour
from patrol_anpr.domain.read import Read
from patrol_anpr.domain.shift import Crew, Shift
from patrol_anpr.lab.marks import random_mark
from patrol_anpr.lab.sample_patrol import sample_evidence, sample_read
from patrol_anpr.patrol.car import Car
from patrol_anpr.patrol.shifts import LOCAL_OFFICER
from patrol_anpr.patrol.window_ports import Patrolling
from patrol_anpr.records import tables
from patrol_anpr.records.database import Database
from patrol_anpr.records.evidence import Pictures
from patrol_anpr.records.keys import Key
from patrol_anpr.records.rows import read_row, shift_row
from patrol_anpr.settings import Settings
from ui.app import discard, make_application
from ui.window import Window

PICTURED = 50
"""One Read in so many has its pictures on the disk: making more takes longer than the bench."""
STEPS = 400
PATTERNS = ("AB", "?B1*", "*XYZ", "QQQQ")
_KEY = Key(bytes(range(32)))
_AT_ONCE = 5_000


@dataclass(frozen=True, slots=True)
class ReadsBench:
    """CPU seconds of each step of the window's thread, by what was done; those until a search was answered."""

    reads: int
    steps: dict[str, list[float]]
    answers: dict[str, float]


def bench_reads(reads: int) -> ReadsBench:
    """Scroll through, search in, and add to a shift of `reads` Reads."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    with TemporaryDirectory() as folder, _car(Path(folder), reads) as car:
        app = make_application()
        patrol = cast(Patrolling, car.patrol)  # a Future of a Session is one of what it decides
        window = Window(patrol)
        window.resize(1280, 800)
        window.show()
        window.begin(patrol.sign_on(LOCAL_OFFICER.officer_id, "", patrol.units()[0], Crew.WITH_OBSERVER).result())
        window.show_page("reads")
        try:
            return _measure(app, window, car, reads)
        finally:
            discard(app, window)


def _measure(app: QApplication, window: Window, car: Car, reads: int) -> ReadsBench:
    steps: dict[str, list[float]] = {"scrolling": [], "a read added": [], "searching": []}
    answers: dict[str, float] = {}
    screen, bar = window.reads, window.reads.view.verticalScrollBar()

    def step(what: str, do: Callable[[], object]) -> None:
        began = time.thread_time()  # what others on this machine do is not the window's
        do()
        app.processEvents()
        steps[what].append(time.thread_time() - began)
        time.sleep(0.005)  # the disk's thread has its turn

    app.processEvents()
    for place in range(STEPS + 1):  # each step is another page
        step("scrolling", partial(bar.setValue, bar.maximum() * place // STEPS))
    for _ in range(STEPS):  # a flick of the finger: a row and a half at a time
        step("scrolling", partial(bar.setValue, bar.value() - 120))
    for number in range(100):
        read = _read(reads + number, "AB12CDE")
        car.patrol.read_made(read, sample_evidence(read.vrm, read.colour))  # the engine's work, not the window's
        step("a read added", app.processEvents)
    for pattern in PATTERNS:
        began = time.perf_counter()
        step("searching", partial(screen.search_for, pattern))
        while not screen.is_answered:
            step("searching", app.processEvents)
        answers[f"{pattern}: {screen.model.rowCount():,}"] = time.perf_counter() - began
    assert window.page == "reads", "else nothing was painted"
    return ReadsBench(reads, steps, answers)


@contextmanager
def _car(folder: Path, reads: int) -> Iterator[Car]:
    """A car in a shift of `reads` Reads that the program was cut off in."""
    settings = Settings.model_validate(
        {
            "alerting": {"sound": False},
            "records": {"folder": folder / "records", "reserve_megabytes": 1},
            "hotlists": {"folder": folder / "hotlists"},
            "log": {"folder": folder / "log"},
        }
    )
    (folder / "records").mkdir(mode=0o700)
    _fill(folder / "records", settings.depot.car, reads)
    car = build_car(settings, key=_KEY, by_hand=True)
    car.open(cameras=False)
    try:
        yield car
    finally:
        car.close()


def _fill(folder: Path, unit: str, reads: int) -> None:
    now = datetime.now(UTC)
    database, pictures = Database(folder, _KEY), Pictures(folder, _KEY)
    database.open(now)
    pictures.open()
    shift = Shift("bench", LOCAL_OFFICER.officer_id, unit, Crew.SINGLE, now - timedelta(hours=1))
    rng = np.random.default_rng(1)
    vrms = [random_mark(rng) for _ in range(reads)]
    with database.writing() as connection:
        for begin in range(0, reads, _AT_ONCE):
            with connection.begin():
                if not begin:
                    connection.execute(tables.shifts.insert(), shift_row(shift) | {"boot_id": "bench"})
                rows = [
                    read_row(_read(number, vrms[number])) | {"boot_id": "bench", "shift_id": "bench"}
                    for number in range(begin, min(reads, begin + _AT_ONCE))
                ]
                connection.execute(tables.reads.insert(), rows)
    for number in range(0, reads, PICTURED):
        pictures.keep(f"bench-{number}", sample_evidence("AB12CDE", PlateColour.YELLOW))
    database.close()


def _read(number: int, vrm: str) -> Read:
    return replace(sample_read(vrm), read_id=f"bench-{number}", captured_at=datetime.now(UTC))


def _report(found: ReadsBench) -> Iterator[str]:
    yield f"{found.reads:,} reads; CPU milliseconds of the window's thread a step"
    for what, seconds in found.steps.items():
        p50, p99, worst = (1000 * float(np.quantile(seconds, share)) for share in (0.5, 0.99, 1.0))
        yield f"{what:<13} {len(seconds):>5} steps: p50 {p50:.1f}, p99 {p99:.1f}, worst {worst:.1f}"
    for what, waited in found.answers.items():
        yield f"search {what} found in {1000 * waited:.0f} ms"


if __name__ == "__main__":
    for line in _report(bench_reads(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000)):
        print(line)  # noqa: T201
