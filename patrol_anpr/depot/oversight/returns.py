"""The figures of each month, pulled by a job on their date: a month that is missing shows, and a late one says so."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, Table, func, insert, select

from patrol_anpr.depot.oversight.months import is_late, months_ended, span_of
from patrol_anpr.depot.search.law import Purpose, Reach
from patrol_anpr.depot.search.refusing import SEARCH_REFUSED
from patrol_anpr.depot.tables import (
    audit,
    authorisations,
    erasures,
    findings,
    holds,
    monthly_returns,
    read_exports,
    sampled_searches,
    searches,
)

Figures = Mapping[str, int]
"""What is counted, in words, and how many. The order is that of the page."""


@dataclass(frozen=True, slots=True)
class Return:
    """A month: `pulled_at` None where it is missing. `notes`: what could not be checked, a sentence each."""

    month: str
    pulled_at: datetime | None
    figures: Figures
    notes: tuple[str, ...]

    @property
    def late(self) -> bool:
        """Whether it was pulled after its date."""
        return self.pulled_at is not None and is_late(self.month, self.pulled_at)


def pull(connection: Connection, month: str, notes: Sequence[str], now: datetime) -> None:
    """Count a month that has ended, and keep what was counted. A month is pulled once."""
    counted = json.dumps(count_month(connection, month))
    row = {"month": month, "pulled_at": now, "figures": counted, "notes": "\n".join(notes)}
    connection.execute(insert(monthly_returns).values(row))


def returns_in(connection: Connection, since: datetime | None, now: datetime) -> Sequence[Return]:
    """Return every month from that of `since` that has ended, the newest first; the missing ones too."""
    pulled = {
        row["month"]: Return(
            row["month"], row["pulled_at"], json.loads(row["figures"]), tuple(row["notes"].splitlines())
        )
        for row in connection.execute(select(monthly_returns)).mappings()
    }
    wanted = {} if since is None else {month: Return(month, None, {}, ()) for month in months_ended(since, now)}
    return sorted((wanted | pulled).values(), key=lambda one: one.month, reverse=True)


def count_month(connection: Connection, month: str) -> Figures:
    """Count what was done in a month."""
    begin, end = span_of(month)

    def within(moment: str, table: Table, **equal: object) -> int:
        at = table.c[moment]
        query = select(func.count()).select_from(table).where(at >= begin, at < end)
        for name, value in equal.items():
            query = query.where(table.c[name] == value)
        return connection.execute(query).scalar_one()

    def grouped(name: str) -> Figures:
        query = select(searches.c[name], func.count()).where(searches.c.at >= begin, searches.c.at < end)
        return {
            row[0]: row[1] for row in connection.execute(query.group_by(searches.c[name]).order_by(searches.c[name]))
        }

    erased = select(erasures.c.what, func.sum(erasures.c.amount)).where(erasures.c.at >= begin, erasures.c.at < end)
    on_hold = (holds.c.held_at < end) & (holds.c.ended_at.is_(None) | (holds.c.ended_at >= end))
    figures: dict[str, int] = {"Searches": within("at", searches)}
    figures |= {f"Searches, purpose: {Purpose(name).word}": count for name, count in grouped("purpose").items()}
    figures |= {f"Searches, reads {Reach(name).word}": count for name, count in grouped("reach").items()}
    figures |= {
        "Searches refused": within("at", audit, action=SEARCH_REFUSED),
        "Authorisations asked for": within("asked_at", authorisations),
        "Authorisations granted": within("decided_at", authorisations, granted=1),
        "Authorisations refused": within("decided_at", authorisations, granted=0),
        "Authorisations revoked": within("revoked_at", authorisations),
        "Reads exported": within("at", read_exports),
        "Records put on hold": within("held_at", holds),
        "Records released": within("ended_at", holds),
        "Records on hold at its end": connection.execute(select(func.count()).where(on_hold)).scalar_one(),
    }
    figures |= {f"Erased: {row[0]}": int(row[1]) for row in connection.execute(erased.group_by(erasures.c.what))}
    figures |= {
        "Findings of the audit": _of_month(connection, findings, month),
        "Searches in the dip sample": _of_month(connection, sampled_searches, month),
    }
    return figures


def _of_month(connection: Connection, table: Table, month: str) -> int:
    return connection.execute(select(func.count()).select_from(table).where(table.c.month == month)).scalar_one()
