"""Signing on with a password and a one-time code, and setting both for the first time.

Whoever is wrong hears one sentence, whatever was wrong, after the same work: nobody learns which accounts there are.
"""

import hmac
import logging
import math
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, func, select, update

from patrol_anpr.depot.audit import add_audit
from patrol_anpr.depot.database import DepotDatabase
from patrol_anpr.depot.staff.accounts import provided_account
from patrol_anpr.depot.staff.codes import CodeSecrets, new_secret, step_of
from patrol_anpr.depot.staff.duties import StaffRole
from patrol_anpr.depot.staff.passwords import hash_of, is_right, why_refused
from patrol_anpr.depot.staff.provider import ProvedPerson
from patrol_anpr.depot.staff.sessions import Staff, begin_session, end_session, end_sessions_of
from patrol_anpr.depot.staff.tries import count_try, forgive
from patrol_anpr.depot.tables import staff
from patrol_anpr.domain.errors import BadInput
from patrol_anpr.wire.payloads import sha256_of

log = logging.getLogger(__name__)

WRONG = "The staff id, the password or the code is wrong. A code is good for half a minute, and once."
WRONG_INVITATION = "The staff id or the invitation is wrong, or the invitation has ended. Ask for a new one."
EMERGENCY = "EMERGENCY ACCOUNT signed on"
"""What the audit says where the emergency account was used: its pages for auditors begin with it."""
_NOBODY = "sign-on"
"""Who the audit says it was, as long as nobody has proved it."""


