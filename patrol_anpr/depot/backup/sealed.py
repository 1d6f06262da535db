"""A file that only a passphrase, or a private key kept elsewhere, opens: libsodium's secret stream.

A line says what it is, a second one how its key is had; then chunks, each authenticated, in their order, with an end.
The passphrase becomes a key by argon2id; for a recipient a random key is sealed (X25519).
"""

import io
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from nacl import bindings, pwhash
from nacl.exceptions import CryptoError
from nacl.public import PrivateKey, PublicKey, SealedBox
from nacl.utils import random

from patrol_anpr.domain.errors import BadInput
from patrol_anpr.plumbing.files import new_file, part_of, place_whole

MAGIC = b"patrol-anpr copy of a depot 1\n"
LEAST_PASSPHRASE = 12
PASSES, MEMORY_BYTES = pwhash.argon2id.OPSLIMIT_MODERATE, pwhash.argon2id.MEMLIMIT_MODERATE
"""What one guess of a passphrase costs: about a second, and a quarter of a gigabyte."""
_CHUNK = 2**20
_EXTRA = bindings.crypto_secretstream_xchacha20poly1305_ABYTES
_FINAL = bindings.crypto_secretstream_xchacha20poly1305_TAG_FINAL
_MESSAGE = bindings.crypto_secretstream_xchacha20poly1305_TAG_MESSAGE
_MOST_HEADER = 4096
_MOST_MEMORY = 2**30
_NOT_OPENED = (
    "This passphrase or key does not open the copy, or its beginning is damaged. Try the right one, or another copy."
)
_NOT_OURS = "{file} is no copy of a depot, or damaged. Take another copy."


@dataclass(frozen=True, slots=True)
class Passphrase:
    """Seals and opens. At least LEAST_PASSPHRASE characters."""

    text: str

    def __post_init__(self) -> None:
        if len(self.text) < LEAST_PASSPHRASE:
            raise BadInput(f"The passphrase is too short. Take at least {LEAST_PASSPHRASE} characters.")


_State = bindings.crypto_secretstream_xchacha20poly1305_state
Lock = Passphrase | PublicKey
Opener = Passphrase | PrivateKey


@contextmanager
def sealed_to(target: Path, lock: Lock) -> Iterator[BinaryIO]:
    """Lend a stream to write to; at the end `target` is there whole, or not at all. Raises OSError."""
    part = part_of(target)
    key, header = _new_key(lock)
    try:
        with new_file(part) as file:
            state = bindings.crypto_secretstream_xchacha20poly1305_state()
            start = bindings.crypto_secretstream_xchacha20poly1305_init_push(state, key)
            head = MAGIC + json.dumps(header | {"start": start.hex()}).encode() + b"\n"
            file.write(head)
            stream = _Sealing(file, state, head)
            yield stream  # type: ignore[misc]  # all that tarfile needs of a stream
            stream.finish()
        place_whole(part, target)
    finally:
        part.unlink(missing_ok=True)


@contextmanager
def opened_from(source: Path, opener: Opener) -> Iterator[BinaryIO]:
    """Lend a stream to read from, which gives nothing that was changed. Raises BadInput, while reading too; OSError."""
    with source.open("rb") as file:
        head = file.readline(_MOST_HEADER)
        header_line = file.readline(_MOST_HEADER) if head == MAGIC else b""
        try:
            header = json.loads(header_line)
            key = _key_of(header, opener)
            state = bindings.crypto_secretstream_xchacha20poly1305_state()
            bindings.crypto_secretstream_xchacha20poly1305_init_pull(state, bytes.fromhex(header["start"]), key)
        except (ValueError, KeyError, TypeError) as fault:
            raise BadInput(_NOT_OURS.format(file=source)) from fault
        except CryptoError as fault:
            raise BadInput(_NOT_OPENED) from fault
        opening = _Opening(file, state, head + header_line, source)
        try:
            opening.pull()
        except BadInput as fault:
            raise BadInput(_NOT_OPENED) from fault
        yield io.BufferedReader(opening, _CHUNK)


def _new_key(lock: Lock) -> tuple[bytes, dict[str, object]]:
    if isinstance(lock, Passphrase):
        salt = random(pwhash.argon2id.SALTBYTES)
        header = {"salt": salt.hex(), "passes": PASSES, "memory": MEMORY_BYTES}
        return _stretched(lock, header), header
    key = bindings.crypto_secretstream_xchacha20poly1305_keygen()
    return key, {"sealed_key": SealedBox(lock).encrypt(key).hex()}


def _key_of(header: dict[str, object], opener: Opener) -> bytes:
    if isinstance(opener, Passphrase):
        if "salt" not in header:
            raise BadInput("This copy is sealed for a key, not with a passphrase. Name the file of the private key.")
        return _stretched(opener, header)
    if "sealed_key" not in header:
        raise BadInput("This copy is sealed with a passphrase, not for a key. Give the passphrase.")
    return SealedBox(opener).decrypt(bytes.fromhex(str(header["sealed_key"])))


def _stretched(passphrase: Passphrase, header: dict[str, object]) -> bytes:
    passes, memory = int(str(header["passes"])), int(str(header["memory"]))
    if memory > _MOST_MEMORY:
        raise ValueError("asks for too much memory")
    size = bindings.crypto_secretstream_xchacha20poly1305_KEYBYTES
    salt = bytes.fromhex(str(header["salt"]))
    return pwhash.argon2id.kdf(size, passphrase.text.encode(), salt, opslimit=passes, memlimit=memory)


class _Sealing(io.RawIOBase):
    """Collects what is written into chunks. The first is bound to the head of the file."""

    def __init__(self, file: BinaryIO, state: _State, head: bytes) -> None:
        self._file = file
        self._state = state
        self._bound = head
        self._waiting = bytearray()

    def writable(self) -> bool:
        return True

    def write(self, content: object) -> int:
        self._waiting += memoryview(content)  # type: ignore[arg-type]
        while len(self._waiting) > _CHUNK:
            self._push(bytes(self._waiting[:_CHUNK]), _MESSAGE)
            del self._waiting[:_CHUNK]
        return memoryview(content).nbytes  # type: ignore[arg-type]

    def finish(self) -> None:
        self._push(bytes(self._waiting), _FINAL)

    def _push(self, chunk: bytes, tag: int) -> None:
        push = bindings.crypto_secretstream_xchacha20poly1305_push
        self._file.write(push(self._state, chunk, self._bound, tag))
        self._bound = b""


class _Opening(io.RawIOBase):
    def __init__(self, file: BinaryIO, state: _State, head: bytes, source: Path) -> None:
        self._file = file
        self._state = state
        self._bound = head
        self._source = source
        self._ready = b""
        self._ended = False

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: object) -> int:
        if not self._ready and not self._ended:
            self.pull()
        view = memoryview(buffer)  # type: ignore[arg-type]
        size = min(len(view), len(self._ready))
        view[:size] = self._ready[:size]
        self._ready = self._ready[size:]
        return size

    def pull(self) -> None:
        sealed = self._file.read(_CHUNK + _EXTRA)
        pull = bindings.crypto_secretstream_xchacha20poly1305_pull
        try:
            self._ready, tag = pull(self._state, sealed, self._bound)
        except (CryptoError, ValueError) as fault:
            raise BadInput(_NOT_OURS.format(file=self._source)) from fault
        self._bound = b""
        self._ended = tag == _FINAL
        if self._ended and self._file.read(1):
            raise BadInput(_NOT_OURS.format(file=self._source))
