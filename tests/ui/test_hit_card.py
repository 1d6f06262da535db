"""The card: one tap, no accident."""

from dataclasses import replace

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from patrol_anpr.domain.disposition import BUILT_IN, Disposition, DispositionKind
from patrol_anpr.domain.events import HitCancelled, HitRaised, ListChanged, ReadMade
from patrol_anpr.domain.hit import ControlAnswer, HitState, MatchKind, Override, Verification
from patrol_anpr.domain.hotlist import ListChange, Tier
from patrol_anpr.domain.read import NO_PICTURES
from patrol_anpr.lab.sample_patrol import SamplePatrol, sample_hit
from tests.ui.touching import touch
from ui import theme
from ui.screens.hit_card import Stage
from ui.text import Say, say
from ui.widgets.reasons import Page
from ui.window import Window

LEFT = Qt.MouseButton.LeftButton

IMMEDIATE = sample_hit("AB12CDE", Tier.IMMEDIATE, "Stolen")
PRIORITY = sample_hit("DN23OTH", Tier.PRIORITY, "Drugs supply")
ROUTINE = sample_hit("K7PTL", Tier.ROUTINE, "No insurance")
CHECK = sample_hit("DN23OTH", Tier.PRIORITY, "Drugs supply", listed="DN23OTN")


def raise_hit(window: Window, session: SamplePatrol, hit: object, *, awake: bool = True) -> None:
    session.raise_hit(hit)  # type: ignore[arg-type]
    QApplication.processEvents()
    QApplication.processEvents()
    window.live.card.rest()
    if awake:
        session.clock.advance(1)


def tap(qtbot: QtBot, button: QWidget) -> None:
    """A click, and what the engine says of it."""
    qtbot.mouseClick(button, LEFT)
    QApplication.processEvents()
    QApplication.processEvents()


def test_confirm_by_click(window: Window, session: SamplePatrol, qtbot: QtBot) -> None:
    raise_hit(window, session, PRIORITY)
    assert window.live.card.isVisible()
    tap(qtbot, window.live.card.confirm)
    assert session.told == [("confirm", "hit-DN23OTH", True)]
    assert window.live.card.stage is Stage.REASON


@pytest.mark.parametrize("name", ["confirm", "later", "dismiss"])
def test_every_answer_by_touch(window: Window, session: SamplePatrol, name: str) -> None:
    raise_hit(window, session, PRIORITY)
    touch(window, getattr(window.live.card, name))
    assert [told[0] for told in session.told] == [name]


def test_touches_within_700_ms_do_nothing(window: Window, session: SamplePatrol, qtbot: QtBot) -> None:
    raise_hit(window, session, PRIORITY, awake=False)
    card = window.live.card
    session.clock.advance(0.69)
    for button in (card.confirm, card.later, card.dismiss):
        tap(qtbot, button)
        touch(window, button)
    assert session.told == []
    session.clock.advance(0.2)  # 120 ms of sliding, then 700
    tap(qtbot, card.confirm)
    assert [told[0] for told in session.told] == ["confirm"]


def test_deaf_buttons_look_deaf_and_wake(window: Window, session: SamplePatrol, qtbot: QtBot) -> None:
    raise_hit(window, session, PRIORITY, awake=False)
    confirm = window.live.card.confirm
    assert confirm.grab().toImage().pixelColor(20, 20).name() != theme.NIGHT.confirm
    session.clock.advance(1)
    qtbot.waitUntil(lambda: not confirm._wake.isActive())
    assert confirm.grab().toImage().pixelColor(20, 20).name() == theme.NIGHT.confirm


def test_layout_that_moves_makes_it_deaf_again(window: Window, session: SamplePatrol, qtbot: QtBot) -> None:
    raise_hit(window, session, PRIORITY)
    window.resize(1366, 768)
    QApplication.processEvents()
    tap(qtbot, window.live.card.confirm)
    assert session.told == []


