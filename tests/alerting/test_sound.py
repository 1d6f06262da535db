"""The whole room for real: the voice's child, aplay, ALSA into a file. What was played is measured, not assumed."""

import os
import shutil
import signal
import sys
import threading
import time
from statistics import median

import pytest

from patrol_anpr.alerting.announcer import Announcer
from patrol_anpr.alerting.governor import TELL_AFTER
from patrol_anpr.alerting.outlets import Bell, CommandOutlet
from patrol_anpr.alerting.player import Loudspeaker
from patrol_anpr.alerting.tones import Tone, duration, repeated
from patrol_anpr.alerting.voice import Voice, VoiceState
from patrol_anpr.domain.health import LampState
from patrol_anpr.domain.hotlist import Tier
from tests.alerting.made import make_hit, plug_in, until

pytestmark = pytest.mark.skipif(
    sys.platform != "linux" or not shutil.which("espeak-ng") or not shutil.which("aplay"),
    reason="needs Linux with espeak-ng and alsa-utils",
)
PAUSES = 0.15
"""Quiet moments inside the tones and between words count as silence: the sums below are not exact."""


class MonotonicClock:
    """The real time, for what is measured, and what it is put on by."""

    ahead = 0.0

    def monotonic(self):
        return time.monotonic() + self.ahead


@pytest.fixture
def room(aplay, lamps, tones):
    """Start an announcer over real parts; `room.sounded` holds (hit id, time its tone went to the player)."""
    running = []

    def start(*, voice=None, outlets=(aplay,), ring=lambda: None, clock=None, routine_limit=None):
        clock = clock or MonotonicClock()
        sounded = []
        voice = voice or Voice(clock, rate=170)
        announcer = Announcer(
            voice,
            Loudspeaker(outlets, Bell(ring)),
            clock,
            lamps.append,
            tones=tones,
            re_alert=300.0,
            routine_limit=routine_limit,
            on_sound=lambda hit_id, at: sounded.append((hit_id, at)),
        )
        announcer.start()
        announcer.voice, announcer.sounded = voice, sounded
        running.append(announcer)
        return announcer

    yield start
    for announcer in running:
        announcer.stop()


def is_good(lamps):
    return lamps and lamps[-1].state is LampState.GOOD


def test_tone_and_sentence_are_heard(room, sound_card, lamps, tones):
    announcer = room()
    until(lambda: is_good(lamps))
    announcer.hit(make_hit())
    until(lambda: announcer.counts.spoken == 1)
    tone = duration(tones[Tone.PRIORITY])
    assert 3.0 < sound_card.seconds - tone < 9.0
    before = sound_card.seconds
    assert announcer.self_test()
    assert sound_card.seconds > before + 1.0


def test_the_number_of_those_held_back_is_heard_as_words_without_a_tone(room, sound_card, lamps, tones):
    clock = MonotonicClock()
    announcer = room(clock=clock, routine_limit=1)
    until(lambda: is_good(lamps))
    announcer.hit(make_hit("AB12CDE", Tier.ROUTINE))
    until(lambda: announcer.counts.spoken == 1)
    announcer.hit(make_hit("EF34GHJ", Tier.ROUTINE))
    assert announcer.counts.held == 1
    before = sound_card.seconds
    clock.ahead = TELL_AFTER + 1
    until(lambda: sound_card.seconds > before + 0.5)
    assert announcer.counts.tones == 1


def test_the_first_tone_does_not_wait_for_the_voice(room, sound_card):
    slow = Voice(MonotonicClock(), rate=170, command=(sys.executable, "-c", "import time; time.sleep(600)"), limit=0.2)
    announcer = room(voice=slow)
    hit = make_hit(tier=Tier.IMMEDIATE)
    at = time.monotonic()
    announcer.hit(hit)
    until(lambda: announcer.sounded)
    assert announcer.sounded[0][1] - at < 0.2
    until(lambda: announcer.counts.failed == 1)
    assert slow.state is VoiceState.STARTING
    assert sound_card.seconds > 1.5  # the tone, and once more in place of the sentence


def test_from_hit_to_player_takes_a_few_milliseconds(room, sound_card, lamps):
    announcer = room()
    until(lambda: is_good(lamps))
    delays, calls = [], []
    for number in range(20):
        hit = make_hit(f"AB{number:02d}CDE")
        at = time.monotonic()
        announcer.hit(hit)
        calls.append(time.monotonic() - at)
        until(lambda n=number: announcer.counts.spoken == n + 1)
        delays.append(announcer.sounded[-1][1] - at)
    print(
        f"hit to player: p50 {median(delays) * 1000:.1f} ms, worst {max(delays) * 1000:.1f} ms; "
        f"hit(): p50 {median(calls) * 1000:.3f} ms, worst {max(calls) * 1000:.3f} ms"
    )
    assert median(delays) < 0.030
    assert median(calls) < 0.001


