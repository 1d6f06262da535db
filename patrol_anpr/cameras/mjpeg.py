"""MJPEG over HTTP, read by ourselves: FFmpeg hands out half a JPEG as a picture."""

import http.client
import urllib.error
import urllib.request
from urllib.parse import unquote, urlsplit, urlunsplit

from patrol_anpr.cameras.pictures import BadFrame, decode_picture
from patrol_anpr.cameras.source import Granted, SourceSpec
from patrol_anpr.domain.errors import DeviceLost
from patrol_anpr.domain.plate import Pixels

READ_TIMEOUT_S = 4.0
_MAX_PART = 16 * 1024 * 1024
_MAX_LINE = 65536
_MAX_HEAD_LINES = 64


class NotMjpeg(Exception):
    """The address answers with something else: FFmpeg may know what it is."""


class MjpegSource:
    """A `multipart/x-mixed-replace` stream of JPEGs. `granted` is known after the first frame, its fps never."""

    def __init__(self, spec: SourceSpec) -> None:
        self._label = spec.label
        self._response, self._mark = _connect(spec)
        self._first: Pixels | None = None
        self._at_mark = False
        self.granted = Granted(0, 0, 0.0, "MJPG")
        try:
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
            encoded = self._part()
        except (OSError, http.client.HTTPException, ValueError) as error:  # ValueError: chunks without sizes
            raise DeviceLost(f"The camera at {self._label} stopped: check its power and cable.") from error
        try:
            pixels = decode_picture(encoded)
        except BadFrame as error:
            raise BadFrame(f"The camera at {self._label} sent a bad frame: {error}.") from error
        self.granted = Granted(pixels.shape[1], pixels.shape[0], 0.0, "MJPG")
        return pixels

    def close(self) -> None:
        """Close the connection."""
        self._response.close()

    def _line(self) -> bytes:
        line: bytes = self._response.readline(_MAX_LINE)
        if not line:
            raise ConnectionResetError
        return line

    def _part(self) -> bytes:
        """Return the body of the next part: by its length where that is given, else up to the next boundary."""
        skipped = 0
        while not self._at_mark:
            line = self._line()
            self._at_mark = line.startswith(self._mark)
            skipped += len(line)
            if skipped > _MAX_PART:
                raise BadFrame("The stream has no boundaries.")
        self._at_mark = False
        length = 0
        for _ in range(_MAX_HEAD_LINES):
            name, _, value = self._line().partition(b":")
            if not name.strip():
                break
            if name.strip().lower() == b"content-length" and value.strip().isdigit():
                length = int(value)
        if length > _MAX_PART:
            raise BadFrame("A part of the stream claims to be too long.")
        return self._exactly(length) if length else self._to_boundary()

    def _exactly(self, length: int) -> bytes:
        body = self._response.read(length)
        if len(body) < length:
            raise ConnectionResetError
        return body

    def _to_boundary(self) -> bytes:
        """Read lines up to the end of the JPEG: waiting for the boundary would hand out every frame one late."""
        body = bytearray()
        while len(body) <= _MAX_PART:
            line = self._line()
            self._at_mark = line.startswith(self._mark)
            if self._at_mark:
                break
            body += line
            if body.endswith(b"\xff\xd9\r\n"):
                break
        return bytes(body)


def _connect(spec: SourceSpec) -> tuple[http.client.HTTPResponse, bytes]:
    """Open the stream; returns the response and the line that begins each part."""
    parts = urlsplit(spec.where)
    bare = urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2], fragment=""))
    known = urllib.request.HTTPPasswordMgrWithDefaultRealm()
    if parts.username is not None:
        known.add_password(None, bare, unquote(parts.username), unquote(parts.password or ""))
    opener = urllib.request.build_opener(
        urllib.request.ProxyHandler({}),  # a camera is in the car; its pictures go through no proxy
        urllib.request.HTTPBasicAuthHandler(known),
        urllib.request.HTTPDigestAuthHandler(known),
    )
    try:
        response: http.client.HTTPResponse = opener.open(bare, timeout=READ_TIMEOUT_S)
    except urllib.error.HTTPError as error:
        with error:
            told = "wants another user name or password" if error.code in (401, 403) else f"answers {error.code}"
        raise DeviceLost(f"The camera at {spec.label} {told}: check its address and its settings.") from None
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise DeviceLost(f"The camera at {spec.label} does not answer: check its address, power and cable.") from error
    if response.headers.get_content_type() != "multipart/x-mixed-replace":
        response.close()
        raise NotMjpeg
    boundary = str(response.headers.get_param("boundary", "")).strip().encode("latin-1", "replace")
    return response, boundary if boundary.startswith(b"--") else b"--" + boundary
