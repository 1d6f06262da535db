"""A depot with one car, spoken to over real HTTP."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import requests

from patrol_anpr.depot import DepotServer, Limits, add_car
from patrol_anpr.plumbing.files import write_whole
from tests.depot.postgresql import Server, running_server


class Caller:
    """A car that says what it likes."""

    def __init__(self, url: str, token: str) -> None:
        self.url = url
        self.session = requests.Session()
        self.session.trust_env = False
        if token:
            self.session.headers["Authorization"] = f"Bearer {token}"

    def __call__(self, method: str, path: str, body=None, media: str = "application/json", **headers: str):
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        if body is not None:
            sent["Content-Type"] = media
        return self.session.request(method, f"{self.url}/v2/{path}", data=body, headers=sent, timeout=20)


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
def token(folder: Path) -> str:
    return add_car(folder, "TA14")


@pytest.fixture
def depot(folder: Path, token: str) -> Iterator[DepotServer]:
    small = Limits(batch_bytes=200_000, picture_bytes=50_000, report_bytes=10_000, body_seconds=1.0, head_seconds=0.5)
    server = DepotServer(folder, limits=small)
    server.start()
    yield server
    server.stop()


@pytest.fixture
def caller(depot: DepotServer) -> Iterator[Callable[[str], Caller]]:
    made: list[Caller] = []

    def make(token: str) -> Caller:
        made.append(Caller(depot.url, token))
        return made[-1]

    yield make
    for one in made:
        one.session.close()


@pytest.fixture
def call(caller: Callable[[str], Caller], token: str) -> Caller:
    return caller(token)
