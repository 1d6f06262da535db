"""The real window over a real car with a real camera: its page shows what the camera sees, and a finger sets it up."""

import gc
import os
from collections.abc import Iterator
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import cv2  # noqa: F401  imported first on purpose: it sets the variables that make_application must remove
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from patrol_anpr.domain.shift import Crew
from patrol_anpr.patrol.car import Car
from tests.cameras.fake_camera import FakeCamera
from tests.integration.cars import PATIENCE_S, blind, driving, settings_of
from tests.integration.test_rigging import LEFT_BRIGHT, SIZE, is_left_bright, serving
from tests.integration.test_window_demo import put_away
from tests.reading.made import plate_box
from tests.ui.touching import FINGER, touch
from ui.app import make_application
from ui.window import Window

MS = int(1000 * PATIENCE_S)
LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def app(qapp: QApplication) -> Iterator[QApplication]:
    """The application; what a test leaves to the collector is collected here, on the thread that Qt belongs to."""
    make_application()
    yield qapp
    gc.collect()


@pytest.fixture
def road(
    app: QApplication, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[tuple[Window, Car, FakeCamera]]:
    """A window on patrol with an observer; the only camera sees a plate where a bonnet would be."""
    detector = blind(monkeypatch)
    detector.show(plate_box(320, 330, 90))
    with serving(tmp_path / "pictures", LEFT_BRIGHT) as fake:
        settings = settings_of(tmp_path, cameras=[("front", fake.url)])
        with driving(settings, cameras=True) as (car, _):
            window = Window(car.patrol)
            window.resize(1280, 800)
            window.show()
            session = car.patrol.sign_on("LOCAL", "", car.patrol.units()[0], Crew.WITH_OBSERVER).result(PATIENCE_S)
            window.begin(session)
            window.show_page("car")
            yield window, car, fake
            put_away(app, window)


def tap(qtbot: QtBot, window: Window, button: QWidget) -> None:
    qtbot.waitUntil(lambda: button.isVisible() and not window.dead_time.active, timeout=MS)
    touch(window, button)


def test_what_the_camera_sees_is_shown_and_the_strip_grows(road: tuple[Window, Car, FakeCamera], qtbot: QtBot) -> None:
    window, _, fake = road
    front = window.car.panels["front"]
    qtbot.waitUntil(lambda: front.figures.text().startswith("640 by 360, "), timeout=MS)
    qtbot.waitUntil(lambda: "could read for" in front.strip.words, timeout=MS)
    fake.mode("black")
    qtbot.waitUntil(lambda: "lens covered for" in front.strip.words, timeout=MS)
    assert front.name.text() == "Front camera sends no picture"


def test_a_mask_drawn_with_a_finger_ends_the_reading_there(road: tuple[Window, Car, FakeCamera], qtbot: QtBot) -> None:
    window, car, _ = road
    front, drawing = window.car.panels["front"], window.car.drawing
    qtbot.waitUntil(lambda: front.tile.frame is not None and bool(front.tile.frame.plates), timeout=MS)
    tap(qtbot, window, front.mask_button)
    qtbot.waitUntil(lambda: drawing.isVisible() and not window.dead_time.active, timeout=MS)
    handle, place = window.windowHandle(), drawing.canvas.place

    def at(x: float, y: float) -> QPoint:
        inside = QPointF(place.x() + x * place.width(), place.y() + y * place.height())
        return drawing.canvas.mapTo(window, inside.toPoint())

    QTest.touchEvent(handle, FINGER).press(0, at(0.01, 0.8), handle).commit()
    QTest.touchEvent(handle, FINGER).move(0, at(0.5, 0.9), handle).commit()
    QTest.touchEvent(handle, FINGER).release(0, at(1.0, 1.0), handle).commit()
    tap(qtbot, window, drawing.finish)
    qtbot.waitUntil(lambda: front.tile.frame is not None and front.tile.frame.plates == (), timeout=MS)
    assert [one.mask for one in (car.patrol.rig.rig("front"),)] == [drawing.canvas.areas]


def test_the_picture_is_mirrored_with_one_tap(road: tuple[Window, Car, FakeCamera], qtbot: QtBot) -> None:
    window, _, _ = road
    front = window.car.panels["front"]
    qtbot.waitUntil(lambda: front.tile.frame is not None and is_left_bright(front.tile.frame.pixels), timeout=MS)
    tap(qtbot, window, front.mirror_button)
    qtbot.waitUntil(
        lambda: front.tile.frame is not None and is_left_bright(front.tile.frame.pixels[:, ::-1]), timeout=MS
    )
    assert front.tile.frame is not None
    assert front.tile.frame.pixels.shape[:2] == SIZE[::-1]
