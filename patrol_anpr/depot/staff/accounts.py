"""The accounts of the depot's staff: made by an administrator, who never knows the password of anybody."""

import re
import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, insert, select, update

from patrol_anpr.depot.audit import add_audit
from patrol_anpr.depot.staff.duties import StaffRole, why_not_together
from patrol_anpr.depot.staff.sessions import end_sessions_of, roles_in
from patrol_anpr.depot.tables import staff
from patrol_anpr.domain.errors import BadInput
from patrol_anpr.wire.payloads import sha256_of

INVITATION = timedelta(hours=24)
"""How long the code of a new account is good."""
_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{1,31}")
_LONGEST_NAME = 80
_PROVIDER = "the force's provider"


@dataclass(frozen=True, slots=True)
class Account:
    """An account. `ready`: its password and its one-time codes are set. `subject`: who they are to the provider."""

    staff_id: str
    name: str
    roles: frozenset[StaffRole]
    added_at: datetime
    ended_at: datetime | None
    ready: bool
    emergency: bool
    subject: str | None


def accounts_in(connection: Connection) -> Sequence[Account]:
    """Return all accounts, those that ended too, by id."""
    return [
        Account(
            row.staff_id,
            row.name,
            roles_in(row.roles),
            row.added_at,
            row.ended_at,
            bool(row.password_hash and row.code_secret),
            row.emergency,
            row.subject,
        )
        for row in connection.execute(select(staff).order_by(staff.c.staff_id))
    ]


def add_account(
    connection: Connection,
    actor: str,
    staff_id: str,
    name: str,
    roles: Iterable[StaffRole],
    now: datetime,
    *,
    emergency: bool = False,
) -> str:
    """Add an account and return its invitation: a code with which its person sets a password, once, within a day.

    Raises BadInput for an id that is taken or cannot be used, and for roles that may not meet in one person.
    """
    staff_id, name = staff_id.strip(), name.strip()
    if not _ID.fullmatch(staff_id):
        raise BadInput("A staff id has 2 to 32 letters, digits, points, lines or underlines. Choose another.")
    if not name or len(name) > _LONGEST_NAME or not name.isprintable():
        raise BadInput(f"A name has 1 to {_LONGEST_NAME} letters. Write it anew.")
    given = checked_roles(roles)
    running = select(staff.c.staff_id).where(staff.c.emergency, staff.c.ended_at.is_(None))
    if emergency and connection.execute(running).first() is not None:
        raise BadInput("There is an emergency account already. End it first: there is one alone.")
    taken = select(staff.c.staff_id)
    if staff_id.casefold() in {one.casefold() for one in connection.execute(taken).scalars()}:
        raise BadInput("There is an account of this id already, or was. Ids are not given again: choose another.")
    code = _new_code()
    connection.execute(
        insert(staff).values(
            staff_id=staff_id,
            name=name,
            roles=_kept(given),
            added_at=now,
            emergency=emergency,
            password_hash="",
            code_secret="",
            code_step=0,
            invitation_sha256=sha256_of(code.encode()),
            invitation_ends_at=now + INVITATION,
        )
    )
    add_audit(connection, actor, "staff account added", staff_id, _kept(given))
    return code


def provided_account(
    connection: Connection, subject: str, staff_id: str, name: str, roles: Iterable[StaffRole], now: datetime
) -> str:
    """Return the id of who the force's provider says it is, with the roles that it says. Added at the first time.

    Raises BadInput for roles that may not meet, an account that has ended, and an id that is somebody else's.
    """
    given = checked_roles(roles)
    row = connection.execute(select(staff).where(staff.c.subject == subject)).one_or_none()
    if row is None:
        add_account(connection, _PROVIDER, staff_id, name, given, now)
        row = connection.execute(select(staff).where(staff.c.staff_id == staff_id.strip())).one()
        first = {"subject": subject, "invitation_sha256": ""}
        connection.execute(update(staff).where(staff.c.staff_id == row.staff_id).values(first))
    if row.ended_at is not None:
        raise BadInput("Your account at this depot has ended. Ask who keeps the accounts.")
    if roles_in(row.roles) != given:
        connection.execute(update(staff).where(staff.c.staff_id == row.staff_id).values(roles=_kept(given)))
        add_audit(connection, _PROVIDER, "staff roles changed", row.staff_id, _kept(given))
    return str(row.staff_id)


def reset_account(connection: Connection, actor: str, staff_id: str, now: datetime) -> str:
    """Forget an account's password and codes, end its sessions, and return a new invitation. Raises BadInput."""
    _there(connection, staff_id, ours=True)
    code = _new_code()
    connection.execute(
        update(staff)
        .where(staff.c.staff_id == staff_id)
        .values(
            password_hash="",
            code_secret="",
            code_step=0,
            invitation_sha256=sha256_of(code.encode()),
            invitation_ends_at=now + INVITATION,
        )
    )
    end_sessions_of(connection, staff_id)
    add_audit(connection, actor, "staff account reset", staff_id)
    return code


def change_roles(connection: Connection, actor: str, staff_id: str, roles: Iterable[StaffRole]) -> None:
    """Give an account other roles; they count at its next page. Raises BadInput."""
    _there(connection, staff_id, ours=True)
    given = checked_roles(roles)
    connection.execute(update(staff).where(staff.c.staff_id == staff_id).values(roles=_kept(given)))
    add_audit(connection, actor, "staff roles changed", staff_id, _kept(given))


def end_account(connection: Connection, actor: str, staff_id: str, now: datetime) -> None:
    """End an account and its sessions, for good: its id stays, for the audit. Raises BadInput."""
    _there(connection, staff_id)
    connection.execute(update(staff).where(staff.c.staff_id == staff_id).values(ended_at=now))
    end_sessions_of(connection, staff_id)
    add_audit(connection, actor, "staff account ended", staff_id)


def roles_of(words: Iterable[str]) -> list[StaffRole]:
    """Read roles as somebody typed or ticked them. Raises BadInput."""
    try:
        return [StaffRole(word) for word in words]
    except ValueError:
        raise BadInput(f"There is no such role. Choose of {', '.join(StaffRole)}.") from None


def checked_roles(roles: Iterable[StaffRole]) -> frozenset[StaffRole]:
    """Return roles that one person may have. Raises BadInput for none, or for some that may not meet."""
    given = frozenset(roles)
    if not given:
        raise BadInput("Give the account at least one role.")
    if why := why_not_together(given):
        raise BadInput(f"{why} Choose other roles.")
    return given


def _there(connection: Connection, staff_id: str, *, ours: bool = False) -> None:
    """Raise BadInput where there is no such account; with `ours` also where the provider keeps it."""
    query = select(staff.c.subject).where(staff.c.staff_id == staff_id, staff.c.ended_at.is_(None))
    row = connection.execute(query).one_or_none()
    if row is None:
        raise BadInput("There is no account of this id, or it has ended.")
    if ours and row.subject is not None:
        raise BadInput("The force's sign-on says who this is and which roles they have. Change it there.")


def _kept(roles: Iterable[StaffRole]) -> str:
    return " ".join(sorted(roles))


def _new_code() -> str:
    return "-".join(secrets.token_hex(2) for _ in range(6))
