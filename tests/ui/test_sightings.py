"""The same car again is one line with a count, and one tap; a muted entry is silent, and stays in the list."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from patrol_anpr.domain.entry import entry_of
from patrol_anpr.domain.hit import Hit, HitState, Look
from patrol_anpr.domain.hotlist import Tier
from patrol_anpr.domain.read import ENTERED, Evidence
from patrol_anpr.domain.sighting import sighting_of
from patrol_anpr.lab.sample_patrol import SamplePatrol, sample_hit
from tests.ui.test_hit_card import LEFT, PRIORITY, ROUTINE, raise_hit, tap, touch
from ui import scale
from ui.models.hit_lines import ShownHit, lines_of
from ui.models.hit_queue import HitQueue
from ui.models.rows import _mute_place, _row_of
from ui.window import Window

NONE = Evidence(b"", b"")


def seen(vrm: str, number: int, tier: Tier = Tier.PRIORITY, state: HitState = HitState.RAISED) -> Hit:
    """The hit number `number` of a vehicle, each ten seconds after the one before."""
    return sample_hit(vrm, tier, "Stolen", seconds_ago=300 - 10 * number, number=number, state=state)


def test_the_same_car_again_is_one_line_with_a_count_the_newest_picture_and_the_last_time() -> None:
    hits = [ShownHit(seen("A", number), Evidence(b"%d" % number, b"")) for number in range(3)]
    (line,) = lines_of([hits[1], hits[0], hits[2]])
    assert (line.times, line.hit_id, line.shown.evidence.patch) == (3, "hit-A-2", b"2")
    assert (line.last, line.since) == (hits[2].hit.raised_at, hits[0].hit.raised_at)


def test_a_line_is_open_while_one_of_its_hits_is() -> None:
    queue = HitQueue()
    for number, state in enumerate([HitState.ACTIONED, HitState.RAISED, HitState.DISMISSED]):
        queue.arrive(seen("A", number, state=state), NONE)
    (line,) = queue.open_lines()
    assert (line.hit_id, line.times) == ("hit-A-1", 3)
    assert queue.closed_lines() == []


@given(st.lists(st.tuples(st.sampled_from("AB"), st.sampled_from(HitState)), max_size=12))
def test_every_hit_is_in_exactly_one_line(made: list[tuple[str, HitState]]) -> None:
    hits = [ShownHit(seen(vrm, number, state=state), NONE) for number, (vrm, state) in enumerate(made)]
    lines = lines_of(hits)
    assert sum(line.times for line in lines) == len(hits)
    for line in lines:
        same = [one.hit for one in hits if sighting_of(one.hit) == sighting_of(line.hit)]
        assert line.hit.is_open == any(hit.is_open for hit in same)


def test_a_car_seen_again_neither_takes_the_card_from_its_own_picture_nor_waits_beside_it() -> None:
    queue = HitQueue()
    assert queue.arrive(seen("A", 0), NONE)
    assert not queue.arrive(seen("A", 1), NONE, again=True)
    assert queue.shown is not None
    assert (queue.shown.hit_id, queue.waiting) == ("hit-A", [])
    assert queue.shared(HitState.ACTIONED) == 1
    assert queue.shared(HitState.DISMISSED) == 0, "nobody has looked at the newer picture"


def test_later_puts_the_car_off_with_all_its_sightings_and_one_a_moment_after_it() -> None:
    queue = HitQueue()
    queue.arrive(seen("A", 0), NONE)
    queue.arrive(seen("A", 1), NONE, again=True)
    queue.put_off("hit-A")
    assert queue.shown is None
    assert not queue.arrive(seen("A", 2), NONE, again=True)
    assert queue.shown is None
    assert queue.arrive(seen("A", 3), NONE), "it sounds again, so it is shown again"


@pytest.mark.parametrize(
    ("tier", "decided", "takes_card"),
    [
        (Tier.IMMEDIATE, HitState.ACTIONED, False),
        (Tier.IMMEDIATE, HitState.DISMISSED, True),
        (Tier.PRIORITY, HitState.DISMISSED, False),
    ],
)
def test_a_car_that_was_dealt_with_a_moment_ago_takes_no_card_but_for_an_immediate_one_dismissed(
    tier: Tier, decided: HitState, takes_card: bool
) -> None:
    queue = HitQueue()
    queue.arrive(seen("A", 0, tier), NONE)
    queue.change(replace(seen("A", 0, tier), state=decided))
    queue.leave("hit-A")
    assert queue.arrive(seen("A", 1, tier), NONE, again=True) is takes_card
    assert [line.times for line in queue.open_lines()] == [2], "it is in the list either way"


def test_a_seen_sign_stays_seen_when_the_car_is_seen_again() -> None:
    queue = HitQueue()
    queue.arrive(seen("A", 0), NONE)
    queue.see("hit-A")
    queue.arrive(seen("A", 1), NONE, again=True)
    assert queue.sign is None


def raised_to_immediate(hit: Hit) -> Hit:
    """As its list, which has made the entry more urgent since, would match it now."""
    urgent = replace(hit.match, tier=Tier.IMMEDIATE, voi=replace(hit.match.voi, tier=Tier.IMMEDIATE))
    return replace(hit, match=urgent)


@pytest.mark.parametrize("how", ["put off", "dismissed", "confirmed", "muted"])
def test_an_entry_made_immediate_takes_the_card_though_its_vehicle_was_dealt_with(how: str) -> None:
    queue, hit = HitQueue(), seen("A", 0)
    queue.arrive(hit, NONE, muted=how == "muted")
    if how == "put off":
        queue.put_off(hit.hit_id)
    elif how != "muted":
        queue.change(replace(hit, state=HitState.DISMISSED if how == "dismissed" else HitState.ACTIONED))
        queue.leave(hit.hit_id)
    assert queue.arrive(raised_to_immediate(seen("A", 1)), NONE, again=True)
    assert queue.shown is not None
    assert queue.shown.hit_id == "hit-A-1"


def test_an_entry_made_immediate_is_a_sign_though_its_vehicle_was_seen() -> None:
    queue = HitQueue()
    queue.arrive(seen("A", 0), NONE)
    queue.see("hit-A")
    queue.arrive(raised_to_immediate(seen("A", 1)), NONE, again=True)
    assert queue.sign is not None
    assert queue.sign.hit_id == "hit-A-1"


def test_muting_an_entry_leaves_its_immediate_hit_on_the_card() -> None:
    queue = HitQueue()
    queue.arrive(seen("A", 0), NONE)
    urgent = raised_to_immediate(seen("A", 1))
    queue.arrive(urgent, NONE)
    queue.mute(entry_of(urgent.match))
    assert queue.shown is not None
    assert queue.shown.hit_id == "hit-A-1"


@pytest.mark.parametrize("earlier", [True, False])
def test_a_vehicle_whose_entry_sounds_again_takes_the_card_again(earlier: bool) -> None:
    """It was neither looked at nor put off while its entry was muted."""
    queue = HitQueue()
    queue.arrive(seen("A", 0), NONE, muted=not earlier)
    if earlier:
        queue.mute(entry_of(seen("A", 0).match))
    assert queue.shown is None
    assert queue.arrive(seen("A", 1), NONE, again=True)


def test_a_vehicle_that_was_put_off_before_its_entry_was_muted_stays_put_off() -> None:
    queue = HitQueue()
    queue.arrive(seen("A", 0), NONE)
    queue.put_off("hit-A")
    queue.mute(entry_of(seen("A", 0).match))
    assert not queue.arrive(seen("A", 1), NONE, again=True)


def test_a_line_that_is_closed_opens_the_hit_whose_picture_was_looked_at() -> None:
    hits = [seen("A", number, state=HitState.ACTIONED) for number in range(3)]
    hits[1] = replace(hits[1], look=Look("4821", hits[1].raised_at))
    (line,) = lines_of([ShownHit(hit, NONE) for hit in hits])
    assert (line.hit_id, line.times, line.last) == ("hit-A-1", 3, hits[2].read.captured_at)


def test_an_entered_mark_says_so_on_the_card_in_the_list_and_on_the_sign(window: Window, session: SamplePatrol) -> None:
    hit = sample_hit("RK64AGY", Tier.PRIORITY, "Left the scene")
    raise_hit(window, session, replace(hit, read=replace(hit.read, camera_id=ENTERED)))
    assert window.live.card.head.words.startswith("Entered by hand")
    assert "By hand" in window.live.side.rows[0].accessibleName()
    window.show_page("driver")
    assert window.driver.kind_label.text().startswith("Entered by hand")


def test_two_cameras_or_two_minutes_make_one_row_of_the_list_and_one_of_the_side_panel(
    window: Window, session: SamplePatrol
) -> None:
    for number in range(3):
        raise_hit(window, session, seen("K7PTL", number, Tier.ROUTINE))
    raise_hit(window, session, PRIORITY)
    assert [row.isVisible() for row in window.live.side.rows] == [True, True, False]
    assert "3 times" in window.live.side.rows[1].accessibleName()
    window.show_page("hits")
    assert window.hits.model.rowCount() == 2
    assert window.hits.open_tab.text() == "Open 2"


def test_the_card_says_how_many_sightings_one_tap_is_about(window: Window, session: SamplePatrol) -> None:
    raise_hit(window, session, seen("K7PTL", 0))
    assert window.live.card.confirm.caption == ""
    for number in (1, 2):
        raise_hit(window, session, seen("K7PTL", number))
    assert window.live.card.hit is not None
    assert window.live.card.hit.hit_id == "hit-K7PTL"
    assert window.live.card.confirm.caption == "and 2 more of it"


def test_a_vehicle_here_now_takes_the_card_from_its_own_past() -> None:
    queue = HitQueue()
    queue.arrive(replace(seen("A", 0), past=True), NONE)
    queue.put_off("hit-A")
    assert queue.arrive(seen("A", 1), NONE)
    assert queue.shown is not None
    assert not queue.shown.hit.past


def test_a_hit_of_the_past_says_so_on_the_card_in_the_list_and_on_the_sign(
    window: Window, session: SamplePatrol
) -> None:
    hit = replace(sample_hit("RK64AGY", Tier.PRIORITY, "Left the scene", seconds_ago=720), past=True)
    raise_hit(window, session, hit)
    assert "Seen 21:31, 12 min ago" in window.live.card.head.words
    assert "Seen 21:31, 12 min ago" in window.live.side.rows[0].accessibleName()
    window.show_page("driver")
    assert window.driver.kind_label.text().startswith("Seen 21:31, 12 min ago")


# -- mute an entry, replay -------------------------------------------------------------------------------------------


def test_an_entry_is_muted_after_the_decision_and_taken_back_on_the_same_button(
    window: Window, session: SamplePatrol
) -> None:
    raise_hit(window, session, ROUTINE)
    assert not window.live.side.sound.isVisible()
    touch(window, window.live.card.dismiss)
    QApplication.processEvents()
    session.clock.advance(1)
    touch(window, window.live.side.sound.mute)
    QApplication.processEvents()
    assert session.muted.is_muted(ROUTINE)
    assert window.live.side.sound.mute.text() == "Let it sound"
    session.clock.advance(1)
    touch(window, window.live.side.sound.mute)
    assert not session.muted.is_muted(ROUTINE)
    assert [told[0] for told in session.told][-2:] == ["mute_entry", "unmute_entry"]


def test_an_entry_of_the_immediate_tier_has_no_such_button(window: Window, session: SamplePatrol, qtbot: QtBot) -> None:
    raise_hit(window, session, sample_hit("AB12CDE", Tier.IMMEDIATE, "Stolen"))
    window.live.card.confirmed.emit()
    QApplication.processEvents()
    assert window.live.side.sound.isVisible()
    assert not window.live.side.sound.mute.isVisible()
    assert window.live.side.sound.replay.isVisible()


def test_a_muted_hit_takes_no_card_and_stands_in_the_list_with_the_word(window: Window, session: SamplePatrol) -> None:
    raise_hit(window, session, ROUTINE)
    session.mute_entry(ROUTINE.hit_id, muted=True)
    QApplication.processEvents()
    assert not window.live.card.isVisible(), "an open hit of it leaves the card, too"
    raise_hit(window, session, replace(seen("K7PTL", 1, Tier.ROUTINE), muted=True))
    assert not window.live.card.isVisible()
    assert window.flow.queue.sign is None
    assert "2 times Muted" in window.live.side.rows[0].accessibleName()


def place_of_mute(window: Window, row: int) -> QPoint:
    view, factor = window.hits.view, scale.fit().factor
    rect = view.visualRect(window.hits.model.index(row, 0)).toRectF()
    box = _row_of(type(rect)(rect.topLeft() / factor, rect.size() / factor))
    return (_mute_place(box).center() * factor).toPoint()


def test_a_row_of_the_list_mutes_its_entry_and_does_not_open_the_card(window: Window, session: SamplePatrol) -> None:
    raise_hit(window, session, ROUTINE)
    window.flow.queue.put_off(ROUTINE.hit_id)
    window.show_page("hits")
    session.clock.advance(1)
    QApplication.processEvents()
    for muted in (True, False):
        QTest.mouseClick(window.hits.view.viewport(), LEFT, pos=place_of_mute(window, 0))
        QApplication.processEvents()
        assert session.muted.is_muted(ROUTINE) is muted
        assert window.page == "hits"
        session.clock.advance(1)
    QTest.mouseClick(window.hits.view.viewport(), LEFT, pos=QPoint(200, place_of_mute(window, 0).y()))
    assert window.page == "live"


def test_a_row_that_has_just_moved_under_the_finger_mutes_nothing(window: Window, session: SamplePatrol) -> None:
    raise_hit(window, session, ROUTINE)
    session.muted.change(PRIORITY, muted=True)
    window.flow.queue.put_off(ROUTINE.hit_id)
    window.show_page("hits")
    QApplication.processEvents()
    session.clock.advance(1)
    raise_hit(window, session, replace(PRIORITY, muted=True), awake=False)
    assert window.page == "hits"
    QTest.mouseClick(window.hits.view.viewport(), LEFT, pos=place_of_mute(window, 1))
    assert not session.muted.is_muted(ROUTINE)
    session.clock.advance(1)
    QTest.mouseClick(window.hits.view.viewport(), LEFT, pos=place_of_mute(window, 1))
    assert session.muted.is_muted(ROUTINE)


def test_a_row_of_the_immediate_tier_has_no_button_to_mute_it(window: Window, session: SamplePatrol) -> None:
    raise_hit(window, session, sample_hit("AB12CDE", Tier.IMMEDIATE, "Stolen"))
    window.show_page("hits")
    session.clock.advance(1)
    QTest.mouseClick(window.hits.view.viewport(), LEFT, pos=place_of_mute(window, 0))
    assert not session.muted.entries
    assert window.page == "live", "there the row opens its card as anywhere"


def test_the_sentence_is_said_again_by_touch_and_by_key_before_and_after_the_decision(
    window: Window, session: SamplePatrol, qtbot: QtBot
) -> None:
    raise_hit(window, session, PRIORITY)
    touch(window, window.live.card.replay)
    qtbot.keyClick(window, Qt.Key.Key_R)
    assert session.told == [("replay", "hit-DN23OTH")] * 2
    tap(qtbot, window.live.card.confirm)
    session.clock.advance(1)
    tap(qtbot, window.live.side.sound.replay)
    assert session.told[-1] == ("replay", "hit-DN23OTH")
