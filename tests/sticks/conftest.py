"""A stick, a depot and its car."""

from pathlib import Path

import pytest

from tests.sticks.trips import Car, StickDepot


@pytest.fixture
def stick(tmp_path: Path) -> Path:
    folder = tmp_path / "stick"
    folder.mkdir()
    return folder


@pytest.fixture
def depot(tmp_path: Path, clock) -> StickDepot:
    depot = StickDepot(tmp_path / "depot", tmp_path, clock.utc)
    depot.publish()
    return depot


@pytest.fixture
def car(depot: StickDepot, stick: Path, clock) -> Car:
    return depot.car(stick, clock=clock)
