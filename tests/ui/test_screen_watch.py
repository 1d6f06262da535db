"""The window that stands still is noticed by another thread, told by sound, and told well when it turns again."""

import ctypes
import logging
import threading
from collections.abc import Iterator
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from patrol_anpr.domain.health import Lamp
from patrol_anpr.domain.live import LiveFrame
from patrol_anpr.lab.sample_patrol import StillClock
from ui import screen_watch
from ui.models.spread import Spread
from ui.screen_watch import STUCK, UNWATCHED, WORKS, ScreenWatch
from ui.window import Window


@given(st.lists(st.floats(0.0, 1.9), min_size=1), st.fractions(Fraction(1, 100), 1))
def test_a_percentile_is_never_told_too_short_and_at_most_a_millisecond_too_long(
    times: list[float], share: Fraction
) -> None:
    spread = Spread()
    for one in times:
        spread.add(one)
    exact = sorted(times)[max(1, -(-len(times) * share.numerator // share.denominator)) - 1]
    assert exact <= spread.percentile(float(share)) + 1e-9
    assert spread.percentile(float(share)) <= exact + 0.0011
    assert spread.worst == max(times)


def test_what_takes_longer_than_all_counts_is_known_as_the_worst() -> None:
    spread = Spread()
    spread.add(7.5)
    assert spread.told == "p50 2001 ms, p99 2001 ms, worst 7500 ms"
    assert Spread().told == "p50 0 ms, p99 0 ms, worst 0 ms"


class Told:
    """The lamps that were told, and by which thread."""

    def __init__(self) -> None:
        self.lamps: list[Lamp] = []
        self.news = threading.Condition()

    def __call__(self, lamp: Lamp) -> None:
        with self.news:
            self.lamps.append(lamp)
            self.news.notify_all()

    def wait(self, lamp: Lamp) -> bool:
        with self.news:
            return self.news.wait_for(lambda: lamp in self.lamps, 20)


@pytest.fixture
def told() -> Told:
    return Told()


@pytest.fixture
def watch(app: QApplication, told: Told, monkeypatch: pytest.MonkeyPatch) -> Iterator[ScreenWatch]:
    monkeypatch.setattr(screen_watch, "STUCK_SECONDS", 0.3)
    made = ScreenWatch(told, StillClock())
    made.start()
    yield made
    made.stop()


def a_slot_that_waits_for(told: Told, lamp: Lamp) -> None:
    assert told.wait(lamp)


def test_a_window_that_stands_still_is_a_red_lamp_and_a_good_one_when_it_turns_again(
    watch: ScreenWatch, told: Told, qtbot: QtBot, caplog: pytest.LogCaptureFixture
) -> None:
    qtbot.waitUntil(lambda: watch.turns.count > 3)
    assert told.lamps == []
    with caplog.at_level(logging.INFO):
        QTimer.singleShot(0, lambda: a_slot_that_waits_for(told, STUCK))
        qtbot.waitUntil(lambda: WORKS in told.lamps, timeout=20_000)
    assert told.lamps == [STUCK, WORKS]
    assert watch.turns.worst > 0.3
    [line] = [record.getMessage() for record in caplog.records if record.name == "ui.screen_watch"]
    assert line.startswith("the window is blocked in ")
    assert "a_slot_that_waits_for" in line


def test_a_loop_that_turns_is_not_told(watch: ScreenWatch, told: Told, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: watch.turns.count > 25)
    assert told.lamps == []
    assert watch.told.startswith("WINDOW turns of its loop: p50 2")


def test_a_watch_that_is_killed_is_a_red_lamp_and_begins_again(watch: ScreenWatch, told: Told, qtbot: QtBot) -> None:
    [thread] = [one for one in threading.enumerate() if one.name == "screen-watch"]
    assert thread.ident is not None
    ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread.ident), ctypes.py_object(SystemExit))
    qtbot.waitUntil(lambda: told.lamps == [UNWATCHED, WORKS], timeout=20_000)


def test_a_computer_that_slept_had_no_window_that_stood_still(
    app: QApplication, told: Told, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The watch itself did not run either: between two of its looks lie hours, and the window could not turn."""
    seconds = iter([0.0, 0.03, 0.06, 9_000.0, 9_000.03, 9_000.06])
    watch = ScreenWatch(told, StillClock())
    monkeypatch.setattr(screen_watch.time, "monotonic", lambda: next(seconds))

    class Looks(threading.Event):
        left = 5

        def wait(self, timeout: float | None = None) -> bool:
            self.left -= 1
            return self.left < 0

    watch._look_on(Looks())
    assert told.lamps == []


def test_the_age_of_each_picture_is_kept_when_it_is_painted(window: Window, qtbot: QtBot) -> None:
    clock, tile = window.patrol.clock, window.live.stage.tiles["front"]
    assert isinstance(clock, StillClock)
    watch = ScreenWatch(lambda _: None, clock)
    window.live.stage.painted.connect(watch.painted)
    pixels = np.zeros((72, 128, 3), np.uint8)
    window.patrol.live("front").put(LiveFrame("front", pixels, (), 30.0, 15.0, clock.monotonic() - 0.09))
    tile.look()
    window.grab()
    tile.update()
    window.grab()
    assert watch.ages.count == 1
    assert watch.ages.worst == pytest.approx(0.09)
