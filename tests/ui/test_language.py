"""The window in Welsh: what the engine says too, and changed while a shift goes on."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from patrol_anpr.domain.choices import Language
from patrol_anpr.domain.errors import BadInput
from patrol_anpr.domain.events import CameraChanged, LampChanged, SyncProgress
from patrol_anpr.domain.health import CameraState, CameraStatus, Lamp, LampState
from patrol_anpr.domain.hotlist import Tier
from patrol_anpr.domain.sentences import joined, marked, sentence
from patrol_anpr.domain.shift import Crew
from patrol_anpr.lab.sample_patrol import PIN, SamplePatrol, sample_hit
from patrol_anpr.lab.screenshots import open_window, settle
from patrol_anpr.plumbing.language import ENGLISH, use_language
from patrol_anpr.resources import ASSETS
from ui.again import Opened
from ui.app import discard
from ui.screen_watch import ScreenWatch
from ui.text import told
from ui.window import Window

LOCALE = ASSETS / "locale"


@pytest.fixture
def welsh() -> Iterator[None]:
    use_language("cy", LOCALE)
    yield
    use_language(ENGLISH, LOCALE)


@pytest.fixture
def opened(welsh: None, app: QApplication) -> Iterator[tuple[Window, SamplePatrol]]:
    window, session = open_window(app, night=True)
    yield window, session
    discard(app, window)


def test_the_frame_is_welsh(opened: tuple[Window, SamplePatrol]) -> None:
    window, _ = opened
    assert [button.text() for button in window.bottom.pages.values()][:3] == ["Byw", "Trawiadau", "Darlleniadau"]


def test_what_the_engine_says_is_told_in_welsh(app: QApplication, opened: tuple[Window, SamplePatrol]) -> None:
    window, session = opened
    advice = joined("Upload at the depot when you can.", "Its limit is the number of files, not their size.")
    session.publish(LampChanged(Lamp("disk", LampState.WARN, sentence("Disk {percent:.0f} %", percent=93), advice)))
    session.publish(CameraChanged(CameraStatus("front", CameraState.LOST, "No picture comes.")))
    session.publish(
        SyncProgress(
            marked("Lists"),
            0,
            1,
            finished=True,
            problem="The sync was stopped. Nothing is lost: it goes on from there next time.",
            news=sentence("{list} was taken back by its owner. It is no longer matched.", list="Metro PNC"),
        )
    )
    settle(app, window)
    [lamp] = [lamp for lamp in window.top.lamps if lamp.key == "disk"]
    assert lamp.word == "Disg 93 %"
    assert lamp.advice == "Lanlwythwch yn y depo pan allwch. Nifer y ffeiliau yw ei therfyn, nid eu maint."
    assert window.live.stage.tiles["front"].advice == "Ni ddaw llun."
    assert "Rhestri" in window.sync.rows
    assert window.sync.news.text() == "Tynnwyd Metro PNC yn ôl gan ei pherchennog. Ni chaiff ei chymharu mwyach."


def test_an_error_is_told_in_welsh(welsh: None) -> None:
    assert told(BadInput("That PIN is not right. Try again.")) == "Nid yw'r PIN yn gywir. Rhowch gynnig arall."


def test_another_language_is_a_new_window_over_the_same_shift(
    app: QApplication, session: SamplePatrol, qtbot: QtBot
) -> None:
    """English before and after: in between the settings page has been tapped."""
    watch = ScreenWatch(session.lamp_changed, session.clock)
    opened = Opened(lambda: Window(session), QWidget.show, watch)
    try:
        first = opened.window
        first.resize(1280, 800)
        first.begin(session.sign_on("4821", PIN, "TA14", Crew.WITH_OBSERVER).result())
        first.show_page("live")
        session.raise_hit(sample_hit("AB12CDE", Tier.PRIORITY, "Stolen"))
        settle(app, first)
        first.live.card.put_off.emit()
        first.bottom.show_muted(muted=True)
        first.show_page("settings")
        for language, words in ((Language.WELSH, "Trawiadau"), (Language.ENGLISH, "Hits")):
            before = opened.window
            before.settings.chosen.emit(replace(session.choices.now, language=language))
            qtbot.waitUntil(lambda before=before: opened.window is not before)
            second = opened.window
            assert second.bottom.pages["hits"].text() == words
            assert second.page == "settings"
            assert second.session is session.shift or second.session is not None
            assert second.bottom.muted
            assert [entry.hit_id for entry in second.flow.queue.open_hits] == ["hit-AB12CDE"]
    finally:
        use_language(ENGLISH, LOCALE)
        opened.close()
