"""Put a file in its place whole: a crash at any moment leaves the old file or the new one, never a part or none."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from patrol_anpr.domain.errors import RecordsFault
from patrol_anpr.plumbing.files import place_whole


@contextmanager
def placed_whole(target: Path) -> Iterator[Path]:
    """Give a path beside `target` to write to; on leaving without an error it is synced and takes the target's place.

    Raises:
        RecordsFault: another process is writing to this place, or the disk refuses.
    """
    beside = target.with_name(target.name + ".new")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(target.with_name(target.name + ".lock"), timeout=0):
            beside.unlink(missing_ok=True)  # what a crash left
            try:
                yield beside
                place_whole(beside, target)
            finally:
                beside.unlink(missing_ok=True)
    except Timeout:
        raise RecordsFault("Another import of this list is under way: wait for it to end.") from None
    except OSError as error:
        raise RecordsFault(
            "The list could not be put in its place ({why}): check the disk and import it again. "
            "The list before it stays in force.",
            why=error.strerror or error,
        ) from error
