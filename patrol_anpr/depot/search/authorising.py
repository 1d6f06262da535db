"""Authorisations: an analyst asks, a senior person decides, once, and may revoke. Every step is in the audit trail."""

import json
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, insert, select, update

from patrol_anpr.depot.audit import add_audit
from patrol_anpr.depot.dialect import clock_of
from patrol_anpr.depot.search.law import (
    LAW,
    Asker,
    Authorisation,
    NeedsAuthorisation,
    Purpose,
    Refused,
    Why,
    checked_expiry,
    judge,
    reach_of,
)
from patrol_anpr.depot.search.question import Question
from patrol_anpr.depot.tables import authorisations
from patrol_anpr.domain.errors import BadInput
from patrol_anpr.wire.payloads import canonical_json, sha256_of

LEAST_WORDS, MOST_WORDS = 10, 400
"""Characters of the reason for a decision."""


@dataclass(frozen=True, slots=True)
class Request:
    """A request for an authorisation and what came of it; `granted` is None until somebody decides."""

    authorisation: Authorisation
    asked_at: datetime
    decided_by: str | None
    decided_at: datetime | None
    granted: bool | None
    words: str
    revoked_by: str | None

    def state(self, now: datetime) -> str:
        """In a word, for the screen."""
        allowed = self.authorisation
        if self.granted is None:
            return "Waiting"
        if not self.granted:
            return "Refused"
        if allowed.revoked_at is not None:
            return "Revoked"
        if allowed.one_use and allowed.used_at is not None:
            return "Used"
        return "In force" if allowed.holds(now) else "Expired"


def ask_for_authorisation(
    connection: Connection, asker: Asker, question: Question, why: Why, now: datetime, *, one_use: bool
) -> str:
    """Ask for an authorisation of a search that needs one; return its id.

    Raises Refused where it could not be granted, BadInput where none is needed.

    The trail holds the hash of what was asked, and no mark.
    """
    at = clock_of(connection, now)
    try:
        judge(asker, question, why, at)
    except NeedsAuthorisation:
        pass
    else:
        raise BadInput("This search needs no authorisation. Search.")
    authorisation_id = secrets.token_hex(8)
    asked = canonical_json(question.says()).decode("ascii")
    connection.execute(
        insert(authorisations).values(
            authorisation_id=authorisation_id,
            asked_by=asker.staff_id,
            asked_at=at,
            purpose=why.purpose.value,
            case_number=why.case_number,
            reason=why.reason,
            asked=asked,
            one_use=int(one_use),
        )
    )
    what = f"{why.purpose}, case {why.case_number}, scope {sha256_of(asked.encode())}"
    add_audit(connection, f"staff {asker.staff_id}", "authorisation asked for", authorisation_id, what)
    return authorisation_id


def decide(
    connection: Connection, staff_id: str, authorisation_id: str, now: datetime, *, days: int | None, words: str
) -> None:
    """Grant for so many days, or refuse (`days` None).

    Raises BadInput where it was decided already, Refused for a request of one's own.

    The law is asked again: what has grown older than its purpose allows since it was asked is granted by nobody.
    """
    said = _checked_words(words)
    request = _waiting(connection, authorisation_id)
    at = clock_of(connection, now)
    if request.authorisation.asked_by == staff_id:
        raise Refused("Nobody decides on a request of their own. Another senior person has to.")
    expires_at = None
    if days is not None:
        expires_at = checked_expiry(days, at)
        _check_purpose(request.authorisation, at)
    row = update(authorisations).where(
        authorisations.c.authorisation_id == authorisation_id, authorisations.c.decided_at.is_(None)
    )
    decided = row.values(
        decided_by=staff_id, decided_at=at, granted=int(days is not None), words=said, expires_at=expires_at
    )
    if connection.execute(decided).rowcount != 1:
        raise BadInput("Somebody else has just decided on this request.")
    action = "authorisation granted" if days is not None else "authorisation refused"
    until = f", until {expires_at:%Y-%m-%dT%H:%MZ}" if expires_at else ""
    add_audit(connection, f"staff {staff_id}", action, authorisation_id, f"{said}{until}")