def test_finger_resting_while_another_hit_takes_the_card(window: Window, session: SamplePatrol, qtbot: QtBot) -> None:
    raise_hit(window, session, ROUTINE)
    qtbot.mousePress(window.live.card.confirm, LEFT)
    raise_hit(window, session, IMMEDIATE)  # a second passes: the dead time is over when the finger lifts
    qtbot.mouseMove(window.live.card.confirm, QPoint(9, 9))
    qtbot.mouseRelease(window.live.card.confirm, LEFT)
    assert session.told == []


def test_dismiss_of_immediate_wants_one_second(window: Window, session: SamplePatrol, qtbot: QtBot) -> None:
    raise_hit(window, session, IMMEDIATE)
    dismiss = window.live.card.dismiss
    tap(qtbot, dismiss)
    qtbot.mousePress(dismiss, LEFT)
    session.clock.advance(0.95)
    qtbot.mouseRelease(dismiss, LEFT)
    assert session.told == []
    qtbot.mousePress(dismiss, LEFT)
    session.clock.advance(1.0)
    qtbot.waitUntil(lambda: bool(session.told), timeout=2000)
    qtbot.mouseRelease(dismiss, LEFT)
    assert session.told == [("dismiss", "hit-AB12CDE", Verification.COULD_NOT_VERIFY, True)]


def test_a_hold_ends_when_another_hit_takes_the_card(window: Window, session: SamplePatrol, qtbot: QtBot) -> None:
    first = sample_hit("GB51XYZ", Tier.ROUTINE, "No insurance")
    raise_hit(window, session, first)
    window.live.card.dismiss.hold = True
    qtbot.mousePress(window.live.card.dismiss, LEFT)
    raise_hit(window, session, IMMEDIATE)
    qtbot.mouseRelease(window.live.card.dismiss, LEFT)
    assert session.told == []


def test_undo_brings_the_hit_back(window: Window, session: SamplePatrol, qtbot: QtBot) -> None:
    raise_hit(window, session, PRIORITY)
    tap(qtbot, window.live.card.confirm)
    undo = window.live.side.undo
    assert undo.isVisible()
    session.clock.advance(9.5)
    tap(qtbot, undo.button)
    assert [told[0] for told in session.told] == ["confirm", "undo"]
    assert window.live.card.stage is Stage.DECIDE
    assert not undo.isVisible()
    assert [e.hit.hit_id for e in window.flow.queue.open_hits] == ["hit-DN23OTH"]


def test_undo_is_gone_after_ten_seconds(window: Window, session: SamplePatrol, qtbot: QtBot) -> None:
    raise_hit(window, session, PRIORITY)
    tap(qtbot, window.live.card.confirm)
    session.clock.advance(10.1)
    qtbot.waitUntil(lambda: not window.live.side.undo.isVisible(), timeout=2000)
    assert [told[0] for told in session.told] == ["confirm"]


def test_undo_outlives_the_card(window: Window, session: SamplePatrol, qtbot: QtBot) -> None:
    raise_hit(window, session, PRIORITY)
    raise_hit(window, session, ROUTINE)
    tap(qtbot, window.live.card.confirm)
    session.clock.advance(1)
    tap(qtbot, window.live.card.reasons.finish)
    assert window.live.card.hit is not None
    assert window.live.card.hit.hit_id == "hit-K7PTL"
    session.clock.advance(1)
    tap(qtbot, window.live.side.undo.button)
    assert window.live.card.hit.hit_id == "hit-DN23OTH"


def choose(window: Window, session: SamplePatrol, qtbot: QtBot, choice: object) -> None:
    """Tap the button that stands for `choice`, a second after whatever was tapped before."""
    session.clock.advance(1)
    reasons = window.live.card.reasons
    (button,) = (one for one in (*reasons.buttons, reasons.turn) if one.isVisible() and one.choice is choice)
    tap(qtbot, button)


