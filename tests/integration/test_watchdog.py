"""Every thread of a running car stands in the table of docs/architecture.md; each worker that is killed is mended."""

import ctypes
import re
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path

import pytest

from patrol_anpr import build
from patrol_anpr.alerting.tones import load_tones
from patrol_anpr.build import build_car
from patrol_anpr.domain.health import LampState
from patrol_anpr.domain.shift import Crew
from patrol_anpr.patrol.car import Car
from patrol_anpr.settings import Settings
from tests.alerting.made import TONES, TellingPlayer, WordsVoice
from tests.cameras.fake_camera import FakeCamera
from tests.integration.cars import CAR, KEY, OFFICER, PIN, Depot, Heard, blind, settings_of, until
from tests.reading.made import plate_box

ROOT = Path(__file__).parents[2]
OF_THE_TEST = (
    "pytest*",
    "depot",
    "depot-tending",
    "AnyIO*",
    "asyncio_*",
    "http*",
    "fake-*",
    "Thread-*",
    "ThreadPoolExecutor-*",
    "pymp-*",
)
NOT_ALWAYS = {"voice-reader", "voice-test", "end-*", "log", "health-disk", "records-reader_*", "screen-watch"} | {
    "start-note",
    "past-reads_*",
    "evidence-export_*",
    "usb-stick_*",
}
"""Rows of threads that are there for a moment only, or where there is a voice, a log, a question, a window."""


@dataclass(frozen=True)
class Row:
    name: str
    kind: str
    failure: str


def table() -> list[Row]:
    text = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    section = text.partition("## Threads")[2].partition("\n## ")[0]
    cells = [
        [cell.strip() for cell in line.split("|")[1:-1]] for line in section.splitlines() if line.startswith("| `")
    ]
    return [Row(name.strip("`"), kind, failure) for name, kind, _, _, failure in cells]


def running() -> set[str]:
    return {thread.name for thread in threading.enumerate()}


@pytest.fixture
def patrol(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Car, Heard]]:
    """A car on patrol with all it can have, before and after which there are no threads but the test's own."""
    before = threading.enumerate()
    detector = blind(monkeypatch)
    detector.show(plate_box(4, 4, 60))
    player = TellingPlayer(dict(load_tones(TONES)))
    monkeypatch.setattr(build, "find_player", lambda: player)
    monkeypatch.setattr(build, "Voice", lambda clock, rate: WordsVoice())
    with Depot(tmp_path / "depot") as depot, FakeCamera() as fake:
        tree = settings_of(tmp_path, depot=depot, cameras=[("front", fake.url)]).model_dump()
        tree |= {"alerting": {"sound": True}, "vehicle": {"gps": "gpsd:127.0.0.1:9"}}
        car, heard = build_car(Settings.model_validate(tree), key=KEY), Heard()
        car.patrol.subscribe(heard)
        car.open()
        try:
            assert car.patrol.start_sync().result(timeout=30)
            car.patrol.sign_on(OFFICER, PIN, CAR, Crew.SINGLE).result(timeout=30)
            heard.wait_lamp("reading", LampState.GOOD)
            yield car, heard
        finally:
            car.close()
    until(lambda: [one for one in threading.enumerate() if one not in before and not of_the_test(one.name)] == [])


def of_the_test(name: str) -> bool:
    return any(fnmatch(name, pattern) for pattern in OF_THE_TEST)


def test_the_table_of_threads_is_what_runs(patrol: tuple[Car, Heard]) -> None:
    car, _ = patrol
    car.records.flush(20)
    names = {name for name in running() if not of_the_test(name)}
    rows = {row.name for row in table()}
    assert {name for name in names if not any(fnmatch(name, row) for row in rows)} == set()
    assert {row for row in rows if not any(fnmatch(name, row) for name in names)} <= NOT_ALWAYS


def kill(name: str) -> None:
    """Raise SystemExit in a thread, wherever it is: what no part foresees."""
    [thread] = [thread for thread in threading.enumerate() if thread.name == name]
    assert thread.ident is not None
    assert ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread.ident), ctypes.py_object(SystemExit)) == 1


def workers() -> list[Row]:
    return [row for row in table() if row.kind == "worker" and row.name != "log"]


@pytest.mark.parametrize("row", workers(), ids=lambda row: row.name)
def test_a_worker_that_is_killed_is_a_red_lamp_and_begins_again(patrol: tuple[Car, Heard], row: Row) -> None:
    car, heard = patrol
    name = row.name.replace("*", "front")
    [key] = re.findall(r"lamp `([^`]+)`", row.failure)
    known = len(heard.events)
    kill(name)
    car.patrol.set_muted(False)  # something to write, for a writer that waits for that
    _, lamp = heard.wait_lamp(key.replace("*", "front"), LampState.BAD, after=known)
    assert lamp.word
    until(lambda: name in running())
    if row.name != "gps":  # there is no receiver here to find again
        heard.wait_lamp(key.replace("*", "front"), LampState.GOOD, LampState.WARN, after=known)
