import pytest

from patrol_anpr.alerting.sightings import STORM_LIMIT, STORM_WINDOW, Sightings, Verdict
from patrol_anpr.domain.hit import MatchKind
from patrol_anpr.domain.hotlist import Tier
from tests.alerting.made import make_hit

RE_ALERT = 300.0


def test_the_same_vehicle_sounds_once_until_the_time_is_up():
    sightings = Sightings(RE_ALERT)
    assert sightings.judge(make_hit(), 0.0) is Verdict.SOUND
    assert sightings.judge(make_hit(), 1.0) is Verdict.AGAIN
    assert sightings.judge(make_hit(), RE_ALERT - 0.1) is Verdict.AGAIN
    assert sightings.judge(make_hit(), RE_ALERT) is Verdict.SOUND


def test_another_vehicle_sounds():
    sightings = Sightings(RE_ALERT)
    assert sightings.judge(make_hit("AB12CDE"), 0.0) is Verdict.SOUND
    assert sightings.judge(make_hit("AB12CDF"), 0.0) is Verdict.SOUND


def test_a_mark_and_its_fold_are_one_vehicle():
    sightings = Sightings(RE_ALERT)
    sightings.judge(make_hit("OB10OOO"), 0.0)
    assert sightings.judge(make_hit("0B1O000"), 1.0) is Verdict.AGAIN


def test_a_tier_that_rises_sounds_again_and_one_that_falls_does_not():
    sightings = Sightings(RE_ALERT)
    sightings.judge(make_hit(tier=Tier.PRIORITY), 0.0)
    assert sightings.judge(make_hit(tier=Tier.ROUTINE), 1.0) is Verdict.AGAIN
    assert sightings.judge(make_hit(tier=Tier.IMMEDIATE), 2.0) is Verdict.SOUND
    assert sightings.judge(make_hit(tier=Tier.PRIORITY), 3.0) is Verdict.AGAIN


def test_an_exact_hit_sounds_after_a_check_but_a_check_not_after_an_exact_hit():
    check = make_hit(kind=MatchKind.CHECK, read_vrm="A812CDE")
    sightings = Sightings(RE_ALERT)
    assert sightings.judge(check, 0.0) is Verdict.SOUND
    assert sightings.judge(make_hit(), 1.0) is Verdict.SOUND
    assert sightings.judge(check, 2.0) is Verdict.AGAIN
    other = Sightings(RE_ALERT)
    other.judge(make_hit(), 0.0)
    assert other.judge(check, 1.0) is Verdict.AGAIN


def test_a_hit_that_did_not_sound_after_all_sounds_next_time():
    sightings = Sightings(RE_ALERT)
    for _ in range(2 * STORM_LIMIT):
        assert sightings.judge(make_hit(), 0.0) is Verdict.SOUND
        sightings.forget(make_hit())


@pytest.mark.parametrize("kind", [MatchKind.CHECK])
@pytest.mark.parametrize("tier", [Tier.IMMEDIATE, Tier.PRIORITY, Tier.ROUTINE])
def test_one_bad_entry_cannot_make_a_storm(tier, kind):
    sightings = Sightings(RE_ALERT)
    seen = [make_hit("1", tier, kind, read_vrm=f"{letter}1") for letter in "ABCDEFGHJK"]
    verdicts = [sightings.judge(hit, float(at)) for at, hit in enumerate(seen)]
    assert verdicts.count(Verdict.SOUND) == STORM_LIMIT
    assert verdicts[STORM_LIMIT:] == [Verdict.STORM] * (len(seen) - STORM_LIMIT)
    assert sightings.judge(make_hit("AB12CDE", tier, kind, read_vrm="A812CDE"), 11.0) is Verdict.SOUND
    assert sightings.judge(seen[-1], STORM_WINDOW + 1.0) is Verdict.SOUND


def test_an_exact_immediate_hit_is_never_limited():
    sightings = Sightings(re_alert=0.0)
    assert all(sightings.judge(make_hit(tier=Tier.IMMEDIATE), float(at)) is Verdict.SOUND for at in range(50))


def test_the_memory_of_a_long_shift_stays_small():
    sightings = Sightings(RE_ALERT)
    for number in range(5000):
        sightings.judge(make_hit(f"AB12{number:04d}"), 10.0 * number)
    assert len(sightings._sounded) < 100
    assert len(sightings._storms) < 100
