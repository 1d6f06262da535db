"""A hit of the past sounds as what it is: calmer than a vehicle that is here now, with how long ago it was seen."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from patrol_anpr.alerting.announcer import Announcer
from patrol_anpr.alerting.phrases import ago
from patrol_anpr.alerting.policy import POLICY, sounding_of
from patrol_anpr.alerting.tones import Tone
from patrol_anpr.domain.hit import Hit, MatchKind
from patrol_anpr.domain.hotlist import Tier
from patrol_anpr.domain.read import ENTERED
from tests.alerting.made import TellingPlayer, make_hit, until
from tests.alerting.test_announcer import FORD, started
from tests.conftest import FakeClock


def past(hit: Hit, clock: FakeClock, minutes: float = 12) -> Hit:
    seen = clock.utc() - timedelta(minutes=minutes)
    return replace(hit, past=True, read=replace(hit.read, captured_at=seen))


def test_the_age_comes_first_and_the_tone_is_not_that_of_a_vehicle_here_now(
    announcer: Announcer, player: TellingPlayer, clock: FakeClock
) -> None:
    started(announcer, player).hit(past(make_hit(tier=Tier.IMMEDIATE), clock))
    until(lambda: announcer.counts.spoken == 1)
    assert player.played == ["priority", f"Immediate. Seen 12 minutes ago. {FORD}"]


def test_a_check_of_the_past_is_possible_and_past(
    announcer: Announcer, player: TellingPlayer, clock: FakeClock
) -> None:
    started(announcer, player).hit(past(make_hit(kind=MatchKind.CHECK, read_vrm="A812CDE"), clock, minutes=1.5))
    until(lambda: announcer.counts.spoken == 1)
    assert player.played == ["check", f"Possible priority. Seen 1 minute ago. Check plate. List says {FORD}"]


def test_the_same_vehicle_here_now_sounds_a_moment_after_it_was_told_of_the_past(
    announcer: Announcer, player: TellingPlayer, clock: FakeClock
) -> None:
    hit = make_hit(tier=Tier.IMMEDIATE)
    started(announcer, player).hit(past(hit, clock))
    announcer.hit(past(replace(hit, hit_id="older"), clock, minutes=40))
    until(lambda: announcer.counts.spoken == 1)
    announcer.hit(replace(hit, hit_id="now"))
    until(lambda: announcer.counts.spoken == 2)
    assert player.played == ["priority", f"Immediate. Seen 12 minutes ago. {FORD}", "immediate", f"Immediate. {FORD}"]
    assert announcer.counts.repeats == 1, "of several looks in the past the newest is told"


def entered(hit: Hit) -> Hit:
    return replace(hit, read=replace(hit.read, camera_id=ENTERED))


def test_an_entered_mark_says_so_and_is_not_as_urgent_as_a_vehicle_that_a_camera_saw(
    announcer: Announcer, player: TellingPlayer, clock: FakeClock
) -> None:
    hit = make_hit(tier=Tier.IMMEDIATE)
    started(announcer, player).hit(entered(hit))
    until(lambda: announcer.counts.spoken == 1)
    announcer.hit(replace(hit, hit_id="now"))
    until(lambda: announcer.counts.spoken == 2)
    assert player.played == ["priority", f"Immediate. Entered by hand. {FORD}", "immediate", f"Immediate. {FORD}"]


def test_said_again_later_it_tells_the_age_of_then(
    announcer: Announcer, player: TellingPlayer, clock: FakeClock
) -> None:
    hit = past(make_hit(), clock)
    started(announcer, player)
    clock.advance(600)
    announcer.replay(hit)
    until(lambda: player.played == [f"Priority. Seen 22 minutes ago. {FORD}"])


@pytest.mark.parametrize("tier", Tier)
@pytest.mark.parametrize("kind", MatchKind)
def test_no_hit_of_the_past_has_the_urgent_tone_and_the_immediate_tier_is_never_muted(
    tier: Tier, kind: MatchKind
) -> None:
    now, then = POLICY[tier, kind], sounding_of(replace(make_hit(tier=tier, kind=kind), past=True))
    assert then.tone is not Tone.IMMEDIATE
    assert then.mutable is now.mutable
    assert (then.tone is None) == (now.tone is None)
    assert (then.tone is Tone.CHECK) == (now.tone is Tone.CHECK)
    assert then.repeat <= 1


@given(st.integers(0, 10**6))
def test_how_long_ago_is_told_in_one_plain_unit(seconds: int) -> None:
    words = ago(timedelta(seconds=seconds))
    assert words == "a moment ago" or words.split()[1] in ("minute", "minutes", "hour", "hours")
    assert words.endswith(" ago")
    assert (words == "1 minute ago") == (60 <= seconds < 120)
