"""The lamp "voice" and its one owner: what the program knows, and what the officer says."""

import threading
import time
from collections.abc import Callable, Iterator

import pytest

from patrol_anpr.alerting.announcer import PROBE_AGAIN, Announcer
from patrol_anpr.alerting.output import Output
from patrol_anpr.alerting.player import Route
from patrol_anpr.alerting.sound_watch import LOOK_EVERY
from patrol_anpr.alerting.turn import Turn
from patrol_anpr.alerting.voice import VoiceState
from patrol_anpr.domain.errors import DeviceLost
from patrol_anpr.domain.health import Lamp, LampState
from patrol_anpr.domain.hotlist import Tier
from tests.alerting.made import TellingPlayer, WordsVoice, make_hit, until

GOOD, WARN, BAD = LampState.GOOD, LampState.WARN, LampState.BAD


class Speaker(TellingPlayer):
    """A player whose loudspeaker can be pulled out, and that can be made to fail."""

    plugged_in = True
    fault: BaseException | None = None

    def play(self, wav: bytes, turn: Turn) -> bool:
        if self.fault is not None:
            fault, self.fault = self.fault, None
            raise fault
        if not self.plugged_in:
            self.route = Route.NONE
            raise DeviceLost("There is no sound device.")
        return super().play(wav, turn)

    def probe(self, turn: Turn) -> None:
        self.route = Route.FIRST if self.plugged_in else Route.NONE


class Desk:
    """An announcer over stand-ins, and what its lamp said; `output` is what the sound system answers."""

    def __init__(self, clock, tones) -> None:
        self.clock = clock
        self.voice = WordsVoice()
        self.player = Speaker(tones)
        self.lamps: list[Lamp] = []
        self.output: Output | None = Output.OPEN
        self.looks = 0
        self.fault: BaseException | None = None
        self.announcer = Announcer(
            self.voice, self.player, clock, self.lamps.append, tones=tones, re_alert=300.0, look=self.look
        )

    def look(self) -> Output | None:
        self.looks += 1
        if self.fault is not None:
            fault, self.fault = self.fault, None
            raise fault
        return self.output

    @property
    def lamp(self) -> Lamp | None:
        return self.lamps[-1] if self.lamps else None

    def shows(self, word: str) -> None:
        until(lambda: self.lamp is not None and self.lamp.word == word)

    def settled(self) -> None:
        """Wait until everything told so far has been looked at."""
        for _ in range(2):  # the first may be under way already
            looks = self.looks
            self.announcer._watch.look_again()
            until(lambda before=looks: self.looks > before)

    def output_becomes(self, output: Output | None) -> None:
        self.output = output
        self.clock.advance(LOOK_EVERY)


@pytest.fixture
def desk(clock, tones) -> Iterator[Desk]:
    desk = Desk(clock, tones)
    yield desk
    desk.player.release()
    desk.announcer.stop()


@pytest.fixture
def ready(desk: Desk) -> Desk:
    desk.announcer.start()
    desk.shows("Voice ready")
    return desk


def test_a_no_is_bad_until_a_yes_and_makes_no_sound(ready: Desk) -> None:
    ready.announcer.heard(False)
    ready.shows("Voice not heard")
    assert (ready.lamp.state, bool(ready.lamp.advice)) == (BAD, True)
    ready.settled()
    assert ready.lamp.state is BAD
    ready.announcer.heard(True)
    ready.shows("Voice ready")
    assert ready.player.played == []


@pytest.mark.parametrize("what", ["loudspeaker", "voice", "output"])
def test_a_yes_makes_nothing_good_that_the_program_knows_to_be_bad(desk: Desk, what: str) -> None:
    if what == "loudspeaker":
        desk.player.plugged_in = False
    elif what == "voice":
        desk.voice.state = VoiceState.DOWN
    else:
        desk.output = Output.MUTED
    desk.announcer.start()
    until(lambda: desk.lamp is not None and desk.lamp.state is BAD)
    desk.announcer.heard(True)
    desk.settled()
    assert {lamp.state for lamp in desk.lamps} == {BAD}


def test_after_a_no_a_sound_that_works_again_is_not_enough(ready: Desk) -> None:
    ready.announcer.heard(False)
    ready.shows("Voice not heard")
    ready.player.plugged_in = False
    ready.announcer.hit(make_hit())
    ready.shows("No sound")
    ready.player.plugged_in = True
    ready.clock.advance(PROBE_AGAIN)
    ready.shows("Voice not heard")
    ready.announcer.heard(True)
    ready.shows("Voice ready")
    assert [lamp.state for lamp in ready.lamps] == [GOOD, BAD, BAD, BAD, GOOD]


def test_a_yes_in_between_counts_once_the_sound_works_again(ready: Desk) -> None:
    ready.announcer.heard(False)
    ready.shows("Voice not heard")
    ready.output_becomes(Output.NONE)
    ready.shows("No output")
    ready.announcer.heard(True)
    ready.output_becomes(Output.OPEN)
    ready.shows("Voice ready")
    assert "Voice not heard" not in [lamp.word for lamp in ready.lamps[2:]]


