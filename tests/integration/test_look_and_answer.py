"""Who looked, what control said and what was done: from the finger through a restart to the depot."""

import gc
import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import cv2  # noqa: F401  imported first on purpose: it sets the variables that make_application must remove
import pytest
import shiboken6
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from patrol_anpr.domain.disposition import Disposition
from patrol_anpr.domain.hit import ControlAnswer, HitState
from patrol_anpr.domain.shift import Crew
from patrol_anpr.patrol.car import Car
from patrol_anpr.wire.payloads import Kind, OutcomePayload
from tests.integration.cars import CAR, LISTED, OFFICER, PIN, Depot, driving, pictures, settings_of
from tests.made import a_read
from tests.ui.touching import touch
from ui.app import discard, make_application
from ui.widgets.reasons import Page
from ui.window import Window

PATIENCE_MS = 40_000


@pytest.fixture
def app(qapp: QApplication) -> Iterator[QApplication]:
    make_application()
    yield qapp
    gc.collect()


def tap(qtbot: QtBot, window: Window, button: QWidget) -> None:
    qtbot.waitUntil(lambda: button.isVisible() and not window.dead_time.active, timeout=PATIENCE_MS)
    touch(window, button)


def choose(qtbot: QtBot, window: Window, choice: object) -> None:
    reasons = window.live.card.reasons
    buttons = (*reasons.buttons, reasons.turn)
    qtbot.waitUntil(lambda: any(b.isVisible() and b.choice is choice for b in buttons), timeout=PATIENCE_MS)
    tap(qtbot, window, next(b for b in buttons if b.isVisible() and b.choice is choice))


def test_look_and_answer_survive_a_restart_and_reach_the_depot(app: QApplication, qtbot: QtBot, tmp_path: Path) -> None:
    with Depot(tmp_path / "depot") as depot:
        settings = settings_of(tmp_path, depot=depot)
        evidence = replace(pictures(1), patches=(pictures(2).patch, pictures(3).patch))
        with driving(settings) as (car, _):
            assert car.patrol.start_sync().result()
            window = opened(car)
            car.patrol.read_made(a_read(LISTED[0]), evidence)
            tap(qtbot, window, window.live.card.confirm)
            choose(qtbot, window, ControlAnswer.CONFIRMED)
            qtbot.waitUntil(lambda: window.live.card.reasons.page is Page.STOPPED, timeout=PATIENCE_MS)
            assert car.records.flush(20)
            put_away(app, window)
        with driving(settings) as (car, _):
            window = opened(car)
            [closed] = window.flow.queue.closed_hits
            assert (closed.hit.look and closed.hit.look.officer_id, closed.hit.may_stop) == (OFFICER, True)
            window.flow.open(closed.hit_id)
            patch = window.live.card.read_back.patch
            qtbot.waitUntil(lambda: patch.has_picture, timeout=PATIENCE_MS)
            assert patch.pages == 3
            choose(qtbot, window, Disposition.ARREST)
            qtbot.waitUntil(lambda: not window.live.card.isVisible(), timeout=PATIENCE_MS)
            assert car.patrol.sign_off().result(timeout=60) == 0
            put_away(app, window)
        held = depot.holds()
        held.assert_sound()
        outcomes = [one for one in held.payloads[Kind.OUTCOME] if isinstance(one, OutcomePayload)]
    assert [one.state for one in outcomes] == [HitState.ACTIONED] * 3
    assert [one.looked for one in outcomes] == [True, False, False]
    assert [one.control for one in outcomes] == [None, ControlAnswer.CONFIRMED, None]
    assert [(one.disposition, one.override) for one in outcomes] == [
        (None, None),
        (None, None),
        (Disposition.ARREST.value, None),
    ]
    assert {one.officer_id for one in outcomes} == {OFFICER}


def opened(car: Car) -> Window:
    """A window on patrol, with an observer: this car has no GPS to say that it stands."""
    session = car.patrol.sign_on(OFFICER, PIN, CAR, Crew.WITH_OBSERVER).result(timeout=20)
    window = Window(car.patrol)
    window.resize(1280, 800)
    window.show()
    window.begin(session)
    window.show_page("live")
    return window


def put_away(app: QApplication, window: Window) -> None:
    discard(app, window)
    shiboken6.delete(window._bridge)
