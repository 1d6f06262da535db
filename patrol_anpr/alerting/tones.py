"""The tones, as whole WAV files in memory: a full or failing disk cannot silence them.

The files are made by assets/tones/make_tones.py; a unit may put its own in their place.
"""

import io
import math
import wave
from collections.abc import Mapping, Sequence
from enum import StrEnum
from pathlib import Path

import numpy as np

from patrol_anpr.domain.errors import BadInput

SAMPLE_RATE = 22050
"""Samples a second: that of espeak and of the tones shipped."""
LONGEST = 3.0
"""A longer tone (seconds) would hold up the sentence."""


class Tone(StrEnum):
    """One distinct pattern of pitches each; the value is the name of its file."""

    IMMEDIATE = "immediate"
    PRIORITY = "priority"
    ROUTINE = "routine"
    CHECK = "check"
    LOST = "lost"
    BACK = "back"


def load_tones(folder: Path) -> Mapping[Tone, bytes]:
    """Read every tone's WAV file from `folder`.

    Raises:
        BadInput: a file is missing, is not a WAV file, is silent or lasts longer than LONGEST.
    """
    return {tone: _load(folder / f"{tone.value}.wav") for tone in Tone}


def whole_tones(folder: Path) -> tuple[Mapping[Tone, bytes], Sequence[BadInput]]:
    """Read the tones of `folder`, with a plain beep in place of each that cannot be used, and a fault for it.

    A missing tone must not silence a hit, and none stands in for another: a routine hit never sounds like an immediate.
    """
    tones: dict[Tone, bytes] = {}
    faults: list[BadInput] = []
    for tone in Tone:
        try:
            tones[tone] = _load(folder / f"{tone.value}.wav")
        except BadInput as fault:
            faults.append(fault)
    return {tone: tones.get(tone) or _beep() for tone in Tone}, faults


def _beep(seconds: float = 0.4, pitch: int = 880) -> bytes:
    waves = (math.sin(2 * math.pi * pitch * place / SAMPLE_RATE) for place in range(int(seconds * SAMPLE_RATE)))
    return to_wav(b"".join(int(12_000 * height).to_bytes(2, "little", signed=True) for height in waves))


def _load(path: Path) -> bytes:
    try:
        wav = path.read_bytes()
        seconds = duration(wav)
    except (OSError, wave.Error, EOFError) as problem:
        raise BadInput(
            f"The tone {path.name} cannot be read: put a WAV file in its place or install again."
        ) from problem
    if not 0 < seconds <= LONGEST:
        raise BadInput(
            f"The tone {path.name} lasts {seconds:.1f} s: it must have sound and last {LONGEST:.0f} s at most."
        )
    if not any(_frames(wav)):
        raise BadInput(f"The tone {path.name} is silent: put a WAV file that can be heard in its place.")
    return wav


def duration(wav: bytes) -> float:
    """Return how long a WAV lasts, in seconds; raises wave.Error or EOFError when it is none."""
    with wave.open(io.BytesIO(wav)) as sound:
        return float(sound.getnframes() / sound.getframerate())


def repeated(wav: bytes, times: int, gap: float = 0.12) -> bytes:
    """Return `wav` played `times` in a row with `gap` seconds between: one sound, so one player process."""
    if times <= 1:
        return wav
    with wave.open(io.BytesIO(wav)) as sound:
        shape = sound.getparams()
    pause = bytes(int(gap * shape.framerate) * shape.nchannels * shape.sampwidth)
    frames = _frames(wav)
    return to_wav(pause.join([frames] * times), shape.framerate, shape.nchannels, shape.sampwidth)


def at_volume(wav: bytes, percent: int) -> bytes:
    """Return `wav` with `percent` of its height; one that is not of 16 bits a sample stays as it is."""
    if percent >= 100:
        return wav
    with wave.open(io.BytesIO(wav)) as sound:
        shape = sound.getparams()
    if shape.sampwidth != 2:
        return wav
    heights = np.frombuffer(_frames(wav), "<i2").astype(np.int32) * percent // 100
    return to_wav(heights.astype("<i2").tobytes(), shape.framerate, shape.nchannels)


def silence(seconds: float) -> bytes:
    """Return a WAV without sound, to try a player with."""
    return to_wav(bytes(2 * int(seconds * SAMPLE_RATE)))


def to_wav(frames: bytes, rate: int = SAMPLE_RATE, channels: int = 1, width: int = 2) -> bytes:
    """Put a WAV header before raw little-endian PCM frames; `width` is in bytes a sample."""
    buffer = io.BytesIO()
    with wave.open(buffer, "wb") as sound:
        sound.setnchannels(channels)
        sound.setsampwidth(width)
        sound.setframerate(rate)
        sound.writeframes(frames)
    return buffer.getvalue()


def _frames(wav: bytes) -> bytes:
    with wave.open(io.BytesIO(wav)) as sound:
        frames: bytes = sound.readframes(sound.getnframes())
        return frames
