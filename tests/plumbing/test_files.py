import os
import stat
import sys
from pathlib import Path

import pytest

from patrol_anpr.plumbing.files import folder_placed_whole, made_folder, part_of, place_whole, write_whole


def test_a_file_is_written_for_its_owner_alone_and_nothing_is_left_beside_it(tmp_path: Path) -> None:
    write_whole(tmp_path / "held", b"one\r\ntwo\n")
    write_whole(tmp_path / "held", b"three")
    assert [file.name for file in tmp_path.iterdir()] == ["held"]
    assert (tmp_path / "held").read_bytes() == b"three"
    if sys.platform != "win32":
        assert stat.S_IMODE((tmp_path / "held").stat().st_mode) == 0o600


def test_what_is_there_stays_where_it_must_not_be_replaced(tmp_path: Path) -> None:
    write_whole(tmp_path / "key", b"first", replace=False)
    write_whole(tmp_path / "key", b"second", replace=False)
    assert [file.read_bytes() for file in tmp_path.iterdir()] == [b"first"]


def test_a_disk_that_refuses_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_whole(tmp_path / "held", b"old")

    def refuse(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", refuse)
    with pytest.raises(OSError, match="No space"):
        write_whole(tmp_path / "held", b"new")
    assert [file.read_bytes() for file in tmp_path.iterdir()] == [b"old"]


def test_the_content_is_on_the_disk_before_its_name_and_the_name_before_the_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target, told = tmp_path / "list", []
    part = part_of(target)
    part.write_bytes(b"whole")
    real = os.fsync

    def watched(descriptor: int) -> None:
        told.append(("folder" if stat.S_ISDIR(os.fstat(descriptor).st_mode) else "file", target.exists()))
        real(descriptor)

    monkeypatch.setattr(os, "fsync", watched)
    place_whole(part, target)
    assert told[0] == ("file", False)
    if sys.platform != "win32":
        assert told[1:] == [("folder", True)]


def test_two_that_write_the_same_file_do_not_meet(tmp_path: Path) -> None:
    assert part_of(tmp_path / "held") != part_of(tmp_path / "held")


def test_a_folder_is_there_with_all_of_its_files_or_not_at_all(tmp_path: Path) -> None:
    def fill(folder: Path, count: int) -> None:
        with folder_placed_whole(folder / "whole") as part:
            for number in range(count):
                write_whole(part / f"{number}", b"content", sync_name=False)
            assert not (folder / "whole").exists()
            if count > 2:
                raise OSError(28, "No space left on device")

    with pytest.raises(OSError, match="No space"):
        fill(tmp_path, 3)
    assert list(tmp_path.iterdir()) == []
    fill(tmp_path, 2)
    assert sorted(file.name for file in (tmp_path / "whole").iterdir()) == ["0", "1"]


def test_a_folder_that_is_there_stays_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "whole").mkdir()
    with pytest.raises(FileExistsError), folder_placed_whole(tmp_path / "whole") as part:
        (part / "new").write_bytes(b"")
    assert [file.name for file in tmp_path.iterdir()] == ["whole"]
    assert list((tmp_path / "whole").iterdir()) == []


def test_the_name_of_each_new_folder_lasts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    synced: list[Path] = []
    monkeypatch.setattr("patrol_anpr.plumbing.files.sync_folder", synced.append)
    made_folder(tmp_path / "data" / "records", "records.folder")
    assert set(synced) == {tmp_path, tmp_path / "data"}
    synced.clear()
    made_folder(tmp_path / "data" / "records", "records.folder")
    assert synced == []
