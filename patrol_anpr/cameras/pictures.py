"""Single pictures: their size is known before they are decoded, and half a picture is no picture.

OpenCV decodes what is there of a broken JPEG and says nothing, so a plate could be read from a grey smear; and a small
file may claim 20,000 x 20,000 pixels. Both are refused here, from the bytes, before decoding.
"""

import struct
from contextlib import suppress
from pathlib import Path

import numpy as np

from patrol_anpr.cameras.opencv import cv2
from patrol_anpr.domain.errors import KnownError
from patrol_anpr.domain.plate import Pixels
from patrol_anpr.plumbing.jpeg import END, FRAMES, SCAN, START, NotAJpeg, frame_size, segments

MAX_PIXELS = 50_000_000
"""More than an 8K frame or a 48 megapixel photograph; 150 MB once decoded."""
MAX_BYTES = 160 * 1024 * 1024
"""The largest picture file read into memory: MAX_PIXELS uncompressed."""
PICTURE_SUFFIXES = frozenset({".jpg", ".jpeg", ".png", ".bmp", ".webp"})


class BadFrame(KnownError):
    """One frame or picture cannot be used; the source it came from goes on."""


def decode_picture(encoded: bytes) -> Pixels:
    """Decode a whole JPEG, PNG, BMP or WebP picture.

    Returns:
        height x width x 3, uint8, BGR, read-only.

    Raises:
        BadFrame: the bytes are none of these, break off, are damaged, or claim more than MAX_PIXELS. Its text is a
            clause without a subject ("it breaks off before its end").
    """
    size = _size(encoded)
    if size is None:
        raise BadFrame("it is not a whole JPEG, PNG, BMP or WebP picture")
    check_size(*size)
    try:
        pixels = cv2.imdecode(np.frombuffer(encoded, np.uint8), cv2.IMREAD_COLOR)
    except cv2.error:
        pixels = None
    if pixels is None:
        raise BadFrame("it is damaged and cannot be decoded")
    pixels.flags.writeable = False
    return pixels  # type: ignore[return-value]  # IMREAD_COLOR gives uint8


def check_size(width: int, height: int) -> None:
    """Refuse a picture size that is empty or over MAX_PIXELS (BadFrame)."""
    if width < 1 or height < 1:
        raise BadFrame("it has no size")
    if width * height > MAX_PIXELS:
        raise BadFrame(
            "it claims {width} x {height} pixels; {most} million are the most allowed",
            width=width,
            height=height,
            most=MAX_PIXELS // 1_000_000,
        )


def read_picture(path: Path) -> Pixels:
    """Read one picture file; see `decode_picture`.

    Raises:
        BadFrame: a sentence that names the file.
    """
    try:
        if path.stat().st_size > MAX_BYTES:
            raise BadFrame("it is larger than {most} MB", most=MAX_BYTES // 1024 // 1024)
        return decode_picture(path.read_bytes())
    except OSError as error:
        raise BadFrame("The picture {path} cannot be opened: {why}.", path=path, why=error.strerror or error) from error
    except BadFrame as error:
        raise BadFrame("The picture {path} cannot be read: {why}.", path=path, why=error.sentence) from error


def _size(encoded: bytes) -> tuple[int, int] | None:
    """Read (width, height) from the head of a picture; None when it is not whole or of another kind."""
    try:
        if encoded.startswith(START):
            return _jpeg_size(encoded)
        if encoded.startswith(b"\x89PNG\r\n\x1a\n"):
            width, height = struct.unpack_from(">II", encoded, 16)
            return (width, height) if b"IEND" in encoded[-64:] else None
        if encoded.startswith(b"BM"):
            length, width, height = struct.unpack_from("<I12x2i", encoded, 2)
            return (abs(width), abs(height)) if len(encoded) >= length else None
        if encoded.startswith(b"RIFF") and encoded[8:12] == b"WEBP":
            return _webp_size(encoded)
    except (struct.error, IndexError):
        return None
    return None


def _jpeg_size(encoded: bytes) -> tuple[int, int] | None:
    """Walk the segments up to the scan, then look for the end mark behind it (a thumbnail's own comes before).

    What stands behind the end, or is odd within the scan, is the decoder's to judge: some cameras write such pictures.
    """
    size = None
    with suppress(NotAJpeg):
        for segment in segments(encoded):
            if segment.marker in FRAMES:
                size = frame_size(segment)
            elif segment.marker == SCAN:
                return size if encoded.find(bytes((0xFF, END)), segment.end) > 0 else None
    return None


def _webp_size(encoded: bytes) -> tuple[int, int] | None:
    kind, (length,) = encoded[12:16], struct.unpack_from("<I", encoded, 4)
    if len(encoded) < length + 8:
        return None
    if kind == b"VP8 ":
        width, height = struct.unpack_from("<HH", encoded, 26)
        return width & 0x3FFF, height & 0x3FFF
    if kind == b"VP8L":
        (bits,) = struct.unpack_from("<I", encoded, 21)
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    if kind == b"VP8X":
        return 1 + int.from_bytes(encoded[24:27], "little"), 1 + int.from_bytes(encoded[27:30], "little")
    return None
