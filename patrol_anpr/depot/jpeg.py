"""Is this a JPEG picture of a sane size? Found out from its markers alone: nothing is decoded in the depot process."""

import re
import struct
from collections.abc import Iterator

MAX_SIDE = 8192
MAX_PIXELS = 33_000_000

_END, _SCAN = 0xD9, 0xDA
_FRAMES = (0xC0, 0xC1, 0xC2)  # baseline, extended, progressive
_OTHER_FRAMES = (0xC3, 0xC5, 0xC6, 0xC7, 0xC9, 0xCA, 0xCB, 0xCD, 0xCE, 0xCF)
_NO_LENGTH = (0x00, 0x01, *range(0xD0, 0xD9))
# Within a scan FF 00 is a plain FF and FF D0-D7 are restarts; any other marker ends it.
_AFTER_SCAN = re.compile(rb"\xff+[^\x00\xff\xd0-\xd7]")


class NotAPicture(Exception):
    """The text says why; it holds nothing of the content."""


def check_jpeg(content: bytes) -> None:
    """Raise NotAPicture unless `content` is one JPEG picture of at most MAX_SIDE a side and MAX_PIXELS in all.

    It starts with SOI, declares one frame, has a scan, and ends with EOI with nothing behind it: a file that is two
    things at once is refused.
    """
    frames = scans = 0
    for marker, segment in _segments(content):
        if marker in _OTHER_FRAMES:
            raise NotAPicture("JPEG picture of an unusual kind")
        if marker in _FRAMES:
            frames += 1
            _check_frame(segment)
        scans += marker == _SCAN
    if frames != 1 or scans == 0:
        raise NotAPicture("JPEG file without a picture, or with several")


def _segments(content: bytes) -> Iterator[tuple[int, bytes]]:
    """Give (marker, segment) up to the end; raise NotAPicture where the chain breaks."""
    if not content.startswith(b"\xff\xd8\xff"):
        raise NotAPicture("not a JPEG picture")
    at = 2
    while True:
        marker_bytes = content[at : at + 2]
        if len(marker_bytes) < 2:
            raise NotAPicture("truncated JPEG picture")
        if marker_bytes[0] != 0xFF or marker_bytes[1] in _NO_LENGTH:
            raise NotAPicture("damaged JPEG picture")
        marker = marker_bytes[1]
        if marker == 0xFF:  # a fill byte
            at += 1
            continue
        if marker == _END:
            if at + 2 != len(content):
                raise NotAPicture("something behind the end of the JPEG picture")
            return
        length = int.from_bytes(content[at + 2 : at + 4], "big")
        if length < 2 or at + 2 + length > len(content):
            raise NotAPicture("truncated JPEG picture")
        yield marker, content[at + 4 : at + 2 + length]
        at += 2 + length
        if marker == _SCAN:
            after = _AFTER_SCAN.search(content, at)
            at = len(content) if after is None else after.end() - 2


def _check_frame(header: bytes) -> None:
    if len(header) < 6:
        raise NotAPicture("damaged JPEG picture")
    _, height, width, components = struct.unpack_from(">BHHB", header)
    if not (0 < width <= MAX_SIDE and 0 < height <= MAX_SIDE and width * height <= MAX_PIXELS):
        raise NotAPicture("JPEG picture of too many pixels")
    if components not in (1, 3):
        raise NotAPicture("JPEG picture of an unusual kind")
