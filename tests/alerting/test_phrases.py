import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from patrol_anpr.alerting.phrases import and_more, clean, part_back, part_lost, sentence, spelled
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
        ("NO INSURANCE, NO MOT", "No insurance, no MOT."),
        ("False plates: cloned", "False plates cloned."),
        ("Stolen...!!!", "Stolen."),
    ],
)
def test_reasons_read_like_a_sentence(reason, said):
    assert sentence(make_hit(reason=reason)).endswith(f". {said}")


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
