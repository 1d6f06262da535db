from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from patrol_anpr.alerting.agenda import RANK_LOST, Agenda, Utterance, rank_of
from patrol_anpr.alerting.governor import TELL_AFTER, WINDOW, Governor
from patrol_anpr.alerting.policy import POLICY
from patrol_anpr.alerting.tones import Tone
from patrol_anpr.domain.hit import MatchKind
from patrol_anpr.domain.hotlist import Tier
from patrol_anpr.settings import AlertingSettings
from tests.alerting.made import make_hit

FLOOD = 10
"""More alarms in ten minutes are a flood (IEC 62682)."""


def routine(kind=MatchKind.EXACT, reason="UNTAXED"):
    return make_hit(tier=Tier.ROUTINE, kind=kind, reason=reason)


def sound(governor, now, hit=None):
    """Let a hit sound where the governor allows it, else be held back."""
    hit = hit or routine()
    if governor.allows(hit, now):
        governor.sounded(hit, now)
        return True
    governor.hold(hit, now)
    return False


def test_as_many_sound_as_the_limit_says_until_the_first_is_ten_minutes_old():
    governor = Governor(2)
    assert [sound(governor, at) for at in (0.0, 100.0, 200.0, WINDOW)] == [True, True, False, False]
    assert [sound(governor, at) for at in (WINDOW + 0.1, WINDOW + 50.0, WINDOW + 100.1)] == [True, False, True]


@pytest.mark.parametrize("kind", MatchKind)
@pytest.mark.parametrize("tier", [Tier.IMMEDIATE, Tier.PRIORITY])
def test_the_urgent_tiers_are_never_limited_and_take_no_room_of_the_routine_ones(tier, kind):
    governor = Governor(1)
    for at in range(50):
        assert sound(governor, float(at), make_hit(tier=tier, kind=kind))
    assert sound(governor, 50.0)
    assert sound(governor, 51.0, make_hit(tier=tier, kind=kind))


def test_a_routine_check_counts_as_any_routine_hit():
    governor = Governor(1)
    assert sound(governor, 0.0, routine(MatchKind.CHECK))
    assert not sound(governor, 1.0, routine())
    assert not sound(governor, 2.0, routine(MatchKind.CHECK))


def test_a_hit_that_was_cut_off_and_begins_again_counts_again():
    governor, hit = Governor(2), routine()
    assert sound(governor, 0.0, hit)
    assert sound(governor, 8.0, hit)
    assert not sound(governor, 9.0)
    assert sound(governor, WINDOW + 0.1)
    assert not sound(governor, WINDOW + 1.0)


def test_those_held_back_are_told_once_some_minutes_after_the_first():
    governor = Governor(1)
    sound(governor, 0.0)
    for at in (10.0, 20.0, 30.0):
        sound(governor, at, routine(reason="NO MOT" if at == 20.0 else "UNTAXED"))
    assert governor.due(10.0 + TELL_AFTER - 0.1) == ()
    assert Counter(governor.due(10.0 + TELL_AFTER)) == {"Untaxed": 2, "No MOT": 1}
    assert governor.due(10.0 + 2 * TELL_AFTER) == ()
    sound(governor, 300.0)
    assert governor.due(300.0 + TELL_AFTER - 0.1) == ()
    assert governor.due(300.0 + TELL_AFTER) == ("Untaxed",)


def test_what_the_officer_has_seen_or_muted_is_not_told():
    governor = Governor(1)
    sound(governor, 0.0)
    seen, other = routine(), routine()
    governor.hold(seen, 1.0)
    governor.hold(other, 1.0)
    governor.forget(seen.hit_id)
    assert governor.due(500.0) == ("Untaxed",)
    governor.hold(other, 501.0)
    governor.mute()
    assert governor.due(1000.0) == ()


def test_without_a_limit_all_sound():
    governor = Governor()
    assert all(sound(governor, float(at)) for at in range(50))


def test_with_no_routine_hits_wanted_none_sounds_and_no_number_is_told():
    governor = Governor(0)
    assert not sound(governor, 0.0)
    assert governor.due(1000.0) == ()


def test_the_usual_limit_makes_no_flood_even_with_the_numbers_told():
    limit = AlertingSettings().routine_alarms_in_ten_minutes
    governor = Governor(limit)
    heard = [at for at in range(2 * int(WINDOW)) if sound(governor, float(at)) or governor.due(float(at))]
    assert max(sum(0 <= at - first <= WINDOW for at in heard) for first in heard) <= FLOOD
    assert len(heard) > limit


