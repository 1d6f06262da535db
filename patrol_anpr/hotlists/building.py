"""Build the file of a list from the lines of a list file, with bounded memory: 8 bytes an entry and some megabytes.

The entries must lie in the order of their keyed hashes, and a list may be larger than memory. So they go into buckets
by the first bits of the hash first, in a sealed file without a name whose key is never written down; then one bucket
after the other is sorted and written.
"""

import hashlib
import logging
import os
import struct
import tempfile
from array import array
from collections.abc import Callable, Iterable, Iterator
from itertools import groupby
from pathlib import Path
from typing import BinaryIO, cast

import zstandard
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from patrol_anpr.domain.errors import BadInput, RecordsFault
from patrol_anpr.domain.hotlist import DoubtedLine, Hotlist, ImportReport, RejectedLine
from patrol_anpr.domain.vrm import fold
from patrol_anpr.hotlists.compact import FINISH, MAGIC, ROWS, START, FileHead, Seal
from patrol_anpr.hotlists.importer import Entry, IgnoredLine, ListLine, WeededLine
from patrol_anpr.hotlists.list_key import ListKey
from patrol_anpr.hotlists.placing import placed_whole
from patrol_anpr.hotlists.rows import row_of
from patrol_anpr.plumbing.files import new_file

MAX_REPORTED = 1000
"""Refused lines, and doubted ones, that a report holds."""
MAX_PER_MARK = 20
"""Entries of one VRM; more would be a storm of hits for one read."""
PROGRESS_EVERY = 20_000
SALT_BYTES = 16

_BUCKET_BITS = 8
_BUCKET_BYTES = 64 * 1024
"""What one bucket holds in memory before it goes to the disk."""
_LINE = struct.Struct("<QII")
"""Before each row of a bucket: its mark, the number of its line, and its bytes."""

_log = logging.getLogger(__name__)

Progress = Callable[[int], None]
Row = tuple[int, int, bytes]
"""A mark, the number of the line, and the row."""


def build_list(
    lines: Iterable[ListLine],
    target: Path,
    head: Hotlist,
    key: ListKey,
    progress: Progress | None = None,
    *,
    salt: bytes | None = None,
) -> ImportReport:
    """Write the entries of `lines` to the file of a list at `target`.

    `progress` is called with the number of lines done so far; what it raises stops the build. The old file at `target`
    stays until the new one is whole and on the disk. On Windows a file that is open cannot be replaced: give each
    revision a name of its own. An entry that repeats an earlier one in every column is refused and reported; entries of
    one VRM that differ are kept as several VOIs, up to MAX_PER_MARK. `salt` is random unless a test gives it: the same
    salt must never meet other entries.

    Raises:
        BadInput: there is no entry; or whatever `lines` raises. Nothing was changed.
        RecordsFault: the file cannot be written, or another import of this list is under way. Nothing was changed.
    """
    tally = _Tally(progress)
    with placed_whole(target) as beside:
        try:
            count = _built(beside, lines, tally, head, key, salt)
        except OSError as error:
            raise RecordsFault(
                "The list could not be written ({why}): check that the disk has room and import the list again. The "
                "list before it stays in force.",
                why=error.strerror or error,
            ) from error
        if not count:
            raise BadInput("The list holds no entry, so it was not loaded. The list before it stays in force.")
    report = tally.report(count)
    _log.info("Hotlist %s revision %d: %d entries", head.list_id, head.revision, report.entries)
    return report


def _built(
    beside: Path, lines: Iterable[ListLine], tally: "_Tally", head: Hotlist, key: ListKey, salt: bytes | None
) -> int:
    """Sort the entries and write them; return their count."""
    with tempfile.TemporaryFile(dir=beside.parent) as spool:
        buckets = _Buckets(cast("BinaryIO", spool))  # a wrapper of one, on Windows
        for entry in tally.entries(lines):
            buckets.add(key.mark(fold(entry.voi.vrm)), entry.number, row_of(entry.voi))
        with new_file(beside) as file:
            return write_file(file, tally.kept(buckets.rows()), head, key, salt=salt)


