"""Which hit is on the card: pure rules."""

from hypothesis import given
from hypothesis import strategies as st

from patrol_anpr.domain.hit import HitState
from patrol_anpr.domain.hotlist import Tier
from patrol_anpr.domain.read import Evidence
from patrol_anpr.lab.sample_patrol import sample_hit
from ui.models.hit_queue import HitQueue

NONE = Evidence(b"", b"")


def queue_of(*tiers: Tier) -> HitQueue:
    """Hits A, B, C ... of these tiers, raised one second after the other."""
    queue = HitQueue()
    for place, tier in enumerate(tiers):
        queue.arrive(sample_hit("ABCDEFGH"[place], tier, "Stolen", seconds_ago=60 - place), NONE)
    return queue


def shown(queue: HitQueue) -> str | None:
    return queue.shown.hit.read.vrm if queue.shown else None


def waiting(queue: HitQueue) -> str:
    return "".join(entry.hit.read.vrm for entry in queue.waiting)


def test_first_hit_takes_the_card_and_equals_wait_in_order() -> None:
    queue = queue_of(Tier.ROUTINE, Tier.ROUTINE, Tier.ROUTINE)
    assert (shown(queue), waiting(queue)) == ("A", "BC")


def test_higher_tier_takes_over_and_the_lower_goes_back() -> None:
    queue = queue_of(Tier.ROUTINE, Tier.PRIORITY, Tier.IMMEDIATE, Tier.PRIORITY)
    assert (shown(queue), waiting(queue)) == ("C", "BDA")
    queue.change(queue.shown.hit.hit_id, HitState.ACTIONED)  # type: ignore[union-attr]
    queue.advance()
    assert (shown(queue), waiting(queue)) == ("B", "DA")


def test_silent_is_never_shown_and_never_counted() -> None:
    queue = queue_of(Tier.SILENT)
    assert (queue.shown, queue.open_hits, queue.closed_hits) == (None, [], [])


def test_later_leaves_it_open_and_it_comes_back_only_when_opened() -> None:
    queue = queue_of(Tier.IMMEDIATE, Tier.ROUTINE)
    queue.put_off()
    assert shown(queue) == "B"
    queue.put_off()
    assert shown(queue) is None
    assert [e.hit.read.vrm for e in queue.open_hits] == ["A", "B"]
    queue.open("hit-A")
    assert shown(queue) == "A"


def test_a_decided_hit_gives_way_to_any_new_one() -> None:
    queue = queue_of(Tier.IMMEDIATE)
    queue.change("hit-A", HitState.ACTIONED)
    assert queue.arrive(sample_hit("Z", Tier.ROUTINE, "No insurance"), NONE)
    assert shown(queue) == "Z"
    assert [e.hit.read.vrm for e in queue.closed_hits] == ["A"]


def test_the_same_hit_twice_is_one() -> None:
    queue = queue_of(Tier.ROUTINE)
    assert not queue.arrive(sample_hit("A", Tier.ROUTINE, "Stolen"), NONE)
    assert len(queue.open_hits) == 1


@given(st.lists(st.sampled_from(list(Tier)), max_size=8), st.lists(st.sampled_from("lcdo"), max_size=12))
def test_no_hit_is_ever_lost_and_the_card_never_hides_a_higher_tier_that_arrives(tiers: list[Tier], acts: str) -> None:
    queue = queue_of(*tiers)
    seen = [tier for tier in tiers if tier is not Tier.SILENT]
    assert queue.shown is None or queue.shown.hit.tier == min(seen)
    for act in acts:
        if queue.shown is None:
            break
        if act == "l":
            queue.put_off()
        elif act == "o":
            queue.open(queue.open_hits[-1].hit.hit_id if queue.open_hits else "none")
        else:
            queue.change(queue.shown.hit.hit_id, HitState.ACTIONED if act == "c" else HitState.DISMISSED)
            queue.advance()
        assert len(queue.open_hits) + len(queue.closed_hits) == len(seen)
        on_card = {queue.shown.hit.hit_id} if queue.shown else set()
        assert not on_card & {entry.hit.hit_id for entry in queue.waiting}
