"""A stick, a depot and its car."""

import shutil
from pathlib import Path

import pytest

from patrol_anpr.lab.enrolled import enrolled
from tests.conftest import FakeClock
from tests.sticks.trips import Car, StickDepot


@pytest.fixture
def stick(tmp_path: Path) -> Path:
    folder = tmp_path / "stick"
    folder.mkdir()
    return folder


@pytest.fixture(scope="session")
def begun(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A depot that has published a list and enrolled a car: made once, and copied for each test."""
    work = tmp_path_factory.mktemp("begun")
    depot = StickDepot(work / "depot", work, FakeClock().utc)
    depot.publish()
    depot.officers("PC9001")
    enrolled(depot.folder, work / "TA14" / "identity", now=depot.now())
    return work


@pytest.fixture
def depot(begun: Path, tmp_path: Path, clock: FakeClock) -> StickDepot:
    shutil.copytree(begun, tmp_path, dirs_exist_ok=True)
    return StickDepot(tmp_path / "depot", tmp_path, clock.utc)


@pytest.fixture
def car(depot: StickDepot, stick: Path, clock: FakeClock) -> Car:
    return depot.car(stick, clock=clock)
