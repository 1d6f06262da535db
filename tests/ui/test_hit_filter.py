"""The list of hits narrowed to a tier or an outcome; what is not shown is counted, never taken for nothing."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from patrol_anpr.domain.hit import HitState
from patrol_anpr.domain.hotlist import Tier
from patrol_anpr.lab.sample_patrol import SamplePatrol, sample_hit
from ui.window import Window


def tap(window: Window, session: SamplePatrol, qtbot: QtBot, button: QWidget) -> None:
    session.clock.advance(1)
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    QApplication.processEvents()


def shown(window: Window) -> list[str]:
    return [hit_id.removeprefix("hit-") for hit_id in window.hits.model.order]


def test_open_and_closed_hits_are_narrowed_by_tap(window: Window, session: SamplePatrol, qtbot: QtBot) -> None:
    for vrm, tier in (("AB12CDE", Tier.IMMEDIATE), ("K7PTL", Tier.ROUTINE), ("LM19XYZ", Tier.ROUTINE)):
        session.raise_hit(sample_hit(vrm, tier, "Stolen"))
    QApplication.processEvents()
    tap(window, session, qtbot, window.bottom.pages["hits"])
    hits = window.hits
    assert len(shown(window)) == 3
    assert not hits.outcomes.isVisible(), "an open hit has no outcome"
    tap(window, session, qtbot, hits.tiers)
    assert (hits.tiers.text(), shown(window)) == ("IMMEDIATE", ["AB12CDE"])
    assert hits.nothing.text() == "Not shown: 2. Tap a filter until it says All."
    tap(window, session, qtbot, hits.tiers)
    assert (hits.tiers.text(), shown(window)) == ("PRIORITY", [])
    assert hits.nothing.text().startswith("Not shown: 3."), "never: no hits"
    for _ in range(2):
        tap(window, session, qtbot, hits.tiers)
    assert (hits.tiers.text(), len(shown(window)), hits.nothing.isVisible()) == ("All", 3, False)
    session.record("hit-K7PTL", HitState.ACTIONED)
    session.record("hit-LM19XYZ", HitState.DISMISSED)
    QApplication.processEvents()
    tap(window, session, qtbot, hits.closed_tab)
    assert sorted(shown(window)) == ["K7PTL", "LM19XYZ"]
    tap(window, session, qtbot, hits.outcomes)
    assert (hits.outcomes.text(), shown(window)) == ("Confirmed", ["K7PTL"])
    tap(window, session, qtbot, hits.outcomes)
    assert (hits.outcomes.text(), shown(window)) == ("Dismissed", ["LM19XYZ"])
