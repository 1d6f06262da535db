"""Which folders are offered for evidence."""

from pathlib import Path
from types import SimpleNamespace

import psutil
import pytest

from patrol_anpr.evidence.places import ON_A_DRIVE, places


def drive(mount: Path, options: str = "rw") -> SimpleNamespace:
    return SimpleNamespace(mountpoint=str(mount), opts=options)


def test_the_own_folder_comes_first_then_what_can_be_written_to(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stick, read_only, fixed = (tmp_path / name for name in ("stick", "read-only", "fixed"))
    for folder in (stick, read_only, fixed):
        folder.mkdir()
    found = [drive(fixed), drive(stick, "rw,removable"), drive(read_only, "ro,removable")]
    monkeypatch.setattr(psutil, "disk_partitions", lambda **_: found)
    shown = places(tmp_path / "not" / "yet" / "made")
    assert [one.folder for one in shown] == [tmp_path / "not" / "yet" / "made", stick / ON_A_DRIVE]
    assert [one.removable for one in shown] == [False, True]
    assert all(one.free > 0 for one in shown)


def test_drives_that_cannot_be_listed_leave_the_own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(**_: bool) -> object:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(psutil, "disk_partitions", refuse)
    assert [one.folder for one in places(tmp_path)] == [tmp_path]


def test_the_drives_of_this_machine_are_listed(tmp_path: Path) -> None:
    assert places(tmp_path)[0].folder == tmp_path
