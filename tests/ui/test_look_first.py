"""The picture before the entry: one tap on a character, and only then what the list says."""

from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication, QLabel, QWidget
from pytestqt.qtbot import QtBot

from patrol_anpr.domain.hit import CANNOT_TELL, Hit
from patrol_anpr.domain.hotlist import Tier
from patrol_anpr.domain.look import LookFirst
from patrol_anpr.domain.read import Evidence
from patrol_anpr.domain.shift import Crew
from patrol_anpr.lab.sample_patrol import PIN, SamplePatrol, sample_evidence, sample_hit
from tests.ui.test_hit_card import raise_hit, tap, touch
from ui.app import discard
from ui.screens.hit_card import Stage
from ui.widgets.plate_label import PlateLabel
from ui.window import Window

CHECK = sample_hit("DN23OTH", Tier.PRIORITY, "Drugs supply", listed="DN23OTN")
EXACT = sample_hit("AB12CDE", Tier.IMMEDIATE, "Stolen")


def words_on(window: Window) -> str:
    """Every text that a label, a plate or a button shows now."""
    shown = [widget for widget in window.findChildren(QWidget) if widget.isVisible()]
    plates = [one.accessibleName().replace(" ", "") for one in shown if isinstance(one, PlateLabel)]
    return " ".join([*plates, *(one.text() for one in shown if isinstance(one, QLabel))])


def choices_of(window: Window) -> list[str]:
    return [glyph.text() for glyph in window.live.card.look.glyphs if glyph.isVisible()]


def test_a_check_shows_its_picture_alone_first(window: Window, session: SamplePatrol) -> None:
    raise_hit(window, session, CHECK)
    card = window.live.card
    assert card.stage is Stage.LOOK
    assert card.look.patch.has_picture
    assert not card.confirm.isVisible()
    assert not card.dismiss.isVisible()
    for told in ("DN23OTN", "Drugs", "Ford"):
        assert told not in words_on(window)
    assert choices_of(window) == ["H", "M", "N"]
    assert len(card.look.patch.marked) == 1
    assert not any(row.isVisible() for row in window.live.side.rows)
    assert window.live.side.open_count.text() == "1 open"


@pytest.mark.parametrize(
    ("choice", "sentence"),
    [
        ("N", "You saw N, as the list has it."),
        ("H", "You saw H. The list has N."),
        (CANNOT_TELL, "You could not tell. The list has N."),
    ],
)
def test_what_was_seen_is_shown_beside_the_entry_and_recorded(
    window: Window, session: SamplePatrol, qtbot: QtBot, choice: str, sentence: str
) -> None:
    raise_hit(window, session, CHECK)
    card = window.live.card
    glyph = next((one for one in card.look.glyphs if one.text() == choice), card.look.cannot_tell)
    tap(qtbot, glyph)
    assert card.stage is Stage.DECIDE
    assert "DN23OTN" in words_on(window)
    assert card.saw.seen.text() == sentence
    assert session.told == []
    session.clock.advance(1)
    tap(qtbot, card.confirm)
    (shown,) = window.flow.queue.closed_hits
    assert shown.hit.look is not None
    assert shown.hit.look.choice == choice


def test_the_entry_is_deaf_while_it_has_just_appeared(window: Window, session: SamplePatrol, qtbot: QtBot) -> None:
    raise_hit(window, session, CHECK)
    card = window.live.card
    tap(qtbot, card.look.glyphs[0])
    for button in (card.confirm, card.later, card.dismiss):
        tap(qtbot, button)
        touch(window, button)
    assert session.told == []


def test_a_hit_to_look_at_can_be_put_off_and_asked_again(window: Window, session: SamplePatrol, qtbot: QtBot) -> None:
    raise_hit(window, session, CHECK)
    tap(qtbot, window.live.card.look.later)
    assert session.told == [("later", "hit-DN23OTH")]
    assert not window.live.card.isVisible()
    window.flow.open("hit-DN23OTH")
    assert window.live.card.stage is Stage.LOOK


def test_it_is_asked_once_even_after_undo(window: Window, session: SamplePatrol, qtbot: QtBot) -> None:
    raise_hit(window, session, CHECK)
    card = window.live.card
    for button in (card.look.glyphs[0], card.confirm, window.live.side.undo.button):
        session.clock.advance(1)
        tap(qtbot, button)
    assert card.stage is Stage.DECIDE


def test_without_a_picture_there_is_nothing_to_look_at(window: Window, session: SamplePatrol) -> None:
    session.raise_hit(CHECK, Evidence(b"", b""))
    QApplication.processEvents()
    assert window.live.card.stage is Stage.DECIDE


def test_an_exact_hit_is_shown_at_once(window: Window, session: SamplePatrol) -> None:
    raise_hit(window, session, EXACT)
    assert window.live.card.stage is Stage.DECIDE


@pytest.mark.parametrize(
    ("when", "moving", "hit", "stage"),
    [
        (LookFirst.OFF, False, CHECK, Stage.DECIDE),
        (LookFirst.CHECK_AND_IMMEDIATE, False, EXACT, Stage.LOOK),
        (LookFirst.CHECK_AND_IMMEDIATE, True, EXACT, Stage.DECIDE),
        (LookFirst.CHECK_AND_IMMEDIATE, None, EXACT, Stage.DECIDE),
    ],
)
def test_the_setting(app: QApplication, when: LookFirst, moving: bool | None, hit: Hit, stage: Stage) -> None:
    session = SamplePatrol(is_moving=moving)
    window = Window(session, look_first=when)
    window.show()
    window.begin(session.sign_on("4821", PIN, "TA14", Crew.WITH_OBSERVER).result())
    window.show_page("live")
    raise_hit(window, session, hit)
    assert window.live.card.stage is stage
    session.is_moving = not moving  # whether it is asked does not flip under the finger
    window.flow.refresh()
    assert window.live.card.stage is stage
    discard(app, window)


