"""A whole car on a disk that stays full: every hit is heard at once, every fact outlasts it, and it still closes."""

import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from patrol_anpr import build
from patrol_anpr.alerting.tones import load_tones
from patrol_anpr.alerting.turn import Turn
from patrol_anpr.build import build_car
from patrol_anpr.domain.errors import RecordsFault
from patrol_anpr.domain.health import Lamp, LampState
from patrol_anpr.domain.hit import HitState
from patrol_anpr.domain.read import Evidence
from patrol_anpr.patrol.car import Car
from patrol_anpr.patrol.shifts import Session
from patrol_anpr.records import Records, lamps
from patrol_anpr.records.vault import Vault
from patrol_anpr.settings import Settings
from patrol_anpr.vehicle.clock import SystemClock
from tests.alerting.made import TONES, TellingPlayer, WordsVoice
from tests.faults.test_records_disk import fill
from tests.integration.cars import (
    KEY,
    OFFICER,
    PATIENCE_S,
    PIN,
    Depot,
    Heard,
    blind,
    pictures,
    settings_of,
    sign_on,
    until,
)
from tests.made import a_read
from tests.records.made import opened
from tests.records.mounted import ext4_disk

MEGABYTE = 2**20
HIT_EVERY = 20
HEARD_WITHIN = 1.0
CLOSED_WITHIN = 5.0
UNLISTED = "XT24ZPA"
LISTED = tuple(f"TX{number % 100:02}{letter}ZW" for letter in "GHJKLM" for number in range(100))
"""A mark for each hit: the same vehicle again would be no new alert."""


class TimedPlayer(TellingPlayer):
    """Also notes when each tone was given to it, and takes no time over any."""

    def __init__(self) -> None:
        super().__init__(dict(load_tones(TONES)))
        self.hits_heard_at: list[float] = []

    def play(self, wav: bytes, turn: Turn) -> bool:
        if self._names.get(wav) == "priority":
            self.hits_heard_at.append(time.monotonic())
        return super().play(wav, turn)


@dataclass
class Drive:
    """Reads at a steady pace, one in twenty with a hit that the officer confirms."""

    car: Car
    session: Session
    player: TimedPlayer
    overview: bytes
    reads: int = 0
    hits: int = 0
    slowest: list[float] = field(default_factory=list)

    def go(self, reads: int, a_second: float) -> None:
        """Make so many Reads more; every hit must have been heard in time."""
        began, first = time.monotonic(), self.hits
        made_at: list[float] = []
        for number in range(reads):
            while (early := began + number / a_second - time.monotonic()) > 0:
                time.sleep(early)
            self.reads += 1
            with_hit = self.reads % HIT_EVERY == 0
            read = a_read(LISTED[self.hits] if with_hit else UNLISTED, read_id=f"read-{self.reads}")
            made = time.monotonic()
            [*hits] = self.car.patrol.read_made(read, Evidence(PATCH, self.overview))
            assert len(hits) == with_hit
            for hit in hits:
                made_at.append(made)
                self.hits += 1
                until(lambda: len(self.player.hits_heard_at) == self.hits, HEARD_WITHIN)
                self.session.confirm(hit.hit_id)
        heard_after = [heard - made for made, heard in zip(made_at, self.player.hits_heard_at[first:], strict=True)]
        assert max(heard_after) < HEARD_WITHIN
        self.slowest.append(max(heard_after))


PATCH = pictures(1).patch


@pytest.fixture
def player(monkeypatch: pytest.MonkeyPatch) -> TimedPlayer:
    blind(monkeypatch)
    player = TimedPlayer()
    monkeypatch.setattr(build, "find_player", lambda: player)
    monkeypatch.setattr(build, "Voice", lambda clock, rate: WordsVoice())
    return player


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    with ext4_disk(tmp_path / "disk", 700) as disk:
        yield disk


def lamp_of(car: Car) -> Lamp:
    return next(lamp for lamp in car.patrol.lamps() if lamp.key == lamps.KEY)


