"""Who is heard first, and what is not: over a player that tells what it was given, on a clock that stands still."""

import threading
import time
from statistics import median

import pytest

from patrol_anpr.alerting.agenda import STALE
from patrol_anpr.alerting.announcer import PROBE_AGAIN, Announcer
from patrol_anpr.alerting.governor import TELL_AFTER
from patrol_anpr.alerting.player import NullPlayer, Route
from patrol_anpr.alerting.voice import VoiceState
from patrol_anpr.domain.errors import DeviceLost
from patrol_anpr.domain.health import Lamp, LampState
from patrol_anpr.domain.hit import MatchKind
from patrol_anpr.domain.hotlist import Tier
from tests.alerting.made import TellingPlayer, WordsVoice, make_hit, until

FORD = "Silver Ford Focus. Alpha Bravo one two, Charlie Delta Echo. Stolen."


def started(announcer, player):
    announcer.start()
    until(lambda: player.route is not Route.UNKNOWN)
    return announcer


def test_a_hit_is_its_tone_and_then_its_sentence(announcer, player):
    started(announcer, player).hit(make_hit())
    until(lambda: announcer.counts.spoken == 1)
    assert player.played == ["priority", f"Priority. {FORD}"]


def test_a_check_has_its_own_tone_and_sentence(announcer, player):
    started(announcer, player).hit(make_hit(kind=MatchKind.CHECK, read_vrm="A812CDE"))
    until(lambda: announcer.counts.spoken == 1)
    assert player.played == ["check", f"Possible priority. Check plate. List says {FORD}"]


@pytest.mark.parametrize("kind", MatchKind)
def test_a_silent_hit_makes_no_sound_at_all(announcer, player, kind):
    started(announcer, player).hit(make_hit("CD34EFG", Tier.SILENT, kind))
    announcer.hit(make_hit(tier=Tier.ROUTINE))
    until(lambda: announcer.counts.spoken == 1)
    assert player.played == ["routine", f"Routine. {FORD}"]
    assert announcer.counts.tones == 1


def test_silent_hits_are_neither_counted_in_a_burst_nor_keep_a_later_hit_of_their_vehicle_quiet(announcer, player):
    for number in range(8):
        announcer.hit(make_hit(f"CD34E{chr(65 + number)}A", Tier.SILENT))
    announcer.hit(make_hit(tier=Tier.SILENT))
    announcer.hit(make_hit(tier=Tier.ROUTINE))
    started(announcer, player)
    until(lambda: announcer.counts.spoken == 1)
    assert player.played == ["routine", f"Routine. {FORD}"]
    counts = announcer.counts
    assert (counts.tones, counts.counted, counts.repeats, counts.storms, counts.muted) == (1, 0, 0, 0, 0)


def test_a_muted_silent_hit_is_not_even_counted_as_muted(announcer, player):
    started(announcer, player)
    announcer.set_muted(True)
    announcer.hit(make_hit(tier=Tier.SILENT))
    assert announcer.counts.muted == 0


def test_a_higher_tier_cuts_the_lower_off_which_is_said_afterwards(announcer, player):
    started(announcer, player)
    player.hold = True
    announcer.hit(make_hit("CD34EFG", Tier.ROUTINE))
    until(lambda: player.played)
    player.end_sound()
    until(lambda: len(player.played) == 2)  # in the middle of the sentence
    announcer.hit(make_hit(tier=Tier.IMMEDIATE))
    until(lambda: len(player.played) == 3)
    player.release()
    until(lambda: announcer.counts.spoken == 2)
    routine = "Routine. Silver Ford Focus. Charlie Delta three four, Echo Foxtrot Golf. Stolen."
    assert player.played == ["routine", routine, "immediate", f"Immediate. {FORD}", "routine", routine]
    assert announcer.counts.preempted == 1


def test_what_was_cut_off_is_not_said_when_it_is_stale(announcer, player, clock):
    started(announcer, player)
    player.hold = True
    announcer.hit(make_hit("CD34EFG", Tier.ROUTINE))
    until(lambda: player.played == ["routine"])
    announcer.hit(make_hit(tier=Tier.IMMEDIATE))
    until(lambda: len(player.played) == 2)
    clock.advance(STALE + 0.1)
    player.release()
    until(lambda: announcer.counts.dropped_stale == 1)
    assert player.played == ["routine", "immediate", f"Immediate. {FORD}"]


