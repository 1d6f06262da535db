import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from patrol_anpr.alerting.phrases import (
    VOICE_CHECK,
    and_more,
    as_heard,
    clean,
    more_routine,
    part_back,
    part_lost,
    sentence,
    spelled,
)
from patrol_anpr.domain import wording
from patrol_anpr.domain.health import Lamp, LampState
from patrol_anpr.domain.hit import MatchKind
from patrol_anpr.domain.hotlist import Tier
from tests.alerting.made import make_hit

SPEAKABLE = re.compile(r"[A-Za-z0-9,.' -]*")
HOSTILE = [
    "AB12'; DROP TABLE hits;--",
    "\u202eEDC21BA\u202c",
    "🚗🔥STOLEN🔥",
    "A" * 10_240,
    "[[h@l'oU]] <speak><break time='60s'/></speak>",
    "line\none\ttwo\r\x00\x07\x1b[2J",
    "https://example.invalid/?q=1&x=2",
    "%s %n {0} $(reboot) `id` | rm -rf",
    "\uff21\uff22\uff11\uff12 \uff23\uff24\uff25",
    "\ud800 lone",
]


def test_the_sentence_of_the_design():
    assert sentence(make_hit()) == "Priority. Silver Ford Focus. Alpha Bravo one two, Charlie Delta Echo. Stolen."


def test_a_check_starts_otherwise_and_says_whose_claim_it_is():
    said = sentence(make_hit(kind=MatchKind.CHECK, read_vrm="AB12CDF"))
    assert said == (
        "Possible priority. Check plate. List says Silver Ford Focus. Alpha Bravo one two, Charlie Delta Echo. Stolen."
    )


@pytest.mark.parametrize("tier", [Tier.IMMEDIATE, Tier.PRIORITY, Tier.ROUTINE])
def test_only_a_check_says_possible_and_nothing_says_ahead(tier):
    exact, check = sentence(make_hit(tier=tier)), sentence(make_hit(tier=tier, kind=MatchKind.CHECK))
    assert exact.startswith(tier.word)
    assert "possible" not in exact.lower()
    assert check.startswith(f"Possible {tier.word.lower()}. Check plate.")
    assert "ahead" not in (exact + check).lower()


@pytest.mark.parametrize(
    ("vrm", "said"),
    [
        ("AB12CDE", "Alpha Bravo one two, Charlie Delta Echo"),
        ("A123BCD", "Alpha one two three, Bravo Charlie Delta"),
        ("1A", "one, Alpha"),
        ("XIZ9087", "X-ray India Zulu, nine zero eight seven"),
        ("123D456", "one two three, Delta four five six"),
        ("ZZZ99ZZZ9", "Zulu Zulu Zulu nine nine Zulu Zulu Zulu nine"),
        ("", ""),
    ],
)
def test_a_mark_is_spelled_with_a_comma_where_the_plate_has_its_gap(vrm, said):
    assert spelled(vrm) == said


def test_what_a_list_leaves_out_is_left_out():
    assert sentence(make_hit(colour="", make="", model="", reason="")) == (
        "Priority. Alpha Bravo one two, Charlie Delta Echo."
    )


@pytest.mark.parametrize(
    ("make", "model", "said"),
    [("BMW", "320D", "BMW 320D"), ("KIA", "CEED", "Kia Ceed"), ("Citroën", "C3", "Citroen C3"), ("VW", "UP!", "VW Up")],
)
def test_makes_are_said_as_words_or_letters(make, model, said):
    assert f". Red {said}. " in sentence(make_hit(colour="RED", make=make, model=model))


def test_warning_markers_are_said_in_words_and_last():
    said = sentence(make_hit(markers="FI/VI"))
    assert said.endswith(". Stolen. Warning, firearms, violent.")
    check = sentence(make_hit(kind=MatchKind.CHECK, markers="EX"))
    assert check.startswith("Possible priority. Check plate. List says ")
    assert check.endswith(". Warning, explosives.")


@pytest.mark.parametrize(
    ("reason", "said"),
    [
        ("STOLEN", "Stolen."),
        ("NO INSURANCE, NO MOT", "No insurance, no M O T."),
        ("False plates: cloned", "False plates cloned."),
        ("Stolen...!!!", "Stolen."),
    ],
)
def test_reasons_read_like_a_sentence(reason, said):
    assert sentence(make_hit(reason=reason)).endswith(f". {said}")


@pytest.mark.parametrize(
    ("reason", "said"),
    [
        ("NO MOT", "No M O T."),
        ("No mot since May", "No M O T since May."),
        ("DVLA marker, no VED", "D V L A marker, no V E D."),
        ("ANPR marker, see PNC", "A N P R marker, see P N C."),
        ("VOI by VRM only. NFA", "V O I by V R M only. N F A."),
        ("TWOC", "TWOC."),
        ("SORN, ULEZ", "SORN, ULEZ."),
        ("SEE CAD 123, NO VIN", "See Cad 123, no Vin."),
        ("MOTOR TRADE, NO CADDY", "Motor trade, no caddy."),
        ("MOT2", "MOT2."),
    ],
)
def test_abbreviations_are_said_as_people_say_them(reason, said):
    assert sentence(make_hit(reason=reason)).endswith(f"Charlie Delta Echo. {said}")


