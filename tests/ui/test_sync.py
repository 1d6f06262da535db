"""Nobody waits for the depot, and no hit waits for a sync or a start check."""

from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import replace
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from patrol_anpr.domain.errors import BadInput, DepotFault
from patrol_anpr.domain.events import LampChanged, SyncProgress, Uploaded
from patrol_anpr.domain.health import Lamp, LampState
from patrol_anpr.domain.hit import HitState
from patrol_anpr.domain.hotlist import ListDoubt, Tier
from patrol_anpr.domain.shift import Crew, Officer
from patrol_anpr.lab.sample_patrol import PIN, SamplePatrol, sample_hit
from tests.ui.touching import touch
from ui.window import Window

LEFT = Qt.MouseButton.LeftButton


def settle() -> None:
    for _ in range(3):
        QApplication.processEvents()


@pytest.fixture
def syncing(parked: Window, session: SamplePatrol) -> Window:
    """An officer has just signed on; the lists are being fetched."""
    parked.signing._signed_on(session.sign_on("4821", PIN, "TA14", Crew.WITH_OBSERVER).result())
    settle()
    session.clock.advance(1)
    assert parked.page == "sync"
    return parked


def tap(window: Window, session: SamplePatrol, qtbot: QtBot, button: Any) -> None:
    session.clock.advance(1)
    assert button.isVisible()
    qtbot.mouseClick(button, LEFT)
    settle()


# -- row: no answer of the depot at sign-on --------------------------------------------------------------------------


def test_going_on_without_the_lists_is_offered_at_once_and_waits_for_nothing(
    syncing: Window, session: SamplePatrol, qtbot: QtBot
) -> None:
    assert syncing.sync.go_on.text() == "Go on without"
    tap(syncing, session, qtbot, syncing.sync.go_on)
    assert syncing.page == "start_check"
    assert syncing.start_check.note.text() == "The lists were not updated. The oldest is 14 h old."
    assert not session.sync.done()


def test_who_begins_with_old_lists_is_on_record(syncing: Window, session: SamplePatrol, qtbot: QtBot) -> None:
    session.sync.set_result(False)
    settle()
    tap(syncing, session, qtbot, syncing.sync.go_on)
    prove(syncing, session, qtbot)
    assert syncing.start_check.note.isVisible()
    assert ("go_on_without_update",) not in session.told
    tap(syncing, session, qtbot, syncing.start_check.go)
    assert syncing.page == "live"
    assert session.told.count(("go_on_without_update",)) == 1


def test_with_every_list_up_to_date_nothing_is_put_on_record(
    syncing: Window, session: SamplePatrol, qtbot: QtBot
) -> None:
    session.sync.set_result(True)
    settle()
    prove(syncing, session, qtbot)
    tap(syncing, session, qtbot, syncing.start_check.go)
    assert syncing.page == "live"
    assert ("go_on_without_update",) not in session.told


def test_lists_that_come_after_all_are_said_on_the_start_check(
    syncing: Window, session: SamplePatrol, qtbot: QtBot
) -> None:
    tap(syncing, session, qtbot, syncing.sync.go_on)
    session.sync.set_result(True)
    settle()
    assert syncing.page == "start_check"
    assert not syncing.start_check.note.isVisible()


def test_a_download_left_behind_turns_up_on_no_other_screen(
    syncing: Window, session: SamplePatrol, qtbot: QtBot
) -> None:
    download = session.sync
    tap(syncing, session, qtbot, syncing.sync.go_on)
    prove(syncing, session, qtbot)
    tap(syncing, session, qtbot, syncing.start_check.go)
    syncing.shift.sign_off.emit()
    session.publish(SyncProgress("Metro PNC", 0, 2, finished=True, problem="The depot did not answer in time."))
    download.set_result(False)
    settle()
    assert syncing.page == "sync"
    assert syncing.sync.heading.text() == "Sending this shift to the depot"
    assert syncing.sync.rows == {}
    assert not syncing.sync.problem.isVisible()
    assert not syncing.sync.end.isVisible()
    session.publish(SyncProgress("reads", 1, 1, finished=True))
    session.upload.set_result(0)
    settle()
    assert syncing.sync.end.title.text() == "Safe to switch off"


def test_an_end_with_records_that_the_depot_refused_does_not_say_that_it_holds_everything(
    syncing: Window, session: SamplePatrol, qtbot: QtBot
) -> None:
    tap(syncing, session, qtbot, syncing.sync.go_on)
    prove(syncing, session, qtbot)
    tap(syncing, session, qtbot, syncing.start_check.go)
    syncing.shift.sign_off.emit()
    session.refused = 3
    session.upload.set_result(0)
    settle()
    assert syncing.sync.end.title.text() == "3 records were refused by the depot"
    assert "kept in this car" in syncing.sync.end.note.text()