def test_the_same_tier_waits_its_turn(announcer, player):
    started(announcer, player)
    player.hold = True
    announcer.hit(make_hit())
    until(lambda: player.played == ["priority"])
    announcer.hit(make_hit("CD34EFG"))
    player.release()
    until(lambda: announcer.counts.spoken == 2)
    assert announcer.counts.preempted == 0
    assert [said[:9] for said in player.played] == ["priority", "Priority.", "priority", "Priority."]


def test_a_burst_of_fifty_is_the_highest_first_and_the_others_counted(announcer, player):
    started(announcer, player)
    player.hold = True
    for number in range(49):
        announcer.hit(make_hit(f"CD34E{chr(65 + number // 26)}{chr(65 + number % 26)}", Tier.ROUTINE))
    announcer.hit(make_hit(tier=Tier.IMMEDIATE))
    until(lambda: "immediate" in player.played)
    player.release()
    until(lambda: announcer.counts.spoken >= 1 and player.played[-1].endswith("more."))
    begun = player.played[: player.played.index("immediate")].count(
        "routine"
    )  # whose tone was cut off: heard, not counted
    said = next(words for words in player.played if words.startswith("Immediate. "))
    assert begun <= 1
    assert said == f"Immediate. {FORD} And {49 - begun} more."
    assert announcer.counts.counted == 49 - begun


def test_the_same_vehicle_makes_no_second_sound_from_any_camera(announcer, player, clock):
    started(announcer, player)
    for _ in range(200):
        announcer.hit(make_hit())
    until(lambda: announcer.counts.spoken == 1)
    assert announcer.counts.repeats == 199
    clock.advance(300.0)
    announcer.hit(make_hit())
    until(lambda: announcer.counts.spoken == 2)
    assert player.played.count("priority") == 2


def test_an_acknowledged_hit_falls_silent_and_does_not_come_back(announcer, player):
    started(announcer, player)
    player.hold = True
    first, second = make_hit(), make_hit("CD34EFG")
    announcer.hit(first)
    until(lambda: player.played == ["priority"])
    announcer.hit(second)
    announcer.acknowledge(second.hit_id)
    announcer.acknowledge(first.hit_id)
    announcer.hit(make_hit("EF56GHJ", Tier.ROUTINE))
    until(lambda: player.played == ["priority", "routine"])
    player.release()
    until(lambda: announcer.counts.spoken == 1)
    assert announcer.counts.preempted == 0


def test_mute_silences_all_but_the_immediate_tier(announcer, player):
    started(announcer, player)
    announcer.set_muted(True)
    announcer.hit(make_hit("CD34EFG", Tier.PRIORITY))
    announcer.hit(make_hit("EF56GHJ", Tier.ROUTINE))
    announcer.hit(make_hit(tier=Tier.IMMEDIATE))
    until(lambda: announcer.counts.spoken == 1)
    assert player.played == ["immediate", f"Immediate. {FORD}"]
    announcer.set_muted(False)
    announcer.hit(make_hit("CD34EFG", Tier.PRIORITY))  # it was not heard, so it is no repeat
    until(lambda: announcer.counts.spoken == 2)
    assert announcer.counts.muted == 2


def test_mute_cuts_off_what_is_being_said_and_what_waits(announcer, player):
    started(announcer, player)
    player.hold = True
    announcer.hit(make_hit())
    until(lambda: player.played == ["priority"])
    announcer.hit(make_hit("CD34EFG"))
    announcer.set_muted(True)
    announcer.hit(make_hit("EF56GHJ", Tier.IMMEDIATE))
    until(lambda: player.played == ["priority", "immediate"])
    announcer.set_muted(True)
    player.release()
    until(lambda: announcer.counts.spoken == 1)
    assert len(player.played) == 3


def test_a_part_that_stops_and_comes_back_is_told_once_each(announcer, player):
    started(announcer, player)
    lost = Lamp("camera:front", LampState.BAD, "Front lost")
    back = Lamp("camera:front", LampState.GOOD, "Front")
    announcer.lamp(back)
    announcer.lamp(lost)
    announcer.lamp(lost)
    until(lambda: len(player.played) == 2)
    announcer.lamp(Lamp("camera:front", LampState.UNKNOWN, "Front starting"))
    announcer.lamp(back)
    announcer.lamp(back)
    until(lambda: len(player.played) == 4)
    announcer.hit(make_hit())
    until(lambda: announcer.counts.spoken == 1)
    assert player.played[:4] == ["lost", "Front camera lost.", "back", "Front camera back."]
    assert len(player.played) == 6


