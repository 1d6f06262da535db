import io
import shutil
import subprocess
import sys
import wave
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from patrol_anpr.alerting.tones import LONGEST, Tone, duration, load_tones, repeated, silence, whole_tones
from patrol_anpr.domain.errors import BadInput
from tests.alerting.made import TONES


def samples(wav):
    with wave.open(io.BytesIO(wav)) as sound:
        assert (sound.getnchannels(), sound.getsampwidth(), sound.getframerate()) == (1, 2, 22050)
        return np.frombuffer(sound.readframes(sound.getnframes()), "<i2").astype(float)


def pitches(wav, window=0.04):
    """The loudest pitch of each stretch of sound, neighbours alike joined: the melody as an ear would take it."""
    step = int(window * 22050)
    heard = []
    for block in samples(wav)[: len(samples(wav)) // step * step].reshape(-1, step):
        if np.sqrt((block**2).mean()) < 2000:
            heard.append(0)
            continue
        spectrum = np.abs(np.fft.rfft(block * np.hanning(step), 8 * step))
        heard.append(round(float(spectrum.argmax()) * 22050 / (8 * step) / 40))
    return tuple(pitch for before, pitch in pairwise([None, *heard]) if pitch != before)


def test_every_tone_has_a_melody_of_its_own(tones):
    melodies = {tone: pitches(tones[tone]) for tone in Tone}
    assert len(set(melodies.values())) == len(Tone), melodies


@pytest.mark.parametrize("tone", Tone)
def test_a_tone_is_loud_short_and_does_not_click(tones, tone):
    wave_form = samples(tones[tone])
    assert 0.15 <= duration(tones[tone]) <= 1.0
    assert 20_000 < np.abs(wave_form).max() < 32_000
    assert abs(wave_form[0]) < 50
    assert abs(wave_form[-1]) < 50
    # a click is a jump that the highest note (1760 Hz and its harmonics) cannot make between two samples
    steepest = 0.56 + 2 * 0.32 + 3 * 0.20 + 4 * 0.15 if tone is Tone.IMMEDIATE else 0.75 + 2 * 0.25
    assert np.abs(np.diff(wave_form)).max() < 0.8 * 32767 * 2 * np.pi * 1760 * steepest / 22050


def test_immediate_meets_the_criteria_of_an_urgent_alarm(tones):
    """Base of 1 kHz or more, three harmonics or more, full intensity for 70 % of the time, no gap over 125 ms."""
    wave_form = samples(tones[Tone.IMMEDIATE])
    block = 22050 // 200  # 5 ms
    loudness = np.sqrt((wave_form[: len(wave_form) // block * block].reshape(-1, block) ** 2).mean(axis=1))
    full = loudness > loudness.max() * 10 ** (-3 / 20)  # within 3 dB of the loudest
    assert full.mean() >= 0.7
    quiet = "".join("." if loud < loudness.max() * 0.1 else "#" for loud in loudness)
    assert max(map(len, quiet.split("#"))) * 0.005 <= 0.125
    for start in (0.02, 0.11):  # the two pitches
        part = wave_form[int(start * 22050) :][: int(0.06 * 22050)]
        spectrum = np.abs(np.fft.rfft(part * np.hanning(len(part)), 1 << 15))
        hertz = np.fft.rfftfreq(1 << 15, 1 / 22050)
        base = float(hertz[spectrum.argmax()])
        assert base >= 1000

        def level(pitch: float, spectrum=spectrum, hertz=hertz) -> float:
            return float(spectrum[np.abs(hertz - pitch) < 40].max())

        audible = [number for number in range(2, 6) if level(number * base) > 0.1 * level(base)]
        assert len(audible) >= 3


def test_the_script_makes_the_files_that_are_in_the_repository(tmp_path):
    script = tmp_path / "make_tones.py"
    script.write_text((TONES / "make_tones.py").read_text())
    subprocess.run([sys.executable, script], check=True)
    for tone in Tone:
        assert (tmp_path / f"{tone}.wav").read_bytes() == (TONES / f"{tone}.wav").read_bytes()


def test_a_repeated_tone_is_one_longer_sound(tones):
    wav = tones[Tone.IMMEDIATE]
    assert repeated(wav, 1) == wav
    assert duration(repeated(wav, 3)) == pytest.approx(3 * duration(wav) + 2 * 0.12, abs=0.001)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (None, "cannot be read"),
        (b"not a sound", "cannot be read"),
        (silence(0.2), "silent"),
        (silence(0.0), "lasts 0.0 s"),
    ],
)
def test_a_tone_that_cannot_be_heard_is_refused_by_name(tmp_path, tones, content, said):
    for tone, wav in tones.items():
        (tmp_path / f"{tone}.wav").write_bytes(wav)
    spoilt = tmp_path / "check.wav"
    spoilt.unlink() if content is None else spoilt.write_bytes(content)
    with pytest.raises(BadInput, match=said) as refused:
        load_tones(tmp_path)
    assert "check.wav" in str(refused.value)


def test_a_tone_that_never_ends_is_refused(tmp_path, tones):
    for tone, wav in tones.items():
        (tmp_path / f"{tone}.wav").write_bytes(repeated(wav, 20))
    with pytest.raises(BadInput, match=f"{LONGEST:.0f} s at most"):
        load_tones(tmp_path)


def test_a_tone_that_is_missing_is_a_beep_that_is_no_other_tone(tmp_path: Path) -> None:
    shutil.copytree(TONES, tmp_path / "tones", ignore=shutil.ignore_patterns("*.py"))
    (tmp_path / "tones" / "priority.wav").unlink()
    (tmp_path / "tones" / "lost.wav").write_bytes(b"no sound")
    tones, faults = whole_tones(tmp_path / "tones")
    shipped = load_tones(TONES)
    assert tones[Tone.PRIORITY] not in shipped.values()
    assert 0 < duration(tones[Tone.PRIORITY]) <= LONGEST
    assert np.abs(samples(tones[Tone.LOST])).max() > 10_000
    assert {tone: wav for tone, wav in tones.items() if tone not in (Tone.PRIORITY, Tone.LOST)} == {
        tone: wav for tone, wav in shipped.items() if tone not in (Tone.PRIORITY, Tone.LOST)
    }
    assert ["priority.wav" in str(faults[0]), "lost.wav" in str(faults[1])] == [True, True]


def test_whole_tones_have_no_fault() -> None:
    assert whole_tones(TONES) == (load_tones(TONES), [])
