"""One instance at a time: two writers on one set of records would each believe to be alone."""

from pathlib import Path

from filelock import FileLock, Timeout

from patrol_anpr.domain.errors import RecordsFault
from patrol_anpr.plumbing.files import made_folder

LOCK_FILE = "records.lock"


class AlreadyRunning(RecordsFault):
    """Another process has the records: there is nothing to wait for or to go on with."""


def take_lock(folder: Path) -> FileLock:
    """Take the records in `folder` for this process until `release()`; the system frees it when the process dies.

    Raises AlreadyRunning when another process has them, RecordsFault when the folder cannot be used.
    """
    made_folder(folder, "records.folder")
    lock = FileLock(folder / LOCK_FILE, blocking=False, thread_local=False)
    try:
        lock.acquire()
    except Timeout:
        raise AlreadyRunning("Patrol ANPR is already running on this laptop. Use the window that is open.") from None
    except OSError as refusal:
        raise RecordsFault(
            "The folder of the records cannot be used ({why}). Check its rights and the disk.", why=refusal.strerror
        ) from refusal
    return lock
