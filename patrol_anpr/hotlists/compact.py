"""The file of a list as it travels and as it lies in a car: keyed hashes of folded marks, and sealed details.

    start   magic, id of the list's key, salt                                              plain
    blocks  entries, ROWS to a block, in the order of their hashes                         zstd, then AES-256-GCM
    marks   the keyed hash (8 bytes) of each entry's folded VRM, sorted                    no use without the key
    ends    where each block ends (8 bytes)                                                plain
    head    what list it is, of which file it is a delta, the SHA-256 of marks and ends    sealed with a key of its own
    finish  how many entries and blocks there are, and bytes of head                       plain

Numbers are little-endian. Marks and ends are held in memory, 8 bytes an entry: a look-up that finds nothing, as nearly
all do, asks nothing of the disk, and a disk that fails cannot hide that a mark is on the list.
"""

import hashlib
import struct
from bisect import bisect_left
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import BinaryIO

import zstandard
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from pydantic import TypeAdapter, ValidationError

from patrol_anpr.domain.errors import RecordsFault
from patrol_anpr.domain.hotlist import Hotlist
from patrol_anpr.domain.sentences import sentence
from patrol_anpr.hotlists.list_key import MARK_BYTES, ListKey

MAGIC = b"PANPRL01"
"""Kind and version of the file; one of another version is fetched or imported again, never converted."""
ROWS = 64
"""Entries to a block, which is what is opened for one hit: more are packed better, fewer are opened quicker."""
SALT_BYTES = 16
START = struct.Struct(f"<8s8s{SALT_BYTES}s")
FINISH = struct.Struct("<QII")
FETCH = "Sync with the depot, or import it again."
BLOCKS_KEPT = 16
"""Opened blocks kept in memory: the same vehicle is often looked up again."""

_PLACE_BYTES = 8
_HEAD_NONCE = bytes(12)
"""The head is the one thing that its key seals."""
_PACKING = 6
_NO_GOOD = (InvalidTag, zstandard.ZstdError, OSError, ValueError, TypeError, ValidationError, struct.error)
"""All that reading damaged bytes raises."""


@dataclass(frozen=True, slots=True)
class FileHead:
    """What a file says of itself.

    `entries` are those of the list, of which a delta holds few; `base` is the id of the file of which it is a delta, or
    ""; `digest` is the SHA-256 (hex) of its marks and ends.
    """

    hotlist: Hotlist
    entries: int
    base: str
    digest: str


FILE_HEAD = TypeAdapter(FileHead)


class Seal:
    """Seals and opens the blocks of the file that begins with `start`, which holds the salt of its key."""

    def __init__(self, key: ListKey, start: bytes) -> None:
        self.file_id = start[-SALT_BYTES:].hex()
        details = key.of_details(start)
        self._start = start
        self._head_cipher, self._cipher = AESGCM(key.of_head(start)), AESGCM(details) if details is not None else None
        self._packer = zstandard.ZstdCompressor(level=_PACKING)
        self._unpacker = zstandard.ZstdDecompressor()

    def seal(self, number: int, plain: bytes) -> bytes:
        """Pack and seal one block, each under another number: it is the nonce."""
        if self._cipher is None:
            raise ValueError("the key to the details is not there")
        return self._cipher.encrypt(number.to_bytes(12, "little"), self._packer.compress(plain), self._start)

    def open(self, number: int, block: bytes) -> bytes:
        """Open what `seal` made. Raises InvalidTag or ZstdError; ValueError without the key to the details."""
        if self._cipher is None:
            raise ValueError("the key to the details is not there")
        return self._unpacker.decompress(self._cipher.decrypt(number.to_bytes(12, "little"), block, self._start))

    def seal_head(self, head: FileHead) -> bytes:
        """Seal the head."""
        return self._head_cipher.encrypt(_HEAD_NONCE, FILE_HEAD.dump_json(head), self._start)

    def open_head(self, block: bytes) -> FileHead:
        """Open the head. Raises InvalidTag or ValidationError."""
        return FILE_HEAD.validate_json(self._head_cipher.decrypt(_HEAD_NONCE, block, self._start))


