"""From sign-on to "Safe to switch off", lamps, banners, the driver's view."""

import gc
import subprocess
import sys

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from patrol_anpr.domain.events import CameraChanged, LampChanged, SyncProgress
from patrol_anpr.domain.health import SAFE_MODE, CameraState, CameraStatus, Lamp, LampState
from patrol_anpr.domain.hotlist import Tier
from patrol_anpr.domain.live import LiveFrame
from patrol_anpr.domain.proof import Tap
from patrol_anpr.domain.shift import Crew, ListCounts, Officer
from patrol_anpr.lab.sample_patrol import LAMPS, PIN, SamplePatrol, sample_hit, sample_read
from tests.ui.touching import touch
from ui import theme
from ui.app import discard
from ui.window import Window

LEFT = Qt.MouseButton.LeftButton


def settle() -> None:
    for _ in range(3):
        QApplication.processEvents()


def enter(window: Window, qtbot: QtBot, pin: str) -> None:
    window.patrol.clock.advance(1)  # type: ignore[attr-defined]  # the dead time of the page is over
    window.sign_on.choose("4821")
    for digit in pin:
        qtbot.mouseClick(window.sign_on.pad.keys[digit], LEFT)
    qtbot.mouseClick(window.sign_on.go, LEFT)


def test_a_whole_shift(parked: Window, session: SamplePatrol, qtbot: QtBot) -> None:
    window = parked
    assert window.page == "sign_on"
    assert not window.sign_on.go.isEnabled()
    enter(window, qtbot, PIN)
    qtbot.waitUntil(lambda: window.page == "sync")
    session.publish(SyncProgress("Metro PNC", 1, 2, 10_000, 20_000, seconds_left=3))
    session.sync.set_result(True)
    qtbot.waitUntil(lambda: window.page == "start_check")
    session.clock.advance(1)
    assert ("proof",) in session.told
    assert not window.start_check.go.isVisible()
    qtbot.mouseClick(window.start_check.yes, LEFT)
    touch(window, window.start_check.target)
    qtbot.waitUntil(window.start_check.go.isVisible)
    session.clock.advance(1)
    qtbot.mouseClick(window.start_check.go, LEFT)
    assert window.page == "live"
    session.make_read(sample_read("LM19XYZ"))
    session.raise_hit(sample_hit("AB12CDE", Tier.IMMEDIATE, "Stolen"))
    qtbot.waitUntil(window.live.card.isVisible)
    assert [read.vrm for read in window.live.side.strip.reads] == ["LM19XYZ"]
    session.clock.advance(1)
    qtbot.mouseClick(window.bottom.pages["shift"], LEFT)
    session.clock.advance(1)
    assert window.shift.figures["reads"].text() == "214"
    for off in (window.shift.off, window.shift.off_anyway):  # a hit is open: it asks first
        session.clock.advance(1)
        qtbot.mousePress(off, LEFT)
        session.clock.advance(1.1)
        qtbot.mouseRelease(off, LEFT)
    qtbot.waitUntil(lambda: window.page == "sync")
    session.publish(SyncProgress("reads", 1, 1, 500, 500, finished=True))
    session.upload.set_result(0)
    qtbot.waitUntil(window.sync.end.isVisible)
    session.clock.advance(1)
    assert window.sync.end.title.text() == "Safe to switch off"
    qtbot.mouseClick(window.sync.close_button, LEFT)
    assert window.page == "sign_on"
    assert window.flow.queue.open_hits == []
    order = [told[0] for told in session.told]
    proof = ["proof", "voice_heard", "tapped", "go_on"]
    assert order == ["sign_on", "start_sync", *proof, "sign_off", "start_upload"]
    assert ("tapped", Tap.FINGER) in session.told
    assert session.told[0] == ("sign_on", "4821", "TA14", Crew.SINGLE)


def test_wrong_pin_is_said_and_forgotten(parked: Window, session: SamplePatrol, qtbot: QtBot) -> None:
    enter(parked, qtbot, "1111")
    qtbot.waitUntil(lambda: parked.sign_on.problem.text() == "That PIN is not right. Try again.")
    assert parked.sign_on.pad.pin == ""
    assert session.told == []


def test_lock_out_sentence_of_the_engine_is_shown(parked: Window, session: SamplePatrol, qtbot: QtBot) -> None:
    session.refuses = "Too many wrong PINs. Try again in 30 seconds."
    enter(parked, qtbot, "1111")
    qtbot.waitUntil(lambda: parked.sign_on.problem.text() == session.refuses)
    assert parked.page == "sign_on"


