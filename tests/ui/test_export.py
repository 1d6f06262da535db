"""Evidence on the screen: a hit is chosen, a reason given, a folder chosen, and the session asked; with real clicks."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path, PureWindowsPath

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from patrol_anpr.domain.dossier import Exported, ExportPlace
from patrol_anpr.domain.errors import RecordsFault
from patrol_anpr.domain.hotlist import Tier
from patrol_anpr.domain.read import ENTERED
from patrol_anpr.evidence.places import ON_A_DRIVE
from patrol_anpr.lab.sample_evidence import PLACES
from patrol_anpr.lab.sample_patrol import SamplePatrol, sample_hit, sample_read
from ui.window import Window

LEFT = Qt.MouseButton.LeftButton
DONE = Exported(Path("/exports/e1"), Path("/exports/e1/e1.pdf"), datetime(2026, 11, 21, tzinfo=UTC), (), "c" * 64)


@pytest.fixture
def page(window: Window, session: SamplePatrol, qtbot: QtBot) -> Window:
    """On the page, from the hits, with one hit in the shift."""
    session.raise_hit(sample_hit("AB12CDE", Tier.PRIORITY, "Stolen"))
    qtbot.waitUntil(window.live.card.isVisible)
    window.live.card.put_off.emit()
    tap(window, qtbot, window.bottom.pages["hits"])
    tap(window, qtbot, window.ways.buttons["export"])
    assert window.page == "export"
    qtbot.waitUntil(lambda: len(window.export.places) == len(PLACES))
    window.patrol.clock.advance(1)  # type: ignore[attr-defined]
    return window


def tap(window: Window, qtbot: QtBot, button: object) -> None:
    window.patrol.clock.advance(1)  # type: ignore[attr-defined]
    qtbot.mouseClick(button, LEFT)  # type: ignore[arg-type]
    QApplication.processEvents()


def choose_hit(window: Window, qtbot: QtBot) -> None:
    view = window.export.view
    qtbot.mouseClick(view.viewport(), LEFT, pos=view.visualRect(view.model().index(0, 0)).center())
    assert window.export.read is not None


def test_a_hit_is_exported_with_a_reason_to_a_stick(page: Window, session: SamplePatrol, qtbot: QtBot) -> None:
    assert not page.export.go.isEnabled()
    choose_hit(page, qtbot)
    assert not page.export.go.isEnabled()  # no reason yet
    tap(page, qtbot, page.export.reasons[0])
    tap(page, qtbot, page.export.places[1])
    tap(page, qtbot, page.export.go)
    assert session.export.asked == [("read-AB12CDE-0", "Court file", PLACES[1].folder)]
    assert not page.export.go.isEnabled()  # while it is being written
    session.export.running.set_result(DONE)
    qtbot.waitUntil(lambda: page.export.said.text().replace("\u200b", "").endswith("/exports/e1"))
    assert page.export.read is None  # the next one begins anew
    assert page.bottom.pages["hits"].isChecked()  # the page lies under the hits


def test_the_officers_own_words_are_the_reason(page: Window, session: SamplePatrol, qtbot: QtBot) -> None:
    choose_hit(page, qtbot)
    tap(page, qtbot, page.export.reasons[-1])
    assert page.export.pad.isVisible()
    for letter in "OP":
        tap(page, qtbot, page.export.pad.key(letter))
    tap(page, qtbot, page.export.pad.key("space"))
    tap(page, qtbot, page.export.pad.key("turn"))
    tap(page, qtbot, page.export.pad.key("7"))
    tap(page, qtbot, page.export.pad.key("8"))
    tap(page, qtbot, page.export.pad.key("delete"))
    tap(page, qtbot, page.export.finish)
    assert page.export.reasons[-1].caption == "Op 7"
    tap(page, qtbot, page.export.go)
    assert [reason for _, reason, _ in session.export.asked] == ["Op 7"]


def test_a_keyboard_writes_too(page: Window, qtbot: QtBot) -> None:
    tap(page, qtbot, page.export.reasons[-1])
    page.patrol.clock.advance(1)  # type: ignore[attr-defined]
    qtbot.keyClicks(page.export.pad, "Op 7")
    qtbot.keyClick(page.export.pad, Qt.Key.Key_Backspace)
    assert page.export.pad.text == "Op "


def test_words_that_are_no_reason_are_refused_with_a_sentence(
    page: Window, session: SamplePatrol, qtbot: QtBot
) -> None:
    choose_hit(page, qtbot)
    tap(page, qtbot, page.export.reasons[-1])
    page.export.pad.set_text("a")
    tap(page, qtbot, page.export.finish)
    tap(page, qtbot, page.export.go)
    assert "Say why" in page.export.said.text()
    assert session.export.asked == []
    assert page.export.go.isEnabled()


def test_what_goes_wrong_is_said_and_can_be_tried_again(page: Window, session: SamplePatrol, qtbot: QtBot) -> None:
    choose_hit(page, qtbot)
    tap(page, qtbot, page.export.reasons[1])
    tap(page, qtbot, page.export.go)
    session.export.running.set_exception(RecordsFault("There is not enough room there."))
    qtbot.waitUntil(lambda: page.export.said.text() == "There is not enough room there.")
    assert page.export.go.isEnabled()
    tap(page, qtbot, page.export.go)
    assert len(session.export.asked) == 2


def test_a_read_comes_chosen_from_its_own_page(window: Window, session: SamplePatrol, qtbot: QtBot) -> None:
    read = sample_read("LM19XYZ")
    window.exporting.ask(read)
    qtbot.waitUntil(lambda: len(window.export.places) == len(PLACES))
    assert (window.page, window.export.read) == ("export", read)
    assert window.export.plate.accessibleName() == "LM19 XYZ"


def test_after_sign_off_nothing_of_it_is_left(page: Window, session: SamplePatrol, qtbot: QtBot) -> None:
    choose_hit(page, qtbot)
    tap(page, qtbot, page.export.reasons[0])
    tap(page, qtbot, page.export.go)
    page.signing.sign_off()
    assert page.export.read is None
    assert page.export.model.rowCount() == 0
    session.export.running.set_result(DONE)
    QApplication.processEvents()
    assert page.export.said.text() == ""


def test_an_export_that_fails_behind_another_choice_is_told_all_the_same(
    page: Window, session: SamplePatrol, qtbot: QtBot
) -> None:
    choose_hit(page, qtbot)
    tap(page, qtbot, page.export.reasons[1])
    tap(page, qtbot, page.export.go)
    page.exporting.ask(sample_read("LM19XYZ"))
    session.export.running.set_exception(RecordsFault("There is not enough room there."))
    qtbot.waitUntil(lambda: page.notice.words == "There is not enough room there.")
    assert page.export.said.text() == ""


def test_while_it_is_written_no_tap_asks_for_it_once_more(page: Window, session: SamplePatrol, qtbot: QtBot) -> None:
    choose_hit(page, qtbot)
    tap(page, qtbot, page.export.reasons[1])
    tap(page, qtbot, page.export.go)
    choose_hit(page, qtbot)  # the same one
    for button in (page.export.reasons[2], page.export.places[1], page.export.go):
        tap(page, qtbot, button)
    assert len(session.export.asked) == 1
    assert page.export.said.text().startswith("Being written")


def test_what_becomes_of_an_export_is_not_said_beside_another_record(
    page: Window, session: SamplePatrol, qtbot: QtBot
) -> None:
    choose_hit(page, qtbot)
    tap(page, qtbot, page.export.reasons[1])
    tap(page, qtbot, page.export.go)
    first, other = session.export.running, sample_hit("LM19XYZ", Tier.PRIORITY, "Stolen")
    page.export.show_hits([other])
    choose_hit(page, qtbot)
    assert page.export.go.isEnabled()
    first.set_result(DONE)
    QApplication.processEvents()
    assert page.export.read == other.read  # still chosen
    assert page.export.said.text() == ""


def test_drives_that_are_found_late_are_offered_though_a_record_was_chosen_meanwhile(
    page: Window, session: SamplePatrol, qtbot: QtBot
) -> None:
    page.exporting.entered([sample_hit("AB12CDE", Tier.PRIORITY, "Stolen")])
    choose_hit(page, qtbot)
    page.export.show_places(())
    page.exporting.entered([sample_hit("AB12CDE", Tier.PRIORITY, "Stolen")])
    page.export.chosen.emit()
    qtbot.waitUntil(lambda: len(page.export.places) == len(PLACES))


def test_a_drive_that_was_chosen_stays_chosen_after_a_hit_took_the_page(page: Window, qtbot: QtBot) -> None:
    tap(page, qtbot, page.export.places[1])
    old = page.export.places[1]
    page.exporting.entered(())
    qtbot.waitUntil(lambda: page.export.places[1] is not old)
    assert page.export.places[1].isChecked()
    page.export.show_places(PLACES[:1])  # it was pulled
    assert page.export.places[0].isChecked()


def test_a_drive_of_windows_is_named_by_its_letter(page: Window) -> None:
    drive = PureWindowsPath("E:/", ON_A_DRIVE)
    page.export.show_places([ExportPlace(drive, removable=True, free=1)])  # type: ignore[arg-type]
    assert page.export.places[0].text() == "E:\\"


def test_a_mark_entered_by_hand_is_not_said_to_be_read_by_a_camera(page: Window) -> None:
    page.export.show_read(replace(sample_read("LM19XYZ"), camera_id=ENTERED))
    assert page.export.about.text().startswith("Entered by hand")
    assert "Camera" not in page.export.about.text()
