"""The key of a list: it opens the details of its entries, and without it no mark can be tested against its file."""

import hashlib
import os
from functools import cached_property

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

KEY_BYTES = 32
MARK_BYTES = 8


class ListKey:
    """The key of one list, the same for its revisions: 32 bytes of which the others are derived.

    `secret` is what opens everything; it is None in what is left of a key once a list is long past its end, which tells
    marks and no details. Raises ValueError where a key has another length.
    """

    def __init__(self, secret: bytes | None, marks: bytes = b"") -> None:
        if len(marks if secret is None else secret) != KEY_BYTES:
            raise ValueError(f"the key of a list has {KEY_BYTES} bytes")
        self.secret = secret
        self.marks = marks if secret is None else _derived(secret, b"marks")

    @classmethod
    def made(cls) -> "ListKey":
        """Make a key that nobody has yet."""
        return cls(os.urandom(KEY_BYTES))

    @cached_property
    def key_id(self) -> str:
        """Sixteen hex digits by which the key is known again; they tell nothing about it."""
        return _derived(self.marks, b"id")[:8].hex()

    def mark(self, folded: str) -> int:
        """Return the keyed hash (64 bits) that stands for a folded VRM in the file of a list."""
        hashed = self._hash.copy()
        hashed.update(folded.encode())
        return int.from_bytes(hashed.digest(), "little")

    def of_head(self, start: bytes) -> bytes:
        """Return the key (32 bytes) of the head of the file that begins with `start`, which is random."""
        return _derived(self.marks, b"head", start)

    def of_details(self, start: bytes) -> bytes | None:
        """Return the key (32 bytes) of the details of that file: no two files share one. None where it was dropped."""
        return None if self.secret is None else _derived(self.secret, b"details", start)

    def without_details(self) -> "ListKey":
        """Return what is left of the key when the details may not be opened any more."""
        return ListKey(None, self.marks)

    @cached_property
    def _hash(self) -> "hashlib.blake2b":
        return hashlib.blake2b(digest_size=MARK_BYTES, key=_derived(self.marks, b"hash"))


def _derived(secret: bytes, purpose: bytes, salt: bytes | None = None) -> bytes:
    return HKDF(SHA256(), KEY_BYTES, salt=salt, info=b"patrol-anpr list " + purpose).derive(secret)
