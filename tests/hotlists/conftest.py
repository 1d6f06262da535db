"""Lists made on the spot. All marks are invented."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from patrol_anpr.domain.hotlist import Hotlist, Tier, Voi
from patrol_anpr.hotlists.building import build_list
from patrol_anpr.hotlists.importer import Entry
from patrol_anpr.hotlists.list_key import ListKey
from patrol_anpr.hotlists.shipped import ShippedList

KEY = ListKey(bytes(range(32)))
HEAD = Hotlist("stolen", "Stolen vehicles", "Depot", 7, Tier.PRIORITY, datetime(2026, 11, 21, 6, 0, tzinfo=UTC))

Listed = Callable[..., ShippedList]


@pytest.fixture
def listed(tmp_path: Path) -> Iterator[Listed]:
    """Build and open a list of VOIs (a bare text stands for one of the PRIORITY tier)."""
    opened: list[ShippedList] = []

    def build(*vois: Voi | str, head: Hotlist = HEAD, key: ListKey = KEY) -> ShippedList:
        entries = [
            Entry(number, Voi(voi, tier=Tier.PRIORITY) if isinstance(voi, str) else voi)
            for number, voi in enumerate(vois, start=1)
        ]
        path = tmp_path / f"{len(opened)}.voi"
        build_list(entries, path, head, key)
        opened.append(ShippedList.open(path, key))
        return opened[-1]

    yield build
    for index in opened:
        index.close()
