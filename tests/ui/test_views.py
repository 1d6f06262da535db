"""What each view may show: every screen as it is built, against the table; and no way around the driver's view."""

from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractItemView,
    QAbstractScrollArea,
    QAbstractSlider,
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QLineEdit,
    QPlainTextEdit,
    QTextEdit,
    QWidget,
)
from pytestqt.qtbot import QtBot

from patrol_anpr.domain.hotlist import Tier
from patrol_anpr.domain.shift import Crew
from patrol_anpr.lab.sample_patrol import PIN, SamplePatrol, sample_hit
from patrol_anpr.lab.screenshots import SHOTS, open_window, settle
from ui.app import discard
from ui.models.pages import ON_THE_BAR, PAGES, When, is_allowed, ways_from
from ui.models.views import MAY_SHOW, Shown, View, view_for
from ui.screens.driver import TierSign
from ui.screens.sign_on import PinPad
from ui.view_flow import WORD_SECONDS
from ui.widgets.figure_table import FigureTable
from ui.widgets.hour_chart import HourChart
from ui.widgets.lamp_rows import LampRows
from ui.widgets.letter_pad import LetterPad
from ui.widgets.live_tile import LiveTile
from ui.widgets.patch_view import PatchView
from ui.widgets.picture import OverviewView
from ui.widgets.plate_label import PlateLabel
from ui.widgets.route_view import RouteView
from ui.widgets.rows import HitRow, ReadStrip
from ui.widgets.status_bar import LampStrip
from ui.window import Window

LEFT = Qt.MouseButton.LeftButton

SHOWN_BY: dict[type[QWidget], Shown] = {
    LiveTile: Shown.VIDEO,
    OverviewView: Shown.PICTURES,
    PatchView: Shown.PICTURES,
    ReadStrip: Shown.LISTS,
    HitRow: Shown.LISTS,
    PlateLabel: Shown.VRM,
    TierSign: Shown.SIGN,
    LampRows: Shown.LAMPS,
    LampStrip: Shown.LAMPS,
    FigureTable: Shown.FIGURES,
    HourChart: Shown.FIGURES,
    RouteView: Shown.PLACE,
    PinPad: Shown.PIN,
    QAbstractItemView: Shown.LISTS,
    QAbstractScrollArea: Shown.SCROLLING,
    QAbstractSlider: Shown.SCROLLING,
    LetterPad: Shown.TYPING,
    QLineEdit: Shown.TYPING,
    QTextEdit: Shown.TYPING,
    QPlainTextEdit: Shown.TYPING,
    QAbstractSpinBox: Shown.TYPING,
    QComboBox: Shown.LISTS,
}
"""What a widget of a type, and of every type made of it, shows."""

DRIVERS = {
    *("Window", "TopBars", "StatusBar", "LampStrip", "_Words", "PageStack"),
    *("DriverScreen", "TierSign", "PlateLabel", "BigButton", "HoldButton", "QLabel", "QWidget"),
}
"""All that a driver may have before him."""


def every(window: QWidget) -> Iterator[QWidget]:
    yield window
    yield from window.findChildren(QWidget)


def shown_by(widgets: Iterator[QWidget]) -> set[Shown]:
    return {shown for widget in widgets for kind, shown in SHOWN_BY.items() if isinstance(widget, kind)}


@pytest.fixture
def alone(window: Window, session: SamplePatrol) -> Window:
    """A single crew on patrol, standing."""
    window.begin(session.sign_on("4821", PIN, "TA14", Crew.SINGLE).result())
    session.told.clear()
    session.clock.advance(1)
    return window


def look(window: Window, session: SamplePatrol, *, moving: bool | None) -> str:
    """The page a second after the car's movement has become this."""
    session.is_moving = moving
    window._tick()
    QApplication.processEvents()
    session.clock.advance(1)
    return window.page


def say_it_stands(window: Window, session: SamplePatrol, qtbot: QtBot) -> None:
    qtbot.mousePress(window.driver.leave, LEFT)
    session.clock.advance(1.1)
    qtbot.waitUntil(lambda: window.page == "live")
    qtbot.mouseRelease(window.driver.leave, LEFT)
    session.clock.advance(1)


# -- the table and the screens ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("shot", SHOTS)
def test_no_screen_shows_more_than_its_page_says(app: QApplication, shot: str) -> None:
    window, session = open_window(app, night=True)
    SHOTS[shot](window, session, app)
    settle(app, window)
    for page in PAGES:
        screen = getattr(window, page.name)
        assert shown_by(every(screen)) <= page.shows, page.name
    discard(app, window)