@pytest.mark.parametrize(
    ("make", "model", "said"),
    [("MERCEDES", "GLA", "Mercedes G L A"), ("VW", "GOLF GTI", "VW Golf G T I"), ("DAF", "XF", "Daf XF")],
)
def test_names_are_said_as_people_say_them(make, model, said):
    assert f". Red {said}. " in sentence(make_hit(colour="RED", make=make, model=model))


@pytest.mark.parametrize("word", sorted(wording.ABBREVIATIONS))
def test_what_is_said_in_letters_is_shown_as_it_is_written(word):
    shown = wording.sentence_case(f"NO {word}")
    assert shown == f"No {word}"
    assert as_heard(shown) == f"No {' '.join(word)}"


def test_the_voice_check_says_the_name_of_the_product_as_people_do():
    assert as_heard("Patrol ANPR voice check.") == VOICE_CHECK


@pytest.mark.parametrize(
    ("reasons", "said"),
    [
        (["Untaxed"] * 4, "Four more untaxed."),
        (["Untaxed"], "One more untaxed."),
        (["Untaxed"] * 14, "14 more untaxed."),
        (["No MOT"] * 2, "Two more no M O T."),
        (["MOT expired"] * 2, "Two more M O T expired."),
        (["Untaxed", "No insurance", "Untaxed", "untaxed"], "Three more untaxed, one no insurance."),
        (["Untaxed", "No insurance", "No MOT", "Untaxed"], "Four more routine hits."),
        (["Seen near several thefts of tools from vans"], "One more routine hit."),
        (["🚗"] * 2, "Two more routine hits."),
    ],
)
def test_routine_hits_that_were_not_spoken_are_one_short_sentence(reasons, said):
    assert more_routine(reasons) == said


@given(st.lists(st.text(max_size=60), min_size=1, max_size=40))
def test_the_number_of_those_not_spoken_is_speakable_and_short_whatever_a_list_says(reasons):
    said = more_routine(reasons)
    assert SPEAKABLE.fullmatch(said)
    assert len(said) < 150
    numbers = {"one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9}
    firsts = [part.split()[0].lower() for part in said.split(", ")[:2]]
    told = [numbers.get(first) or int(first) for first in firsts if first in numbers or first.isdigit()]
    assert len(reasons) in (told[0], sum(told))


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_never_reaches_the_engine(text):
    hit = make_hit(text, make=text, model=text, colour=text, reason=text, markers=text)
    said = sentence(hit)
    assert SPEAKABLE.fullmatch(said)
    assert len(said) < 400
    assert not re.search(r"[,.]{2}|  ", said)


@given(st.text(max_size=300), st.integers(1, 80))
def test_clean_text_is_speakable_and_bounded_whatever_comes(text, length):
    cleaned = clean(text, length)
    assert SPEAKABLE.fullmatch(cleaned)
    assert len(cleaned) <= length
    assert clean(cleaned, length) == cleaned


@given(st.text(max_size=40))
def test_a_mark_is_only_ever_spelled(vrm):
    assert set(spelled(vrm).replace(",", "").split()) <= set(
        spelled("ABCDEFGHIJKL").split() + spelled("MNOPQRSTUVWX").split() + spelled("YZ0123456789").split()
    )


@pytest.mark.parametrize(
    ("count", "immediate", "said"), [(0, 0, ""), (49, 0, "And 49 more."), (3, 1, "And 3 more, 1 immediate.")]
)
def test_others_are_counted(count, immediate, said):
    assert and_more(count, immediate) == said


@pytest.mark.parametrize(
    ("key", "word", "lost", "back"),
    [
        ("camera:front", "Front lost", "Front camera lost.", "Front camera back."),
        ("camera:rear_left", "Rear left lost", "Rear left camera lost.", "Rear left camera back."),
        ("gps", "GPS lost", "GPS lost.", "GPS back."),
        ("records", "Not recording", "Not recording.", "Recording again."),
        ("list", "No list", "No hotlist.", "Hotlist ready."),
        ("reading", "Not reading", "Not reading plates.", "Reading plates again."),
        ("camera:front", "Front frozen", "Front camera frozen.", "Front camera back."),
        ("camera:front", "Front unusable", "Front camera unusable.", "Front camera back."),
        ("list", "List damaged", "List damaged.", "Hotlist ready."),
        ("gps", "GPS unreadable", "GPS unreadable.", "GPS back."),
        ("records", "Record refused", "Record refused.", "Recording again."),
        ("clock", "Clock +5 min", "Clock is wrong.", "Clock is right again."),
        ("disk", "Disk full", "Disk full.", "Disk has room again."),
        ("voice", "Voice lost", "", "Voice back."),
        ("radar", "Radar; gone", "Radar gone.", "Radar gone."),
    ],
)
def test_parts_are_named(key, word, lost, back):
    lamp = Lamp(key, LampState.BAD, word)
    assert part_lost(lamp) == lost
    assert part_back(lamp) == back
