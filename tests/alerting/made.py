"""Hits, and stand-ins that tell what they were given to say and play."""

import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from itertools import count
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from patrol_anpr.alerting.player import Route
from patrol_anpr.alerting.tones import Tone, repeated
from patrol_anpr.alerting.turn import Turn
from patrol_anpr.alerting.voice import VoiceState
from patrol_anpr.domain.hit import Hit, MatchKind
from patrol_anpr.domain.hotlist import Tier
from tests.made import a_hit, a_hotlist, a_match, a_read

NOW = datetime(2026, 11, 21, 21, 43, tzinfo=UTC)
TONES = Path(__file__).parents[2] / "assets" / "tones"
_numbers = count(1)


def make_hit(
    vrm: str = "AB12CDE",
    tier: Tier = Tier.PRIORITY,
    kind: MatchKind = MatchKind.EXACT,
    *,
    read_vrm: str | None = None,
    list_id: str = "stolen",
    **voi: str,
) -> Hit:
    """A hit with numbers of its own; the camera may have read something else than the list says."""
    said = {"colour": "SILVER", "make": "FORD", "model": "FOCUS", "reason": "STOLEN", "action": ""} | voi
    hotlist = a_hotlist(tier, list_id=list_id)
    return a_hit(
        hit_id=f"hit-{next(_numbers)}",
        read=a_read(vrm if read_vrm is None else read_vrm, read_id=f"read-{next(_numbers)}"),
        match=a_match(vrm, tier, kind, hotlist, **said),
    )


def until(check: Callable[[], object], timeout: float = 8.0) -> None:
    """Wait for a condition that another thread or process brings about."""
    pause = threading.Event()
    end = time.monotonic() + timeout
    while not check():
        assert time.monotonic() < end, "the condition did not come about in time"
        pause.wait(0.005)


class WordsVoice:
    """A voice whose WAV is its words, so that a fake player can tell what it would have said."""

    class _Spoken:
        def __init__(self, words: str) -> None:
            self._words = words

        def wav(self, turn: Turn) -> bytes | None:
            return None if turn.is_cut() else self._words.encode()

        def discard(self) -> None:
            pass

    def __init__(self) -> None:
        self.state = VoiceState.READY

    def start(self) -> None: ...
    def stop(self) -> None: ...
    def tend(self) -> None: ...
    def set_rate(self, words_a_minute: int) -> None: ...
    def ask(self, text: str) -> "WordsVoice._Spoken":
        return WordsVoice._Spoken(text)


class TellingPlayer:
    """Notes what is played: a tone's name or the words. While `hold` is set, each sound lasts until it is cut."""

    def __init__(self, tones: dict[Tone, bytes]) -> None:
        self._names = {repeated(wav, times): tone.value for tone, wav in tones.items() for times in (1, 2)}
        self.played: list[str] = []
        self.hold = False
        self._release = threading.Event()
        self.route = Route.UNKNOWN

    def play(self, wav: bytes, turn: Turn) -> bool:
        if turn.is_cut():
            return False
        self.played.append(self._names.get(wav) or wav.decode())
        self._release.clear()
        turn.begun(self._release.set)
        if self.hold:
            assert self._release.wait(8.0)
        self.route = Route.FIRST
        return not turn.is_cut()

    def end_sound(self) -> None:
        """Let the sound that is held come to its end; the next is held again."""
        self._release.set()

    def release(self) -> None:
        self.hold = False
        self._release.set()

    def probe(self, turn: Turn) -> None:
        self.route = Route.FIRST


class SoundFile:
    """Everything that ALSA was made to play, in order: 16-bit mono at 22,050 Hz."""

    def __init__(self, path: Path) -> None:
        self._path = path

    @property
    def samples(self) -> NDArray[np.int16]:
        return np.fromfile(self._path, dtype="<i2") if self._path.exists() else np.zeros(0, np.int16)

    @property
    def seconds(self) -> float:
        """How long it was loud."""
        samples = self.samples  # once: the file grows while the player is at work
        blocks = samples[: len(samples) // 220 * 220].reshape(-1, 220).astype(float)
        return float((np.sqrt((blocks**2).mean(axis=1)) > 300).sum() * 0.01)


def plug_in(config: Path) -> SoundFile:
    """Give ALSA a default device that appends the samples to a file."""
    heard = config.with_name("heard.raw")
    config.write_text(
        f'pcm.!default {{ type file slave.pcm "null" file "|cat >> {heard}" format "raw" }}\npcm.null {{ type null }}\n'
    )
    return SoundFile(heard)
