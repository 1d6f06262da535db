"""Each kind keeps the picture's form, repeats itself for a seed, and changes something."""

import numpy as np
import pytest
from degradations import SEEN, UNSEEN, degrade, degrade_unseen
from hypothesis import given, settings
from hypothesis import strategies as st

from patrol_anpr.domain.plate import Pixels, PlateColour
from patrol_anpr.lettering.plate import draw_plate

KINDS = {**SEEN, **UNSEEN}


def plate(width: int = 80) -> Pixels:
    return draw_plate("AB12CDE", colour=PlateColour.YELLOW, scale=width / 520)


@pytest.mark.parametrize("name", KINDS)
def test_a_kind_keeps_the_form_and_its_input(name: str) -> None:
    given_picture = plate()
    before = given_picture.copy()
    made = KINDS[name](given_picture, 1.0, np.random.default_rng(5))
    assert made.shape == before.shape
    assert made.dtype == np.uint8
    assert np.array_equal(given_picture, before)


@pytest.mark.parametrize("name", KINDS)
def test_a_seed_gives_the_same_picture_again(name: str) -> None:
    one, other = (KINDS[name](plate(), 0.8, np.random.default_rng(3)) for _ in range(2))
    assert np.array_equal(one, other)


@pytest.mark.parametrize("name", KINDS)
def test_a_kind_does_something(name: str) -> None:
    clean = plate(120)
    made = [KINDS[name](clean, 1.0, np.random.default_rng(seed)) for seed in range(6)]
    assert any(not np.array_equal(clean, one) for one in made)


def test_what_is_measured_on_is_never_trained_on() -> None:
    assert not set(SEEN) & set(UNSEEN)
    assert not {id(kind) for kind in SEEN.values()} & {id(kind) for kind in UNSEEN.values()}


@given(width=st.integers(24, 200), severity=st.floats(0, 1), seed=st.integers(0, 2**32))
@settings(deadline=None, max_examples=40)
def test_any_crop_comes_through_the_camera(width: int, severity: float, seed: int) -> None:
    crop = plate(width)
    rng = np.random.default_rng(seed)
    assert degrade(crop, severity, rng).shape == crop.shape
    assert degrade_unseen(crop, rng).shape == crop.shape
