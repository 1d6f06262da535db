"""Pictures over HTTP as cameras really send them."""

import base64
import gzip
import hashlib
import socketserver
import ssl
import threading
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import cv2
import numpy as np
import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from patrol_anpr.cameras import BadFrame, CaptureWish, FrameSource, Granted, open_source, parse_source
from patrol_anpr.domain.errors import DeviceLost
from tests.depot_link.test_link_tls import Authority

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
    with pytest.raises(DeviceLost, match="shows a web page"):
        served(httpserver, b"<html>a login page</html>", "text/html")
    assert "html" not in capfd.readouterr().err


# Habits of real cameras, each over a real connection.

PART = b"--x\r\nContent-Type: image/jpeg\r\n\r\n" + JPEG + b"\r\n"
STREAM = "multipart/x-mixed-replace; boundary=x"


@contextmanager
def camera(answer: Callable[[bytes], bytes], tls: ssl.SSLContext | None = None) -> Iterator[str]:
    """A camera that answers each request (its bytes) with bytes of its own and hangs up; gives "127.0.0.1:port"."""

    class Answering(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            with suppress(OSError):
                self.connection = tls.wrap_socket(self.request, server_side=True) if tls else self.request
                request = b""
                while b"\r\n\r\n" not in request and request[:1] != b"\x16" and (more := self.connection.recv(65536)):
                    request += more
                self.connection.sendall(answer(request))

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Answering) as server:
        server.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        try:
            yield f"127.0.0.1:{server.server_address[1]}"
        finally:
            server.shutdown()
            thread.join()


def opened(address: str) -> FrameSource:
    return open_source(parse_source(address), CaptureWish())


def answered(body: bytes, *heads: str, status: str = "200 OK", version: str = "1.1") -> bytes:
    return "\r\n".join((f"HTTP/{version} {status}", *heads, "", "")).encode() + body


@pytest.mark.parametrize("boundary", ["x", "X", "--x", "----x", '"x"', "", "another"])
@pytest.mark.parametrize("sent", [b"--x", b"x", b"----x"])
def test_the_boundary_announced_need_not_be_the_one_sent(boundary: str, sent: bytes) -> None:
    kind = (
        f"Content-Type: multipart/x-mixed-replace;boundary={boundary}" if boundary else "Content-Type: multipart/mixed"
    )
    with camera(lambda _: answered(PART.replace(b"--x", sent) * 3, kind)) as at:
        assert list(drained(opened(f"http://{at}/"))) == [(24, 32, 3)] * 3


@pytest.mark.parametrize(
    "heads",
    [
        ("Content-Type: application/octet-stream",),
        (),
        ("Content-Type: text/plain",),
        ("Content-Type: image/jpeg", "Transfer-Encoding: chunked"),
        (f"Content-Type: {STREAM}", "Transfer-Encoding: chunked"),
        (f"Content-Type: {STREAM}", "Content-Encoding: gzip"),
        (f"Content-Type: {STREAM}", "Content-Encoding: deflate"),
    ],
)
@pytest.mark.parametrize("version", ["1.0", "1.1"])
def test_pictures_are_found_however_they_are_wrapped(heads: tuple[str, ...], version: str) -> None:
    body = PART * 3
    if "Content-Encoding: gzip" in heads:
        body = gzip.compress(body)
    elif "Content-Encoding: deflate" in heads:
        body = zlib.compress(body)
    if "Transfer-Encoding: chunked" in heads:
        body = b"".join(
            b"%x\r\n%b\r\n" % (len(body[at : at + 500]), body[at : at + 500]) for at in range(0, len(body), 500)
        )
        body += b"0\r\n\r\n"
    with camera(lambda _: answered(body, *heads, version=version)) as at:
        source = opened(f"http://{at}/")
        assert [source.grab().shape for _ in range(3)] == [(24, 32, 3)] * 3
        source.close()


@pytest.mark.parametrize("kind", [".jpg", ".png"])
def test_a_page_with_one_picture_is_asked_for_again_and_again(kind: str) -> None:
    pixels = [np.full((24, 32, 3), 40 * number, np.uint8) for number in range(4)]
    bodies = iter([cv2.imencode(kind, one)[1].tobytes() for one in pixels])

    def answer(_: bytes) -> bytes:
        body = next(bodies, b"")
        return answered(body, f"Content-Type: image/{kind[1:]}", f"Content-Length: {len(body)}")

    with camera(answer) as at:
        source = opened(f"http://{at}/snapshot")
        assert [round(float(source.grab().mean()), -1) for _ in range(4)] == [0, 40, 80, 120]
        with pytest.raises(BadFrame, match="sent a bad frame"):
            source.grab()
        source.close()


