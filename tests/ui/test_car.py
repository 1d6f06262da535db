"""The page of the car: what each camera sees and could see, and how a finger sets it up."""

from concurrent.futures import Future
from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QInputDevice, QPointingDevice
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from patrol_anpr.domain.coverage import Blind, CoverageMinute
from patrol_anpr.domain.errors import RecordsFault
from patrol_anpr.domain.events import CameraChanged, LampChanged
from patrol_anpr.domain.fix import Fix
from patrol_anpr.domain.health import CameraState, CameraStatus, Lamp, LampState, Sight
from patrol_anpr.domain.live import LiveFrame
from patrol_anpr.domain.optics import PlateWidths
from patrol_anpr.domain.outlook import Outlook
from patrol_anpr.domain.rig import Area, Rig, Turn
from patrol_anpr.domain.shift import Crew
from patrol_anpr.lab.sample_cameras import sample_minutes
from patrol_anpr.lab.sample_patrol import SamplePatrol
from ui.models.covered import CoverWatch
from ui.screens.car import CarScreen
from ui.widgets.scrolling import TouchArea
from ui.window import Window

LEFT = Qt.MouseButton.LeftButton
FINGER: QPointingDevice = QTest.createTouchDevice(QInputDevice.DeviceType.TouchScreen)
GREY = np.full((720, 1280, 3), 120, np.uint8)


def settle() -> None:
    for _ in range(3):
        QApplication.processEvents()


@pytest.fixture
def car(window: Window, session: SamplePatrol) -> CarScreen:
    window.car.panels["front"].rig = Rig()
    session.rig.rigs.clear()
    for name in ("front", "rear"):
        session.publish(CameraChanged(CameraStatus(name, CameraState.SEEN, width=1280, height=720)))
    window.show_page("car")
    settle()
    show(window.car, session)
    session.clock.advance(1)  # the dead time of a new page is over
    return window.car


def show(car: CarScreen, session: SamplePatrol, **levels: int) -> None:
    """Let each camera give a grey picture of some level."""
    for name, panel in car.panels.items():
        pixels = np.full_like(GREY, levels.get(name, 120))
        session.live(name).put(LiveFrame(name, pixels, (), 30.0, 15.0, session.clock.monotonic()))
        panel.tile.look()


def click(qtbot: QtBot, session: SamplePatrol, button: QWidget) -> None:
    qtbot.mouseClick(button, LEFT)
    settle()
    session.clock.advance(1)


def drag(window: Window, car: CarScreen, begin: tuple[float, float], end: tuple[float, float]) -> None:
    """A finger drawn over the still picture, from one place of it to another, in shares of its width and height."""
    canvas, handle = car.drawing.canvas, window.windowHandle()

    def at(x: float, y: float) -> QPoint:
        place = canvas.place
        inside = QPointF(place.x() + x * place.width(), place.y() + y * place.height())
        return canvas.mapTo(window, inside.toPoint())

    middle = ((begin[0] + end[0]) / 2, (begin[1] + end[1]) / 2)
    QTest.touchEvent(handle, FINGER).press(0, at(*begin), handle).commit()
    for place in (middle, end):
        QTest.touchEvent(handle, FINGER).move(0, at(*place), handle).commit()
    QTest.touchEvent(handle, FINGER).release(0, at(*end), handle).commit()
    settle()


# -- the mask ------------------------------------------------------------------------------------------------------


def test_a_mask_is_drawn_with_a_finger(window: Window, car: CarScreen, session: SamplePatrol, qtbot: QtBot) -> None:
    click(qtbot, session, car.panels["front"].mask_button)
    assert car.drawing.isVisible()
    assert car.drawing.title.text() == "Mask of the front camera"
    drag(window, car, (0.0, 0.8), (1.0, 1.0))
    drag(window, car, (0.6, 0.1), (0.1, 0.02))  # from right to left, upwards
    click(qtbot, session, car.drawing.finish)
    ((_, camera_id, rig),) = session.told
    assert camera_id == "front"
    bonnet, caption = rig.mask
    for area, meant in ((bonnet, (0.0, 0.8, 1.0, 1.0)), (caption, (0.1, 0.02, 0.6, 0.1))):
        assert (area.x1, area.y1, area.x2, area.y2) == pytest.approx(meant, abs=0.01)
    assert car.overview.isVisible()
    assert car.panels["front"].tile.areas == rig.mask
    assert car.panels["front"].mask_button.caption == "24 %"


