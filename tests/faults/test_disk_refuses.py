"""Faults 8, 12 and bar B13: a disk that refuses, at every position of one read's life, and one that is read only."""

import errno
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from patrol_anpr.records import Records
from tests.conftest import FakeClock
from tests.made import SHIFT
from tests.records.made import KEY, PATIENCE, PICTURES, Heard, a_hit, a_proof, a_read, a_receipt, an_outcome, opened
from tests.records.mounted import ROOT, ext4_disk, forgetful_disk

DAYS = 8
"""After which a read that the depot holds is erased."""


def live(records: Records, clock: FakeClock, number: int) -> None:
    """One read's life: kept with its hit, decided, held by the depot, erased."""
    hit = a_hit(a_read(number), number)
    records.keep_read(a_read(number), PICTURES, [hit], None)
    records.keep_outcome(an_outcome(hit, number))
    records.audit("4821", "read.viewed", f"read-{number}")
    assert records.flush(PATIENCE), f"position {number}"
    assert records.evidence_of(f"read-{number}") == PICTURES
    items = records.outbox.next_batch(1000)
    assert {f"read:read-{number}", f"hit:hit-{number}", f"outcome:outcome-{number}"} <= {one.item_id for one in items}
    records.outbox.settle(a_proof([a_receipt(item) for item in items]), clock.utc())
    clock.advance(DAYS * 24 * 3600)
    records.purge(clock.utc(), clock.utc(), keep_days=DAYS - 1).result(PATIENCE)
    records.purge(clock.utc(), clock.utc(), keep_days=DAYS - 1).result(PATIENCE)
    assert records.flush(PATIENCE)


def fails_once_at(folder: Path, clock: FakeClock, error: int, *, step: int) -> int:
    """Let the disk fail once, at every `step`th change that a read's life makes; return how many it makes."""
    heard = Heard()
    with forgetful_disk(folder / "disk") as disk, opened(disk.folder, clock, heard) as records:
        assert records.flush(PATIENCE)
        disk.fail(0, 0)
        live(records, clock, 0)
        positions = disk.changes()
        lives = range(1, positions + 1, step)
        for number in lives:
            disk.fail(number, error)
            live(records, clock, number)
            disk.fail(10_000 + number, error)  # so far away that it fails nothing
        assert heard.saved == ["read-0", *(f"read-{number}" for number in lives)]
        assert records.reads_page(None, 10) == []
        assert records.verify_audit().whole
        assert heard.lamps[-1].word == "Recording"
    return positions


def test_a_disk_that_fails_once_in_a_reads_life_ends_in_the_same_place(tmp_path: Path, clock: FakeClock) -> None:
    assert fails_once_at(tmp_path, clock, errno.EIO, step=9) > 15


@pytest.mark.campaign
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("error", [errno.EIO, errno.ENOSPC])
def test_a_disk_that_fails_once_at_every_position_of_a_reads_life_ends_in_the_same_place(
    tmp_path: Path, clock: FakeClock, error: int
) -> None:
    positions = fails_once_at(tmp_path, clock, error, step=1)
    print(f"{errno.errorcode[error]} at each of {positions} changes of a read's life: no false word, nothing lost")


def test_a_disk_that_becomes_read_only_while_in_use_is_told_and_all_is_saved_when_it_is_back(
    tmp_path: Path, clock: FakeClock
) -> None:
    heard = Heard()
    with forgetful_disk(tmp_path / "disk") as disk, opened(disk.folder, clock, heard) as records:
        records.keep_read(a_read(1), PICTURES, [], SHIFT)
        assert records.flush(PATIENCE)
        disk.refuse(errno.EROFS)
        records.keep_read(a_read(2), PICTURES, [a_hit(a_read(2), 2)], SHIFT)
        assert heard.wait_for_word("Not recording")
        assert heard.saved == ["read-1"]
        assert [one.read.read_id for one in records.reads_page(None, 9)] == ["read-1"]
        assert [hit.hit_id for hit in records.hits(SHIFT)] == ["hit-2"]
        disk.refuse(0)
        assert records.flush(PATIENCE)
        assert heard.saved == ["read-1", "read-2"]
        assert heard.lamps[-1].word == "Recording"
        assert records.evidence_of("read-2") == PICTURES


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    with ext4_disk(tmp_path / "disk", 40) as disk:
        yield disk


