"""Which hit is on the card: pure rules."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from patrol_anpr.domain.disposition import Disposition
from patrol_anpr.domain.hit import Answer, ControlAnswer, HitState
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


def decide(queue: HitQueue, state: HitState = HitState.ACTIONED, *, leave: bool = True) -> None:
    """The officer decides on the hit on the card; the card is done with it when `leave` is set."""
    assert queue.shown is not None
    hit = queue.shown.hit
    queue.change(replace(hit, state=state))
    if leave:
        queue.leave(hit.hit_id)


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
    decide(queue)
    assert (shown(queue), waiting(queue)) == ("B", "DA")


def test_silent_is_never_shown_and_never_counted() -> None:
    queue = queue_of(Tier.SILENT)
    assert (queue.shown, queue.open_hits, queue.closed_hits) == (None, [], [])


def test_later_leaves_it_open_and_it_comes_back_only_when_opened() -> None:
    queue = queue_of(Tier.IMMEDIATE, Tier.ROUTINE)
    queue.put_off("hit-A")
    assert shown(queue) == "B"
    queue.put_off("hit-B")
    assert shown(queue) is None
    assert [e.hit.read.vrm for e in queue.open_hits] == ["A", "B"]
    queue.open("hit-A")
    assert shown(queue) == "A"


def test_a_dismissed_hit_gives_way_to_any_new_one() -> None:
    queue = queue_of(Tier.IMMEDIATE)
    decide(queue, HitState.DISMISSED, leave=False)
    assert queue.arrive(sample_hit("Z", Tier.ROUTINE, "No insurance"), NONE)
    assert shown(queue) == "Z"
    assert [e.hit.read.vrm for e in queue.closed_hits] == ["A"]


@pytest.mark.parametrize("tier", [Tier.IMMEDIATE, Tier.PRIORITY, Tier.ROUTINE])
def test_what_is_read_to_control_stays_on_the_card_while_hits_no_more_urgent_come(tier: Tier) -> None:
    queue = queue_of(Tier.IMMEDIATE)
    decide(queue, leave=False)
    assert not queue.arrive(sample_hit("Z", tier, "No insurance"), NONE)
    assert (shown(queue), waiting(queue)) == ("A", "Z")
    assert queue.leave("hit-A")
    assert (shown(queue), waiting(queue)) == ("Z", "")


def test_a_higher_tier_takes_the_card_from_what_is_read_to_control() -> None:
    queue = queue_of(Tier.PRIORITY)
    decide(queue, leave=False)
    assert queue.arrive(sample_hit("Z", Tier.IMMEDIATE, "Stolen"), NONE)
    assert shown(queue) == "Z"


def test_a_confirmed_hit_gives_way_once_control_answered_or_it_is_known_what_was_done() -> None:
    said = Answer(ControlAnswer.CONFIRMED, "4821", sample_hit("A", Tier.ROUTINE, "").raised_at)
    for known in ({"answer": said}, {"disposition": Disposition.PASSED_TO_CONTROL}):
        queue = queue_of(Tier.PRIORITY)
        decide(queue, leave=False)
        queue.change(replace(queue.shown.hit, **known))  # type: ignore[arg-type,union-attr]
        assert queue.arrive(sample_hit("Z", Tier.ROUTINE, "No insurance"), NONE)
        assert shown(queue) == "Z"


def test_a_card_that_is_not_in_sight_keeps_no_hit_waiting() -> None:
    queue = queue_of(Tier.IMMEDIATE)
    decide(queue, leave=False)
    assert queue.arrive(sample_hit("Z", Tier.ROUTINE, "No insurance"), NONE, in_sight=False)
    assert shown(queue) == "Z"


def test_the_time_to_read_a_hit_to_control_ends() -> None:
    queue = queue_of(Tier.IMMEDIATE)
    decide(queue)
    queue.open("hit-A")
    assert not queue.release("hit-A")
    assert shown(queue) == "A", "nothing else came"
    assert queue.arrive(sample_hit("Y", Tier.ROUTINE, "No insurance"), NONE)
    queue.put_off("hit-Y")
    queue.open("hit-A")
    assert not queue.arrive(sample_hit("Z", Tier.ROUTINE, "No insurance"), NONE), "opened again, its time is new"
    assert queue.release("hit-A")
    assert shown(queue) == "Z"


def test_what_is_decided_anew_after_undo_has_its_time_again() -> None:
    queue = queue_of(Tier.PRIORITY)
    decide(queue)
    queue.open("hit-A")
    queue.release("hit-A")
    queue.change(replace(queue.shown.hit, state=HitState.ACKNOWLEDGED))  # type: ignore[union-attr]
    decide(queue, leave=False)
    assert not queue.arrive(sample_hit("Z", Tier.ROUTINE, "No insurance"), NONE)


def test_the_same_hit_twice_is_one() -> None:
    queue = queue_of(Tier.ROUTINE)
    assert not queue.arrive(sample_hit("A", Tier.ROUTINE, "Stolen"), NONE)
    assert len(queue.open_hits) == 1


def test_the_second_immediate_comes_before_a_routine_that_arrives() -> None:
    queue = queue_of(Tier.IMMEDIATE, Tier.IMMEDIATE)
    decide(queue, HitState.DISMISSED, leave=False)
    queue.arrive(sample_hit("R", Tier.ROUTINE, "No insurance"), NONE)
    assert (shown(queue), waiting(queue)) == ("B", "R")


def test_what_was_opened_over_comes_back_before_a_lower_tier_that_arrives() -> None:
    queue = queue_of(Tier.IMMEDIATE, Tier.ROUTINE)
    queue.open("hit-B")
    assert shown(queue) == "B"
    queue.arrive(sample_hit("P", Tier.PRIORITY, "Stolen"), NONE)
    assert (shown(queue), waiting(queue)) == ("A", "PB")


def test_a_timer_of_a_hit_that_left_the_card_moves_nothing() -> None:
    """CONFIRM starts ten seconds for a reason; an IMMEDIATE hit takes the card; the ten seconds end."""
    queue = queue_of(Tier.PRIORITY)
    decide(queue, leave=False)
    queue.arrive(sample_hit("Z", Tier.IMMEDIATE, "Stolen"), NONE)
    queue.leave("hit-A")
    assert shown(queue) == "Z"
    queue.leave("hit-Z")  # its own, while it is open
    assert shown(queue) == "Z"


def test_undo_does_not_put_a_higher_tier_behind() -> None:
    queue = queue_of(Tier.ROUTINE)
    routine = queue.shown.hit  # type: ignore[union-attr]
    decide(queue, leave=False)
    queue.arrive(sample_hit("Z", Tier.IMMEDIATE, "Stolen"), NONE)
    assert not queue.change(replace(routine, state=HitState.ACKNOWLEDGED))
    assert (shown(queue), waiting(queue)) == ("Z", "A")


def test_undo_brings_a_hit_that_was_put_off_and_decided_back_to_the_card() -> None:
    queue = queue_of(Tier.ROUTINE)
    routine = queue.shown.hit  # type: ignore[union-attr]
    queue.put_off("hit-A")
    queue.change(replace(routine, state=HitState.DISMISSED))
    assert queue.change(replace(routine, state=HitState.ACKNOWLEDGED))
    assert shown(queue) == "A"


def sign(queue: HitQueue) -> str | None:
    return queue.sign.hit.read.vrm if queue.sign else None


def test_the_sign_is_the_most_urgent_hit_whatever_the_card_shows() -> None:
    """A closed hit was opened from the list, then the car moved off."""
    queue = queue_of(Tier.PRIORITY)
    decide(queue)
    queue.arrive(sample_hit("Z", Tier.IMMEDIATE, "Stolen"), NONE)
    queue.open("hit-A")
    assert (shown(queue), sign(queue)) == ("A", "Z")


def test_what_was_seen_while_driving_is_on_the_card_when_the_car_stands() -> None:
    queue = queue_of(Tier.PRIORITY, Tier.ROUTINE)
    queue.see("hit-A")
    assert (sign(queue), queue.behind_sign, shown(queue)) == ("B", 0, "A")
    queue.see("hit-B")
    assert (sign(queue), shown(queue)) == (None, "A")
    queue.stand()
    assert (sign(queue), shown(queue)) == ("A", "A")


def test_the_sign_changes_for_a_higher_tier_and_not_for_its_own() -> None:
    queue = queue_of()
    queue.arrive(sample_hit("C", Tier.PRIORITY, "Stolen", listed="D"), NONE)  # CHECK
    queue.arrive(sample_hit("E", Tier.PRIORITY, "Stolen"), NONE)
    assert sign(queue) == "C"
    queue.arrive(sample_hit("I", Tier.IMMEDIATE, "Stolen"), NONE)
    assert sign(queue) == "I"
    queue.put_off("hit-I")
    assert sign(queue) == "E"


@given(st.lists(st.sampled_from(list(Tier)), max_size=8), st.lists(st.sampled_from("lcdo"), max_size=12))
def test_no_hit_is_ever_lost_and_the_card_never_hides_a_higher_tier_that_arrives(tiers: list[Tier], acts: str) -> None:
    queue = queue_of(*tiers)
    seen = [tier for tier in tiers if tier is not Tier.SILENT]
    assert queue.shown is None or queue.shown.hit.tier == min(seen)
    for act in acts:
        if queue.shown is None:
            break
        if act == "l":
            queue.put_off(queue.shown.hit_id)
        elif act == "o":
            queue.open(queue.open_hits[-1].hit_id if queue.open_hits else "none")
        elif queue.shown.hit.is_open:
            decide(queue, HitState.ACTIONED if act == "c" else HitState.DISMISSED)
        assert len(queue.open_hits) + len(queue.closed_hits) == len(seen)
        on_card = {queue.shown.hit_id} if queue.shown else set()
        assert not on_card & {entry.hit_id for entry in queue.waiting}
