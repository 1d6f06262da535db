"""Room that is kept for what makes room."""

import errno
import os
from pathlib import Path

import pytest

from patrol_anpr.records import Records
from patrol_anpr.records.reserve import LARGEST_SHARE, Reserve
from tests.conftest import FakeClock
from tests.faults.test_records_disk import fill
from tests.records.made import KEY, PATIENCE, PICTURES, a_read
from tests.records.mounted import small_disk

MEGABYTE = 2**20


def test_the_room_is_really_taken_and_really_given_back(tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk", 16) as disk:
        reserve = Reserve(disk, 64 * MEGABYTE)
        reserve.hold()
        assert reserve.file.stat().st_size == reserve.size == 16 * MEGABYTE // LARGEST_SHARE
        assert reserve.file.stat().st_mode & 0o077 == 0
        fill(disk)
        with pytest.raises(OSError, match="No space"):
            (disk / "more").write_bytes(bytes(4096))
        reserve.release()
        (disk / "more").write_bytes(bytes(MEGABYTE - 8192))


def test_room_that_is_not_there_is_not_taken_by_half(tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk", 16) as disk:
        filler = fill(disk)
        with filler.open("r+b") as stream:
            stream.truncate(filler.stat().st_size - MEGABYTE // 2)
        reserve = Reserve(disk, MEGABYTE)
        with pytest.raises(OSError, match="No space"):
            reserve.hold()
        assert not reserve.file.exists()
        filler.unlink()
        reserve.hold()
        assert reserve.file.exists()


def test_what_an_earlier_run_set_by_is_let_go_where_the_disk_is_full_now(tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk", 16) as disk:
        Reserve(disk, MEGABYTE).hold()
        again = Reserve(disk, MEGABYTE)
        again.release_if_short()
        assert again.file.exists()
        fill(disk)
        again.release_if_short()
        assert not again.file.exists()


def test_none_is_asked_for_none_is_taken(tmp_path: Path) -> None:
    reserve = Reserve(tmp_path, 0)
    reserve.hold()
    reserve.release()
    assert list(tmp_path.iterdir()) == []


def test_a_disk_that_cannot_set_room_by_is_recorded_on_all_the_same(
    tmp_path: Path, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unable(*_: object) -> None:
        raise OSError(errno.EINVAL, "Invalid argument")

    monkeypatch.setattr(os, "posix_fallocate", unable)
    records = Records.open(tmp_path, KEY, clock, print, lambda lamp: None, reserve=MEGABYTE)
    records.start()
    records.keep_read(a_read(1), PICTURES, [], None)
    assert records.flush(PATIENCE)
    assert records.stop() == ""
    assert not (tmp_path / "records.reserve").exists()


def test_where_room_cannot_be_asked_for_it_is_filled(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(os, "posix_fallocate")
    reserve = Reserve(tmp_path, 3 * MEGABYTE + 1)
    reserve.hold()
    assert reserve.file.stat().st_size == 3 * MEGABYTE + 1
