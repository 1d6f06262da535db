"""Records that are not what they were: told, set aside with their pictures, and never taken for new ones."""

import errno
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from patrol_anpr.domain.errors import RecordsFault
from patrol_anpr.domain.health import LampState
from patrol_anpr.records import Key, Records, witness
from tests.conftest import FakeClock
from tests.made import SHIFT
from tests.records.made import KEY, PATIENCE, PICTURES, Heard, a_hit, a_proof, a_read, opened
from tests.records.test_retention import settle

READS = 12
OTHER = Key(bytes(range(1, 33)))


def drive(folder: Path, clock: FakeClock, first: int = 1, reads: int = READS) -> None:
    with opened(folder, clock) as records:
        for number in range(first, first + reads):
            hits = [a_hit(a_read(number), number)] if number % 3 == 0 else []
            records.keep_read(a_read(number), PICTURES, hits, SHIFT)
        assert records.flush(PATIENCE)


def cut_off(folder: Path, clock: FakeClock, target: Path, first: int = 1, reads: int = READS) -> None:
    """Drive in `folder`, and copy it to `target` as it is while the program runs: what a kill leaves."""
    with opened(folder, clock) as records:
        for number in range(first, first + reads):
            records.keep_read(a_read(number), PICTURES, [], SHIFT)
        assert records.flush(PATIENCE)
        shutil.copytree(folder, target)
    assert (target / "records.db-wal").stat().st_size > 0


def pictures_in(folder: Path) -> set[str]:
    return {file.name for file in folder.rglob("*.evidence")}


def stored(records: Records) -> list[str]:
    return [one.read.read_id for one in reversed(records.reads_page(None, 10**4))]


def truncate(folder: Path) -> None:
    os.truncate(folder / "records.db", 0)


def remove(folder: Path) -> None:
    (folder / "records.db").unlink()


def remove_all_but_pictures(folder: Path) -> None:
    for name in ("records.db", "records.check", "records.head"):
        (folder / name).unlink()


@pytest.mark.parametrize(("harm", "word"), [(truncate, "empty"), (remove, "gone"), (remove_all_but_pictures, "gone")])
def test_an_empty_or_missing_database_is_told_and_its_pictures_are_kept(
    tmp_path: Path, clock: FakeClock, harm: Callable[[Path], None], word: str
) -> None:
    drive(tmp_path, clock)
    pictures = pictures_in(tmp_path / "pictures")
    harm(tmp_path)
    heard = Heard()
    with opened(tmp_path, clock, heard) as records:
        assert word in records.notices[-1]
        assert heard.wait_for_word("Records begun afresh")
        assert heard.lamps[-1].state is not LampState.GOOD
        assert stored(records) == []
        records.keep_read(a_read(99), PICTURES, [], SHIFT)
        assert records.flush(PATIENCE)
        assert records.evidence_of("read-99") == PICTURES
        assert heard.lamps[-1].word == "Records begun afresh"
    [aside] = (tmp_path / "damaged").iterdir()
    assert pictures_in(aside) == pictures
    with opened(tmp_path, clock) as records:
        assert records.notices == []
        assert stored(records) == ["read-99"]


def test_a_journal_that_was_deleted_after_a_kill_is_told_and_what_is_left_brought_over(
    tmp_path: Path, clock: FakeClock
) -> None:
    folder, left = tmp_path / "records", tmp_path / "left"
    drive(folder, clock)
    cut_off(folder, clock, left, first=100)
    (left / "records.db-wal").unlink()
    pictures = pictures_in(left)
    with opened(left, clock) as records:
        assert "newest part of the records was missing" in records.notices[-1]
        assert stored(records) == [f"read-{number}" for number in range(1, READS + 1)]
        assert all(records.evidence_of(read_id) == PICTURES for read_id in stored(records))
        assert len(records.hits(SHIFT)) == READS // 3
        assert records.verify_audit().whole
    [aside] = (left / "damaged").iterdir()
    assert (aside / "records.db").exists()
    assert len(pictures_in(aside)) == READS
    assert pictures_in(left) == pictures


