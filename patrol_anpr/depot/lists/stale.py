"""Entries that cars say are out of date: what was said of a hit by the officers before it, for the list's owner.

Nothing is changed by it: no car's word takes an entry off a list or lowers its tier. Somebody looks at it and decides;
of that only the decision is kept here, and no mark.
"""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, TypeVar

from sqlalchemy import Connection, LargeBinary, Row, func, insert, literal, or_, select
from sqlalchemy.sql.elements import ColumnElement

from patrol_anpr.depot.audit import add_audit
from patrol_anpr.depot.database import DepotDatabase
from patrol_anpr.depot.tables import items, known_items, list_reviews
from patrol_anpr.domain.disposition import Disposition
from patrol_anpr.domain.errors import BadInput
from patrol_anpr.domain.hit import ControlAnswer
from patrol_anpr.domain.hotlist import Tier
from patrol_anpr.wire.payloads import HitPayload, Kind, NotUnderstood, OutcomePayload, payload_of

OUT_OF_DATE = frozenset({Disposition.OUT_OF_DATE.value, Disposition.NO_LONGER_WANTED.value})
"""The dispositions that say so, whatever word stands on their button."""
REACH = timedelta(days=90)
"""How far back one looks: as far as anybody may without a senior's word."""
_AT_ONCE = 500
_KINDS: Mapping[type, Kind] = {OutcomePayload: Kind.OUTCOME, HitPayload: Kind.HIT}


class ReviewDecision(StrEnum):
    """What was decided about an entry that a car calls out of date."""

    REMOVED = "removed"
    """With its owner's word it was taken off."""
    TOLD = "told"
    """Its owner was told, and will send another list."""
    KEPT = "kept"
    """Its owner says that it is right."""


@dataclass(frozen=True, slots=True)
class StaleEntry:
    """An entry, and which car said at its hit that it is out of date. `by_control`: control had said so."""

    car_id: str
    outcome_id: str
    at: datetime
    list_id: str
    list_revision: int
    vrm: str
    tier: Tier
    reason: str
    by_control: bool


def says_stale(outcome: OutcomePayload) -> bool:
    """Whether an outcome says that the entry is out of date."""
    return outcome.disposition in OUT_OF_DATE or outcome.control is ControlAnswer.NO_LONGER_WANTED


def last_stale(outcomes: Iterable[OutcomePayload]) -> OutcomePayload | None:
    """Which of the outcomes of one hit, in their order, says so and still counts; None where none does.

    What is undone counts no more. Who stopped the vehicle for it after all (an arrest, a seizure, a report) took it
    back as well.
    """
    found: OutcomePayload | None = None
    for outcome in outcomes:
        if outcome.undone:
            found = None
        elif says_stale(outcome):
            found = outcome
        elif outcome.disposition in _WANTED:
            found = None
    return found


_WANTED = frozenset({Disposition.ARREST.value, Disposition.SEIZURE.value, Disposition.REPORT.value})


def stale_entries(reads: DepotDatabase, lists: DepotDatabase, now: datetime) -> list[StaleEntry]:
    """What cars said in the last 90 days and nobody decided about yet, the newest first.

    `reads` may look into what cars sent, `lists` into the decisions.
    """
    with lists.reading() as connection:
        decided = {(row.car_id, row.outcome_id) for row in connection.execute(select(list_reviews))}
    with reads.reading() as connection:
        hits = {
            (car, one.hit_id) for car, one in _said(connection, now - REACH) if (car, one.outcome_id) not in decided
        }
        found = list(_entries(connection, hits))
    return sorted((one for one in found if (one.car_id, one.outcome_id) not in decided), key=_newest)


def _newest(entry: StaleEntry) -> float:
    return -entry.at.timestamp()