class CompactFile:
    """One file, open for looking up: by any thread, one at a time.

    `file_id` (hex) is no other file's; `count` is how many rows it has.
    """

    def __init__(self, file: BinaryIO, key: ListKey, seal: Seal, head: FileHead, numbers: bytes, count: int) -> None:
        self.path, self.key, self.head, self.count = Path(file.name), key, head, count
        self.file_id = seal.file_id
        self._file, self._seal = file, seal
        self._marks = memoryview(numbers)[: count * MARK_BYTES].cast("Q")
        self._ends = memoryview(numbers)[count * MARK_BYTES :].cast("Q")
        self._lines = lru_cache(BLOCKS_KEPT)(self._read)

    @classmethod
    def open(cls, path: Path, key: ListKey) -> "CompactFile":
        """Open a file that was written with this key. Head and marks are checked now, a block when it is opened.

        Raises:
            RecordsFault: there is no such file, the key is another, or the file is damaged or of another version.
        """
        with ExitStack() as undo:
            try:
                file = undo.enter_context(path.open("rb"))
                start = file.read(START.size)
                if _key_id(path, start) != key.key_id:
                    raise damaged(path)
                seal = Seal(key, start)
                head, numbers, count = _ending(file, seal)
            except FileNotFoundError:
                raise RecordsFault(
                    "The list file {name} is not there. {fetch}", name=path.name, fetch=sentence(FETCH)
                ) from None
            except _NO_GOOD as error:
                raise damaged(path) from error
            undo.pop_all()
        return cls(file, key, seal, head, numbers, count)

    @property
    def is_open(self) -> bool:
        """Whether it can be looked up still."""
        return not self._file.closed

    def rows(self, mark: int) -> list[bytes | None]:
        """Return the rows of a mark in the order of the list; None for one that cannot be read."""
        place = bisect_left(self._marks, mark)
        found: list[bytes | None] = []
        while place < self.count and self._marks[place] == mark:
            found.append(self._row(place))
            place += 1
        return found

    def every_row(self) -> Iterator[tuple[int, bytes]]:
        """Give every mark with its row, in their order. Raises RecordsFault where one cannot be read."""
        for number in range(len(self._ends)):
            try:
                lines = self._read(number)
            except _NO_GOOD as error:
                raise damaged(self.path) from error
            yield from zip(self._marks[number * ROWS : (number + 1) * ROWS], lines, strict=True)

    def close(self) -> None:
        """Close the file and let go of what is held of it, at once: 8 bytes an entry."""
        self._lines.cache_clear()
        self._marks.release()
        self._ends.release()
        self._file.close()

    def _row(self, place: int) -> bytes | None:
        try:
            return self._lines(place // ROWS)[place % ROWS]
        except (*_NO_GOOD, IndexError):
            return None

    def _read(self, number: int) -> list[bytes]:
        begin = self._ends[number - 1] if number else START.size
        self._file.seek(begin)
        return self._seal.open(number, self._file.read(self._ends[number] - begin)).split(b"\n")


def key_id_of(path: Path) -> str:
    """Return the id of the key that opens a file. Raises RecordsFault as `CompactFile.open` does."""
    try:
        with path.open("rb") as file:
            return _key_id(path, file.read(START.size))
    except OSError as error:
        raise damaged(path) from error


def _key_id(path: Path, start: bytes) -> str:
    if len(start) < START.size:
        raise damaged(path)
    magic, key_id, _ = START.unpack(start)
    if magic == MAGIC:
        return bytes(key_id).hex()
    if magic[:6] == MAGIC[:6]:
        raise RecordsFault(
            "The list file {name} is of another version of this program. {fetch}", name=path.name, fetch=sentence(FETCH)
        )
    raise damaged(path)


def damaged(path: Path) -> RecordsFault:
    """The fault of a list file that is not what it should be."""
    return RecordsFault(
        "The list file {name} is damaged or was made with another key. {fetch}",
        name=path.name,
        fetch=sentence(FETCH),
    )


def _ending(file: BinaryIO, seal: Seal) -> tuple[FileHead, bytes, int]:
    """Read head, marks with ends, and the count of entries. Raises what `_NO_GOOD` names."""
    finish = file.seek(-FINISH.size, 2)
    count, blocks, head_bytes = FINISH.unpack(file.read(FINISH.size))
    size = count * MARK_BYTES + blocks * _PLACE_BYTES
    begin = finish - head_bytes - size
    if begin < START.size or blocks != -(-count // ROWS):
        raise ValueError("the sizes do not fit")
    file.seek(begin)
    numbers = file.read(size)
    head = seal.open_head(file.read(head_bytes))
    if hashlib.sha256(numbers).hexdigest() != head.digest:
        raise ValueError("the marks are not those that were written")
    return head, numbers, count
