"""What a scanner tries at a web page, and that each of it is refused: the console over real HTTP."""

import json
import logging
import re
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from fastapi.routing import APIRoute
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from patrol_anpr.console import ConsoleServer, limits, pages
from patrol_anpr.console.headers import POLICY
from patrol_anpr.console.page import csrf_of
from patrol_anpr.console.pages import ROUTERS
from patrol_anpr.depot.keys import DepotKeys
from patrol_anpr.depot.security_log import security
from patrol_anpr.depot.staff.duties import StaffRole
from tests.console.people import COOKIE, Person, signed_on, words_of

SCRIPT = "<script>alert(1)</script>"
ROUTES = [
    (method, route) for router in ROUTERS for route in router.routes for method in sorted(route.methods - {"HEAD"})
]
FORMS = [route for method, route in ROUTES if method == "POST"]
GETS = [route for method, route in ROUTES if method == "GET"]


@pytest.fixture(scope="module")
def console(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ConsoleServer]:
    server = ConsoleServer(tmp_path_factory.mktemp("attack") / "depot")
    server.start()
    yield server
    server.stop()


@pytest.fixture
def anna(console: ConsoleServer) -> Iterator[Person]:
    """An administrator."""
    with signed_on(console, StaffRole.ADMINISTRATOR) as person:
        yield person


@pytest.fixture
def eve(console: ConsoleServer) -> Iterator[Person]:
    """Another administrator, who is up to something."""
    with signed_on(console, StaffRole.ADMINISTRATOR, staff_id="eve") as person:
        yield person


def path_of(route: APIRoute) -> str:
    return route.path.replace("{staff_id}", "eve").replace("{", "").replace("}", "")


# Forms of others


@pytest.mark.parametrize("route", FORMS, ids=lambda route: route.path)
def test_a_form_that_no_page_of_this_browser_sent_does_nothing(console, anna: Person, eve: Person, route: APIRoute):
    right = csrf_of(anna.token)
    origin = {"origin": console.url}
    forged = {
        "no token": ({"x": "1"}, origin),
        "an empty one": ({"csrf": ""}, origin),
        "a wrong one": ({"csrf": "0" * 64}, origin),
        "one more letter": ({"csrf": right + "0"}, origin),
        "no letter of a token": ({"csrf": "é" * 64}, origin),
        "another session's": ({"csrf": csrf_of(eve.token)}, origin),
        "nobody's": ({"csrf": csrf_of("")}, origin),
        "two, one of them right": ({"csrf": ["0" * 64, "0" * 64]}, origin),
        "another site": ({"csrf": right}, {"origin": "https://evil.example"}),
        "a site of a like name": ({"csrf": right}, {"origin": f"{console.url}.evil.example"}),
        "another scheme": ({"csrf": right}, {"origin": console.url.replace("http:", "https:")}),
        "another port": ({"csrf": right}, {"origin": console.url.rpartition(":")[0]}),
        "a page that hides where it is": ({"csrf": right}, {"origin": "null"}),
        "no origin": ({"csrf": right}, {}),
        "its token in the path alone": ({"x": "1"}, origin | {"x-csrf": right}),
    }
    for what, (form, headers) in forged.items():
        assert anna.post(path_of(route), data=form, headers=headers).status_code == 403, what
    assert anna.get("/").status_code == 200, "still signed on"


def test_a_form_is_a_form(console, anna: Person):
    headers = {"origin": console.url}
    body = json.dumps({"csrf": csrf_of(anna.token), "staff_id": "otto"}).encode()
    for media in ("application/json", "text/plain", "", "application/x-www-form-urlencoded-x"):
        assert anna.post("/accounts", content=body, headers=headers | {"content-type": media}).status_code == 415


def test_the_token_of_a_form_says_nothing_of_the_session(anna: Person):
    assert anna.token not in anna.page("/accounts")
    assert csrf_of(anna.token) in anna.page("/accounts")


# Sessions and cookies


def test_a_token_that_somebody_else_chose_is_never_a_session(console, eve: Person):
    chosen = "chosen-by-somebody-else" * 2
    with Person(console.url, chosen) as victim:
        victim.page("/sign-on")
        answer = victim.submit("/sign-on", {"staff_id": "the-administrator", "password": "x", "code": "1"})
        assert answer.status_code == 422
        assert victim.get("/").headers["location"] == "/sign-on"
    sessions = console.app.state.console.sessions
    assert sessions.find(chosen, console.app.state.console.now()) is None


def test_what_the_database_keeps_of_a_session_is_no_session(console, anna: Person):
    from patrol_anpr.wire.payloads import sha256_of

    with Person(console.url, sha256_of(anna.token.encode())) as thief:
        assert thief.get("/").headers["location"] == "/sign-on"