def test_a_voice_that_is_lost_while_a_sound_is_played_is_told_at_once(ready: Desk) -> None:
    ready.player.hold = True
    ready.announcer.hit(make_hit(tier=Tier.IMMEDIATE))
    until(lambda: ready.player.played)
    ready.voice.state = VoiceState.DOWN
    ready.voice.on_change()
    began = time.monotonic()
    ready.shows("Voice lost")
    assert time.monotonic() - began < 1.0
    assert ready.player.played == ["immediate"]  # it is still being played


@pytest.mark.parametrize("output", [Output.NONE, Output.MUTED, Output.TURNED_DOWN])
def test_a_sound_that_nobody_can_hear_is_told_and_is_no_sound(ready: Desk, output: Output) -> None:
    ready.output_becomes(output)
    until(lambda: ready.lamp.state is BAD)
    assert ready.lamp.advice
    until(lambda: ready.player.played == ["lost"])  # for whoever hears it after all
    ready.announcer.hit(make_hit())
    until(lambda: ready.announcer.counts.failed == 1)
    assert ready.announcer.counts.spoken == 0
    assert ready.announcer.self_test() is False
    ready.output_becomes(Output.OPEN)
    ready.shows("Voice ready")
    until(lambda: ready.player.played[-1] == "Voice back.")
    ready.announcer.hit(make_hit())  # nobody heard it, so it is no repeat
    until(lambda: ready.announcer.counts.spoken == 1)
    assert ready.announcer.self_test() is True


def test_the_self_test_looks_at_the_output_as_it_is_now(ready: Desk) -> None:
    ready.output = Output.MUTED
    assert ready.announcer.self_test() is False
    ready.output = Output.OPEN
    assert ready.announcer.self_test() is True


def test_what_was_known_holds_while_nobody_answers(ready: Desk) -> None:
    ready.output_becomes(Output.MUTED)
    ready.shows("Sound muted")
    ready.output_becomes(None)
    ready.settled()
    assert ready.lamp.word == "Sound muted"
    ready.output_becomes(Output.UNKNOWN)  # the sound server is gone: the way out will tell
    ready.shows("Voice ready")


def test_the_sound_system_is_asked_now_and_then(ready: Desk) -> None:
    asked = ready.looks
    for _ in range(4):
        ready.announcer._watch.rouse()
    ready.clock.advance(LOOK_EVERY - 0.1)
    ready.announcer.heard(False)
    ready.shows("Voice not heard")
    assert ready.looks == asked
    ready.clock.advance(0.1)
    until(lambda: ready.looks == asked + 1)


@pytest.mark.parametrize("fault", [ZeroDivisionError(), SystemExit(3), KeyboardInterrupt(), MemoryError()], ids=repr)
def test_whatever_a_sound_fails_with_it_is_told_and_the_next_is_heard(
    ready: Desk, fault: BaseException, caplog: pytest.LogCaptureFixture
) -> None:
    ready.player.fault = fault
    ready.announcer.hit(make_hit())
    ready.shows("Voice fault")
    until(lambda: ready.announcer.counts.failed == 1)
    assert ready.player.played[0] == "priority"  # its tone at least
    ready.announcer.hit(make_hit("CD34EFG"))
    until(lambda: ready.announcer.counts.spoken == 1)
    ready.shows("Voice ready")
    assert type(fault).__name__ in caplog.text
    assert "AB12CDE" not in caplog.text


@pytest.mark.parametrize("fault", [ZeroDivisionError(), SystemExit(3)], ids=repr)
def test_whatever_the_watch_fails_with_it_tells_and_goes_on(ready: Desk, fault: BaseException) -> None:
    ready.fault = fault
    ready.clock.advance(LOOK_EVERY)
    ready.shows("Voice fault")
    ready.output_becomes(Output.TURNED_DOWN)
    ready.shows("Volume 0")


@pytest.mark.parametrize("call", ["hit", "acknowledge", "lamp", "set_muted", "heard"])
def test_no_call_waits_for_a_player_a_voice_the_sound_system_or_a_listener(clock, tones, call: str) -> None:
    """Everything that the announcer waits for hangs, and a hit is being said."""
    free = threading.Event()
    hanging: list[str] = []

    def hang(what: str) -> None:
        hanging.append(what)
        assert free.wait(30)

    class HangingVoice(WordsVoice):
        def ask(self, text: str) -> WordsVoice._Spoken:
            hang("voice")
            return super().ask(text)

        def tend(self) -> None:
            hang("tend")

    def look() -> Output:
        hang("look")
        return Output.OPEN

    announcer = Announcer(
        HangingVoice(), Speaker(tones), clock, lambda _: hang("lamp"), tones=tones, re_alert=300.0, look=look
    )
    announcer.start()
    said = make_hit()
    announcer.hit(said)
    until(lambda: {"voice", "look"} <= set(hanging))
    calls: dict[str, Callable[[], None]] = {
        "hit": lambda: announcer.hit(make_hit("CD34EFG", Tier.IMMEDIATE)),
        "acknowledge": lambda: announcer.acknowledge(said.hit_id),
        "lamp": lambda: announcer.lamp(Lamp("gps", BAD, "GPS lost")),
        "set_muted": lambda: announcer.set_muted(True),
        "heard": lambda: announcer.heard(False),
    }
    began = time.monotonic()
    calls[call]()
    assert time.monotonic() - began < 0.2
    free.set()
    announcer.stop()
