"""The start check: what a camera delivers, and whether its plates are wide enough to read."""

import numpy as np
import pytest

from patrol_anpr.domain.events import PlateSeen
from patrol_anpr.domain.health import CameraState, CameraStatus
from patrol_anpr.domain.live import LiveFrame
from patrol_anpr.domain.plate import Box
from patrol_anpr.lab.sample_patrol import SamplePatrol
from ui.app import discard
from ui.models.dead_time import DeadTime
from ui.screens.start_check import StartCheckScreen
from ui.text import plate_width
from ui.window import Window


@pytest.mark.parametrize(("width", "enough"), [(86, True), (64, True), (40, False)])
def test_the_widest_plate_tells_whether_a_camera_can_do_the_job(qtbot, session, app, width: int, enough: bool) -> None:
    screen = StartCheckScreen(session, DeadTime(session.clock))
    qtbot.addWidget(screen)
    plates = tuple(PlateSeen(Box(10, 10, 10 + one, 30), "", certain=False) for one in (20, width))
    pixels = np.zeros((720, 1280, 3), np.uint8)
    session.live("front").put(LiveFrame("front", pixels, plates, 30.0, 15.0, 0.0))
    screen.lamps.measure_plates()
    assert screen.lamps.rows["camera:front"].detail == plate_width(width, enough=enough)


def test_without_a_plate_in_view_the_figures_of_the_camera_stay(qtbot, session, app) -> None:
    screen = StartCheckScreen(session, DeadTime(session.clock))
    qtbot.addWidget(screen)
    screen.lamps.camera_changed(CameraStatus("front", CameraState.SEEN, width=1920, height=1080, fps=30))
    session.live("front").put(LiveFrame("front", np.zeros((720, 1280, 3), np.uint8), (), 30.0, 15.0, 0.0))
    screen.lamps.measure_plates()
    assert "1920 by 1080" in screen.lamps.rows["camera:front"].detail


def test_what_the_cameras_said_before_the_window_came_is_shown(qtbot, app) -> None:
    session = SamplePatrol(shown_cameras=[CameraStatus("rear", CameraState.SEEN, width=1280, height=720, fps=15)])
    window = Window(session, demo=True)
    app.processEvents()
    try:
        assert "1280 by 720" in window.start_check.lamps.rows["camera:rear"].detail
        assert "100100" in window.sign_on.hint.text()
    finally:
        discard(app, window)