def revoke(connection: Connection, staff_id: str, authorisation_id: str, now: datetime, *, words: str) -> None:
    """End an authorisation at once; answers found by it are closed, too. Raises BadInput where there is none."""
    said = _checked_words(words)
    request = request_of(connection, authorisation_id)
    at = clock_of(connection, now)
    if request is None or not request.granted or request.authorisation.revoked_at is not None:
        raise BadInput("There is no authorisation of that kind in force.")
    row = update(authorisations).where(authorisations.c.authorisation_id == authorisation_id)
    connection.execute(row.values(revoked_at=at, revoked_by=staff_id))
    add_audit(connection, f"staff {staff_id}", "authorisation revoked", authorisation_id, said)


def use(connection: Connection, authorisation: Authorisation, now: datetime) -> None:
    """Note that a search was made by it. Raises Refused when another one was quicker."""
    unused = authorisations.c.used_at.is_(None) if authorisation.one_use else authorisations.c.revoked_at.is_(None)
    row = update(authorisations).where(authorisations.c.authorisation_id == authorisation.authorisation_id, unused)
    if connection.execute(row.values(used_at=clock_of(connection, now))).rowcount != 1:
        raise Refused("This authorisation was good for one search, which was made. Ask for another one.")


def give_back(connection: Connection, authorisation_id: str) -> None:
    """Let an authorisation of one use be used again: the search that used it broke off, and nobody saw anything."""
    row = update(authorisations).where(authorisations.c.authorisation_id == authorisation_id)
    connection.execute(row.values(used_at=None))


def request_of(connection: Connection, authorisation_id: str) -> Request | None:
    """Return a request; None where there is none of that id."""
    row = connection.execute(
        select(authorisations).where(authorisations.c.authorisation_id == authorisation_id)
    ).one_or_none()
    return None if row is None else _request(row)


def requests_in(connection: Connection, asked_by: str | None = None, limit: int = 200) -> Sequence[Request]:
    """Return the newest requests, of one person or of all."""
    query = select(authorisations).order_by(authorisations.c.asked_at.desc(), authorisations.c.authorisation_id)
    if asked_by is not None:
        query = query.where(authorisations.c.asked_by == asked_by)
    return [_request(row) for row in connection.execute(query.limit(limit))]


def _waiting(connection: Connection, authorisation_id: str) -> Request:
    request = request_of(connection, authorisation_id)
    if request is None or request.granted is not None:
        raise BadInput("There is no request of that kind waiting. Somebody may have decided on it.")
    return request


def _check_purpose(asked: Authorisation, now: datetime) -> None:
    reach = reach_of(asked.question.begin, now)
    if asked.why.purpose not in LAW[reach].purposes:
        raise Refused(f"Reads {reach.word} may not be searched for this purpose, so it cannot be granted.")


def _checked_words(words: str) -> str:
    said = " ".join(words.split())
    if sum(map(str.isalnum, said)) < LEAST_WORDS:
        raise BadInput(f"Say why, in at least {LEAST_WORDS} letters.")
    if len(said) > MOST_WORDS:
        raise BadInput(f"That is too long. Say it in at most {MOST_WORDS} characters.")
    return said


def _request(row: Row[Any]) -> Request:
    allowed = Authorisation(
        authorisation_id=row.authorisation_id,
        asked_by=row.asked_by,
        question=Question.said(json.loads(row.asked)),
        why=Why(Purpose(row.purpose), row.case_number, row.reason),
        one_use=bool(row.one_use),
        granted_by=row.decided_by if row.granted else None,
        expires_at=row.expires_at,
        revoked_at=row.revoked_at,
        used_at=row.used_at,
    )
    granted = None if row.granted is None else bool(row.granted)
    return Request(allowed, row.asked_at, row.decided_by, row.decided_at, granted, row.words, row.revoked_by)
