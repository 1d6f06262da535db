"""Faults 6, 9, 12 and 15: a disk that is full, records that are damaged while in use, a second instance."""

import os
import random
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from filelock import FileLock

from patrol_anpr.domain.errors import RecordsFault
from patrol_anpr.domain.health import LampState
from patrol_anpr.domain.read import Evidence
from patrol_anpr.records.evidence import Pictures
from patrol_anpr.records.lock import LOCK_FILE
from tests.conftest import FakeClock
from tests.made import SHIFT
from tests.records.made import KEY, PATIENCE, PICTURES, Heard, a_hit, a_read, an_outcome, opened
from tests.records.mounted import ROOT, small_disk

BIG = Evidence(PICTURES.patch, PICTURES.overview + bytes(50_000))


def fill(folder: Path) -> Path:
    """Take every byte that is left on the disk."""
    filler = folder / "filler"
    with filler.open("wb", buffering=0) as stream:
        for size in (2**20, 65536, 4096, 1) * 2:
            try:
                while True:
                    stream.write(bytes(size))
            except OSError:
                os.fsync(stream.fileno())  # ext4 keeps some room until it knows where things lie
    return filler


def test_on_a_full_disk_reads_are_held_and_written_when_there_is_space(tmp_path: Path, clock: FakeClock) -> None:
    heard = Heard()
    with small_disk(tmp_path / "disk", 12) as disk, opened(disk / "records", clock, heard) as records:
        records.keep_read(a_read(1), BIG, [], SHIFT)
        assert records.flush(PATIENCE)
        filler = fill(disk)
        hit = a_hit(a_read(5), 5)
        for number in range(2, 40):
            records.keep_read(a_read(number), BIG, [hit] if number == 5 else [], SHIFT)
        records.keep_outcome(an_outcome(hit))
        records.audit("4821", "read.viewed", "read-1")
        assert heard.wait_for_word("Not recording")
        assert heard.lamps[-1].state is LampState.BAD
        assert heard.saved == ["read-1"]
        assert records.unwritten == 40
        assert [stored.read.read_id for stored in records.reads_page(None, 99)] == ["read-1"]
        filler.unlink()
        assert records.flush(PATIENCE)
        assert heard.saved == [f"read-{number}" for number in range(1, 40)]
        assert heard.lamps[-1].word == "Recording"
        assert all(records.evidence_of(f"read-{number}") == BIG for number in range(1, 40))
        assert len(records.outcomes("hit-5")) == 1
        assert records.verify_audit().whole
        # Nothing half-written is left where the space is short.
        assert {file.suffix for file in (disk / "records" / "pictures").iterdir()} == {".evidence"}


def test_a_full_disk_at_the_start_is_said_in_a_sentence(tmp_path: Path, clock: FakeClock) -> None:
    with small_disk(tmp_path / "disk", 1) as disk:
        (disk / "records").mkdir()
        fill(disk)
        with pytest.raises(RecordsFault, match=r"disk|space"), opened(disk / "records", clock):
            pass


def test_records_damaged_while_in_use_are_set_aside_and_recording_goes_on(tmp_path: Path, clock: FakeClock) -> None:
    heard = Heard()
    with opened(tmp_path, clock) as records:
        for number in range(1, 200):
            records.keep_read(a_read(number), Evidence(b"", b""), [], SHIFT)
    with opened(tmp_path, clock, heard) as records:
        assert records.flush(PATIENCE)
        file = tmp_path / "records.db"
        content = bytearray(file.read_bytes())
        content[4096:] = os.urandom(len(content) - 4096)
        with file.open("r+b") as stream:
            stream.write(content)
        for number in range(1000, 1100):
            records.keep_read(a_read(number), PICTURES, [], SHIFT)
        assert records.flush(PATIENCE)
        assert [lamp.word for lamp in heard.lamps[-2:]] == ["Not recording", "Records begun afresh"]
        kept = {stored.read.read_id for stored in records.reads_page(None, 10**4)}
        assert "damaged" in records.notices[-1]
    [aside] = (tmp_path / "damaged").iterdir()
    # What was saved before the damage was found lies with the damaged file, pictures and all.
    for number in range(1000, 1100):
        name = Pictures(tmp_path, KEY).file_of(f"read-{number}").name
        assert (tmp_path / "pictures" / name).exists() == (f"read-{number}" in kept)
        assert f"read-{number}" in kept or (aside / name).exists()


@pytest.mark.parametrize("seed", range(5))
def test_random_damage_never_stops_the_start_and_never_shows_wrong_rows(
    tmp_path: Path, clock: FakeClock, seed: int
) -> None:
    damage_somewhere(tmp_path, clock, random.Random(seed))


@pytest.mark.campaign
@pytest.mark.timeout(1800)
def test_random_damage_a_hundred_times(tmp_path: Path, clock: FakeClock) -> None:
    for seed in range(100):
        folder = tmp_path / str(seed)
        damage_somewhere(folder, clock, random.Random(1000 + seed))


def damage_somewhere(folder: Path, clock: FakeClock, chance: random.Random) -> None:
    given = [a_read(number) for number in range(1, 30)]
    with opened(folder, clock) as records:
        for read in given:
            records.keep_read(read, PICTURES, [], SHIFT)
    file = folder / "records.db"
    content = bytearray(file.read_bytes())
    if chance.random() < 0.3:
        del content[chance.randrange(1, len(content)) :]
    else:
        for _ in range(chance.randrange(1, 20)):
            content[chance.randrange(len(content))] ^= 1 << chance.randrange(8)
    file.write_bytes(content)
    with opened(folder, clock) as records:
        assert all(stored.read in given for stored in records.reads_page(None, 99))
        records.keep_read(a_read(77), PICTURES, [], SHIFT)
        assert records.flush(PATIENCE)
        assert records.evidence_of("read-77") == PICTURES


INSTANCES = """
import os, sys
from pathlib import Path
from patrol_anpr.domain.errors import RecordsFault
from patrol_anpr.records.lock import take_lock

def live():
    try:
        lock = take_lock(Path(sys.argv[1]))
    except RecordsFault as fault:
        os.write(1, f"refused {fault}\\n".encode())
    else:
        os.write(1, f"holds {os.getpid()}\\n".encode())
    os.read(0, 1)
    os._exit(0)

children = [os.fork() or live() for _ in range(20)]
for child in children:
    os.waitpid(child, 0)
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="forks the instances")
def test_of_20_instances_started_at_once_one_lives_and_its_death_frees_the_records(
    tmp_path: Path, clock: FakeClock
) -> None:
    started = [sys.executable, "-c", INSTANCES, str(tmp_path)]
    with subprocess.Popen(started, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        said = sorted(process.stdout.readline().strip() for _ in range(20))
        assert [line.split()[0] for line in said] == ["holds", *["refused"] * 19]
        assert all("already running" in line for line in said[1:])
        os.kill(int(said[0].split()[1]), signal.SIGKILL)
        free = FileLock(tmp_path / LOCK_FILE)
        with free.acquire(timeout=PATIENCE):
            pass
        with opened(tmp_path, clock) as records:
            assert records.flush(PATIENCE)
        process.communicate()
