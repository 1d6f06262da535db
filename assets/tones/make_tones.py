"""Make the tones beside this file: `python assets/tones/make_tones.py`. The same source gives the same bytes.

Each tone is a row of notes. Pitches lie between 400 Hz and 2 kHz, where small loudspeakers are loud and a car's own
noise is not; a second harmonic makes them carry; every note rises and falls over 8 ms, so that nothing clicks.
"immediate" is built as research on urgent alarms in vehicles asks: a base of 1 kHz or more, at least three harmonics,
full intensity for at least 70 % of the time, no gap over 125 ms.
"""

import math
import struct
import wave
from pathlib import Path

SAMPLE_RATE = 22050
PEAK = 0.8
RAMP = 0.008
"""Seconds each note takes to rise and to fall."""

PARTIALS = (0.75, 0.25)
"""The share of the base and of each harmonic above it."""
URGENT_PARTIALS = (0.56, 0.32, 0.20, 0.15)
URGENT = {"immediate"}

# name: (pitch in Hz, seconds) a note; a pitch of 0 is a pause
SCORES: dict[str, tuple[tuple[float, float], ...]] = {
    "immediate": ((1760, 0.09), (1175, 0.09)) * 3,
    "priority": ((784, 0.14), (0, 0.03), (1175, 0.22)),
    "routine": ((659, 0.22),),
    "check": ((988, 0.09), (0, 0.06), (988, 0.09), (0, 0.06), (740, 0.09)),
    "lost": ((880, 0.12), (622, 0.12), (440, 0.26)),
    "back": ((440, 0.10), (554, 0.10), (659, 0.10), (880, 0.16)),
}


def note(pitch: float, seconds: float, partials: tuple[float, ...]) -> list[float]:
    """Return the samples, -1 to 1, of one note; silence for a pitch of 0."""
    count = round(seconds * SAMPLE_RATE)
    if not pitch:
        return [0.0] * count
    ramp = round(RAMP * SAMPLE_RATE)
    samples = []
    for at in range(count):
        angle = 2 * math.pi * pitch * at / SAMPLE_RATE
        nearest_end = min(at, count - 1 - at, ramp) / ramp
        envelope = 0.5 - 0.5 * math.cos(math.pi * nearest_end)
        wave_form = sum(share * math.sin(number * angle) for number, share in enumerate(partials, 1))
        samples.append(envelope * wave_form)
    return samples


def main() -> None:
    """Write one 16-bit mono WAV file a score."""
    for name, score in SCORES.items():
        partials = URGENT_PARTIALS if name in URGENT else PARTIALS
        samples = [sample for pitch, seconds in score for sample in note(pitch, seconds, partials)]
        frames = struct.pack(f"<{len(samples)}h", *(round(PEAK * 32767 * sample) for sample in samples))
        with wave.open(str(Path(__file__).with_name(f"{name}.wav")), "wb") as sound:
            sound.setnchannels(1)
            sound.setsampwidth(2)
            sound.setframerate(SAMPLE_RATE)
            sound.writeframes(frames)


if __name__ == "__main__":
    main()