def given_up_of(records: Records, shift_id: str, drive: Drive) -> int:
    """Check that every fact is there, in order, with the pictures of the hits; return how many pictures are missing."""
    kept = [one.read.read_id for one in reversed(records.reads_page(None, 10**6))]
    assert kept == [f"read-{number}" for number in range(1, drive.reads + 1)]
    hits = records.hits(shift_id)
    assert [hit.match.voi.vrm for hit in reversed(hits)] == list(LISTED[: drive.hits])
    assert {hit.state for hit in hits} == {HitState.ACTIONED}
    assert all(len(records.outcomes(hit.hit_id)) == 1 for hit in hits)
    assert records.verify_audit().whole
    with_hit = {hit.read.read_id for hit in hits}
    missing = 0
    for read_id in kept:
        evidence = records.evidence_of(read_id) or Evidence(b"", b"")
        assert evidence.patch in (PATCH, b"")
        assert evidence.overview in (drive.overview, b"")
        missing += (not evidence.patch) + (not evidence.overview)
        assert read_id not in with_hit or (evidence.patch and evidence.overview)
    return missing


def long_on_a_full_disk(folder: Path, disk: Path, player: TimedPlayer, *, reads: int, a_second: float, kb: int) -> None:
    """Drive on a full disk until pictures are given up; then make room, fill it again, and close the program."""
    with Depot(folder / "depot", LISTED) as depot:
        tree = settings_of(disk, depot=depot).model_dump() | {"alerting": {"sound": True}}
        tree["records"]["reserve_megabytes"] = 32
        car = build_car(Settings.model_validate(tree), key=KEY, by_hand=True)
        heard = Heard()
        car.patrol.subscribe(heard)
        car.open(cameras=False)
        assert car.patrol.start_sync().result()
        session = sign_on(car)
        drive = Drive(car, session, player, pictures(1).overview + bytes(kb * 1024))
        drive.go(40, a_second)
        assert car.records.flush(PATIENCE_S)

        filler = fill(disk)
        drive.go(reads, a_second)
        heard.wait_lamp("records", LampState.BAD)
        until(lambda: lamp_of(car) == lamps.disk_full(car.records.given_up))
        given_up = car.records.given_up
        assert given_up > 0
        known = len(heard.events)
        filler.unlink()
        assert car.records.flush(240)
        heard.wait_lamp("records", LampState.GOOD, after=known)
        assert car.records.given_up == given_up
        assert given_up_of(car.records, session.shift.shift_id, drive) == given_up

        filler = fill(disk)
        known = len(heard.events)
        drive.go(reads // 5, a_second)
        heard.wait_lamp("records", LampState.BAD, after=known)
        began = time.monotonic()
        with suppress(RecordsFault):  # pictures may be lost at the end, and this says so
            car.close()
        seconds = time.monotonic() - began
        assert seconds < CLOSED_WITHIN
        filler.unlink()
        vault = Vault(disk / "records", KEY, bytes(32), SystemClock())
        assert vault.open(OFFICER, PIN), "the shift was not signed off"
        shift, key = vault.store()
        with opened(shift, SystemClock(), key=key) as records:
            assert given_up_of(records, session.shift.shift_id, drive) == car.records.given_up
        slowest = ", ".join(f"{1000 * one:.0f} ms" for one in drive.slowest)
        print(f"{drive.reads} reads, {drive.hits} hits, heard after at most {slowest}; {given_up} pictures given up by")
        print(f"the end of the first full disk, {car.records.given_up} in all; closed in {seconds:.1f} s")


def test_on_a_full_disk_a_car_alerts_keeps_every_fact_and_closes(
    tmp_path: Path, disk: Path, player: TimedPlayer
) -> None:
    long_on_a_full_disk(tmp_path, disk, player, reads=300, a_second=40, kb=1200)


@pytest.mark.campaign
@pytest.mark.timeout(1800)
def test_ten_minutes_on_a_full_disk_in_a_whole_car(tmp_path: Path, disk: Path, player: TimedPlayer) -> None:
    long_on_a_full_disk(tmp_path, disk, player, reads=6000, a_second=10, kb=100)
