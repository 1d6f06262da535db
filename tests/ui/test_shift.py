"""The shift page: what each hour brought, open hits closed one by one, and a sign-off that asks about them."""

from datetime import date, timedelta

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from patrol_anpr.domain.hotlist import Tier
from patrol_anpr.domain.shift_chart import HourCell, ShiftChart
from patrol_anpr.lab.sample_patrol import NOW, SamplePatrol, sample_hit
from ui.widgets.buttons import BigButton
from ui.window import Window

LEFT = Qt.MouseButton.LeftButton
HITS = (("AB12CDE", Tier.PRIORITY), ("K7PTL", Tier.ROUTINE), ("DN23OTH", Tier.ROUTINE))


def tap(window: Window, qtbot: QtBot, button: BigButton) -> None:
    window.patrol.clock.advance(1)  # type: ignore[attr-defined]
    qtbot.mouseClick(button, LEFT)
    QApplication.processEvents()


def hold(window: Window, qtbot: QtBot, button: BigButton) -> None:
    window.patrol.clock.advance(1)  # type: ignore[attr-defined]
    qtbot.mousePress(button, LEFT)
    window.patrol.clock.advance(1.1)  # type: ignore[attr-defined]
    qtbot.mouseRelease(button, LEFT)
    QApplication.processEvents()


@pytest.fixture
def page(window: Window, session: SamplePatrol, qtbot: QtBot) -> Window:
    """On the shift page, with three hits put off."""
    for vrm, tier in HITS:
        session.raise_hit(sample_hit(vrm, tier, "Stolen"))
        QApplication.processEvents()
        window.live.card.put_off.emit()
    tap(window, qtbot, window.bottom.pages["shift"])
    assert window.page == "shift"
    return window


def close_card(window: Window, qtbot: QtBot) -> None:
    tap(window, qtbot, window.live.card.confirm)
    window.flow._leave(window.flow.queue.shown.hit_id)  # type: ignore[union-attr]  # as DONE does
    QApplication.processEvents()


def test_records_that_the_depot_refused_are_said(page: Window, session: SamplePatrol) -> None:
    page._tick()
    assert not page.shift.parked.isVisible()
    session.refused = 3
    page._tick()
    assert page.shift.parked.isVisible()
    assert page.shift.parked.text().startswith("3 records were refused by the depot")


def test_training_and_policy_that_have_ended_are_said(page: Window, session: SamplePatrol) -> None:
    page._tick()
    assert not page.shift.ended.isVisible()
    session.training_ended = date(2026, 11, 3)
    page._tick()
    assert page.shift.ended.isVisible()
    assert page.shift.ended.text().startswith("Your ANPR training ended on 3 Nov 2026. Hits sound as ever.")
    session.policy_ended = date(2026, 10, 31)
    page._tick()
    assert "The policy you signed ended on 31 Oct 2026." in page.shift.ended.text()


def test_open_hits_are_closed_one_by_one(page: Window, session: SamplePatrol, qtbot: QtBot) -> None:
    page._tick()
    assert page.shift.close_open.isVisible()
    tap(page, qtbot, page.shift.close_open)
    for number in range(1, 4):
        assert page.page == "live"
        assert page.live.side.open_count.text() == f"closing {number} of 3"
        assert page.flow.queue.shown is not None
        close_card(page, qtbot)
    assert page.page == "shift"
    assert page.flow.queue.open_hits == []
    assert page.live.side.open_count.text() == "No open hits"
    assert not page.shift_end.is_under_way


def test_one_that_is_put_off_again_is_not_asked_for_twice(page: Window, qtbot: QtBot) -> None:
    tap(page, qtbot, page.shift.close_open)
    for _ in HITS:
        tap(page, qtbot, page.live.card.later)
    assert page.page == "shift"
    assert len(page.flow.queue.open_hits) == 3


