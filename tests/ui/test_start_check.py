"""The start check: what a camera delivers, and whether its plates are wide enough to read."""

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from patrol_anpr.domain.events import PlateSeen, ProofChanged
from patrol_anpr.domain.health import CameraState, CameraStatus, LampState
from patrol_anpr.domain.live import LiveFrame
from patrol_anpr.domain.plate import Box
from patrol_anpr.domain.proof import Joint, JointResult, JointState, ProofRun, Tap
from patrol_anpr.lab.sample_patrol import SamplePatrol
from tests.ui.touching import FINGER, touch
from ui.app import discard
from ui.models.dead_time import DeadTime
from ui.screens.start_check import StartCheckScreen
from ui.text import plate_width
from ui.window import Window

LEFT = Qt.MouseButton.LeftButton


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
        assert "73052846" in window.sign_on.hint.text()
    finally:
        discard(app, window)


# -- the proof run -----------------------------------------------------------------------------------------------------

FAULT = JointResult(
    Joint.CAMERA, "rear", JointState.FAILED, "Rear lost.", "Check the camera's cable. The program keeps trying.", 4.0
)
NO_TIME = JointResult(Joint.GPS_TIME, "", JointState.FAILED, "No time from GPS.", "Drive into the open.", 5.0)


@pytest.fixture
def checking(window: Window, session: SamplePatrol, app: QApplication) -> Window:
    """On the start check, everything proven but what waits for the crew."""
    window.show_page("start_check")
    window.start_check.begin(lists_updated=True)
    settled(app)
    session.clock.advance(1)
    session.told.clear()
    return window


def settled(app: QApplication) -> None:
    for _ in range(3):
        app.processEvents()


def test_a_finger_on_the_plate_and_a_yes_open_the_way(checking: Window, session, qtbot, app) -> None:
    check = checking.start_check
    assert check.verdict.text() == "Start check"
    assert not check.go.isVisible()
    touch(checking, check.target)
    qtbot.mouseClick(check.yes, LEFT)
    settled(app)
    assert check.verdict.text() == "Everything works"
    assert check.go.isVisible()
    assert not check.go_on.isVisible()
    session.clock.advance(1)
    qtbot.mouseClick(check.go, LEFT)
    assert checking.page == "live"
    assert session.told == [("tapped", Tap.FINGER), ("voice_heard", True), ("go_on", [])]


def test_a_mouse_and_a_key_count_and_say_so(checking: Window, session, qtbot) -> None:
    target = checking.start_check.target
    qtbot.mouseClick(target, LEFT)
    assert session.told == [("tapped", Tap.MOUSE)]
    session.proof.start()
    checking.start_check.show_run(session.proof.run)
    session.told.clear()
    qtbot.keyClick(target, Qt.Key.Key_Space)
    assert session.told == [("tapped", Tap.KEY)]


def test_a_touch_that_began_before_the_page_came_does_not_count(checking: Window, session) -> None:
    checking.dead_time.restart()
    touch(checking, checking.start_check.target)
    assert session.told == []


def test_a_finger_that_leaves_the_plate_has_not_tapped_it(checking: Window, session, app) -> None:
    handle, target = checking.windowHandle(), checking.start_check.target
    place = target.mapTo(checking, target.rect().center())
    QTest.touchEvent(handle, FINGER).press(0, place, handle).commit()
    QTest.touchEvent(handle, FINGER).release(0, place + QPoint(0, 2 * target.height()), handle).commit()
    settled(app)
    assert session.told == []


def test_the_first_fault_stands_big_with_what_to_do_and_the_others_below(
    window: Window, session: SamplePatrol, app
) -> None:
    session.proof.broken = [FAULT, NO_TIME]
    window.show_page("start_check")
    window.start_check.begin(lists_updated=True)
    settled(app)
    check = window.start_check
    assert check.verdict.text() == "Fault: Rear camera"
    assert check.detail.text() == "Rear lost. Check the camera's cable. The program keeps trying."
    [row] = check._faults
    assert (row.name, row.lamp.state, row.words) == ("GPS time", LampState.BAD, "No time from GPS.")
    assert check.go_on.caption == "hold 1 s, with 2 faults"
    assert "Picture, Rear: failed" in check.table.accessibleName()


def test_a_crew_goes_on_with_a_named_fault_by_holding(window: Window, session: SamplePatrol, qtbot, app) -> None:
    session.proof.broken = [FAULT]
    window.show_page("start_check")
    window.start_check.begin(lists_updated=True)
    settled(app)
    session.clock.advance(1)
    go_on = window.start_check.go_on
    assert go_on.caption == "hold 1 s, with: Rear camera"
    qtbot.mouseClick(go_on, LEFT)
    assert window.page == "start_check"  # a tap does not do
    qtbot.mousePress(go_on, LEFT)
    session.clock.advance(1.1)
    qtbot.waitUntil(lambda: window.page == "live")
    assert ("go_on", ["camera:rear"]) in session.told


def test_a_crew_that_must_go_now_can(checking: Window, session, qtbot) -> None:
    assert checking.start_check.go_on.caption == "hold 1 s, not all is proven"
    qtbot.mousePress(checking.start_check.go_on, LEFT)
    session.clock.advance(1.1)
    qtbot.waitUntil(lambda: checking.page == "live")


def test_a_finger_on_its_way_to_go_on_does_not_start(checking: Window, session, qtbot, app) -> None:
    touch(checking, checking.start_check.target)
    qtbot.mouseClick(checking.start_check.yes, LEFT)
    settled(app)
    qtbot.mouseClick(checking.start_check.go, LEFT)  # it has only just come there
    assert checking.page == "start_check"


def test_run_again_begins_anew_and_say_it_again_asks_anew(checking: Window, session, qtbot, app) -> None:
    check = checking.start_check
    qtbot.mouseClick(check.no, LEFT)
    settled(app)
    assert check.verdict.text() == "Fault: Sound"
    qtbot.mouseClick(check.again, LEFT)
    assert not check.no.isChecked()
    qtbot.mouseClick(check.anew, LEFT)
    settled(app)
    assert [told[0] for told in session.told] == ["voice_heard", "say_again", "proof"]
    assert check.verdict.text() == "Start check"


def test_news_of_a_run_before_is_not_shown(checking: Window, session, app) -> None:
    session.publish(ProofChanged(ProofRun(number=session.proof.run.number - 1)))
    settled(app)
    assert checking.start_check.verdict.text() == "Start check"
    assert checking.start_check.target.wanted


def test_what_is_to_be_known_of_a_joint_that_passed_is_said(window: Window, session: SamplePatrol, app) -> None:
    told = JointResult(Joint.LIST, "front", JointState.PASSED, "List 14 h.", "Sync with the depot when you can.", 0.5)
    session.proof.broken = [told]
    window.start_check.begin(lists_updated=True)
    settled(app)
    session.proof.tapped(Tap.FINGER)
    session.proof.heard(True)
    settled(app)
    assert window.start_check.verdict.text() == "Everything works"
    assert window.start_check.detail.text() == "List 14 h. Sync with the depot when you can."