class SignOn:
    """Signs people on. `only_emergency`: all others come by the force's provider. Any thread may call."""

    def __init__(
        self,
        database: DepotDatabase,
        secrets: CodeSecrets,
        now: Callable[[], datetime],
        *,
        only_emergency: bool = False,
    ) -> None:
        self._database, self._secrets, self._now = database, secrets, now
        self._only_emergency = only_emergency

    def by_password(self, staff_id: str, password: str, code: str, address: str) -> str:
        """Return the token of a new session. Raises BadInput: wrong, or too often wrong. All of it is audited."""
        now = self._now()

        def begun(connection: Connection, row: Row[Any]) -> str:
            add_audit(connection, f"staff {row.staff_id}", EMERGENCY if row.emergency else "staff signed on")
            if row.emergency:
                log.warning("the emergency account signs on")
            return begin_session(connection, row.staff_id, now)

        return self._proved(staff_id, password, code, address, now, begun)

    def change_password(self, who: Staff, password: str, code: str, new: str, again: str, address: str) -> str:
        """Change the password of somebody who proves it once more; all sessions end. Returns the token of a new one.

        Raises BadInput for a new password that may not be, and as `by_password`.
        """
        _check_new(who, new, again)
        now, kept = self._now(), hash_of(new)

        def changed(connection: Connection, _: Row[Any]) -> str:
            connection.execute(update(staff).where(staff.c.staff_id == who.staff_id).values(password_hash=kept))
            end_sessions_of(connection, who.staff_id)
            add_audit(connection, who.actor, "staff password changed")
            return begin_session(connection, who.staff_id, now)

        return self._proved(who.staff_id, password, code, address, now, changed)

    def sign_off(self, who: Staff, token: str) -> None:
        """End one session of somebody."""
        with self._database.writing() as connection:
            end_session(connection, token)
            add_audit(connection, who.actor, "staff signed off")

    def sign_off_everywhere(self, who: Staff) -> None:
        """End every session of somebody."""
        with self._database.writing() as connection:
            ended = end_sessions_of(connection, who.staff_id)
            add_audit(connection, who.actor, "staff signed off everywhere", reason=f"{ended} sessions")

    def _proved(
        self,
        staff_id: str,
        password: str,
        code: str,
        address: str,
        now: datetime,
        then: Callable[[Connection, Row[Any]], str],
    ) -> str:
        """Do `then` for who has proved to be it, by password and a code that was not used before; return its token.

        In one transaction with the last look at the account: nobody ends or resets it between the two.
        """
        row = self._try(staff_id, address, now)
        right = is_right(password, row.password_hash if row else "")
        step = step_of(self._secrets.open(row.code_secret, row.staff_id) if row else "", code, now)
        if row is None or not right or step is None or (self._only_emergency and not row.emergency):
            raise self._refused(row, WRONG)
        with self._database.writing() as connection:
            still = (  # each code once, whoever else sends it at the same moment; and nobody has reset the account
                (staff.c.staff_id == row.staff_id)
                & staff.c.ended_at.is_(None)
                & (staff.c.password_hash == row.password_hash)
                & (staff.c.code_step < step)
            )
            if connection.execute(update(staff).where(still).values(code_step=step)).rowcount == 1:
                forgive(connection, staff_id, address)
                return then(connection, row)
        raise self._refused(row, WRONG)

    def by_provider(self, person: ProvedPerson, roles: Iterable[StaffRole]) -> str:
        """Return the token of a session of who the force's provider says it is, with the roles that its groups give.

        Raises BadInput where these give no role, or some that may not meet in one person.
        """
        given = frozenset(roles)
        now = self._now()
        try:
            if not given:
                raise BadInput("The force's sign-on knows you, but none of your groups has a role at this console.")
            with self._database.writing() as connection:
                who = provided_account(connection, person.subject, person.staff_id, person.name, given, now)
                add_audit(connection, f"staff {who}", "staff signed on", reason="by the force's provider")
                return begin_session(connection, who, now)
        except BadInput:
            self._refused(None, "")
            raise

    def by_invitation(self, staff_id: str, invitation: str, address: str) -> str:
        """Return the token of a session in which somebody sets a password and codes, and nothing else. As above."""
        now = self._now()
        row = self._try(staff_id, address, now)
        given = sha256_of(invitation.strip().lower().encode())
        right = row is not None and hmac.compare_digest(row.invitation_sha256, given) and now <= row.invitation_ends_at
        if row is None or not right or (self._only_emergency and not row.emergency):
            raise self._refused(row, WRONG_INVITATION)
        kept = self._secrets.seal(new_secret(), row.staff_id)
        with self._database.writing() as connection:
            still = (  # nobody has ended the account, or invited anew, meanwhile
                (staff.c.staff_id == row.staff_id) & staff.c.ended_at.is_(None) & (staff.c.invitation_sha256 == given)
            )
            if connection.execute(update(staff).where(still).values(code_secret=kept)).rowcount != 1:
                raise BadInput(WRONG_INVITATION)
            forgive(connection, staff_id, address)
            end_sessions_of(connection, row.staff_id)
            add_audit(connection, f"staff {row.staff_id}", "staff invitation used")
            return begin_session(connection, row.staff_id, now, enrols=True)

    def secret_of(self, newcomer: Staff) -> str:
        """Return the secret that somebody's phone is to learn."""
        return self._secrets.open(self._sealed_secret(newcomer), newcomer.staff_id)

    def set_password(self, newcomer: Staff, password: str, again: str, code: str) -> str:
        """Set the password of somebody whose phone shows the right code; return the token of a session of theirs.

        Raises BadInput for a password that may not be, for a wrong code, and where the invitation was taken back.
        """
        _check_new(newcomer, password, again)
        now, sealed = self._now(), self._sealed_secret(newcomer)
        step = step_of(self._secrets.open(sealed, newcomer.staff_id), code, now)
        if step is None:
            raise BadInput("The code is wrong. Wait for the next one; if that is wrong too, the phone's clock is.")
        kept = hash_of(password)
        with self._database.writing() as connection:
            still = (  # nobody has ended the account, or invited anew, meanwhile
                (staff.c.staff_id == newcomer.staff_id) & staff.c.ended_at.is_(None) & (staff.c.code_secret == sealed)
            )
            values = {"password_hash": kept, "code_step": step, "invitation_sha256": ""}
            if connection.execute(update(staff).where(still).values(values)).rowcount != 1:
                raise BadInput(WRONG_INVITATION)
            end_sessions_of(connection, newcomer.staff_id)
            add_audit(connection, newcomer.actor, "staff password and codes set")
            if newcomer.emergency:  # who sets a password is signed on with it
                add_audit(connection, newcomer.actor, EMERGENCY)
            return begin_session(connection, newcomer.staff_id, now)

    def _sealed_secret(self, newcomer: Staff) -> str:
        with self._database.reading() as connection:
            query = select(staff.c.code_secret).where(staff.c.staff_id == newcomer.staff_id)
            return connection.execute(query).scalar() or ""

    def _try(self, staff_id: str, address: str, now: datetime) -> Row[Any] | None:
        with self._database.writing() as connection:
            wait = count_try(connection, staff_id, address, now)
            if wait:
                minutes = math.ceil(wait.total_seconds() / 60)
                raise BadInput(f"That was wrong too often. Wait {minutes} min, then try again.")
            return _account(connection, staff_id)

    def _refused(self, row: Row[Any] | None, sentence: str) -> BadInput:
        """Audit a try in vain; what was typed is not repeated where it is nobody's id: it may be a password."""
        with self._database.writing() as connection:
            add_audit(connection, _NOBODY, "staff sign-on refused", row.staff_id if row else "unknown")
        return BadInput(sentence)


def _check_new(who: Staff, password: str, again: str) -> None:
    if why := why_refused(password, who.staff_id, who.name):
        raise BadInput(why)
    if password != again:
        raise BadInput("The two passwords are not the same. Write both anew.")


def _account(connection: Connection, staff_id: str) -> Row[Any] | None:
    same = func.lower(staff.c.staff_id) == staff_id.strip().lower()
    return connection.execute(select(staff).where(same, staff.c.ended_at.is_(None))).one_or_none()
