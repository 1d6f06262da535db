"""Signing on: what is right, what is wrong, what is used up; and that whoever is wrong learns nothing by it."""

from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyotp
import pytest
from sqlalchemy import select

from patrol_anpr.depot.database import DepotDatabase
from patrol_anpr.depot.keys import DepotKeys
from patrol_anpr.depot.roles import Role
from patrol_anpr.depot.staff import sign_on as module
from patrol_anpr.depot.staff.accounts import add_account, end_account, reset_account
from patrol_anpr.depot.staff.codes import CodeSecrets, new_secret, step_of
from patrol_anpr.depot.staff.duties import StaffRole
from patrol_anpr.depot.staff.passwords import is_right
from patrol_anpr.depot.staff.sessions import IDLE, LONGEST, Sessions
from patrol_anpr.depot.staff.sign_on import WRONG, WRONG_INVITATION, SignOn
from patrol_anpr.depot.staff.tries import FREE
from patrol_anpr.depot.tables import audit, staff
from patrol_anpr.domain.errors import BadInput
from tests.depot.conftest import folder, postgres
from tests.depot.postgresql import on_both
from tests.depot.staff.cheap import cheap_passwords

__all__ = ["cheap_passwords", "folder", "postgres"]

PASSWORD = "copper lantern biscuit"
HERE = "10.1.2.3"


@dataclass
class Desk:
    """A depot whose people sign on, with a clock that stands still until it is moved."""

    folder: Path
    database: DepotDatabase
    at: datetime = datetime(2026, 11, 30, 8, 0, tzinfo=UTC)
    secrets: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.sessions = Sessions(self.database)
        self.sign_on = self.made()

    def made(self, **options: bool) -> SignOn:
        return SignOn(self.database, CodeSecrets(DepotKeys(self.folder).staff), lambda: self.at, **options)

    def invite(self, staff_id: str = "anna", *roles: StaffRole, emergency: bool = False) -> str:
        with self.database.writing() as connection:
            given = roles or (StaffRole.ANALYST,)
            return add_account(connection, "operator x", staff_id, "A. Name", given, self.at, emergency=emergency)

    def add(self, staff_id: str = "anna", **options: bool) -> str:
        """Add an account that is ready to sign on; a minute goes by. Returns the token of its first session."""
        token = self.sign_on.by_invitation(staff_id, self.invite(staff_id, **options), HERE)
        newcomer = self.sessions.find(token, self.at, enrols=True)
        self.secrets[staff_id] = self.sign_on.secret_of(newcomer)
        token = self.sign_on.set_password(newcomer, PASSWORD, PASSWORD, self.code(staff_id))
        self.at += timedelta(minutes=1)
        return token

    def code(self, staff_id: str = "anna", steps: int = 0) -> str:
        return pyotp.TOTP(self.secrets[staff_id]).at(self.at + timedelta(seconds=30 * steps))

    def enter(self, staff_id: str = "anna", password: str = PASSWORD, code: str = "", address: str = HERE) -> str:
        return self.sign_on.by_password(staff_id, password, code or self.code(), address)

    def audited(self) -> list[tuple[str, str, str]]:
        with closing(DepotDatabase(self.folder, Role.MIGRATION)) as all_of_it, all_of_it.reading() as connection:
            columns = select(audit.c.actor, audit.c.action, audit.c.object_id).order_by(audit.c.number)
            return [tuple(row) for row in connection.execute(columns)]


@pytest.fixture
def desk(folder: Path) -> Iterator[Desk]:
    with closing(DepotDatabase(folder, Role.STAFF)) as database:
        yield Desk(folder, database)


@on_both
def test_an_invitation_becomes_a_password_and_codes_and_they_sign_on(desk: Desk):
    first = desk.add()
    token = desk.enter()
    assert first != token
    found = desk.sessions.find(token, desk.at)
    assert (found.staff_id, found.roles) == ("anna", frozenset({StaffRole.ANALYST}))
    assert desk.audited() == [
        ("operator x", "staff account added", "anna"),
        ("staff anna", "staff invitation used", ""),
        ("staff anna", "staff password and codes set", ""),
        ("staff anna", "staff signed on", ""),
    ]