def write_file(
    file: BinaryIO,
    rows: Iterable[tuple[int, bytes]],
    head: Hotlist,
    key: ListKey,
    *,
    base: str = "",
    entries: int | None = None,
    salt: bytes | None = None,
) -> int:
    """Write marks with their rows, which come in the order of the marks, as the file of a list; return their count.

    For a delta, `base` is the id of the file it lies over and `entries` what the list has with it. Raises OSError.
    """
    start = START.pack(MAGIC, bytes.fromhex(key.key_id), salt or os.urandom(SALT_BYTES))
    seal = Seal(key, start)
    marks, ends = array("Q"), array("Q")
    block: list[bytes] = []
    place = file.write(start)

    def finish_block() -> int:
        written = file.write(seal.seal(len(ends), b"\n".join(block)))
        block.clear()
        ends.append(place + written)
        return written

    for mark, row in rows:
        marks.append(mark)
        block.append(row)
        if len(block) == ROWS:
            place += finish_block()
    if block:
        place += finish_block()
    digest = hashlib.sha256(marks)  # arrays are little-endian on every machine that this runs on
    digest.update(ends)
    entries = len(marks) if entries is None else entries
    sealed = seal.seal_head(FileHead(head, entries, base, digest.hexdigest()))
    file.write(marks)
    file.write(ends)
    file.write(sealed)
    file.write(FINISH.pack(len(marks), len(ends), len(sealed)))
    return len(marks)


class _Buckets:
    """Entries on their way to be sorted, in a file that only this object can read."""

    def __init__(self, spool: BinaryIO) -> None:
        self._spool = spool
        self._cipher = AESGCM(AESGCM.generate_key(256))
        self._packer, self._unpacker = zstandard.ZstdCompressor(level=1), zstandard.ZstdDecompressor()
        self._held = [bytearray() for _ in range(1 << _BUCKET_BITS)]
        self._written: list[list[tuple[int, int, int]]] = [[] for _ in self._held]  # piece, place, bytes
        self._pieces = 0

    def add(self, mark: int, number: int, row: bytes) -> None:
        """Take in one entry."""
        bucket = mark >> (64 - _BUCKET_BITS)
        held = self._held[bucket]
        held += _LINE.pack(mark, number, len(row))
        held += row
        if len(held) >= _BUCKET_BYTES:
            sealed = self._cipher.encrypt(self._pieces.to_bytes(12, "little"), self._packer.compress(held), None)
            self._written[bucket].append((self._pieces, self._spool.tell(), len(sealed)))
            self._spool.write(sealed)
            self._pieces += 1
            held.clear()

    def rows(self) -> Iterator[Row]:
        """Give all entries by their marks, those of one mark in the order of their lines."""
        for held, written in zip(self._held, self._written, strict=True):
            content = b"".join([*(self._piece(*piece) for piece in written), held])
            held.clear()
            yield from sorted(_split(content))

    def _piece(self, piece: int, place: int, size: int) -> bytes:
        self._spool.seek(place)
        sealed = self._spool.read(size)
        return self._unpacker.decompress(self._cipher.decrypt(piece.to_bytes(12, "little"), sealed, None))


def _split(content: bytes) -> Iterator[Row]:
    place = 0
    while place < len(content):
        mark, number, size = _LINE.unpack_from(content, place)
        place += _LINE.size + size
        yield mark, number, content[place - size : place]


class _Tally:
    """Counts what becomes of each line while it goes by."""

    def __init__(self, progress: Progress | None) -> None:
        self._progress = progress
        self._rejected: list[RejectedLine] = []
        self._doubted: list[DoubtedLine] = []
        self._rejected_count = 0
        self._weeded = self._ignored = 0

    def entries(self, lines: Iterable[ListLine]) -> Iterator[Entry]:
        """The entries among `lines`."""
        for done, line in enumerate(lines, start=1):
            if isinstance(line, Entry):
                if line.doubt and len(self._doubted) < MAX_REPORTED:
                    self._doubted.append(DoubtedLine(line.number, line.doubt))
                yield line
            elif isinstance(line, WeededLine):
                self._weeded += 1
            elif isinstance(line, IgnoredLine):
                self._ignored += 1
            else:
                self._reject(line)
            if self._progress and done % PROGRESS_EVERY == 0:
                self._progress(done)

    def kept(self, rows: Iterable[Row]) -> Iterator[tuple[int, bytes]]:
        """Leave out entries that repeat an earlier one, and those of one mark beyond MAX_PER_MARK."""
        for mark, of_mark in groupby(rows, key=lambda row: row[0]):
            first_said: dict[bytes, int] = {}
            for _, number, row in of_mark:
                earlier = first_said.get(row)
                if earlier is not None:
                    self._reject(RejectedLine(number, f"it repeats line {earlier} in every column"))
                elif len(first_said) == MAX_PER_MARK:
                    self._reject(RejectedLine(number, f"its VRM has {MAX_PER_MARK} entries already"))
                else:
                    first_said[row] = number
                    yield mark, row

    def report(self, entries: int) -> ImportReport:
        """What became of the lines, now that the entries are in."""
        rejected = sorted(self._rejected, key=lambda line: line.number)
        doubted = tuple(self._doubted)
        return ImportReport(entries, self._rejected_count, tuple(rejected), self._weeded, doubted, self._ignored)

    def _reject(self, line: RejectedLine) -> None:
        self._rejected_count += 1
        if len(self._rejected) < MAX_REPORTED:
            self._rejected.append(line)
