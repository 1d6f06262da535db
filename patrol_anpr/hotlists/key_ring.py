"""The keys of the lists of this car, each in a file of its own, sealed with the key of the lists' folder.

Of a list that is long past its end only what tells its marks is kept: its details cannot be opened any more, whatever
copies of its file there are.
"""

import hashlib
import hmac
import logging
import os
from collections.abc import Collection
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from patrol_anpr.domain.errors import RecordsFault
from patrol_anpr.hotlists.list_key import ListKey
from patrol_anpr.plumbing.files import made_folder, write_whole

log = logging.getLogger(__name__)

SUFFIX = ".listkey"
_NONCE_BYTES = 12
_WHOLE, _MARKS = b"W", b"M"
"""What a file begins with, once it is opened: the whole key, or what is left when the details may not be opened."""


class KeyRing:
    """The keys in `folder`; `key` (32 bytes) opens them."""

    def __init__(self, folder: Path, key: bytes) -> None:
        self._folder = folder
        self._cipher = AESGCM(hmac.new(key, b"keys of lists", hashlib.sha256).digest())

    def get(self, key_id: str) -> ListKey | None:
        """Return a key; None where it is not there, damaged, or sealed with another key."""
        try:
            content = self._path(key_id).read_bytes()
            kept = self._cipher.decrypt(content[:_NONCE_BYTES], content[_NONCE_BYTES:], key_id.encode())
            return ListKey(kept[1:]) if kept[:1] == _WHOLE else ListKey(None, kept[1:])
        except FileNotFoundError:
            return None
        except (OSError, InvalidTag, ValueError) as error:
            log.warning("the key of a list cannot be read: %s", type(error).__name__)
            return None

    def keep(self, key: ListKey) -> None:
        """Keep a key over restarts, in place of what is kept of it. Raises RecordsFault."""
        nonce = os.urandom(_NONCE_BYTES)
        kept = _WHOLE + key.secret if key.secret is not None else _MARKS + key.marks
        content = nonce + self._cipher.encrypt(nonce, kept, key.key_id.encode())
        made_folder(self._folder, "hotlists.folder")
        try:
            write_whole(self._path(key.key_id), content)
        except OSError as error:
            raise RecordsFault(
                "The key of the list could not be kept ({why}). Check the disk, then try again.",
                why=error.strerror or error,
            ) from error

    def keep_only(self, key_ids: Collection[str]) -> None:
        """Drop all keys but these."""
        for path in self._folder.glob(f"*{SUFFIX}"):
            if path.stem not in key_ids:
                self.drop(path.stem)

    def drop(self, key_id: str) -> None:
        """Drop a key for good; one that the disk does not let go is dropped at the next time."""
        try:
            self._path(key_id).unlink(missing_ok=True)
        except OSError as error:
            log.warning("the key of a list could not be dropped yet: %s", type(error).__name__)

    def _path(self, key_id: str) -> Path:
        return self._folder / f"{key_id}{SUFFIX}"
