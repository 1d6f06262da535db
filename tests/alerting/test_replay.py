"""The officer wants to hear a hit again: no mute, no limit and no earlier sound keeps it back."""

from patrol_anpr.alerting.announcer import Announcer
from patrol_anpr.domain.hotlist import Tier
from tests.alerting.made import TellingPlayer, make_hit, until
from tests.alerting.test_announcer import FORD, started


def test_it_is_the_sentence_alone_as_often_as_it_is_asked_for(announcer: Announcer, player: TellingPlayer) -> None:
    hit = make_hit()
    started(announcer, player).hit(hit)
    until(lambda: announcer.counts.spoken == 1)
    for times in (1, 2):
        announcer.replay(hit)
        until(lambda times=times: player.played.count(f"Priority. {FORD}") == 1 + times)
    assert player.played == ["priority", f"Priority. {FORD}", f"Priority. {FORD}", f"Priority. {FORD}"]
    assert announcer.counts.tones == 1


def test_it_is_heard_while_everything_is_muted(announcer: Announcer, player: TellingPlayer) -> None:
    started(announcer, player).set_muted(True)
    announcer.replay(make_hit(tier=Tier.ROUTINE))
    until(lambda: player.played == [f"Routine. {FORD}"])


def test_asked_for_twice_while_another_sounds_it_is_said_once(announcer: Announcer, player: TellingPlayer) -> None:
    player.hold = True
    started(announcer, player).hit(make_hit("CD34EFG", Tier.IMMEDIATE))
    until(lambda: player.played)
    hit = make_hit(tier=Tier.ROUTINE)
    announcer.replay(hit)
    announcer.replay(hit)
    player.release()
    announcer.hit(make_hit("EF56GHJ", Tier.ROUTINE))
    until(lambda: announcer.counts.spoken == 2)
    assert player.played.count(f"Routine. {FORD}") == 1


def test_a_more_urgent_hit_cuts_it_off_and_a_decision_ends_it(announcer: Announcer, player: TellingPlayer) -> None:
    player.hold = True
    hit = make_hit(tier=Tier.ROUTINE)
    started(announcer, player).replay(hit)
    until(lambda: player.played)
    announcer.hit(make_hit("CD34EFG", Tier.IMMEDIATE))
    until(lambda: "immediate" in player.played)
    announcer.acknowledge(hit.hit_id)
    player.release()
    until(lambda: announcer.counts.spoken == 1)
    assert player.played.count(f"Routine. {FORD}") == 1, "cut off, and not begun again once the officer has decided"


def test_it_takes_nothing_from_the_routine_hits_that_may_be_spoken(announcer: Announcer, player: TellingPlayer) -> None:
    started(announcer, player)
    for _ in range(20):
        announcer.replay(make_hit(tier=Tier.ROUTINE))
    announcer.hit(make_hit("CD34EFG", Tier.ROUTINE))
    until(lambda: announcer.counts.spoken == 1)
    assert announcer.counts.held == 0
