"""The lamp "Voice" of a whole car without sound, and what the officer's answer does to it."""

import shutil
import sys
from pathlib import Path

import pytest

from patrol_anpr import build
from patrol_anpr.alerting.outlets import APLAY, Bell, CommandOutlet
from patrol_anpr.alerting.player import Loudspeaker
from patrol_anpr.domain.health import LampState
from patrol_anpr.settings import Settings
from tests.alerting.made import plug_in
from tests.integration.cars import blind, driving, settings_of


def no_bell() -> None:
    raise OSError("no terminal")


@pytest.mark.skipif(sys.platform != "linux" or not shutil.which("aplay"), reason="needs Linux with alsa-utils")
def test_a_yes_makes_no_lamp_green_while_nothing_can_be_heard(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    blind(monkeypatch)
    config = tmp_path / "asound.conf"
    config.write_text("")
    monkeypatch.setenv("ALSA_CONFIG_PATH", str(config))
    monkeypatch.setattr(build, "find_player", lambda: Loudspeaker([CommandOutlet(APLAY)], Bell(no_bell)))
    monkeypatch.setattr(build, "find_look", lambda: None)
    silent = settings_of(tmp_path)
    settings = Settings.model_validate(silent.model_dump() | {"alerting": {"sound": True}})
    with driving(settings) as (car, heard):
        heard.wait_lamp("voice", LampState.BAD)
        known = len(heard.events)
        car.patrol.voice_heard(True)
        assert car.announcer.self_test() is False  # by now the yes has long been taken
        [lamp] = [lamp for lamp in car.patrol.lamps() if lamp.key == "voice"]
        assert lamp.state is LampState.BAD
        plug_in(config)
        assert car.announcer.self_test() is True
        heard.wait_lamp("voice", LampState.GOOD, after=known)
        known = len(heard.events)
        car.patrol.voice_heard(False)
        _, lamp = heard.wait_lamp("voice", LampState.BAD, after=known)
        assert lamp.word == "Voice not heard"
