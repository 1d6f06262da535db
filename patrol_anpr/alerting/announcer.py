"""Hit to sound: takes hits and lamps from any thread at once, and plays them one at a time on a thread of its own."""

import logging
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace

from patrol_anpr.alerting.agenda import (
    RANK_BACK,
    RANK_LOST,
    RANK_PROBE,
    RANK_TEST,
    Agenda,
    Utterance,
    rank_of,
    replay_of,
)
from patrol_anpr.alerting.delivery import WAYS_OUT, Delivery, Played
from patrol_anpr.alerting.governor import Governor
from patrol_anpr.alerting.output import OutputLook
from patrol_anpr.alerting.phrases import TEST_HIT, VOICE_CHECK, part_back, part_lost, sentence
from patrol_anpr.alerting.player import Player, Route
from patrol_anpr.alerting.policy import UNSOUNDED_PARTS, sounding_of
from patrol_anpr.alerting.sightings import Sightings, Verdict
from patrol_anpr.alerting.sound_watch import TICK, SoundWatch, short_pause
from patrol_anpr.alerting.tones import Tone
from patrol_anpr.alerting.turn import Turn
from patrol_anpr.alerting.voice import Voice
from patrol_anpr.domain.clock import Clock
from patrol_anpr.domain.health import Lamp, LampState
from patrol_anpr.domain.hit import Hit
from patrol_anpr.plumbing.worker import Worker, described

_log = logging.getLogger(__name__)

STOP_LIMIT = 5.0
"""Seconds a thread may take to end: a sound device may hang."""
PROBE_EVERY = 60.0
PROBE_AGAIN = 10.0
"""Seconds between tries of the player: while it works, and while it does not."""


@dataclass(frozen=True, slots=True)
class Counts:
    """What became of the hits so far.

    `spoken` were said to the end, `tones` were given to the player, `preempted` were cut off by a more urgent one,
    `dropped_stale` were too old, `counted` were told as a number only, `held` were routine hits beyond the governor's
    limit, `repeats` were sightings of the same vehicle, `storms` were of an entry that had made enough noise, `muted`
    fell to mute, `failed` could not be said or heard.
    """

    spoken: int = 0
    tones: int = 0
    preempted: int = 0
    dropped_stale: int = 0
    counted: int = 0
    held: int = 0
    repeats: int = 0
    storms: int = 0
    muted: int = 0
    failed: int = 0


