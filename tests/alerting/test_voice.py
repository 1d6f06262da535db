"""The voice's child for real: it speaks, it is killed, it hangs, it never starts."""

import io
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
import wave

import numpy as np
import psutil
import pytest

from patrol_anpr.alerting import voice as voice_module
from patrol_anpr.alerting.phrases import sentence
from patrol_anpr.alerting.turn import Turn
from patrol_anpr.alerting.voice import FIRST_BACK_OFF, START_LIMIT, Voice, VoiceState
from patrol_anpr.domain.errors import DeviceLost
from tests.alerting.made import make_hit, until

needs_speech = pytest.mark.skipif(
    sys.platform == "linux" and shutil.which("espeak-ng") is None, reason="needs espeak-ng"
)
needs_signals = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGSTOP")
READY_THEN_HANGS = "print('ready', flush=True); import time; time.sleep(600)"
NEVER_READY = "import time; time.sleep(600)"
DIES = "raise SystemExit(1)"
TALKS_NONSENSE = "print('bonjour', flush=True); import time; time.sleep(600)"
NO_ENGINE = "print('broken no engine', flush=True)"


@pytest.fixture
def make_voice(clock):
    voices = []

    def make(script=None, **settings):
        command = None if script is None else (sys.executable, "-c", script)
        voice = Voice(clock, command=command, **{"rate": 170} | settings)
        voices.append(voice)
        return voice

    yield make
    for voice in voices:
        voice.stop()


def started(voice, state=VoiceState.READY):
    voice.start()
    until(lambda: voice.state is state, START_LIMIT + 5)
    return voice


def loudness(wav):
    with wave.open(io.BytesIO(wav)) as sound:
        assert sound.getnchannels() == 1
        frames = np.frombuffer(sound.readframes(sound.getnframes()), "<i2").astype(float)
    return np.sqrt((frames**2).mean())


@needs_speech
def test_sentences_become_sound(make_voice):
    voice = started(make_voice())
    short = voice.ask("Priority.").wav(Turn())
    long = voice.ask(sentence(make_hit())).wav(Turn())
    assert loudness(short) > 500
    assert loudness(long) > 500
    assert len(long) > 3 * len(short)


@needs_speech
def test_a_sentence_asked_for_before_the_voice_is_ready_is_made(make_voice):
    voice = make_voice()
    voice.start()
    assert loudness(voice.ask("Priority.").wav(Turn())) > 500


@needs_speech
def test_the_speed_is_set_while_it_speaks_and_outlives_its_process(make_voice, clock):
    voice = started(make_voice())
    text = sentence(make_hit())
    usual = len(voice.ask(text).wav(Turn()))
    voice.set_rate(260)
    fast = len(voice.ask(text).wav(Turn()))
    assert fast < 0.8 * usual
    psutil.Process(voice.process_id).kill()
    until(lambda: voice.state is VoiceState.DOWN)
    clock.advance(FIRST_BACK_OFF)
    voice.tend()
    until(lambda: voice.state is VoiceState.READY, START_LIMIT + 5)
    assert len(voice.ask(text).wav(Turn())) == pytest.approx(fast, rel=0.05)


@needs_speech
def test_many_sentences_leave_no_file_and_one_process(make_voice):
    voice = started(make_voice())
    first = voice.process_id
    folder = None
    for number in range(30):
        spoken = voice.ask(f"Number {number}.")
        folder = spoken.path.parent
        if number % 3:
            assert spoken.wav(Turn())
        spoken.discard()
    assert voice.ask("The last.").wav(Turn())
    assert voice.process_id == first
    assert [path.name for path in folder.iterdir()] == ["31.wav"]
    assert sys.platform == "win32" or folder.stat().st_mode & 0o777 == 0o700
    voice.stop()
    assert not folder.exists()


@needs_speech
def test_sentences_that_nobody_waits_for_any_more_do_not_harm_the_voice(make_voice):
    voice = started(make_voice())
    for number in range(40):
        voice.ask(f"Number {number}.").discard()
    assert voice.ask("The last.").wav(Turn())
    assert voice.restarts == 0


