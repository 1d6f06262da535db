"""Signing on over real HTTP: an invitation, a phone, a password, a session of a new token, and the accounts' pages."""

import re
from datetime import UTC, datetime

import pyotp
import pytest

from patrol_anpr.depot.roles import Role
from patrol_anpr.depot.staff.accounts import add_account
from patrol_anpr.depot.staff.duties import StaffRole
from tests.console.people import Person, words_of
from tests.depot.postgresql import on_both

PASSWORD = "copper lantern biscuit"


@pytest.fixture
def newcomer(console, staff_client) -> Person:
    """Somebody before the page that asks for a password, with the invitation of an analyst taken."""
    with console.app.state.console.database(Role.STAFF).writing() as connection:
        code = add_account(connection, "operator x", "anna", "Anna", (StaffRole.ANALYST,), datetime.now(UTC))
    person = staff_client()
    person.page("/first-time")
    assert (
        person.submit("/first-time", {"staff_id": "anna", "invitation": code}).headers["location"].endswith("/password")
    )
    return person


def secret_on(page: str) -> str:
    return re.search(r"<code>([A-Z2-7 ]+)</code>", page).group(1).replace(" ", "")


@on_both
def test_from_an_invitation_to_the_first_page_and_back_in(newcomer: Person, staff_client):
    page = newcomer.page("/first-time/password")
    assert newcomer.get("/first-time/code.svg").headers["content-type"] == "image/svg+xml"
    codes = pyotp.TOTP(secret_on(page))
    fields = {"password": "short", "again": "short", "code": "1"}
    refused = newcomer.submit("/first-time/password", fields)
    assert (refused.status_code, "A password has 12 to 128" in words_of(refused.text)) == (422, True)
    assert secret_on(refused.text) == codes.secret, "the phone need not learn another"
    at = datetime.now(UTC).timestamp()
    enrolling = newcomer.token
    taken = newcomer.submit("/first-time/password", {"password": PASSWORD, "again": PASSWORD, "code": codes.at(at)})
    assert taken.headers["location"] == "/"
    assert newcomer.token != enrolling
    assert "You are signed on as Anna" in words_of(newcomer.page("/"))
    assert newcomer.get("/first-time/password").headers["location"] == "/sign-on"

    again = staff_client()
    again.page("/sign-on")
    before = again.token
    typed = {"staff_id": "anna", "password": PASSWORD, "code": codes.at(at)}
    used = again.submit("/sign-on", typed)
    assert (used.status_code, "is wrong" in words_of(used.text)) == (422, True)
    assert 'value="anna"' in used.text
    assert PASSWORD not in used.text
    assert again.submit("/sign-on", typed | {"code": codes.at(at + 30)}).headers["location"] == "/"
    assert again.token not in ("", before), "a token from before the sign-on is worth nothing after it"
    assert "signed on as Anna" in words_of(again.page("/"))


def test_who_signs_on_anew_in_the_same_browser_leaves_no_session_behind(newcomer: Person, console):
    codes = pyotp.TOTP(secret_on(newcomer.page("/first-time/password")))
    at = datetime.now(UTC).timestamp()
    newcomer.submit("/first-time/password", {"password": PASSWORD, "again": PASSWORD, "code": codes.at(at)})
    old = newcomer.token
    newcomer.submit("/sign-on", {"staff_id": "anna", "password": PASSWORD, "code": codes.at(at + 30)})
    sessions = console.app.state.console.sessions
    assert sessions.find(old, datetime.now(UTC)) is None
    assert len(sessions.of("anna", datetime.now(UTC))) == 1


def test_ones_own_account_is_signed_off_everywhere(staff_client):
    here, there = staff_client(StaffRole.SENIOR), staff_client(StaffRole.SENIOR)
    assert here.page("/me").count("<time") == 4, "two sessions"
    assert here.submit("/me/sign-off-everywhere").headers["location"] == "/sign-on"
    assert [one.get("/me").headers["location"] for one in (here, there)] == ["/sign-on"] * 2