@on_both
def test_a_code_is_good_once_and_no_older_one_after_it(desk: Desk):
    desk.add()
    before, now = desk.code(steps=-1), desk.code()
    desk.enter(code=now)
    for code in (now, before):
        with pytest.raises(BadInput, match="A code is good"):
            desk.enter(code=code)
    desk.enter(code=desk.code(steps=1))


def test_a_phone_may_be_off_by_half_a_minute_and_no_more(desk: Desk):
    desk.add()
    for steps in (-3, -2, 2, 3):
        with pytest.raises(BadInput):
            desk.enter(code=desk.code(steps=steps))
    desk.enter(code=desk.code(steps=-1))


WRONGS: dict[str, Callable[[Desk], tuple[str, str, str]]] = {
    "nobody of that id": lambda desk: ("nobody", PASSWORD, desk.code()),
    "a wrong password": lambda desk: ("anna", "wrong", desk.code()),
    "a wrong code": lambda desk: ("anna", PASSWORD, "000000"),
    "no code": lambda desk: ("anna", PASSWORD, ""),
    "letters for a code": lambda desk: ("anna", PASSWORD, "١٢٣٤٥٦"),
    "an account that ended": lambda desk: ("ended", PASSWORD, desk.code("ended")),
    "an account that was reset": lambda desk: ("reset", PASSWORD, desk.code("reset")),
    "an account that is not ready": lambda desk: ("invited", PASSWORD, desk.code()),
    "an empty password": lambda desk: ("invited", "", desk.code()),
}


def test_whatever_is_wrong_the_sentence_and_the_work_are_the_same(desk: Desk, monkeypatch):
    for staff_id in ("anna", "ended", "reset"):
        desk.add(staff_id)
    desk.invite("invited")
    with desk.database.writing() as connection:
        end_account(connection, "operator x", "ended", desk.at)
        reset_account(connection, "operator x", "reset", desk.at)
    verified: list[str] = []
    monkeypatch.setattr(
        module, "is_right", lambda password, kept: (verified.append(kept), password == PASSWORD and kept)[1]
    )
    for what, wrong in WRONGS.items():
        desk.at += timedelta(hours=25)
        with pytest.raises(BadInput) as told:
            desk.sign_on.by_password(*wrong(desk), HERE)
        assert str(told.value) == WRONG, what
    assert len(verified) == len(WRONGS), "one password is verified each time, also where there is none"


def test_what_is_typed_into_the_wrong_field_is_kept_nowhere(desk: Desk):
    desk.add()
    with pytest.raises(BadInput):
        desk.enter(staff_id=PASSWORD)
    desk.database.close()
    for file in desk.folder.glob("depot.sqlite*"):
        assert PASSWORD.encode() not in file.read_bytes()
        assert desk.secrets["anna"].encode() not in file.read_bytes(), "the secret of the codes is sealed"
    assert ("sign-on", "staff sign-on refused", "unknown") in desk.audited()


@on_both
def test_who_guesses_an_account_waits_longer_each_time_and_a_restart_forgets_nothing(desk: Desk):
    desk.add()
    for _ in range(FREE["account"]):
        with pytest.raises(BadInput, match="is wrong"):
            desk.enter(password="wrong", code="1")
    waited = []
    for _ in range(8):
        desk.sign_on = desk.made()  # the program began anew
        begins = desk.at
        while True:
            try:
                desk.enter(password="wrong", code="1", address="10.9.9.9")
            except BadInput as told:
                if "is wrong" in str(told):
                    break
                with pytest.raises(BadInput, match="Wait"):
                    desk.enter()  # the right one waits, too: nobody learns which it was
            desk.at += timedelta(seconds=15)
        waited.append((desk.at - begins).total_seconds())
    assert waited == [15, 30, 60, 120, 240, 480, 900, 900]
    desk.at += timedelta(minutes=15)
    desk.enter()
    with pytest.raises(BadInput, match="is wrong"):
        desk.enter(password="wrong", code="1")