def test_after_confirm_the_card_reads_the_mark_back_for_the_radio(
    window: Window, session: SamplePatrol, qtbot: QtBot
) -> None:
    raise_hit(window, session, PRIORITY)
    card = window.live.card
    assert not card.read_back.isVisible()
    tap(qtbot, card.confirm)
    assert card.read_back.isVisible()
    assert card.read_back.plate.accessibleName() == "DN23 OTH"
    assert card.read_back.spelled.text() == "Delta November two three, Oscar Tango Hotel"
    assert card.read_back.about.text() == "Silver Ford Focus  ·  Drugs supply"
    assert card.read_back.patch.has_picture


def test_control_is_asked_for_then_what_was_done_and_neither_has_to_be_said(
    window: Window, session: SamplePatrol, qtbot: QtBot
) -> None:
    raise_hit(window, session, PRIORITY)
    card = window.live.card
    tap(qtbot, card.confirm)
    assert {b.choice for b in card.reasons.buttons if b.isVisible()} == set(ControlAnswer)
    choose(window, session, qtbot, ControlAnswer.CONFIRMED)
    choose(window, session, qtbot, Disposition.SEIZURE)
    assert session.told[-2:] == [
        ("answer", "hit-DN23OTH", ControlAnswer.CONFIRMED),
        ("dispose", "hit-DN23OTH", Disposition.SEIZURE, None),
    ]
    assert not card.isVisible()


def test_no_longer_wanted_is_one_tap_and_closes_the_card(window: Window, session: SamplePatrol, qtbot: QtBot) -> None:
    raise_hit(window, session, PRIORITY)
    tap(qtbot, window.live.card.confirm)
    choose(window, session, qtbot, ControlAnswer.NO_LONGER_WANTED)
    assert session.told[-1] == ("answer", "hit-DN23OTH", ControlAnswer.NO_LONGER_WANTED)
    assert not window.live.card.isVisible()


def test_an_answer_is_ticked_when_the_hit_is_opened_again_and_can_be_corrected(
    window: Window, session: SamplePatrol, qtbot: QtBot
) -> None:
    raise_hit(window, session, PRIORITY)
    reasons = window.live.card.reasons
    tap(qtbot, window.live.card.confirm)
    choose(window, session, qtbot, ControlAnswer.NO_LONGER_WANTED)
    window.flow.open("hit-DN23OTH")
    assert [b.choice for b in reasons.buttons if b.isVisible() and b.isChecked()] == [ControlAnswer.NO_LONGER_WANTED]
    choose(window, session, qtbot, ControlAnswer.CONFIRMED)
    assert reasons.page is Page.STOPPED


@pytest.mark.parametrize("answer", [None, ControlAnswer.NO_ANSWER])
def test_a_stop_without_controls_word_asks_why_first(
    window: Window, session: SamplePatrol, qtbot: QtBot, answer: ControlAnswer | None
) -> None:
    raise_hit(window, session, PRIORITY)
    tap(qtbot, window.live.card.confirm)
    choose(window, session, qtbot, answer or Page.STOPPED)
    told = list(session.told)
    choose(window, session, qtbot, Disposition.ARREST)
    assert session.told == told
    assert window.live.card.reasons.page is Page.OVERRIDE
    choose(window, session, qtbot, Override.DANGER)
    assert session.told[-1] == ("dispose", "hit-DN23OTH", Disposition.ARREST, Override.DANGER)
    assert not window.live.card.isVisible()


def test_without_a_picture_a_tap_is_no_look(window: Window, session: SamplePatrol, qtbot: QtBot) -> None:
    session.raise_hit(PRIORITY, NO_PICTURES)
    QApplication.processEvents()
    session.clock.advance(1)
    tap(qtbot, window.live.card.confirm)
    assert session.told == [("confirm", "hit-DN23OTH", False)]
    choose(window, session, qtbot, ControlAnswer.CONFIRMED)
    choose(window, session, qtbot, Disposition.ARREST)
    assert window.live.card.reasons.page is Page.OVERRIDE


