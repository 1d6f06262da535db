from hypothesis import given
from hypothesis import strategies as st

from patrol_anpr.alerting.agenda import (
    CAPACITY,
    RANK_BACK,
    RANK_LOST,
    STALE,
    Agenda,
    Utterance,
    rank_of,
)
from patrol_anpr.alerting.tones import Tone
from patrol_anpr.domain.hit import MatchKind
from patrol_anpr.domain.hotlist import Tier
from tests.alerting.made import make_hit


def hit_at(at, tier=Tier.PRIORITY, vrm="AB12CDE", kind=MatchKind.EXACT):
    return Utterance(rank_of(tier), Tone.PRIORITY, at, hit=make_hit(vrm, tier, kind))


def news(at, rank=RANK_LOST, part="gps", text="GPS lost."):
    return Utterance(rank, Tone.LOST, at, text=text, part=part)


def agenda_of(*utterances):
    unsaid = []
    agenda = Agenda(unsaid.append)
    for utterance in utterances:
        agenda.put(utterance)
    return agenda, unsaid


def test_an_empty_agenda_has_nothing_to_say():
    agenda, _ = agenda_of()
    assert agenda.take(0.0) is None


def test_the_most_urgent_comes_first_then_exact_then_the_older():
    routine, late, early = hit_at(0.0, Tier.ROUTINE), hit_at(2.0), hit_at(1.0)
    check = hit_at(0.5, kind=MatchKind.CHECK)
    for order in ([routine, late, early], [late, check, early]):
        agenda, _ = agenda_of(*order)
        assert agenda.take(3.0) == early
    agenda, _ = agenda_of(check, late)
    assert [agenda.take(3.0), agenda.take(3.0)] == [late, check]


def test_a_lost_part_comes_after_priority_and_before_routine_and_its_return_last():
    lost, back = news(0.0), news(0.0, RANK_BACK, "camera:front", "Front camera back.")
    priority, routine = hit_at(1.0), hit_at(1.0, Tier.ROUTINE)
    agenda, _ = agenda_of(back, routine, lost, priority)
    assert [agenda.take(2.0) for _ in range(4)] == [priority, lost, routine, back]


def test_newer_news_of_a_part_replaces_the_older():
    lost, back = news(0.0), news(1.0, RANK_BACK, text="GPS back.")
    agenda, _ = agenda_of(lost, back)
    assert agenda.take(1.0) == back
    assert agenda.take(1.0) is None
    agenda.put(back)
    agenda.give_back(lost)
    assert agenda.take(1.0) == back
    assert agenda.take(1.0) is None


def test_fifty_hits_are_one_sentence_and_a_number():
    agenda, unsaid = agenda_of(*(hit_at(0.01 * n, Tier.ROUTINE) for n in range(49)), hit_at(0.5, Tier.PRIORITY))
    said = agenda.take(1.0)
    assert said.words == ("Priority. Silver Ford Focus. Alpha Bravo one two, Charlie Delta Echo. Stolen. And 49 more.")
    assert agenda.take(1.0) is None
    assert (agenda.counted, len(unsaid), agenda.stale) == (49, 49, 0)


def test_others_of_the_top_tier_are_named_in_the_number():
    agenda, _ = agenda_of(*(hit_at(0.0, Tier.IMMEDIATE) for _ in range(3)), *(hit_at(0.0) for _ in range(4)))
    assert agenda.take(1.0).words.endswith("Stolen. And 6 more, 2 immediate.")


@given(
    urgent=st.lists(st.sampled_from([Tier.IMMEDIATE, Tier.PRIORITY]), min_size=1, max_size=3),
    routine=st.integers(0, 60),
    order=st.randoms(use_true_random=False),
)
def test_routine_hits_however_many_keep_no_urgent_one_from_its_own_sentence(urgent, routine, order):
    hits = [hit_at(0.0, tier, f"AB12C{number:02d}") for number, tier in enumerate([*urgent, *[Tier.ROUTINE] * routine])]
    order.shuffle(hits)
    agenda, _ = agenda_of(*hits)
    said, counted = [], 0
    while utterance := agenda.take(1.0):
        said.append(utterance.hit)
        counted += utterance.more
    assert {hit.hit.hit_id for hit in hits if hit.hit.tier is not Tier.ROUTINE} <= {hit.hit_id for hit in said}
    assert len(said) + counted == len(hits)


def test_a_few_hits_are_all_said():
    agenda, unsaid = agenda_of(hit_at(0.0), hit_at(0.1), hit_at(0.2))
    assert [agenda.take(1.0).more for _ in range(3)] == [0, 0, 0]
    assert not unsaid


def test_a_stale_sentence_is_dropped_but_never_in_silence():
    agenda, unsaid = agenda_of(hit_at(0.0), hit_at(5.0))
    said = agenda.take(STALE + 0.1)
    assert (said.at, said.more, agenda.stale) == (5.0, 1, 1)
    assert len(unsaid) == 1
    agenda.put(hit_at(20.0, Tier.ROUTINE))
    agenda.put(hit_at(20.0, Tier.IMMEDIATE))
    late = agenda.take(40.0)
    assert (late.rank, late.hit, late.words) == (rank_of(Tier.IMMEDIATE), None, "And 2 more, 1 immediate.")
    assert agenda.take(40.0) is None


def test_what_was_cut_off_after_its_tone_goes_quietly_when_stale():
    agenda, unsaid = agenda_of()
    agenda.give_back(Utterance(rank_of(Tier.ROUTINE), Tone.ROUTINE, 0.0, hit=make_hit(), has_sounded=True))
    assert agenda.take(STALE + 0.1) is None
    assert (agenda.stale, unsaid) == (1, [])


def test_news_of_a_part_is_never_stale():
    lost = news(0.0)
    agenda, _ = agenda_of(lost)
    assert agenda.take(100.0) == lost


def test_a_hit_that_is_acknowledged_is_not_said_and_not_counted():
    first, second = hit_at(0.0), hit_at(0.0)
    agenda, _ = agenda_of(first, second)
    agenda.remove(first.hit.hit_id)
    assert agenda.take(0.0) == second
    assert agenda.take(0.0) is None


@given(
    st.lists(st.tuples(st.sampled_from([Tier.IMMEDIATE, Tier.PRIORITY, Tier.ROUTINE]), st.floats(0, 30)), max_size=300)
)
def test_every_hit_is_said_or_counted_whatever_comes(hits):
    agenda, unsaid = agenda_of()
    told, now = 0, 0.0
    for tier, after in hits:
        agenda.put(hit_at(now, tier))
        assert len(agenda) <= CAPACITY
        now += after / 10
        if after > 25 and (said := agenda.take(now)):
            told += said.more + (said.hit is not None)
    while said := agenda.take(now):
        told += said.more + (said.hit is not None)
        now += 3.0
    assert told == len(hits)
    assert len(unsaid) == agenda.counted