def test_who_guesses_many_accounts_from_one_place_waits_and_others_do_not(desk: Desk):
    desk.add()
    for number in range(FREE["address"]):
        with pytest.raises(BadInput, match="is wrong"):
            desk.enter(staff_id=f"guess{number}", password="", code="1", address="10.6.6.6")
    with pytest.raises(BadInput, match="Wait"):
        desk.enter(address="10.6.6.6")
    desk.enter()


def test_an_invitation_ends_and_is_good_for_one_account_alone(desk: Desk):
    code, other = desk.invite("anna"), desk.invite("otto")
    for staff_id, given in (("anna", other), ("nobody", code), ("anna", ""), ("anna", code + "0")):
        with pytest.raises(BadInput, match=WRONG_INVITATION):
            desk.sign_on.by_invitation(staff_id, given, HERE)
    token = desk.sign_on.by_invitation("ANNA ", f" {code.upper()} ", HERE)
    assert desk.sessions.find(token, desk.at) is None, "it is good for setting a password, and nothing else"
    newcomer = desk.sessions.find(token, desk.at, enrols=True)
    with pytest.raises(BadInput, match="The code is wrong"):
        desk.sign_on.set_password(newcomer, PASSWORD, PASSWORD, "123456")
    with pytest.raises(BadInput, match="not the same"):
        desk.sign_on.set_password(newcomer, PASSWORD, PASSWORD + "x", "123456")
    desk.at += timedelta(hours=24, seconds=1)
    with pytest.raises(BadInput, match=WRONG_INVITATION):
        desk.sign_on.by_invitation("anna", code, HERE)


def test_a_used_invitation_is_no_way_back_in(desk: Desk):
    code = desk.invite("anna")
    token = desk.sign_on.by_invitation("anna", code, HERE)
    newcomer = desk.sessions.find(token, desk.at, enrols=True)
    secret = desk.sign_on.secret_of(newcomer)
    desk.sign_on.set_password(newcomer, PASSWORD, PASSWORD, pyotp.TOTP(secret).at(desk.at))
    for given in (code, ""):
        with pytest.raises(BadInput, match=WRONG_INVITATION):
            desk.sign_on.by_invitation("anna", given, HERE)
    assert desk.sessions.find(token, desk.at, enrols=True) is None


@on_both
def test_a_session_ends_by_itself_and_all_of_them_at_once(desk: Desk):
    desk.add()
    token = desk.enter()
    began = desk.at
    while desk.at + IDLE * 0.9 <= began + LONGEST:
        desk.at += IDLE * 0.9
        assert desk.sessions.find(token, desk.at) is not None
    desk.at = began + LONGEST + timedelta(seconds=1)
    assert desk.sessions.find(token, desk.at) is None
    here, there = desk.enter(), desk.enter(code=desk.code(steps=1))
    assert len(desk.sessions.of("anna", desk.at)) == 2
    assert desk.sessions.find(here, desk.at + IDLE + timedelta(seconds=1)) is None
    desk.sign_on.sign_off_everywhere(desk.sessions.find(here, desk.at))
    assert [desk.sessions.find(one, desk.at) for one in (here, there)] == [None, None]


def test_a_changed_password_ends_all_sessions_and_the_old_one_is_wrong(desk: Desk):
    desk.add()
    token = desk.enter()
    who = desk.sessions.find(token, desk.at)
    new = "marble ticket orchard"
    with pytest.raises(BadInput, match="is wrong"):
        desk.sign_on.change_password(who, "wrong", desk.code(steps=1), new, new, HERE)
    newer = desk.sign_on.change_password(who, PASSWORD, desk.code(steps=1), new, new, HERE)
    assert desk.sessions.find(token, desk.at) is None
    assert desk.sessions.find(newer, desk.at) is not None
    desk.at += timedelta(minutes=2)
    with pytest.raises(BadInput):
        desk.enter()
    desk.enter(password=new)