def test_what_was_drawn_can_be_undone_cleared_and_left(
    window: Window, car: CarScreen, session: SamplePatrol, qtbot: QtBot
) -> None:
    session.rig.rigs["front"] = Rig(mask=(Area(0.0, 0.9, 1.0, 1.0),))
    click(qtbot, session, car.panels["front"].mask_button)
    drag(window, car, (0.0, 0.0), (0.5, 0.5))
    assert len(car.drawing.canvas.areas) == 2
    click(qtbot, session, car.drawing.undo)
    assert car.drawing.canvas.areas == (Area(0.0, 0.9, 1.0, 1.0),)
    click(qtbot, session, car.drawing.clear)
    assert car.drawing.canvas.areas == ()
    assert not car.drawing.undo.isEnabled()
    click(qtbot, session, car.drawing.back)
    assert session.told == []
    assert session.rig.rigs["front"].mask == (Area(0.0, 0.9, 1.0, 1.0),)


def test_more_than_half_masked_warns(window: Window, car: CarScreen, session: SamplePatrol, qtbot: QtBot) -> None:
    click(qtbot, session, car.panels["front"].mask_button)
    drag(window, car, (0.0, 0.2), (1.0, 1.0))
    assert car.drawing.share.text() == "80 % masked: more than half of the picture is not read."
    assert car.drawing.share.property("role") == "problem"
    click(qtbot, session, car.drawing.undo)
    drag(window, car, (0.0, 0.7), (1.0, 1.0))
    assert car.drawing.share.text() == "30 % masked"


def test_a_touch_by_mistake_masks_nothing(window: Window, car: CarScreen, session: SamplePatrol, qtbot: QtBot) -> None:
    click(qtbot, session, car.panels["front"].mask_button)
    drag(window, car, (0.5, 0.5), (0.51, 0.9))
    assert car.drawing.canvas.areas == ()


def test_a_finger_still_on_its_way_acts_on_nothing_when_the_mask_comes_and_goes(
    window: Window, car: CarScreen, session: SamplePatrol, qtbot: QtBot
) -> None:
    qtbot.mouseClick(car.panels["front"].mask_button, LEFT)
    settle()
    qtbot.mouseClick(car.drawing.finish, LEFT)
    settle()
    assert session.told == []
    assert car.drawing.isVisible()


def test_a_camera_without_a_picture_cannot_be_masked(
    window: Window, car: CarScreen, session: SamplePatrol, qtbot: QtBot
) -> None:
    session.publish(CameraChanged(CameraStatus("front", CameraState.LOST)))
    settle()
    click(qtbot, session, car.panels["front"].mask_button)
    assert window.notice.words == "This camera gives no picture now. Come back when it does."
    assert car.overview.isVisible()


# -- mirror, turn, names -------------------------------------------------------------------------------------------


def test_mirror_and_turn_act_with_one_tap_and_the_mask_goes_along(
    car: CarScreen, session: SamplePatrol, qtbot: QtBot
) -> None:
    session.rig.rigs["rear"] = Rig(mask=(Area(0.0, 0.0, 0.25, 0.5),))
    car.refresh()
    rear = car.panels["rear"]
    (cameras,) = [area for area in car.findChildren(TouchArea) if area.isAncestorOf(rear)]
    cameras.ensureWidgetVisible(rear.mirror_button)
    click(qtbot, session, rear.mirror_button)
    assert session.rig.rigs["rear"] == Rig(Turn(mirror=True), (Area(0.75, 0.0, 1.0, 0.5),))
    click(qtbot, session, rear.turn_button)
    assert session.rig.rigs["rear"].turn == Turn(mirror=True, rotate=90)
    assert (rear.mirror_button.caption, rear.turn_button.caption) == ("on", "90°")


