"""Brings one utterance to the loudspeaker: its tone while the voice makes the sentence, then the sentence."""

import logging
import wave
from collections.abc import Mapping
from enum import Enum, auto

from patrol_anpr.alerting.agenda import Utterance
from patrol_anpr.alerting.player import Player, Route
from patrol_anpr.alerting.policy import POLICY
from patrol_anpr.alerting.tones import Tone, at_volume, repeated
from patrol_anpr.alerting.turn import Turn
from patrol_anpr.alerting.voice import Voice
from patrol_anpr.domain.choices import LEAST_IMMEDIATE
from patrol_anpr.domain.errors import DeviceLost

_log = logging.getLogger(__name__)

WAYS_OUT = (Route.FIRST, Route.SECOND)
"""Where a sound went that a loudspeaker can have made heard."""


class Played(Enum):
    """How much of an utterance was played. CUT: its turn was ended; UNHEARD: nothing of it came out."""

    WHOLE = auto()
    TONE_ONLY = auto()
    CUT = auto()
    UNHEARD = auto()


class Delivery:
    """Plays on the announcer's thread. `voice` None means tones only."""

    def __init__(self, voice: Voice | None, player: Player, tones: Mapping[Tone, bytes]) -> None:
        self._voice = voice
        self._player = player
        longest = max(row.repeat for row in POLICY.values())
        self.voice_volume = self.tone_volume = 100
        self.discreet = False
        self._sounds = {(tone, n): repeated(tones[tone], n) for tone in Tone for n in range(1, longest + 1)}

    def play(self, utterance: Utterance, turn: Turn) -> Played:
        """Play it to its end, or until the turn is cut; one without a tone and words only tries the player."""
        if utterance.is_probe:
            self._player.probe(turn)
            return Played.WHOLE if self._player.route in WAYS_OUT else Played.UNHEARD
        tone = self._tone_of(utterance)
        try:
            if self._hushes(utterance):
                return self._tone_alone(tone, turn)
            return self._tone_and_words(utterance, tone, turn)
        except DeviceLost as problem:
            _log.warning("no sound: %s", problem)
            return Played.UNHEARD

    def play_tone(self, utterance: Utterance, turn: Turn) -> None:
        """Play its tone alone, for one whose words cannot be had."""
        if (tone := self._tone_of(utterance)) is not None:
            self._player.play(tone, turn)

    def _tone_of(self, utterance: Utterance) -> bytes | None:
        """A number of hits that may not be said has a tone in place of its words: silence would mean that none came."""
        tone = Tone.ROUTINE if utterance.tone is None and self._hushes(utterance) else utterance.tone
        return None if tone is None else _as_loud(self._sounds[tone, utterance.repeat], self.tone_volume, utterance)

    def _hushes(self, utterance: Utterance) -> bool:
        return self.discreet and utterance.tells_of_hits

    def _tone_alone(self, tone: bytes | None, turn: Turn) -> Played:
        if tone is None or not self._player.play(tone, turn):
            return Played.CUT
        return Played.TONE_ONLY if self._player.route is Route.BELL else Played.WHOLE

    def _tone_and_words(self, utterance: Utterance, tone: bytes | None, turn: Turn) -> Played:
        """Where the words cannot be had the tone, if there is one, is played once more in their place."""
        words = utterance.words
        speaks = words and self._voice is not None and self._player.route is not Route.OFF
        spoken = self._voice.ask(words) if speaks and self._voice is not None else None
        try:
            if tone is not None and not self._player.play(tone, turn):
                return Played.CUT
            if spoken is None or self._player.route is Route.BELL:
                return Played.UNHEARD if tone is None else Played.TONE_ONLY
            try:
                wav = spoken.wav(turn)
            except DeviceLost:
                if tone is None:
                    return Played.UNHEARD
                return Played.TONE_ONLY if self._player.play(tone, turn) else Played.CUT
            if wav is None or self._hushes(utterance):  # locked while the voice was at work: its tone alone
                return Played.CUT
            return Played.WHOLE if self._player.play(_as_loud(wav, self.voice_volume, utterance), turn) else Played.CUT
        finally:
            if spoken is not None:
                spoken.discard()


def _as_loud(wav: bytes, percent: int, utterance: Utterance) -> bytes:
    """The sound at the volume that was set; what is of the IMMEDIATE tier never below its floor."""
    try:
        return at_volume(wav, max(percent, LEAST_IMMEDIATE) if utterance.is_immediate else percent)
    except (wave.Error, EOFError):  # no WAV of ours: it is for the player to judge
        return wav
