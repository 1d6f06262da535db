"""Announcers over a fake player, and over a real one that plays into a file."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from patrol_anpr.alerting.announcer import Announcer
from patrol_anpr.alerting.outlets import APLAY, CommandOutlet
from patrol_anpr.alerting.tones import Tone, load_tones
from tests.alerting.made import TONES, SoundFile, TellingPlayer, WordsVoice, plug_in


@pytest.fixture(scope="session")
def tones() -> dict[Tone, bytes]:
    return dict(load_tones(TONES))


@pytest.fixture
def player(tones: dict[Tone, bytes]) -> TellingPlayer:
    return TellingPlayer(tones)


@pytest.fixture
def lamps() -> list:
    return []


@pytest.fixture
def announcer(player: TellingPlayer, clock, lamps: list, tones: dict[Tone, bytes]) -> Iterator[Announcer]:
    """An announcer that is not started yet; stopped at the end."""
    announcer = Announcer(WordsVoice(), player, clock, lamps.append, tones=tones, re_alert=300.0)
    yield announcer
    player.release()
    announcer.stop()


@pytest.fixture
def no_sound_card(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine whose ALSA knows no device at all; returns the configuration file, which may be filled later."""
    config = tmp_path / "asound.conf"
    config.write_text("")
    monkeypatch.setenv("ALSA_CONFIG_PATH", str(config))
    return config


@pytest.fixture
def sound_card(no_sound_card: Path) -> SoundFile:
    return plug_in(no_sound_card)


@pytest.fixture
def aplay() -> CommandOutlet:
    if shutil.which("aplay") is None:
        pytest.skip("needs aplay (alsa-utils)")
    return CommandOutlet(APLAY)
