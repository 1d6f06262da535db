"""What a video file promises of itself: its length in bytes, and in seconds where it says so.

The number of frames that FFmpeg gives is an estimate (of files of variable frame rate, of trimmed and of joined ones a
wrong one), so it says nothing about what is missing. The structure of the file does.
"""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from patrol_anpr.domain.errors import BadInput

_MP4_BOXES = frozenset(b"ftyp styp moov moof mdat free skip wide uuid sidx mfra udta pnot".split())
_MP4_FILLERS = frozenset({b"free", b"skip", b"wide"})
_MKV_SEGMENT = b"\x18\x53\x80\x67"
_MOST_OF_AN_INDEX = 64 * 1024 * 1024
"""Bytes of an index that is read: a day of pictures needs a fraction of it; a damaged length may claim all (judged)."""


@dataclass(frozen=True, slots=True)
class Promised:
    """`missing`: how many bytes the file is shorter than it says; `seconds`: how long its pictures last, where told."""

    missing: int = 0
    seconds: float | None = None


def promised_by(path: Path) -> Promised:
    """Read what an MP4, MOV, AVI or Matroska file promises; other files promise nothing.

    Raises:
        BadInput: the file cannot be opened, is empty, lost its index, or holds no pictures (a clause, no subject).
    """
    try:
        with path.open("rb") as file:
            size = os.fstat(file.fileno()).st_size
            if size == 0:
                raise BadInput("it is empty (0 bytes)")
            head = file.read(16)
            if head[4:8] in _MP4_BOXES:
                return _mp4(file, size)
            if head[:4] == b"RIFF":
                return Promised(_avi_missing(file, size))
            if head[:4] == b"\x1a\x45\xdf\xa3":
                return Promised(_matroska_missing(file, size))
    except OSError as error:
        raise BadInput(f"it cannot be opened ({error.strerror or error})") from error
    return Promised()


def _mp4(file: BinaryIO, size: int) -> Promised:
    at, missing, seconds, kinds = 0, 0, None, set[bytes]()
    while at + 8 <= size:
        kind, begin, end = _box(_at(file, at, 16), at, size)
        if kind not in _MP4_BOXES:
            break
        kinds.add(kind)
        if kind not in _MP4_FILLERS:
            missing = max(missing, end - size)
        if kind == b"moov" and end - begin <= _MOST_OF_AN_INDEX:
            index = _at(file, begin, end - begin)
            if b"vide" not in index and b"soun" in index:
                raise BadInput("it holds sound and no pictures")
            seconds = _mp4_seconds(index)
        at = end
    if not kinds & {b"moov", b"moof"}:
        raise BadInput("it was cut off before its index was written, as when a recorder loses its power")
    return Promised(missing, seconds)


def _box(head: bytes, at: int, size: int) -> tuple[bytes, int, int]:
    """(kind, where its content begins, where it ends) of the box whose first bytes are `head`, at `at` of `size`."""
    length, begin = int.from_bytes(head[:4], "big"), at + 8
    if length == 1:  # the length is a long one, behind the kind
        length, begin = int.from_bytes(head[8:16], "big"), at + 16
    return head[4:8], begin, size if length == 0 else at + max(length, begin - at)


def _boxes(content: bytes) -> Iterator[tuple[bytes, bytes]]:
    """(kind, content) of the boxes within a box."""
    at = 0
    while at + 8 <= len(content):
        kind, begin, end = _box(content[at : at + 16], at, len(content))
        yield kind, content[begin:end]
        at = end


def _mp4_seconds(index: bytes) -> float | None:
    """How long the pictures of the film last, as its edits have it; None where the index does not say (fragments)."""
    scale, longest = 0, 0
    for kind, content in _boxes(index):
        if kind == b"mvhd":
            scale = int.from_bytes(content[20:24] if content[:1] == b"\1" else content[12:16], "big")
        if kind == b"trak" and b"hdlr" in content and b"vide" in content:
            head = dict(_boxes(content)).get(b"tkhd", b"")
            longest = max(longest, int.from_bytes(head[28:36] if head[:1] == b"\1" else head[20:24], "big"))
    return longest / scale if scale and 0 < longest < 0xFFFFFFFF else None


def _avi_missing(file: BinaryIO, size: int) -> int:
    """An AVI file is a row of RIFF chunks; a recorder that lost its power left the length of the last at 0."""
    at = 0
    while (head := _at(file, at, 8))[:4] == b"RIFF" and (length := int.from_bytes(head[4:8], "little")):
        at += 8 + length
    return max(0, at - size)


def _matroska_missing(file: BinaryIO, size: int) -> int:
    """The header and the one segment; a segment that was being written says that its length is not known."""
    header, at = _matroska_length(_at(file, 4, 8), 4)
    at += header or 0
    if _at(file, at, 4) != _MKV_SEGMENT:
        return 0
    length, begin = _matroska_length(_at(file, at + 4, 8), at + 4)
    return max(0, begin + length - size) if length is not None else 0


def _matroska_length(coded: bytes, at: int) -> tuple[int | None, int]:
    """(a length, where what it measures begins); the leading zero bits of the first byte tell how many bytes it has."""
    width = 9 - coded[0].bit_length() if coded and coded[0] else 8
    mask = (1 << 7 * width) - 1
    length = int.from_bytes(coded[:width], "big") & mask
    return (None if length == mask else length), at + width


def _at(file: BinaryIO, at: int, count: int) -> bytes:
    file.seek(at)
    return file.read(count)