def test_all_dispositions_can_be_reached(window: Window, session: SamplePatrol, qtbot: QtBot) -> None:
    raise_hit(window, session, PRIORITY)
    card = window.live.card
    tap(qtbot, card.confirm)
    offered = set[object]()
    for page in (Page.STOPPED, Page.NOT_STOPPED, Page.CONTROL):
        shown = [button for button in card.reasons.buttons if button.isVisible()]
        assert len(shown) <= 6
        offered |= {button.choice for button in shown}
        choose(window, session, qtbot, page)
    assert offered >= set(BUILT_IN) | set(ControlAnswer)
    assert card.reasons.page is Page.CONTROL


def test_reason_after_dismiss(window: Window, session: SamplePatrol, qtbot: QtBot) -> None:
    raise_hit(window, session, ROUTINE)
    card = window.live.card
    tap(qtbot, card.dismiss)
    session.clock.advance(1)
    misread = next(b for b in card.reasons.buttons if b.choice is Verification.MISREAD)
    tap(qtbot, misread)
    assert session.told[-1] == ("dismiss", "hit-K7PTL", Verification.MISREAD, False)


def test_takeover_and_queue_count(window: Window, session: SamplePatrol, qtbot: QtBot) -> None:
    raise_hit(window, session, ROUTINE)
    raise_hit(window, session, IMMEDIATE)
    raise_hit(window, session, PRIORITY)
    card = window.live.card
    assert card.hit is not None
    assert card.hit.tier is Tier.IMMEDIATE
    assert card.head._waiting == 2
    assert window.bottom.pages["hits"].count == 3
    tap(qtbot, card.later)
    assert card.hit.tier is Tier.PRIORITY
    session.clock.advance(1)
    tap(qtbot, card.later)
    assert card.hit.tier is Tier.ROUTINE
    session.clock.advance(1)
    tap(qtbot, card.later)
    assert not card.isVisible()
    assert window.bottom.pages["hits"].count == 3


def test_silent_hit_leaves_no_trace_on_the_screen(window: Window, session: SamplePatrol) -> None:
    before = window.grab().toImage()
    raise_hit(window, session, sample_hit("AB12CDE", Tier.SILENT, "Watch"), awake=False)
    assert not window.live.card.isVisible()
    assert window.grab().toImage() == before


def test_a_refused_answer_is_said_and_changes_nothing(window: Window, session: SamplePatrol, qtbot: QtBot) -> None:
    raise_hit(window, session, PRIORITY)
    session.refuses = "The records cannot be written. Free some disk space."
    tap(qtbot, window.live.card.confirm)
    assert window.notice.words == session.refuses
    assert window.live.card.stage is Stage.DECIDE
    assert not window.live.side.undo.isVisible()


def test_patch_takes_at_least_40_percent_and_the_list_plate_is_right_under_it(
    window: Window, session: SamplePatrol
) -> None:
    raise_hit(window, session, PRIORITY)
    card = window.live.card
    for width, height in ((1280, 800), (1024, 768), (1366, 768), (1920, 1200)):
        window.resize(width, height)
        QApplication.processEvents()
        assert card.patch.width() / card.width() >= 0.4
        patch, plate = card.patch.geometry(), card.plate.geometry()
        assert plate.left() == patch.left()
        assert 0 <= plate.top() - patch.bottom() <= 16


def test_confirm_left_dismiss_right_far_apart(window: Window, session: SamplePatrol) -> None:
    raise_hit(window, session, PRIORITY)
    card = window.live.card
    assert card.confirm.geometry().right() < card.later.geometry().left() < card.dismiss.geometry().left()
    assert card.dismiss.geometry().left() - card.confirm.geometry().right() >= 2 * theme.TOUCH