@on_both
def test_an_administrator_adds_changes_invites_anew_and_ends(staff_client):
    admin = staff_client(StaffRole.ADMINISTRATOR)
    shown = admin.submit("/accounts", {"staff_id": "otto", "name": "Otto", "roles": ["operator"]})
    code = re.search(r'class="code">([0-9a-f-]+)<', shown.text).group(1)
    assert code not in admin.page("/accounts"), "shown once"
    assert "Otto" in words_of(admin.page("/accounts"))
    changed = admin.submit("/accounts/otto/roles", {"roles": ["analyst", "senior"]})
    assert changed.headers["location"] == "/accounts/otto"
    assert "The roles are changed" in words_of(admin.page("/accounts/otto"))
    assert "The roles are changed" not in words_of(admin.page("/accounts/otto")), "said once"
    assert code not in admin.submit("/accounts/otto/reset").text
    assert admin.submit("/accounts/otto/end").headers["location"] == "/accounts"
    assert "ended" in words_of(admin.page("/accounts"))
    assert admin.submit("/accounts/otto/end").status_code == 422
    assert admin.get("/accounts/nobody").status_code == 404


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"staff_id": "x", "name": "X", "roles": ["analyst"]}, "A staff id has"),
        ({"staff_id": "../x", "name": "X", "roles": ["analyst"]}, "A staff id has"),
        ({"staff_id": "THE-ADMINISTRATOR", "name": "X", "roles": ["analyst"]}, "already"),
        ({"staff_id": "otto", "name": "", "roles": ["analyst"]}, "A name has"),
        ({"staff_id": "otto", "name": "Otto"}, "at least one role"),
        ({"staff_id": "otto", "name": "Otto", "roles": ["king"]}, "no such role"),
        ({"staff_id": "otto", "name": "Otto", "roles": ["operator", "analyst"]}, "may not search"),
        ({"staff_id": "otto", "name": "Otto", "roles": ["administrator", "auditor"]}, "may not audit"),
    ],
)
def test_an_account_that_may_not_be_is_refused_and_what_was_typed_stays(staff_client, fields: dict, said: str):
    refused = staff_client(StaffRole.ADMINISTRATOR).submit("/accounts", fields)
    assert refused.status_code == 422
    assert said in words_of(refused.text)
    assert f'value="{fields["name"]}"' in refused.text


def test_nobody_gives_themselves_a_role_or_a_way_back_in(staff_client):
    admin = staff_client(StaffRole.ADMINISTRATOR)
    for path in ("roles", "reset", "end"):
        refused = admin.submit(f"/accounts/{admin.staff_id}/{path}", {"roles": ["analyst"]})
        assert (refused.status_code, "Nobody changes their own" in words_of(refused.text)) == (422, True)
    assert admin.get("/").status_code == 200


def test_a_role_that_is_taken_away_is_gone_at_the_next_page(staff_client):
    admin, keeper = staff_client(StaffRole.ADMINISTRATOR), staff_client(StaffRole.ADMINISTRATOR, staff_id="second")
    assert keeper.get("/accounts").status_code == 200
    admin.submit("/accounts/second/roles", {"roles": ["senior"]})
    assert keeper.get("/accounts").status_code == 403
    admin.submit("/accounts/second/end")
    assert keeper.get("/").headers["location"] == "/sign-on"


@on_both
def test_auditors_are_told_that_the_emergency_account_was_used(console, staff_client):
    auditor = staff_client(StaffRole.AUDITOR)
    assert "emergency account" not in words_of(auditor.page("/audit"))
    state = console.app.state.console
    with state.database(Role.STAFF).writing() as connection:
        code = add_account(connection, "x", "glass", "G", (StaffRole.ADMINISTRATOR,), state.now(), emergency=True)
    newcomer = state.sessions.find(state.sign_on.by_invitation("glass", code, "here"), state.now(), enrols=True)
    codes, at = pyotp.TOTP(state.sign_on.secret_of(newcomer)), state.now().timestamp()
    state.sign_on.set_password(newcomer, PASSWORD, PASSWORD, codes.at(at))
    assert "The emergency account signed on 1 time in" in words_of(auditor.page("/audit"))
    state.sign_on.by_password("glass", PASSWORD, codes.at(at + 30), "here")
    assert "The emergency account signed on 2 times in" in words_of(auditor.page("/audit"))