@needs_speech
@pytest.mark.parametrize("text", ["\U0001f697", "", "x" * 500, "two\nlines\tand a tab"])
def test_odd_text_does_no_lasting_harm(make_voice, clock, text):
    voice = started(make_voice())
    try:
        voice.ask(text).wav(Turn())
    except DeviceLost:
        clock.advance(FIRST_BACK_OFF)
        voice.tend()
    until(lambda: voice.state is VoiceState.READY)
    assert voice.ask("All is well.").wav(Turn())


@needs_speech
@needs_signals
def test_a_killed_child_fails_the_sentence_at_once_and_is_started_again(make_voice, clock):
    voice = started(make_voice())
    os.kill(voice.process_id, signal.SIGSTOP)  # so that the kill comes in the middle of the sentence
    spoken = voice.ask("Alpha Bravo.")
    threading.Timer(0.1, os.kill, (voice.process_id, signal.SIGKILL)).start()
    began = time.monotonic()
    with pytest.raises(DeviceLost, match="tones go on"):
        spoken.wav(Turn())
    assert time.monotonic() - began < 1.0
    assert voice.state is VoiceState.DOWN
    voice.tend()
    assert voice.state is VoiceState.DOWN  # not before the back-off
    clock.advance(FIRST_BACK_OFF)
    voice.tend()
    until(lambda: voice.state is VoiceState.READY)
    assert voice.restarts == 1
    assert voice.ask("Back again.").wav(Turn())


@pytest.mark.parametrize("stopped", [False, True])
def test_no_sentence_waits_for_a_child_that_is_being_started(make_voice, clock, monkeypatch, stopped):
    voice = started(make_voice(READY_THEN_HANGS))
    os.kill(voice.process_id, signal.SIGTERM)
    until(lambda: voice.state is VoiceState.DOWN)
    begun, may_start, made = threading.Event(), threading.Event(), []
    popen = subprocess.Popen

    def slow(*command, **options):
        begun.set()
        assert may_start.wait(20)
        made.append(popen(*command, **options))
        return made[-1]

    monkeypatch.setattr(voice_module.subprocess, "Popen", slow)
    clock.advance(FIRST_BACK_OFF)
    tending = threading.Thread(target=voice.tend)
    tending.start()
    assert begun.wait(20)
    with pytest.raises(DeviceLost):
        voice.ask("Alpha Bravo.").wav(Turn())  # comes back although the start has not
    if stopped:
        voice.stop()
    may_start.set()
    tending.join(20)
    if stopped:
        assert made[0].returncode is not None  # nothing is left behind
        assert voice.state is VoiceState.STOPPED
    else:
        until(lambda: voice.state is VoiceState.READY)


@needs_speech
@needs_signals
def test_a_stopped_child_is_killed_when_its_time_is_up(make_voice):
    voice = started(make_voice(limit=0.3))
    process_id = voice.process_id
    os.kill(process_id, signal.SIGSTOP)
    with pytest.raises(DeviceLost):
        voice.ask("Alpha Bravo.").wav(Turn())
    assert voice.state is VoiceState.DOWN
    until(lambda: not psutil.pid_exists(process_id))


def test_a_child_that_hangs_is_killed_even_if_nobody_waited_for_it(make_voice, clock):
    voice = started(make_voice(READY_THEN_HANGS))
    process_id = voice.process_id
    voice.ask("One.").discard()
    clock.advance(voice.limit + 0.1)
    with pytest.raises(DeviceLost):
        voice.ask("Two.").wav(Turn())
    until(lambda: not psutil.pid_exists(process_id))


def test_the_wait_for_a_sentence_is_cut_at_once(make_voice):
    voice = started(make_voice(READY_THEN_HANGS))
    turn = Turn()
    spoken = voice.ask("One.")
    threading.Timer(0.05, turn.cut).start()
    began = time.monotonic()
    assert spoken.wav(turn) is None
    assert time.monotonic() - began < 1.0
    assert voice.state is VoiceState.READY


@pytest.mark.parametrize("script", [DIES, TALKS_NONSENSE, NO_ENGINE])
def test_a_child_that_cannot_speak_is_tried_again_ever_more_seldom(make_voice, clock, script):
    voice = started(make_voice(script), VoiceState.DOWN)
    waits = []
    for _ in range(4):
        waited = 0.0
        while voice.state is VoiceState.DOWN:
            clock.advance(0.25)
            waited += 0.25
            voice.tend()
        waits.append(waited)
        until(lambda: voice.state is VoiceState.DOWN)
    assert waits == [0.5, 1.0, 2.0, 4.0]
    with pytest.raises(DeviceLost):
        voice.ask("Anyone?").wav(Turn())


