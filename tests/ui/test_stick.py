"""A stick where the depot's network does not do: offered, chosen, and never mistaken for what the depot holds."""

from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from patrol_anpr.domain.errors import StickFault
from patrol_anpr.domain.events import SyncProgress
from patrol_anpr.domain.health import LampState
from patrol_anpr.domain.hotlist import ListDoubt
from patrol_anpr.domain.shift import Crew
from patrol_anpr.domain.stick import PutOnStick, Stick, TakenFromStick
from patrol_anpr.lab.sample_patrol import PIN, SamplePatrol
from patrol_anpr.lab.sample_sticks import STICKS
from ui.window import Window


def settle() -> None:
    for _ in range(3):
        QApplication.processEvents()


def tap(window: Window, session: SamplePatrol, qtbot: QtBot, button: Any) -> None:
    session.clock.advance(1)
    assert button.isVisible()
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    settle()


@pytest.fixture
def waiting(parked: Window, session: SamplePatrol) -> Window:
    """The shift is over, and the depot was out of reach: 38 records wait."""
    parked.depot.upload(session.start_upload())
    session.upload.set_result(38)
    settle()
    return parked


@pytest.fixture
def without_lists(parked: Window, session: SamplePatrol) -> Window:
    """An officer has signed on, and the depot was out of reach."""
    parked.signing._signed_on(session.sign_on("4821", PIN, "TA14", Crew.WITH_OBSERVER).result())
    settle()
    session.sync.set_result(False)
    settle()
    return parked


def test_with_one_stick_a_tap_puts_the_records_on_it(waiting: Window, session: SamplePatrol, qtbot: QtBot) -> None:
    session.sticks.found = STICKS[:1]
    tap(waiting, session, qtbot, waiting.sync.put_on_stick)
    assert session.sticks.asked == [("put", STICKS[0].folder)]
    assert waiting.sync.heading.text() == "Putting records on the stick"
    assert not waiting.sync.put_on_stick.isVisible()
    session.publish(SyncProgress("records to the stick", 10, 38, 200, 800, seconds_left=3))
    settle()
    assert waiting.sync.rows["records to the stick"].share == 0.25
    session.sticks.running.set_result(PutOnStick(36, 2))
    settle()
    assert waiting.sync.end.title.text() == "38 records are on the stick"
    assert waiting.sync.end.state is LampState.WARN  # green stays for what the depot holds
    assert "stay in this car" in waiting.sync.end.note.text()


def test_of_several_sticks_the_officer_says_which(waiting: Window, session: SamplePatrol, qtbot: QtBot) -> None:
    tap(waiting, session, qtbot, waiting.sync.put_on_stick)
    assert session.sticks.asked == []
    assert [button.text() for button in waiting.sync.sticks.buttons] == ["PATROL 3", "HOLIDAY"]
    assert waiting.sync.sticks.asks.text() == "Put the records on which stick?"
    tap(waiting, session, qtbot, waiting.sync.sticks.buttons[1])
    assert session.sticks.asked == [("put", STICKS[1].folder)]
    assert not waiting.sync.sticks.isVisible()


def test_without_a_stick_that_is_said_and_nothing_begins(waiting: Window, session: SamplePatrol, qtbot: QtBot) -> None:
    session.sticks.found = ()
    tap(waiting, session, qtbot, waiting.sync.put_on_stick)
    assert waiting.sync.problem.text().startswith("No USB stick is plugged in.")
    assert session.sticks.asked == []
    assert waiting.sync.retry.isVisible()


def test_a_stick_that_took_not_all_says_how_many_it_lacks(waiting: Window, session: SamplePatrol, qtbot: QtBot) -> None:
    session.sticks.found = (Stick(Path("E:\\"), writable=True, free=10),)
    tap(waiting, session, qtbot, waiting.sync.put_on_stick)
    session.sticks.running.set_result(PutOnStick(30, 0, 8, "The stick is full."))
    settle()
    assert waiting.sync.end.title.text() == "8 records did not go on the stick"
    assert waiting.sync.put_on_stick.isVisible()  # another stick takes the rest


def test_a_stick_that_fails_leaves_every_way_open(waiting: Window, session: SamplePatrol, qtbot: QtBot) -> None:
    session.sticks.found = STICKS[:1]
    tap(waiting, session, qtbot, waiting.sync.put_on_stick)
    session.sticks.running.set_exception(StickFault("The stick was pulled out."))
    settle()
    assert waiting.sync.problem.text() == "The stick was pulled out."
    for button in (waiting.sync.retry, waiting.sync.put_on_stick, waiting.sync.close_button):
        assert button.isVisible()


def test_receipts_of_a_stick_end_as_an_upload_does(waiting: Window, session: SamplePatrol, qtbot: QtBot) -> None:
    session.sticks.found = STICKS[:1]
    tap(waiting, session, qtbot, waiting.sync.take_off_stick)
    assert session.sticks.asked == [("take", STICKS[0].folder)]
    session.sticks.running.set_result(TakenFromStick(38, 0, 0, up_to_date=True))
    settle()
    assert waiting.sync.end.title.text() == "Safe to switch off"
    assert waiting.sync.end.state is LampState.GOOD


def test_lists_of_a_stick_end_as_a_download_does(without_lists: Window, session: SamplePatrol, qtbot: QtBot) -> None:
    window = without_lists
    session.sticks.found = STICKS[:1]
    assert not window.sync.put_on_stick.isVisible()  # nothing to put on it before a shift
    tap(window, session, qtbot, window.sync.take_off_stick)
    session.sticks.running.set_result(TakenFromStick(0, 0, 0, up_to_date=True))
    settle()
    assert window.page == "start_check"
    assert not window.start_check.note.isVisible()


def test_a_list_of_a_stick_that_may_be_a_mistake_is_accepted_and_the_stick_read_again(
    without_lists: Window, session: SamplePatrol, qtbot: QtBot
) -> None:
    window = without_lists
    session.sticks.found = STICKS[:1]
    tap(window, session, qtbot, window.sync.take_off_stick)
    doubt = ListDoubt("stolen", "Stolen", 4, 100_000, 12)
    session.publish(SyncProgress("lists off the stick", 0, 1, finished=True, problem="Doubted.", doubts=(doubt,)))
    settle()
    session.sticks.running.set_result(TakenFromStick(0, 0, 0, up_to_date=False))
    settle()
    tap(window, session, qtbot, window.sync.accept)
    assert session.accepted == [doubt]
    assert session.sticks.asked == [("take", STICKS[0].folder)] * 2


def test_a_stick_that_is_found_after_the_officer_went_on_begins_nothing(
    without_lists: Window, session: SamplePatrol, qtbot: QtBot
) -> None:
    window = without_lists
    window.sync.take_off_stick.click()
    window.sync.again.emit()
    settle()
    assert session.sticks.asked == []
    assert not window.sync.sticks.isVisible()


def test_a_car_that_has_no_depot_offers_no_stick(waiting: Window) -> None:
    waiting.sync.allow_sticks(False)
    waiting.sync.ended_upload(3)
    assert not waiting.sync.put_on_stick.isVisible()
    assert not waiting.sync.take_off_stick.isVisible()
