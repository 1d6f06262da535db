"""The log of what was erased: which class, up to which day, how many, by which run; and nothing of what it was.

Each line stands in the audit trail as well, written in the same transaction, so that neither can be changed alone.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime

from sqlalchemy import Connection, insert, select, update

from patrol_anpr.depot.audit import add_audit, head_of
from patrol_anpr.depot.keeping.clocks import Clocks
from patrol_anpr.depot.tables import audit, erasures, purge_runs

ERASED = "erased"
"""The action of the audit's rows about erasing."""


@dataclass(frozen=True, slots=True)
class Erasing:
    """A run that erases, and who started it."""

    run: str
    actor: str


@dataclass(frozen=True, slots=True)
class Erasure:
    """One line: `what` of every day before `up_to` (ISO), how many, in which row of the audit."""

    number: int
    run: str
    at: datetime
    what: str
    up_to: str
    amount: int
    audit_seq: int


@dataclass(frozen=True, slots=True)
class Run:
    """One run: its clocks, the day before which reads went, and what it said. `ended_at` None: it broke off."""

    run: str
    began_at: datetime
    actor: str
    own_clock: datetime
    cars_clock: datetime | None
    server_clock: datetime | None
    said_day: str
    reads_before: str
    said: str
    ended_at: datetime | None


def log_erased(connection: Connection, by: Erasing, what: str, up_to: date, count: int, now: datetime) -> None:
    """Write a line, in the transaction that erased."""
    add_audit(connection, by.actor, ERASED, _object(what, up_to.isoformat()), _reason(count, by.run))
    row = {"run": by.run, "at": now, "what": what, "up_to": up_to.isoformat(), "amount": count}
    connection.execute(insert(erasures).values(row | {"audit_seq": head_of(connection).seq}))


def begin_run(connection: Connection, by: Erasing, clocks: Clocks, reads_before: date, now: datetime) -> None:
    """Note that a run begins."""
    row = {
        "run": by.run,
        "began_at": now,
        "actor": by.actor,
        "own_clock": clocks.own,
        "cars_clock": clocks.cars,
        "server_clock": clocks.server,
        "said_day": f"{clocks.said:%Y-%m-%d}" if clocks.said else "",
        "reads_before": reads_before.isoformat(),
        "said": clocks.trouble,
    }
    connection.execute(insert(purge_runs).values(row))


def end_run(connection: Connection, by: Erasing, now: datetime, said: str = "") -> None:
    """Note that a run ended; `said`: why it refused."""
    values = {"ended_at": now} | ({"said": said} if said else {})
    connection.execute(update(purge_runs).where(purge_runs.c.run == by.run).values(values))


def last_runs(connection: Connection, count: int) -> Sequence[Run]:
    """Return the newest runs, the newest first."""
    columns = [purge_runs.c[one.name] for one in fields(Run)]
    query = select(*columns).order_by(purge_runs.c.began_at.desc()).limit(count)
    return [Run(*row) for row in connection.execute(query)]


def newest_erasures(connection: Connection, count: int, before: int | None = None) -> Sequence[Erasure]:
    """Return the newest lines, the newest first; those before the one of a number where it is given."""
    columns = [erasures.c[one.name] for one in fields(Erasure)]
    query = select(*columns).order_by(erasures.c.number.desc()).limit(count)
    if before is not None:
        query = query.where(erasures.c.number < before)
    return [Erasure(*row) for row in connection.execute(query)]


def contradictions(connection: Connection) -> Iterator[str]:
    """Compare the log with the audit trail, both ways; give a sentence for each line that the other does not have."""
    told = {
        row.seq: (row.object_id, row.reason)
        for row in connection.execute(
            select(audit.c.seq, audit.c.object_id, audit.c.reason).where(audit.c.action == ERASED)
        )
    }
    for row in connection.execute(select(erasures).order_by(erasures.c.number)):
        if told.pop(row.audit_seq, None) != (_object(row.what, row.up_to), _reason(row.amount, row.run)):
            yield f"erasure log: line {row.number} is not what row {row.audit_seq} of the audit says"
    for seq in sorted(told):
        yield f"erasure log: it lacks what row {seq} of the audit says"


def _object(what: str, up_to: str) -> str:
    return f"{what} before {up_to}"


def _reason(count: int, run: str) -> str:
    return f"{count}, run {run}"