def test_a_change_that_could_not_be_kept_is_told(
    window: Window, car: CarScreen, session: SamplePatrol, qtbot: QtBot
) -> None:
    failed: Future[None] = Future()
    failed.set_exception(RecordsFault("The change acts now, but could not be saved (No space left)."))
    session.rig.answer = lambda: failed
    click(qtbot, session, car.panels["front"].mirror_button)
    assert window.notice.words == "The change acts now, but could not be saved (No space left)."


def test_names_are_swapped_once_that_is_confirmed(car: CarScreen, session: SamplePatrol, qtbot: QtBot) -> None:
    click(qtbot, session, car.swap.which)
    click(qtbot, session, car.swap.swap)
    assert car.swap.words.text() == "Swap the names of Front and Rear?"
    click(qtbot, session, car.swap.no)
    assert session.told == []
    click(qtbot, session, car.swap.which)
    click(qtbot, session, car.swap.swap)
    click(qtbot, session, car.swap.yes)
    assert session.told == [("swap", "front", "rear")]
    assert car.swap.which.isVisible()


def test_a_hand_before_a_lens_frames_its_picture(car: CarScreen, session: SamplePatrol, qtbot: QtBot) -> None:
    click(qtbot, session, car.swap.which)
    car._look_for_a_hand()
    show(car, session, rear=20)
    car._look_for_a_hand()
    assert {name: panel.tile.marked for name, panel in car.panels.items()} == {
        "front": "",
        "rear": "You cover this one",
    }
    show(car, session)
    car._look_for_a_hand()
    assert car.panels["rear"].tile.marked == ""
    click(qtbot, session, car.swap.back)
    show(car, session, rear=20)
    car._look_for_a_hand()
    assert car.panels["rear"].tile.marked == ""


def test_a_tunnel_is_no_hand_and_dusk_neither() -> None:
    watch = CoverWatch()
    assert watch.look({"front": 120.0, "rear": 90.0}) == ""
    assert watch.look({"front": 20.0, "rear": 15.0}) == ""
    assert watch.look({"front": 120.0, "rear": 15.0}) == "rear"
    for level in range(120, 10, -1):
        assert watch.look({"front": float(level), "rear": 90.0}) == ""
    assert CoverWatch().look({"front": 10.0}) == ""


# -- what is seen --------------------------------------------------------------------------------------------------


def outlook(camera: str = "front", **values: object) -> Outlook:
    sight = Sight(0.8, 90.0, 180.0, 0.0)
    status = CameraStatus(camera, CameraState.SEEN, width=1920, height=1080, fps=29.6, sight=sight)
    return replace(Outlook(status, 14.7), **values)


@pytest.mark.parametrize(
    ("shown", "lens"),
    [
        (outlook(), "No plate seen yet."),
        (outlook(metres=4.5), "Too wide a lens: plates are read only up to 4 m."),
        (outlook(metres=13.5), "Plates are read up to 13 m."),
        (outlook(widths=PlateWidths((90.0,))), "Plates come near enough to be read."),
        (outlook(widths=PlateWidths((40.0,))), "No plate was wide enough yet."),
        (
            outlook(widths=PlateWidths((40.0,) * 7)),
            "Too wide a lens: of the last 7 vehicles no plate was wide enough to read.",
        ),
    ],
)
def test_the_lens_has_its_verdict(car: CarScreen, session: SamplePatrol, shown: Outlook, lens: str) -> None:
    session.coverage.outlook = [shown]
    car.refresh()
    assert car.panels["front"].lens.text() == lens
    assert (car.panels["front"].lens.property("role") == "problem") is lens.startswith("Too wide")


