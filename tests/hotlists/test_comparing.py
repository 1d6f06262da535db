"""What a new revision changes: every entry is told once, and what stayed is not."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from patrol_anpr.domain.hotlist import Tier, Voi
from patrol_anpr.hotlists.comparing import MOST_LISTED, Change, ChangeKind, compared, every_change
from patrol_anpr.hotlists.rows import row_of

ONE = Voi("AB12CDE", make="FORD", action="STOP", reason="STOLEN", tier=Tier.PRIORITY)
OTHER = Voi("TX64KZW", reason="THEFT")


def rows(*vois: Voi):
    return sorted((hash(voi.vrm) & 0xFF, row_of(voi)) for voi in vois)


def test_each_kind_of_change_is_told_as_what_it_is():
    assert compared(rows(ONE), rows(ONE, OTHER)).first == [Change(ChangeKind.ADDED, None, OTHER)]
    assert compared(rows(ONE, OTHER), rows(ONE)).first == [Change(ChangeKind.REMOVED, OTHER, None)]
    for kind, after in (
        (ChangeKind.RETIERED, replace(ONE, tier=Tier.IMMEDIATE)),
        (ChangeKind.RETIERED, replace(ONE, action="SILENT")),
        (ChangeKind.REWORDED, replace(ONE, reason="RECOVERED")),
    ):
        found = compared(rows(ONE, OTHER), rows(after, OTHER))
        assert found.first == [Change(kind, ONE, after)]
        assert found.same == 1


VOIS = st.lists(
    st.builds(
        Voi,
        vrm=st.sampled_from(["AB12CDE", "TX64KZW", "UX15ZDM"]),
        reason=st.sampled_from(["", "A", "B"]),
        tier=st.sampled_from(Tier),
    ),
    max_size=8,
)


@given(VOIS, VOIS)
def test_the_counts_add_up_to_both_revisions(before, after):
    found = compared(rows(*before), rows(*after))
    paired = found.counts[ChangeKind.RETIERED] + found.counts[ChangeKind.REWORDED]
    assert found.same + paired + found.counts[ChangeKind.REMOVED] == len(before)
    assert found.same + paired + found.counts[ChangeKind.ADDED] == len(after)


def test_all_are_counted_and_the_first_are_listed():
    many = [Voi(f"AB{number:05}") for number in range(MOST_LISTED + 5)]
    found = compared([], rows(*many))
    assert found.counts[ChangeKind.ADDED] == len(many)
    assert len(found.first) == MOST_LISTED
    assert len(list(every_change([], rows(*many)))) == len(many)
