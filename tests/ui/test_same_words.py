"""What the card shows and what the voice says are the same words, from domain/wording.py."""

from dataclasses import replace

import pytest
from PySide6.QtWidgets import QApplication

from patrol_anpr.alerting.phrases import as_heard, sentence
from patrol_anpr.domain.hotlist import Tier
from patrol_anpr.lab.sample_patrol import SamplePatrol, sample_hit
from ui.text import marker_words, reason, vehicle
from ui.window import Window


@pytest.mark.parametrize(
    ("listed", "shown"),
    [
        (("BLUE", "BMW", "XC90"), "Blue BMW XC90"),
        (("silver", "ford", "focus"), "Silver Ford Focus"),
        (("RED", "MERCEDES-BENZ", "GLA 200D"), "Red Mercedes-Benz GLA 200D"),
    ],
)
@pytest.mark.parametrize(
    ("markers", "meant"), [("FI/VI", "firearms, violent"), ("WE", "weapons"), ("ZZ", "ZZ"), ("", "")]
)
@pytest.mark.parametrize("why", ["STOLEN", "NO MOT, SEEN ON A19", "No insurance"])
def test_the_card_and_the_voice_say_the_same(
    window: Window,
    session: SamplePatrol,
    listed: tuple[str, str, str],
    shown: str,
    markers: str,
    meant: str,
    why: str,
) -> None:
    colour, make, model = listed
    hit = sample_hit("AB12CDE", Tier.IMMEDIATE, why)
    voi = replace(hit.match.voi, colour=colour, make=make, model=model, markers=markers)
    hit = replace(hit, match=replace(hit.match, voi=voi))
    session.raise_hit(hit)
    QApplication.processEvents()
    card = window.live.card
    assert card.vehicle.text() == vehicle(hit.match) == shown
    assert card.markers.text() == (f"Markers: {meant}" if meant else "")
    spoken = sentence(hit)
    wanted = (shown, reason(hit.match), meant, card.read_back.spelled.text())
    for words in wanted:
        assert as_heard(words) in spoken, words
    assert marker_words(markers) == meant
