"""Every route, asked by everybody: a new route that asks nobody who he is fails here until a table names it."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import requests
from fastapi.routing import APIRoute

from patrol_anpr.depot import DepotServer, revoke_car
from patrol_anpr.depot.app import create_app
from patrol_anpr.depot.routes import ROUTERS
from patrol_anpr.depot.who import FOR_ANYBODY, KNOWN
from patrol_anpr.identity.own import Identity
from patrol_anpr.lab.enrolled import enrolled
from tests.depot.conftest import Caller

NOW = datetime.now(UTC)
NOT_JSON = b"\xff"
"""A content that every route refuses once it has let its sender in."""

LET_IN = "let in"
REFUSED: dict[str, int] = {
    "nobody": 401,
    "another depot's car": 401,
    "a car of long ago": 401,
    "a revoked car": 403,
    "a car that has enrolled anew": 403,
    "who says he is a proxy": 401,
    "a car with another's certificate": 401,
}
"""Who is refused everywhere, save where anybody is served."""
LATE = "a car whose certificate is out of date"
"""Refused everywhere but where it is renewed."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("routes") / "depot"


@pytest.fixture(scope="module")
def askers(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Callable[[str, str], int]]]:
    homes = tmp_path_factory.mktemp("cars")
    made: dict[str, Identity] = {
        "a car": enrolled(folder, homes / "a", "TA14"),
        "another car": enrolled(folder, homes / "b", "TA15"),
        LATE: enrolled(folder, homes / "c", "TA16", now=NOW - timedelta(days=9)),
        "a car of long ago": enrolled(folder, homes / "d", "TA17", now=NOW - timedelta(days=94)),
        "a revoked car": enrolled(folder, homes / "e", "TA18"),
        "a car that has enrolled anew": enrolled(folder, homes / "f", "TA19"),
        "another depot's car": enrolled(homes / "other", homes / "g", "TA14"),
    }
    enrolled(folder, homes / "new", "TA19")
    revoke_car(folder, "TA18", NOW)
    server = DepotServer(folder)
    server.start()
    callers = {name: Caller(server.url, identity) for name, identity in made.items()}
    callers["nobody"] = Caller(server.url, None)
    shown = requests.Request("GET", server.url).prepare()
    made["a car"].sign(shown, None, NOW)
    callers["who says he is a proxy"] = Caller(server.url, None)
    callers["who says he is a proxy"].session.headers["Client-Cert"] = shown.headers["Client-Cert"]
    callers["a car with another's certificate"] = Caller(server.url, made["another car"])
    signing = callers["a car with another's certificate"].session.auth

    def swapped(request: requests.PreparedRequest) -> requests.PreparedRequest:
        signing(request)
        request.headers["Client-Cert"] = shown.headers["Client-Cert"]
        return request

    callers["a car with another's certificate"].session.auth = swapped
    yield {name: caller.status for name, caller in callers.items()}
    for caller in callers.values():
        caller.session.close()
    server.stop()


def routes() -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    for route in (route for router in ROUTERS for route in router.routes):
        assert isinstance(route, APIRoute), "what is no APIRoute asks nobody who he is"
        found += [(method, route.path) for method in route.methods]
    return sorted(found)


def test_the_depot_serves_these_routes_and_no_others(tmp_path: Path):
    app = create_app(tmp_path / "depot")
    app.state.depot.database.close()
    assert len(app.routes) == len(ROUTERS)


def test_whoever_is_not_known_is_refused_on_every_route(askers):
    found: dict[tuple[str, str, str], int] = {}
    wanted: dict[tuple[str, str, str], int] = {}
    for method, path in routes():
        if (method, path) in FOR_ANYBODY:
            continue
        for who, status in REFUSED.items():
            wanted[method, path, who] = status
            found[method, path, who] = askers[who](method, path)
        found[method, path, LATE] = askers[LATE](method, path)
        wanted[method, path, LATE] = found[method, path, LATE] if (method, path) in KNOWN else 401
    assert found == wanted


def test_a_car_is_let_in_on_every_route(askers):
    refused = {
        (method, path, who)
        for method, path in routes()
        for who in ("a car", "another car")
        if askers[who](method, path) in (401, 403) and (method, path) != ("POST", "/v2/enrol")
    }
    assert refused == set()


def test_who_is_late_may_renew_and_nothing_else(askers):
    assert askers[LATE]("POST", "/v2/renew") == 422, "let in, and its content looked at"


def test_what_anybody_may_ask_is_two_things():
    assert {route for route in routes() if route in FOR_ANYBODY} == FOR_ANYBODY
    assert {("GET", "/v2/authority"), ("POST", "/v2/enrol")} == FOR_ANYBODY
    assert {("POST", "/v2/renew")} == KNOWN