def test_a_child_that_never_gets_ready_is_given_up(make_voice, clock):
    voice = started(make_voice(NEVER_READY, limit=0.05), VoiceState.STARTING)
    with pytest.raises(DeviceLost):
        voice.ask("Too early.").wav(Turn())
    assert voice.state is VoiceState.STARTING  # slow is not broken
    clock.advance(START_LIMIT + 0.1)
    voice.tend()
    assert voice.state is VoiceState.DOWN


def test_a_program_that_is_missing_is_a_voice_that_is_down(clock):
    voice = Voice(clock, rate=170, command=("no-such-program-here",))
    voice.start()
    assert voice.state is VoiceState.DOWN
    voice.stop()


@needs_speech
@pytest.mark.parametrize("fault", [ZeroDivisionError(), SystemExit(1)], ids=repr)
def test_whatever_ends_the_thread_that_listens_the_voice_is_lost_and_started_again(make_voice, clock, fault):
    voice = started(make_voice())

    def fail(*_):
        del voice._take
        raise fault

    voice._take = fail
    with pytest.raises(DeviceLost):
        voice.ask("Alpha Bravo.").wav(Turn())
    until(lambda: voice.state is VoiceState.DOWN)
    clock.advance(FIRST_BACK_OFF)
    voice.tend()
    until(lambda: voice.state is VoiceState.READY)
    assert voice.ask("Back again.").wav(Turn())


@needs_speech
def test_a_scratch_folder_that_somebody_cleared_away_is_made_again(make_voice, clock):
    voice = started(make_voice())
    folder = voice.ask("One.").path.parent
    shutil.rmtree(folder)
    with pytest.raises(DeviceLost):
        voice.ask("Two.").wav(Turn())
    clock.advance(FIRST_BACK_OFF)
    voice.tend()
    until(lambda: voice.state is VoiceState.READY)
    spoken = voice.ask("Three.")
    assert spoken.wav(Turn())
    assert spoken.path.parent != folder


def test_a_machine_without_room_for_the_voice_has_none_until_there_is_room(make_voice, clock, monkeypatch):
    def full(**_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(voice_module.tempfile, "TemporaryDirectory", full)
    voice = started(make_voice(READY_THEN_HANGS), VoiceState.DOWN)
    monkeypatch.undo()
    clock.advance(FIRST_BACK_OFF)
    voice.tend()
    until(lambda: voice.state is VoiceState.READY)


def test_changes_are_told(make_voice):
    seen = []
    voice = make_voice(DIES)
    voice.on_change = lambda: seen.append(voice.state)
    started(voice, VoiceState.DOWN)
    assert seen == [VoiceState.STARTING, VoiceState.DOWN]


def test_stop_leaves_no_process_and_no_thread(make_voice):
    voice = started(make_voice(READY_THEN_HANGS))
    process_id = voice.process_id
    voice.stop()
    assert voice.state is VoiceState.STOPPED
    assert not psutil.pid_exists(process_id)
    assert not any(thread.name == "voice-reader" for thread in threading.enumerate())
    voice.stop()


@needs_speech
def test_the_child_ends_with_its_parent_and_leaves_nothing(tmp_path):
    script = voice_module.Path(voice_module.__file__).with_name("voice_child.py")
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    ended = subprocess.run(
        [sys.executable, "-P", script, scratch, "170"],
        input="",
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert (ended.returncode, ended.stdout) == (0, "ready\n")
    assert not scratch.exists()


def test_a_child_without_a_speech_engine_says_so(tmp_path):
    (tmp_path / "pyttsx3.py").write_text("raise RuntimeError('no engine here')")
    script = voice_module.Path(voice_module.__file__).with_name("voice_child.py")
    ended = subprocess.run(
        [sys.executable, "-P", script, tmp_path, "170"],
        input="",
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
        env=os.environ | {"PYTHONPATH": str(tmp_path)},
    )
    assert ended.stdout.startswith("broken")
    assert "no engine here" in ended.stdout
