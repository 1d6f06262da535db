"""What the proof run stores: read back by id and time, in a table of its own, and nothing of it stays."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from patrol_anpr.records.keys import KEY_FILE, Key, find_key
from patrol_anpr.records.records import ANOTHER_KEY, Records
from tests.conftest import FakeClock
from tests.made import SHIFT
from tests.records.made import KEY, PATIENCE, PICTURES, a_read, opened


def kept(records: Records, number: int) -> None:
    assert records.keep_test(a_read(number), PICTURES).result(PATIENCE) == 1


def test_a_test_read_is_read_back_by_id_and_time_and_is_no_read(tmp_path: Path, clock: FakeClock) -> None:
    with opened(tmp_path, clock) as records:
        before = records.waiting()
        kept(records, 1)
        assert records.holds_test(a_read(1), PICTURES)
        assert not records.holds_test(
            replace(a_read(1), captured_at=a_read(1).captured_at + timedelta(seconds=1)), PICTURES
        )
        assert not records.holds_test(a_read(2), PICTURES)
        assert not records.holds_test(a_read(1), replace(PICTURES, overview=b"another"))
        assert records.reads_page(None, 9) == []
        assert records.summary(SHIFT).reads == 0
        assert records.evidence_of("read-1") is None
        assert records.waiting() == before
        assert records.unwritten == 0


def test_only_the_last_one_stays_and_no_picture_is_left_for_the_next_start(tmp_path: Path, clock: FakeClock) -> None:
    with opened(tmp_path, clock) as records:
        kept(records, 1)
        kept(records, 2)
        assert not records.holds_test(a_read(1), PICTURES)
        assert list((tmp_path / "pictures").iterdir()) == []
    with opened(tmp_path, clock) as records:
        assert records.holds_test(a_read(2), PICTURES)
        assert records.notices == []


def test_the_picture_of_a_proof_goes_with_the_days_but_not_from_under_the_proof(
    records: Records, clock: FakeClock
) -> None:
    """What it shows is the road: other people's plates."""
    kept(records, 1)
    clock.now = a_read(1).captured_at
    assert records.purge(clock.utc(), clock.utc(), keep_days=0).result(PATIENCE) == 0
    assert records.holds_test(a_read(1), PICTURES)
    clock.advance(2 * 3600)
    assert records.purge(clock.utc(), clock.utc(), keep_days=0).result(PATIENCE) == 0
    assert records.flush(PATIENCE)
    assert not records.holds_test(a_read(1), PICTURES)


def test_one_that_nobody_waits_for_any_more_is_not_written(tmp_path: Path, clock: FakeClock) -> None:
    with opened(tmp_path, clock) as records:
        records.keep_test(a_read(1), PICTURES).cancel()
        kept(records, 2)
        assert not records.holds_test(a_read(1), PICTURES)


def test_a_key_that_opens_the_records_is_no_fault(tmp_path: Path, clock: FakeClock) -> None:
    with opened(tmp_path, clock) as records:
        assert records.key_fault() == ""


def test_a_key_that_was_exchanged_or_is_gone_is_told_before_the_next_start(
    tmp_path: Path, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.fail.Keyring")
    records = Records.open_or_later(tmp_path, lambda: find_key(tmp_path), clock, lambda _: None, lambda _: None)
    records.start()
    try:
        assert records.flush(PATIENCE)
        assert records.key_fault() == ""
        (tmp_path / KEY_FILE).write_text(KEY.secret.hex())
        assert records.key_fault() == ANOTHER_KEY
        (tmp_path / KEY_FILE).unlink()
        assert "is missing" in records.key_fault()
    finally:
        records.stop()


def test_records_of_another_key_say_so_as_long_as_they_are_not_open(tmp_path: Path, clock: FakeClock) -> None:
    with opened(tmp_path, clock):
        pass
    another = Key(bytes(range(1, 33)))
    records = Records.open_or_later(tmp_path, lambda: another, clock, lambda _: None, lambda _: None)
    assert "another folder or laptop" in records.key_fault()
    records.stop()
