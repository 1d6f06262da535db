"""Geometry of boxes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from patrol_anpr.domain.plate import Box

sides = st.floats(-1000, 1000)
lengths = st.floats(0.5, 500)


@st.composite
def boxes(draw: st.DrawFn) -> Box:
    x, y = draw(sides), draw(sides)
    return Box(x, y, x + draw(lengths), y + draw(lengths))


def test_width_height_and_centre() -> None:
    box = Box(10, 20, 110, 46)
    assert (box.width, box.height, box.centre) == (100, 26, (60, 33))


@pytest.mark.parametrize(
    ("other", "share"),
    [
        (Box(0, 0, 10, 10), 1.0),
        (Box(5, 0, 15, 10), 1 / 3),
        (Box(10, 0, 20, 10), 0.0),  # side by side: the right edge is exclusive
        (Box(0, 20, 10, 30), 0.0),
        (Box(2, 2, 4, 4), 0.04),
    ],
)
def test_overlap(other: Box, share: float) -> None:
    assert Box(0, 0, 10, 10).iou(other) == pytest.approx(share)


@given(boxes(), boxes())
def test_overlap_is_a_share_and_the_same_from_both_sides(one: Box, other: Box) -> None:
    share = one.iou(other)
    assert 0 <= share <= 1 + 1e-9
    assert share == pytest.approx(other.iou(one))
    assert one.iou(one) == pytest.approx(1)
