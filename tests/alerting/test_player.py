"""Playing for real: aplay into a file, a device that is not there, one that hangs."""

import sys
import threading
import time
from pathlib import Path

import pytest

from patrol_anpr.alerting import outlets
from patrol_anpr.alerting.outlets import Bell, CommandOutlet, WinsoundOutlet, plays_into_nothing
from patrol_anpr.alerting.player import Loudspeaker, NullPlayer, Route, find_player
from patrol_anpr.alerting.tones import Tone, duration
from patrol_anpr.alerting.turn import Turn
from patrol_anpr.domain.errors import DeviceLost
from tests.alerting.made import plug_in, until

HANGS = CommandOutlet((sys.executable, "-S", "-c", "import time; time.sleep(60)"))


def no_bell():
    raise OSError("no terminal")


def loudspeaker(*outlets, ring=no_bell):
    return Loudspeaker(outlets, Bell(ring))


def test_a_tone_is_heard_whole(sound_card, aplay, tones):
    speaker = loudspeaker(aplay)
    assert speaker.play(tones[Tone.PRIORITY], Turn())
    assert speaker.route is Route.FIRST
    assert sound_card.seconds == pytest.approx(0.36, abs=0.05)  # 0.39 s, of which 0.03 s are a pause
    assert len(sound_card.samples) >= duration(tones[Tone.PRIORITY]) * 22050


def test_a_probe_makes_no_sound(sound_card, aplay):
    speaker = loudspeaker(aplay)
    speaker.probe(Turn())
    assert speaker.route is Route.FIRST
    assert len(sound_card.samples) > 0
    assert sound_card.seconds == 0


def test_no_sound_device_is_a_fault_and_no_silence(no_sound_card, aplay, tones):
    speaker = loudspeaker(aplay)
    with pytest.raises(DeviceLost, match="sound device"):
        speaker.play(tones[Tone.PRIORITY], Turn())
    assert speaker.route is Route.NONE


@pytest.mark.parametrize("slave", ["null", 'plug\n slave.pcm "null"'])
def test_a_device_that_swallows_every_sound_is_none(no_sound_card, aplay, tones, slave):
    no_sound_card.write_text(f"pcm.!default {{ type {slave} }}\npcm.null {{ type null }}\n")
    speaker = loudspeaker(aplay)
    with pytest.raises(DeviceLost, match="sound device"):
        speaker.play(tones[Tone.PRIORITY], Turn())
    assert speaker.route is Route.NONE


@pytest.mark.parametrize(
    ("setup", "nothing"),
    [
        ("Plug PCM: Hardware PCM card 0 'HDA Intel PCH' device 0 subdevice 0", False),
        ("Plug PCM: Hardware PCM card 1 'Dummy' device 0 subdevice 0", True),
        ("Direct Stream Mixing PCM\nHardware PCM card 2 'Loopback' device 0 subdevice 0", True),
        ("ALSA <-> PulseAudio PCM I/O Plugin", False),
        ("", False),
    ],
)
def test_a_card_that_is_only_software_plays_into_nothing(setup, nothing):
    assert plays_into_nothing(setup) is nothing


def test_without_a_device_the_bell_rings_but_not_for_a_probe(no_sound_card, aplay, tones):
    rung = []
    speaker = loudspeaker(aplay, ring=lambda: rung.append("ding"))
    speaker.probe(Turn())
    assert (speaker.route, rung) == (Route.NONE, [])
    assert speaker.play(tones[Tone.PRIORITY], Turn())
    assert (speaker.route, rung) == (Route.BELL, ["ding"])


def test_a_device_that_comes_back_is_used(no_sound_card, aplay, tones):
    speaker = loudspeaker(aplay)
    speaker.probe(Turn())
    assert speaker.route is Route.NONE
    heard = plug_in(no_sound_card)
    assert speaker.play(tones[Tone.ROUTINE], Turn())
    assert speaker.route is Route.FIRST
    assert heard.seconds > 0.1


def test_a_player_that_is_not_installed_is_a_fault(tones):
    with pytest.raises(DeviceLost, match="alsa-utils"):
        CommandOutlet(("no-such-player-here",)).play(tones[Tone.ROUTINE], Turn())


