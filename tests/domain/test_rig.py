"""Masks stay on what they hide, whichever way the picture is turned."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from patrol_anpr.domain.rig import QUARTERS, Area, Rig, Turn, hides, masked_share

SIDE = 16
"""Areas lie on a grid of so many, so that a picture of pixels can say what is right."""


def areas() -> st.SearchStrategy[Area]:
    sides = st.tuples(st.integers(0, SIDE - 1), st.integers(1, SIDE)).filter(lambda pair: pair[0] < pair[1])
    return st.builds(lambda x, y: Area(x[0] / SIDE, y[0] / SIDE, x[1] / SIDE, y[1] / SIDE), sides, sides)


def painted(mask: tuple[Area, ...]) -> "np.ndarray[tuple[int, int], np.dtype[np.bool_]]":
    middles = (np.arange(SIDE) + 0.5) / SIDE
    return np.array([[hides(mask, x, y) for x in middles] for y in middles])


def turns() -> st.SearchStrategy[Turn]:
    return st.builds(Turn, st.booleans(), st.sampled_from(QUARTERS))


@given(st.lists(areas(), max_size=3).map(tuple), turns())
def test_a_mask_turns_with_its_picture(mask: tuple[Area, ...], turn: Turn) -> None:
    shown = painted(mask)
    sensor = np.rot90(shown, QUARTERS.index(turn.rotate))
    rig = Rig(turn, mask)
    assert np.array_equal(painted(rig.rotated().mask), np.rot90(shown, -1))
    assert np.array_equal(painted(rig.mirrored().mask), np.rot90(np.fliplr(sensor), -QUARTERS.index(turn.rotate)))


@given(st.lists(areas(), max_size=3).map(tuple), turns())
def test_four_turns_or_two_mirrors_change_nothing(mask: tuple[Area, ...], turn: Turn) -> None:
    rig = Rig(turn, mask)
    assert rig.rotated().rotated().rotated().rotated() == rig
    assert rig.mirrored().mirrored() == rig


@given(st.lists(areas(), max_size=4).map(tuple))
def test_the_share_is_that_of_the_picture(mask: tuple[Area, ...]) -> None:
    assert masked_share(mask) == pytest.approx(float(painted(mask).mean()))


def test_an_area_is_cut_to_its_picture() -> None:
    assert Area.between((0.9, 1.4), (0.5, 0.75)) == Area(0.5, 0.75, 0.9, 1.0)
    assert Area.between((0.2, 0.2), (0.2, 0.9)) is None
    assert Area.between((1.2, 0.2), (1.4, 0.9)) is None
    with pytest.raises(ValueError, match="within"):
        Area(0.5, 0.5, 0.4, 0.6)