def test_a_muted_loss_is_a_tone_without_words_and_a_depot_out_of_reach_is_nothing(announcer, player):
    started(announcer, player)
    announcer.set_muted(True)
    announcer.lamp(Lamp("depot", LampState.BAD, "Depot away"))
    announcer.lamp(Lamp("gps", LampState.BAD, "GPS lost"))
    until(lambda: player.played == ["lost"])
    announcer.lamp(Lamp("gps", LampState.GOOD, "GPS"))
    announcer.hit(make_hit(tier=Tier.IMMEDIATE))
    until(lambda: announcer.counts.spoken == 1)
    assert player.played[:2] == ["lost", "immediate"]


def test_a_flapping_part_leaves_only_its_newest_news(announcer, player):
    started(announcer, player)
    player.hold = True
    announcer.hit(make_hit(tier=Tier.IMMEDIATE))
    until(lambda: player.played)
    for _ in range(20):
        announcer.lamp(Lamp("gps", LampState.BAD, "GPS lost"))
        announcer.lamp(Lamp("gps", LampState.GOOD, "GPS"))
    player.release()
    until(lambda: player.played[-1] == "GPS back.")
    assert player.played[2:] == ["back", "GPS back."]


def test_the_time_of_the_tone_is_told_for_the_latency(player, clock, lamps, tones):
    sounded = []
    announcer = Announcer(
        WordsVoice(),
        player,
        clock,
        lamps.append,
        tones=tones,
        re_alert=300.0,
        on_sound=lambda *told: sounded.append(told),
    )
    started(announcer, player)
    hit = make_hit()
    clock.advance(0.125)
    announcer.hit(hit)
    until(lambda: announcer.counts.spoken == 1)
    announcer.stop()
    assert sounded == [(hit.hit_id, 1000.125)]


def test_no_caller_is_held_up(announcer, player):
    started(announcer, player)
    player.hold = True
    times = []
    for number in range(1000):
        hit = make_hit(f"AB{number:04d}", Tier.PRIORITY if number % 2 else Tier.ROUTINE)
        began = time.perf_counter()
        announcer.hit(hit)
        times.append(time.perf_counter() - began)
    assert median(times) < 0.001
    player.release()


class LostVoice(WordsVoice):
    """A voice that fails with its first sentence."""

    asked = 0

    class _Spoken(WordsVoice._Spoken):
        def wav(self, turn):
            raise DeviceLost("The voice stopped.")

    def ask(self, text):
        self.asked += 1
        if self.asked > 1:
            return super().ask(text)
        self.state = VoiceState.DOWN
        return LostVoice._Spoken(text)


def test_when_the_voice_fails_the_tone_is_repeated_and_the_lamp_is_bad(player, clock, lamps, tones):
    voice = LostVoice()
    announcer = started(Announcer(voice, player, clock, lamps.append, tones=tones, re_alert=300.0), player)
    until(lambda: lamps and lamps[-1].state is LampState.GOOD)
    announcer.hit(make_hit())
    until(lambda: lamps[-1].state is LampState.BAD)
    until(lambda: len(player.played) == 3)
    assert player.played == ["priority", "priority", "lost"]
    assert (lamps[-1].word, announcer.counts.failed, announcer.counts.spoken) == ("Voice lost", 1, 0)
    voice.state = VoiceState.STARTING
    voice.on_change()
    voice.state = VoiceState.READY
    voice.on_change()
    until(lambda: lamps[-1].state is LampState.GOOD and player.played[-1] == "Voice back.")
    announcer.stop()
    assert [lamp.state for lamp in lamps] == [LampState.GOOD, LampState.BAD, LampState.GOOD]


def test_a_voice_that_is_back_before_anyone_looked_was_lost_all_the_same(player, clock, lamps, tones):
    class QuicklyBack(LostVoice):
        def tend(self):
            self.state = VoiceState.READY

    announcer = started(Announcer(QuicklyBack(), player, clock, lamps.append, tones=tones, re_alert=300.0), player)
    announcer.hit(make_hit())
    until(lambda: player.played and player.played[-1] == "Voice back.")
    announcer.stop()
    assert [lamp.state for lamp in lamps] == [LampState.GOOD, LampState.BAD, LampState.GOOD]


class DeafPlayer(TellingPlayer):
    """A player with no way out until it is plugged in."""

    plugged_in = False

    def play(self, wav, turn):
        if not self.plugged_in:
            self.route = Route.NONE
            raise DeviceLost("There is no sound device.")
        return super().play(wav, turn)

    def probe(self, turn):
        self.route = Route.FIRST if self.plugged_in else Route.NONE