def test_one_login_serves_every_picture_of_a_page() -> None:
    asked = []

    def answer(request: bytes) -> bytes:
        asked.append(b"uthorization: Digest" in request)
        if not asked[-1]:
            return answered(b"", 'WWW-Authenticate: Digest realm="c", nonce="1", qop="auth"', status="401 No")
        return answered(JPEG, "Content-Type: image/jpeg")

    with camera(answer) as at:
        source = opened(f"http://unit:pw@{at}/snapshot")
        for _ in range(3):
            source.grab()
        source.close()
    assert asked == [False, True, True, True]


def test_a_nonce_that_is_too_old_is_no_wrong_password() -> None:
    nonces = iter(["1", "1", "2", "2", "3", "3"])
    new = {"1": "", "2": ", stale=true", "3": ", stale=TRUE"}

    def answer(request: bytes) -> bytes:
        nonce = next(nonces)
        if nonce == "3" and b'nonce="3"' in request:
            return answered(PART, f"Content-Type: {STREAM}")
        head = f'WWW-Authenticate: Digest realm="c", nonce="{nonce}", qop="auth"{new[nonce]}'
        return answered(b"", head, status="401 No")

    nonces = iter(["1", "2", "3", "3"])
    with camera(answer) as at:
        assert opened(f"http://unit:pw@{at}/").grab().shape == (24, 32, 3)


@pytest.mark.parametrize("coding", ["utf-8", "latin-1"])
def test_a_login_is_reckoned_with_the_bytes_of_its_realm(coding: str) -> None:
    realm = "Kamera für hinten".encode(coding)

    def answer(request: bytes) -> bytes:
        secret, asked = (hashlib.md5(text).hexdigest() for text in ("Łuk:".encode() + realm + b":pw", b"GET:/"))
        right = hashlib.md5(f"{secret}:1:{asked}".encode()).hexdigest()
        if b'realm="' + realm + b'"' in request and f'response="{right}"'.encode() in request:
            return answered(PART, f"Content-Type: {STREAM}")
        return b'HTTP/1.1 401 No\r\nWWW-Authenticate: Digest realm="' + realm + b'", nonce="1"\r\n\r\n'

    with camera(answer) as at:
        assert opened(f"http://%C5%81uk:pw@{at}/").grab().shape == (24, 32, 3)


def test_every_challenge_is_tried_from_the_strongest_on() -> None:
    tried = []

    def answer(request: bytes) -> bytes:
        login = request.partition(b"uthorization: ")[2].partition(b"\r\n")[0].decode()
        tried.append(login.partition(" ")[0] + (" SHA-256" if "SHA-256" in login else ""))
        if login.startswith("Basic"):
            return answered(PART, f"Content-Type: {STREAM}")
        heads = ("WWW-Authenticate: Basic realm=c", "WWW-Authenticate: Digest realm=c, nonce=1, qop=auth")
        return answered(b"", *heads, "www-authenticate: Digest realm=c, nonce=2, algorithm=SHA-256", status="401 No")

    with camera(answer) as at:
        opened(f"http://unit:pw@{at}/").close()
    assert tried == ["", "Digest SHA-256", "Digest", "Basic"]


def wants_login(request: bytes) -> bytes:
    if b"uthorization: Basic" in request:
        return answered(PART, f"Content-Type: {STREAM}")
    return answered(b"", "WWW-Authenticate: Basic realm=c", status="401 No")


def sent_on(to: str, code: int = 302) -> bytes:
    return answered(b"", f"Location: {to}", status=f"{code} Moved")


@pytest.mark.parametrize("code", [301, 302, 303, 307, 308])
def test_the_login_is_kept_when_the_camera_sends_us_on_to_itself(code: int) -> None:
    def answer(request: bytes) -> bytes:
        return wants_login(request) if b"GET /cgi/mjpg?a=1" in request else sent_on("/cgi/mjpg?a=1", code)

    with camera(answer) as at:
        opened(f"http://unit:pw@{at}/video").close()


