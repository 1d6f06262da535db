"""A depot with one car, spoken to over real HTTP by requests that the car signs."""

import hashlib
import re
from base64 import b64decode
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import pytest
import requests

from patrol_anpr.depot import DepotServer, Limits
from patrol_anpr.depot.database import DepotDatabase
from patrol_anpr.depot.pictures import DepotPictures, pictures_in
from patrol_anpr.identity.own import Identity
from patrol_anpr.lab.enrolled import enrolled
from patrol_anpr.plumbing.files import write_whole
from patrol_anpr.wire.signatures import digest_field
from tests.depot.postgresql import Server, running_server


class Caller:
    """A car that says what it likes."""

    def __init__(self, url: str, identity: Identity | None) -> None:
        self.url = url
        self.session = requests.Session()
        self.session.trust_env = False
        if identity is not None:
            self.session.auth = partial(_signed, identity)

    def __call__(self, method: str, path: str, body=None, media: str = "application/json", **headers: str):
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        if body is not None:
            sent["Content-Type"] = media
        if body is not None and not isinstance(body, bytes | str):  # in pieces: the digest is known beforehand
            body = list(body)
            sent["Content-Digest"] = digest_field(hashlib.sha256(b"".join(body)).digest())
            body = iter(body)
        return self.session.request(method, f"{self.url}/v2/{path}", data=body, headers=sent, timeout=20)

    def status(self, method: str, path: str) -> int:
        """Ask a route, with something in the place of each parameter, and say how it answers."""
        filled = re.sub(r"{[^}]*}", lambda name: "0" * 64 if "sha256" in name.group() else "1", path)
        content = None if method in ("GET", "HEAD", "DELETE") else b"\xff"
        media = {"Content-Type": "application/json"} if content else {}
        return self.session.request(method, self.url + filled, data=content, headers=media, timeout=20).status_code


def _signed(identity: Identity, request: requests.PreparedRequest) -> requests.PreparedRequest:
    content = request.body or b""
    content = content.encode() if isinstance(content, str) else content
    digest = None
    if request.method in ("POST", "PUT", "PATCH"):
        given = request.headers.get("Content-Digest")
        digest = hashlib.sha256(content).digest() if given is None else b64decode(given[len("sha-256=:") : -1])
    identity.sign(request, digest, datetime.now(UTC))
    return request


@pytest.fixture(scope="session")
def postgres() -> Iterator[Server]:
    with running_server() as server:
        yield server


@pytest.fixture
def folder(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Path]:
    """The folder of a depot, on SQLite, or on PostgreSQL where the test says `@on_both`."""
    made = tmp_path / "depot"
    if getattr(request, "param", "sqlite") == "sqlite":
        yield made
        return
    server: Server = request.getfixturevalue("postgres")
    database = server.clone()
    made.mkdir(mode=0o700)
    write_whole(made / "depot.toml", server.toml(database).encode())
    yield made
    server.drop(database)


@pytest.fixture
def database(folder: Path) -> Iterator[DepotDatabase]:
    with closing(DepotDatabase(folder)) as opened:
        yield opened


@pytest.fixture
def pictures(folder: Path, database: DepotDatabase) -> DepotPictures:
    return pictures_in(folder, database)


@pytest.fixture
def identity(folder: Path, tmp_path: Path) -> Identity:
    return enrolled(folder, tmp_path / "identity")


@pytest.fixture
def depot(folder: Path, identity: Identity) -> Iterator[DepotServer]:
    small = Limits(pack_bytes=400_000, picture_bytes=50_000, report_bytes=10_000, body_seconds=1.0, head_seconds=0.5)
    server = DepotServer(folder, limits=small)
    server.start()
    yield server
    server.stop()


@pytest.fixture
def caller(depot: DepotServer) -> Iterator[Callable[[Identity | None], Caller]]:
    made: list[Caller] = []

    def make(identity: Identity | None) -> Caller:
        made.append(Caller(depot.url, identity))
        return made[-1]

    yield make
    for one in made:
        one.session.close()


@pytest.fixture
def call(caller: Callable[[Identity | None], Caller], identity: Identity) -> Caller:
    return caller(identity)