def test_crew_and_unit_are_chosen(parked: Window, session: SamplePatrol, qtbot: QtBot) -> None:
    session.clock.advance(1)
    qtbot.mouseClick(parked.sign_on._units.buttons()[1], LEFT)
    qtbot.mouseClick(parked.sign_on._crews.buttons()[1], LEFT)
    enter(parked, qtbot, PIN)
    qtbot.waitUntil(lambda: bool(session.told))
    assert session.told[0] == ("sign_on", "4821", "TA15", Crew.WITH_OBSERVER)


def test_car_without_a_depot_needs_no_pin(parked: Window, session: SamplePatrol, qtbot: QtBot) -> None:
    session.officers = [Officer("LOCAL", "This car's crew", "")]
    parked.sign_on.refresh()
    assert parked.sign_on.go.isEnabled()
    assert not parked.sign_on.pad.isEnabled()


def test_empty_roster_can_be_fetched(parked: Window, session: SamplePatrol, qtbot: QtBot) -> None:
    session.officers = []
    parked.sign_on.refresh()
    assert not parked.sign_on.go.isEnabled()
    session.clock.advance(1)
    qtbot.mouseClick(parked.sign_on.fetch, LEFT)
    session.officers = [Officer("4821", "PC J. Marlow", "hash")]
    session.sync.set_result(True)
    qtbot.waitUntil(lambda: parked.page == "sign_on")
    assert parked.sign_on._officer is not None


def test_lists_that_could_not_be_fetched_are_said(parked: Window, session: SamplePatrol, qtbot: QtBot) -> None:
    enter(parked, qtbot, PIN)
    qtbot.waitUntil(lambda: parked.page == "sync")
    session.publish(SyncProgress("lists", 0, 2, finished=True, problem="The depot cannot be reached."))
    session.sync.set_result(False)
    qtbot.waitUntil(parked.sync.end.isVisible)
    assert parked.sync.problem.text() == "The depot cannot be reached."
    assert parked.sync.rows["lists"].state is LampState.BAD
    session.clock.advance(1)
    qtbot.mouseClick(parked.sync.go_on, LEFT)
    assert parked.page == "start_check"
    assert parked.start_check.note.isVisible()


def test_upload_that_is_not_finished_says_what_is_left(window: Window, session: SamplePatrol, qtbot: QtBot) -> None:
    window.shift.sign_off.emit()
    session.upload.set_result(38)
    qtbot.waitUntil(window.sync.end.isVisible)
    assert window.sync.end.title.text() == "38 records still wait in this car"
    session.clock.advance(1)
    qtbot.mouseClick(window.sync.retry, LEFT)
    assert session.told[-1] == ("start_upload",)
    session.upload.set_result(0)
    qtbot.waitUntil(lambda: window.sync.end.title.text() == "Safe to switch off")


def test_upload_that_breaks_is_never_called_safe(
    window: Window, session: SamplePatrol, qtbot: QtBot, caplog: pytest.LogCaptureFixture
) -> None:
    window.shift.sign_off.emit()
    session.upload.set_exception(ValueError("a bug"))
    qtbot.waitUntil(window.sync.problem.isVisible)
    assert not window.sync.end.isVisible()
    assert window.sync.retry.isVisible()
    assert "work behind the window failed" in caplog.text


def test_progress_row_figures() -> None:
    from ui.screens.sync import ProgressRow

    row = ProgressRow(SyncProgress("reads", 1_310, 2_140, 1_900_000, 3_100_000, seconds_left=75))
    assert row.figures == "1,310 of 2,140   ·   1.9 MB of 3.1 MB   ·   about 1 min left"
    assert row.share == pytest.approx(1.9 / 3.1)
    assert row.state is LampState.WARN


# -- lamps, banners, cameras -----------------------------------------------------------------------------------------


def test_not_recording_banner(window: Window, session: SamplePatrol) -> None:
    session.publish(LampChanged(Lamp("records", LampState.BAD, "Not recording")))
    settle()
    assert window.banner.isVisible()
    assert window.banner.width() == window.width()
    assert window.banner.grab().toImage().pixelColor(3, 3).name() == theme.NIGHT.alarm
    session.publish(LampChanged(Lamp("records", LampState.GOOD, "Saved")))
    settle()
    assert not window.banner.isVisible()
    session.publish(LampChanged(Lamp(SAFE_MODE, LampState.BAD, "Safe mode", "Tell IT.")))
    settle()
    assert "Safe mode" in window.banner.words
    assert window.banner.isVisible()


