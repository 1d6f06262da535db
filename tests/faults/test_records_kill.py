"""Fault 1, 2, 11 and bar B1: the program is killed while it writes."""

import os
import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.records.campaign import Campaign, kill_many

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="forks the writers it kills")


@pytest.fixture
def campaign() -> Iterator[Campaign]:
    with Campaign() as campaign:
        yield campaign


def test_no_acknowledged_read_is_lost_in_15_kills(tmp_path: Path, campaign: Campaign) -> None:
    slowest = kill_many(campaign, tmp_path, 15, random.Random(20261121))
    assert len(campaign.acked) > 50
    assert slowest < 10


@pytest.mark.campaign
@pytest.mark.timeout(1800)
def test_no_acknowledged_read_is_lost_in_300_kills(tmp_path: Path, campaign: Campaign) -> None:
    slowest = kill_many(campaign, tmp_path, 300, random.Random(300))
    print(f"300 kills, {len(campaign.acked)} acknowledged, none lost, slowest reopening {slowest * 1000:.0f} ms")
