"""What an officer enters by hand: marks and reasons that can be used, and sentences for those that cannot."""

from datetime import timedelta

import pytest

from patrol_anpr.domain.by_hand import LONGEST_REASON, Lifetime, OwnVoi, mark_of, reason_of
from patrol_anpr.domain.errors import BadInput
from patrol_anpr.domain.hotlist import Tier
from tests.made import NOW, SHIFT


@pytest.mark.parametrize("entered", ["", "  ", "?*-", "A" * 13])
def test_no_mark_is_a_sentence(entered: str) -> None:
    with pytest.raises(BadInput, match="letters and digits"):
        mark_of(entered)


def test_a_mark_is_taken_as_it_is_written_on_the_plate() -> None:
    assert mark_of(" ab12 cde") == "AB12CDE"


@pytest.mark.parametrize("entered", ["", " \n ", "x" * (LONGEST_REASON + 1)])
def test_no_reason_is_a_sentence(entered: str) -> None:
    with pytest.raises(BadInput, match="reason"):
        reason_of(entered)


def test_an_entry_as_the_lists_have_it() -> None:
    ends = NOW + Lifetime.WEEK.longest
    entry = OwnVoi(
        "voi-1", "AB12CDE", "Drove off from fuel", Tier.PRIORITY, Lifetime.WEEK, "4821", SHIFT, NOW, ends, None
    )
    voi = entry.voi()
    assert (voi.vrm, voi.reason, voi.tier) == ("AB12CDE", "Drove off from fuel", Tier.PRIORITY)
    assert voi.weed_date == (NOW + timedelta(days=7)).date()
    assert "4821" in voi.information