def test_no_sound_device_is_a_bad_lamp_until_there_is_one(clock, lamps, tones):
    player = DeafPlayer(tones)
    announcer = started(Announcer(WordsVoice(), player, clock, lamps.append, tones=tones, re_alert=300.0), player)
    until(lambda: lamps and lamps[-1].word == "No sound")
    announcer.hit(make_hit())
    until(lambda: announcer.counts.failed == 1)
    assert announcer.self_test() is False
    player.plugged_in = True
    clock.advance(PROBE_AGAIN)
    until(lambda: "Voice back." in player.played)
    assert lamps[-1].state is LampState.GOOD
    announcer.hit(make_hit())  # it was never heard, so it is no repeat
    until(lambda: announcer.counts.spoken == 1)
    announcer.stop()
    assert player.played[:2] == ["back", "Voice back."]
    # A hit may still cut the end of that off, which is then said again.
    assert [one for one in player.played if one not in ("back", "Voice back.")] == ["priority", f"Priority. {FORD}"]


def test_sound_that_was_not_asked_for_is_a_lamp_of_its_own(clock, lamps, tones):
    player = NullPlayer()
    announcer = started(Announcer(None, player, clock, lamps.append, tones=tones, re_alert=300.0), player)
    until(lambda: lamps)
    assert (lamps[0].state, lamps[0].word) == (LampState.WARN, "Sound off")
    announcer.hit(make_hit())
    until(lambda: announcer.counts.tones == 1)
    assert announcer.self_test() is False
    announcer.stop()


def test_the_self_test_says_so_and_waits(announcer, player):
    assert announcer.self_test() is False  # not started
    started(announcer, player)
    announcer.set_muted(True)
    assert announcer.self_test() is True
    assert player.played == ["back", "Patrol A N P R voice check."]


def test_a_bug_ends_one_utterance_and_not_all_sound(clock, lamps, tones, caplog):
    class BuggyPlayer(TellingPlayer):
        def play(self, wav, turn):
            if not self.played:
                self.played.append("bug")
                raise ZeroDivisionError
            return super().play(wav, turn)

    player = BuggyPlayer(tones)
    announcer = started(Announcer(WordsVoice(), player, clock, lamps.append, tones=tones, re_alert=300.0), player)
    announcer.hit(make_hit())
    until(lambda: any(lamp.word == "Voice fault" for lamp in lamps))
    announcer.hit(make_hit("CD34EFG"))
    until(lambda: announcer.counts.spoken == 1)
    announcer.stop()
    assert "AB12CDE" not in caplog.text


def test_stop_ends_what_is_said_and_leaves_no_thread(announcer, player):
    started(announcer, player)
    player.hold = True
    announcer.hit(make_hit())
    until(lambda: player.played)
    announcer.stop()
    assert not any(thread.name == "announcer" for thread in threading.enumerate())
    assert player.played == ["priority"]


@pytest.fixture
def governed(player, clock, lamps, tones):
    """A started announcer that speaks one routine hit in ten minutes."""
    announcer = Announcer(WordsVoice(), player, clock, lamps.append, tones=tones, re_alert=300.0, routine_limit=1)
    yield started(announcer, player)
    player.release()
    announcer.stop()


def untaxed(letter):
    return make_hit(f"CD34EF{letter}", Tier.ROUTINE, reason="UNTAXED")


def hear_one_of(announcer, *hits):
    """Let these hits come, of which the first is spoken."""
    for hit in hits:
        announcer.hit(hit)
        until(lambda: announcer.counts.spoken == 1)
    assert announcer.counts.held == len(hits) - 1


def test_routine_hits_beyond_the_limit_are_told_as_a_number_without_a_tone(governed, player, clock):
    hear_one_of(governed, *map(untaxed, "ABC"))
    assert len(player.played) == 2
    clock.advance(TELL_AFTER)
    until(lambda: player.played[2:] == ["Two more untaxed."])
    assert (governed.counts.tones, governed.counts.spoken) == (1, 1)


def test_urgent_hits_and_checks_of_them_sound_however_many_routine_ones_are_held_back(governed, player):
    hear_one_of(governed, *map(untaxed, "ABCDEFGH"))
    governed.hit(make_hit(tier=Tier.IMMEDIATE))
    until(lambda: governed.counts.spoken == 2)
    governed.hit(make_hit("EF56GHJ", kind=MatchKind.CHECK, read_vrm="EF56GHI"))
    until(lambda: governed.counts.spoken == 3)
    assert [sound for sound in player.played if " " not in sound] == ["routine", "immediate", "check"]


