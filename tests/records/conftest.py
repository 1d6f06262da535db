"""Fixtures of this room."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from patrol_anpr.records import Records
from tests.conftest import FakeClock
from tests.records.made import Heard, opened


@pytest.fixture
def heard() -> Heard:
    return Heard()


@pytest.fixture
def records(tmp_path: Path, clock: FakeClock, heard: Heard) -> Iterator[Records]:
    with opened(tmp_path, clock, heard) as records:
        yield records