def test_check_never_looks_like_exact(window: Window, session: SamplePatrol, qtbot: QtBot) -> None:
    raise_hit(window, session, CHECK)
    card = window.live.card
    card.look.cannot_tell.click()
    session.clock.advance(1)
    assert card.plate.marked == (6,)
    assert card.saw.isVisible()
    check_head, check = card.head.grab().toImage(), card.grab().toImage()
    tap(qtbot, card.later)
    raise_hit(window, session, sample_hit("DN23OTN", Tier.PRIORITY, "Drugs supply"))
    assert card.hit is not None
    assert card.hit.match.kind is MatchKind.EXACT
    assert card.plate.marked == ()
    assert not card.saw.isVisible()
    exact_head, exact = card.head.grab().toImage(), card.grab().toImage()
    # The ground of the head: the tier's colour, or not.
    assert exact_head.pixelColor(4, 4).name() == theme.NIGHT.tiers[1].fill
    assert check_head.pixelColor(4, 4).name() == theme.NIGHT.check_fill
    # The edge: whole, or dashed.
    edge = {exact.pixelColor(x, 1).name() for x in range(4, exact.width() - 4)}
    dashes = {check.pixelColor(x, 1).name() for x in range(4, check.width() - 4)}
    assert edge == {theme.NIGHT.tiers[1].fill}
    assert {theme.NIGHT.check, theme.NIGHT.surface} <= dashes


def test_a_hit_opened_from_the_list_can_still_be_answered(window: Window, session: SamplePatrol, qtbot: QtBot) -> None:
    raise_hit(window, session, PRIORITY)
    tap(qtbot, window.live.card.later)
    session.clock.advance(1)
    tap(qtbot, window.live.side.rows[0])
    session.clock.advance(1)
    tap(qtbot, window.live.card.confirm)
    assert [told[0] for told in session.told] == ["later", "confirm"]


def test_an_outcome_from_elsewhere_is_shown(window: Window, session: SamplePatrol) -> None:
    raise_hit(window, session, PRIORITY)
    session.record("hit-DN23OTH", HitState.ACTIONED)
    QApplication.processEvents()
    assert window.flow.queue.open_hits == []


# -- a tap on something that has just changed --------------------------------------------------------------------------


def test_what_was_done_is_offered_in_the_words_of_the_depot(
    window: Window, session: SamplePatrol, qtbot: QtBot
) -> None:
    session.offered = (
        Disposition("fine", "Fixed penalty", DispositionKind.STOPPED),
        Disposition("left", "Let go", DispositionKind.NOT_STOPPED),
    )
    raise_hit(window, session, PRIORITY)
    tap(qtbot, window.live.card.confirm)
    shown = []
    for _ in range(3):
        session.clock.advance(1)
        shown.append([button.text() for button in window.live.card.reasons.buttons if button.isVisible()])
        turn = window.live.card.reasons.turn
        tap(
            qtbot,
            turn if turn.isVisible() else next(b for b in window.live.card.reasons.buttons[::-1] if b.isVisible()),
        )
    assert shown[1][0] == "Fixed penalty"
    assert shown[2][0] == "Let go"


def test_second_tap_of_start_patrol_does_not_mute(window: Window, session: SamplePatrol, qtbot: QtBot) -> None:
    """The bottom bar appears under the finger."""
    window.show_page("start_check")
    session.clock.advance(1)
    window.start_check.started.emit()
    for button in (
        window.bottom.mute,
        window.bottom.palette_button,
        *window.bottom.pages.values(),
    ):
        tap(qtbot, button)
        touch(window, button)
    assert session.told == [("go_on", [])]
    assert window.page == "live"
    session.clock.advance(1)
    tap(qtbot, window.bottom.mute)
    assert session.told == [("go_on", []), ("set_muted", True)]


def test_second_tap_on_a_row_of_hits_confirms_nothing(window: Window, session: SamplePatrol, qtbot: QtBot) -> None:
    """The hit of the row is on the card already: the card does not change, what lies under the finger does."""
    raise_hit(window, session, PRIORITY)
    window.show_page("hits")
    session.clock.advance(1)
    window.hits.hit_chosen.emit("hit-DN23OTH")
    tap(qtbot, window.live.card.confirm)
    touch(window, window.live.card.confirm)
    assert session.told == []


