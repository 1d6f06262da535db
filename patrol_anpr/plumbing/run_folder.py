"""A folder for one run of the program, deleted at its end; after a cut-off by the next start."""

import logging
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from filelock import FileLock, Timeout

log = logging.getLogger(__name__)

LOCK = ".lock"


@contextmanager
def folder_of_this_run(parent: Path) -> Iterator[Path]:
    """Make a folder in `parent` that nobody else gets, and delete it at the end.

    Each has a lock file beside it, which the system frees when the program dies: what is not locked was left behind by
    a program that was cut off, and is deleted first. Those of programs that run now stay. Raises OSError.
    """
    parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    for left in parent.glob(f"*{LOCK}"):
        _collect(left)
    lock = _take(parent)
    folder = Path(lock.lock_file).with_suffix("")
    try:
        folder.mkdir(mode=0o700)
        yield folder
    finally:
        _delete(folder, lock)


def _take(parent: Path) -> FileLock:
    """Lock a name that nobody has. Another start may collect the file between its making and its locking: once more."""
    while True:
        lock = FileLock(parent / f"{secrets.token_hex(8)}{LOCK}", blocking=False, thread_local=False)
        try:
            lock.acquire()
        except Timeout:
            continue
        if Path(lock.lock_file).exists():
            return lock
        lock.release()


def _collect(left: Path) -> None:
    lock = FileLock(left, blocking=False, thread_local=False)
    try:
        lock.acquire()
    except (Timeout, OSError):
        return  # in use, or another user's
    _delete(left.with_suffix(""), lock)


def _delete(folder: Path, lock: FileLock) -> None:
    """The lock file goes last: as long as it is there, what could not be deleted now is at a later start."""
    shutil.rmtree(folder, ignore_errors=True)
    if folder.exists():
        log.warning("a folder of one run could not be deleted yet")
    else:
        try:
            Path(lock.lock_file).unlink(missing_ok=True)
        except PermissionError:  # Windows deletes no open file
            lock.release()
            with suppress(PermissionError):  # another start holds it by now, and deletes it
                Path(lock.lock_file).unlink(missing_ok=True)
    lock.release()
