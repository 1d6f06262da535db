from itertools import product

import pytest

from patrol_anpr.alerting.lamp import is_unheard, voice_lamp
from patrol_anpr.alerting.output import Output
from patrol_anpr.alerting.player import Route
from patrol_anpr.alerting.voice import VoiceState
from patrol_anpr.domain.health import LampState

UNHEARD = (Output.NONE, Output.MUTED, Output.TURNED_DOWN)


@pytest.mark.parametrize(("route", "output"), list(product(Route, Output)))
def test_the_lamp_is_good_only_when_sound_and_speech_are_proved(route, output):
    for voice, before in product([None, *VoiceState], LampState):
        lamp = voice_lamp(route, output, voice, before)
        assert lamp.key == "voice"
        proved = route is Route.FIRST and voice is VoiceState.READY and output in (Output.OPEN, Output.UNKNOWN)
        assert (lamp.state is LampState.GOOD) == proved
        assert lamp.advice or lamp.state in (LampState.GOOD, LampState.UNKNOWN)
        assert len(lamp.word) <= 14
        if route in (Route.NONE, Route.BELL):
            assert lamp.state is LampState.BAD
        if route is not Route.OFF and output in UNHEARD:
            assert lamp.state is LampState.BAD
        assert before is not LampState.BAD or lamp.state is not LampState.UNKNOWN  # bad until it is proved good


def test_what_cannot_be_heard_is_told_apart():
    lamps = [voice_lamp(Route.FIRST, output, VoiceState.READY, LampState.GOOD) for output in UNHEARD]
    assert [lamp.word for lamp in lamps] == ["No output", "Sound muted", "Volume 0"]
    assert [is_unheard(output) for output in Output] == [output in UNHEARD for output in Output]


def test_an_empty_socket_is_amber_since_not_every_computer_feels_its_plugs():
    assert voice_lamp(Route.FIRST, Output.UNPLUGGED, VoiceState.READY, LampState.GOOD).state is LampState.WARN
