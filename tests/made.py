"""Makers of invented values of the domain, for every room: give only what a test is about. All VRMs are invented."""

import uuid
from datetime import UTC, datetime
from typing import Any

from patrol_anpr.domain.hit import Hit, HitState, Match, MatchKind, Outcome
from patrol_anpr.domain.hotlist import Hotlist, Tier, Voi
from patrol_anpr.domain.plate import Box, PlateColour
from patrol_anpr.domain.read import Evidence, Read
from patrol_anpr.domain.shift import Crew, Shift

NOW = datetime(2026, 11, 21, 21, 43, tzinfo=UTC)
EVIDENCE = Evidence(patch=b"patch", overview=b"overview")
SHIFT = "shift-1"


def a_hotlist(tier: Tier = Tier.PRIORITY, **changes: Any) -> Hotlist:
    values = {"list_id": "metro", "name": "Metro PNC", "owner": "Metro", "revision": 3, "tier": tier, "issued_at": NOW}
    return Hotlist(**(values | changes))


def a_read(vrm: str = "AB12CDE", **changes: Any) -> Read:
    values: dict[str, Any] = {
        "read_id": str(uuid.uuid4()),
        "vrm": vrm,
        "confidence": 97,
        "chars": tuple(0.99 for _ in vrm),
        "camera_id": "front",
        "captured_at": NOW,
        "captured_monotonic": 1000.0,
        "first_seen": NOW,
        "last_seen": NOW,
        "frames": 11,
        "box": Box(100, 100, 220, 126),
        "colour": PlateColour.YELLOW,
        "candidates": (vrm,),
        "format_flag": "current",
        "models": "detector 1, ocr 1",
    }
    return Read(**(values | changes))


def a_match(
    vrm: str = "AB12CDE",
    tier: Tier = Tier.PRIORITY,
    kind: MatchKind = MatchKind.EXACT,
    hotlist: Hotlist | None = None,
    **voi: Any,
) -> Match:
    """`voi`: what the list says of the vehicle beside its VRM and tier. CHECK: another sixth character."""
    said = {"make": "Ford", "model": "Focus", "colour": "Silver", "action": "STOP", "reason": "Stolen"} | voi
    differing = (5,) if kind is MatchKind.CHECK else ()
    return Match(kind, Voi(vrm, tier=tier, **said), hotlist or a_hotlist(tier), tier, differing)


def a_hit(vrm: str = "AB12CDE", tier: Tier = Tier.PRIORITY, kind: MatchKind = MatchKind.EXACT, **changes: Any) -> Hit:
    values: dict[str, Any] = {
        "hit_id": str(uuid.uuid4()),
        "read": changes.get("read") or a_read(vrm),
        "match": changes.get("match") or a_match(vrm, tier, kind),
        "raised_at": NOW,
        "raised_monotonic": 1000.2,
        "shift_id": SHIFT,
    }
    return Hit(**(values | changes))


def an_outcome(hit: Hit, **changes: Any) -> Outcome:
    values: dict[str, Any] = {
        "outcome_id": str(uuid.uuid4()),
        "hit_id": hit.hit_id,
        "officer_id": "4821",
        "at": NOW,
        "state": HitState.ACTIONED,
    }
    return Outcome(**(values | changes))


def a_shift(**changes: Any) -> Shift:
    values: dict[str, Any] = {
        "shift_id": SHIFT,
        "officer_id": "4821",
        "unit": "TA14",
        "crew": Crew.SINGLE,
        "started_at": NOW,
    }
    return Shift(**(values | changes))
