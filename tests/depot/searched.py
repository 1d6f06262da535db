"""A depot with some reads, and people who search it."""

from collections.abc import Sequence
from contextlib import closing
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from patrol_anpr.depot.database import DepotDatabase
from patrol_anpr.depot.ingest import Ingest
from patrol_anpr.depot.pictures import pictures_in
from patrol_anpr.depot.roles import Role
from patrol_anpr.depot.search.law import Asker, Why
from patrol_anpr.domain.hit import HitState, MatchKind, Verification
from patrol_anpr.domain.hotlist import Tier
from patrol_anpr.wire.outbox import OutboxItem
from patrol_anpr.wire.pack import Pack, read_pack
from patrol_anpr.wire.payloads import (
    CorrectionPayload,
    HitPayload,
    Motion,
    OutcomePayload,
    ReadPayload,
    canonical_json,
    sha256_of,
)

NOW = datetime.now(UTC).replace(microsecond=0)
"""Of the real clock: PostgreSQL goes by its own."""
PLACE = (53.2, -2.9)

ANALYST = Asker("an1", may_search=True, may_audit=False, training_ends=date(2999, 1, 1), policy_ends=date(2999, 1, 1))
AUDITOR = Asker("au1", may_search=False, may_audit=True, training_ends=date(2999, 1, 1), policy_ends=date(2999, 1, 1))
WHY = Why.of("volume", "CR/1234/26", "A car that left without paying")
GRAVE = Why.of("major", "CR/7/26", "The car seen at the scene of a murder")


def read(
    name: str,
    vrm: str,
    at: datetime | None = None,
    place: tuple[float, float] | None = PLACE,
    pictures: Sequence[tuple[str, bytes]] = (),
) -> OutboxItem:
    taken = {name: sha256_of(jpeg) for name, jpeg in pictures}
    at = at or NOW - timedelta(hours=2)
    payload = ReadPayload(
        vrm=vrm,
        captured_at=at,
        feed_id="demo",
        source_id="TA14",
        camera_id="front",
        latitude=place and place[0],
        longitude=place and place[1],
        confidence=97,
        motion=Motion.TOWARD,
        patch_sha256=taken.get("patch"),
        overview_sha256=taken.get("overview"),
        read_id=name,
        shift_id="s1",
        officer_id="PC1001",
        chars=(0.99,) * len(vrm),
        candidates=(vrm,),
        first_seen=at,
        last_seen=at,
        box=(1, 2, 3, 4),
    )
    return OutboxItem.of(f"read:{name}", payload, tuple(pictures))


def correction(name: str, read_id: str, vrm: str, at: datetime | None = None) -> OutboxItem:
    at = at or NOW - timedelta(hours=1)
    payload = CorrectionPayload(correction_id=name, read_id=read_id, officer_id="PC1001", at=at, vrm=vrm)
    return OutboxItem.of(f"correction:{name}", payload)


def hit(name: str, read_id: str, vrm: str) -> OutboxItem:
    payload = HitPayload(
        hit_id=name,
        read_id=read_id,
        raised_at=NOW - timedelta(hours=2),
        kind=MatchKind.EXACT,
        tier=Tier.PRIORITY,
        listed_vrm=vrm,
        list_id="pnc",
        list_revision=3,
    )
    return OutboxItem.of(f"hit:{name}", payload)


def misread(name: str, hit_id: str, vrm: str | None, *, minutes: int = 60, undone: bool = False) -> OutboxItem:
    payload = OutcomePayload(
        outcome_id=name,
        hit_id=hit_id,
        officer_id="PC1001",
        at=NOW - timedelta(minutes=minutes),
        state=HitState.RAISED if undone else HitState.DISMISSED,
        verification=None if undone else Verification.MISREAD,
        corrected_vrm=vrm,
        undone=undone,
    )
    return OutboxItem.of(f"outcome:{name}", payload)


def changed(item: OutboxItem, **fields: object) -> OutboxItem:
    """As a car of another version would send it."""
    import json
    from dataclasses import replace

    payload = canonical_json(json.loads(item.payload) | fields)
    return replace(item, payload=payload, sha256=sha256_of(payload))


def take(folder: Path, *items: OutboxItem, car_id: str = "TA14", now: datetime = NOW) -> None:
    """Let a car send them."""
    with closing(DepotDatabase(folder, Role.INGEST)) as database:
        pack = Pack.of(car_id, items)
        taken = Ingest(database, pictures_in(folder, database), 10**6).take(
            car_id, read_pack(pack.piece(0, pack.size)), now
        )
        assert len(taken.receipts) == len(items), taken