def test_undo_that_has_just_changed_is_deaf_and_the_one_before_can_be_asked_for(
    window: Window, session: SamplePatrol, qtbot: QtBot
) -> None:
    raise_hit(window, session, PRIORITY)
    tap(qtbot, window.live.card.confirm)
    raise_hit(window, session, ROUTINE)
    tap(qtbot, window.live.card.reasons.finish)
    window.live.card.rest()
    session.clock.advance(1)
    tap(qtbot, window.live.card.confirm)
    tap(qtbot, window.live.side.undo.button)
    assert [told[:2] for told in session.told] == [("confirm", "hit-DN23OTH"), ("confirm", "hit-K7PTL")]
    session.clock.advance(1)
    window.flow.open("hit-DN23OTH")
    session.clock.advance(1)
    tap(qtbot, window.live.side.undo.button)
    assert session.told[-1] == ("undo", "hit-DN23OTH")
    session.clock.advance(1)
    tap(qtbot, window.live.side.undo.button)
    assert session.told[-1] == ("undo", "hit-K7PTL")


def test_undo_of_a_lower_tier_leaves_an_immediate_hit_on_the_card(
    window: Window, session: SamplePatrol, qtbot: QtBot
) -> None:
    raise_hit(window, session, ROUTINE)
    tap(qtbot, window.live.card.confirm)
    raise_hit(window, session, IMMEDIATE)
    tap(qtbot, window.live.side.undo.button)
    assert session.told[-1] == ("undo", "hit-K7PTL")
    assert window.live.card.hit is not None
    assert window.live.card.hit.hit_id == "hit-AB12CDE"


def test_the_ten_seconds_of_one_hit_do_not_take_another_off_the_card(
    window: Window, session: SamplePatrol, qtbot: QtBot
) -> None:
    raise_hit(window, session, PRIORITY)
    tap(qtbot, window.live.card.confirm)
    raise_hit(window, session, IMMEDIATE)
    window.flow._patience.timeout.emit()
    assert window.live.card.hit is not None
    assert window.live.card.hit.hit_id == "hit-AB12CDE"
    raise_hit(window, session, ROUTINE)
    assert window.live.card.hit.hit_id == "hit-AB12CDE"


def test_a_decided_hit_leaves_the_card_by_itself(window: Window, session: SamplePatrol, qtbot: QtBot) -> None:
    raise_hit(window, session, PRIORITY)
    tap(qtbot, window.live.card.confirm)
    assert window.flow._patience.isActive()
    window.flow._patience.timeout.emit()
    assert not window.live.card.isVisible()


def test_hits_that_come_while_one_is_read_to_control_wait_and_are_counted(
    window: Window, session: SamplePatrol, qtbot: QtBot
) -> None:
    raise_hit(window, session, IMMEDIATE)
    tap(qtbot, window.live.card.confirm)
    for hit in (sample_hit("SC15GZE", Tier.IMMEDIATE, "Stolen"), PRIORITY, ROUTINE):
        raise_hit(window, session, hit)
        assert window.live.card.hit is not None
        assert window.live.card.hit.hit_id == "hit-AB12CDE"
    assert window.live.card.read_back.isVisible()
    assert "3" in window.live.card.head.accessibleName()
    finish = window.live.card.reasons.finish
    assert (finish.text(), finish.caption) == (say(Say.NEXT), say(Say.WAITING, count=3))
    tap(qtbot, finish)
    assert window.live.card.hit.hit_id == "hit-SC15GZE"


def test_an_immediate_hit_takes_the_card_from_one_of_a_lower_tier_that_is_read_to_control(
    window: Window, session: SamplePatrol, qtbot: QtBot
) -> None:
    raise_hit(window, session, PRIORITY)
    tap(qtbot, window.live.card.confirm)
    raise_hit(window, session, IMMEDIATE)
    assert window.live.card.hit is not None
    assert window.live.card.hit.hit_id == "hit-AB12CDE"