def test_the_cookie_is_for_this_console_alone_and_no_script(console, tmp_path: Path, anna: Person):
    with Person(console.url) as nobody:
        plain = nobody.get("/sign-on").headers["set-cookie"]
    assert "HttpOnly" in plain
    assert "SameSite=strict" in plain
    certificate = DepotKeys(tmp_path / "depot").server_certificate(["127.0.0.1"])
    server = ConsoleServer(tmp_path / "depot", certificate=certificate)
    server.start()
    try:
        with httpx.Client(base_url=server.url, verify=False, trust_env=False) as browser:  # the test's own certificate
            answer = browser.get("/sign-on")
    finally:
        server.stop()
    cookie = answer.headers["set-cookie"]
    assert cookie.startswith("__Host-console=")
    for part in ("HttpOnly", "SameSite=strict", "Secure", "Path=/"):
        assert part in cookie
    assert "Domain" not in cookie
    assert answer.headers["strict-transport-security"] == "max-age=31536000"


# Headers


def test_every_answer_says_what_browsers_may_do_with_it(anna: Person):
    for path in ("/", "/sign-on", "/nothing", "/look/console.css", "/accounts/nobody", "/me", "/look/x"):
        for person in (anna,):
            headers = person.get(path).headers
            assert headers["content-security-policy"] == POLICY, path
            assert headers["x-content-type-options"] == "nosniff", path
            assert headers["x-frame-options"] == "DENY", path
            assert headers["referrer-policy"] == "same-origin", path
            assert "server" not in headers
            kept = "max-age=86400" if path == "/look/console.css" else "no-store"
            assert kept in headers["cache-control"], path
    for refused in (anna.post("/me"), anna.put("/"), anna.request("TRACE", "/")):
        assert refused.headers["content-security-policy"] == POLICY
    assert "script" not in POLICY
    assert "unsafe" not in POLICY
    assert "frame-ancestors 'none'" in POLICY


def test_no_template_holds_a_script_a_style_or_a_way_to_another_origin():
    forbidden = re.compile(
        r"<script|<iframe|<object|<base|\sstyle=|\son[a-z]+=|javascript:|\|\s*safe|(src|href|action)=.?(http|//)"
    )
    templates = list((Path(pages.__file__).parents[1] / "templates").rglob("*.html"))
    assert len(templates) > 10
    assert [
        (template.name, found.group()) for template in templates if (found := forbidden.search(template.read_text()))
    ] == []


# Where it leads


@pytest.mark.parametrize(
    "path",
    [
        "//evil.example", "//evil.example/%2e%2e", "/\\evil.example", "/sign-on?next=https://evil.example",
        "/sign-on?to=//evil.example", "/.evil.example", "/sign-on/", "/%2f%2fevil.example", "/@evil.example",
    ],
)  # fmt: skip
def test_nothing_leads_out_of_the_console(console, path: str, anna: Person):
    host, port = console.url.removeprefix("http://").split(":")
    for cookie in ("", f"cookie: {COOKIE}={anna.token}\r\n"):
        with socket.create_connection((host, int(port)), 10) as line:
            line.sendall(f"GET {path} HTTP/1.1\r\nhost: {host}:{port}\r\n{cookie}connection: close\r\n\r\n".encode())
            answer = line.makefile("rb").read().decode()
        head = answer.partition("\r\n\r\n")[0].lower()
        assert "evil" not in head
        assert "\r\nlocation: /sign-on" in head or "\r\nlocation:" not in head


def test_a_look_is_one_of_three_and_leads_nowhere_else(anna: Person):
    answer = anna.submit("/look", {"look": "night; domain=evil.example", "back": "https://evil.example"})
    assert answer.headers["location"] == "/"
    assert "evil" not in answer.headers["set-cookie"]


def test_the_host_that_somebody_says_is_repeated_nowhere(anna: Person):
    answer = anna.get("/", headers={"host": "evil.example", "x-forwarded-host": "evil.example"})
    assert "evil" not in answer.text
    assert "evil" not in str(answer.headers)


PATHS = [
    "/look/..%2f..%2f..%2fetc%2fpasswd", "/look/../app.py", "/look/%2e%2e/app.py", "/look/....//app.py", "/look/%00",
    "/look/console.css%00.html", "/look/console.css/..", "/look/C:%5Cboot.ini", "/accounts/..%2fx", "/accounts/%00",
    "/accounts/%F0%9F%9A%93", "/accounts/%ff%fe", "/accounts/" + "x" * 6000, "/" + "a/" * 3000, "/templates/base.html",
    "/console.toml", "/depot.toml", "/.git/config", "/openapi.json", "/docs", "/static/console.css",
]  # fmt: skip


def test_no_path_leads_to_a_file_or_to_a_fault(anna: Person):
    for path in PATHS:
        answer = anna.get(path)
        assert answer.status_code in (400, 404, 405), (path, answer.status_code)
        assert "root:" not in answer.text
        assert "Traceback" not in answer.text