def test_every_page_has_a_view_and_every_view_a_page() -> None:
    for page in PAGES:
        views = {view for view in View if is_allowed(page.name, view)}
        assert views, page.name
        assert (View.BEFORE_PATROL in views) is (page.when is When.BEFORE)
    assert [page.name for page in PAGES if is_allowed(page.name, View.DRIVER)] == ["driver"]


def test_the_drivers_view_has_no_video_no_list_no_typing_and_no_scrolling() -> None:
    assert not MAY_SHOW[View.DRIVER] & {
        *(Shown.VIDEO, Shown.PICTURES, Shown.LISTS, Shown.FIGURES, Shown.SCROLLING, Shown.TYPING),
        *(Shown.PIN, Shown.CHOICES, Shown.PLACE),
    }


def test_nothing_is_deeper_than_two_taps(window: Window, qtbot: QtBot, session: SamplePatrol) -> None:
    assert 4 <= len(ON_THE_BAR) <= 6
    two_taps = {way.name for name in ON_THE_BAR for way in ways_from(name)}
    assert {page.name for page in PAGES if page.when is When.PATROL} == {*ON_THE_BAR, *two_taps}
    for name in ON_THE_BAR:
        for way in ways_from(name):
            qtbot.mouseClick(window.bottom.pages[name], LEFT)
            session.clock.advance(1)
            qtbot.mouseClick(window.ways.buttons[way.name], LEFT)
            assert window.page == way.name
            session.screen_lock.is_locked = False
            session.clock.advance(1)
            window.show_page("live")
            session.clock.advance(1)


@pytest.mark.parametrize("moving", [True, None, False])
@pytest.mark.parametrize("trusted", [True, False])
@pytest.mark.parametrize("alone", [True, False])
def test_the_view_in_force(moving: bool | None, trusted: bool, alone: bool) -> None:
    def view(*, signed_on: bool = True, started: bool = True, locked: bool = False) -> View:
        return view_for(
            signed_on=signed_on, started=started, locked=locked, alone=alone, moving=moving, trusted=trusted
        )

    stands = not alone or moving is False or (moving is None and trusted)
    assert view() is (View.OBSERVER if stands else View.DRIVER)
    assert view(started=False) is (View.DRIVER if alone and moving else View.BEFORE_PATROL)
    assert view(locked=True) is View.LOCKED
    assert view(signed_on=False) is View.BEFORE_PATROL


# -- no way around the driver's view ---------------------------------------------------------------------------------


def test_a_lone_driver_who_moves_has_symbols_before_him_and_nothing_else(alone: Window, session: SamplePatrol) -> None:
    assert look(alone, session, moving=True) == "driver"
    session.raise_hit(sample_hit("DN23OTH", Tier.PRIORITY, "Drugs supply", listed="DN23OTN"))
    QApplication.processEvents()
    visible = [widget for widget in every(alone) if widget.isVisible()]
    assert shown_by(iter(visible)) <= MAY_SHOW[View.DRIVER]
    assert {type(widget).__name__ for widget in visible} <= DRIVERS


def test_no_page_can_be_had_while_a_lone_driver_moves(alone: Window, session: SamplePatrol) -> None:
    look(alone, session, moving=True)
    for page in PAGES:
        if page.name != "lock":  # which shows less still
            alone.show_page(page.name)
            assert alone.page == "driver"


def test_no_key_leads_out_of_the_drivers_view(alone: Window, session: SamplePatrol) -> None:
    look(alone, session, moving=True)
    session.raise_hit(sample_hit("AB12CDE", Tier.IMMEDIATE, "Stolen"))
    QApplication.processEvents()
    session.clock.advance(1)
    named = "Escape Tab Backtab Backspace Return Enter Insert Delete Home End Left Up Right Down PageUp PageDown Space"
    functions = [f"F{number}" for number in range(1, 13)]
    letters = [chr(place) for place in (*range(ord("A"), ord("Z") + 1), *range(ord("0"), ord("9") + 1))]
    of_a_keyboard = [Qt.Key[f"Key_{name}"] for name in (*named.split(), *functions, *letters)]
    for modifier in ("NoModifier", "ControlModifier", "AltModifier", "ShiftModifier", "MetaModifier"):
        for key in of_a_keyboard:
            QTest.keyClick(alone, key, Qt.KeyboardModifier[modifier])
            assert alone.page == "driver", (key, modifier)
        session.clock.advance(1)


def test_a_car_that_drives_off_loses_every_page_of_the_observer(alone: Window, session: SamplePatrol) -> None:
    for page in PAGES:
        if page.when is When.PATROL and is_allowed(page.name, View.OBSERVER):
            look(alone, session, moving=False)
            alone.show_page(page.name)
            assert alone.page == page.name
            assert look(alone, session, moving=True) == "driver"


def test_with_an_observer_a_moving_car_keeps_its_page(window: Window, session: SamplePatrol) -> None:
    window.show_page("reads")
    for moving in (True, None, False):
        assert look(window, session, moving=moving) == "reads"


