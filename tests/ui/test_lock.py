"""A locked screen tells nothing of what the officers know, and only their PIN opens it."""

from collections.abc import Callable

import pytest
from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtGui import QImage, QPainter
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from patrol_anpr.domain.events import LampChanged
from patrol_anpr.domain.health import Lamp, LampState
from patrol_anpr.domain.hotlist import Tier
from patrol_anpr.domain.plate import PlateColour
from patrol_anpr.domain.shift import Crew
from patrol_anpr.lab.sample_patrol import PIN, SamplePatrol, sample_hit, sample_read
from ui.app import discard
from ui.models.views import MAY_SHOW, View
from ui.window import Window

from .test_views import every, shown_by

LEFT = Qt.MouseButton.LeftButton
STOLEN = sample_hit("AB12CDE", Tier.IMMEDIATE, "Stolen")
OTHER = sample_hit("K7PTL", Tier.IMMEDIATE, "Wanted for robbery", ground=PlateColour.WHITE, seconds_ago=90)
POSSIBLE = sample_hit("DN23OTH", Tier.PRIORITY, "Drugs supply", listed="DN23OTN")


def settle(window: Window, session: SamplePatrol) -> None:
    for _ in range(3):
        QApplication.processEvents()
    window.live.card.rest()
    session.clock.advance(1)


def enter(window: Window, qtbot: QtBot, pin: str) -> None:
    for digit in pin:
        qtbot.mouseClick(window.lock.pad.keys[digit], LEFT)
    qtbot.mouseClick(window.lock.go, LEFT)


@pytest.fixture
def locked(window: Window, session: SamplePatrol, qtbot: QtBot) -> Window:
    """Locked from the page of the car."""
    qtbot.mouseClick(window.bottom.pages["car"], LEFT)
    session.clock.advance(1)
    qtbot.mouseClick(window.ways.buttons["lock"], LEFT)
    settle(window, session)
    assert window.page == "lock"
    assert session.lock.is_locked
    return window


# -- no VRM on any pixel ---------------------------------------------------------------------------------------------


def picture(window: Window) -> QImage:
    """The window without the tier sign."""
    image = window.grab().toImage()
    sign = window.lock.sign
    with QPainter(image) as painter:
        painter.fillRect(QRect(sign.mapTo(window, QPoint(0, 0)), sign.size()), Qt.GlobalColor.black)
    return image


def locked_after(prepare: Callable[[Window, SamplePatrol], None], app: QApplication, size: tuple[int, int]) -> QImage:
    """How the locked window looks when this has happened before and, once more, behind the lock."""
    session = SamplePatrol()
    window = Window(session)
    window.resize(*size)
    window.show()
    window.begin(session.sign_on("4821", PIN, "TA14", Crew.WITH_OBSERVER).result())
    window.show_page("live")
    prepare(window, session)
    settle(window, session)
    window.show_page("lock")
    prepare(window, session)
    settle(window, session)
    image = picture(window)
    discard(app, window)
    return image


def nothing(window: Window, session: SamplePatrol) -> None: ...


def hits(window: Window, session: SamplePatrol) -> None:
    for hit in (STOLEN, OTHER, POSSIBLE):
        session.raise_hit(hit)


def reads(window: Window, session: SamplePatrol) -> None:
    session.make_read(sample_read("LM19XYZ"))
    session.show_road("front", "LM19XYZ", night=True)
    window.show_page("reads")


def a_decided_hit(window: Window, session: SamplePatrol) -> None:
    hits(window, session)
    settle(window, session)
    window.live.card.confirmed.emit()
    window.live.card.put_off.emit()


def a_problem(window: Window, session: SamplePatrol) -> None:
    window._say_problem("The hit is of another shift.")


@pytest.mark.parametrize("size", [(1280, 800), (800, 1280)], ids=str)
@pytest.mark.parametrize("prepare", [hits, reads, a_decided_hit, a_problem])
def test_outside_the_tier_sign_no_pixel_tells_of_hits_or_reads(
    app: QApplication, prepare: Callable[[Window, SamplePatrol], None], size: tuple[int, int]
) -> None:
    assert locked_after(prepare, app, size) == locked_after(nothing, app, size)