def test_lamps_that_are_not_well_are_never_left_out_first(window: Window) -> None:
    strip = window.status.lamps
    bad = Lamp("clock", LampState.BAD, "Clock wrong")
    strip.show_lamps([*(lamp for lamp in LAMPS if lamp.key != "clock"), bad])
    for room in (220, 360, 500, 640, 2000):
        shown, hidden = strip.fitting(room)
        assert bad in shown
        assert len(shown) + hidden == len(LAMPS)
    shown, _ = strip.fitting(260)
    assert all(lamp.state is not LampState.GOOD for lamp in shown)


def test_camera_lost_shows_no_old_picture(window: Window, session: SamplePatrol, qtbot: QtBot) -> None:
    tile = window.live.stage.tiles["front"]
    session.show_road("front", "LM19XYZ", night=True)
    qtbot.waitUntil(lambda: tile._frame is not None)
    good = tile.grab().toImage()
    session.publish(CameraChanged(CameraStatus("front", CameraState.LOST)))
    settle()
    lost = tile.grab().toImage()
    assert lost != good
    reds = sum(lost.pixelColor(x, 30).red() > lost.pixelColor(x, 30).blue() + 20 for x in range(lost.width()))
    assert reds > lost.width() / 4
    session.publish(CameraChanged(CameraStatus("front", CameraState.SEEN)))
    settle()
    assert tile._frame is None  # the picture from before the loss is not shown again


def test_what_a_camera_says_of_itself_stands_on_its_tile(window: Window, session: SamplePatrol) -> None:
    told = "The camera shows a web page: give the address of its video stream."
    tile = window.live.stage.tiles["rear"]
    session.publish(CameraChanged(CameraStatus("rear", CameraState.LOST, told)))
    settle()
    assert tile.advice == told
    session.publish(CameraChanged(CameraStatus("rear", CameraState.LOST)))
    settle()
    assert "keeps trying" in tile.advice


def test_a_camera_that_is_dead_at_the_start_is_lost_on_its_tile(app: QApplication) -> None:
    told = "The camera at 10.0.0.5 wants a password: set it in the settings."
    lamp = Lamp("camera:front", LampState.BAD, "Front lost", told)
    car = SamplePatrol(shown_lamps=[lamp], shown_cameras=[CameraStatus("front", CameraState.LOST, told)])
    shown = Window(car)
    settle()
    assert shown.live.stage.tiles["front"].state is CameraState.LOST
    assert shown.live.stage.tiles["front"].advice == told
    for rows in (shown.start_check.lamps, shown.car.lamps):
        assert rows.rows["camera:front"].accessibleDescription() == told
    assert shown.warnings.words == f"Front lost. {told}"
    discard(app, shown)


def test_what_is_wrong_is_told_before_a_patrol_and_not_during_one(window: Window, session: SamplePatrol) -> None:
    session.publish(LampChanged(Lamp("models", LampState.BAD, "Reader broken", "Install the program again.")))
    settle()
    assert not window.warnings.isVisible()
    window.show_page("start_check")
    settle()
    assert window.warnings.words == "Reader broken. Install the program again."
    assert window.start_check.lamps.rows["models"].isVisible()
    session.publish(LampChanged(Lamp("models", LampState.GOOD, "Reader")))
    settle()
    assert not window.warnings.isVisible()
    assert not window.start_check.lamps.rows["models"].isVisible()


def test_live_tile_takes_only_the_newest_frame(window: Window, session: SamplePatrol, qtbot: QtBot) -> None:
    slot = session.live("front")
    for shade in (10, 20, 30):
        pixels = np.full((72, 128, 3), shade, np.uint8)
        slot.put(LiveFrame("front", pixels, (), 30.0, 15.0, 0.0))
    tile = window.live.stage.tiles["front"]
    qtbot.waitUntil(lambda: tile._frame is not None)
    assert tile._frame is not None
    assert int(tile._frame.pixels[0, 0, 0]) == 30
    assert slot.overwritten == 2


def test_tap_on_the_inset_swaps_cameras(window: Window, qtbot: QtBot) -> None:
    stage = window.live.stage
    assert stage.active == "front"
    qtbot.mouseClick(stage.tiles["rear"], LEFT)
    assert stage.active == "rear"
    assert stage.tiles["rear"].width() == stage.width()
    assert stage.tiles["front"].width() < stage.width() / 2


