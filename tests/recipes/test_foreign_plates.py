"""Plates of no UK make: what they show is what they say, in more than one face."""

from itertools import combinations

import numpy as np
import pytest
from foreign_plates import _own, _sans, _universal, foreign_plate
from hypothesis import given, settings
from hypothesis import strategies as st
from ocr_samples import SLOTS
from rendered_plates import render_any

from patrol_anpr.domain.vrm import VrmFormat, format_of, normalise

CHARACTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
ONE_SHAPE = {("0", "O"), ("1", "I"), ("I", "1"), ("O", "0")}


@given(st.integers(0, 2**32))
@settings(deadline=None, max_examples=60)
def test_a_mark_fits_the_ocr_and_its_ink_stands_off_the_ground(seed: int) -> None:
    text, pixels = foreign_plate(np.random.default_rng(seed))
    assert normalise(text) == text
    assert 2 <= len(text) <= SLOTS
    assert pixels.min() >= 0
    assert pixels.max() <= 255
    middle = pixels[pixels.shape[0] // 4 : -pixels.shape[0] // 4].mean(axis=2)
    assert np.ptp(middle) > 60


@pytest.mark.parametrize("make", [_own, _sans, _universal])
def test_every_face_draws_every_character_in_a_shape_of_its_own(make) -> None:  # type: ignore[no-untyped-def]
    face = make(np.random.default_rng(4))
    drawn = {char: face(char) for char in CHARACTERS}
    assert len({ink.shape[0] for ink in drawn.values()}) == 1
    for (one, first), (other, second) in combinations(drawn.items(), 2):
        alike = first.shape == second.shape and np.abs(first - second).mean() < 0.02
        assert not alike or (one, other) in ONE_SHAPE, f"{one} and {other} look the same"


def test_a_letter_that_reaches_below_the_line_is_not_cut_off() -> None:
    hook = _universal(np.random.default_rng(0))("J")
    assert hook[-6:, : hook.shape[1] // 2].max() > 0.5


def test_marks_are_words_numbers_and_both_of_all_lengths() -> None:
    rng = np.random.default_rng(2)
    marks = [foreign_plate(rng)[0] for _ in range(300)]
    assert {len(mark) for mark in marks} >= set(range(2, SLOTS))
    assert sum(mark.isalpha() for mark in marks) > 40
    assert sum(mark.isdigit() for mark in marks) > 10


def test_most_plates_to_learn_from_are_of_the_uk() -> None:
    kinds = [format_of(render_any(np.random.default_rng(at)).text) for at in range(200)]
    assert 0.6 < np.mean([kind is not VrmFormat.OTHER for kind in kinds]) < 0.85
