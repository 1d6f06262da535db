"""The thread that paints and hears touches waits for nothing: no file, no SQL, no key derivation, no other thread.

A whole shift in the real window over a real car and a real depot, whose records take their time. What waits is caught
where it happens, not by a stopwatch, so that a busy machine fails no test.
"""

import gc
import os
import sys
import threading
import traceback
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import argon2
import cv2  # noqa: F401  imported first on purpose: it sets the variables that make_application must remove
import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot
from sqlalchemy import Engine, event

from patrol_anpr.patrol.shifts import PIN_WRONG
from patrol_anpr.plumbing.files import write_whole
from tests.integration.cars import PIN as RIGHT
from tests.integration.cars import Depot, driving, passing, settings_of, write_clip
from tests.integration.test_window_demo import LEFT, PATIENCE_MS, confirm, hold, prove, put_away, sign_on, tap
from ui.app import make_application
from ui.window import Window

SLOW_SECONDS = 0.3
"""How long each access to the records takes: an old disk, and one that is full of other work."""


@dataclass
class Watch:
    """Notes what the GUI thread waits for while `on`."""

    on: bool = False
    seen: list[str] = field(default_factory=list)

    def note(self, what: str) -> bool:
        """Note it, if this is the GUI thread; tell whether it is."""
        here = threading.current_thread() is threading.main_thread()
        if here and self.on:
            stack = traceback.extract_stack()
            ours = [one for one in stack if {"ui", "patrol_anpr"} & set(Path(one.filename).parts)]
            starts = any(one.name == "start" and Path(one.filename).name == "threading.py" for one in stack)
            if ours and not starts:  # else it is the test itself, or a thread that comes up at once
                places = " < ".join(f"{Path(one.filename).name}:{one.lineno}" for one in reversed(ours))
                self.seen.append(f"{what} from {places}")
        return here


WATCH = Watch()


def _audited(name: str, arguments: tuple[Any, ...]) -> None:
    if not WATCH.on or name not in (
        "open",
        "os.remove",
        "os.rename",
        "os.listdir",
        "subprocess.Popen",
        "socket.connect",
    ):
        return
    if not str(arguments[0]).endswith((".py", ".pyc")):  # a module is imported
        WATCH.note(f"{name} {arguments[0]!r}")


sys.addaudithook(_audited)


@pytest.fixture
def slow(monkeypatch: pytest.MonkeyPatch) -> Iterator[Watch]:
    """Watched, and with records that take their time on whatever thread reads or writes them."""

    def statement(*_: object) -> None:
        WATCH.note("SQL")

    def transaction(*_: object) -> None:
        if not WATCH.note("SQL") and WATCH.on:
            threading.Event().wait(SLOW_SECONDS)

    def noted(owner: type, name: str) -> None:
        real = getattr(owner, name)

        def watched(self: Any, *args: Any, **kwargs: Any) -> Any:
            if args[:1] != (0,):  # a wait of no time is a look
                WATCH.note(f"{owner.__name__}.{name}")
            return real(self, *args, **kwargs)

        monkeypatch.setattr(owner, name, watched)

    noted(threading.Condition, "wait")
    noted(threading.Thread, "join")
    noted(argon2.PasswordHasher, "verify")
    hooks = [("before_cursor_execute", statement), ("begin", transaction), ("commit", transaction)]
    for name, hook in hooks:
        event.listen(Engine, name, hook)
    WATCH.seen.clear()
    yield WATCH
    WATCH.on = False
    for name, hook in hooks:
        event.remove(Engine, name, hook)


@pytest.fixture
def app(qapp: QApplication) -> Iterator[QApplication]:
    make_application()
    yield qapp
    gc.collect()


def test_a_shift_in_the_window_waits_for_nothing(app: QApplication, qtbot: QtBot, tmp_path: Path, slow: Watch) -> None:
    clip = write_clip(tmp_path / "clip.avi", passing("TX64KZW", "XT24ZPA", frames=24))
    with Depot(tmp_path / "depot") as depot:
        settings = settings_of(tmp_path, depot=depot, cameras=[("front", str(clip))])
        with driving(settings, cameras=True) as (car, _heard):
            assert car.patrol.start_sync().result()
            window = Window(car.patrol)
            try:
                window.resize(1280, 800)
                window.show()
                slow.on = True
                sign_on(qtbot, window, "000000")
                qtbot.waitUntil(lambda: window.sign_on.problem.text() == PIN_WRONG, timeout=PATIENCE_MS)
                sign_on(qtbot, window, RIGHT)
                qtbot.waitUntil(window.live.card.isVisible, timeout=PATIENCE_MS)
                confirm(qtbot, window)
                tap(qtbot, window.live.card.reasons.finish)
                qtbot.waitUntil(lambda: window.page in ("sync", "start_check"), timeout=PATIENCE_MS)
                if window.page == "sync":
                    tap(qtbot, window.sync.go_on)
                qtbot.waitUntil(lambda: window.page == "start_check", timeout=PATIENCE_MS)
                prove(qtbot, window)
                hold(qtbot, window.start_check.go_on, "live", window)
                qtbot.mouseRelease(window.start_check.go_on, LEFT)
                qtbot.waitUntil(lambda: window.reads.model.rowCount() == 2, timeout=PATIENCE_MS)
                window.reads._painter._patches.clear()  # as after a restart: they come from the disk
                for page in ("reads", "hits", "shift"):
                    tap(qtbot, window.bottom.pages[page])
                    window.grab()
                hold(qtbot, window.shift.off, "sync", window)
                qtbot.waitUntil(window.sync.end.isVisible, timeout=PATIENCE_MS)
                tap(qtbot, window.sync.close_button)
                window.close()
            finally:
                slow.on = False
                put_away(app, window)
    assert slow.seen == []


def test_the_watch_sees_what_waits(slow: Watch, tmp_path: Path) -> None:
    """Else the test above could not fail."""
    slow.on = True
    write_whole(tmp_path / "file", b"what the window must not do itself")
    slow.on = False
    assert any("open" in one and "files.py" in one for one in slow.seen)
