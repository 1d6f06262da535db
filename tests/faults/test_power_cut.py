"""Fault 1 and bar B2 for the whole car: the power is cut at any moment, the car goes on with what its disk still held.

Its disk keeps only what was fsynced (tests/records/forgetful_disk.py).
"""

import os
import random
import shutil
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from patrol_anpr.settings import Settings
from tests.faults.test_kill import Drives, restart_and_upload
from tests.integration.cars import Depot, blind, settings_of
from tests.records.mounted import forgetful_disk

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="forks the cars it cuts off")


@pytest.fixture(autouse=True)
def without_models(monkeypatch: pytest.MonkeyPatch) -> None:
    blind(monkeypatch)


def enrolled_in(folder: Path, settings: Settings, depot: Depot) -> Settings:
    """The same car with its records in another folder, enrolled there as a car is: a copy would not outlast the cut."""
    tree = settings.model_dump()
    tree["records"] |= {"folder": folder / "records", "reserve_megabytes": 0}
    moved = Settings.model_validate(tree)
    depot.enrol(moved)
    return moved


def cut_many(folder: Path, drives: Drives, cuts: int, seed: int, *, fault: str = "") -> None:
    """Drive, cut the power, see what is left and send it, drive on with that; again and again."""
    chance = random.Random(seed)
    left = folder / "left"
    with Depot(folder / "depot") as depot:
        settings = settings_of(folder, depot=depot)
        for number in range(cuts):
            with forgetful_disk(folder / f"disk-{number}") as disk:
                if left.exists():
                    disk.pour_in(left)
                    shutil.rmtree(left)
                drives.begin(enrolled_in(disk.folder, settings, depot), 1 + 10_000 * number, fault=fault)
                drives.hear(1 + chance.randrange(0, 25), within=60)
                threading.Event().wait(chance.uniform(0, 0.05))
                disk.cut(left)
                drives.kill()
            restart_and_upload(enrolled_in(left, settings, depot), drives, depot)


@pytest.fixture(scope="module")
def drives() -> Iterator[Drives]:
    with Drives() as drives:
        yield drives


@pytest.fixture(autouse=True)
def another_car(drives: Drives) -> None:
    drives.forget()


def test_when_the_power_is_cut_nothing_acknowledged_is_lost_and_nothing_is_twice_at_the_depot(
    tmp_path: Path, drives: Drives
) -> None:
    cut_many(tmp_path, drives, 2, seed=3)
    assert len(drives.acked) > 10


def test_with_synchronous_normal_what_was_acknowledged_is_lost(tmp_path: Path, drives: Drives) -> None:
    with pytest.raises(AssertionError, match="left set"):
        cut_many(tmp_path, drives, 5, seed=3, fault="normal")


@pytest.mark.campaign
@pytest.mark.timeout(4 * 3600)
def test_in_500_cuts_nothing_is_lost(tmp_path: Path, drives: Drives) -> None:
    reads = hits = 0
    for block in range(25):  # each with a car and a depot of its own: both are checked whole after each cut
        cut_many(tmp_path / f"{block}", drives, 20, seed=block)
        reads, hits = reads + len(drives.acked), hits + len(drives.hits)
        print(f"{20 * (block + 1)} cuts, {reads} reads acknowledged, {hits} hits: none lost, none twice, audit whole")
        drives.forget()