# -- from tone to closed card ------------------------------------------------------------------------------------------


def close_by_itself(window: Window) -> None:
    """The ten seconds for a reason end."""
    assert window.flow._patience.isActive()
    window.flow._patience.timeout.emit()


def test_an_exact_hit_is_one_touch_from_tone_to_closed_card(window: Window, session: SamplePatrol) -> None:
    raise_hit(window, session, EXACT)
    touch(window, window.live.card.confirm)
    close_by_itself(window)
    assert not window.live.card.isVisible()
    assert window.flow.queue.open_hits == []
    assert session.told == [("confirm", "hit-AB12CDE", True)]


def test_a_check_is_two(window: Window, session: SamplePatrol) -> None:
    raise_hit(window, session, CHECK)
    touch(window, window.live.card.look.glyphs[0])
    session.clock.advance(1)
    touch(window, window.live.card.confirm)
    close_by_itself(window)
    assert not window.live.card.isVisible()
    assert window.flow.queue.open_hits == []
    assert session.told == [("confirm", "hit-DN23OTH", True)]


@pytest.mark.parametrize("hit", [EXACT, CHECK])
@pytest.mark.parametrize("name", ["seen_button", "later_button"])
def test_in_the_driver_view_any_hit_is_one_touch(window: Window, session: SamplePatrol, hit: Hit, name: str) -> None:
    session.is_moving = True
    window.show_page("driver")
    raise_hit(window, session, hit)
    touch(window, getattr(window.driver, name))
    assert window.flow.queue.sign is None
    assert len(session.told) == 1


@pytest.mark.parametrize("copy", [False, True])
def test_confirm_copies_the_mark_only_where_that_is_set(app: QApplication, qtbot: QtBot, copy: bool) -> None:
    QGuiApplication.clipboard().setText("before")
    session = SamplePatrol()
    window = Window(session, copy_vrm=copy)
    window.show()
    window.begin(session.sign_on("4821", PIN, "TA14", Crew.WITH_OBSERVER).result())
    window.show_page("live")
    raise_hit(window, session, EXACT)
    tap(qtbot, window.live.card.confirm)
    assert QGuiApplication.clipboard().text() == ("AB12CDE" if copy else "before")
    discard(app, window)


# -- looking properly --------------------------------------------------------------------------------------------------


def test_the_best_patches_of_the_pass_are_paged_through(window: Window, session: SamplePatrol, qtbot: QtBot) -> None:
    raise_hit(window, session, EXACT)
    patch = window.live.card.patch
    assert (patch.pages, patch.page) == (3, 0)
    seen = set()
    for page in (1, 2, 0):
        seen.add(patch._pixmap.cacheKey())
        tap(qtbot, patch)
        assert patch.page == page
    assert len(seen) == 3
    assert session.told == []


def test_a_lone_patch_has_no_pages(window: Window, session: SamplePatrol) -> None:
    lone = replace(sample_evidence("AB12CDE", EXACT.read.colour), patches=())
    session.raise_hit(EXACT, lone)
    QApplication.processEvents()
    assert window.live.card.patch.pages == 1
    assert not window.live.card.patch.isEnabled()


@pytest.mark.parametrize("size", [(1280, 800), (1024, 768), (911, 512), (800, 1280)], ids=str)
def test_the_painted_patch_takes_40_percent_of_the_card(
    window: Window, session: SamplePatrol, size: tuple[int, int]
) -> None:
    raise_hit(window, session, EXACT)
    window.resize(*size)
    QApplication.processEvents()
    card = window.live.card
    assert card.patch.place.width() / card.width() >= 0.4
    assert abs(card.patch._pixmap.width() - card.patch.place.width()) <= 32  # made as large as it is painted


def test_what_differs_is_marked_on_the_picture_the_list_and_the_reading(window: Window, session: SamplePatrol) -> None:
    raise_hit(window, session, CHECK)
    card = window.live.card
    card.look.cannot_tell.click()
    assert card.plate.marked == card.saw.plate.marked == (6,)
    (middle,) = card.patch.marked
    assert 6 / 7 < middle < 1


def test_pictures_of_a_hit_decided_before_a_restart_come_when_it_is_opened(
    app: QApplication, session: SamplePatrol
) -> None:
    hit = replace(EXACT, state=EXACT.state.ACTIONED)
    session._hits[hit.hit_id] = (hit, Evidence(b"", b""))
    session._evidence[hit.read.read_id] = sample_evidence("AB12CDE", hit.read.colour)
    window = Window(session)
    window.show()
    window.begin(session.sign_on("4821", PIN, "TA14", Crew.WITH_OBSERVER).result())
    window.show_page("live")
    window.flow.open(hit.hit_id)
    assert not window.live.card.read_back.patch.has_picture
    QApplication.processEvents()
    assert window.live.card.read_back.patch.has_picture
    discard(app, window)


def test_every_button_of_the_look_is_large_and_keeps_off_the_others(window: Window, session: SamplePatrol) -> None:
    raise_hit(window, session, CHECK)
    look = window.live.card.look
    assert Qt.FocusPolicy.NoFocus is look.cannot_tell.focusPolicy()
    places = [button.geometry() for button in (*look.glyphs, look.cannot_tell, look.later) if button.isVisible()]
    assert all(not one.intersects(other) for one in places for other in places if one is not other)
