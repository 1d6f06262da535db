"""The same car again: which hits are one line, and which of them one decision is about."""

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from patrol_anpr.domain.hit import Hit, HitState, MatchKind
from patrol_anpr.domain.sighting import decided_with, sighting_of
from tests.made import NOW, a_hit, a_hotlist, a_match, a_read

DECIDED = (HitState.ACTIONED, HitState.DISMISSED)


@st.composite
def hits(draw: st.DrawFn) -> list[Hit]:
    """Some hits of two entries of two lists, read in three ways, at any time and in any state."""
    made = []
    for number in range(draw(st.integers(1, 12))):
        vrm = draw(st.sampled_from(["AB12CDE", "AB12CDF"]))
        kind = draw(st.sampled_from(MatchKind))
        hotlist = a_hotlist(list_id=draw(st.sampled_from(["metro", "local"])))
        made.append(
            a_hit(
                hit_id=f"hit-{number}",
                read=a_read(
                    draw(st.sampled_from(["AB12CDE", "A812CDE", "ABI2CDE"])),
                    captured_at=NOW + timedelta(seconds=draw(st.integers(0, 20))),
                ),
                match=a_match(vrm, kind=kind, hotlist=hotlist),
                state=draw(st.sampled_from(HitState)),
            )
        )
    return made


@given(hits(), st.sampled_from(HitState), st.data())
def test_a_decision_is_about_open_hits_of_the_same_entry_read_alike_and_of_no_other(
    made: list[Hit], decided: HitState, data: st.DataObject
) -> None:
    hit = data.draw(st.sampled_from(made))
    with_it = decided_with(hit, decided, made)
    assert hit not in with_it
    for one in with_it:
        assert one.is_open
        assert sighting_of(one) == sighting_of(hit)
        assert one.match.kind is hit.match.kind
        assert (one.match.hotlist.list_id, one.match.voi.vrm) == (hit.match.hotlist.list_id, hit.match.voi.vrm)
    if decided not in DECIDED:
        assert with_it == []


@given(hits(), st.data())
def test_a_dismissal_leaves_a_later_picture_to_be_looked_at_and_a_confirmation_leaves_none(
    made: list[Hit], data: st.DataObject
) -> None:
    hit = data.draw(st.sampled_from(made))
    same = [one for one in made if one.is_open and one is not hit and sighting_of(one) == sighting_of(hit)]
    assert decided_with(hit, HitState.ACTIONED, made) == same
    assert decided_with(hit, HitState.DISMISSED, made) == [
        one for one in same if one.read.captured_at < hit.read.captured_at
    ]


@given(hits())
def test_lines_part_the_hits(made: list[Hit]) -> None:
    lines = {sighting_of(hit) for hit in made}
    assert sum(sum(sighting_of(hit) == line for hit in made) for line in lines) == len(made)


def test_o_and_0_are_one_mark_but_a_check_is_never_the_same_line_as_an_exact_hit() -> None:
    exact, folded = a_hit(read=a_read("AB10CDE")), a_hit(read=a_read("ABIOCDE"))
    check = a_hit(read=a_read("AB10CDE"), kind=MatchKind.CHECK)
    assert sighting_of(exact) == sighting_of(folded)
    assert sighting_of(exact) != sighting_of(check)
