"""A disk that stays full: nobody waits for it, no fact is lost, and what had to be given up is counted."""

import shutil
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from sqlalchemy import Connection

from patrol_anpr.domain.errors import RecordsFault
from patrol_anpr.domain.health import OF_THE_START, LampState
from patrol_anpr.domain.hit import HitState
from patrol_anpr.domain.read import Evidence
from patrol_anpr.domain.shift import Officer
from patrol_anpr.records import Key, Records, lamps, queries
from patrol_anpr.records.lock import AlreadyRunning
from tests.conftest import FakeClock
from tests.faults.test_records_disk import fill
from tests.made import SHIFT
from tests.records.made import (
    KEY,
    PATIENCE,
    PICTURES,
    Heard,
    a_hit,
    a_proof,
    a_read,
    a_receipt,
    a_shift,
    an_outcome,
    opened,
)
from tests.records.mounted import ext4_disk, small_disk

OVERVIEW = PICTURES.overview + bytes(100_000)
BIG = Evidence(PICTURES.patch, OVERVIEW)
MEGABYTE = 2**20
SLOWEST_CALL = 0.05
"""Seconds. One in a hundred may be slower: the machine of the tests has other work, too."""
SLOWEST_OF_ALL = 1.0
HIT_EVERY = 20
AN_OFFICER = Officer("4821", "A. Example", "hash")


@dataclass
class Drive:
    """Reads as they come, one in twenty with a hit that is confirmed at once; how long each call took."""

    records: Records
    seconds: list[float] = field(default_factory=list)

    def keep(self, first: int, last: int) -> None:
        for number in range(first, last):
            read = a_read(number)
            hits = [a_hit(read, number)] if number % HIT_EVERY == 0 else []
            began = time.perf_counter()
            self.records.keep_read(read, BIG, hits, SHIFT)
            for hit in hits:
                self.records.keep_outcome(an_outcome(hit, number))
            self.records.waiting()
            self.seconds.append(time.perf_counter() - began)


def assert_all_there(records: Records, first: int, last: int, given_up: int) -> None:
    """Every fact, in order; every picture of a hit; and as many others missing as were counted."""
    kept = [one.read for one in reversed(records.reads_page(None, 10**6))]
    assert [read.read_id for read in kept] == [f"read-{number}" for number in range(first, last)]
    evidence = [records.evidence_of(read.read_id) or Evidence(b"", b"") for read in kept]
    assert sum((not one.patch) + (not one.overview) for one in evidence) == given_up
    hits = {hit.read.read_id: hit for hit in records.hits(SHIFT)}
    assert set(hits) == {read.read_id for read in kept if int(read.read_id[5:]) % HIT_EVERY == 0}
    assert {hit.state for hit in hits.values()} == {HitState.ACTIONED}
    assert all(one == BIG for read, one in zip(kept, evidence, strict=True) if read.read_id in hits)
    # A patch goes only after every overview is gone.
    assert all(one.patch for one in evidence)
    assert records.verify_audit().whole


