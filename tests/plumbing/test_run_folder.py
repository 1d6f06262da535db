import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from filelock import FileLock

from patrol_anpr.plumbing import run_folder
from patrol_anpr.plumbing.run_folder import folder_of_this_run


def test_a_folder_is_gone_after_its_run(tmp_path: Path) -> None:
    with folder_of_this_run(tmp_path / "runs") as folder:
        (folder / "list").write_text("x")
        (folder / "inner").mkdir()
    assert list((tmp_path / "runs").iterdir()) == []


def test_two_runs_have_two_folders_and_neither_deletes_the_other(tmp_path: Path) -> None:
    with folder_of_this_run(tmp_path) as one:
        (one / "list").write_text("x")
        with folder_of_this_run(tmp_path) as other:
            assert one != other
            assert (one / "list").exists()
        assert (one / "list").exists()


def test_an_error_in_the_run_deletes_it_too(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="x"), folder_of_this_run(tmp_path):
        raise ValueError("x")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such signal")
def test_what_a_killed_program_left_is_deleted_by_the_next_start_and_not_before_it_died(tmp_path: Path) -> None:
    code = (
        "import sys, pathlib\n"
        "from patrol_anpr.plumbing.run_folder import folder_of_this_run\n"
        "with folder_of_this_run(pathlib.Path(sys.argv[1])) as folder:\n"
        "    (folder / 'list').write_text('x')\n"
        "    print(folder, flush=True)\n"
        "    sys.stdin.read()\n"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", code, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    folder = Path(process.stdout.readline().strip())
    with folder_of_this_run(tmp_path):
        assert (folder / "list").exists()
    os.kill(process.pid, signal.SIGKILL)
    process.communicate()
    assert (folder / "list").exists()
    with folder_of_this_run(tmp_path) as own:
        assert not folder.exists()
        assert own.exists()
    assert list(tmp_path.iterdir()) == []


def test_where_no_open_file_can_be_deleted_the_folder_and_its_lock_go_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As on Windows: deleting a file that somebody has open is refused."""
    delete, release, held = Path.unlink, FileLock.release, set[str]()
    take = run_folder._take

    def taken(parent: Path) -> FileLock:
        lock = take(parent)
        held.add(str(lock.lock_file))
        return lock

    def released(lock: FileLock, *arguments: bool, **options: bool) -> None:
        held.discard(str(lock.lock_file))
        release(lock, *arguments, **options)

    def delete_closed(path: Path, missing_ok: bool = False) -> None:
        if str(path) in held:
            raise PermissionError(13, "in use")
        delete(path, missing_ok=missing_ok)

    monkeypatch.setattr(run_folder, "_take", taken)
    monkeypatch.setattr(FileLock, "release", released)
    monkeypatch.setattr(Path, "unlink", delete_closed)
    with folder_of_this_run(tmp_path):
        assert held
    assert list(tmp_path.iterdir()) == []
