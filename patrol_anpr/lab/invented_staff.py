"""Invented people at a depot, one a role, who can sign on: for the demo, the pictures and the tests of the console."""

from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import pyotp

from patrol_anpr.depot.database import DepotDatabase
from patrol_anpr.depot.keys import DepotKeys
from patrol_anpr.depot.roles import Role
from patrol_anpr.depot.search.currency import set_currency
from patrol_anpr.depot.staff.accounts import add_account
from patrol_anpr.depot.staff.codes import CodeSecrets
from patrol_anpr.depot.staff.duties import StaffRole
from patrol_anpr.depot.staff.sessions import Sessions
from patrol_anpr.depot.staff.sign_on import SignOn

PASSWORD = "copper lantern biscuit"  # noqa: S105 - of people who do not exist
PEOPLE: Sequence[tuple[str, str, StaffRole]] = (
    ("olive.operator", "Olive Invented", StaffRole.OPERATOR),
    ("anna.analyst", "Anna Invented", StaffRole.ANALYST),
    ("simon.senior", "Simon Invented", StaffRole.SENIOR),
    ("audrey.auditor", "Audrey Invented", StaffRole.AUDITOR),
    ("adam.admin", "Adam Invented", StaffRole.ADMINISTRATOR),
)
"""Staff id, name and role."""


@dataclass(frozen=True, slots=True)
class InventedPerson:
    """Somebody invented: what they sign on with. `secret` makes their one-time codes (base32)."""

    staff_id: str
    name: str
    role: StaffRole
    secret: str
    password: str = PASSWORD


def invent_staff(folder: Path, now: datetime) -> tuple[InventedPerson, ...]:
    """Add the people to the depot in `folder`, ready to sign on. Raises BadInput where they are there already."""
    at = now - timedelta(minutes=1)  # the code that is used here is not the one that a phone shows now
    with closing(DepotDatabase(folder, Role.STAFF)) as database:
        sign_on = SignOn(database, CodeSecrets(DepotKeys(folder).staff), lambda: at)
        return tuple(_made(database, sign_on, at, *person) for person in PEOPLE)


def _made(
    database: DepotDatabase, sign_on: SignOn, at: datetime, staff_id: str, name: str, role: StaffRole
) -> InventedPerson:
    with database.writing() as connection:
        invitation = add_account(connection, "operator invented", staff_id, name, (role,), at)
        good_until = (at + timedelta(days=300)).date().isoformat()
        set_currency(connection, "operator invented", staff_id, good_until, good_until)
    sessions = Sessions(database)
    newcomer = sessions.find(sign_on.by_invitation(staff_id, invitation, "invented"), at, enrols=True)
    assert newcomer is not None
    secret = sign_on.secret_of(newcomer)
    sessions.end(sign_on.set_password(newcomer, PASSWORD, PASSWORD, pyotp.TOTP(secret).at(at)))
    return InventedPerson(staff_id, name, role, secret)