def test_a_way_out_that_hangs_is_left_and_the_next_is_kept(sound_card, aplay, tones, monkeypatch):
    monkeypatch.setattr(outlets, "HANG_MARGIN", 0.1)
    tried = []

    class Hangs:
        def play(self, wav, turn):
            tried.append(wav)
            return HANGS.play(wav, turn)

    speaker = loudspeaker(Hangs(), aplay)
    assert speaker.play(tones[Tone.ROUTINE], Turn())
    assert speaker.route is Route.SECOND
    assert speaker.play(tones[Tone.ROUTINE], Turn())
    assert len(tried) == 1  # the one that hangs is not tried first again
    assert sound_card.seconds == pytest.approx(0.42, abs=0.06)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells whether a process is at work")
def test_a_player_that_a_busy_computer_slows_down_is_not_called_hung(tones, monkeypatch):
    monkeypatch.setattr(outlets, "HANG_MARGIN", 0.2)
    monkeypatch.setattr(outlets, "_MOST_MARGINS", 200)  # however slow the computer of this test is
    busy = f"import time\nwhile time.process_time() < {duration(tones[Tone.ROUTINE]) + 0.5}: pass"
    assert CommandOutlet((sys.executable, "-S", "-c", busy)).play(tones[Tone.ROUTINE], Turn())


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells whether a process is at work")
def test_a_player_that_is_at_work_without_end_is_called_hung(tones, monkeypatch):
    monkeypatch.setattr(outlets, "HANG_MARGIN", 0.1)
    with pytest.raises(DeviceLost, match="hangs"):
        CommandOutlet((sys.executable, "-S", "-c", "while True: pass")).play(tones[Tone.ROUTINE], Turn())


def test_a_sound_is_cut_at_once_from_another_thread(tones, monkeypatch):
    monkeypatch.setattr(outlets, "HANG_MARGIN", 30.0)
    begun = threading.Event()
    turn = Turn(begun.set)
    played = []
    thread = threading.Thread(target=lambda: played.append(HANGS.play(tones[Tone.ROUTINE], turn)))
    thread.start()
    assert begun.wait(5)
    cut_at = time.monotonic()
    turn.cut()
    assert time.monotonic() - cut_at < 0.05
    thread.join(5)
    assert time.monotonic() - cut_at < 1.0
    assert played == [False]


@pytest.mark.parametrize("outlet", [HANGS, Bell(no_bell), NullPlayer(), WinsoundOutlet(None, lambda: 1)])
def test_what_was_cut_before_it_began_never_begins(outlet, tones):
    turn = Turn(lambda: pytest.fail("it began"))
    turn.cut()
    assert outlet.play(tones[Tone.ROUTINE], turn) is False


@pytest.mark.skipif(sys.platform != "linux", reason="needs ALSA")
def test_this_machine_has_a_player_over_what_is_installed(sound_card, aplay, tones):
    speaker = find_player()
    assert speaker.route is Route.UNKNOWN
    speaker.probe(Turn())
    assert speaker.route in (Route.FIRST, Route.SECOND)


class FakeWinsound:
    SND_FILENAME, SND_ASYNC, SND_NODEFAULT, SND_PURGE = 0x20000, 1, 2, 0x40

    def __init__(self, works=True):
        self.calls = []
        self._works = works

    def PlaySound(self, sound, flags):
        if not self._works:
            raise RuntimeError("Failed to play sound")
        self.calls.append((sound and Path(sound).read_bytes()[:4], flags))


def test_windows_plays_a_file_in_the_background_and_purges_it(tones):
    winsound = FakeWinsound()
    assert WinsoundOutlet(winsound, lambda: 1).play(tones[Tone.ROUTINE], Turn())
    assert winsound.calls == [(b"RIFF", 0x20003), (None, 0x40)]


def test_windows_sound_is_cut(tones):
    winsound = FakeWinsound()
    turn = Turn(lambda: threading.Thread(target=turn.cut).start())
    assert WinsoundOutlet(winsound, lambda: 1).play(tones[Tone.LOST], turn) is False
    until(lambda: len(winsound.calls) == 2)


@pytest.mark.parametrize(
    "outlet", [WinsoundOutlet(FakeWinsound(), lambda: 0), WinsoundOutlet(FakeWinsound(False), lambda: 1)]
)
def test_windows_without_a_device_is_a_fault(outlet, tones):
    with pytest.raises(DeviceLost):
        outlet.play(tones[Tone.ROUTINE], Turn())
