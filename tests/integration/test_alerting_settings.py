"""Each setting of alerting turned, and what is heard then: the wires of build.py between the settings and the room."""

import shutil
import sys
from collections.abc import Iterator

import pytest

from patrol_anpr import build
from patrol_anpr.alerting.announcer import Announcer
from patrol_anpr.alerting.player import Route
from patrol_anpr.alerting.tones import duration, load_tones
from patrol_anpr.alerting.turn import Turn
from patrol_anpr.alerting.voice import Voice, VoiceState
from patrol_anpr.domain.health import Lamp
from patrol_anpr.domain.hotlist import Tier
from patrol_anpr.resources import ASSETS
from patrol_anpr.settings import Settings
from tests.alerting.made import TONES, TellingPlayer, WordsVoice, make_hit, until
from tests.conftest import FakeClock


class Room:
    """The announcer as it is built, on a clock that stands still, with what was played and the lamps it showed."""

    def __init__(self, clock: FakeClock, player: TellingPlayer, **alerting: object) -> None:
        self.clock, self.player = clock, player
        self.lamps: list[Lamp] = []
        settings = Settings.model_validate({"alerting": alerting})
        self.announcer: Announcer = build.build_announcer(
            settings, clock, self.lamps.append, load_tones(ASSETS / "tones")
        )
        self.announcer.start()

    def tones(self, tone: str = "priority") -> int:
        """How many hits have sounded so far, once all that was given is dealt with."""
        self.announcer.self_test()  # said after every hit that waits
        return self.player.played.count(tone)


@pytest.fixture
def room(clock: FakeClock, monkeypatch: pytest.MonkeyPatch) -> Iterator[type[Room]]:
    rooms: list[Room] = []
    player = TellingPlayer(dict(load_tones(TONES)))
    monkeypatch.setattr(build, "find_player", lambda: player)
    monkeypatch.setattr(build, "find_look", lambda: None)
    monkeypatch.setattr(build, "Voice", lambda clock, rate: WordsVoice())

    def make(**alerting: object) -> Room:
        rooms.append(Room(clock, player, **alerting))
        return rooms[-1]

    yield make  # type: ignore[misc]
    for each in rooms:
        each.announcer.stop()


@pytest.mark.parametrize("minutes", [0.5, 1, 5, 12])
def test_the_same_vehicle_sounds_again_after_the_minutes_of_the_setting(room: type[Room], minutes: float) -> None:
    heard = room(again_after_minutes=minutes)
    heard.announcer.hit(make_hit())
    assert heard.tones() == 1
    heard.clock.advance(60 * minutes - 1)
    heard.announcer.hit(make_hit())
    assert heard.tones() == 1
    heard.clock.advance(1)
    heard.announcer.hit(make_hit())
    assert heard.tones() == 2


def test_with_no_minutes_each_sighting_sounds(room: type[Room]) -> None:
    heard = room(again_after_minutes=0)
    for _ in range(3):
        heard.announcer.hit(make_hit())
        heard.tones()
    assert heard.tones() == 3


@pytest.mark.parametrize("limit", [0, 1, 6, 9])
def test_as_many_routine_hits_are_spoken_in_ten_minutes_as_the_setting_says(room: type[Room], limit: int) -> None:
    heard = room(routine_alarms_in_ten_minutes=limit)
    for number in range(10):
        heard.announcer.hit(make_hit(f"AB12CD{'ABCDEFGHJK'[number]}", Tier.ROUTINE))
        assert heard.tones("routine") == min(number + 1, limit)
        heard.clock.advance(10)
    for number in range(10):
        heard.announcer.hit(make_hit(f"EF34GH{'ABCDEFGHJK'[number]}", Tier.PRIORITY))
        heard.tones()
    assert heard.tones() == 10


def test_sound_that_is_switched_off_plays_nothing_and_says_so(room: type[Room]) -> None:
    silent = room(sound=False)
    silent.announcer.hit(make_hit())
    until(lambda: silent.announcer.counts.tones == 1)
    until(lambda: silent.lamps)
    assert [lamp.word for lamp in silent.lamps] == ["Sound off"]
    assert (silent.player.played, silent.player.route) == ([], Route.UNKNOWN)


@pytest.mark.skipif(sys.platform == "linux" and shutil.which("espeak-ng") is None, reason="needs espeak-ng")
def test_the_voice_speaks_as_fast_as_the_setting_says(clock: FakeClock, monkeypatch: pytest.MonkeyPatch) -> None:
    voices: list[Voice] = []

    def keep(clock: FakeClock, rate: int) -> Voice:
        voices.append(Voice(clock, rate=rate))
        return voices[-1]

    monkeypatch.setattr(build, "Voice", keep)
    seconds = []
    for rate in (120, 280):
        settings = Settings.model_validate({"alerting": {"words_per_minute": rate}})
        build.build_announcer(settings, clock, lambda _: None, load_tones(ASSETS / "tones"))
        voices[-1].start()
        until(lambda: voices[-1].state is VoiceState.READY, timeout=20)
        wav = voices[-1].ask("Silver Ford Focus. Alpha Bravo one two, Charlie Delta Echo. Stolen.").wav(Turn())
        assert wav is not None
        seconds.append(duration(wav))
        voices[-1].stop()
    assert seconds[0] > 1.5 * seconds[1]
