from itertools import product

import pytest

from patrol_anpr.alerting.policy import POLICY
from patrol_anpr.alerting.tones import Tone
from patrol_anpr.domain.hit import MatchKind
from patrol_anpr.domain.hotlist import Tier

ROWS = list(product(Tier, MatchKind))


def test_there_is_a_row_for_every_tier_and_kind_and_no_other():
    assert set(POLICY) == set(ROWS)


@pytest.mark.parametrize(("tier", "kind"), ROWS)
def test_every_row_is_complete(tier, kind):
    row = POLICY[tier, kind]
    if tier is Tier.SILENT:
        assert (row.tone, row.speaks, row.repeat) == (None, False, 0)
        return
    assert row.tone is not None
    assert row.speaks
    assert row.repeat >= 1
    assert row.mutable is (tier is not Tier.IMMEDIATE)


def test_a_check_never_sounds_like_an_exact_hit():
    exact = {row.tone for (_, kind), row in POLICY.items() if kind is MatchKind.EXACT and row.tone}
    check = {row.tone for (_, kind), row in POLICY.items() if kind is MatchKind.CHECK and row.tone}
    assert check == {Tone.CHECK}
    assert not exact & check
    assert len(exact) == 3
