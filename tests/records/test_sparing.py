"""What is no longer kept on a disk that fills up: the rule."""

from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st

from patrol_anpr.records.held import HeldPictures
from patrol_anpr.records.sparing import NEVER_SCARCE, Sparing, sparing_at

NOTHING, OVERVIEWS, PICTURES = Sparing
LEVELS = st.sampled_from(Sparing)
PERCENT = st.floats(0, 100)


@pytest.mark.parametrize(
    ("percent", "before", "expected"),
    [
        (96.9, NOTHING, NOTHING),
        (97.0, NOTHING, OVERVIEWS),
        (98.4, OVERVIEWS, OVERVIEWS),
        (98.5, OVERVIEWS, PICTURES),
        (100.0, NOTHING, PICTURES),
        (98.1, PICTURES, PICTURES),
        (97.9, PICTURES, OVERVIEWS),
        (96.6, OVERVIEWS, OVERVIEWS),
        (96.4, OVERVIEWS, NOTHING),
        (50.0, PICTURES, NOTHING),
    ],
)
def test_overviews_go_first_then_patches_and_they_come_back_a_little_later(
    percent: float, before: Sparing, expected: Sparing
) -> None:
    assert sparing_at(percent, 97, before) is expected


@given(PERCENT, PERCENT, st.integers(51, 99), LEVELS)
def test_a_fuller_disk_never_keeps_more(low: float, high: float, scarce: int, before: Sparing) -> None:
    low, high = sorted((low, high))
    assert sparing_at(low, scarce, before) <= sparing_at(high, scarce, before)


@given(PERCENT, LEVELS)
def test_where_no_limit_is_set_everything_is_kept(percent: float, before: Sparing) -> None:
    assert sparing_at(percent, NEVER_SCARCE, before) is NOTHING


@dataclass
class One:
    of_hit: bool
    sizes: list[int] = field(default_factory=lambda: [100, 10])

    @property
    def picture_sizes(self) -> tuple[int, int]:
        overview, patch = self.sizes
        return overview, patch

    def give_up(self, which: int) -> None:
        self.sizes[which] = 0


@pytest.mark.parametrize(("sparing", "left"), [(NOTHING, [100, 10]), (OVERVIEWS, [0, 10]), (PICTURES, [0, 0])])
def test_pictures_of_hits_are_never_spared(sparing: Sparing, left: list[int]) -> None:
    hit, other = One(of_hit=True), One(of_hit=False)
    held = HeldPictures()
    assert held.spare([hit, other], sparing) == left.count(0)
    assert (hit.sizes, other.sizes) == ([100, 10], left)
    assert held.spare([hit, other], sparing) == 0
    assert held.given_up == 0
