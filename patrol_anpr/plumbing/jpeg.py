"""The segments of a JPEG picture, told from its bytes: nothing is decoded, so nothing in it can do harm."""

import re
import struct
from collections.abc import Iterator
from typing import NamedTuple

START = b"\xff\xd8"
SCAN, END = 0xDA, 0xD9
FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
"""What declares the picture's size. 0xC0 to 0xC2 (baseline, extended, progressive) are what cameras write."""

_BARE = frozenset({0x01, 0xFF, *range(0xD0, 0xD8)})
"""What has no length: a mark for private use, a fill byte, the restarts."""
_MARKERS = frozenset({0x01, *range(0xC0, 0x100)}) - {0xD8}
"""What may begin a segment: all that has a meaning, but not the start of another picture."""
# Within a scan FF 00 is a plain FF and FF D0-D7 are restarts; any other marker ends it. A pattern that begins with one
# plain byte is looked for by memchr: ten times as fast as one that begins with a repetition.
_AFTER_SCAN = re.compile(rb"\xff[^\x00\xff\xd0-\xd7]")


class NotAJpeg(Exception):
    """The text says why, as a noun ("truncated JPEG picture"); it holds nothing of the content."""


class Segment(NamedTuple):
    """One segment: its marker's second byte, what is in it, and where in the file it ends."""

    marker: int
    body: bytes
    end: int


def segments(content: bytes) -> Iterator[Segment]:
    """Give the segments in their order, up to END; a scan's own bytes are passed over. What follows END is not read.

    Raises:
        NotAJpeg: where the chain of segments breaks; what was before it has been given by then.
    """
    if not content.startswith(START):
        raise NotAJpeg("not a JPEG picture")
    at = len(START)
    while (segment := segment_at(content, at)) is not None:
        yield segment
        at = segment.end
        if segment.marker == END:
            return
        if segment.marker == SCAN:
            after = _AFTER_SCAN.search(content, at)
            at = len(content) if after is None else after.end() - 2
    raise NotAJpeg("truncated JPEG picture")


def segment_at(content: bytes | bytearray, at: int) -> Segment | None:
    """Return the segment whose marker stands at `at`, or behind fill bytes there; None where `content` ends before it.

    Raises:
        NotAJpeg: no segment stands there.
    """
    while len(content) >= at + 2:
        first, marker = content[at : at + 2]
        if first == 0xFF and marker == END:
            return Segment(marker, b"", at + 2)
        if first != 0xFF or marker not in _MARKERS:
            raise NotAJpeg("damaged JPEG picture")
        if marker in _BARE:
            at += 1 if marker == 0xFF else 2
            continue
        end = at + 2 + int.from_bytes(content[at + 2 : at + 4], "big")
        if len(content) >= at + 4 > end:
            raise NotAJpeg("damaged JPEG picture")
        return Segment(marker, bytes(content[at + 4 : end]), end) if len(content) >= max(end, at + 4) else None
    return None


def frame_size(frame: Segment) -> tuple[int, int]:
    """Return (width, height) in px of a segment whose marker is in FRAMES. Raises NotAJpeg when it is too short."""
    try:
        height, width = struct.unpack_from(">HH", frame.body, 1)
    except struct.error:
        raise NotAJpeg("damaged JPEG picture") from None
    return width, height