# -- without a usable speed ------------------------------------------------------------------------------------------


def test_without_a_speed_a_patrol_begins_in_the_drivers_view(
    parked: Window, session: SamplePatrol, qtbot: QtBot
) -> None:
    session.is_moving = None
    parked.begin(session.sign_on("4821", PIN, "TA14", Crew.SINGLE).result())
    parked.show_page("start_check")
    parked._tick()
    assert parked.page == "start_check"  # the start check is done before anyone drives
    parked.start_check.started.emit()
    assert parked.page == "driver"
    parked._tick()
    session.clock.advance(1)
    qtbot.mouseClick(parked.driver.leave, LEFT)
    assert parked.page == "driver"
    say_it_stands(parked, session, qtbot)
    assert parked.page == "live"


def test_the_word_that_the_car_stands_counts_for_two_minutes(
    alone: Window, session: SamplePatrol, qtbot: QtBot
) -> None:
    assert look(alone, session, moving=None) == "driver"
    say_it_stands(alone, session, qtbot)
    alone.show_page("reads")
    session.clock.advance(WORD_SECONDS - 5)
    assert look(alone, session, moving=None) == "reads"
    session.clock.advance(5)
    assert look(alone, session, moving=None) == "driver"
    say_it_stands(alone, session, qtbot)


def test_a_picture_that_moves_takes_the_full_view_back(alone: Window, session: SamplePatrol, qtbot: QtBot) -> None:
    look(alone, session, moving=None)
    say_it_stands(alone, session, qtbot)
    session.picture_shows_moving = True
    assert look(alone, session, moving=None) == "driver"
    session.picture_shows_moving = False
    assert look(alone, session, moving=None) == "driver"  # the word has to be given anew
    say_it_stands(alone, session, qtbot)


def test_a_picture_that_moves_is_nothing_against_gps_that_says_the_car_stands(
    alone: Window, session: SamplePatrol
) -> None:
    """A lorry that passes the window of a parked car."""
    session.picture_shows_moving = True
    assert look(alone, session, moving=False) == "live"


def test_a_speed_that_comes_back_ends_the_word(alone: Window, session: SamplePatrol, qtbot: QtBot) -> None:
    look(alone, session, moving=None)
    say_it_stands(alone, session, qtbot)
    assert look(alone, session, moving=True) == "driver"
    assert look(alone, session, moving=None) == "driver"
    assert look(alone, session, moving=False) == "driver"  # standing opens the way; the officer takes it
    qtbot.mouseClick(alone.driver.leave, LEFT)
    assert alone.page == "live"


# -- before the patrol -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("page", ["sync", "start_check"])
def test_a_lone_driver_who_moves_off_before_the_patrol_gets_the_drivers_view(
    parked: Window, session: SamplePatrol, qtbot: QtBot, page: str
) -> None:
    parked.begin(session.sign_on("4821", PIN, "TA14", Crew.SINGLE).result())
    parked.show_page(page)
    assert look(parked, session, moving=True) == "driver"
    assert look(parked, session, moving=False) == "driver"
    qtbot.mouseClick(parked.driver.leave, LEFT)
    assert parked.page == page  # what was begun goes on
    assert not parked.bottom.isVisible()


@pytest.mark.parametrize("picture_moves", [True, False])
def test_a_hit_before_the_patrol_is_a_sign_where_the_picture_shows_that_a_lone_driver_moves(
    parked: Window, session: SamplePatrol, qtbot: QtBot, picture_moves: bool
) -> None:
    session.is_moving, session.picture_shows_moving = None, picture_moves
    parked.begin(session.sign_on("4821", PIN, "TA14", Crew.SINGLE).result())
    parked.show_page("start_check")
    parked._tick()
    assert parked.page == "start_check"
    session.raise_hit(sample_hit("AB12CDE", Tier.IMMEDIATE, "Stolen"))
    QApplication.processEvents()
    assert parked.page == ("driver" if picture_moves else "live")
    session.clock.advance(1)
    if picture_moves:
        qtbot.mouseClick(parked.driver.seen_button, LEFT)
        session.picture_shows_moving = False
        assert look(parked, session, moving=None) == "driver"
        qtbot.mousePress(parked.driver.leave, LEFT)
        session.clock.advance(1.1)
        qtbot.waitUntil(lambda: parked.page == "live")  # the hit is still to be decided
    parked.live.card.put_off.emit()
    assert parked.page == "start_check"


def test_nobody_signed_on_has_no_page_of_a_patrol(parked: Window) -> None:
    for page in PAGES:
        parked.show_page(page.name)
        assert parked.page == (page.name if page.when is When.BEFORE else "sign_on")
