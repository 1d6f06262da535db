"""The screen's words are the voice's words."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from patrol_anpr.alerting.phrases import as_heard, clean, part_lost, sentence
from patrol_anpr.domain.health import CameraState, CameraStatus, Lamp, LampState
from patrol_anpr.domain.hotlist import Tier
from patrol_anpr.hotlists.importer import tier_of
from patrol_anpr.patrol.lamps import Lamps
from patrol_anpr.patrol.listeners import Listeners
from tests.alerting.made import make_hit
from ui.text import camera_state, marker_words, reason, vehicle

NAMES = "FORD BMW bmw Bmw VW MG LDV DAF BYD MINI SEAT KIA MERCEDES-BENZ ROLLS-ROYCE CITROËN ŠKODA McLaren"
MAKES = st.sampled_from(NAMES.split())
MODELS = st.sampled_from(
    ["FOCUS", "XC90", "C4", "DS3", "GOLF GTI", "CR-V", "XE", "UP!", "KA+", "320d", "i3", "", "ID.3"]
)
COLOURS = st.sampled_from(["SILVER", "RED", "blue", "Grey", "BLACK/RED", ""])
MARKERS = st.sampled_from(["FI", "EX", "FI VI", "WE/VI", "ZZ", "FIREARMS", "Known to carry a knife", "", "VI;ES,DR"])
REASONS = st.sampled_from(["STOLEN", "NO INSURANCE, NO MOT", "WANTED DRIVER", "Cloned plates", "SEEN ON A19"])


@given(MAKES, MODELS, COLOURS, MARKERS, REASONS)
def test_screen_and_voice_use_the_same_words(make: str, model: str, colour: str, markers: str, why: str) -> None:
    hit = make_hit(make=make, model=model, colour=colour, markers=markers, reason=why)
    said = sentence(hit)
    assert f" {heard(vehicle(hit.match))}. " in said
    assert f". {heard(reason(hit.match))}." in said
    shown = heard(marker_words(markers))
    assert said.endswith(f". Warning, {shown}." if shown else f". {heard(reason(hit.match))}.")


def heard(shown: str) -> str:
    """The same words for the ear: without what cannot be said, and abbreviations letter by letter."""
    return as_heard(clean(shown, 200))


@pytest.mark.parametrize("signal", ["FI", "WE", "VI", "EX"])
def test_a_marker_that_makes_a_hit_immediate_is_a_word(signal: str) -> None:
    assert tier_of("STOP", signal, Tier.ROUTINE) is Tier.IMMEDIATE
    assert marker_words(signal).islower()


def test_a_camera_has_one_name_and_its_state_one_word() -> None:
    lamps: list[Lamp] = []

    class Alerting:
        def lamp(self, lamp: Lamp) -> None:
            lamps.append(lamp)

    board = Lamps(None, None, Alerting(), None, Listeners(), list_amber_after=None)
    for state in (CameraState.LOST, CameraState.FROZEN):
        board.camera_changed(CameraStatus("rear_left", CameraState.SEEN))
        board.camera_changed(CameraStatus("rear_left", state))
        assert part_lost(lamps[-1]) == f"{camera_state('rear_left', state)}."
        assert lamps[-1].word == f"Rear left {state.value}"
        assert lamps[-1].state is LampState.BAD
