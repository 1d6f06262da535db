"""Fault 2 and bar B1 for the whole car: killed at any moment, restarted, uploaded; nothing lost and nothing twice."""

import json
import os
import random
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from patrol_anpr.domain.events import SyncProgress
from patrol_anpr.settings import Settings
from tests.faults.driving_car import vrm_of
from tests.integration.cars import LISTED, Depot, blind, driving, passing, settings_of, sign_on, write_clip

ROOT = Path(__file__).parents[2]
DEMO = ROOT / "assets" / "demo"
pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="forks the cars it kills")


class Drives:
    """The parent of the cars. `vrms` and `hits` (hit -> read) are what all cars told of, `acked` what was saved."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.faults.driving_car"],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            bufsize=1,
        )
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._orders, self._said = self._process.stdin, self._process.stdout
        self._car = 0
        self._news = threading.Condition()
        self._ended = True
        self.acked: list[str] = []
        self.vrms: dict[str, str] = {}
        self.hits: dict[str, str] = {}
        self._listener = threading.Thread(target=self._listen, name="drives")
        self._listener.start()

    def __enter__(self) -> "Drives":
        return self

    def __exit__(self, *_: object) -> None:
        self._orders.close()
        if self._car and not self._ended:
            os.kill(self._car, signal.SIGKILL)
        self._process.wait()
        self._listener.join()
        self._said.close()

    def begin(self, settings: Settings, first: int, *, video: bool = False, fault: str = "") -> None:
        """Start a car."""
        tree = settings.model_dump(mode="json")
        self._ended, self._car = False, 0
        self._orders.write(json.dumps({"settings": tree, "first": first, "video": video, "fault": fault}) + "\n")

    def forget(self) -> None:
        """Begin with another car: what the one before told is over."""
        self.acked, self.vrms, self.hits = [], {}, {}

    def hear(self, count: int, within: float) -> None:
        """Wait until `count` more Reads were acknowledged, or `within` seconds have passed."""
        with self._news:
            wanted = len(self.acked) + count
            self._news.wait_for(lambda: self._ended or (self._car and len(self.acked) >= wanted), within)
            assert not self._ended, "the car ended by itself"

    def kill(self) -> None:
        """End the car as a failing power supply would end it, and hear out what it had said."""
        with self._news:
            assert self._news.wait_for(lambda: self._car, 60)
            os.kill(self._car, signal.SIGKILL)
            assert self._news.wait_for(lambda: self._ended, 60)

    def _listen(self) -> None:
        for line in self._said:
            word, *rest = line.split()
            with self._news:
                match word:
                    case "car":
                        self._car = int(rest[0])
                    case "read":
                        self.vrms[rest[0]] = rest[1]
                    case "hit":
                        self.hits[rest[0]] = rest[1]
                    case "saved":
                        self.acked.append(rest[0])
                    case "gone":
                        self._ended = True
                self._news.notify_all()


@pytest.fixture
def drives() -> Iterator[Drives]:
    with Drives() as drives:
        yield drives


@pytest.fixture
def depot(tmp_path: Path) -> Iterator[Depot]:
    with Depot(tmp_path / "depot") as depot:
        yield depot


def fetch_lists(settings: Settings) -> None:
    """The evening before: the car gets its roster and its lists."""
    with driving(settings) as (car, _):
        assert car.patrol.start_sync().result()


def restart_and_upload(settings: Settings, drives: Drives, depot: Depot) -> None:
    """Start the car that was killed, check that it has everything it had acknowledged, send it, check the depot."""
    with driving(settings) as (car, heard):
        assert not any("damaged" in notice.advice for notice in car.notices)
        sign_on(car)  # the PIN opens what the shift had kept
        kept = {stored.read.read_id: stored.read.vrm for stored in car.records.reads_page(None, 10**6)}
        assert set(drives.acked) <= set(kept)
        assert all(kept[read_id] == vrm for read_id, vrm in drives.vrms.items() if read_id in kept)
        assert [read_id for read_id in kept if car.records.evidence_of(read_id) is None] == []
        assert car.patrol.start_upload().result() == 0, heard.of(SyncProgress)[-1].problem
        assert car.records.verify_audit().whole
    held = depot.holds()
    held.assert_sound()
    assert {read.read_id: read.vrm for read in held.reads} == kept
    told = {hit_id for hit_id, read_id in drives.hits.items() if read_id in kept}
    assert told <= {hit.hit_id for hit in held.hits}
    assert sorted(hit.read_id for hit in held.hits) == sorted(one for one, vrm in kept.items() if vrm in LISTED)


def kill_many(drives: Drives, depot: Depot, settings: Settings, kills: int, seed: int, *, fault: str = "") -> None:
    chance = random.Random(seed)
    for number in range(kills):
        drives.begin(settings, 1 + 10_000 * number, fault=fault)
        drives.hear(chance.randrange(0, 25), within=60)
        threading.Event().wait(chance.uniform(0, 0.05))
        drives.kill()
        restart_and_upload(settings, drives, depot)


@pytest.fixture
def settings(tmp_path: Path, depot: Depot, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """A car that has its lists; restarted by the test it needs no models."""
    blind(monkeypatch)
    settings = settings_of(tmp_path, depot=depot)
    fetch_lists(settings)
    return settings


def test_in_10_kills_nothing_acknowledged_is_lost_and_nothing_is_twice_at_the_depot(
    drives: Drives, depot: Depot, settings: Settings
) -> None:
    assert vrm_of(3) in LISTED
    kill_many(drives, depot, settings, 10, seed=20261121)
    assert len(drives.acked) > 50
    assert len(drives.hits) > 15


def test_a_car_that_reads_a_video_loses_nothing_when_killed(
    tmp_path: Path, drives: Drives, depot: Depot, settings: Settings
) -> None:
    clip = write_clip(tmp_path / "clip.avi", passing("TX64KZW", "XT24ZPA"))
    with_video = settings_of(tmp_path, depot=depot, cameras=[("front", str(clip))])
    for count in (1, 0, 2):
        drives.begin(with_video, 0, video=True)
        drives.hear(count, within=60)
        drives.kill()
        restart_and_upload(settings, drives, depot)
    assert len(drives.acked) >= 3
    assert {drives.vrms[read_id] for read_id in drives.hits.values()} == {"TX64KZW"}


def test_a_car_that_says_saved_before_it_is_would_be_found_out(
    drives: Drives, depot: Depot, settings: Settings
) -> None:
    """Only the power takes what synchronous = NORMAL has not written out yet; a kill leaves it with the system."""
    with pytest.raises(AssertionError, match="left set"):
        kill_many(drives, depot, settings, 10, seed=20261121, fault="hasty")


@pytest.mark.campaign
@pytest.mark.timeout(4 * 3600)
def test_in_1000_kills_nothing_is_lost(tmp_path: Path, drives: Drives, monkeypatch: pytest.MonkeyPatch) -> None:
    blind(monkeypatch)
    reads = hits = 0
    for block in range(40):  # each with a car and a depot of its own: both are checked whole after each kill
        with Depot(tmp_path / f"{block}" / "depot") as depot:
            settings = settings_of(tmp_path / f"{block}", depot=depot)
            fetch_lists(settings)
            kill_many(drives, depot, settings, 25, seed=block)
        reads, hits = reads + len(drives.acked), hits + len(drives.hits)
        print(f"{25 * (block + 1)} kills, {reads} reads acknowledged, {hits} hits: none lost, none twice, audit whole")
        drives.forget()


@pytest.mark.campaign
@pytest.mark.timeout(5400)
@pytest.mark.skipif(not (DEMO / "drive_day.mp4").exists(), reason="needs the demo drive")
def test_in_50_kills_in_the_middle_of_the_demo_drive_nothing_is_lost(
    tmp_path: Path, drives: Drives, depot: Depot, settings: Settings
) -> None:
    chance = random.Random(50)
    with_video = settings_of(tmp_path, depot=depot, cameras=[("front", str(DEMO / "drive_day.mp4"))])
    for _ in range(50):
        drives.begin(with_video, chance.randrange(0, 450), video=True)
        drives.hear(chance.randrange(0, 4), within=60)
        threading.Event().wait(chance.uniform(0, 1.5))
        drives.kill()
        restart_and_upload(settings, drives, depot)
    print(f"50 kills, {len(drives.acked)} reads acknowledged, {len(drives.hits)} hits, none lost, none twice")