ARRIVALS = st.lists(
    st.tuples(
        st.sampled_from([Tier.ROUTINE, Tier.ROUTINE, Tier.ROUTINE, Tier.PRIORITY, Tier.IMMEDIATE]),
        st.sampled_from(MatchKind),
        st.sampled_from([0.0, 0.2, 3.0, 20.0, 45.0, 200.0, 700.0]),  # seconds to the next
        st.sampled_from(["say", "say", "cut", "wait"]),
    ),
    max_size=120,
)


class Listener:
    """Takes one utterance after the other from an agenda, as the announcer does, and keeps account."""

    def __init__(self, limit):
        self.held = []  # ids of hits
        self.governor = Governor(limit)
        hold = self.governor.hold
        self.governor.hold = lambda hit, now: (self.held.append(hit.hit_id), hold(hit, now))
        self.agenda = Agenda(lambda _: None, self.governor)
        self.routine_tones = []  # when
        self.sounded = set()  # ids of hits
        self.counted = 0
        self.told = []  # sentences about those held back

    def take(self, now, *, cut=False):
        """Let the next utterance be said, or cut it off after its tone; False when there is none."""
        utterance = self.agenda.take(now)
        if utterance is None:
            return False
        hit = utterance.hit
        if hit is not None:
            self.governor.sounded(hit, now)
            self.sounded.add(hit.hit_id)
        if utterance.tone is not None and utterance.rank >= rank_of(Tier.ROUTINE):
            self.routine_tones.append(now)
        if cut and hit is not None:
            self.agenda.give_back(replace(utterance, has_sounded=True))
            return True
        self.counted += utterance.more
        if utterance.text:
            self.told.append(utterance.text)
        return True


@given(arrivals=ARRIVALS, limit=st.integers(0, 7))
def test_never_more_than_the_limit_in_any_ten_minutes_and_every_hit_is_heard_or_in_one_number(arrivals, limit):
    """Hits of all tiers come; after each one utterance is said, or is cut off after its tone, or nothing is said."""
    listener, now, came = Listener(limit), 0.0, {}
    for tier, kind, pause, what in arrivals:
        hit = make_hit(f"AB12C{len(came):03d}", tier, kind, reason="UNTAXED")
        came[hit.hit_id] = tier
        listener.agenda.put(Utterance(rank_of(tier), POLICY[tier, kind].tone, now, hit=hit))
        if what != "wait":
            listener.take(now, cut=what == "cut")
        now += pause
    while listener.take(now):
        now += 1.0
    while listener.take(now + TELL_AFTER):
        pass
    tones, held, sounded = listener.routine_tones, listener.held, listener.sounded
    assert all(sum(0 <= at - first <= WINDOW for at in tones) <= limit for first in tones)
    assert all(came[hit_id] is Tier.ROUTINE for hit_id in held)
    assert len(set(held)) == len(held)
    assert sum(map(number_of, listener.told)) == (len(held) if limit else 0)
    assert len(sounded) + listener.counted + len(set(held) - sounded) == len(came)


def number_of(words):
    """The number at the start of "Four more untaxed."."""
    numbers = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"]
    first = words.split()[0].lower()
    return numbers.index(first) if first in numbers else int(first)


def agenda_with(limit):
    governor = Governor(limit)
    return Agenda(lambda _: None, governor), governor


def put(agenda, hit, now):
    return agenda.put(Utterance(rank_of(hit.tier), Tone.ROUTINE, now, hit=hit))


def test_the_number_is_words_without_a_tone_and_waits_for_all_else():
    agenda, governor = agenda_with(1)
    first = routine()
    put(agenda, first, 0.0)
    assert agenda.take(0.0).hit == first
    governor.sounded(first, 0.0)
    assert not put(agenda, routine(), 1.0)
    assert not put(agenda, routine(), 2.0)
    agenda.put(Utterance(RANK_LOST, Tone.LOST, 200.0, text="GPS lost.", part="gps"))
    assert agenda.take(200.0).text == "GPS lost."
    told = agenda.take(200.0)
    assert (told.tone, told.words, told.is_probe) == (None, "Two more untaxed.", False)
    assert agenda.take(2000.0) is None
    assert agenda.held == 2


def test_two_that_wait_for_the_last_room_are_one_that_sounds_and_one_that_is_held():
    agenda, governor = agenda_with(1)
    first, second = routine(), routine()
    assert put(agenda, first, 0.0)
    assert put(agenda, second, 0.0)
    assert agenda.take(1.0).hit == first
    governor.sounded(first, 1.0)
    assert agenda.take(2.0) is None
    assert (agenda.held, agenda.stale) == (1, 0)


def test_stale_routine_hits_are_a_number_without_a_tone():
    agenda, _ = agenda_with(6)
    put(agenda, routine(), 0.0)
    put(agenda, routine(), 0.0)
    late = agenda.take(20.0)
    assert (late.tone, late.words) == (None, "And 2 more.")
