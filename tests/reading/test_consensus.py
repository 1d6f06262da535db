from collections.abc import Sequence
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from patrol_anpr.domain.plate import Candidate, CharGuess
from patrol_anpr.domain.vrm import ALPHABET
from patrol_anpr.reading.consensus import ACCEPTED, NOTHING, Consensus, Look, agree, aligned, certain, chance
from tests.reading.made import candidate

TODAY = date(2026, 11, 21)


def looks(*texts: str, confidence: float = 0.95, width: float = 90, apart: float = 0.1) -> list[Look]:
    return [Look(candidate(text, confidence), width, number * apart) for number, text in enumerate(texts)]


def test_the_majority_wins_character_by_character() -> None:
    seen = agree(looks("AB12CDE", "AB12CDF", "AB72CDE", "KB12CDE"), TODAY)
    assert seen.text == "AB12CDE"


def test_one_large_sure_look_beats_two_small_doubtful_ones() -> None:
    small = looks("AB12CDF", "AB12CDF", confidence=0.5, width=40)
    assert agree([*small, *looks("AB12CDE", confidence=0.97, width=120)], TODAY).text == "AB12CDE"


def test_one_good_frame_beats_a_crowd_of_poor_ones() -> None:
    poor = looks(*["AB12CDF"] * 6, confidence=0.75)
    assert agree([*poor, *looks("AB12CDE", confidence=0.98)], TODAY).text == "AB12CDE"


def test_a_text_that_lost_a_character_does_not_count_more_for_it() -> None:
    whole, short = looks("AB12CDE", "B12CDE", confidence=0.9)
    assert whole.weight == pytest.approx(short.weight)


def test_texts_of_another_length_still_vote_for_the_characters_they_have() -> None:
    seen = agree(looks("AB12CDE", "B12CDE", "AB12CD", "AB12CDE"), TODAY)
    assert seen.text == "AB12CDE"
    assert seen.texts[0] == "AB12CDE"


def test_a_text_is_no_surer_than_that_it_ends_there() -> None:
    """Bug: what four looks in nine saw behind the last character was no doubt about the text without it."""
    doubtful = agree(looks(*["K47RD"] * 5, *["K47RDI"] * 4), TODAY)
    assert doubtful.text == "K47RD"
    assert len(doubtful.chars) == 5
    assert doubtful.confidence < 0.7
    assert chance(doubtful) < chance(agree(looks(*["K47RD"] * 5), TODAY)) - 10


def test_what_a_short_look_half_saw_at_its_end_is_a_vote() -> None:
    """Two looks that lost a last character, but not altogether, do not outvote the one that has it."""
    ends = CharGuess((("", 0.55), ("E", 0.45)))
    read = candidate("AB12CD", 0.99)
    short = Look(Candidate("AB12CD", read.chars, (*read.guesses[:6], ends, *read.guesses[7:])), 90, 0.1)
    surer = agree([short, short, *looks("AB12CDE", confidence=0.99)], TODAY)
    assert surer.text == "AB12CDE"


def test_a_cut_plate_counts_only_where_there_is_nothing_else() -> None:
    cut = [Look(candidate("CDE"), 80, at / 10, cut=True) for at in range(9)]
    assert agree([*cut, *looks("AB12CDE")], TODAY).text == "AB12CDE"
    assert agree(cut, TODAY).text == "CDE"


def test_nothing_seen_is_nothing() -> None:
    assert agree([], TODAY) is NOTHING
    assert agree([Look(Candidate("", (), ()), 50, 0.0)], TODAY) is NOTHING


def test_three_separate_sure_frames_are_certain() -> None:
    seen = looks("AB12CDE", "AB12CDE", "AB12CDE", confidence=0.999)
    assert certain(seen, agree(seen, TODAY))


@pytest.mark.parametrize(
    "seen",
    [
        looks("AB12CDE", "AB12CDE", confidence=0.999),
        looks("AB12CDE", "AB12CDE", "AB12CDE", confidence=0.7),
        looks("AB12CDE", "AB12CDE", "AB12CDE", confidence=0.999, width=36),
        looks("AB12CDE", "AB12CDE", "AB12CDE", confidence=0.999, apart=0.01),
        looks("AB12CDE", "AB12CDE", "AB12CDE", "AB12CDF", confidence=0.999),
    ],
    ids=["two frames", "unsure", "small", "the same instant", "one speaks against"],
)
def test_less_is_not_certain(seen: list[Look]) -> None:
    assert not certain(seen, agree(seen, TODAY))


