"""The key of a list: it opens the details of its entries, and without it no mark can be tested against its file."""

import hashlib
import os
from functools import cached_property

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

KEY_BYTES = 32
MARK_BYTES = 8


class ListKey:
    """The secret of one list (32 bytes), the same for its revisions, and what is derived of it."""

    def __init__(self, secret: bytes) -> None:
        if len(secret) != KEY_BYTES:
            raise ValueError(f"the key of a list has {KEY_BYTES} bytes")
        self.secret = secret

    @classmethod
    def made(cls) -> "ListKey":
        """Make a key that nobody has yet."""
        return cls(os.urandom(KEY_BYTES))

    @cached_property
    def key_id(self) -> str:
        """Sixteen hex digits by which the key is known again; they tell nothing about it."""
        return self._derived(b"id", 8).hex()

    def mark(self, folded: str) -> int:
        """Return the keyed hash (64 bits) that stands for a folded VRM in the file of a list."""
        hashed = self._marks.copy()
        hashed.update(folded.encode())
        return int.from_bytes(hashed.digest(), "little")

    def of_file(self, salt: bytes) -> bytes:
        """Return the key (32 bytes) of one file. `salt` is the file's own and random: no two files share a key."""
        return self._derived(b"details", KEY_BYTES, salt)

    @cached_property
    def _marks(self) -> "hashlib.blake2b":
        return hashlib.blake2b(digest_size=MARK_BYTES, key=self._derived(b"marks", KEY_BYTES))

    def _derived(self, purpose: bytes, length: int, salt: bytes | None = None) -> bytes:
        return HKDF(SHA256(), length, salt=salt, info=b"patrol-anpr list " + purpose).derive(self.secret)
