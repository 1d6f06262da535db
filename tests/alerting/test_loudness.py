"""How loud and how fast: as an officer sets it, and an IMMEDIATE hit never below its floor."""

import io
import wave

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from patrol_anpr.alerting.announcer import Announcer
from patrol_anpr.alerting.player import Route
from patrol_anpr.alerting.tones import Tone, at_volume, load_tones, to_wav
from patrol_anpr.alerting.turn import Turn
from patrol_anpr.domain.choices import LEAST_IMMEDIATE, LEAST_VOLUME
from patrol_anpr.domain.hotlist import Tier
from tests.alerting.made import TONES, make_hit, until

SPOKEN = to_wav(np.full(400, 10_000, "<i2").tobytes())


def peak(wav: bytes) -> int:
    with wave.open(io.BytesIO(wav)) as sound:
        return int(np.abs(np.frombuffer(sound.readframes(sound.getnframes()), "<i2").astype(int)).max())


class Sound:
    """A player that keeps what it plays."""

    route = Route.FIRST

    def __init__(self) -> None:
        self.played: list[bytes] = []

    def play(self, wav: bytes, turn: Turn) -> bool:
        self.played.append(wav)
        turn.begun(lambda: None)
        return True

    def probe(self, turn: Turn) -> None: ...


class Speech:
    """A voice that says the same of everything."""

    class _Spoken:
        def wav(self, turn: Turn) -> bytes:
            return SPOKEN

        def discard(self) -> None: ...

    def __init__(self) -> None:
        self.rates: list[int] = []
        self.state = None
        self.on_change = lambda: None

    def ask(self, text: str) -> "Speech._Spoken":
        return self._Spoken()

    def set_rate(self, words_a_minute: int) -> None:
        self.rates.append(words_a_minute)

    def start(self) -> None: ...
    def stop(self) -> None: ...
    def tend(self) -> None: ...


@pytest.fixture
def sound():
    return Sound()


@pytest.fixture
def announcer(sound, clock):
    made = Announcer(Speech(), sound, clock, lambda lamp: None, tones=load_tones(TONES), re_alert=0)
    made.start()
    yield made
    made.stop()


def played(announcer: Announcer, sound: Sound, tier: Tier) -> tuple[int, int]:
    """The peaks of tone and words of a hit."""
    sound.played.clear()
    spoken = announcer.counts.spoken
    announcer.hit(make_hit(f"AB{tier}2CDE", tier))
    until(lambda: announcer.counts.spoken == spoken + 1)
    tone, words = sound.played
    return peak(tone), peak(words)


@pytest.mark.parametrize("tier", [Tier.PRIORITY, Tier.ROUTINE])
def test_tones_and_voice_are_as_loud_as_set(announcer, sound, tier):
    full = played(announcer, sound, tier)
    announcer.set_volumes(voice=30, tones=60)
    tone, words = played(announcer, sound, tier)
    assert tone == pytest.approx(full[0] * 0.6, rel=0.01)
    assert words == pytest.approx(full[1] * 0.3, rel=0.01)


def test_an_immediate_hit_is_never_quieter_than_its_floor(announcer, sound):
    full = played(announcer, sound, Tier.IMMEDIATE)
    announcer.set_volumes(voice=LEAST_VOLUME, tones=LEAST_VOLUME)
    tone, words = played(announcer, sound, Tier.IMMEDIATE)
    assert tone == pytest.approx(full[0] * LEAST_IMMEDIATE / 100, rel=0.01)
    assert words == pytest.approx(full[1] * LEAST_IMMEDIATE / 100, rel=0.01)


@given(st.lists(st.integers(-32768, 32767), min_size=1, max_size=50), st.integers(0, 100))
def test_a_quieter_sound_has_the_same_shape(heights: list[int], percent: int) -> None:
    with wave.open(io.BytesIO(at_volume(to_wav(np.array(heights, "<i2").tobytes()), percent))) as sound:
        quieter = np.frombuffer(sound.readframes(sound.getnframes()), "<i2")
    assert np.abs(quieter - np.array(heights) * percent / 100).max() <= 1


def test_every_tone_can_be_made_quieter() -> None:
    for tone in Tone:
        wav = load_tones(TONES)[tone]
        assert 0 < peak(at_volume(wav, LEAST_VOLUME)) < peak(wav)


def test_the_speed_goes_to_the_voice(announcer):
    announcer.set_speed(220)
    assert announcer._voice.rates == [220]
