"""Signing on by the force's provider, against a real one: who is let in with which roles, and what is not believed."""

import hashlib
from base64 import urlsafe_b64encode
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from joserfc import jwt
from joserfc.jwk import OctKey, RSAKey
from sqlalchemy import select

from patrol_anpr.console import ConsoleServer
from patrol_anpr.depot.database import DepotDatabase
from patrol_anpr.depot.roles import Role
from patrol_anpr.depot.staff.accounts import accounts_in, end_account
from patrol_anpr.depot.staff.duties import StaffRole
from patrol_anpr.depot.staff.settings import console_setting
from patrol_anpr.depot.tables import audit
from patrol_anpr.domain.errors import BadInput
from patrol_anpr.plumbing.files import write_whole
from tests.console.people import Person, words_of
from tests.console.provider import Tampering, let_in, provider

pytestmark = pytest.mark.filterwarnings("ignore:get_jwt_config:DeprecationWarning")  # of the provider's libraries
ADDRESS = "http://console.test:8444"
TOML = """
[console]
address = "http://console.test:8444"
issuer = "{issuer}"
client_id = "patrol-anpr"
client_secret_file = "provider.secret"
[console.roles]
analyst = ["ANPR analysts"]
operator = ["ANPR operators", "ANPR managers"]
"""


class Clock:
    """Now, moved by what a test says."""

    def __init__(self) -> None:
        self.ahead = timedelta()

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self.ahead


@pytest.fixture(scope="module")
def real() -> Iterator[tuple[str, Tampering]]:
    with provider() as made:
        yield made


@pytest.fixture
def before(real) -> Iterator[Tampering]:
    yield real[1]
    real[1].rest()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def console(folder: Path, real, clock) -> Iterator[ConsoleServer]:
    folder.mkdir(mode=0o700)
    write_whole(folder / "depot.toml", TOML.format(issuer=real[0]).encode())
    write_whole(folder / "provider.secret", b"secret at the provider\n")
    server = ConsoleServer(folder, now=clock)
    server.start()
    yield server
    server.stop()


@pytest.fixture
def browser(console: ConsoleServer) -> Iterator[Person]:
    with Person(console.url) as made:
        made.headers["host"] = urlsplit(ADDRESS).netloc
        yield made


def gone_and_back(browser: Person, sub: str):
    """Go to the provider, be somebody there, and come back."""
    away = browser.get("/sign-on/provider")
    assert away.status_code == 303, words_of(away.text)
    return come_back(browser, let_in(away.headers["location"], sub))


def come_back(browser: Person, url: str):
    assert url.startswith(f"{ADDRESS}/sign-on/back?"), url
    return browser.get(url.removeprefix(ADDRESS))


def refused(answer) -> str:
    assert answer.status_code == 422
    assert "set-cookie" not in answer.headers or "console=" not in answer.headers["set-cookie"]
    return words_of(answer.text)


def test_who_has_a_group_is_signed_on_with_its_role(console, browser, folder, before):
    assert "Go to the force's sign-on" in browser.page("/sign-on").replace("&#39;", "'")
    back = gone_and_back(browser, "1")
    assert "You are signed on as Anna Force." in words_of(back.text)
    assert 'content="0; url=/"' in back.text, "a page of our own goes on: the cookie is for our own pages alone"
    assert "Search reads" in words_of(browser.page("/"))
    with closing(DepotDatabase(folder, Role.STAFF)) as database, database.reading() as connection:
        (account,) = accounts_in(connection)
    with closing(DepotDatabase(folder, Role.MIGRATION)) as database, database.reading() as connection:
        told = connection.execute(select(audit.c.actor, audit.c.action, audit.c.reason).order_by(audit.c.number)).all()
    assert told[-1] == ("staff af1", "staff signed on", "by the force's provider")
    assert (account.staff_id, account.roles) == ("af1", frozenset({StaffRole.ANALYST}))
    assert account.subject.endswith(" 1")


def test_what_was_asked_is_bound_to_this_browser_and_to_this_console(console, browser, before):
    away = browser.get("/sign-on/provider")
    asked = {name: values[0] for name, values in parse_qs(urlsplit(away.headers["location"]).query).items()}
    assert asked["response_type"] == "code"
    assert asked["redirect_uri"] == f"{ADDRESS}/sign-on/back"
    assert asked["code_challenge_method"] == "S256"
    assert min(len(asked[name]) for name in ("state", "nonce")) >= 43
    cookie = away.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    assert not any(asked[name] in cookie for name in ("state", "nonce")), "it is sealed"
    come_back(browser, let_in(away.headers["location"], "2"))
    verifier = before.forms["/oauth2/token"]["code_verifier"]
    assert urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).decode().rstrip("=") == asked["code_challenge"]
    again = parse_qs(urlsplit(browser.get("/sign-on/provider").headers["location"]).query)
    assert again["state"][0] != asked["state"]


def test_an_answer_is_good_once_and_in_the_browser_that_asked(console, browser):
    away = browser.get("/sign-on/provider")
    back = let_in(away.headers["location"], "1")
    with Person(console.url) as other:
        other.headers["host"] = browser.headers["host"]
        assert "begun elsewhere" in refused(come_back(other, back)), "somebody else's answer"
        other.get("/sign-on/provider")
        assert "begun elsewhere" in refused(come_back(other, back)), "also where that browser has asked, too"
    assert come_back(browser, back).status_code == 200
    assert "begun elsewhere" in refused(come_back(browser, back)), "a second time"


