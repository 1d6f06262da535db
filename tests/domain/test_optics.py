"""What a lens can do: metres where its field of view is known, and what its plates say where it is not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from patrol_anpr.domain.optics import LATELY, Lens, PlateWidths, judge, latest, reach


@pytest.mark.parametrize(
    ("width", "degrees", "metres"),
    [(1920, 60, 13.5), (1920, 120, 4.5), (1280, 60, 9.0), (3840, 120, 6.0), (7680, 120, 6.0)],
)
def test_how_far_a_lens_reads(width: int, degrees: float, metres: float) -> None:
    assert reach(width, degrees) == pytest.approx(metres, abs=0.05)


def test_a_plate_at_ten_metres_is_as_wide_as_it_is_in_life() -> None:
    """86 px behind 60 degrees at 1080p, 29 px behind 120: the reach is where these become 64."""
    assert 86.5 * 10 / reach(1920, 60) == pytest.approx(64, abs=0.1)
    assert 28.8 * 10 / reach(1920, 120) == pytest.approx(64, abs=0.2)


@given(st.integers(320, 7680), st.floats(10, 170), st.floats(1.01, 2))
def test_a_wider_lens_reads_less_far(width: int, degrees: float, wider: float) -> None:
    if degrees * wider < 175:
        assert reach(width, degrees * wider) < reach(width, degrees)


def test_a_lens_is_judged_by_what_was_seen_before_what_is_known() -> None:
    small = PlateWidths((30.0,) * 6)
    assert judge(PlateWidths(), None) is Lens.UNKNOWN
    assert judge(PlateWidths((30.0,)), None) is Lens.SMALL
    assert judge(small, None) is Lens.TOO_WIDE
    assert judge(small, 13.0) is Lens.TOO_WIDE
    assert judge(PlateWidths((30.0,) * 6, read=1), None) is Lens.GOOD
    assert judge(PlateWidths((30.0, 90.0)), None) is Lens.GOOD
    assert judge(PlateWidths((90.0,)), 4.5) is Lens.TOO_WIDE
    assert judge(PlateWidths(), 9.0) is Lens.GOOD


def test_the_typical_plate_is_that_of_the_middle() -> None:
    widths = PlateWidths((20.0, 100.0, 40.0))
    assert (widths.widest, widths.typical) == (100.0, 40.0)
    assert (PlateWidths().widest, PlateWidths().typical) == (0.0, 0.0)
    assert latest(list(range(30))) == tuple(range(10, 30))
    assert LATELY == 20