def test_the_emergency_account_is_one_alone_and_loud(desk: Desk, caplog):
    desk.add("anna")
    desk.add("glass", emergency=True)
    with pytest.raises(BadInput, match="one alone"):
        desk.invite("second", emergency=True)
    invitation = desk.invite("otto")
    desk.sign_on = desk.made(only_emergency=True)
    with pytest.raises(BadInput, match="is wrong"):
        desk.enter()
    with pytest.raises(BadInput, match=WRONG_INVITATION):
        desk.sign_on.by_invitation("otto", invitation, HERE)
    token = desk.enter("glass", code=desk.code("glass"))
    assert desk.sessions.find(token, desk.at).emergency
    assert desk.audited()[-1] == ("staff glass", "EMERGENCY ACCOUNT signed on", "")
    assert "the emergency account signs on" in caplog.text


def test_a_secret_opens_for_its_account_alone():
    secrets = CodeSecrets(bytes(32))
    kept = secrets.seal("SECRET", "anna")
    assert secrets.open(kept, "anna") == "SECRET"
    for other in (secrets.open(kept, "otto"), CodeSecrets(bytes([1]) * 32).open(kept, "anna"), secrets.open("?", "a")):
        assert other == ""


def test_a_code_is_six_digits_of_now():
    secret, at = new_secret(), datetime(2026, 11, 30, tzinfo=UTC)
    code = pyotp.TOTP(secret).at(at)
    assert step_of(secret, f"{code[:3]} {code[3:]}", at) == int(at.timestamp()) // 30
    assert [step_of(secret, wrong, at) for wrong in ("", "12345", code + "0", "x" * 6, "\u0660" * 6)] == [None] * 5
    assert step_of("", code, at) is None


def test_nothing_in_the_table_signs_on_by_itself(desk: Desk):
    desk.add()
    with desk.database.reading() as connection:
        row = connection.execute(select(staff)).one()
    for stolen in (row.password_hash, row.code_secret, row.invitation_sha256):
        with pytest.raises(BadInput):
            desk.enter(password=stolen, code="1")


def while_it_is_looked_at(desk: Desk, monkeypatch, then: Callable[[], None]) -> None:
    """Let something happen between the look at a password and what follows from it."""

    def slow(password: str, kept: str) -> bool:
        then()
        return is_right(password, kept)

    monkeypatch.setattr(module, "is_right", slow)


@on_both
@pytest.mark.parametrize("change", [reset_account, end_account])
def test_an_account_that_is_ended_or_reset_meanwhile_signs_nobody_on(desk: Desk, monkeypatch, change):
    desk.add()

    def changed() -> None:
        with desk.database.writing() as connection:
            change(connection, "operator x", "anna", desk.at)

    while_it_is_looked_at(desk, monkeypatch, changed)
    with pytest.raises(BadInput, match="is wrong"):
        desk.enter()
    assert desk.sessions.of("anna", desk.at) == []


def test_of_two_who_send_one_code_at_the_same_moment_one_is_signed_on(desk: Desk, monkeypatch):
    desk.add()
    tokens = []

    def another() -> None:
        monkeypatch.setattr(module, "is_right", is_right)
        tokens.append(desk.enter(address="10.7.7.7"))

    while_it_is_looked_at(desk, monkeypatch, another)
    with pytest.raises(BadInput, match="is wrong"):
        desk.enter()
    assert len(tokens) == len(desk.sessions.of("anna", desk.at)) - 1 == 1, "beside the first, of the day it was made"


def test_an_invitation_that_is_taken_back_sets_no_password(desk: Desk):
    token = desk.sign_on.by_invitation("anna", desk.invite(), HERE)
    newcomer = desk.sessions.find(token, desk.at, enrols=True)
    secret = desk.sign_on.secret_of(newcomer)
    with desk.database.writing() as connection:
        again = reset_account(connection, "operator x", "anna", desk.at)
    code = pyotp.TOTP(secret).at(desk.at)
    with pytest.raises(BadInput, match="The code is wrong"):
        desk.sign_on.set_password(newcomer, PASSWORD, PASSWORD, code)
    assert desk.sign_on.by_invitation("anna", again, HERE)
