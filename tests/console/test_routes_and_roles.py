"""Every route, asked as everybody: a new route that asks for no duty fails here until a table names it."""

import re
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from fastapi.routing import APIRoute

from patrol_anpr.console import ConsoleServer
from patrol_anpr.console.guard import FOR_ANYBODY, FOR_NEWCOMERS, Asks, anybody, newcomer
from patrol_anpr.console.page import csrf_of
from patrol_anpr.console.pages import MENU, ROUTERS
from patrol_anpr.depot.roles import Role
from patrol_anpr.depot.staff.duties import Duty, StaffRole, duties_of
from patrol_anpr.depot.staff.sessions import IDLE, LONGEST, begin_session
from tests.console.people import COOKIE, add_staff

ROUTES = [
    (method, route) for router in ROUTERS for route in router.routes for method in sorted(route.methods - {"HEAD"})
]
NAMES = [f"{method} {route.path}" for method, route in ROUTES]


def asked_of(route: APIRoute) -> list[object]:
    """What a route depends on: duties, or the two that ask none."""
    return [
        one.call.duty if isinstance(one.call, Asks) else one.call
        for one in route.dependant.dependencies
        if isinstance(one.call, Asks) or one.call in (anybody, newcomer)
    ]


@pytest.mark.parametrize(("method", "route"), ROUTES, ids=NAMES)
def test_a_route_asks_for_exactly_one_duty_or_stands_in_its_table(method: str, route: APIRoute):
    expected = {anybody: FOR_ANYBODY, newcomer: FOR_NEWCOMERS}
    asked = asked_of(route)
    assert len(asked) == 1, "exactly one"
    for dependency, table in expected.items():
        assert (asked == [dependency]) is ((method, route.path) in table)
    assert method in ("GET", "POST")


def test_the_tables_and_the_menu_name_routes_that_there_are():
    there = {(method, route.path) for method, route in ROUTES}
    assert there >= FOR_ANYBODY | FOR_NEWCOMERS
    asked = {route.path: asked_of(route)[0] for method, route in ROUTES if method == "GET"}
    assert {entry.path: entry.duty for entry in MENU} == {entry.path: asked[entry.path] for entry in MENU}


def test_each_duty_is_asked_by_a_page():
    assert {asked for _, route in ROUTES for asked in asked_of(route)} >= set(Duty)


@pytest.fixture(scope="module")
def console(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ConsoleServer]:
    folder: Path = tmp_path_factory.mktemp("routes") / "depot"
    server = ConsoleServer(folder)
    server.start()
    with server.app.state.console.database(Role.STAFF).writing() as connection:
        for role in StaffRole:
            add_staff(connection, f"the-{role}", (role,))
            add_staff(connection, f"ended-{role}", (role,))
        add_staff(connection, "nothing", ())
    yield server
    server.stop()


@pytest.fixture(scope="module")
def caller(console: ConsoleServer) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=console.url, trust_env=False, timeout=20) as client:
        yield client


class Door:
    """Asks routes with a token, as a page would, and says what the door said."""

    def __init__(self, console: ConsoleServer, caller: httpx.Client) -> None:
        self._console, self._caller = console, caller

    def token(self, staff_id: str, *, before=None, enrols: bool = False) -> str:
        """Begin a session of somebody; `before` ago."""
        state = self._console.app.state.console
        now = state.now() - before if before else state.now()
        with state.database(Role.STAFF).writing() as connection:
            return begin_session(connection, staff_id, now, enrols=enrols)

    def said(self, method: str, route: APIRoute, token: str) -> str:
        """Ask, with nothing in the form but its token: "in", "sign on" or "no"."""
        path = re.sub(r"{[^}]*}", "1", route.path)
        headers = {"cookie": f"{COOKIE}={token}"} if token else {}
        if method == "POST":
            headers |= {"origin": self._console.url}
            answer = self._caller.post(path, headers=headers, data={"csrf": csrf_of(token)})
        else:
            answer = self._caller.get(path, headers=headers)
        self._caller.cookies.clear()
        assert answer.status_code < 500, (method, route.path, answer.status_code)
        led_away = answer.status_code == 303 and answer.headers["location"] == "/sign-on"
        if led_away and "sign-off" not in route.path:  # where one signs off, it is what was wanted
            return "sign on"
        return "no" if answer.status_code == 403 else "in"


@pytest.fixture(scope="module")
def door(console: ConsoleServer, caller: httpx.Client) -> Door:
    return Door(console, caller)


@pytest.mark.parametrize(("method", "route"), ROUTES, ids=NAMES)
def test_each_role_comes_in_where_its_duties_say_so_and_nowhere_else(door: Door, method: str, route: APIRoute):
    asked = asked_of(route)[0]
    for role in StaffRole:
        said = door.said(method, route, door.token(f"the-{role}"))
        if asked is anybody:
            assert said == "in", role
        elif asked is newcomer:
            assert said in ("sign on", "no"), role
        else:
            assert said == ("in" if asked in duties_of((role,)) else "no"), role


@pytest.mark.parametrize(("method", "route"), ROUTES, ids=NAMES)
def test_nobody_comes_in_who_is_not_signed_on(console: ConsoleServer, door: Door, method: str, route: APIRoute):
    asked = asked_of(route)[0]
    if asked is anybody:
        return
    ended = door.token("ended-analyst")
    with console.app.state.console.database(Role.STAFF).writing() as connection:
        connection.exec_driver_sql("UPDATE staff SET ended_at = added_at WHERE staff_id LIKE 'ended-%'")
    outside = {
        "nobody": "",
        "a token of nobody": "x" * 43,
        "somebody without a role": door.token("nothing"),
        "one whose account has ended": ended,
        "one who did nothing for too long": door.token("the-analyst", before=IDLE * 1.01),
        "one who signed on too long ago": door.token("the-operator", before=LONGEST * 1.01),
    }
    if asked is not newcomer:
        outside["a newcomer"] = door.token("the-administrator", enrols=True)
    for who, token in outside.items():
        assert door.said(method, route, token) in ("sign on", "no"), who