def long_on_a_full_disk(folder: Path, clock: FakeClock, reads: int, most_bytes: int, pace: float) -> None:
    heard = Heard()
    with small_disk(folder / "disk", max(40, reads // 20)) as disk:
        records = Records.open(
            disk / "records", KEY, clock, heard.on_saved, heard.on_lamp, reserve=MEGABYTE, most_bytes=most_bytes
        )
        records.start()
        drive = Drive(records)
        drive.keep(1, 10)
        assert records.flush(PATIENCE)
        filler = fill(disk)
        began = time.perf_counter()
        for number in range(10, reads):
            drive.keep(number, number + 1)
            if pace:
                time.sleep(max(0.0, began + (number - 9) * pace - time.perf_counter()))
        assert sorted(drive.seconds)[int(0.99 * len(drive.seconds))] < SLOWEST_CALL
        assert max(drive.seconds) < SLOWEST_OF_ALL
        with heard.changed:
            assert heard.changed.wait_for(lambda: heard.lamps[-1] == lamps.disk_full(records.given_up), PATIENCE)
        given_up = records.given_up
        assert given_up > 0
        assert f"Disk full: {given_up} pictures given up" == heard.lamps[-1].word
        assert heard.lamps[-1].state is LampState.BAD
        summary = records.summary(SHIFT)
        assert (summary.reads, summary.confirmed) == (reads - 1, (reads - 1) // HIT_EVERY)

        filler.unlink()
        assert records.flush(240)
        assert heard.lamps[-1].state is LampState.GOOD
        assert records.given_up == given_up
        assert_all_there(records, 1, reads, given_up)
        assert records.flush(PATIENCE)
        assert records.waiting() == records.outbox.waiting() == len(records.outbox.next_batch(10**6))
        began = time.perf_counter()
        assert records.stop() == ""
        assert time.perf_counter() - began < 5


def test_on_a_disk_that_stays_full_no_call_waits_and_no_fact_is_lost(tmp_path: Path, clock: FakeClock) -> None:
    long_on_a_full_disk(tmp_path, clock, 400, 12 * MEGABYTE, pace=0)


@pytest.mark.campaign
@pytest.mark.timeout(1800)
def test_ten_minutes_of_ten_reads_a_second_on_a_full_disk(tmp_path: Path, clock: FakeClock) -> None:
    long_on_a_full_disk(tmp_path, clock, 6000, 64 * MEGABYTE, pace=0.1)


@pytest.fixture
def full(tmp_path: Path) -> Iterator[Path]:
    """A folder on a disk that is full but for what the records of an earlier run had set by."""
    with small_disk(tmp_path / "disk", 64) as disk:
        yield disk


def test_closing_on_a_full_disk_saves_every_fact_in_the_room_set_by(full: Path, clock: FakeClock) -> None:
    heard = Heard()
    records = Records.open(full / "records", KEY, clock, heard.on_saved, heard.on_lamp, reserve=64 * MEGABYTE)
    records.start()
    records.start_shift(a_shift())
    assert records.flush(PATIENCE)
    filler = fill(full)
    drive = Drive(records)
    drive.keep(1, 200)
    assert heard.wait_for_word("Not recording")
    began = time.perf_counter()
    said = records.stop()
    assert time.perf_counter() - began < 5
    assert said.startswith(f"Lost: {records.given_up} pictures. They could not be saved")
    filler.unlink()
    with opened(full / "records", clock) as again:
        kept = [one.read.read_id for one in reversed(again.reads_page(None, 1000))]
        assert kept == [f"read-{number}" for number in range(1, 200)]
        assert len(again.hits(SHIFT)) == 9
        assert again.verify_audit().whole
        assert again.notices == []
        given_up = [item.payload for item in again.outbox.next_batch(10**4) if b"pictures.given_up" in item.payload]
        assert len(given_up) == 1
        assert f"{records.given_up} pictures".encode() in given_up[0]


@pytest.mark.campaign
def test_closing_after_ten_minutes_on_a_full_disk_takes_seconds(tmp_path: Path, clock: FakeClock) -> None:
    """The facts of 6,000 Reads are written then: this is also about how fast the writer is."""
    heard = Heard()
    with ext4_disk(tmp_path / "disk", 700) as disk:
        records = Records.open(disk / "records", KEY, clock, heard.on_saved, heard.on_lamp, reserve=32 * MEGABYTE)
        records.start()
        assert records.flush(PATIENCE)
        filler = fill(disk)
        Drive(records).keep(1, 6001)
        assert records.unwritten > 6000
        began = time.perf_counter()
        assert records.stop().startswith("Lost: 12000 pictures.")
        assert time.perf_counter() - began < 5
        filler.unlink()
        with opened(disk / "records", clock) as again:
            assert len(again.reads_page(None, 10**4)) == 6000
            assert again.verify_audit().whole


def test_what_cannot_even_be_saved_at_the_end_is_counted_and_told(full: Path, clock: FakeClock) -> None:
    records = Records.open(full / "records", KEY, clock, print, lambda lamp: None)  # nothing set by
    records.start()
    assert records.flush(PATIENCE)
    fill(full)
    Drive(records).keep(1, 101)
    began = time.perf_counter()
    said = records.stop()
    assert time.perf_counter() - began < 5
    assert said.startswith("Lost: 110 records (100 reads among them) and 200 pictures. They could not be saved")


def test_receipts_and_erasing_go_before_what_waits_for_their_room(full: Path, clock: FakeClock) -> None:
    heard = Heard()
    records = Records.open(full / "records", KEY, clock, heard.on_saved, heard.on_lamp, reserve=64 * MEGABYTE)
    records.start()
    drive = Drive(records)
    drive.keep(1, 301)
    assert records.flush(PATIENCE)
    filler = fill(full)
    drive.keep(301, 401)
    assert heard.wait_for_word("Not recording")
    assert filler.exists()
    while items := records.outbox.next_batch(100):
        assert records.outbox.settle(a_proof([a_receipt(item) for item in items])) == len(items)
        if len(heard.saved) > 300:
            break
    assert records.purge(clock.utc(), clock.utc(), keep_days=0).result(PATIENCE) >= 280
    assert records.flush(PATIENCE)
    assert heard.lamps[-1].state is LampState.GOOD
    kept = {one.read.read_id for one in records.reads_page(None, 999)}
    assert kept >= {f"read-{number}" for number in range(301, 401)}
    assert records.verify_audit().whole
    assert records.stop() == ""


def test_a_full_disk_at_the_start_does_not_stop_the_patrol_and_the_records_open_when_there_is_room(
    full: Path, clock: FakeClock
) -> None:
    filler = fill(full)
    heard = Heard()
    records = Records.open_or_later(full / "records", lambda: KEY, clock, heard.on_saved, heard.on_lamp)
    assert "disk is full" in records.notices[-1] or "No space" in records.notices[-1]
    records.start()
    Drive(records).keep(1, 41)
    assert heard.wait_for_word("Not recording")
    assert not records.flush(0.01)
    summary = records.summary(SHIFT)
    assert (summary.reads, summary.hits, summary.confirmed) == (40, 2, 2)
    assert records.open_hits(SHIFT) == []
    assert [read.read_id for read in records.recent_reads(SHIFT, 2)] == ["read-40", "read-39"]
    assert records.evidence_of("read-1") == BIG
    assert records.waiting() >= 44
    assert (records.outbox.next_batch(9), records.roster(), records.unfinished_shifts()) == ([], [], [])
    filler.unlink()
    assert records.flush(PATIENCE)
    assert heard.lamps[-1].state is LampState.GOOD
    assert_all_there(records, 1, 41, 0)
    records.stop()


def test_a_car_whose_own_records_fill_the_disk_starts_uploads_and_frees_itself(full: Path, clock: FakeClock) -> None:
    records = Records.open(full / "records", KEY, clock, print, lambda lamp: None, reserve=64 * MEGABYTE)
    records.start()
    Drive(records).keep(1, 201)
    assert records.flush(PATIENCE)
    fill(full)
    records.stop()
    records = Records.open(full / "records", KEY, clock, print, lambda lamp: None, reserve=64 * MEGABYTE)
    records.start()
    while items := records.outbox.next_batch(100):
        records.outbox.settle(a_proof([a_receipt(item) for item in items]))
    assert records.purge(clock.utc(), clock.utc(), keep_days=0).result(PATIENCE) == 200
    assert records.flush(PATIENCE)
    assert records.stop() == ""


@contextmanager
def opened_late(folder: Path, keys: Sequence[Key], clock: FakeClock, heard: Heard) -> Iterator[Records]:
    """Records that open once `keys` holds one."""

    def find() -> Key:
        if not keys:
            raise RecordsFault("The key is missing. Put it back.")
        return keys[0]

    records = Records.open_or_later(folder, find, clock, heard.on_saved, heard.on_lamp)
    records.start()
    try:
        yield records
    finally:
        records.stop()


def test_a_lost_key_does_not_stop_the_patrol(tmp_path: Path, clock: FakeClock) -> None:
    keys: list[Key] = []

    heard = Heard()
    with opened_late(tmp_path, keys, clock, heard) as records:
        hit = a_hit(a_read(1))
        records.keep_read(hit.read, PICTURES, [hit], SHIFT)
        assert heard.wait_for_word("Not recording")
        assert heard.lamps[-1].advice.startswith("The key is missing. Put it back.")
        assert records.open_hits(SHIFT) == [(hit, PICTURES)]
        keys.append(KEY)
        assert records.flush(PATIENCE)
        assert heard.lamps[-1].state is LampState.GOOD
        assert records.open_hits(SHIFT) == [(hit, PICTURES)]


def test_what_a_late_opening_finds_is_told_by_lamps(tmp_path: Path, clock: FakeClock) -> None:
    """The notices of the start are on the screen by then, and nobody reads them again."""
    folder, left = tmp_path / "records", tmp_path / "left"
    with opened(folder, clock) as records:
        records.keep_read(a_read(1), PICTURES, [], SHIFT)
        assert records.flush(PATIENCE)
        shutil.copytree(folder, left)
    for lost, found in (
        (False, "cut off last time. Recovered: 1 reads."),
        (True, "The records of this car were gone."),
    ):
        if lost:
            (left / "records.db").unlink()
        keys: list[Key] = []
        heard = Heard()
        with opened_late(left, keys, clock, heard):
            assert heard.wait_for_word("Not recording")
            assert not [lamp for lamp in heard.lamps if lamp.key.startswith(OF_THE_START)]
            keys.append(KEY)
            assert heard.wait_for_word("Records opened late")
            [lamp] = [lamp for lamp in heard.lamps if lamp.key.startswith(OF_THE_START)]
            assert found in lamp.advice
            assert heard.wait_for_word("Records begun afresh" if lost else "Recording")


def test_an_opening_that_fails_at_its_last_step_is_tried_again(
    tmp_path: Path, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    with opened(tmp_path, clock) as records:
        records.keep_roster([AN_OFFICER])
    heard = Heard()
    keys: list[Key] = []
    with opened_late(tmp_path, keys, clock, heard) as records:
        failing = iter([RecordsFault("The disk is gone.")])
        roster = queries.roster

        def once(connection: Connection) -> Sequence[Officer]:
            if fault := next(failing, None):
                raise fault
            return roster(connection)

        monkeypatch.setattr(queries, "roster", once)
        keys.append(KEY)
        assert heard.wait_for_word("Recording")
        assert list(records.roster()) == [AN_OFFICER]


def test_records_that_never_open_end_at_once_and_tell_what_is_lost(tmp_path: Path, clock: FakeClock) -> None:
    def never() -> Key:
        raise RecordsFault("The key is missing. Put it back.")

    records = Records.open_or_later(tmp_path, never, clock, print, lambda lamp: None)
    records.start()
    records.keep_read(a_read(1), PICTURES, [], SHIFT)
    began = time.perf_counter()
    assert records.stop().startswith("Lost: 2 records (1 read among them) and 2 pictures. They could not be saved")
    assert time.perf_counter() - began < 5


def test_a_second_instance_is_no_reason_to_go_on_without_records(tmp_path: Path, clock: FakeClock) -> None:
    with opened(tmp_path / "records", clock), pytest.raises(AlreadyRunning):
        Records.open_or_later(tmp_path / "records", lambda: KEY, clock, print, print)
