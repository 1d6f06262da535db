"""Checking the audit: is the chain whole, is it what cars signed, are cars' own trails whole, do log and searches fit?

A check of millions of rows takes minutes: it is begun, done in the background, and its result is kept.
"""

import logging
import secrets
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, insert, select, update

from patrol_anpr.depot.audit import add_audit, check_trail
from patrol_anpr.depot.car_trails import broken_trails
from patrol_anpr.depot.database import DepotDatabase
from patrol_anpr.depot.epoch import epoch_of
from patrol_anpr.depot.faults import NOT_JUST_NOW
from patrol_anpr.depot.keeping.log import contradictions
from patrol_anpr.depot.search.asking import changed_searches
from patrol_anpr.depot.tables import audit_witnesses, trail_checks
from patrol_anpr.depot.witnesses import contradicted
from patrol_anpr.domain.errors import BadInput, RecordsFault

log = logging.getLogger(__name__)

_FAULTS: tuple[type[Exception], ...] = (RecordsFault, *NOT_JUST_NOW)
MOST = 200
"""Findings that are kept of one check."""


@dataclass(frozen=True, slots=True)
class TrailCheck:
    """A check: `ended_at` None while it is under way, and for good where it broke off. `findings`: a sentence each."""

    check_id: str
    began_at: datetime
    asked_by: str
    ended_at: datetime | None
    rows: int
    findings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Witnessed:
    """The newest row of the trail that a car has signed, and when that came."""

    car_id: str
    at: datetime
    seq: int


def begin_check(connection: Connection, asked_by: str, now: datetime) -> str:
    """Note that a check begins, in the audit too; return its id."""
    check_id = secrets.token_hex(8)
    connection.execute(insert(trail_checks).values(check_id=check_id, began_at=now, asked_by=asked_by))
    add_audit(connection, asked_by, "audit checked", check_id)
    return check_id


def do_check(database: DepotDatabase, check_id: str, now: Callable[[], datetime]) -> TrailCheck:
    """Check everything, and keep what is found. Raises SQLAlchemyError; then the check has not ended."""
    with database.reading() as connection:
        chain = check_trail(connection)
        found = [] if chain.whole else [f"The chain is broken: row {chain.first_bad} is missing or was changed."]
        found += [
            f"Row {word.seq} is not what car {word.car_id} saw and signed."
            for word in contradicted(connection, epoch_of(connection))
        ]
        found += [f"Car {one.car_id}, row {one.seq}: {one.what}." for one in broken_trails(connection)]
        found += [
            f"Search {search_id} is not what the trail says was asked, or is gone."
            for search_id in changed_searches(connection)
        ]
        found += [f"{sentence[0].upper()}{sentence[1:]}." for sentence in contradictions(connection)]
    if len(found) > MOST:
        found = [*found[:MOST], f"And {len(found) - MOST:,} more."]
    values = {"ended_at": now(), "rows": chain.rows, "findings": "\n".join(found)}
    with database.writing() as connection:
        connection.execute(update(trail_checks).where(trail_checks.c.check_id == check_id).values(values))
    with database.reading() as connection:
        return next(one for one in last_checks(connection, MOST) if one.check_id == check_id)


def last_checks(connection: Connection, count: int) -> Sequence[TrailCheck]:
    """Return the newest checks, the newest first."""
    rows = connection.execute(select(trail_checks).order_by(trail_checks.c.began_at.desc()).limit(count)).mappings()
    return [
        TrailCheck(
            row["check_id"],
            row["began_at"],
            row["asked_by"],
            row["ended_at"],
            row["rows"] or 0,
            tuple(row["findings"].splitlines()),
        )
        for row in rows
    ]


def witnessed_by(connection: Connection) -> Sequence[Witnessed]:
    """Return each car's word, the newest first."""
    columns = (audit_witnesses.c.car_id, audit_witnesses.c.at, audit_witnesses.c.seq)
    query = select(*columns).order_by(audit_witnesses.c.at.desc())
    return [Witnessed(*row) for row in connection.execute(query)]


class Checker:
    """Checks in the background, one check at a time. Any thread may call."""

    def __init__(self, database: DepotDatabase, now: Callable[[], datetime]) -> None:
        self._database, self._now = database, now
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None

    def start(self, asked_by: str) -> None:
        """Begin a check. Raises BadInput while one is under way; SQLAlchemyError."""
        with self._lock:
            if self._thread is not None and self._thread.is_alive():
                raise BadInput("A check is under way. Its result will stand here: look again in a while.")
            with self._database.writing() as connection:
                check_id = begin_check(connection, asked_by, self._now())
            self._thread = threading.Thread(target=self._check, args=(check_id,), name="audit-check", daemon=True)
            self._thread.start()

    def _check(self, check_id: str) -> None:
        try:
            do_check(self._database, check_id, self._now)
        except _FAULTS as fault:  # its page goes on to say that it has not ended
            log.warning("the check of the audit broke off: %s", type(fault).__name__)

    def wait(self) -> None:
        """Wait until the check that is under way has ended."""
        with self._lock:
            thread = self._thread
        if thread is not None:
            thread.join()
