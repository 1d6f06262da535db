"""MJPEG streams as cameras really send them."""

import base64
from collections.abc import Iterator

import cv2
import numpy as np
import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from patrol_anpr.cameras import BadFrame, CaptureWish, FrameSource, Granted, open_source, parse_source
from patrol_anpr.domain.errors import DeviceLost

JPEG = cv2.imencode(".jpg", np.random.default_rng(5).integers(0, 255, (24, 32, 3)).astype(np.uint8))[1].tobytes()


def served(server: HTTPServer, body: bytes, content_type: str = "multipart/x-mixed-replace; boundary=x") -> FrameSource:
    server.expect_request("/video").respond_with_data(body, content_type=content_type)
    return open_source(parse_source(server.url_for("/video")), CaptureWish())


def drained(source: FrameSource) -> Iterator[tuple[int, ...]]:
    try:
        while True:
            yield source.grab().shape
    except DeviceLost:
        source.close()


@pytest.mark.parametrize(
    "body",
    [
        (b"--x\r\nContent-Type: image/jpeg\r\nContent-Length: %d\r\n\r\n" % len(JPEG) + JPEG + b"\r\n") * 3,
        (b"--x\r\nContent-Type: image/jpeg\r\n\r\n" + JPEG + b"\r\n") * 3 + b"--x--\r\n",
        (b"--x\r\n\r\n" + JPEG + b"\n\n\r\n") * 3 + b"--x\r\n\r\n",
    ],
    ids=["with lengths", "without lengths", "padded"],
)
def test_parts_are_pictures(httpserver: HTTPServer, body: bytes) -> None:
    source = served(httpserver, body)
    assert source.granted == Granted(32, 24, 0.0, "MJPG")
    assert list(drained(source)) == [(24, 32, 3)] * 3


@pytest.mark.parametrize("boundary", ["x", '"--x"', "--x"])
def test_boundaries_as_cameras_write_them(httpserver: HTTPServer, boundary: str) -> None:
    body = b"--x\r\n\r\n" + JPEG + b"\r\n"
    source = served(httpserver, body, f"multipart/x-mixed-replace;boundary={boundary}")
    assert len(list(drained(source))) == 1


def test_a_bad_part_is_told_and_the_next_is_read(httpserver: HTTPServer) -> None:
    parts = [JPEG, JPEG[:200], b"rubbish", JPEG]
    source = served(httpserver, b"".join(b"--x\r\nContent-Length: %d\r\n\r\n%b\r\n" % (len(p), p) for p in parts))
    source.grab()
    for _ in range(2):
        with pytest.raises(BadFrame, match=r"sent a bad frame: .*\.$"):
            source.grab()
    assert list(drained(source)) == [(24, 32, 3)]


def test_a_user_name_and_password_are_sent_when_asked_for(httpserver: HTTPServer) -> None:
    def answer(request: Request) -> Response:
        expected = "Basic " + base64.b64encode(b"unit:pass word").decode()
        if request.headers.get("Authorization") != expected:
            return Response("no", 401, {"WWW-Authenticate": 'Basic realm="camera"'})
        return Response(b"--x\r\n\r\n" + JPEG + b"\r\n", content_type="multipart/x-mixed-replace; boundary=x")

    httpserver.expect_request("/video").respond_with_handler(answer)
    url = httpserver.url_for("/video")
    source = open_source(parse_source(url.replace("://", "://unit:pass%20word@")), CaptureWish())
    assert len(list(drained(source))) == 1
    with pytest.raises(DeviceLost, match="user name or password"):
        open_source(parse_source(url.replace("://", "://unit:wrong@")), CaptureWish())
    with pytest.raises(DeviceLost, match="user name or password"):
        open_source(parse_source(url), CaptureWish())


def test_answers_that_are_no_stream_are_told(httpserver: HTTPServer, capfd: pytest.CaptureFixture[str]) -> None:
    httpserver.expect_request("/gone").respond_with_data("", status=404)
    with pytest.raises(DeviceLost, match="answers 404"):
        open_source(parse_source(httpserver.url_for("/gone")), CaptureWish())
    with pytest.raises(DeviceLost, match="does not answer"):
        served(httpserver, b"<html>a login page</html>", "text/html")
    assert "html" not in capfd.readouterr().err