def test_mute_is_told_and_stays_in_sight(window: Window, session: SamplePatrol, qtbot: QtBot) -> None:
    qtbot.mouseClick(window.bottom.mute, LEFT)
    assert session.told == [("set_muted", True)]
    assert "Muted" in window.status.lamps.accessibleName()
    qtbot.mouseClick(window.bottom.mute, LEFT)
    assert session.told[-1] == ("set_muted", False)
    assert "Muted" not in window.status.lamps.accessibleName()


def test_night_and_day(window: Window, qtbot: QtBot) -> None:
    qtbot.mouseClick(window.bottom.palette_button, LEFT)
    settle()
    assert window.grab().toImage().pixelColor(2, 400).name() == theme.DAY.background
    qtbot.mouseClick(window.bottom.palette_button, LEFT)
    settle()
    assert window.grab().toImage().pixelColor(2, 400).name() == theme.NIGHT.background


def test_a_hit_is_shown_from_any_screen(window: Window, session: SamplePatrol, qtbot: QtBot) -> None:
    for page in ("hits", "reads", "shift"):
        window.show_page(page)
        session.raise_hit(sample_hit(f"AB1{page.upper()}", Tier.PRIORITY, "Stolen"))
        qtbot.waitUntil(lambda: window.page == "live")
        window.live.card.put_off.emit()


def test_hits_open_and_closed(window: Window, session: SamplePatrol, qtbot: QtBot) -> None:
    for vrm, tier in (("AB12CDE", Tier.ROUTINE), ("K7PTL", Tier.PRIORITY)):
        session.raise_hit(sample_hit(vrm, tier, "Stolen"))
        settle()
    window.live.card.confirmed.emit()  # K7 PTL, the higher tier
    settle()
    window.show_page("hits")
    session.clock.advance(1)
    assert window.hits.open_tab.text() == "Open 1"
    qtbot.mouseClick(window.hits.closed_tab, LEFT)
    assert window.hits.model.rowCount() == 1
    window.hits.hit_chosen.emit("hit-K7PTL")
    assert window.page == "live"


# -- the driver's view -----------------------------------------------------------------------------------------------


def test_single_crew_in_a_moving_car_gets_symbols_only(window: Window, qtbot: QtBot, session: SamplePatrol) -> None:
    window.begin(session.sign_on("4821", PIN, "TA14", Crew.SINGLE).result())
    session.is_moving = True
    window._tick()
    assert window.page == "driver"
    session.raise_hit(sample_hit("AB12CDE", Tier.IMMEDIATE, "Stolen"))
    qtbot.waitUntil(lambda: window.driver.sign.hit is not None)
    assert window.page == "driver"
    assert not window.live.isVisible()
    assert not window.bottom.isVisible()
    assert not window.driver.leave.isVisible()
    qtbot.mouseClick(window.driver.seen_button, LEFT)
    assert ("acknowledge", "hit-AB12CDE") not in session.told  # dead time
    session.clock.advance(1)
    qtbot.mouseClick(window.driver.seen_button, LEFT)
    assert ("acknowledge", "hit-AB12CDE") in session.told
    session.is_moving = False
    window._tick()
    session.clock.advance(1)
    qtbot.mouseClick(window.driver.leave, LEFT)
    assert window.page == "live"
    assert len(window.flow.queue.open_hits) == 1


def test_observer_keeps_the_whole_screen_while_moving(window: Window, session: SamplePatrol) -> None:
    session.is_moving = True
    window._tick()
    assert window.page == "live"


def test_gps_lost_while_driving_opens_no_full_view(window: Window, qtbot: QtBot, session: SamplePatrol) -> None:
    window.begin(session.sign_on("4821", PIN, "TA14", Crew.SINGLE).result())
    session.is_moving = True
    window._tick()
    session.is_moving = None
    window._tick()
    assert window.page == "driver"
    leave = window.driver.leave
    assert leave.text() == "The car stands"
    session.clock.advance(1)
    qtbot.mouseClick(leave, LEFT)
    qtbot.mousePress(leave, LEFT)
    session.clock.advance(0.9)
    qtbot.mouseRelease(leave, LEFT)
    assert window.page == "driver"
    qtbot.mousePress(leave, LEFT)
    session.clock.advance(1.1)
    qtbot.waitUntil(lambda: window.page == "live")
    qtbot.mouseRelease(leave, LEFT)
    window._tick()
    assert window.page == "live"
    session.is_moving = True
    window._tick()
    assert window.page == "driver"
    assert not leave.isVisible()
    session.is_moving = False
    window._tick()
    session.clock.advance(1)
    assert leave.text() == "Full view"
    qtbot.mouseClick(leave, LEFT)
    assert window.page == "live"