def test_a_journal_deleted_in_the_first_minutes_of_a_car_is_told_as_that(tmp_path: Path, clock: FakeClock) -> None:
    left = tmp_path / "left"
    cut_off(tmp_path / "records", clock, left)
    (left / "records.db-wal").unlink()
    with opened(left, clock) as records:
        assert "newest part of the records was missing" in records.notices[-1]


@pytest.mark.parametrize("place", [0.1, 0.5, 0.95])
def test_a_damaged_journal_is_told_and_nothing_is_called_recovered(
    tmp_path: Path, clock: FakeClock, place: float
) -> None:
    left = tmp_path / "left"
    cut_off(tmp_path / "records", clock, left)
    journal = left / "records.db-wal"
    content = bytearray(journal.read_bytes())
    at = int(len(content) * place)
    content[at : at + 64] = bytes(64)
    journal.write_bytes(content)
    pictures = pictures_in(left)
    with opened(left, clock) as records:
        assert not any("Recovered" in notice for notice in records.notices)
        assert len(records.notices) == 1
        kept = stored(records)
        assert all(records.evidence_of(read_id) == PICTURES for read_id in kept)
        assert len(kept) < READS
    assert pictures_in(left) == pictures


def test_an_older_copy_put_back_is_told(tmp_path: Path, clock: FakeClock) -> None:
    drive(tmp_path, clock)
    older = (tmp_path / "records.db").read_bytes()
    drive(tmp_path, clock, first=100)
    (tmp_path / "records.db").write_bytes(older)
    with opened(tmp_path, clock) as records:
        assert "newest part" in records.notices[-1]
        assert stored(records) == [f"read-{number}" for number in range(1, READS + 1)]


def test_the_database_of_another_car_is_set_aside(tmp_path: Path, clock: FakeClock) -> None:
    ours, others = tmp_path / "ours", tmp_path / "others"
    drive(ours, clock)
    with opened(others, clock, key=OTHER) as records:
        records.keep_read(a_read(500), PICTURES, [], SHIFT)
    shutil.copy(others / "records.db", ours / "records.db")
    pictures = pictures_in(ours)
    with opened(ours, clock) as records:
        assert "damaged" in records.notices[-1]
        assert stored(records) == []
    [aside] = (ours / "damaged").iterdir()
    assert (aside / "records.db").read_bytes() == (others / "records.db").read_bytes()
    assert pictures_in(ours) == pictures


def test_a_lost_or_damaged_witness_alone_is_no_harm(tmp_path: Path, clock: FakeClock) -> None:
    drive(tmp_path, clock)
    for content in (None, b"", b"nonsense " * 99, (tmp_path / "records.head").read_bytes()[:40]):
        (tmp_path / "records.head").unlink()
        if content is not None:
            (tmp_path / "records.head").write_bytes(content)
        with opened(tmp_path, clock) as records:
            assert records.notices == []
            assert len(stored(records)) == READS
    assert not (tmp_path / "damaged").exists()


@pytest.mark.parametrize("content", [None, b"", b"nonsense"])
def test_a_damaged_mark_of_the_key_does_not_keep_records_shut_that_open(
    tmp_path: Path, clock: FakeClock, content: bytes | None
) -> None:
    drive(tmp_path, clock)
    (tmp_path / "records.check").unlink()
    if content is not None:
        (tmp_path / "records.check").write_bytes(content)
    for _ in range(2):
        with opened(tmp_path, clock) as records:
            assert records.notices == []
            assert len(stored(records)) == READS
    assert KEY.proven(tmp_path)


def test_pictures_of_one_cut_off_group_are_kept_apart_until_they_are_old(tmp_path: Path, clock: FakeClock) -> None:
    drive(tmp_path, clock)
    whole = next((tmp_path / "pictures").glob("*.evidence")).read_bytes()
    for number in range(5):
        (tmp_path / "pictures" / f"{number:040}.evidence").write_bytes(whole)
        os.utime(tmp_path / "pictures" / f"{number:040}.evidence", (clock.utc().timestamp(),) * 2)
    (tmp_path / "pictures" / "lost+found").mkdir()
    with opened(tmp_path, clock) as records:
        assert records.notices == []
        assert len(pictures_in(tmp_path / "orphans")) == 5
        records.outbox.settle(a_proof([]))
        clock.advance(6 * 24 * 3600)
        records.purge(clock.utc(), clock.utc(), keep_days=7).result(PATIENCE)
        assert len(pictures_in(tmp_path / "orphans")) == 5
        clock.advance(2 * 24 * 3600)
        records.purge(clock.utc(), clock.utc(), keep_days=7).result(PATIENCE)
        assert pictures_in(tmp_path / "orphans") == set()
        assert len(stored(records)) == READS