def remounted(disk: Path, how: str) -> None:
    subprocess.run(["mount", "-o", f"remount,{how}", str(disk)], check=True)


def test_a_car_that_starts_on_a_disk_mounted_read_only_records_once_it_is_writable(
    disk: Path, clock: FakeClock
) -> None:
    heard = Heard()
    with opened(disk / "records", clock) as records:
        records.keep_read(a_read(1), PICTURES, [], SHIFT)
    remounted(disk, "ro")
    records = Records.open_or_later(disk / "records", lambda: KEY, clock, heard.on_saved, heard.on_lamp)
    records.start()
    try:
        records.keep_read(a_read(2), PICTURES, [], SHIFT)
        assert heard.wait_for_word("Not recording")
        assert heard.saved == []
        remounted(disk, "rw")
        assert records.flush(PATIENCE)
        assert heard.saved == ["read-2"]
        assert {one.read.read_id for one in records.reads_page(None, 9)} == {"read-1", "read-2"}
    finally:
        records.stop()


LIFE = """
import sys
from pathlib import Path
from tests.conftest import FakeClock
from tests.records.made import *
saved = []
with opened(Path(sys.argv[1]), FakeClock(), Heard(saved)) as records:
    for number in range(3):
        records.keep_read(a_read(number), PICTURES, [a_hit(a_read(number), number)], None)
        assert records.flush(60)
    print(*saved)
"""


def traced(folder: Path, inject: str) -> "subprocess.CompletedProcess[str]":
    """Keep three Reads in a process of its own, where the system's calls on these files fail as `inject` says."""
    if shutil.which("strace") is None:
        pytest.skip("strace is not installed")
    calls = inject.partition(":")[0]
    return subprocess.run(
        ["strace", "-f", "-qq", "-o", "/dev/null", "-e", f"trace={calls}", "-e", f"inject={inject}"]
        + [part for name in ("records.db", "records.db-wal") for part in ("-P", str(folder / name))]
        + [sys.executable, "-c", LIFE, str(folder)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=110,
    )


def fails_at(folder: Path, clock: FakeClock, call: str, number: int) -> None:
    """Nothing is acknowledged that is not there; what the failing call cut off is there too, without a restart."""
    ran = traced(folder, f"{call}:error=EIO:when={number}")
    if "PTRACE" in ran.stderr or "ptrace" in ran.stderr:
        pytest.skip("this machine lets nobody trace a process")
    with opened(folder, clock) as records:
        kept = {one.read.read_id for one in records.reads_page(None, 9)}
        assert set(ran.stdout.split()) <= kept
        assert records.verify_audit().whole
    if ran.returncode:  # it fell into the opening: that is said in a sentence, and the next start has all there was
        assert "RecordsFault" in ran.stderr, ran.stderr
    else:
        assert ran.stdout.split() == [f"read-{each}" for each in range(3)]


@pytest.mark.skipif(sys.platform != "linux", reason="strace is of Linux")
def test_a_real_file_system_that_fails_at_a_sync_leads_to_no_false_word(tmp_path: Path, clock: FakeClock) -> None:
    fails_at(tmp_path / "records", clock, "fdatasync", 6)


@pytest.mark.campaign
@pytest.mark.timeout(3600)
@pytest.mark.skipif(sys.platform != "linux", reason="strace is of Linux")
@pytest.mark.parametrize("call", ["fdatasync", "fsync", "pwrite64"])
def test_a_real_file_system_that_fails_at_any_call_leads_to_no_false_word(
    tmp_path: Path, clock: FakeClock, call: str
) -> None:
    for number in range(1, 61):
        fails_at(tmp_path / f"records-{number}", clock, call, number)
    print(f"{call}: failed at each of 60 positions, no false word, nothing lost")