def test_figures_and_hints(car: CarScreen, session: SamplePatrol) -> None:
    session.coverage.outlook = [outlook(reconnects=2, burnt=0.9), outlook("rear", reconnects=1)]
    car.refresh()
    front, rear = car.panels["front"], car.panels["rear"]
    assert front.figures.text() == ("1920 by 1080, 30 pictures a second, 15 read. Came back 2 times since sign-on.")
    assert rear.figures.text().endswith("Came back once since sign-on.")
    assert front.hints.text() == "Plates burn out. Ask IT for a shorter exposure. Sharp."
    soft = replace(outlook().status, sight=Sight(0.45, 90.0, 180.0, 0.0))
    session.coverage.outlook = [outlook(status=soft)]
    car.refresh()
    assert front.hints.text() == "Out of focus? Turn the lens or clean it. Well lit."


def test_a_tap_on_the_strip_says_what_the_absence_of_a_read_means(
    window: Window, car: CarScreen, session: SamplePatrol, qtbot: QtBot
) -> None:
    now = session.clock.utc()
    assert session.shift is not None
    session.shift = replace(session.shift, started_at=now - timedelta(minutes=90))
    session.coverage.shown = sample_minutes(session.shift.started_at, now)
    car.refresh()
    strip = car.panels["front"].strip
    wide = strip.width() / len(strip.bars)

    def tap(minutes_ago: int) -> str:
        place = next(
            n for n, bar in enumerate(strip.bars) if bar.begin <= now - timedelta(minutes=minutes_ago) < bar.end
        )
        qtbot.mouseClick(strip, LEFT, pos=QPoint(round((place + 0.5) * wide), 20))
        return car.seen.text()

    assert "blurred for" in tap(41)
    assert "followed but not read" in tap(41)
    assert tap(58).endswith("not watched. The program did not run, or the computer slept.")
    assert "could read for" in tap(5)
    assert "could read for" in strip.accessibleName()


def test_keys_go_from_one_blind_stretch_to_the_next_and_mask_the_bonnet(
    window: Window, car: CarScreen, session: SamplePatrol, qtbot: QtBot
) -> None:
    now = session.clock.utc()
    assert session.shift is not None
    session.shift = replace(session.shift, started_at=now - timedelta(minutes=90))
    session.coverage.shown = sample_minutes(session.shift.started_at, now)
    car.refresh()
    strip, said = car.panels["front"].strip, set()
    for _ in range(40):
        qtbot.keyClick(strip, Qt.Key.Key_Space)
        said.add(car.seen.text())
    assert all("blurred" in words or "not watched" in words or "could read" in words for words in said)
    assert any("blurred" in words for words in said)
    assert strip.accessibleName() == strip.words
    click(qtbot, session, car.panels["front"].mask_button)
    for _ in range(2):
        qtbot.keyClick(car.drawing.canvas, Qt.Key.Key_Space)
    assert car.drawing.canvas.areas == (Area(0.0, 0.875, 1.0, 1.0),)


def test_each_reason_has_its_words(car: CarScreen, session: SamplePatrol) -> None:
    minute = session.clock.utc().replace(second=0, microsecond=0)
    for reason in Blind:
        session.coverage.shown = [CoverageMinute("front", minute, "shift-1", 60.0, {reason: 60.0})]
        car.refresh()
        words = car.panels["front"].strip.words
        assert words.startswith("Front, ")
        assert " for 1 min." in words
        assert "_" not in words


def test_gps_and_records_are_told_beside_their_lamps(car: CarScreen, session: SamplePatrol) -> None:
    session.fix = Fix(53.8, -1.5, session.clock.monotonic() - 3, satellites=9)
    car.refresh()
    assert car.lamps.rows["gps"].words == "9 satellites, 3 s old"
    assert car.lamps.rows["records"].words == "Saved, 38 wait for the depot"
    session.publish(LampChanged(Lamp("gps", LampState.BAD, "GPS lost", "Check its plug.")))
    settle()
    assert car.lamps.rows["gps"].words == "GPS lost"


def test_a_lone_driver_who_moves_does_not_get_the_page(window: Window, car: CarScreen, session: SamplePatrol) -> None:
    assert session.shift is not None
    session.shift = replace(session.shift, crew=Crew.SINGLE)
    session.is_moving = True
    window._tick()
    assert window.page == "driver"
    window.show_page("car")
    assert window.page == "driver"
