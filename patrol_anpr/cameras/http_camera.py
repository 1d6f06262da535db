"""Cameras that send JPEG pictures over HTTP, read by ourselves: FFmpeg hands out half a JPEG as a picture."""

import http.client
import time
import zlib
from collections.abc import Callable

from patrol_anpr.cameras.http_get import HttpGet
from patrol_anpr.cameras.jpeg_feed import JpegFeed, NotPictures
from patrol_anpr.cameras.pictures import BadFrame, decode_picture
from patrol_anpr.cameras.source import Granted, SourceSpec
from patrol_anpr.domain.errors import DeviceLost
from patrol_anpr.domain.plate import Pixels

_CHUNK = 64 * 1024
"""Bytes taken at most at once: about one picture, so that none waits for the next."""
_SNAPSHOT_EVERY_S = 1 / 15
"""Between two requests of a page with one picture: as often as a plate that passes needs it (judged)."""
_OF_VIDEO = ("video/", "audio/", "application/vnd.apple.mpegurl", "application/x-mpegurl", "application/dash+xml")
_OF_TEXT = ("text/html", "application/xhtml+xml")


class HttpCamera:
    """A stream of JPEGs in parts, a stream of bare JPEGs, or a page with one picture that is asked for again and again.

    `granted` is known after the first picture, its fps never.
    """

    def __init__(self, spec: SourceSpec) -> None:
        """Open it and wait for the first picture.

        Raises:
            DeviceLost: the camera does not answer, refuses us, or stopped.
            NotPictures: it sends something else: FFmpeg may know what it is.
        """
        self._label = spec.label
        self._get = HttpGet(spec)
        self._first: Pixels | None = None
        self.granted = Granted(0, 0, 0.0, "MJPG")
        self.media_time = 0.0
        try:
            self._open()
            self._first = self.grab()
        except BadFrame:
            pass  # it may be better later; until then the camera's judge says GARBAGE
        except BaseException:
            self.close()
            raise

    def grab(self) -> Pixels:
        """Wait for a picture; BadFrame when what came is none, DeviceLost when the stream stops."""
        if self._first is not None:
            first, self._first = self._first, None
            return first
        try:
            pixels = decode_picture(self._next())
        except BadFrame as error:
            raise BadFrame(
                "The camera at {label} sent a bad frame: {why}.", label=self._label, why=error.sentence
            ) from error
        except (OSError, http.client.HTTPException, zlib.error, ValueError) as error:  # ValueError: a chunk's odd size
            raise DeviceLost(self._stopped(), label=self._label) from error
        self.granted = Granted(pixels.shape[1], pixels.shape[0], 0.0, "MJPG")
        return pixels

    def _stopped(self) -> str:
        if self.granted.width:
            return "The camera at {label} stopped: check its power and cable."
        return "The camera at {label} hangs up before its first picture: check its address and its settings."

    def close(self) -> None:
        """Close the connection."""
        self._get.close()

    def _open(self) -> None:
        self._opened, self._feed, self._asked_for = time.monotonic(), JpegFeed(), True
        self._response = self._get.open()
        self._unpack = _unpacker(self._response.headers.get("Content-Encoding", ""))
        media = self._response.headers.get_content_type() if "Content-Type" in self._response.headers else ""
        if media in _OF_TEXT:
            raise self._shows_a_page()
        if media.startswith(_OF_VIDEO):
            raise NotPictures(media)
        self._snapshots = media.startswith("image/")
        if not self._snapshots and not media.startswith("multipart/"):
            self._look_inside(media)

    def _look_inside(self, media: str) -> None:
        """Take what is declared as anything for pictures when it begins like them."""
        begin = self._more()
        if begin.lstrip().startswith(b"<"):
            raise self._shows_a_page()
        if not (b"\xff\xd8\xff" in begin or begin.lstrip().startswith(b"--")):
            raise NotPictures(media)
        self._feed.add(begin)

    def _shows_a_page(self) -> DeviceLost:
        return DeviceLost(
            "The camera at {label} shows a web page: give the address of its video stream.", label=self._label
        )

    def _next(self) -> bytes:
        """Return the next picture, encoded; of a page that is over, what it held."""
        while (picture := self._feed.take()) is None:
            if more := self._more():
                self._feed.add(more)
            elif not self._snapshots:
                raise ConnectionResetError
            elif self._asked_for:
                picture, self._asked_for = self._feed.rest(), False
                return picture
            else:
                time.sleep(max(0.0, self._opened + _SNAPSHOT_EVERY_S - time.monotonic()))
                self._open()
        self._asked_for = False
        return picture

    def _more(self) -> bytes:
        """Return what comes next of the body, unpacked; nothing at its end."""
        while packed := self._response.read1(_CHUNK):
            if more := self._unpack(packed):
                return more
        return b""


def _unpacker(encoding: str) -> Callable[[bytes], bytes]:
    """Return what undoes a Content-Encoding; some cameras compress although they were asked not to."""
    if encoding.strip().lower() in ("gzip", "x-gzip", "deflate"):
        return zlib.decompressobj(wbits=zlib.MAX_WBITS | 32).decompress  # 32: gzip or zlib, as its head says
    return bytes