def test_a_method_that_no_page_has_is_refused(console, anna: Person):
    for method in ("PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "PROPFIND", "QUERY", "ANYTHING"):
        assert anna.request(method, "/accounts", headers={"origin": console.url}).status_code == 405, method
    over = {"origin": console.url, "x-http-method-override": "POST"}
    assert anna.get("/accounts/eve/end", headers=over).status_code == 405


# What people type


def test_what_people_type_is_text_and_no_page(console, anna: Person):
    names = [SCRIPT, '"><img src=x onerror=alert(1)>', "{{ 7*7 }}", "' OR 1=1 --", "&lt;b&gt;", "\u202egnp"]
    for number, name in enumerate(names):
        answer = anna.submit("/accounts", {"staff_id": f"xss{number}", "name": name, "roles": ["senior"]})
        for text in (answer.text, anna.page("/accounts")):
            assert "<script" not in text
            assert "<img" not in text
            assert ">49<" not in text
    with Person(console.url) as nobody:
        nobody.page("/sign-on")
        refused = nobody.submit("/sign-on", {"staff_id": f'"{SCRIPT}', "password": SCRIPT, "code": SCRIPT})
    assert SCRIPT not in refused.text
    assert "&lt;script&gt;" in refused.text


wild = st.dictionaries(
    st.sampled_from(["staff_id", "name", "roles", "password", "again", "new", "code", "invitation", "look", "other"]),
    st.text(max_size=60) | st.lists(st.text(max_size=8), max_size=3),
    max_size=6,
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(fields=wild, route=st.sampled_from(FORMS), role=st.sampled_from([*StaffRole, None]))
def test_no_form_brings_the_console_to_a_fault(console, fields: dict, route: APIRoute, role: StaffRole | None):
    with signed_on(console, role) if role else Person(console.url, "nobody") as person:
        answer = person.submit(path_of(route), fields)
        assert answer.status_code < 500, (route.path, words_of(answer.text))


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    content=st.binary(max_size=300),
    media=st.sampled_from(
        ["application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "multipart/form-data"]
    ),
)
def test_no_bytes_bring_the_console_to_a_fault(console, anna: Person, content: bytes, media: str):
    headers = {"origin": console.url, "content-type": media}
    assert anna.post("/accounts", content=content, headers=headers).status_code in (400, 403)


# How much


def test_too_much_is_refused_before_it_is_read(console, anna: Person):
    with Person(console.url) as nobody:
        nobody.page("/sign-on")
        for path in ("/sign-on", "/accounts"):
            assert nobody.submit(path, {"staff_id": "x" * (limits.FORM_BYTES + 1)}).status_code == 413
        assert nobody.submit("/sign-on", files={"f": b"x" * (limits.FORM_BYTES + 1)}).status_code == 413
    assert anna.submit("/accounts", {"name": "x" * (limits.FORM_BYTES + 1)}).status_code == 413
    assert anna.submit("/accounts", files={"f": b"x" * (limits.FORM_BYTES + 1)}).status_code == 422, "may send a file"
    many = {f"f{number}": "1" for number in range(5000)}
    assert anna.submit("/accounts", many).status_code == 400


def test_a_form_that_does_not_say_how_long_it_is_is_refused(console, anna: Person):
    headers = {"origin": console.url, "content-type": "application/x-www-form-urlencoded"}
    assert anna.post("/accounts", content=iter([b"csrf=1"]), headers=headers).status_code == 411


def test_a_form_that_never_comes_is_given_up(console, monkeypatch):
    monkeypatch.setattr(limits, "FORM_SECONDS", 0.2)
    host, port = console.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), 10) as line:
        head = f"POST /sign-on HTTP/1.1\r\nhost: {host}:{port}\r\norigin: {console.url}\r\n"
        line.sendall(f"{head}content-type: application/x-www-form-urlencoded\r\ncontent-length: 50\r\n\r\na=".encode())
        assert b" 400 " in line.recv(100)


# What is written down


def test_the_security_log_has_each_request_and_nobodys_name(console, anna: Person, caplog):
    caplog.set_level(logging.INFO, security.name)
    anna.page("/accounts/eve")
    anna.get("/accounts", params={"q": "AB12CDE"})
    lines: list[dict] = []
    deadline = time.monotonic() + 10
    while len(lines) < 2:  # a line is written once the answer has gone out
        assert time.monotonic() < deadline
        lines = [json.loads(record.getMessage()) for record in caplog.records if record.name == security.name]
    assert [line["route"] for line in lines[-2:]] == ["/accounts/{staff_id}", "/accounts"]
    assert lines[-1]["who"].startswith("session ")
    for word in ("eve", "AB12CDE", anna.token, "administrator"):
        assert word not in "".join(json.dumps(line) for line in lines[-2:])


def test_a_log_in_of_nobody_takes_as_long_as_one_of_somebody(console):
    """By the clock, roughly; that the work is the same is shown by counting it (tests/depot/staff)."""
    with Person(console.url) as nobody:
        nobody.page("/sign-on")
        took: dict[str, list[float]] = {"the-administrator": [], "nobody-of-that-name": []}
        for _ in range(4):
            for staff_id, times in took.items():
                began = time.perf_counter()
                nobody.submit("/sign-on", {"staff_id": staff_id, "password": "wrong", "code": "123456"})
                times.append(time.perf_counter() - began)
    known, unknown = (min(times) for times in took.values())
    assert 0.2 < known / unknown < 5