def test_the_login_is_kept_when_another_port_of_the_camera_has_the_picture() -> None:
    with camera(wants_login) as at, camera(lambda _: sent_on(f"http://{at}/live")) as first:
        opened(f"http://unit:pw@{first}/video").close()


def test_no_other_host_gets_the_login() -> None:
    asked = []

    def other(request: bytes) -> bytes:
        asked.append(request)
        return wants_login(request)

    def answer(request: bytes) -> bytes:
        if b"uthorization" not in request:
            return answered(b"", "WWW-Authenticate: Basic realm=c", status="401 No")
        return sent_on(f"http://{at.replace('127.0.0.1', 'localhost')}/video?token=1")

    told = r"sends us on to http://localhost:\d+/video, which wants a login"
    with camera(other) as at, camera(answer) as first, pytest.raises(DeviceLost, match=told):
        opened(f"http://unit:pw@{first}/video")
    assert asked
    assert not any(b"uthorization" in request for request in asked)


def test_going_round_in_a_circle_ends() -> None:
    with camera(lambda _: sent_on("/again")) as at, pytest.raises(DeviceLost, match="without end"):
        opened(f"http://{at}/")


@pytest.mark.parametrize(
    ("answer", "sentence"),
    [
        (answered(b"", "WWW-Authenticate: NTLM", status="401 No"), r"login of an unknown kind \(ntlm\)"),
        (answered(b"", status="401 No"), "login of an unknown kind"),
        (answered(b"", "WWW-Authenticate: Basic", status="401 No"), "wants another user name or password"),
        (answered(b"", status="403 No"), "may not see the picture"),
        (answered(b"", status="404 No"), "no such page"),
        (answered(b"", status="503 No"), "busy or still starting"),
        (answered(b"", status="500 No"), "answers 500: check its address"),
        (answered(b"<html>", "Content-Type: text/html"), "shows a web page"),
        (answered(b"<html>", "Content-Type: application/xhtml+xml; charset=x"), "shows a web page"),
        (answered(b"  <!DOCTYPE html><html>"), "shows a web page"),
        (answered(b"{}", "Content-Type: application/json"), "sends application/json, not pictures"),
        (answered(b"no", "Content-Type: video/mp4"), "sends video/mp4, not pictures"),
        (answered(b"", f"Content-Type: {STREAM}"), "hangs up before its first picture"),
        (
            answered(b"--x\r\nContent-Type: video/h264\r\n\r\n\0\0\1abc\r\n" * 9, f"Content-Type: {STREAM}"),
            "video/h264",
        ),
        (sent_on("rtsp://127.0.0.1/live"), "sends us on to rtsp://127.0.0.1/live: give that address"),
        (
            sent_on("rtsp://127.0.0.1/user=unit&password=pw"),
            r"sends us on to rtsp://127.0.0.1/\.\.\.: give that address",
        ),
        (sent_on("http://h:port/"), "sends us on to http://h:port/"),
        (b"RTSP/1.0 400 Bad Request\r\n\r\n", "does not speak HTTP"),
        (b"SSH-2.0-OpenSSH_9.2\r\n", "does not speak HTTP"),
        (b"", "hangs up without an answer"),
    ],
)
def test_each_habit_has_its_own_sentence_and_no_cable_is_blamed(answer: bytes, sentence: str) -> None:
    with camera(lambda _: answer) as at, pytest.raises(DeviceLost, match=sentence) as told:
        opened(f"http://unit:pw@{at}/")
    assert "cable" not in str(told.value)
    assert "pw" not in str(told.value)


def test_a_name_that_does_not_exist_and_a_port_without_tls_have_their_sentences() -> None:
    with pytest.raises(DeviceLost, match="name that is not known"):
        opened("http://no-such-camera.invalid/")
    with camera(lambda _: answered(PART)) as at, pytest.raises(DeviceLost, match="does not speak HTTPS"):
        opened(f"https://{at}/")


def test_a_certificate_that_is_not_trusted_is_told(tmp_path: Path) -> None:
    tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    files = Authority(tmp_path, "maker of the camera").issue()
    tls.load_cert_chain(files["certificate"], files["key"])
    with (
        camera(wants_login, tls) as at,
        pytest.raises(DeviceLost, match="certificate that this computer does not trust"),
    ):
        opened(f"https://{at}/")
