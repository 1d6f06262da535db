"""The console as a whole: pages for who may have them, and what it says to everybody else."""

import tempfile
from html import unescape
from pathlib import Path

import httpx
import pytest
from sqlalchemy.exc import OperationalError

from patrol_anpr.console import ConsoleServer
from patrol_anpr.console.page import csrf_of
from patrol_anpr.console.pages import MENU
from patrol_anpr.depot.roles import Role
from patrol_anpr.depot.staff.duties import StaffRole, duties_of
from patrol_anpr.depot.staff.sessions import Sessions, begin_session
from patrol_anpr.domain.errors import BadInput
from tests.console.people import Person, add_staff, words_of
from tests.depot.postgresql import on_both


@on_both
def test_who_is_signed_on_sees_the_first_page_and_signs_off(staff_client):
    analyst = staff_client(StaffRole.ANALYST)
    assert "You are signed on as The Analyst." in words_of(analyst.page("/"))
    assert analyst.submit("/sign-off").headers["location"] == "/sign-on"
    assert analyst.get("/").headers["location"] == "/sign-on"


def test_nobody_is_led_to_the_sign_on(staff_client):
    nobody = staff_client()
    assert nobody.get("/").headers["location"] == "/sign-on"
    assert "Staff id" in words_of(nobody.page("/sign-on"))


def test_the_first_page_says_what_each_part_is_for_and_the_menu_where_one_is(staff_client):
    operator = staff_client(StaffRole.OPERATOR)
    mine = [entry for entry in MENU if entry.duty in duties_of((StaffRole.OPERATOR,))]
    words = unescape(words_of(operator.page("/")))
    assert not [entry for entry in mine if entry.about not in words]
    assert '<a href="/lists" aria-current="page">' in operator.page("/lists")
    assert '<a href="/lists" aria-current="true">' in operator.page("/lists/by-hand")


def test_the_name_of_an_account_is_in_no_title(staff_client):
    staff_client(StaffRole.ANALYST)
    html = staff_client(StaffRole.ADMINISTRATOR).page("/accounts/the-analyst")
    assert "<title>Account the-analyst" in html
    assert "The Analyst" in words_of(html)


def test_the_look_is_kept(staff_client):
    analyst = staff_client(StaffRole.ANALYST)
    assert 'data-look="auto"' in analyst.page("/")
    assert analyst.submit("/look", {"look": "night"}).status_code == 303
    assert 'data-look="night"' in analyst.page("/")
    assert analyst.get("/look/console.css").headers["content-type"].startswith("text/css")
    assert analyst.get("/look/secrets").status_code == 404


@pytest.mark.parametrize("fault", [OperationalError("x", {}, Exception("SECRET AB12CDE")), OSError("SECRET")])
def test_a_database_that_is_away_is_said_so_and_nothing_is_shown(staff_client, monkeypatch, fault: Exception):
    analyst = staff_client(StaffRole.ANALYST)

    def away(*_: object, **__: object) -> None:
        raise fault

    monkeypatch.setattr(Sessions, "find", away)
    answer = analyst.get("/")
    assert (answer.status_code, "cannot be asked just now" in words_of(answer.text)) == (503, True)
    assert "SECRET" not in answer.text
    assert "Analyst" not in answer.text


def test_the_emergency_account_is_told_on_each_of_its_pages(console, staff_client):
    state = console.app.state.console
    with state.database(Role.STAFF).writing() as connection:
        add_staff(connection, "glass", (StaffRole.ADMINISTRATOR,), emergency=True)
        token = begin_session(connection, "glass", state.now())
    with Person(console.url, token) as glass:
        for path in ("/", "/accounts", "/me"):
            assert "Emergency account" in glass.page(path)
    assert "Emergency account" not in staff_client(StaffRole.ADMINISTRATOR).page("/")


def test_others_than_this_machine_are_not_spoken_to_without_tls(folder):
    with pytest.raises(BadInput, match="Without a certificate"):
        ConsoleServer(folder, "0.0.0.0")


def test_behind_a_proxy_it_believes_the_name_and_the_address_that_the_proxy_says(folder):
    with tempfile.TemporaryDirectory() as short:  # the name of a socket has at most 107 letters
        server = ConsoleServer(folder, unix_socket=Path(short) / "console.sock")
        server.start()
        try:
            browsers = {"base_url": "https://anpr.example", "verify": False, "trust_env": False}
            transport = httpx.HTTPTransport(uds=str(Path(short) / "console.sock"))
            plain = {**browsers, "base_url": "http://anpr.example"}  # the proxy has taken the TLS off
            with httpx.Client(transport=transport, headers={"x-forwarded-for": "10.1.1.1"}, **plain) as proxy:
                cookie = proxy.get("/sign-on").headers["set-cookie"]
                name, _, token = cookie.partition(";")[0].partition("=")
                assert (name, "Secure" in cookie) == ("__Host-console", True)
                form = {"look": "day", "csrf": csrf_of(token)}
                headers = {"cookie": f"{name}={token}", "origin": "https://anpr.example"}
                assert proxy.post("/look", data=form, headers=headers).status_code == 303
                headers["origin"] = "http://anpr.example"
                assert proxy.post("/look", data=form, headers=headers).status_code == 403
        finally:
            server.stop()