def test_a_sure_frame_against_it_holds_it_up_and_a_doubtful_one_does_not() -> None:
    agreed = looks(*["AB12CDE"] * 12, confidence=0.999)
    sure, doubtful = ([*agreed, *looks("AB12CDF", confidence=each, width=41)] for each in (0.85, 0.75))
    assert chance(agree(sure, TODAY)) >= 99
    assert not certain(sure, agree(sure, TODAY))
    assert certain(doubtful, agree(doubtful, TODAY))


def said(chars: Sequence[float], agreeing: int, width: float, text: str = "AB12CDE") -> Consensus:
    return Consensus(text, tuple(chars), (text,), width, agreeing)


def test_looks_that_say_something_else_do_not_make_it_surer() -> None:
    """Sixteen poor looks at a plate once lent their number to what two of them said."""
    two = looks("AB12CDE", "AB12CDE", confidence=0.8, width=80)
    poor = [
        Look(candidate(text, 0.15), 40, 1 + at / 10) for at, text in enumerate(["XY9", "A1B2C", "QQ12ZZ", "KL99"] * 4)
    ]
    assert agree([*two, *poor], TODAY).agreeing == 2
    assert chance(agree([*two, *poor], TODAY)) <= chance(agree(two, TODAY))


@given(st.lists(st.floats(0, 1), max_size=10), st.integers(1, 100), st.floats(0, 400))
def test_a_chance_is_a_percentage_that_grows_with_the_looks_that_agree_and_the_size(
    chars: list[float], count: int, width: float
) -> None:
    assert 0 <= chance(said(chars, count, width)) <= chance(said(chars, count + 1, width)) <= 100
    assert chance(said(chars, count, width)) <= chance(said(chars, count, width + 10))


def test_a_chance_falls_with_the_weakest_character() -> None:
    sure, doubtful, poor = (chance(said([*[0.99] * 6, weakest], 1, 80)) for weakest in (0.99, 0.6, 0.1))
    assert sure > doubtful > poor
    assert chance(said([], 5, 80)) == 0


@given(st.lists(st.floats(0, 1), max_size=10), st.floats(0, 47.9))
def test_one_look_at_a_small_plate_is_never_accepted(chars: list[float], width: float) -> None:
    assert chance(said(chars, 1, width)) < ACCEPTED
    assert chance(said([1.0] * 7, 1, 48)) >= ACCEPTED
    assert chance(said([1.0] * 7, 3, 40)) >= ACCEPTED


@pytest.mark.parametrize("word", ["SCANIA", "SCAN1A", "VOLVO", "V0LV0", "LTD", "GOODS"])
def test_a_word_is_never_accepted_however_well_it_is_read(word: str) -> None:
    assert chance(said([1.0] * len(word), 20, 200, word)) < ACCEPTED
    assert not certain(looks(*[word] * 9, confidence=0.999), agree(looks(*[word] * 9, confidence=0.999), TODAY))


@pytest.mark.parametrize("mark", ["RO10OOO", "A1", "1O", "AB12CDE", "R450", "WOI2NE"])
def test_a_mark_with_a_digit_or_of_a_uk_format_is_no_word(mark: str) -> None:
    assert chance(said([1.0] * len(mark), 20, 200, mark)) >= 90


TEXTS = st.text(ALPHABET, max_size=10)


@settings(max_examples=40)
@given(st.lists(st.tuples(TEXTS, st.floats(0.05, 1), st.floats(10, 300)), min_size=1, max_size=8))
def test_any_looks_give_a_text_that_fits_its_confidences(given_looks: list[tuple[str, float, float]]) -> None:
    seen = agree([Look(candidate(text, sure), width, 0.0) for text, sure, width in given_looks], TODAY)
    assert len(seen.text) == len(seen.chars)
    assert set(seen.texts) == {text for text, _, _ in given_looks if text}


@given(TEXTS, TEXTS)
def test_an_alignment_has_one_place_a_character_in_order(reference: str, text: str) -> None:
    guesses = candidate(text).guesses[: len(text)]
    placed = [guess for guess in aligned(reference, guesses) if guess is not None]
    assert len(aligned(reference, guesses)) == len(reference)
    order = [next(at for at, guess in enumerate(guesses) if guess is one) for one in placed]
    assert order == sorted(order)