def test_with_an_observer_the_full_view_is_a_tap_away_without_gps(
    window: Window, qtbot: QtBot, session: SamplePatrol
) -> None:
    session.is_moving = None
    window.show_page("car")
    session.clock.advance(1)
    qtbot.mouseClick(window.ways.buttons["driver"], LEFT)
    assert window.page == "driver"
    window._tick()
    session.clock.advance(1)
    qtbot.mouseClick(window.driver.leave, LEFT)
    assert window.page == "live"


# -- the machine underneath ------------------------------------------------------------------------------------------


def test_painting_loses_no_reference(window: Window, session: SamplePatrol) -> None:
    """PySide6 6.12.0 on Python 3.11 lost one on nearly every call and aborted after some hundred frames."""
    tile = window.live.stage.tiles["front"]
    pixels = np.zeros((72, 128, 3), np.uint8)
    gc.collect()
    before = sys.getrefcount(None), sys.getrefcount(True)
    for _ in range(300):
        session.live("front").put(LiveFrame("front", pixels, (), 30.0, 15.0, 0.0))
        tile.look()
        tile.update()
        tile.repaint()
        QApplication.processEvents()
    gc.collect()
    after = sys.getrefcount(None), sys.getrefcount(True)
    assert after[0] > before[0] - 50
    assert after[1] > before[1] - 50


def test_cv2s_own_qt_is_out_of_the_way() -> None:
    import os

    assert "QT_QPA_PLATFORM_PLUGIN_PATH" not in os.environ
    assert "QT_QPA_FONTDIR" not in os.environ


RUN_TWICE = """
import threading
from PySide6.QtCore import QTimer
from patrol_anpr.lab.sample_patrol import SamplePatrol
from ui.app import make_application, run_window

app = make_application()
QTimer.singleShot(50, app, app.quit)
assert run_window(SamplePatrol(), demo=True) == 0
assert app.topLevelWidgets() == []
ended = threading.Event()
threading.Timer(0.05, ended.set).start()
assert run_window(SamplePatrol(), ended=ended) == 0
assert app.topLevelWidgets() == []
"""


def test_run_window_ends_when_told() -> None:
    """In a process of its own: once its loop has ended, an application fires no more timers under other tests."""
    done = subprocess.run([sys.executable, "-c", RUN_TWICE], capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def test_events_after_the_window_is_gone_harm_nobody(app: QApplication, session: SamplePatrol) -> None:
    shown = Window(session)
    discard(app, shown)
    del shown
    gc.collect()
    session.raise_hit(sample_hit("AB12CDE", Tier.IMMEDIATE, "Stolen"))
    settle()


def test_what_is_to_be_known_of_the_start_is_said_before_the_patrol_and_not_during_it(
    app: QApplication, parked: Window, session: SamplePatrol
) -> None:
    recovered = Lamp("start:0", LampState.UNKNOWN, "At the start", "Recovered: 7 reads.")
    setting = Lamp("setting:1", LampState.BAD, "Setting not used", "The setting is wrong.")
    for lamp in (recovered, setting):
        parked._event(LampChanged(lamp))
    app.processEvents()
    assert recovered.advice in parked.warnings.words
    assert setting.advice in parked.warnings.words
    strip = parked.status.lamps.accessibleName()
    assert setting.word in strip
    assert recovered.word not in strip
    parked.begin(session.sign_on("4821", PIN, "TA14", Crew.SINGLE).result())
    parked.show_page("live")
    assert recovered.advice not in parked.warnings.words


def words_of(window: Window) -> list[list[str]]:
    """What the table of the lists shows, row by row."""
    return [[cell.text() for cell in row] for row in window.shift.lists.rows if row[0].isVisible()]


def test_the_shift_page_shows_what_each_list_brings_and_which_is_a_flood(
    window: Window, session: SamplePatrol, qtbot: QtBot
) -> None:
    session.lists = ()
    qtbot.mouseClick(window.bottom.pages["shift"], LEFT)
    assert words_of(window) == []
    session.lists = [
        ListCounts("untaxed", "Untaxed vehicles", hits=1241, dismissed=310, lately=3, peak=11),
        ListCounts("metro", "Metro PNC", hits=10, dismissed=0, lately=10, peak=10),
    ]
    window._tick()
    assert words_of(window) == [
        ["Untaxed vehicles", "1,241", "25 %", "3", "Flood: 11"],
        ["Metro PNC", "10", "0 %", "10", "10"],
    ]
    session.lists = session.lists[1:]
    window._tick()
    assert words_of(window) == [["Metro PNC", "10", "0 %", "10", "10"]]