def test_a_more_urgent_hit_takes_the_card_and_the_round_goes_on(
    page: Window, session: SamplePatrol, qtbot: QtBot
) -> None:
    tap(page, qtbot, page.shift.close_open)
    session.raise_hit(sample_hit("LM19XYZ", Tier.IMMEDIATE, "Firearms"))
    QApplication.processEvents()
    assert page.flow.queue.shown is not None
    assert page.flow.queue.shown.hit.read.vrm == "LM19XYZ"
    close_card(page, qtbot)
    assert page.page == "live"
    assert page.flow.queue.shown.hit.read.vrm in {vrm for vrm, _ in HITS}
    assert page.live.side.open_count.text().startswith("closing")


def test_going_elsewhere_ends_the_round(page: Window, qtbot: QtBot) -> None:
    tap(page, qtbot, page.shift.close_open)
    tap(page, qtbot, page.bottom.pages["reads"])
    assert not page.shift_end.is_under_way
    assert page.live.side.open_count.text() == "3 open"


def test_sign_off_with_open_hits_asks_and_can_go_on(page: Window, session: SamplePatrol, qtbot: QtBot) -> None:
    hold(page, qtbot, page.shift.off)
    assert page.page == "shift"
    assert page.shift.question.text().startswith("3 hits have no outcome.")
    assert ("sign_off",) not in session.told
    tap(page, qtbot, page.shift.back)
    assert page.shift.off.isVisible()
    hold(page, qtbot, page.shift.off)
    tap(page, qtbot, page.shift.off_anyway)
    assert ("sign_off",) not in session.told  # a tap is not enough
    hold(page, qtbot, page.shift.off_anyway)
    assert ("sign_off",) in session.told
    qtbot.waitUntil(lambda: page.page == "sync")
    session.upload.set_result(0)
    qtbot.waitUntil(page.sync.end.isVisible)
    assert page.sync.end.title.text() == "Safe to switch off"


def test_sign_off_leads_to_the_open_hits(page: Window, qtbot: QtBot) -> None:
    hold(page, qtbot, page.shift.off)
    tap(page, qtbot, page.shift.deal)
    assert page.page == "live"
    assert page.shift_end.is_under_way


def test_without_open_hits_sign_off_asks_nothing(window: Window, session: SamplePatrol, qtbot: QtBot) -> None:
    tap(window, qtbot, window.bottom.pages["shift"])
    hold(window, qtbot, window.shift.off)
    assert ("sign_off",) in session.told


def test_a_question_that_was_left_is_not_asked_again(page: Window, qtbot: QtBot) -> None:
    hold(page, qtbot, page.shift.off)
    tap(page, qtbot, page.bottom.pages["live"])
    tap(page, qtbot, page.bottom.pages["shift"])
    assert page.shift.off.isVisible()


def test_the_chart_says_what_each_hour_and_camera_brought(window: Window, session: SamplePatrol, qtbot: QtBot) -> None:
    session.chart = ShiftChart()
    tap(window, qtbot, window.bottom.pages["shift"])
    assert not window.shift.chart.isVisible()
    hour = NOW.replace(minute=0)
    session.chart = ShiftChart((HourCell(hour - timedelta(hours=2), "front", 1200, 30), HourCell(hour, "rear", 40, 0)))
    window._tick()
    assert [(one.reads, one.hits) for one in window.shift.chart.hours] == [(1200, 30), (0, 0), (40, 0)]
    assert "1200 reads, 30 hits" in window.shift.chart.accessibleName()
    rows = [[cell.text() for cell in row] for row in window.shift.cameras.rows if row[0].isVisible()]
    assert rows == [["Front", "1,200", "30", "2.5"], ["Rear", "40", "0", "0.0"]]


@pytest.mark.parametrize("count", [1, 9, 17, 40])
def test_a_chart_of_any_length_is_painted(app: QApplication, window: Window, count: int) -> None:
    hour = NOW.replace(minute=0)
    cells = [HourCell(hour - timedelta(hours=number), "front", number * 97, number) for number in range(count)]
    window.shift.show_chart(ShiftChart(tuple(cells)))
    window.show_page("shift")
    app.processEvents()
    assert not window.shift.grab().isNull()