@pytest.mark.parametrize("opened", [False, True])
def test_when_the_time_to_read_a_hit_to_control_is_over_what_came_meanwhile_is_presented(
    window: Window, session: SamplePatrol, qtbot: QtBot, opened: bool
) -> None:
    raise_hit(window, session, IMMEDIATE)
    tap(qtbot, window.live.card.confirm)
    if opened:
        window.flow.open("hit-AB12CDE")
    raise_hit(window, session, ROUTINE)
    window.show_page("reads")
    window.flow._patience.timeout.emit()
    assert window.live.card.hit is not None
    assert window.live.card.hit.hit_id == "hit-K7PTL"
    assert window.page == "live"


def test_a_hit_that_was_opened_to_be_read_to_control_stays_while_nothing_comes(
    window: Window, session: SamplePatrol, qtbot: QtBot
) -> None:
    raise_hit(window, session, IMMEDIATE)
    tap(qtbot, window.live.card.confirm)
    window.flow.open("hit-AB12CDE")
    window.flow._patience.timeout.emit()
    assert window.live.card.read_back.isVisible()
    raise_hit(window, session, ROUTINE)
    assert window.live.card.hit is not None
    assert window.live.card.hit.hit_id == "hit-K7PTL"


def test_a_card_on_another_page_keeps_no_hit_waiting(window: Window, session: SamplePatrol, qtbot: QtBot) -> None:
    raise_hit(window, session, IMMEDIATE)
    tap(qtbot, window.live.card.confirm)
    window.show_page("reads")
    raise_hit(window, session, ROUTINE)
    assert window.page == "live"
    assert window.live.card.hit is not None
    assert window.live.card.hit.hit_id == "hit-K7PTL"


def test_later_that_the_records_refuse_leaves_the_card(window: Window, session: SamplePatrol, qtbot: QtBot) -> None:
    raise_hit(window, session, PRIORITY)
    session.refuses = "The records are closed."
    tap(qtbot, window.live.card.later)
    assert window.live.card.isVisible()
    assert window.notice.isVisible()


def test_a_hit_of_the_last_officer_is_not_shown_to_the_next(window: Window, session: SamplePatrol) -> None:
    """Vehicles still in view at sign-off become Reads and hits after the screen was cleared."""
    late = replace(PRIORITY, shift_id="shift-0")
    session.publish(HitRaised(late, NO_PICTURES))
    session.publish(ReadMade(late.read, NO_PICTURES, "shift-0"))
    QApplication.processEvents()
    assert window.flow.queue.open_hits == []
    assert window.live.side.strip.reads == []
    assert window.reads.model.rowCount() == 0


def test_a_hit_whose_entry_was_cancelled_stays_and_says_so(window: Window, session: SamplePatrol) -> None:
    raise_hit(window, session, PRIORITY)
    session.publish(HitCancelled(replace(PRIORITY, cancelled=True)))
    QApplication.processEvents()
    card = window.live.card
    assert card.isVisible()
    assert card.head.words.startswith("No longer listed")
    assert card.action.text() == "Taken off the list since. Ask control before you act.", "not what the entry asked for"
    assert card.confirm.isEnabled()


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (ListChange("hot", 2, 1), "Lists: 2 added, 1 cancelled at"),
        (ListChange("hot", 2, 0), "Lists: 2 added at"),
        (ListChange("hot", 0, 1), "Lists: 1 cancelled at"),
        (ListChange("pnc", None, None), "Lists: a new revision at"),
    ],
)
def test_what_the_depot_changed_on_patrol_is_on_the_screen(
    window: Window, session: SamplePatrol, change: ListChange, words: str
) -> None:
    session.publish(ListChanged(change, session.clock.utc()))
    QApplication.processEvents()
    assert window.top.notice.words.startswith(words)