def test_an_urgent_hit_cuts_the_number_off_which_is_said_afterwards(governed, player, clock):
    hear_one_of(governed, *map(untaxed, "AB"))
    player.hold = True
    clock.advance(TELL_AFTER)
    until(lambda: player.played[2:] == ["One more untaxed."])
    governed.hit(make_hit(tier=Tier.IMMEDIATE))
    until(lambda: player.played[-1] == "immediate")
    player.release()
    until(lambda: len(player.played) == 6)
    assert player.played[3:] == ["immediate", f"Immediate. {FORD}", "One more untaxed."]


def test_a_routine_hit_that_is_held_back_cuts_nothing_off(governed, player):
    hear_one_of(governed, untaxed("A"))
    player.hold = True
    governed.lamp(Lamp("gps", LampState.BAD, "GPS lost"))
    governed.lamp(Lamp("gps", LampState.GOOD, "GPS"))
    until(lambda: player.played[-1] in ("lost", "back"))
    known = len(player.played)
    governed.hit(untaxed("B"))
    assert governed.counts.held == 1
    player.release()
    until(lambda: player.played[-1] == "GPS back.")
    assert player.played.count("back") <= 1
    assert len(player.played) >= known


def test_mute_and_an_officer_who_has_seen_them_take_hits_out_of_the_number(governed, player, clock):
    seen, other = untaxed("B"), untaxed("C")
    hear_one_of(governed, untaxed("A"), seen, other)
    governed.acknowledge(seen.hit_id)
    clock.advance(TELL_AFTER)
    until(lambda: player.played[2:] == ["One more untaxed."])
    governed.hit(untaxed("D"))
    governed.set_muted(True)
    governed.set_muted(False)
    clock.advance(TELL_AFTER)
    assert governed.self_test()
    assert player.played[3:] == ["back", "Patrol A N P R voice check."]


def test_a_number_that_cannot_be_said_makes_no_noise_in_its_place(player, clock, lamps, tones):
    announcer = Announcer(None, player, clock, lamps.append, tones=tones, re_alert=300.0, routine_limit=1)
    started(announcer, player)
    for hit in map(untaxed, "AB"):
        announcer.hit(hit)
    until(lambda: announcer.counts.tones == 1)
    clock.advance(TELL_AFTER)
    announcer.hit(make_hit())
    until(lambda: announcer.counts.tones == 2)
    announcer.stop()
    assert player.played == ["routine", "priority"]


# -- a locked screen -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("tier", "name"), [(Tier.IMMEDIATE, "immediate"), (Tier.ROUTINE, "routine")])
def test_a_discreet_hit_is_its_tone_alone(announcer, player, tier, name):
    announcer.set_discreet(True)
    started(announcer, player).hit(make_hit(tier=tier))
    until(lambda: announcer.counts.spoken == 1)
    assert player.played == [name]
    assert announcer.counts.failed == 0
    announcer.set_discreet(False)
    announcer.hit(make_hit("CD34EFG", tier))
    until(lambda: announcer.counts.spoken == 2)
    assert len(player.played) == 3


def test_a_sentence_that_is_being_said_ends_when_the_screen_is_locked(announcer, player):
    started(announcer, player)
    player.hold = True
    announcer.hit(make_hit())
    until(lambda: player.played == ["priority"])
    player.end_sound()
    until(lambda: len(player.played) == 2)
    announcer.set_discreet(True)
    player.release()
    announcer.hit(make_hit("CD34EFG"))
    until(lambda: announcer.counts.spoken == 1)
    assert player.played == ["priority", f"Priority. {FORD}", "priority"]


def test_a_number_of_hits_that_may_not_be_said_has_a_tone_in_place_of_its_words(announcer, player, clock):
    announcer.set_discreet(True)
    for number in range(3):
        announcer.hit(make_hit(f"CD3{number}EFG", Tier.ROUTINE))
    clock.advance(STALE + 1)
    started(announcer, player)
    until(lambda: player.played)
    assert player.played == ["routine"]


def test_a_part_that_stops_is_still_named_behind_the_lock(announcer, player):
    announcer.set_discreet(True)
    started(announcer, player).lamp(Lamp("camera:front", LampState.BAD, "Front lost"))
    until(lambda: len(player.played) == 2)
    assert player.played == ["lost", "Front camera lost."]
