from itertools import product

import pytest

from patrol_anpr.alerting.lamp import voice_lamp
from patrol_anpr.alerting.player import Route
from patrol_anpr.alerting.voice import VoiceState
from patrol_anpr.domain.health import LampState


@pytest.mark.parametrize(("route", "voice", "before"), list(product(Route, [None, *VoiceState], LampState)))
def test_the_lamp_is_good_only_when_sound_and_speech_are_proved(route, voice, before):
    lamp = voice_lamp(route, voice, before)
    assert lamp.key == "voice"
    assert (lamp.state is LampState.GOOD) == (route is Route.FIRST and voice is VoiceState.READY)
    assert lamp.advice or lamp.state in (LampState.GOOD, LampState.UNKNOWN)
    if route in (Route.NONE, Route.BELL):
        assert lamp.state is LampState.BAD
    if before is LampState.BAD and lamp.state is LampState.UNKNOWN:
        pytest.fail("what was bad must stay bad until it is proved good")
