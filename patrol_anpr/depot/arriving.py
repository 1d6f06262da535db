"""Packs that are arriving: a file each, which goes on growing where a broken connection left it.

Nothing in them counts before the whole pack is there and every part is what its SHA-256 says, so none is synced. The
answer to a pack takes its place until the car sends another one: a car that did not get it need not send all again.
"""

import os
import threading
import time
from pathlib import Path

from patrol_anpr.plumbing.files import made_folder

FOLDER = "arriving"
KEPT_SECONDS = 24 * 3600.0
"""A half pack that nobody went on with for so long is deleted: its car sends it anew."""
_SWEEP_SECONDS = 3600.0
_ANSWER = ".answer"


class Arriving:
    """The half packs in `folder`. Any thread may call. `most_bytes` is what one car may have there at once."""

    def __init__(self, folder: Path, most_bytes: int) -> None:
        self._folder = folder / FOLDER
        self._most_bytes = most_bytes
        self._lock = threading.Lock()
        self._swept = float("-inf")
        # Those of another epoch prove nothing, and a restore needs a new start.
        for answered in self._folder.glob(f"*/*{_ANSWER}"):
            answered.unlink(missing_ok=True)

    def offset(self, car_id: str, pack_id: str) -> int:
        """Return how many bytes of a pack are here; all of them where it was answered."""
        try:
            return self._file(car_id, pack_id).stat().st_size
        except FileNotFoundError:
            answered = self._answered(car_id, pack_id)
            return answered[0] if answered else 0

    def answer(self, car_id: str, pack_id: str) -> bytes | None:
        """Return the answer to a pack that was taken in and is the last one of its car; else None."""
        answered = self._answered(car_id, pack_id)
        return answered[1] if answered else None

    def finish(self, car_id: str, pack_id: str, size: int, answer: bytes) -> None:
        """Put the answer to a pack of `size` bytes in its place. Raises OSError."""
        answered = self._file(car_id, pack_id + _ANSWER)
        answered.unlink(missing_ok=True)
        self._write(answered, 0, b"%d\n%b" % (size, answer))
        self.drop(car_id, pack_id)

    def begin(self, car_id: str, pack_id: str, size: int) -> None:
        """Make room for a pack of `size` bytes: a car with too much here loses the oldest of it. Raises OSError."""
        folder = self._file(car_id, pack_id).parent
        with self._lock:
            made_folder(folder.parent, "--folder")
            folder.mkdir(mode=0o700, exist_ok=True)
            self._sweep()
            others = [entry for entry in folder.iterdir() if entry.name != pack_id]
            for answered in [entry for entry in others if entry.suffix == _ANSWER]:
                answered.unlink(missing_ok=True)
                others.remove(answered)
            others.sort(key=lambda entry: entry.stat().st_mtime)
            held = sum(entry.stat().st_size for entry in others)
            for oldest in others:
                if held + size <= self._most_bytes:
                    break
                held -= oldest.stat().st_size
                oldest.unlink(missing_ok=True)

    def write(self, car_id: str, pack_id: str, offset: int, content: bytes) -> None:
        """Put some of a pack at its place. Raises OSError."""
        # At its place and not at the end: an earlier request of a broken line may still be writing the same bytes.
        self._write(self._file(car_id, pack_id), offset, content)

    def file(self, car_id: str, pack_id: str) -> Path:
        """Return where a pack lies."""
        return self._file(car_id, pack_id)

    def drop(self, car_id: str, pack_id: str) -> None:
        """Delete a pack: it was taken in, or is none."""
        self._file(car_id, pack_id).unlink(missing_ok=True)

    def _file(self, car_id: str, pack_id: str) -> Path:
        # Both have been checked: a car id is a plain word, a pack id 64 hex digits.
        return self._folder / car_id / pack_id

    def _answered(self, car_id: str, pack_id: str) -> tuple[int, bytes] | None:
        try:
            size, answer = self._file(car_id, pack_id + _ANSWER).read_bytes().split(b"\n", 1)
            return int(size), answer
        except (FileNotFoundError, ValueError):
            return None

    @staticmethod
    def _write(file: Path, offset: int, content: bytes) -> None:
        handle = os.open(file, os.O_WRONLY | os.O_CREAT | getattr(os, "O_BINARY", 0), 0o600)
        with os.fdopen(handle, "wb") as target:
            target.seek(offset)
            target.write(content)

    def _sweep(self) -> None:
        if time.monotonic() - self._swept < _SWEEP_SECONDS:
            return
        self._swept = time.monotonic()
        oldest = time.time() - KEPT_SECONDS
        for half in self._folder.glob("*/*"):
            if half.stat().st_mtime < oldest:
                half.unlink(missing_ok=True)