def test_the_sign_tells_the_tier_and_the_kind_and_nothing_else(locked: Window, session: SamplePatrol) -> None:
    def sign() -> QImage:
        settle(locked, session)
        return locked.lock.sign.grab().toImage()

    empty = sign()
    session.raise_hit(POSSIBLE)
    possible = sign()
    session.raise_hit(STOLEN)
    stolen = sign()
    assert len({bytes(image.constBits()) for image in (empty, possible, stolen)}) == 3
    locked.flow.queue.clear()
    session.raise_hit(OTHER)
    assert sign() == stolen


def test_what_is_on_the_screen_is_what_the_table_allows(locked: Window, session: SamplePatrol) -> None:
    session.raise_hit(STOLEN)
    settle(locked, session)
    visible = [widget for widget in every(locked) if widget.isVisible()]
    assert shown_by(iter(visible)) <= MAY_SHOW[View.LOCKED]
    words = " ".join(widget.accessibleName() for widget in visible)
    for secret in ("AB12", "Stolen", "Marlow", "TA14"):
        assert secret not in words


def test_lamps_and_the_time_stay_in_sight(locked: Window, session: SamplePatrol) -> None:
    session.publish(LampChanged(Lamp("camera:front", LampState.BAD, "Front lost")))
    settle(locked, session)
    assert "Front lost" in locked.status.lamps.accessibleName()
    assert locked.status.clock.isVisible()


def test_a_problem_behind_the_lock_is_told_when_it_opens(locked: Window, qtbot: QtBot) -> None:
    a_problem(locked, locked.patrol)  # type: ignore[arg-type]
    locked._tick()
    assert not locked.notice.isVisible()
    enter(locked, qtbot, PIN)
    qtbot.waitUntil(lambda: locked.notice.words == "The hit is of another shift.")


# -- opening it ------------------------------------------------------------------------------------------------------


def test_the_pin_opens_it_where_it_was_locked(locked: Window, session: SamplePatrol, qtbot: QtBot) -> None:
    enter(locked, qtbot, PIN)
    qtbot.waitUntil(lambda: locked.page == "car")
    assert not session.lock.is_locked
    assert locked.dead_time.active
    assert locked.bottom.isVisible()
    assert locked.status.officer.isVisible()


def test_a_lock_of_the_heart_shuts_the_screen_and_the_pin_opens_it_where_it_was(
    window: Window, session: SamplePatrol, qtbot: QtBot
) -> None:
    page = window.page
    session.lock.lock()  # the computer slept
    qtbot.waitUntil(lambda: window.page == "lock", timeout=5000)
    session.clock.advance(1)
    enter(window, qtbot, PIN)
    qtbot.waitUntil(lambda: window.page == page)


def test_a_wrong_pin_is_said_and_forgotten(locked: Window, session: SamplePatrol, qtbot: QtBot) -> None:
    enter(locked, qtbot, "1111")
    qtbot.waitUntil(lambda: locked.lock.problem.text() == "That PIN is not right. Try again.")
    assert locked.lock.pad.pin == ""
    assert locked.page == "lock"
    assert not locked.lock.go.isEnabled()
    enter(locked, qtbot, PIN)
    qtbot.waitUntil(lambda: locked.page == "car")


def test_a_hit_behind_the_lock_is_on_the_card_when_it_opens(
    locked: Window, session: SamplePatrol, qtbot: QtBot
) -> None:
    for digit in PIN[:2]:
        qtbot.mouseClick(locked.lock.pad.keys[digit], LEFT)
    session.raise_hit(STOLEN)
    QApplication.processEvents()
    assert locked.page == "lock"
    session.clock.advance(1)
    enter(locked, qtbot, PIN[2:])
    qtbot.waitUntil(lambda: locked.page == "live")
    assert locked.live.card.isVisible()


