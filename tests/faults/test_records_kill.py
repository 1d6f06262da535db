"""Fault 1, 2, 11 and bar B1: the program is killed while it writes."""

import os
import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import FakeClock
from tests.records.campaign import Campaign, kill_many
from tests.records.made import opened

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="forks the writers it kills")


@pytest.fixture
def campaign() -> Iterator[Campaign]:
    with Campaign() as campaign:
        yield campaign


def test_no_acknowledged_read_is_lost_in_15_kills(tmp_path: Path, campaign: Campaign) -> None:
    slowest = kill_many(campaign, tmp_path, 15, random.Random(20261121))
    assert len(campaign.acked) > 50
    assert slowest < 10


def test_the_officer_is_told_what_was_recovered(tmp_path: Path, campaign: Campaign, clock: FakeClock) -> None:
    campaign.begin(tmp_path)
    campaign.hear(5)
    campaign.kill()
    with opened(tmp_path, clock) as records:
        kept = len(records.reads_page(None, 10**4))
        assert records.notices == [f"Patrol ANPR was cut off last time. Recovered: {kept} reads."]
    with opened(tmp_path, clock) as records:
        assert records.notices == []


@pytest.mark.campaign
@pytest.mark.timeout(1800)
def test_no_acknowledged_read_is_lost_in_300_kills(tmp_path: Path, campaign: Campaign) -> None:
    slowest = kill_many(campaign, tmp_path, 300, random.Random(300))
    print(f"300 kills, {len(campaign.acked)} acknowledged, none lost, slowest reopening {slowest * 1000:.0f} ms")
