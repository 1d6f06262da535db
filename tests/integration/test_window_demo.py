"""The real window over a real car and a real depot: from the PIN to "Safe to switch off"."""

import gc
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import cv2  # noqa: F401  imported first on purpose: it sets the variables that make_application must remove
import pytest
import shiboken6
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from patrol_anpr.domain.events import HitChanged
from patrol_anpr.domain.hit import HitState
from patrol_anpr.domain.proof import Joint
from patrol_anpr.patrol.shifts import PIN_WRONG
from patrol_anpr.resources import ROOT
from patrol_anpr.settings import ScreenSettings
from patrol_anpr.wire.payloads import Kind, OutcomePayload
from tests.integration.cars import (
    NAME,
    OFFICER,
    PIN,
    Depot,
    driving,
    passing,
    settings_of,
    write_clip,
)
from tests.ui.touching import touch
from ui.app import discard, make_application
from ui.window import Window

LEFT = Qt.MouseButton.LeftButton
PATIENCE_MS = 40_000


@pytest.fixture
def app(qapp: QApplication) -> Iterator[QApplication]:
    """The application; what a test leaves to the collector is collected here, on the thread that Qt belongs to."""
    make_application()
    yield qapp
    gc.collect()


def put_away(app: QApplication, window: Window) -> None:
    """Delete a window and what it is made of now. After a failed test its traceback holds them, and the collector would
    come to them on a thread of some other test: Qt aborts.
    """
    discard(app, window)
    shiboken6.delete(window._bridge)


def tap(qtbot: QtBot, button: QWidget) -> None:
    """Tap what an officer can tap: it is on the screen, enabled, and no longer deaf."""
    window = button.window()
    assert isinstance(window, Window)
    qtbot.waitUntil(
        lambda: button.isVisible() and button.isEnabled() and not window.dead_time.active, timeout=PATIENCE_MS
    )
    qtbot.mouseClick(button, LEFT)


def hold(qtbot: QtBot, button: QWidget, until_page: str, window: Window) -> None:
    qtbot.waitUntil(lambda: not window.dead_time.active, timeout=PATIENCE_MS)
    qtbot.mousePress(button, LEFT)
    qtbot.waitUntil(lambda: window.page == until_page, timeout=PATIENCE_MS)


def sign_on(qtbot: QtBot, window: Window, pin: str) -> None:
    window.sign_on.choose(OFFICER)
    tap(qtbot, window.sign_on._crews.buttons()[1])  # with an observer: this car has no GPS to say that it stands
    for digit in pin:
        tap(qtbot, window.sign_on.pad.keys[digit])
    tap(qtbot, window.sign_on.go)


def prove(qtbot: QtBot, window: Window) -> None:
    """Do the crew's part of the proof run, and wait for its end."""
    check = window.start_check
    qtbot.waitUntil(lambda: check.target.wanted and not window.dead_time.active, timeout=PATIENCE_MS)
    touch(window, check.target)
    tap(qtbot, check.yes)
    qtbot.waitUntil(lambda: window.patrol.proof.run.is_over, timeout=PATIENCE_MS)


def confirm(qtbot: QtBot, window: Window) -> None:
    """Tap CONFIRM until it takes: the card is deaf for a moment after it came."""
    card = window.live.card
    assert card.hit is not None
    hit_id = card.hit.hit_id

    def taken() -> bool:
        qtbot.mouseClick(card.confirm, LEFT)
        return hit_id not in {entry.hit.hit_id for entry in window.flow.queue.open_hits}

    qtbot.waitUntil(taken, timeout=PATIENCE_MS)