@pytest.mark.parametrize(
    "error", [DepotFault("The certificate of the depot cannot be read."), OSError("raw"), RuntimeError("a bug"), None]
)
def test_any_failure_of_a_download_leaves_go_on_and_try_again(
    syncing: Window, session: SamplePatrol, qtbot: QtBot, error: Exception | None
) -> None:
    session.sync.cancel() if error is None else session.sync.set_exception(error)
    settle()
    assert syncing.sync.problem.text()
    assert "raw" not in syncing.sync.problem.text()
    assert syncing.sync.go_on.text() == "Go on"
    assert not syncing.sync.close_button.isVisible()
    tap(syncing, session, qtbot, syncing.sync.retry)
    assert syncing.sync.go_on.text() == "Go on without"
    session.sync.set_exception(OSError("raw"))
    settle()
    tap(syncing, session, qtbot, syncing.sync.go_on)
    assert syncing.page == "start_check"


@pytest.mark.parametrize("error", [BadInput("The depot's address is wrong."), RuntimeError("it is closed")])
def test_a_download_that_cannot_even_begin_leaves_go_on(
    parked: Window, session: SamplePatrol, qtbot: QtBot, error: Exception, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken() -> "Future[bool]":
        raise error

    monkeypatch.setattr(session, "start_sync", broken)
    parked.signing._signed_on(session.sign_on("4821", PIN, "TA14", Crew.SINGLE).result())
    settle()
    assert parked.sync.problem.isVisible()
    tap(parked, session, qtbot, parked.sync.go_on)
    assert parked.page == "start_check"


def test_fetching_the_roster_can_be_left_and_what_comes_later_is_shown(
    parked: Window, session: SamplePatrol, qtbot: QtBot
) -> None:
    session.officers = []
    parked.sign_on.refresh()
    tap(parked, session, qtbot, parked.sign_on.fetch)
    assert not parked.sync.go_on.isVisible()
    tap(parked, session, qtbot, parked.sync.close_button)
    assert parked.page == "sign_on"
    session.officers = [Officer("4821", "PC J. Marlow", "hash")]
    session.sync.set_result(True)
    settle()
    assert parked.page == "sign_on"
    assert not parked.sign_on.is_empty


def test_a_roster_of_records_that_open_late_is_shown(parked: Window, session: SamplePatrol) -> None:
    session.officers = []
    parked.sign_on.refresh()
    session.officers = [Officer("4821", "PC J. Marlow", "hash")]
    session.publish(LampChanged(Lamp("records", LampState.GOOD, "Saved")))
    settle()
    assert not parked.sign_on.is_empty


def test_an_upload_can_be_left_and_does_not_come_back(window: Window, session: SamplePatrol, qtbot: QtBot) -> None:
    window.shift.sign_off.emit()
    settle()
    tap(window, session, qtbot, window.sync.close_button)
    assert window.page == "sign_on"
    session.upload.set_result(0)
    settle()
    assert window.page == "sign_on"


def prove(window: Window, session: SamplePatrol, qtbot: QtBot) -> None:
    """What a crew does on the start check."""
    tap(window, session, qtbot, window.start_check.yes)
    touch(window, window.start_check.target)
    qtbot.waitUntil(window.start_check.go.isVisible)


# -- row: a hit while something else is on the screen ----------------------------------------------------------------


def on_start_check(window: Window, session: SamplePatrol) -> None:
    window.depot.go_on()
    settle()
    session.clock.advance(1)


def on_sync(window: Window, session: SamplePatrol) -> None:
    settle()


@pytest.mark.parametrize(("begin", "page"), [(on_sync, "sync"), (on_start_check, "start_check")])
def test_a_hit_during_a_sync_or_a_start_check_is_shown_and_gives_the_page_back(
    syncing: Window, session: SamplePatrol, qtbot: QtBot, begin: Callable[[Window, SamplePatrol], None], page: str
) -> None:
    begin(syncing, session)
    assert syncing.page == page
    session.raise_hit(sample_hit("AB12CDE", Tier.IMMEDIATE, "Stolen"))
    session.raise_hit(sample_hit("K7PTL", Tier.ROUTINE, "No insurance"))
    settle()
    assert syncing.page == "live"
    assert syncing.live.card.isVisible()
    assert not syncing.bottom.isVisible()  # the start check is still to be done
    tap(syncing, session, qtbot, syncing.live.card.later)
    assert syncing.page == "live"
    tap(syncing, session, qtbot, syncing.live.card.confirm)
    tap(syncing, session, qtbot, syncing.live.card.reasons.finish)
    assert syncing.page == page
    assert not syncing.bottom.isVisible()
    assert [told[0] for told in session.told][-2:] == ["later", "confirm"]


def test_what_was_decided_during_the_start_check_can_be_taken_back_there(
    syncing: Window, session: SamplePatrol, qtbot: QtBot
) -> None:
    on_start_check(syncing, session)
    session.raise_hit(sample_hit("AB12CDE", Tier.PRIORITY, "Stolen"))
    settle()
    tap(syncing, session, qtbot, syncing.live.card.confirm)
    tap(syncing, session, qtbot, syncing.live.card.reasons.finish)
    assert syncing.page == "start_check"
    tap(syncing, session, qtbot, syncing.live.side.undo.button)
    assert syncing.page == "live"
    assert syncing.live.card.isVisible()
    tap(syncing, session, qtbot, syncing.live.card.later)
    prove(syncing, session, qtbot)
    tap(syncing, session, qtbot, syncing.start_check.go)
    assert syncing.page == "live"
    assert syncing.bottom.isVisible()
    assert syncing.live.side.isAncestorOf(syncing.live.side.undo)


def test_a_download_that_ends_behind_a_hit_leaves_the_hit_on_the_screen(
    syncing: Window, session: SamplePatrol, qtbot: QtBot
) -> None:
    session.raise_hit(sample_hit("AB12CDE", Tier.IMMEDIATE, "Stolen"))
    settle()
    session.sync.set_result(True)
    settle()
    assert syncing.page == "live"
    tap(syncing, session, qtbot, syncing.live.card.later)
    assert syncing.page == "sync"
    tap(syncing, session, qtbot, syncing.sync.go_on)
    assert syncing.page == "start_check"
    assert not syncing.start_check.note.isVisible()


def test_a_silent_hit_interrupts_nothing(syncing: Window, session: SamplePatrol) -> None:
    session.raise_hit(sample_hit("AB12CDE", Tier.SILENT, "Watch"))
    settle()
    assert syncing.page == "sync"


@pytest.mark.parametrize(("state", "page"), [(HitState.RAISED, "live"), (HitState.ACKNOWLEDGED, "sync")])
def test_a_hit_raised_before_the_window_knows_of_the_shift_is_shown(
    parked: Window, session: SamplePatrol, state: HitState, page: str
) -> None:
    signed_on = session.sign_on("4821", PIN, "TA14", Crew.SINGLE).result()
    session.raise_hit(replace(sample_hit("AB12CDE", Tier.IMMEDIATE, "Stolen"), state=state))
    settle()
    assert parked.page == "sign_on"
    parked.signing._signed_on(signed_on)
    assert parked.page == page


def test_a_lone_driver_sees_a_hit_during_a_sync_as_a_sign(parked: Window, session: SamplePatrol, qtbot: QtBot) -> None:
    parked.signing._signed_on(session.sign_on("4821", PIN, "TA14", Crew.SINGLE).result())
    session.is_moving = True
    session.raise_hit(sample_hit("AB12CDE", Tier.IMMEDIATE, "Stolen"))
    settle()
    assert parked.page == "driver"
    tap(parked, session, qtbot, parked.driver.seen_button)
    assert parked.page == "driver"  # he still moves: no list of what is fetched before him
    session.is_moving = False
    parked._tick()
    tap(parked, session, qtbot, parked.driver.leave)
    tap(parked, session, qtbot, parked.live.card.later)
    assert parked.page == "sync"


def test_what_goes_without_a_tap_is_seen_by_whoever_looks(window: Window, session: SamplePatrol) -> None:
    session.publish(Uploaded(3))
    settle()
    assert window.page == "live", "nobody is disturbed on patrol"
    window.signing.sign_off()
    session.upload.set_result(38)
    settle()
    session.publish(Uploaded(12))
    settle()
    assert "12 records" in window.sync.end.title.text()
    session.publish(Uploaded(0))
    settle()
    assert window.sync.end.title.text() == "Safe to switch off"


# -- rows: a list taken back, a list that may be a mistake -----------------------------------------------------------

DOUBT = ListDoubt("stolen", "Stolen vehicles", 8, 40_000, 3)


def test_a_list_that_was_taken_back_is_told_beside_the_good_end(syncing: Window, session: SamplePatrol) -> None:
    news = "Stolen vehicles was taken back by its owner. It is no longer matched."
    session.publish(SyncProgress("Lists", 1, 1, finished=True, news=news))
    session.sync.set_result(True)
    settle()
    assert syncing.sync.news.text() == news
    assert syncing.sync.end.state is LampState.GOOD


def test_a_list_that_may_be_a_mistake_is_put_in_force_only_by_an_officers_touch(
    syncing: Window, session: SamplePatrol, qtbot: QtBot
) -> None:
    assert not syncing.sync.accept.isVisible()
    session.publish(SyncProgress("Lists", 1, 1, finished=True, problem="Ask your supervisor.", doubts=(DOUBT,)))
    session.sync.set_result(False)
    settle()
    assert syncing.sync.accept.caption == "Stolen vehicles: 40,000 entries, now 3"
    first = session.sync
    tap(syncing, session, qtbot, syncing.sync.accept)
    assert session.accepted == [DOUBT]
    assert session.sync is not first, "and it is fetched at once"
    assert not syncing.sync.accept.isVisible()


def test_nobody_who_is_not_signed_on_accepts_a_list(parked: Window, session: SamplePatrol) -> None:
    parked.depot.download(signed_on=False)
    session.publish(SyncProgress("Lists", 1, 1, finished=True, problem="Ask your supervisor.", doubts=(DOUBT,)))
    session.sync.set_result(False)
    settle()
    assert not parked.sync.accept.isVisible()