def test_many_pictures_that_no_record_knows_are_set_aside_and_told(tmp_path: Path, clock: FakeClock) -> None:
    drive(tmp_path, clock)
    for number in range(100):
        (tmp_path / "pictures" / f"{number:040}.evidence").write_bytes(b"x")
    with opened(tmp_path, clock) as records:
        assert "100 pictures" in records.notices[-1]
    [aside] = (tmp_path / "damaged").iterdir()
    assert len(pictures_in(aside)) == 100


def test_pictures_whose_erasing_a_crash_cut_off_go_at_the_next_start(tmp_path: Path, clock: FakeClock) -> None:
    drive(tmp_path, clock)
    kept = {file.name: file.read_bytes() for file in (tmp_path / "pictures").iterdir()}
    with opened(tmp_path, clock) as records:
        settle(records)
        clock.advance(8 * 24 * 3600)
        assert records.purge(clock.utc(), clock.utc(), keep_days=7).result(PATIENCE) == READS
    for name, content in kept.items():
        (tmp_path / "pictures" / name).write_bytes(content)
    with opened(tmp_path, clock) as records:
        assert records.notices == []
    assert pictures_in(tmp_path) == set()


def test_only_what_the_cut_off_run_had_kept_is_called_recovered(tmp_path: Path, clock: FakeClock) -> None:
    folder, left = tmp_path / "records", tmp_path / "left"
    drive(folder, clock)
    cut_off(folder, clock, left, first=100, reads=7)
    with opened(left, clock) as records:
        assert records.notices == ["Patrol ANPR was cut off last time. Recovered: 7 reads."]
        assert len(stored(records)) == READS + 7
    with opened(left, clock) as records:
        assert records.notices == []


def test_an_end_on_a_full_disk_is_not_called_a_cut_off(
    tmp_path: Path, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(target: Path, content: bytes) -> None:
        raise OSError(errno.ENOSPC, "no space")

    with opened(tmp_path, clock) as records:
        records.keep_read(a_read(1), PICTURES, [], SHIFT)
        assert records.flush(PATIENCE)
        monkeypatch.setattr(witness, "write_whole", full)
    monkeypatch.undo()
    with opened(tmp_path, clock) as records:
        assert records.notices == []


def test_records_begun_afresh_by_the_last_try_of_the_end_take_what_waits(tmp_path: Path, clock: FakeClock) -> None:
    drive(tmp_path, clock)
    remove(tmp_path)

    def found_at_the_end() -> Key:
        if not records._writer._closing.begun:
            raise RecordsFault("The key is missing. Put it back.")
        return KEY

    def find_key() -> Key:
        return find()

    def missing() -> Key:
        raise RecordsFault("The key is missing. Put it back.")

    find = missing
    records = Records.open_or_later(tmp_path, find_key, clock, lambda _: None, lambda _: None)
    find = found_at_the_end
    records.start()
    records.keep_read(a_read(99), PICTURES, [], SHIFT)
    assert records.stop() == ""
    with opened(tmp_path, clock) as again:
        assert stored(again) == ["read-99"]


@pytest.mark.parametrize("name", ["pictures", "records.db", "records.lock", "records.check"])
def test_whatever_has_the_name_of_something_of_ours_is_a_sentence(tmp_path: Path, clock: FakeClock, name: str) -> None:
    (tmp_path / name).mkdir() if name != "pictures" else (tmp_path / name).write_text("not ours")
    with pytest.raises(RecordsFault) as raised:
        Records.open(tmp_path, KEY, clock, print, print)
    assert str(raised.value).endswith(".")
