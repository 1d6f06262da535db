"""Room on the disk that is kept for what makes room: receipts and erasing, and the last facts when the program ends.

A disk that is full to the last byte takes no word of the depot either, so nothing could ever be erased from it.
"""

import logging
import os
import shutil
from contextlib import suppress
from pathlib import Path

from patrol_anpr.records.faults import is_full

log = logging.getLogger(__name__)

FILE_NAME = "records.reserve"
LARGEST_SHARE = 16
"""At most this part of the disk (1 / n) is set by, however much is asked for."""
_PIECE = 2**20


class Reserve:
    """A file of no content. While it lies there, its room is free for nobody else. For one thread at a time."""

    def __init__(self, folder: Path, size: int) -> None:
        self.file = folder / FILE_NAME
        self._wanted = size
        self._held = False

    @property
    def size(self) -> int:
        """Bytes set by; the disk decides when it is small."""
        return min(self._wanted, shutil.disk_usage(self.file.parent).total // LARGEST_SHARE)

    def hold(self) -> None:
        """Set the room by unless that is done. Raises OSError when the disk does not have it.

        A disk that cannot set room by for another reason is no reason not to record.
        """
        if self._held:
            return
        try:
            size = self.size
            if size and not (self.file.is_file() and self.file.stat().st_size == size):
                self.file.unlink(missing_ok=True)
                self._fill(size)
        except OSError as refusal:
            if is_full(refusal):
                raise
            log.warning("no room can be set by on this disk: %s", refusal.strerror)
        self._held = True

    def release(self) -> None:
        """Let the room go, for what has to be written now."""
        self._held = False
        with suppress(OSError):
            self.file.unlink(missing_ok=True)

    def release_if_short(self) -> None:
        """Let it go where the disk has not as much left: opening the records must be able to write."""
        if self.file.exists() and shutil.disk_usage(self.file.parent).free < self.size:
            self.release()

    def _fill(self, size: int) -> None:
        try:
            with os.fdopen(os.open(self.file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as stream:
                if hasattr(os, "posix_fallocate"):
                    os.posix_fallocate(stream.fileno(), 0, size)
                else:  # Windows gives a file that grows its room at once
                    for begin in range(0, size, _PIECE):
                        stream.write(bytes(min(_PIECE, size - begin)))
        except OSError:
            self.file.unlink(missing_ok=True)  # half of it would take the little that is left
            raise
