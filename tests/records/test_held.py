"""Pictures are given up in one order and never more than must be; facts are never among them."""

from dataclasses import dataclass, field

from hypothesis import given
from hypothesis import strategies as st

from patrol_anpr.domain.read import Evidence
from patrol_anpr.records.held import HeldPictures
from patrol_anpr.records.jobs import KeepRead, Scene
from patrol_anpr.wire.records import Origin
from tests.conftest import FakeClock
from tests.made import a_read


@dataclass
class Some:
    """Something with pictures; `lost` says which were given up (0: overview, 1: patch)."""

    sizes: list[int]
    of_hit: bool = False
    lost: list[int] = field(default_factory=list)

    @property
    def picture_sizes(self) -> tuple[int, int]:
        return self.sizes[0], self.sizes[1]

    def give_up(self, which: int) -> None:
        self.sizes[which] = 0
        self.lost.append(which)


def test_the_oldest_overview_without_a_hit_goes_first_and_hits_last() -> None:
    held = HeldPictures(most_bytes=100)
    plain, hit, later = Some([40, 5]), Some([40, 5], of_hit=True), Some([40, 5])
    for one in (plain, hit, later):
        held.hold(one)
    assert (plain.lost, hit.lost, later.lost) == ([0], [], [])
    more = [Some([40, 5], of_hit=True), Some([40, 5], of_hit=True)]
    held.hold(more[0])
    assert (plain.lost, hit.lost, later.lost) == ([0], [], [0])
    held.hold(more[1])
    assert (plain.lost, later.lost) == ([0, 1], [0, 1])
    assert (hit.lost, more[0].lost, more[1].lost) == ([0], [], [])
    assert held.given_up == 5


def test_the_other_patches_of_a_pass_go_with_the_overview() -> None:
    scene = Scene("boot", FakeClock(), Origin())
    evidence = Evidence(b"patch", b"overview", (b"second", b"third"))
    job = KeepRead(a_read(), evidence, (), None, lambda _: None, scene=scene)
    assert job.picture_sizes == (len(b"overviewsecondthird"), len(b"patch"))
    job.give_up(0)
    assert job.evidence == Evidence(b"patch", b"")


def test_what_is_being_written_is_not_given_up() -> None:
    held = HeldPictures(most_bytes=100)
    first, second = Some([60, 0]), Some([60, 0])
    held.hold(first)
    held.let_go(first)
    held.hold(second)
    assert (first.lost, second.lost, held.bytes) == ([], [], 60)
    held.hold(first)  # it could not be written
    assert first.lost + second.lost == [0]


some = st.builds(Some, st.tuples(st.integers(0, 50), st.integers(0, 9)).map(list), st.booleans())


@given(st.lists(st.tuples(some, st.booleans()), max_size=60), st.integers(10, 200))
def test_the_room_is_never_overdrawn_and_every_picture_is_held_or_counted(
    steps: list[tuple[Some, bool]], most: int
) -> None:
    held, there = HeldPictures(most), []
    pictures = sum(size > 0 for one, _ in steps for size in one.sizes)
    for one, written in steps:
        held.hold(one)
        there.append(one)
        if written:
            done = there.pop(0)
            held.let_go(done)
            pictures -= sum(size > 0 for size in done.sizes)
        assert held.bytes == sum(sum(one.sizes) for one in there) <= most
        assert held.bytes_of_hits == sum(sum(one.sizes) for one in there if one.of_hit)
    # Given up or still there, whether of what waits or of what was written with less.
    assert held.given_up + sum(size > 0 for one in there for size in one.sizes) == pictures
    for hit in there:
        if hit.of_hit and hit.lost:
            assert all(not any(one.sizes) for one in there[: there.index(hit)] if not one.of_hit)