class Announcer:
    """Tones and speech; satisfies ports.Alerting. No call but `stop`, `self_test` and `sound_test` blocks.

    `voice` None means tones only; `look` tells what becomes of a sound, None where nobody can be asked. `on_lamp` gets
    the lamp "voice" whenever it changes, and `on_sound` each hit's id and the monotonic second at which its tone was
    given to the player; both are called on threads of the announcer and must not block. `re_alert` in seconds; at most
    `routine_limit` routine hits are spoken in any ten minutes, None: all of them.
    """

    def __init__(
        self,
        voice: Voice | None,
        player: Player,
        clock: Clock,
        on_lamp: Callable[[Lamp], None],
        *,
        tones: Mapping[Tone, bytes],
        re_alert: float,
        routine_limit: int | None = None,
        look: OutputLook | None = None,
        on_sound: Callable[[str, float], None] | None = None,
    ) -> None:
        self._voice = voice
        self._player = player
        self._clock = clock
        self._delivery = Delivery(voice, player, tones)
        self._watch = SoundWatch(voice, player, clock, look, on_lamp, self._sound_part)
        self._worker = Worker("announcer", self._run, self._failed, rouse=self._end, wait=short_pause)
        self._on_sound = on_sound
        self._wake = threading.Condition()
        # all below is guarded by _wake
        self._sightings, self._not_here = Sightings(re_alert), Sightings(re_alert)
        self._governor = Governor(routine_limit)
        self._agenda = Agenda(self._forget, self._governor)
        self._counts = Counts()
        self._muted = False
        self._lost_parts: set[str] = set()
        self._current: Utterance | None = None
        self._turn = Turn()
        self._cancelled = False
        self._stopping = False
        self._probe_at = 0.0

    # ---- called from any thread ----

    def start(self) -> None:
        """Start the voice and the threads; returns at once. The lamp tells when sound and speech are proved."""
        self._stopping = False
        self._probe_at = self._clock.monotonic()
        self._worker.start()
        self._watch.start()

    def stop(self) -> None:
        """End what is being said, stop and join."""
        self._worker.stop(STOP_LIMIT)
        self._watch.stop(STOP_LIMIT)
        if self._voice is not None:
            self._voice.stop()

    def hit(self, hit: Hit) -> None:
        """Sound a hit by the policy's row: its tone, then its sentence."""
        row = sounding_of(hit)
        if row.tone is None:
            return
        now = self._clock.monotonic()
        with self._wake:
            if self._muted and row.mutable:
                self._count("muted")
                return
            verdict = self._sightings_of(hit).judge(hit, now)
            if verdict is not Verdict.SOUND:
                self._count("repeats" if verdict is Verdict.AGAIN else "storms")
                return
            text = self._sentence(hit) if hit.past else ""  # the others' when they are said, on the own thread
            self._put(Utterance(rank_of(hit.tier), row.tone, now, row.repeat, hit=hit, text=text, mutable=row.mutable))

    def replay(self, hit: Hit) -> None:
        """Say the sentence of a hit because the officer asks for it: whatever is muted, limited or was said already."""
        now = self._clock.monotonic()
        with self._wake:
            self._put(
                Utterance(
                    rank_of(hit.tier), None, now, text=self._sentence(hit), part=replay_of(hit.hit_id), mutable=False
                )
            )

    def acknowledge(self, hit_id: str) -> None:
        """Stop what is still being said, or waits to be said, about this hit."""
        with self._wake:
            self._agenda.remove(hit_id)
            if self._current is not None and self._current.is_about(hit_id):
                self._cancel_current()

    def lamp(self, lamp: Lamp) -> None:
        """Sound a part that stopped or, after that, works again. The voice's own lamp sounds by itself."""
        if lamp.key not in UNSOUNDED_PARTS:
            with self._wake:
                self._part(lamp)

    def set_muted(self, muted: bool) -> None:
        """Mute or unmute. The IMMEDIATE tier and the tone of a part that stopped are never muted."""
        with self._wake:
            self._muted = muted
            if muted:
                self._agenda.mute()
                if self._current is not None and self._current.mutable:
                    self._cancel_current()

    def set_discreet(self, discreet: bool) -> None:
        """Sound hits by their tones alone: whoever stands by a locked car hears no mark and no reason."""
        with self._wake:
            self._delivery.discreet = discreet
            current = self._current
            if discreet and current is not None and current.has_sounded and current.tells_of_hits:
                self._cancel_current()

    def set_volumes(self, *, voice: int, tones: int) -> None:
        """Make what is played from now on as loud as this, in percent."""
        self._delivery.voice_volume, self._delivery.tone_volume = voice, tones

    def set_speed(self, words_per_minute: int) -> None:
        """Let the voice speak this fast from the next sentence on."""
        if self._voice is not None:
            self._voice.set_rate(words_per_minute)

    def heard(self, was_heard: bool) -> None:
        """Take the officer's answer to "did you hear this voice?". A yes makes nothing good that is known to be bad."""
        self._watch.heard(was_heard)

    def self_test(self, timeout: float = 12.0) -> bool:
        """Say the voice check and wait; True when tone and words were played, and not into nothing.

        Whether they were heard only the officer knows.
        """
        return self._tried(Tone.BACK, VOICE_CHECK, timeout)

    def sound_test(self, timeout: float = 12.0) -> bool:
        """Sound the hit of the proof run, with a hit's tone and a sentence that no hit has; as `self_test`."""
        return self._tried(Tone.PRIORITY, TEST_HIT, timeout)

    def _tried(self, tone: Tone, words: str, timeout: float) -> bool:
        if not self._worker.running:
            return False
        self._watch.look_again()
        done = threading.Event()
        heard: list[bool] = []

        def note(was_played: bool) -> None:
            heard.append(was_played)
            done.set()

        now = self._clock.monotonic()
        with self._wake:
            self._put(Utterance(RANK_TEST, tone, now, text=words, mutable=False, on_done=note))
        return done.wait(timeout) and self._watch.wait_for_look() and heard[0] and not self._watch.is_unheard

    @property
    def counts(self) -> Counts:
        """What became of the hits so far."""
        with self._wake:
            agenda = self._agenda
            return replace(self._counts, dropped_stale=agenda.stale, counted=agenda.counted, held=agenda.held)

    # ---- with _wake held ----

    def _sightings_of(self, hit: Hit) -> Sightings:
        """What was said of the past, or of an entered mark, keeps no vehicle quiet that is here now."""
        return self._sightings if hit.is_here else self._not_here

    def _forget(self, hit: Hit) -> None:
        self._sightings_of(hit).forget(hit)

    def _sentence(self, hit: Hit) -> str:
        return sentence(hit, self._clock.utc() if hit.past else None)

    def _put(self, utterance: Utterance) -> None:
        if not self._agenda.put(utterance):
            return
        if self._current is not None and self._current.rank > utterance.rank:
            self._turn.cut()
        self._wake.notify_all()

    def _part(self, lamp: Lamp) -> None:
        """Sound a part the first time it is bad, and the first time it is good after that."""
        now = self._clock.monotonic()
        if lamp.state is LampState.BAD and lamp.key not in self._lost_parts:
            self._lost_parts.add(lamp.key)
            words = "" if self._muted else part_lost(lamp)
            self._put(Utterance(RANK_LOST, Tone.LOST, now, text=words, part=lamp.key, mutable=False))
        elif lamp.state is LampState.GOOD and lamp.key in self._lost_parts:
            self._lost_parts.discard(lamp.key)
            if not self._muted:
                self._put(Utterance(RANK_BACK, Tone.BACK, now, text=part_back(lamp), part=lamp.key))

    def _cancel_current(self) -> None:
        self._cancelled = True
        self._turn.cut()

    def _count(self, what: str) -> None:
        self._counts = replace(self._counts, **{what: getattr(self._counts, what) + 1})

    # ---- on the announcer's thread ----

    def _run(self, _: threading.Event) -> None:
        if self._voice is not None:
            self._voice.start()
        while not self._stopping:
            try:
                if (utterance := self._next()) is not None:
                    self._finish(utterance, self._delivery.play(utterance, self._turn))
            except BaseException as fault:  # noqa: BLE001 - whatever it was, it must not end all sound
                self._recover(fault)

    def _failed(self, _: BaseException) -> None:
        self._watch.sound_failed()

    def _end(self) -> None:
        with self._wake:
            self._stopping = self._cancelled = True
            self._turn.cut()
            self._wake.notify_all()

    def _recover(self, fault: BaseException) -> None:
        """After a bug: say so by the lamp, sound at least the tone of what it was about, and do not spin."""
        _log.error("an utterance failed: %s", described(fault))
        self._watch.sound_failed()
        with self._wake:
            failed, self._current = self._current, None
            self._probe_at = self._clock.monotonic() + PROBE_AGAIN
        if failed is not None and failed.hit is not None:
            if not failed.has_sounded:
                with suppress(BaseException):  # the bug may be in there
                    self._delivery.play_tone(failed, self._turn)
            with self._wake:
                self._forget(failed.hit)  # the next look at this vehicle tries again
                self._count("failed")
        with self._wake:
            self._wake.wait_for(lambda: self._stopping, TICK)

    def _next(self) -> Utterance | None:
        """Wait for what is to be said next; None when nothing came within a tick."""
        with self._wake:
            utterance = self._due()
            if utterance is None and not self._stopping:
                self._wake.wait(TICK)
                utterance = self._due()
            if utterance is not None:
                self._current, self._cancelled = utterance, False
                self._turn = Turn(self._on_begun(utterance))
            return utterance

    def _due(self) -> Utterance | None:
        if self._stopping:
            return None
        now = self._clock.monotonic()
        utterance = self._agenda.take(now)
        return Utterance(RANK_PROBE, None, now) if utterance is None and now >= self._probe_at else utterance

    def _on_begun(self, utterance: Utterance) -> Callable[[], None]:
        def begun() -> None:
            now = self._clock.monotonic()
            with self._wake:
                if utterance.tone is not None:
                    self._count("tones")
                if utterance.hit is not None:
                    self._governor.sounded(utterance.hit, now)
                if self._current is utterance:
                    self._current = replace(utterance, has_sounded=True)
            if utterance.hit is not None and not utterance.has_sounded and self._on_sound is not None:
                self._on_sound(utterance.hit.hit_id, now)

        return begun

    def _finish(self, utterance: Utterance, played: Played) -> None:
        route = self._player.route
        was_played = played is Played.WHOLE and route in WAYS_OUT
        if played in (Played.WHOLE, Played.TONE_ONLY):
            self._watch.sound_played()
            if self._watch.is_unheard:
                played = Played.UNHEARD
        with self._wake:
            current, self._current = self._current or utterance, None
            goes_back = played is Played.CUT and not self._cancelled
            if goes_back and not current.is_probe:
                self._agenda.give_back(current)
            if current.hit is not None:
                self._count_hit(current.hit, played, goes_back=goes_back)
            if played is not Played.CUT:
                wait = PROBE_AGAIN if route in (Route.BELL, Route.NONE, Route.SECOND) else PROBE_EVERY
                self._probe_at = self._clock.monotonic() + wait
        if utterance.on_done is not None and not goes_back:
            utterance.on_done(was_played)

    def _count_hit(self, hit: Hit, played: Played, *, goes_back: bool) -> None:
        if played is Played.WHOLE:
            self._count("spoken")
        elif goes_back:
            self._count("preempted")
        elif played is Played.UNHEARD:
            self._forget(hit)  # the next look at this vehicle tries again
            self._count("failed")
        elif played is Played.TONE_ONLY and self._voice is not None:
            self._count("failed")

    # ---- on the watch's thread ----

    def _sound_part(self, lamp: Lamp) -> None:
        """Sound the voice's own lamp: a lost voice by its tone alone, since it cannot say so."""
        with self._wake:
            self._part(lamp)
