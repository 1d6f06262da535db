"""Signed requests over real HTTP: what was altered, sent before, or signed at another time or for another depot."""

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import requests

from patrol_anpr.depot import DepotServer, signatures
from patrol_anpr.identity.own import Identity
from patrol_anpr.lab.enrolled import SECRET, enrolled
from patrol_anpr.wire.signatures import CLOCK, REASON, UNKNOWN, WINDOW_SECONDS, digest_field

BODY = b'{"lists":[]}'


class Line:
    """Sends a request of a car, signed, then changed as a test says."""

    def __init__(self, url: str, identity: Identity) -> None:
        self.url, self.identity = url, identity
        self.session = requests.Session()
        self.session.trust_env = False

    def signed(self, method: str = "POST", path: str = "/v2/held", body: bytes | None = BODY, **when):
        headers = {"Content-Type": "application/json"}
        request = requests.Request(method, self.url + path, data=body, headers=headers).prepare()
        digest = None if body is None else hashlib.sha256(body).digest()
        self.identity.sign(request, digest, datetime.now(UTC) + timedelta(**when))
        return request

    def send(self, request: requests.PreparedRequest) -> requests.Response:
        return self.session.send(request, timeout=20, allow_redirects=False)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("signed")


@pytest.fixture(scope="module")
def depot(home: Path) -> Iterator[DepotServer]:
    server = DepotServer(home / "depot")
    server.start()
    yield server
    server.stop()


@pytest.fixture(scope="module")
def line(home: Path, depot: DepotServer) -> Iterator[Line]:
    line = Line(depot.url, enrolled(home / "depot", home / "identity"))
    yield line
    line.session.close()


def test_what_a_car_signed_is_taken_once(line: Line):
    request = line.signed()
    assert line.send(request).status_code == 200
    again = line.send(request)
    assert (again.status_code, again.headers[REASON]) == (401, UNKNOWN)
    assert line.send(line.signed()).status_code == 200, "the same content, signed anew"


def test_a_depot_that_can_remember_no_more_asks_to_wait(line: Line, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(signatures, "MOST_REMEMBERED", 0)
    request = line.signed()
    answer = line.send(request)
    assert (answer.status_code, answer.headers["retry-after"]) == (503, str(WINDOW_SECONDS))
    assert REASON not in answer.headers, "nothing is wrong with the car"
    monkeypatch.undo()
    assert line.send(request).status_code == 200


def other_path(request: requests.PreparedRequest) -> None:
    parts = urlsplit(request.url)
    request.url = f"{parts.scheme}://{parts.netloc}/v2/holdings"


def with_query(request: requests.PreparedRequest) -> None:
    request.url += "?all=1"


def without(*names: str) -> Callable[[requests.PreparedRequest], None]:
    def change(request: requests.PreparedRequest) -> None:
        for name in names:
            del request.headers[name]

    return change


def put(name: str, value: str | Callable[[str], str]) -> Callable[[requests.PreparedRequest], None]:
    def change(request: requests.PreparedRequest) -> None:
        request.headers[name] = value if isinstance(value, str) else value(request.headers[name])

    return change


CHANGES: dict[str, Callable[[requests.PreparedRequest], None]] = {
    "another path": other_path,
    "a query": with_query,
    "another digest": put("Content-Digest", digest_field(hashlib.sha256(b"x").digest())),
    "no digest": without("Content-Digest"),
    "no signature": without("Signature"),
    "no input": without("Signature-Input"),
    "no certificate": without("Client-Cert"),
    "a certificate cut short": put("Client-Cert", lambda value: value[:-20] + ":"),
    "no byte sequence": put("Client-Cert", "MII"),
    "two certificates": put("Client-Cert", lambda value: f"{value}, {value}"),
    "digest not covered": put("Signature-Input", lambda value: value.replace(' "content-digest"', "")),
    "path not covered": put("Signature-Input", lambda value: value.replace(' "@path"', "")),
    "nothing covered": put("Signature-Input", lambda value: "car=()" + value[value.index(")") + 1 :]),
    "another time": put("Signature-Input", lambda value: value.replace("created=", "created=1")),
    "no nonce": put("Signature-Input", lambda value: value.replace("nonce=", "nonsense=")),
    "another algorithm": put("Signature-Input", lambda value: value.replace("ecdsa-p256-sha256", "hmac-sha256")),
    "no structured field": put("Signature-Input", "car=(((("),
    "another label": put("Signature", lambda value: value.replace("car=", "other=")),
    "an empty signature": put("Signature", "car=::"),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES.keys())
def test_whatever_is_altered_is_refused(line: Line, change: Callable[[requests.PreparedRequest], None]):
    request = line.signed()
    change(request)
    assert line.send(request).status_code == 401


def test_what_was_signed_for_another_method_is_refused(line: Line):
    request = line.signed("PUT")
    request.method = "POST"
    assert line.send(request).status_code == 401


def test_altered_content_is_refused_and_may_come_again(line: Line):
    request = line.signed()
    request.body = BODY.replace(b"[]", b"{}")
    assert line.send(request).status_code == 400


@pytest.mark.parametrize("minutes", [-6, 6, -30_000_000, 7_000_000])
def test_what_was_signed_at_another_time_is_refused_with_the_reason(line: Line, minutes: int):
    answer = line.send(line.signed(minutes=minutes))
    assert (answer.status_code, answer.headers[REASON]) == (401, CLOCK)


@pytest.mark.parametrize("minutes", [4])
def test_a_clock_that_is_a_little_wrong_is_none(line: Line, minutes: int):
    assert line.send(line.signed(minutes=minutes)).status_code == 200


def test_a_restarted_depot_takes_nothing_from_before(home: Path, line: Line):
    request = line.signed(seconds=-30)
    answer = line.send(request)
    assert (answer.status_code, answer.headers[REASON]) == (401, CLOCK), "nobody knows whether it came before"


def test_a_depot_whose_clock_was_ahead_when_it_started_takes_requests_once_it_is_right(tmp_path: Path):
    ahead = timedelta(days=1)
    server = DepotServer(tmp_path / "depot", now=lambda: datetime.now(UTC) + ahead)
    line = Line(server.url, enrolled(tmp_path / "depot", tmp_path / "identity"))
    server.start()
    try:
        assert line.send(line.signed()).status_code == 401
        ahead = timedelta()
        request = line.signed()
        assert [line.send(request).status_code for _ in range(2)] == [200, 401]
    finally:
        line.session.close()
        server.stop()


def test_what_was_signed_for_another_depot_is_nothing_here(home: Path, line: Line):
    own = line.identity
    trust = replace(own.trust, depot_id="another")
    pem = (home / "identity" / "car.pem").read_bytes()
    (home / "elsewhere").mkdir()
    (home / "elsewhere" / "car.pem").write_bytes(pem)
    from patrol_anpr.identity import trust as trusted

    trusted.keep(home / "elsewhere", trust)
    other = Identity.read(home / "elsewhere", SECRET)
    assert other is not None
    assert Line(line.url, other).send(Line(line.url, other).signed()).status_code == 401
