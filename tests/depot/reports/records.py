"""Records as cars send them, for what is counted of them."""

from datetime import UTC, datetime, timedelta

from sqlalchemy import select

from patrol_anpr.depot.database import DepotDatabase
from patrol_anpr.depot.items import NewItem, known_of, store_items
from patrol_anpr.depot.reports.counting import Breakdown
from patrol_anpr.depot.search.marks import found_by
from patrol_anpr.depot.tables import figures
from patrol_anpr.domain.disposition import Disposition
from patrol_anpr.domain.hit import HitState, MatchKind, Verification
from patrol_anpr.domain.hotlist import Tier
from patrol_anpr.wire.payloads import (
    HitPayload,
    OutcomePayload,
    Payload,
    ShiftPayload,
    canonical_json,
    kind_of,
    sha256_of,
)

NOW = datetime.now(UTC).replace(microsecond=0)
DAY = (NOW - timedelta(days=3)).replace(hour=21, minute=0, second=0)
LATER = timedelta(minutes=20)
"""After this what came has settled."""


def hit(number: int, at: datetime = DAY, **fields: object) -> HitPayload:
    said = {
        "hit_id": f"h{number}",
        "read_id": f"r{number}",
        "shift_id": "s1",
        "raised_at": at,
        "kind": MatchKind.EXACT,
        "tier": Tier.PRIORITY,
        "listed_vrm": "AB12CDE",
        "list_id": "metro-pnc",
        "list_revision": 1,
        "reason": "STOLEN by Jane Example",
    }
    return HitPayload(**said | fields)


def outcome(number: int, hit_number: int, at: datetime = DAY, **fields: object) -> OutcomePayload:
    said = {
        "outcome_id": f"o{number}",
        "hit_id": f"h{hit_number}",
        "officer_id": "PC1",
        "at": at,
        "state": HitState.ACTIONED,
        "verification": Verification.CORRECT,
    }
    return OutcomePayload(**said | fields)


def done(disposition: Disposition) -> dict[str, object]:
    return {
        "disposition": disposition.value,
        "disposition_word": disposition.word,
        "disposition_kind": disposition.kind,
    }


def shift(at: datetime = DAY, hours: float | None = 8, shift_id: str = "s1", unit: str = "Roads 1") -> ShiftPayload:
    ended = None if hours is None else at + timedelta(hours=hours)
    return ShiftPayload(shift_id=shift_id, officer_id="PC1", unit=unit, crew="single", started_at=at, ended_at=ended)


def send(
    database: DepotDatabase,
    *payloads: Payload,
    at: datetime = NOW,
    car: str = "TA14",
    doubt: str = "",
    status: str = "held",
):
    """Take records in as the depot does, received at `at`."""
    with database.writing() as connection:
        known = {(one.item_id, one.sha256) for one in known_of(connection, car, map(item_id, payloads))}
        new = [item(one, doubt, status) for one in payloads]
        store_items(connection, car, [one for one in new if (one.item_id, one.sha256) not in known], at)


def item_id(payload: Payload) -> str:
    kind = kind_of(payload)
    if isinstance(payload, ShiftPayload):
        return f"shift:{payload.shift_id}:{'end' if payload.ended_at else 'start'}"
    return f"{kind.value}:{next(value for name, value in payload if name.endswith('_id'))}"


def item(payload: Payload, doubt: str, status: str) -> NewItem:
    content = canonical_json(payload)
    moment = getattr(payload, "raised_at", None) or getattr(payload, "captured_at", None) or DAY
    found = found_by(kind_of(payload).value, vars(payload))
    return NewItem(item_id(payload), sha256_of(content), kind_of(payload).value, status, content, moment, doubt, found)


def amounts(database: DepotDatabase, breakdown: Breakdown) -> dict[str, float]:
    """What the figures say, of all days together."""
    found: dict[str, float] = {}
    with database.reading() as connection:
        for row in connection.execute(select(figures).where(figures.c.breakdown == breakdown.value)):
            found[row.value] = found.get(row.value, 0) + row.amount
    return found
