"""Enter VRM: looked up while it is typed, checked like a Read, and never called clear."""

from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from patrol_anpr.domain.by_hand import Lifetime, VoiWish
from patrol_anpr.domain.hit import MatchKind
from patrol_anpr.domain.hotlist import Tier
from patrol_anpr.domain.shift import Crew
from patrol_anpr.lab.sample_patrol import SamplePatrol, sample_hit, sample_read
from tests.ui.test_reads import enter, settle, tap
from ui.screens.enter_vrm import PAUSE_MS, EnterVrmScreen
from ui.text import say
from ui.window import Window

LEFT = Qt.MouseButton.LeftButton
EXACT = sample_hit("AB12CDE", Tier.IMMEDIATE, "Stolen").match
NEAR = sample_hit("AB12CDE", Tier.ROUTINE, "No insurance", listed="AB12CDF").match


@pytest.fixture
def screen(window: Window, session: SamplePatrol, qtbot: QtBot) -> EnterVrmScreen:
    session.search.oldest = EXACT.hotlist
    tap(window, qtbot, window.bottom.pages["enter_vrm"])
    assert window.page == "enter_vrm"
    return window.enter_vrm


def looked_up(session: SamplePatrol) -> list[object]:
    return [told[1] for told in session.told if told[0] == "look_up"]


def test_it_is_looked_up_once_the_finger_rests(
    window: Window, session: SamplePatrol, screen: EnterVrmScreen, qtbot: QtBot
) -> None:
    session.make_read(sample_read("AB12CDE"))
    session.search.listed["AB12CDE"] = (EXACT, NEAR)
    enter(window, qtbot, screen.pad, "AB12CDE")
    qtbot.waitUntil(lambda: looked_up(session)[-1:] == ["AB12CDE"], timeout=20 * PAUSE_MS)
    settle()
    assert [match.kind for match in screen.found.matches] == [MatchKind.EXACT, MatchKind.CHECK]
    assert [read.vrm for read in screen.found.reads] == ["AB12CDE"]
    assert "EXACT" in screen.found.accessibleName()
    assert "CHECK" in screen.found.accessibleName()
    assert not screen.answer.isVisible()
    assert screen.hint.text() == "Complete: current style."


def test_the_keyboard_types_and_checks(
    window: Window, session: SamplePatrol, screen: EnterVrmScreen, qtbot: QtBot
) -> None:
    session.clock.advance(1)
    qtbot.keyClicks(screen.pad, "gx68 pkp")
    qtbot.keyClick(screen.pad, Qt.Key.Key_Backspace)
    qtbot.keyClicks(screen.pad, "o")
    assert screen.pad.text == "GX68PKO"
    qtbot.keyClick(screen.pad, Qt.Key.Key_Return)
    settle()
    assert ("enter", "GX68PKO") in session.told


def test_what_is_on_no_list_is_not_called_clear(
    window: Window, session: SamplePatrol, screen: EnterVrmScreen, qtbot: QtBot
) -> None:
    enter(window, qtbot, screen.pad, "GX68PKO")
    screen._look_up()
    settle()
    assert screen.answer.text().startswith("Nothing on the lists so far (oldest list 14 h old)")
    tap(window, qtbot, screen.check)
    assert screen.answer.text().startswith("Not on the lists in this car (oldest list 14 h old)")
    assert screen.note.text() == "GX68 PKO is on record as entered by you."
    assert not screen.check.isEnabled()  # one tap, one entry
    assert [told for told in session.told if told[0] == "enter"] == [("enter", "GX68PKO")]
    session.search.oldest = None
    tap(window, qtbot, screen.pad.keys["erase"])
    assert (screen.answer.text(), screen.note.text()) == ("", "")
    screen._look_up()
    settle()
    assert screen.answer.text() == "No list is in force in this car. Nothing can be said about this mark."


def test_a_mark_that_is_listed_is_a_hit_that_says_there_is_no_picture(
    window: Window, session: SamplePatrol, screen: EnterVrmScreen, qtbot: QtBot
) -> None:
    session.search.listed["AB12CDE"] = (EXACT,)
    enter(window, qtbot, screen.pad, "AB12CDE")
    tap(window, qtbot, screen.check)
    assert window.page == "live"
    card = window.live.card
    assert card.isVisible()
    assert card.hit is not None
    assert card.hit.read.is_entered
    assert say(card.patch.missing) == "No picture: entered by hand"
    assert say(card.overview.missing) == "There is no picture. Confirm it against the vehicle itself."
    assert "entered by hand" in card.origin.text()
    assert not card.shows_picture  # a tap is no look at a picture


def test_an_answer_that_does_not_come_says_nothing_of_the_lists(
    window: Window, session: SamplePatrol, screen: EnterVrmScreen, qtbot: QtBot
) -> None:
    enter(window, qtbot, screen.pad, "GX68PKO")
    session.refuses = "The records cannot be read."
    screen._look_up()
    settle()
    assert window.notice.words == "The records cannot be read."
    assert not screen.answer.isVisible()
    tap(window, qtbot, screen.check)
    assert screen.check.isEnabled()  # it can be tried again
    assert not screen.note.isVisible()


def test_the_answer_for_what_stood_there_before_is_not_shown(
    window: Window, session: SamplePatrol, screen: EnterVrmScreen
) -> None:
    session.search.listed["AB12CDE"] = (EXACT,)
    screen.pad.set_text("AB12CDE")
    screen._look_up()
    screen.pad.set_text("AB12CD")
    settle()
    assert screen.found.matches == ()


def test_what_no_mark_can_have_is_marked_and_taken_all_the_same(
    window: Window, session: SamplePatrol, screen: EnterVrmScreen, qtbot: QtBot
) -> None:
    enter(window, qtbot, screen.pad, "AB12CDI")
    assert screen.hint.text() == "No UK mark has I there. It is taken all the same."
    assert screen.plate.marked == (6,)
    assert screen.check.isEnabled()
    screen.pad.set_text("AB80CDE")
    assert screen.hint.text() == "Its age code is not issued yet: look again, or a false plate."
    screen.pad.set_text("AB12C")
    assert screen.hint.text() == "Next: a letter. May become current style."


def test_a_mark_is_made_a_vehicle_of_interest(
    window: Window, session: SamplePatrol, screen: EnterVrmScreen, qtbot: QtBot
) -> None:
    enter(window, qtbot, screen.pad, "GX68PKO")
    tap(window, qtbot, screen.make_voi)
    tap(window, qtbot, screen.voi.reasons["Driver wanted"])
    tap(window, qtbot, screen.voi.go)
    wish = VoiWish("GX68PKO", "Driver wanted", Tier.ROUTINE, Lifetime.SHIFT, None)
    assert ("make_voi", wish) in session.told
    assert window.notice.words == "GX68 PKO is in force in this car until sign-off."


def test_nothing_of_one_officer_stays_for_the_next(
    window: Window, session: SamplePatrol, screen: EnterVrmScreen, qtbot: QtBot
) -> None:
    screen.pad.set_text("GX68PKO")
    screen.begin(None)
    assert screen.pad.text == ""
    assert screen.plate.accessibleName() == ""


def test_a_driver_reaches_none_of_it(window: Window, session: SamplePatrol, qtbot: QtBot) -> None:
    assert session.shift is not None
    session.shift = replace(session.shift, crew=Crew.SINGLE)
    session.is_moving = True
    for page in ("reads", "enter_vrm"):
        window.show_page(page)
        assert window.page == "driver"
