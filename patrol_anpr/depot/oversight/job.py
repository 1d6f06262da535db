"""What the audit does by itself each day: whatever month has ended and is not done yet."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from nacl.public import PrivateKey
from sqlalchemy import select

from patrol_anpr.depot.audit import add_audit
from patrol_anpr.depot.database import DepotDatabase
from patrol_anpr.depot.oversight.gathering import known_of_staff, month_in
from patrol_anpr.depot.oversight.months import is_late, months_ended
from patrol_anpr.depot.oversight.patterns import USUAL_QUOTA, find_patterns, unchecked
from patrol_anpr.depot.oversight.returns import pull
from patrol_anpr.depot.oversight.reviewing import draw_sample, keep_findings
from patrol_anpr.depot.oversight.trail import first_act_at, trusted_now
from patrol_anpr.depot.tables import monthly_returns


@dataclass(frozen=True, slots=True)
class Done:
    """A month that was looked at: what was found and drawn, whether late, and what could not be checked."""

    month: str
    findings: int
    sampled: int
    late: bool
    unchecked: Sequence[str]


def oversee(
    database: DepotDatabase, key: PrivateKey, now: datetime, actor: str, *, exports_a_day: int = USUAL_QUOTA
) -> list[Done]:
    """Look at each month that has ended and was not looked at: patterns, sample, figures. Return them, in their order.

    A month is done whole, in one transaction, or again; it has ended where the depot's clock and those of cars agree.
    Raises RecordsFault, SQLAlchemyError.
    """
    with database.reading() as connection:
        begin, until = first_act_at(connection), trusted_now(connection, now)
        there = set(connection.execute(select(monthly_returns.c.month)).scalars())
        known = replace(known_of_staff(connection, key), exports_a_day=exports_a_day)
    done: list[Done] = []
    for month in months_ended(begin, until) if begin else ():
        if month in there:
            continue
        with database.writing() as connection:
            made = month_in(connection, month)
            left = unchecked(made, known)
            found = keep_findings(connection, month, find_patterns(made, known), now)
            sampled = draw_sample(connection, month, made, now)
            pull(connection, month, left, now)
            late = is_late(month, now)
            told = f"{found} findings, {sampled} searches drawn{', late' if late else ''}"
            add_audit(connection, actor, "month overseen", month, told)
        done.append(Done(month, found, sampled, late, left))
    return done
