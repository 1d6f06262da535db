"""Faults 6 and 7 for the whole car: what is given up as a disk fills, in which order; and a disk out of files."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from patrol_anpr import build
from patrol_anpr.alerting.tones import load_tones
from patrol_anpr.domain.health import LampState
from patrol_anpr.domain.read import Evidence
from patrol_anpr.patrol.car import Car
from patrol_anpr.plumbing.disk import filling
from patrol_anpr.settings import Settings
from tests.alerting.made import TONES, TellingPlayer, WordsVoice
from tests.integration.cars import Depot, Heard, blind, driving, pictures, settings_of, sign_on, until, with_records_in
from tests.made import a_read
from tests.records.mounted import ext4_disk

MEGABYTE = 2**20
LISTED = tuple(f"TX{number:02}KZW" for number in range(20))
"""A mark for each hit: the same vehicle again would be no new sound."""
UNLISTED = "XT24ZPA"


@pytest.fixture
def player(monkeypatch: pytest.MonkeyPatch) -> TellingPlayer:
    blind(monkeypatch)
    player = TellingPlayer(dict(load_tones(TONES)))
    monkeypatch.setattr(build, "find_player", lambda: player)
    monkeypatch.setattr(build, "Voice", lambda clock, rate: WordsVoice())
    return player


@dataclass
class Drive:
    """Two vehicles at a time, the second one on the list; what each left behind."""

    car: Car
    heard: Heard
    player: TellingPlayer
    number: int = 0

    def pass_by(self) -> tuple[str, str]:
        """Make a Read without a hit and one with; both must be given to the records, the hit must sound."""
        self.number += 1
        number = self.number
        self.car.patrol.read_made(a_read(UNLISTED, read_id=f"plain-{number}"), self.evidence(number))
        [_] = self.car.patrol.read_made(a_read(LISTED[number], read_id=f"hit-{number}"), self.evidence(number))
        until(lambda: self.player.played.count("priority") == number)
        return f"plain-{number}", f"hit-{number}"

    def keeps(self, *, overview: bool, patch: bool) -> None:
        """Of the next Read without a hit these pictures are kept; of the one with a hit, all."""
        plain, hit = self.pass_by()
        assert self.car.records.flush(20)
        number = self.number
        assert self.car.records.evidence_of(hit) == self.evidence(number)
        kept = self.car.records.evidence_of(plain) or Evidence(b"", b"")
        assert (bool(kept.overview), bool(kept.patch)) == (overview, patch)

    @staticmethod
    def evidence(number: int) -> Evidence:
        return pictures(number)


class Filler:
    """Takes room on a disk until it is as full as it should be."""

    def __init__(self, disk: Path) -> None:
        self._disk, self._file = disk, (disk / "filler").open("wb", buffering=0)

    def until(self, percent: float) -> None:
        while filling(self._disk).by_bytes < percent:
            self._file.write(bytes(16 * 1024))

    def to_the_end(self) -> None:
        for size in (65536, 4096, 512) * 2:
            try:
                while True:
                    self._file.write(bytes(size))
            except OSError:
                pass

    def free(self, megabytes: float) -> None:
        self._file.truncate(self._file.tell() - int(megabytes * MEGABYTE))
        self._file.seek(0, 2)

    def close(self) -> None:
        self._file.close()


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    with ext4_disk(tmp_path / "disk", 60) as disk:
        yield disk


def on_disk(settings: Settings, disk: Path) -> Settings:
    moved = with_records_in(disk / "records", settings, reserve_megabytes=1)
    return Settings.model_validate(moved.model_dump() | {"alerting": {"sound": True}})


def word_of(car: Car, key: str) -> tuple[str, LampState]:
    return next((lamp.word, lamp.state) for lamp in car.patrol.lamps() if lamp.key == key)


def test_as_the_disk_fills_overviews_go_then_patches_then_it_says_that_nothing_is_saved(
    tmp_path: Path, disk: Path, player: TellingPlayer
) -> None:
    with Depot(tmp_path / "depot", LISTED) as depot:
        settings = on_disk(settings_of(tmp_path, depot=depot), disk)
        with driving(settings) as (car, heard):
            assert car.patrol.start_sync().result()
            sign_on(car)
            drive, filler = Drive(car, heard, player), Filler(disk)
            drive.keeps(overview=True, patch=True)

            known = len(heard.events)
            filler.until(92)
            heard.wait_lamp("disk", LampState.WARN, after=known)
            drive.keeps(overview=True, patch=True)
            assert word_of(car, "records") == ("Recording", LampState.GOOD)

            filler.until(97.2)
            heard.wait_lamp("disk", LampState.BAD, after=known)
            drive.keeps(overview=False, patch=True)
            assert word_of(car, "records") == ("Overviews not kept", LampState.WARN)

            filler.until(98.7)
            drive.keeps(overview=False, patch=False)
            assert word_of(car, "records") == ("Pictures not kept", LampState.WARN)
            assert car.records.given_up == 3

            known = len(heard.events)
            filler.to_the_end()
            drive.pass_by()
            heard.wait_lamp("records", LampState.BAD, after=known)
            assert word_of(car, "records")[0] == "Not recording"

            filler.free(6)
            assert car.records.flush(20)
            heard.wait_lamp("records", LampState.GOOD, after=known)
            drive.keeps(overview=True, patch=True)
            assert car.patrol.sign_off().result() == 0
            filler.close()
        held = depot.holds()
        held.assert_sound()
        assert len(held.reads) == 2 * drive.number
        told = {read.read_id: (bool(read.overview_sha256), bool(read.patch_sha256)) for read in held.reads}
        assert told["plain-3"] == (False, True)
        assert told["plain-4"] == (False, False)
        assert all(told[f"hit-{number}"] == (True, True) for number in range(1, drive.number + 1))
        reasons = [row.reason for row in held.audited("pictures.spared")]
        assert "no overviews of reads without a hit from now on; 1 pictures" in reasons[0]
        assert "no pictures of reads without a hit from now on; 2 pictures" in reasons[1]
        assert "all pictures are kept from now on" in reasons[2]


def test_a_disk_that_can_hold_no_more_files_is_told_and_facts_and_hits_go_on(
    tmp_path: Path, player: TellingPlayer
) -> None:
    with Depot(tmp_path / "depot", LISTED) as depot, ext4_disk(tmp_path / "disk", 60, files=128) as disk:
        settings = on_disk(settings_of(tmp_path, depot=depot), disk)
        with driving(settings) as (car, heard):
            assert car.patrol.start_sync().result()
            sign_on(car)
            drive = Drive(car, heard, player)
            drive.keeps(overview=True, patch=True)
            made: list[Path] = []
            while filling(disk).by_files < 98.5:
                made.append(disk / f"file-{len(made)}")
                made[-1].touch()
            _, lamp = heard.wait_lamp("disk", LampState.BAD)
            assert "number of files" in lamp.advice
            drive.keeps(overview=False, patch=False)

            known = len(heard.events)
            while filling(disk).by_files < 100:
                made.append(disk / f"file-{len(made)}")
                made[-1].touch()
            plain, hit = drive.pass_by()
            heard.wait_lamp("records", LampState.BAD, after=known)
            for file in made[:20]:
                file.unlink()
            assert car.records.flush(20)
            heard.wait_lamp("records", LampState.GOOD, LampState.WARN, after=known)
            assert car.records.evidence_of(hit) == drive.evidence(drive.number)
            assert {read.read.read_id for read in car.records.reads_page(None, 99)} >= {plain, hit}
            assert car.patrol.sign_off().result() == 0
        depot.holds().assert_sound()
