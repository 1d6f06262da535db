"""People at a console, for tests: each has a real account and a real session, without signing on by hand."""

import re
from datetime import UTC, datetime

import httpx
from sqlalchemy import insert

from patrol_anpr.console.page import csrf_of
from patrol_anpr.console.server import ConsoleServer
from patrol_anpr.console.state import Console
from patrol_anpr.depot.roles import Role
from patrol_anpr.depot.staff.duties import StaffRole
from patrol_anpr.depot.staff.sessions import begin_session
from patrol_anpr.depot.tables import staff

COOKIE = "console"
"""What the session's cookie is called where the console speaks plain HTTP to its own machine."""


class Person(httpx.Client):
    """A browser with somebody before it, over real HTTP. `submit` sends a form as its page would."""

    def __init__(self, url: str, token: str = "", staff_id: str = "") -> None:
        super().__init__(base_url=url, trust_env=False, timeout=20, verify=False)  # plain HTTP: no TLS to set up
        self.url, self.staff_id = url, staff_id
        if token:
            self.cookies.set(COOKIE, token, domain="127.0.0.1", path="/")

    @property
    def token(self) -> str:
        """The token of its cookie; "" without."""
        return self.cookies.get(COOKIE, "")

    def submit(self, path: str, fields: dict | None = None, *, files=None) -> httpx.Response:
        """Send a form as a page of the console would, with its token and its origin, and say what came back."""
        form = {"csrf": csrf_of(self.token)} | (fields or {})
        return self.post(path, data=form, files=files, headers={"origin": self.url})

    def page(self, path: str) -> str:
        """The text of a page, which must be there."""
        answer = self.get(path)
        assert answer.status_code == 200, (path, answer.status_code, words_of(answer.text))
        return answer.text


def words_of(html: str) -> str:
    """What a person reads of a page's content, on one line."""
    content = html.split("<main", 1)[-1].split("</main>", 1)[0]
    return " ".join(re.sub(r"<[^>]*>", " ", content.partition(">")[2]).split())


def signed_on(server: ConsoleServer, *roles: StaffRole, staff_id: str = "") -> Person:
    """Somebody with these roles, signed on; their id is that of the first role where none is given."""
    console: Console = server.app.state.console
    who = staff_id or f"the-{roles[0]}"
    with console.database(Role.STAFF).writing() as connection:
        add_staff(connection, who, roles)
        token = begin_session(connection, who, console.now())
    return Person(server.url, token, who)


def add_staff(connection, staff_id: str, roles: tuple[StaffRole, ...], **changes: object) -> None:
    """Put an account into the table, where it is not there yet, that has no password."""
    if connection.execute(staff.select().where(staff.c.staff_id == staff_id)).first() is not None:
        return
    row = {
        "staff_id": staff_id,
        "name": staff_id.replace("-", " ").title(),
        "roles": " ".join(sorted(roles)),
        "added_at": datetime(2026, 1, 1, tzinfo=UTC),
        "emergency": False,
        "password_hash": "",
        "code_secret": "",
        "code_step": 0,
        "invitation_sha256": "",
        "invitation_ends_at": datetime(2026, 1, 1, tzinfo=UTC),
    }
    connection.execute(insert(staff).values(row | changes))
