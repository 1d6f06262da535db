"""Who is signed on at the console. A session is a random token that only the browser has; its hash is kept.

Every answer here is for a moment that is given: a session that is out of date is no session.
"""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, delete, insert, select, update

from patrol_anpr.depot.database import DepotDatabase
from patrol_anpr.depot.staff.duties import Duty, StaffRole, duties_of
from patrol_anpr.depot.tables import staff, staff_sessions
from patrol_anpr.wire.payloads import sha256_of

IDLE = timedelta(minutes=15)
"""Without a request for so long, a session ends."""
LONGEST = timedelta(hours=10)
"""Whatever happens, a session ends then: a shift and a little."""
_NOTED = timedelta(seconds=20)
"""So often is it noted that a session is used: not at each picture of a page."""
_OF_SESSION = (staff_sessions.c.began_at, staff_sessions.c.seen_at, staff_sessions.c.enrols)


@dataclass(frozen=True, slots=True)
class Staff:
    """Somebody of the depot's staff, as a page knows them. `emergency`: by the account for when the sign-on is down."""

    staff_id: str
    name: str
    roles: frozenset[StaffRole]
    emergency: bool = False

    @property
    def duties(self) -> frozenset[Duty]:
        """What they may do."""
        return duties_of(self.roles)

    @property
    def actor(self) -> str:
        """How the audit names them."""
        return f"staff {self.staff_id}"


@dataclass(frozen=True, slots=True)
class RunningSession:
    """A session that somebody has."""

    began_at: datetime
    seen_at: datetime


def roles_in(text: str) -> frozenset[StaffRole]:
    """Read the column `roles`: words with spaces between."""
    return frozenset(StaffRole(word) for word in text.split())


class Sessions:
    """The sessions in a depot's database, worked on as the database's staff role. Any thread may call."""

    def __init__(self, database: DepotDatabase) -> None:
        self._database = database

    def find(self, token: str, now: datetime, *, enrols: bool = False) -> Staff | None:
        """Return who has the session of a token, and note that it is used; None where it is none (any more).

        `enrols`: one in which a newcomer sets a password, which is good for nothing else.
        """
        if not token:
            return None
        key = sha256_of(token.encode())
        with self._database.reading() as connection:
            row = _row(connection, key)
        if row is None or row.enrols is not enrols or not _runs(row.seen_at, row.began_at, now):
            return None
        if now - row.seen_at > _NOTED:
            with self._database.writing() as connection:
                connection.execute(
                    update(staff_sessions).where(staff_sessions.c.token_sha256 == key).values(seen_at=now)
                )
        return Staff(row.staff_id, row.name, roles_in(row.roles), row.emergency)

    def of(self, staff_id: str, now: datetime) -> Sequence[RunningSession]:
        """Return the sessions that somebody has, the newest first."""
        query = (
            select(staff_sessions.c.began_at, staff_sessions.c.seen_at)
            .where(staff_sessions.c.staff_id == staff_id)
            .order_by(staff_sessions.c.began_at.desc())
        )
        with self._database.reading() as connection:
            return [RunningSession(*row) for row in connection.execute(query) if _runs(row.seen_at, row.began_at, now)]

    def leave_word(self, token: str, sentence: str) -> None:
        """Keep a sentence that the next page of this session says, once."""
        with self._database.writing() as connection:
            connection.execute(
                update(staff_sessions)
                .where(staff_sessions.c.token_sha256 == sha256_of(token.encode()))
                .values(said=sentence)
            )

    def take_word(self, token: str) -> str:
        """Return the sentence that was kept, and forget it."""
        mine = staff_sessions.c.token_sha256 == sha256_of(token.encode())
        with self._database.reading() as connection:
            said: str = connection.execute(select(staff_sessions.c.said).where(mine)).scalar() or ""
        if said:
            with self._database.writing() as connection:
                connection.execute(update(staff_sessions).where(mine).values(said=""))
        return said

    def end(self, token: str) -> None:
        """End one session."""
        with self._database.writing() as connection:
            end_session(connection, token)


def begin_session(connection: Connection, staff_id: str, now: datetime, *, enrols: bool = False) -> str:
    """Begin a session and return its token, which is never one that anybody had before. Old ones are swept out."""
    connection.execute(
        delete(staff_sessions).where(
            (staff_sessions.c.seen_at < now - IDLE) | (staff_sessions.c.began_at < now - LONGEST)
        )
    )
    token = secrets.token_urlsafe(32)
    connection.execute(
        insert(staff_sessions).values(
            token_sha256=sha256_of(token.encode()), staff_id=staff_id, began_at=now, seen_at=now, said="", enrols=enrols
        )
    )
    return token


def end_session(connection: Connection, token: str) -> None:
    """End one session."""
    connection.execute(delete(staff_sessions).where(staff_sessions.c.token_sha256 == sha256_of(token.encode())))


def end_sessions_of(connection: Connection, staff_id: str) -> int:
    """End every session of somebody; return how many."""
    return connection.execute(delete(staff_sessions).where(staff_sessions.c.staff_id == staff_id)).rowcount


def _row(connection: Connection, key: str) -> Any:
    query = (
        select(staff.c.staff_id, staff.c.name, staff.c.roles, staff.c.emergency, *_OF_SESSION)
        .join(staff, staff.c.staff_id == staff_sessions.c.staff_id)
        .where(staff_sessions.c.token_sha256 == key, staff.c.ended_at.is_(None))
    )
    return connection.execute(query).one_or_none()


def _runs(seen_at: datetime, began_at: datetime, now: datetime) -> bool:
    return now - seen_at <= IDLE and now - began_at <= LONGEST
