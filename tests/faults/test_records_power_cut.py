"""Fault 1, 8, 13 and bars B2, B13: the power is cut, and the disk fails or stalls, under the writer."""

import errno
import os
import random
import time
from pathlib import Path

import pytest

from patrol_anpr.domain.errors import RecordsFault
from patrol_anpr.records import Records
from tests.conftest import FakeClock
from tests.made import SHIFT
from tests.records.campaign import Campaign, check, missing
from tests.records.made import KEY, PATIENCE, PICTURES, Heard, a_hit, a_read, opened
from tests.records.mounted import forgetful_disk

forks = pytest.mark.skipif(not hasattr(os, "fork"), reason="forks the writers it cuts off")


def cut_once(folder: Path, campaign: Campaign, synchronous: str, acks: int) -> Path:
    """Cut the power under a writer after some acknowledgements; return what the disk held."""
    left = folder / "left"
    with forgetful_disk(folder / "disk") as disk:
        campaign.begin(disk.folder, synchronous)
        campaign.hear(acks)
        disk.cut(left)
        campaign.kill()
    return left


def cut_many(folder: Path, cuts: int, chance: random.Random) -> int:
    """Cut the power many times, each time under fresh records; return how many Reads were acknowledged."""
    with Campaign() as campaign:
        for number in range(cuts):
            (folder / str(number)).mkdir()
            before = len(campaign.acked)
            left = cut_once(folder / str(number), campaign, "FULL", chance.randrange(0, 40))
            check(left, campaign.acked[before:])
        return len(campaign.acked)


@forks
def test_no_acknowledged_read_is_lost_when_the_power_is_cut(tmp_path: Path) -> None:
    assert cut_many(tmp_path, 3, random.Random(1)) > 0


@forks
def test_this_test_has_teeth(tmp_path: Path) -> None:
    """With synchronous=NORMAL the same cuts lose what was acknowledged."""
    with Campaign() as campaign:
        left = cut_once(tmp_path, campaign, "NORMAL", 30)
        with opened(left, FakeClock()) as records:
            assert missing(records, campaign.acked) != []


@forks
@pytest.mark.campaign
@pytest.mark.timeout(3600)
def test_no_acknowledged_read_is_lost_in_200_cuts(tmp_path: Path) -> None:
    acked = cut_many(tmp_path, 200, random.Random(200))
    print(f"200 cuts, {acked} acknowledged, none lost")


@pytest.mark.parametrize("error", [errno.EIO, errno.ENOSPC])
def test_no_failing_write_or_fsync_leads_to_a_false_acknowledgement(tmp_path: Path, error: int) -> None:
    """The disk fails once, at every change in turn that the saving of a Read makes; each time it is saved after all."""
    with forgetful_disk(tmp_path / "disk") as disk:
        folder = disk.folder
        heard = Heard()
        records = Records.open(folder, KEY, FakeClock(), heard.on_saved, heard.on_lamp)
        records.start()
        try:
            assert records.flush(PATIENCE)
            disk.fail(0, 0)
            records.keep_read(a_read(0), PICTURES, [a_hit(a_read(0), 0)], SHIFT)
            assert records.flush(PATIENCE)
            positions = disk.changes()
            assert positions >= 6
            for number in range(1, positions + 1):
                disk.fail(number, error)
                records.keep_read(a_read(number), PICTURES, [a_hit(a_read(number), number)], SHIFT)
                assert records.flush(PATIENCE), f"position {number}"
            disk.cut(tmp_path / "left")
        finally:
            records.stop()
    assert heard.saved == [f"read-{number}" for number in range(positions + 1)]
    assert heard.wait_for_word("Not recording")
    with opened(tmp_path / "left", FakeClock()) as left:
        for number in range(positions + 1):
            assert left.evidence_of(f"read-{number}") == PICTURES
        assert [stored.read for stored in left.reads_page(None, 10**3)] == [a_read(n) for n in range(positions, -1, -1)]
        assert left.verify_audit().whole


def test_a_disk_that_stalls_delays_the_word_saved_and_nothing_else(tmp_path: Path) -> None:
    with forgetful_disk(tmp_path / "disk") as disk:
        heard = Heard()
        with opened(disk.folder, FakeClock(), heard) as records:
            assert records.flush(PATIENCE)
            disk.slow(2000)
            began = time.perf_counter()
            for number in range(4):
                records.keep_read(a_read(number), PICTURES, [], SHIFT)
            assert time.perf_counter() - began < 2
            assert heard.saved == []
            assert not records.flush(0.01)
            disk.slow(0)
            assert records.flush(PATIENCE)
            assert heard.saved == [f"read-{number}" for number in range(4)]


@pytest.mark.parametrize("again", [False, True], ids=["new records", "records of before"])
def test_whatever_fails_at_the_start_is_a_sentence_and_harms_nothing(tmp_path: Path, again: bool) -> None:
    """The disk fails once, at every change in turn that opening makes; after that the records open, all there."""
    with forgetful_disk(tmp_path / "disk") as disk:
        for number in range(1, 200):
            folder = disk.folder / (f"records-{number}" if not again else "records")
            if again and number == 1:
                with opened(folder, FakeClock()) as records:
                    records.keep_read(a_read(1), PICTURES, [], None)
            disk.fail(number, errno.EIO)
            said, changes = "", number
            try:
                Records.open(folder, KEY, FakeClock(), print, lambda lamp: None).stop()
                changes = disk.changes()
            except RecordsFault as fault:
                said = str(fault)
            assert not said or said.endswith(".")
            disk.fail(10_000 + number, errno.EIO)  # so far away that it fails nothing
            with opened(folder, FakeClock()) as records:
                assert not any("damaged" in notice for notice in records.notices)
                assert len(records.reads_page(None, 9)) == again
            if changes < number:
                break
        assert number > 5
