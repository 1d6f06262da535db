"""Reading the depot's audit trail, and the rows of cars' trails, as far as they have come."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from pydantic import ValidationError
from sqlalchemy import Connection, LargeBinary, String, column, func, select, table

from patrol_anpr.depot.keeping.clocks import Clocks, server_clock
from patrol_anpr.depot.tables import Number, audit, searches
from patrol_anpr.plumbing.sqlite import Utc
from patrol_anpr.wire.payloads import AuditPayload

PAGE = 50
_LAST = 100
"""The median of so many rows is the cars' time."""
_RECENT = 5000
"""Rows whose actions are offered to choose from."""

_car_rows = table(
    "car_audit_rows",
    column("seq", Number),
    column("car_id", String()),
    column("received_at", Utc()),
    column("captured_at", Utc()),
    column("payload", LargeBinary()),
)


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which rows are looked for; "" or None: all. `begin` to before `end`; `actor`, `action`, `about` as they stand."""

    begin: datetime | None = None
    end: datetime | None = None
    actor: str = ""
    action: str = ""
    about: str = ""

    def says(self) -> str:
        """Return it as a sentence for the audit of the auditor."""
        parts = [
            f"from {self.begin:%Y-%m-%d}" if self.begin else "",
            f"to {self.end:%Y-%m-%d}" if self.end else "",
            f"by {self.actor}" if self.actor else "",
            f"of {self.action}" if self.action else "",
        ]
        return ", ".join(part for part in parts if part) or "all"


@dataclass(frozen=True, slots=True)
class TrailRow:
    """A row as it is read. `seq` is None for one from before the trail was a chain."""

    number: int
    seq: int | None
    at: datetime
    actor: str
    action: str
    object_id: str
    reason: str
    hash: str | None


@dataclass(frozen=True, slots=True)
class CarRow:
    """A row of a car's trail, as it came. `number` is that of its item, `car_seq` its place in the car's chain."""

    number: int
    car_id: str
    received_at: datetime
    at: datetime
    actor: str
    action: str
    object_id: str
    reason: str
    car_seq: int | None


def trail_rows(connection: Connection, wanted: Wanted, before: int | None = None) -> Sequence[TrailRow]:
    """Return a page of rows, the newest first; those before the row of a number where it is given."""
    query = select(*(audit.c[one.name] for one in fields(TrailRow))).order_by(audit.c.number.desc()).limit(PAGE)
    if before is not None:
        query = query.where(audit.c.number < before)
    if wanted.begin:
        query = query.where(audit.c.at >= wanted.begin)
    if wanted.end:
        query = query.where(audit.c.at < wanted.end)
    for said, is_column in ((wanted.actor, audit.c.actor), (wanted.action, audit.c.action)):
        if said:
            query = query.where(is_column == said)
    if wanted.about:
        query = query.where(audit.c.object_id == wanted.about)
    return [TrailRow(*row) for row in connection.execute(query)]


def recent_actions(connection: Connection) -> Sequence[str]:
    """Return the actions of the newest rows, to choose from."""
    newest = select(audit.c.action).order_by(audit.c.number.desc()).limit(_RECENT).subquery()
    return sorted(connection.execute(select(newest.c.action).distinct()).scalars())


def car_rows(connection: Connection, car_id: str, before: int | None = None) -> Sequence[CarRow]:
    """Return a page of the rows of one car's trail, or of all ("") as they came, the newest first."""
    query = select(_car_rows).order_by(_car_rows.c.seq.desc()).limit(PAGE)
    if car_id:
        query = query.where(_car_rows.c.car_id == car_id)
    if before is not None:
        query = query.where(_car_rows.c.seq < before)
    return [_car_row(dict(row)) for row in connection.execute(query).mappings()]


def cars_with_rows(connection: Connection) -> Sequence[str]:
    """Return the cars of which rows have come."""
    return sorted(connection.execute(select(_car_rows.c.car_id).distinct()).scalars())


def trusted_now(connection: Connection, own: datetime) -> datetime:
    """Return the time by the depot's `own` clock, or by the cars' or the server's where it is far ahead of them.

    Figures are pulled once: a clock that jumped must not pull those of months that have not been.
    """
    newest = select(_car_rows.c.captured_at).order_by(_car_rows.c.seq.desc()).limit(_LAST)
    cars = sorted(connection.execute(newest).scalars())
    clocks = Clocks(own, cars[len(cars) // 2] if cars else own, server_clock(connection))
    return clocks.agreed if clocks.trouble else own


def first_act_at(connection: Connection) -> datetime | None:
    """Return when the first thing was done that is on record: a row of the trail, or a search."""
    firsts = (connection.execute(select(func.min(moment))).scalar() for moment in (audit.c.at, searches.c.at))
    return min((moment for moment in firsts if moment is not None), default=None)


def _car_row(row: Mapping[str, Any]) -> CarRow:
    said: AuditPayload | None = None
    with suppress(ValidationError):
        said = AuditPayload.model_validate_json(row["payload"])
    if said is None:
        unread = "a row that this version does not understand"
        return CarRow(row["seq"], row["car_id"], row["received_at"], row["captured_at"], "", unread, "", "", None)
    return CarRow(
        row["seq"],
        row["car_id"],
        row["received_at"],
        said.at,
        said.actor,
        said.action,
        said.object_id,
        said.reason,
        said.seq,
    )
