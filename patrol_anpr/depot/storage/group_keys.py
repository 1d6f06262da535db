"""One data key for each group of segments: those of a day, or those held for one case. Without it they are noise.

A key is a file of its own, wrapped (AES-256-GCM) with the depot's storage key. It stands in no database: a row deleted
there lives on in logs, free pages and dumps, and a key that is destroyed must be gone.
"""

import os
import secrets
import threading
from collections.abc import Iterator
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from patrol_anpr.plumbing.files import sync_folder, write_whole

NONCE_BYTES = 12
_ENDING = ".key"


class KeyGone(Exception):
    """The key of this group was destroyed, or is not that of this depot: what it sealed can be read by nobody."""


class GroupKeys:
    """The keys in `folder`, by group ("2026-11-30"), each wrapped with `storage_key` (32 bytes). Any thread may call.

    A key that another process destroys is gone at once: its file is looked for at every use.
    """

    def __init__(self, folder: Path, storage_key: bytes) -> None:
        self._folder = folder
        self._wrapping = AESGCM(storage_key)
        self._making = threading.Lock()
        self._opened: dict[str, AESGCM] = {}

    def to_seal(self, group: str) -> AESGCM:
        """Return the key of a group, made where there is none; by then it is on the disk for good. Raises OSError."""
        with self._making:
            if not self._file(group).exists():
                self._make(group)
        return self.to_open(group)

    def to_open(self, group: str) -> AESGCM:
        """Return the key of a group. Raises KeyGone, OSError."""
        if not self._file(group).exists():
            self._opened.pop(group, None)
            raise KeyGone(group)
        key = self._opened.get(group)  # asked once: it may be destroyed meanwhile
        if key is None:
            try:
                wrapped = self._file(group).read_bytes()
                key = AESGCM(self._wrapping.decrypt(wrapped[:NONCE_BYTES], wrapped[NONCE_BYTES:], group.encode()))
            except (FileNotFoundError, InvalidTag, ValueError) as fault:
                raise KeyGone(group) from fault
            self._opened[group] = key
        return key

    def groups(self) -> Iterator[str]:
        """Name every group that has a key."""
        for file in self._folder.glob(f"*{_ENDING}"):
            yield file.name.removesuffix(_ENDING)

    def destroy(self, group: str) -> None:
        """Destroy the key of a group for good; one that is gone already is no fault. Raises OSError.

        It is written over first. A disk that moves its blocks about may keep the old ones: what is left there is
        wrapped.
        """
        self._opened.pop(group, None)
        file = self._file(group)
        try:
            with file.open("r+b") as stream:
                stream.write(secrets.token_bytes(file.stat().st_size))
                stream.flush()
                os.fsync(stream.fileno())
        except FileNotFoundError:
            return
        file.unlink(missing_ok=True)
        sync_folder(self._folder)

    def _file(self, group: str) -> Path:
        return self._folder / f"{group}{_ENDING}"

    def _make(self, group: str) -> None:
        self._folder.mkdir(mode=0o700, exist_ok=True)
        sync_folder(self._folder.parent)
        nonce = secrets.token_bytes(NONCE_BYTES)
        wrapped = nonce + self._wrapping.encrypt(nonce, AESGCM.generate_key(256), group.encode())
        write_whole(self._file(group), wrapped, replace=False)