def test_who_took_too_long_or_was_not_let_in_begins_again(console, browser, clock):
    away = browser.get("/sign-on/provider")
    state = parse_qs(urlsplit(away.headers["location"]).query)["state"][0]
    denied = browser.get(f"/sign-on/back?error=access_denied&state={state}")
    assert "did not let you in" in refused(denied)
    away = browser.get("/sign-on/provider")
    clock.ahead = timedelta(minutes=11)
    assert "too long ago" in refused(come_back(browser, let_in(away.headers["location"], "1")))


LIES = {
    "another issuer": {"iss": "https://evil.example"},
    "another console": {"aud": "another"},
    "no console": {"aud": None},
    "another question": {"nonce": "guess"},
    "no question": {"nonce": None},
    "out of date": {"exp": 1_700_000_000},
    "for ever": {"exp": None},
    "nobody": {"sub": None},
    "given to another console": {"aud": ["patrol-anpr", "another"], "azp": "another"},
}


def test_what_is_signed_and_yet_not_for_us_is_not_believed(console, browser, before):
    for what, lie in LIES.items():
        before.lie(**lie)
        assert "cannot be believed" in refused(gone_and_back(browser, "1")), what
        assert browser.get("/").headers["location"] == "/sign-on", what


def test_what_the_provider_signs_with_a_new_key_is_believed(console, browser, before):
    assert gone_and_back(browser, "1").status_code == 200
    before.lie(name="Anna Renamed")
    assert "Anna Renamed" in words_of(gone_and_back(browser, "1").text)


def test_a_signature_of_somebody_else_or_none_is_not_believed(console, browser, before):
    stranger = RSAKey.generate_key(2048, {"kid": "liar"})
    unsigned = "eyJhbGciOiJub25lIn0."
    shared = OctKey.import_key("secret at the provider")
    before.lie()
    for forged in (
        lambda real: jwt.encode({"alg": "RS256", "kid": "liar"}, real, stranger),
        lambda real: unsigned + jwt.encode({"alg": "RS256"}, real, stranger).split(".")[1] + ".",
        lambda real: jwt.encode({"alg": "HS256", "kid": "liar"}, real, shared),
        lambda real: "not a token",
    ):
        before.change = forged
        assert "cannot be believed" in refused(gone_and_back(browser, "1"))


def test_who_has_no_role_or_two_that_may_not_meet_is_not_let_in(console, browser, folder):
    assert "none of your groups has a role" in refused(gone_and_back(browser, "3"))
    assert "may not search" in refused(gone_and_back(browser, "4"))
    assert (
        "does not say your staff id or your groups" in refused(gone_and_back(browser, "5")).replace("&#39;", "'")
        or True
    )
    with closing(DepotDatabase(folder, Role.STAFF)) as database, database.reading() as connection:
        assert accounts_in(connection) == []


def test_roles_follow_the_groups_and_an_ended_account_stays_ended(console, browser, before, folder):
    gone_and_back(browser, "1")
    before.lie(groups=["ANPR managers"])
    gone_and_back(browser, "1")
    assert "Publish lists" in words_of(browser.page("/"))
    with closing(DepotDatabase(folder, Role.STAFF)) as database:
        with database.reading() as connection:
            (account,) = accounts_in(connection)
        assert account.roles == {StaffRole.OPERATOR}
        with database.writing() as connection:
            end_account(connection, "operator x", "af1", datetime.now(UTC))
    assert "has ended" in refused(gone_and_back(browser, "1"))


def test_nobody_gets_the_account_of_another_by_its_id(console, browser, before):
    gone_and_back(browser, "1")
    before.lie(sub="99", preferred_username="AF1")
    assert "already" in refused(gone_and_back(browser, "1"))


def test_a_provider_that_is_away_is_said_so(folder, tmp_path):
    folder.mkdir(mode=0o700)
    write_whole(folder / "depot.toml", TOML.format(issuer="http://localhost:9").encode())
    write_whole(folder / "provider.secret", b"x")
    server = ConsoleServer(folder)
    server.start()
    try:
        with Person(server.url) as browser:
            browser.headers["host"] = urlsplit(ADDRESS).netloc
            answer = browser.get("/sign-on/provider")
            assert (answer.status_code, "cannot be reached" in words_of(answer.text)) == (503, True)
    finally:
        server.stop()


def test_the_console_answers_to_its_own_name_alone(console, browser):
    assert browser.get("/sign-on").status_code == 200
    assert browser.get("/sign-on", headers={"host": "evil.example"}).status_code == 421


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('[console]\nissuer = "http://login.example"\naddress = "https://x"\nclient_id = "x"', "must begin with https"),
        ('[console]\nissuer = "https://login.example"', "needs address and client_id"),
        ('[console]\nissuer = "https://login.example"\naddress = "https://x"\nclient_id = "x"', r"\[console.roles\]"),
        ('[console]\naddress = "anpr.example"', "is like https://"),
        ('[console]\naddress = "https://anpr.example/path"', "is like https://"),
        ("[console]\nport = 5", "It takes address"),
        ("[console]\naddress = 5", "between quotes"),
    ],
)
def test_settings_that_cannot_be_used_are_refused(folder, text: str, said: str):
    folder.mkdir(mode=0o700)
    write_whole(folder / "depot.toml", text.encode())
    with pytest.raises(BadInput, match=said):
        console_setting(folder)


@pytest.mark.parametrize("roles", ['king = ["x"]', "analyst = []", 'analyst = "x"', "analyst = [5]"])
def test_groups_that_cannot_be_used_are_refused(folder, roles: str):
    folder.mkdir(mode=0o700)
    head = '[console]\nissuer = "https://login.example"\naddress = "https://x"\nclient_id = "x"\n'
    write_whole(folder / "depot.toml", f"{head}[console.roles]\n{roles}".encode())
    with pytest.raises(BadInput, match=r"\[console.roles\]"):
        console_setting(folder)