def test_a_start_check_that_was_locked_is_not_left_out(parked: Window, session: SamplePatrol, qtbot: QtBot) -> None:
    parked.begin(session.sign_on("4821", PIN, "TA14", Crew.WITH_OBSERVER).result())
    parked.show_page("start_check")
    parked.show_page("lock")
    session.raise_hit(STOLEN)
    settle(parked, session)
    enter(parked, qtbot, PIN)
    qtbot.waitUntil(lambda: parked.page == "live")
    settle(parked, session)
    assert not parked.bottom.isVisible()
    parked.live.card.put_off.emit()
    assert parked.page == "start_check"


def test_a_car_without_pins_is_opened_by_one_tap(locked: Window, session: SamplePatrol, qtbot: QtBot) -> None:
    session.screen_lock.needs_pin = False
    locked.lock.begin()
    assert not locked.lock.pad.isEnabled()
    qtbot.mouseClick(locked.lock.go, LEFT)
    qtbot.waitUntil(lambda: locked.page == "car")


@pytest.mark.parametrize("page", ["live", "driver", "hits", "settings", "sign_on", "start_check"])
def test_no_page_is_shown_over_the_lock(locked: Window, page: str) -> None:
    locked.show_page(page)
    assert locked.page == "lock"


def test_a_lone_driver_on_the_move_types_no_pin(locked: Window, session: SamplePatrol, qtbot: QtBot) -> None:
    locked.begin(session.sign_on("4821", PIN, "TA14", Crew.SINGLE).result())
    session.is_moving = True
    locked._tick()
    assert locked.page == "lock"
    assert not locked.lock.pad.isVisible()
    assert locked.lock.stop_first.isVisible()
    session.is_moving = False
    locked._tick()
    assert locked.lock.pad.isVisible()


# -- by itself -------------------------------------------------------------------------------------------------------


@pytest.fixture
def left_alone(app: QApplication, session: SamplePatrol):
    shown = Window(session, lock_after_minutes=5)
    shown.show()
    shown.begin(session.sign_on("4821", PIN, "TA14", Crew.WITH_OBSERVER).result())
    shown.show_page("live")
    yield shown
    discard(app, shown)


def minutes(window: Window, session: SamplePatrol, count: float) -> str:
    session.clock.advance(60 * count)
    window._tick()
    return window.page


def test_a_screen_that_nobody_touches_locks_itself(left_alone: Window, session: SamplePatrol, qtbot: QtBot) -> None:
    assert minutes(left_alone, session, 4.9) == "live"
    qtbot.mouseClick(left_alone.live.stage, LEFT)
    assert minutes(left_alone, session, 4.9) == "live"
    assert minutes(left_alone, session, 0.2) == "lock"


@pytest.mark.parametrize("moving", [True, None])
def test_it_locks_itself_only_while_the_car_is_known_to_stand(
    left_alone: Window, session: SamplePatrol, moving: bool | None
) -> None:
    session.is_moving = moving
    assert minutes(left_alone, session, 60) == "live"
    session.is_moving = False
    assert minutes(left_alone, session, 4) == "live"
    assert minutes(left_alone, session, 1.1) == "lock"


def test_without_the_setting_it_never_locks_itself(window: Window, session: SamplePatrol) -> None:
    assert minutes(window, session, 600) == "live"


def test_nobody_signed_on_is_not_locked_out(app: QApplication, session: SamplePatrol) -> None:
    shown = Window(session, lock_after_minutes=1)
    shown.show()
    assert minutes(shown, session, 5) == "sign_on"
    assert not session.lock.is_locked
    discard(app, shown)


def test_what_is_told_after_the_sign_off_stays_to_be_read(app: QApplication, session: SamplePatrol) -> None:
    """Nobody is left whom a lock could let in: "Safe to switch off" gave way to the next sign-on, once a second."""
    shown = Window(session, lock_after_minutes=1)
    shown.show()
    shown.show_page("sync")
    assert minutes(shown, session, 5) == "sync"
    assert not shown.dead_time.active
    discard(app, shown)