def test_a_shift_in_the_window_from_pin_to_safe_to_switch_off(app: QApplication, qtbot: QtBot, tmp_path: Path) -> None:
    clip = write_clip(tmp_path / "clip.avi", passing("TX64KZW", "XT24ZPA", frames=24))
    with Depot(tmp_path / "depot") as depot:
        settings = settings_of(tmp_path, depot=depot, cameras=[("front", str(clip))])
        with driving(settings, cameras=True) as (car, heard):
            assert car.patrol.start_sync().result()
            window = Window(car.patrol, demo=True)
            try:
                window.resize(1280, 800)
                window.show()
                qtbot.waitUntil(lambda: window.page == "sign_on")
                sign_on(qtbot, window, "000000")
                qtbot.waitUntil(lambda: window.sign_on.problem.text() == PIN_WRONG, timeout=PATIENCE_MS)
                sign_on(qtbot, window, PIN)
                # The hit comes while the start check is done, which goes on when the hit has been dealt with.
                qtbot.waitUntil(window.live.card.isVisible, timeout=PATIENCE_MS)
                assert window.live.card.hit is not None
                assert window.live.card.hit.match.voi.vrm == "TX64KZW"
                confirm(qtbot, window)
                tap(qtbot, window.live.card.reasons.finish)
                if window.page == "sync":
                    tap(qtbot, window.sync.go_on)
                assert window.page == "start_check"
                prove(qtbot, window)
                assert [fault.joint for fault in car.patrol.proof.run.faults] == [Joint.SOUND]  # the car is silent
                hold(qtbot, window.start_check.go_on, "live", window)
                qtbot.mouseRelease(window.start_check.go_on, LEFT)

                [changed] = [event for event in heard.of(HitChanged) if event.outcome.state is HitState.ACTIONED]
                assert changed.outcome.officer_id == OFFICER
                qtbot.waitUntil(
                    lambda: [read.vrm for read in window.live.side.strip.reads] == ["XT24ZPA", "TX64KZW"],
                    timeout=PATIENCE_MS,
                )

                tap(qtbot, window.bottom.pages["shift"])
                figures = [window.shift.figures[name] for name in ("reads", "hits", "confirmed", "unresolved")]
                qtbot.waitUntil(lambda: [one.text() for one in figures] == ["2", "1", "1", "0"], timeout=PATIENCE_MS)
                assert NAME in window.shift.who.text()
                hold(qtbot, window.shift.off, "sync", window)
                qtbot.waitUntil(window.sync.end.isVisible, timeout=PATIENCE_MS)
                assert window.sync.end.title.text() == "Safe to switch off"
                tap(qtbot, window.sync.close_button)
                assert window.page == "sign_on"
            finally:
                put_away(app, window)
        held = depot.holds()
        held.assert_sound()
        assert sorted(read.vrm for read in held.reads) == ["TX64KZW", "XT24ZPA"]
        [outcome] = [one for one in held.payloads[Kind.OUTCOME] if isinstance(one, OutcomePayload)]
        assert (outcome.state, outcome.hit_id) == (HitState.ACTIONED, held.hits[0].hit_id)


RUN_AND_QUIT = """
import sys
from pathlib import Path

from PySide6.QtCore import QTimer

from patrol_anpr.commands.loading import LoadedSettings
from patrol_anpr.settings import Settings
from patrol_anpr.commands.window import run_with_window
from ui.app import make_application

app = make_application()
QTimer.singleShot(500, app.quit)
settings = Settings.model_validate_json(Path(sys.argv[1]).read_text())
sys.exit(run_with_window(lambda: LoadedSettings(settings, {}, None), []))
"""


@pytest.mark.parametrize("full_screen", [True, False])
def test_the_program_opens_its_window_with_every_option_of_the_settings(tmp_path: Path, full_screen: bool) -> None:
    """In a process of its own: a Qt application runs once."""
    clip = write_clip(tmp_path / "clip.avi", passing("TX64KZW", frames=4))
    settings = settings_of(tmp_path, cameras=[("front", str(clip))]).model_copy(
        update={"screen": ScreenSettings(full_screen=full_screen, lock_after_minutes=5)}
    )
    file = tmp_path / "settings.json"
    file.write_text(settings.model_dump_json())
    done = subprocess.run(
        [sys.executable, "-c", RUN_AND_QUIT, str(file)],
        env=os.environ | {"QT_QPA_PLATFORM": "offscreen", "PYTHON_KEYRING_BACKEND": "keyring.backends.fail.Keyring"},
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