def test_a_voice_killed_in_mid_sentence_costs_one_sentence(room, sound_card, lamps, tones):
    announcer = room()
    until(lambda: is_good(lamps))
    killed = announcer.voice.process_id
    os.kill(killed, signal.SIGSTOP)
    announcer.hit(make_hit())
    until(lambda: announcer.sounded)
    os.kill(killed, signal.SIGKILL)
    until(lambda: lamps[-1].word == "Voice lost")
    until(lambda: is_good(lamps))  # back by itself
    assert announcer.voice.restarts == 1
    assert announcer.counts.failed == 1
    before = sound_card.seconds
    tone = duration(tones[Tone.PRIORITY])
    assert before > 2 * tone - PAUSES  # the tone was repeated
    announcer.hit(make_hit("CD34EFG"))
    until(lambda: announcer.counts.spoken == 1)
    assert sound_card.seconds > before + 3.0


def test_a_voice_killed_while_its_sentence_is_played_is_on_the_lamp_within_two_seconds(room, sound_card, lamps):
    plays_for_ever = CommandOutlet(("sh", "-c", "exec sleep 60"))
    announcer = room(outlets=(plays_for_ever,))
    until(lambda: announcer.voice.state is VoiceState.READY)
    announcer.hit(make_hit(tier=Tier.IMMEDIATE))
    until(lambda: announcer.sounded)
    at = time.monotonic()
    os.kill(announcer.voice.process_id, signal.SIGKILL)
    until(lambda: lamps and lamps[-1].word == "Voice lost")
    assert time.monotonic() - at < 2.0


def test_a_voice_killed_while_idle_is_noticed_at_once(room, sound_card, lamps):
    announcer = room()
    until(lambda: is_good(lamps))
    at = time.monotonic()
    os.kill(announcer.voice.process_id, signal.SIGKILL)
    until(lambda: lamps[-1].state is LampState.BAD)
    assert time.monotonic() - at < 1.0
    until(lambda: is_good(lamps))


def test_a_voice_that_hangs_holds_nothing_up_for_long(room, sound_card, lamps, tones):
    hangs = Voice(
        MonotonicClock(),
        rate=170,
        limit=0.5,
        command=(sys.executable, "-c", "print('ready', flush=True); import time; time.sleep(600)"),
    )
    announcer = room(voice=hangs)
    until(lambda: is_good(lamps))
    at = time.monotonic()
    announcer.hit(make_hit())
    announcer.hit(make_hit("CD34EFG"))
    until(lambda: len(announcer.sounded) == 2)
    assert announcer.sounded[1][1] - at < 2.0
    until(lambda: any(lamp.word == "Voice lost" for lamp in lamps))
    until(lambda: announcer.counts.failed == 2)
    assert sound_card.seconds > 4 * duration(tones[Tone.PRIORITY]) - 2 * PAUSES


def test_a_machine_without_sound_says_so_and_rings_the_bell(room, no_sound_card, lamps, clock):
    rung = []
    announcer = room(ring=lambda: rung.append("ding"), clock=clock)
    until(lambda: any(lamp.word == "No sound" and lamp.advice for lamp in lamps))
    rung.clear()
    announcer.hit(make_hit(tier=Tier.IMMEDIATE))
    until(lambda: rung)
    until(lambda: announcer.voice.state is VoiceState.READY)
    assert announcer.self_test() is False
    heard = plug_in(no_sound_card)
    clock.advance(11.0)
    until(lambda: is_good(lamps))
    assert announcer.self_test()
    assert heard.seconds > 1.0


def test_a_real_player_is_killed_for_a_higher_tier(room, lamps, tmp_path):
    log = tmp_path / "played"
    plays_for_ever = CommandOutlet(("sh", "-c", f"wc -c >> {log}; exec sleep 60"))
    announcer = room(outlets=(plays_for_ever,))
    announcer.hit(make_hit("CD34EFG", Tier.ROUTINE))
    until(lambda: len(announcer.sounded) == 1)
    at = time.monotonic()
    immediate = make_hit(tier=Tier.IMMEDIATE)
    announcer.hit(immediate)
    until(lambda: len(announcer.sounded) == 2)
    assert announcer.sounded[1][0] == immediate.hit_id
    assert announcer.sounded[1][1] - at < 0.2
    announcer.acknowledge(immediate.hit_id)


def test_sound_goes_on_while_another_thread_holds_the_interpreter_up(room, sound_card, lamps):
    """A stalled screen: a thread that computes without a pause does not keep a tone back by more than a second."""
    announcer = room()
    until(lambda: is_good(lamps))
    over = threading.Event()

    def stall():
        while not over.is_set():
            sum(range(100_000))

    screen = threading.Thread(target=stall)
    screen.start()
    try:
        at = time.monotonic()
        announcer.hit(make_hit())
        until(lambda: announcer.sounded)
        assert announcer.sounded[0][1] - at < 1.0
    finally:
        over.set()
        screen.join()


def test_the_immediate_tone_is_played_twice_in_one_sound(room, sound_card, lamps, tones):
    announcer = room(voice=Voice(MonotonicClock(), rate=170, command=("no-such-program-here",)))
    announcer.hit(make_hit(tier=Tier.IMMEDIATE))
    until(lambda: announcer.counts.failed == 1)
    whole = duration(repeated(tones[Tone.IMMEDIATE], 2))
    assert sound_card.seconds >= 2 * (whole - PAUSES)
