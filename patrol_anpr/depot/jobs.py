"""When the jobs that look after a depot last ended well: one that nobody starts any more shows, too.

A file a job, in the depot's folder: what ends a job is another process than the one that serves the figures.
"""

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

from patrol_anpr.plumbing.files import made_folder, write_whole

FOLDER = "jobs"
JOBS = ("backup", "figures", "oversight", "purge", "verify")


def note_done(folder: Path, job: str, now: datetime) -> None:
    """Keep that one of JOBS ended well at `now` (aware). Raises OSError, RecordsFault."""
    write_whole(made_folder(folder / FOLDER, "--folder") / job, now.isoformat().encode("ascii"))


def seconds_since_done(folder: Path, now: datetime) -> Mapping[str, float]:
    """Return how long ago each of JOBS last ended well, in seconds: infinite for one that never did."""
    return {job: _seconds_since(folder / FOLDER / job, now) for job in JOBS}


def _seconds_since(file: Path, now: datetime) -> float:
    try:
        return (now - datetime.fromisoformat(file.read_text("ascii"))).total_seconds()
    except (OSError, ValueError, TypeError):  # not there, damaged, or a time without its zone
        return float("inf")