def decide(
    lists: DepotDatabase, entry: StaleEntry, decision: ReviewDecision, staff_id: str, reason: str, now: datetime
) -> None:
    """Keep what was decided, and audit it. Raises BadInput where somebody else did, or without a reason."""
    if not reason.strip():
        raise BadInput("Say why: who of the owner was asked, and what they said.")
    with lists.writing() as connection:
        same = (list_reviews.c.car_id == entry.car_id) & (list_reviews.c.outcome_id == entry.outcome_id)
        if connection.execute(select(list_reviews).where(same)).first() is not None:
            raise BadInput("Somebody else decided about this meanwhile.")
        add_audit(connection, f"staff {staff_id}", f"entry reviewed: {decision}", entry.list_id, reason.strip())
        row = {"car_id": entry.car_id, "outcome_id": entry.outcome_id, "decision": decision.value, "at": now}
        connection.execute(insert(list_reviews).values({**row, "staff_id": staff_id, "reason": reason.strip()}))


def _said(connection: Connection, since: datetime) -> Iterator[tuple[str, OutcomePayload]]:
    """Every outcome that says so, with its car."""
    words = [*(f'"{value}"' for value in sorted(OUT_OF_DATE)), f'"{ControlAnswer.NO_LONGER_WANTED}"']
    query = select(items.c.car_id, items.c.payload).where(
        items.c.kind == Kind.OUTCOME.value,
        items.c.captured_at > since,
        or_(*(_holds(connection, word) for word in words)),
    )
    return ((car_id, one) for car_id, one in _payloads(connection.execute(query), OutcomePayload) if says_stale(one))


def _holds(connection: Connection, word: str) -> ColumnElement[bool]:
    """Whether a payload holds a word: asked in the database, which reads them faster than we do."""
    needle = literal(word.encode(), LargeBinary)
    if connection.dialect.name == "sqlite":
        return func.instr(items.c.payload, needle) > 0
    return func.position(needle.op("IN")(items.c.payload)) > 0


def _entries(connection: Connection, hits: set[tuple[str, str]]) -> Iterator[StaleEntry]:
    ids = sorted({hit_id for _, hit_id in hits})
    for begin in range(0, len(ids), _AT_ONCE):
        some = ids[begin : begin + _AT_ONCE]
        outcomes: dict[tuple[str, str], list[OutcomePayload]] = {}
        query = select(items.c.car_id, items.c.payload).where(
            items.c.kind == Kind.OUTCOME.value, items.c.about_id.in_(some)
        )
        for car_id, outcome in _payloads(connection.execute(query.order_by(items.c.seq)), OutcomePayload):
            outcomes.setdefault((car_id, outcome.hit_id), []).append(outcome)
        known = known_items.c.item_id.in_([f"hit:{hit_id}" for hit_id in some])
        query = select(items.c.car_id, items.c.payload).join(known_items, known_items.c.seq == items.c.seq).where(known)
        for car_id, hit in _payloads(connection.execute(query), HitPayload):
            said = sorted(outcomes.get((car_id, hit.hit_id), ()), key=lambda one: one.at)
            stale = last_stale(said) if (car_id, hit.hit_id) in hits else None
            if stale is not None:
                yield _entry(car_id, hit, stale)


def _entry(car_id: str, hit: HitPayload, stale: OutcomePayload) -> StaleEntry:
    by_control = stale.control is ControlAnswer.NO_LONGER_WANTED
    about = (hit.list_id, hit.list_revision, hit.listed_vrm, hit.tier, hit.reason)
    return StaleEntry(car_id, stale.outcome_id, stale.at, *about, by_control)


_P = TypeVar("_P", OutcomePayload, HitPayload)


def _payloads(rows: Iterable[Row[Any]], kind: type[_P]) -> Iterator[tuple[str, _P]]:
    for row in rows:
        with suppress(NotUnderstood):  # it is held as it came, and `depot doubts` tells of it
            payload = payload_of(_KINDS[kind], row.payload)
            if isinstance(payload, kind):
                yield row.car_id, payload
