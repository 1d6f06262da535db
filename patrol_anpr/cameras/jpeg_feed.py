"""JPEG pictures out of a stream of bytes, whatever stands between them.

Cameras announce one boundary and send another, leave lengths out or count them wrong. A JPEG tells its own end, so
boundaries and lengths are not needed: the heads of parts only tell what was sent in place of a picture.
"""

import re
from typing import NoReturn

from patrol_anpr.cameras.pictures import BadFrame
from patrol_anpr.domain.errors import DeviceLost
from patrol_anpr.domain.sentences import sentence
from patrol_anpr.plumbing.jpeg import END, SCAN, NotAJpeg, segment_at

MAX_PICTURE_BYTES = 16 * 1024 * 1024
"""More than a camera's largest JPEG, so that an endless one does not fill the memory (judged)."""
_MAX_BETWEEN = 1024 * 1024
"""Bytes without a picture and without the head of a part (judged)."""
_START = b"\xff\xd8\xff"
_BLANK = b"\r\n\0 "
_END = b"\xff\xd9"
_SCAN_OVER = re.compile(rb"\xff(?:\xd9|\xd8\xff)")  # by the end, or by the start of the next picture
_HEAD = re.compile(rb"content-(?:type|length)[ \t]*:[^\n]*\n(?:[^\r\n][^\n]*\n)*\r?\n", re.IGNORECASE)
_EMPTY = re.compile(rb"content-length[ \t]*:[ \t]*0+[ \t]*\r?\n", re.IGNORECASE)
_MOST_ASIDES = 3
"""Parts in a row that are no pictures: more, and the stream is of something else (judged)."""
_TYPE = re.compile(rb"content-type[ \t]*:[ \t]*([\w.+-]+/[\w.+-]+)", re.IGNORECASE)


class NotPictures(DeviceLost):
    """A camera sends something else than JPEG pictures, of the media type `media` ("" where it does not say)."""

    def __init__(self, media: str) -> None:
        super().__init__(
            "The camera sends {media}, not pictures: give the address of its MJPEG stream, or its rtsp:// address.",
            media=media or sentence("something without a media type"),
        )


class JpegFeed:
    """Takes bytes as they come, gives pictures as soon as their last byte is there."""

    def __init__(self) -> None:
        self._bytes = bytearray()
        self._begun = False  # a picture begins with the first byte held
        self._at = 0  # in that picture: where its next marker stands, or from where its scan is unknown
        self._sure = 0  # where its last segment with a marker in its place begins
        self._in_scan = False
        self._asides = 0  # parts that are no pictures, since the last picture

    def add(self, more: bytes) -> None:
        """Take in what was received."""
        self._bytes += more

    def take(self) -> bytes | None:
        """Return the next picture, from its start to its end mark; None until more is added.

        Raises:
            BadFrame: what came is no picture, or half of one (a clause without a subject). The next call goes on.
            NotPictures: the stream holds video or sound in parts.
        """
        if not self._begun:
            self._find_start()
        if not self._begun:
            return None
        end = self._end()
        if end is None:
            if len(self._bytes) > MAX_PICTURE_BYTES:
                self._drop(len(self._bytes))
                raise BadFrame("it is too large")
            return None
        picture = bytes(self._bytes[:end])
        self._drop(end)
        return picture

    def rest(self) -> bytes:
        """Give up what is held: all that came since the last picture."""
        held = bytes(self._bytes)
        self._drop(len(held))
        return held

    def _find_start(self) -> None:
        while True:
            start = self._bytes.find(_START)
            until = len(self._bytes) if start < 0 else start
            head = _HEAD.search(self._bytes, 0, until)
            if head is None:
                break
            body = bytes(self._bytes[head.end() : until]).lstrip(_BLANK)
            if not body or (start < 0 and _START.startswith(body)):
                break
            declared = bytes(head[0])
            self._drop(head.end())
            self._pass_over(declared)
        if head is None and until > _MAX_BETWEEN:
            self._drop(until - len(_START))
            raise BadFrame("it is no picture")
        if start >= 0:
            self._drop(start)
            self._begun, self._at, self._sure, self._in_scan, self._asides = True, 2, 2, False, 0

    def _pass_over(self, head: bytes) -> None:
        """Take in that the part with this head holds no JPEG: some cameras send their times or sound in between."""
        media = found[1].decode("ascii").lower() if (found := _TYPE.search(head)) else "image/jpeg"
        empty = _EMPTY.search(head) is not None
        if not empty and media.startswith("image/"):
            raise BadFrame("it is no picture")
        self._asides += 1
        if self._asides > _MOST_ASIDES:
            is_video = media.startswith(("video/", "audio/"))
            raise NotPictures(media) if is_video else BadFrame("it is {media}", media=media)

    def _end(self) -> int | None:
        """Return where the picture ends, None where that is not known yet; BadFrame where it breaks off."""
        while not self._in_scan:
            try:
                segment = segment_at(self._bytes, self._at)
            except NotAJpeg:
                self._break_off(self._sure)
            if segment is None:
                return None
            if segment.marker == END:  # before any scan
                self._break_off(segment.end)
            self._sure, self._at, self._in_scan = self._at, segment.end, segment.marker == SCAN
        found = _SCAN_OVER.search(self._bytes, self._at)
        if found is None:
            self._at = max(self._at, len(self._bytes) - len(_START) + 1)
            return None
        if found[0] != _END:
            self._break_off(found.start())
        return found.end()

    def _break_off(self, at: int) -> NoReturn:
        """Give up the picture begun; what comes from `at` on may be the next part."""
        self._drop(at)
        raise BadFrame("it breaks off before its end")

    def _drop(self, count: int) -> None:
        del self._bytes[:count]
        self._begun = False
