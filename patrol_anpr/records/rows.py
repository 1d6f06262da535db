"""Between domain values and rows."""

from dataclasses import asdict, astuple
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import Row, RowMapping

from patrol_anpr.domain.by_hand import ReadCorrection
from patrol_anpr.domain.disposition import as_recorded
from patrol_anpr.domain.fix import Fix
from patrol_anpr.domain.hit import ControlAnswer, Hit, HitState, Match, Outcome, Override, Verification
from patrol_anpr.domain.plate import Box, PlateColour
from patrol_anpr.domain.read import Read
from patrol_anpr.domain.shift import Crew, Officer, Shift

_MATCH = TypeAdapter(Match)
_FIX = TypeAdapter(Fix)

_READ_AS_IT_IS = (
    "read_id",
    "vrm",
    "confidence",
    "camera_id",
    "captured_at",
    "captured_monotonic",
    "first_seen",
    "last_seen",
    "frames",
    "format_flag",
    "models",
    "fix_age",
    "clock_source",
    "clock_offset",
    "paired_with",
    "plates_differ",
)


def read_row(read: Read) -> dict[str, Any]:
    """Return the columns of a Read."""
    plain = {name: getattr(read, name) for name in _READ_AS_IT_IS}
    return plain | {
        "chars": list(read.chars),
        "box": list(astuple(read.box)),
        "colour": read.colour.value,
        "candidates": list(read.candidates),
        "lists": [list(held) for held in read.lists],
        "fix": None if read.fix is None else _FIX.dump_python(read.fix, mode="json"),
    }


def test_row(read: Read) -> dict[str, Any]:
    """Return the columns of a TEST Read, of which little is kept."""
    return {name: getattr(read, name) for name in ("read_id", "vrm", "camera_id", "captured_at")}


def read_of(row: RowMapping) -> Read:
    """Return the Read of a row."""
    return Read(
        **{name: row[name] for name in _READ_AS_IT_IS},
        chars=tuple(row["chars"]),
        box=Box(*row["box"]),
        colour=PlateColour(row["colour"]),
        candidates=tuple(row["candidates"]),
        lists=tuple((list_id, revision) for list_id, revision in row["lists"]),
        fix=None if row["fix"] is None else _FIX.validate_python(row["fix"]),
    )


def hit_row(hit: Hit) -> dict[str, Any]:
    """Return the columns of a Hit."""
    return {
        "hit_id": hit.hit_id,
        "read_id": hit.read.read_id,
        "shift_id": hit.shift_id,
        "tier": int(hit.tier),
        "kind": hit.match.kind.value,
        "match": _MATCH.dump_python(hit.match, mode="json"),
        "raised_at": hit.raised_at,
        "raised_monotonic": hit.raised_monotonic,
        "state": hit.state.value,
        "muted": hit.muted,
        "past": hit.past,
        "corrected_vrm": hit.corrected_vrm,
    }


def hit_of(row: RowMapping, read: Read) -> Hit:
    """Return the Hit of a row and its Read."""
    return Hit(
        hit_id=row["hit_id"],
        read=read,
        match=_MATCH.validate_python(row["match"]),
        raised_at=row["raised_at"],
        raised_monotonic=row["raised_monotonic"],
        shift_id=row["shift_id"],
        state=HitState(row["state"]),
        muted=row["muted"],
        past=row["past"],
        corrected_vrm=row["corrected_vrm"],
    )


def correction_row(correction: ReadCorrection) -> dict[str, Any]:
    """Return the columns of a ReadCorrection."""
    return asdict(correction)


def correction_of(row: Row[Any]) -> ReadCorrection:
    """Return the ReadCorrection of a row."""
    return ReadCorrection(row.correction_id, row.read_id, row.officer_id, row.at, row.vrm)


def outcome_row(outcome: Outcome) -> dict[str, Any]:
    """Return the columns of an Outcome."""
    return {
        "outcome_id": outcome.outcome_id,
        "hit_id": outcome.hit_id,
        "officer_id": outcome.officer_id,
        "at": outcome.at,
        "state": outcome.state.value,
        "verification": outcome.verification and outcome.verification.value,
        "disposition": outcome.disposition and outcome.disposition.value,
        "disposition_word": outcome.disposition and outcome.disposition.word,
        "disposition_kind": outcome.disposition and outcome.disposition.kind.value,
        "corrected_vrm": outcome.corrected_vrm,
        "undone": outcome.undone,
        "looked": outcome.looked,
        "look_choice": outcome.look_choice,
        "control": outcome.control and outcome.control.value,
        "override": outcome.override and outcome.override.value,
        "with_hit": outcome.with_hit,
    }


def outcome_of(row: Row[Any]) -> Outcome:
    """Return the Outcome of a row."""
    return Outcome(
        outcome_id=row.outcome_id,
        hit_id=row.hit_id,
        officer_id=row.officer_id,
        at=row.at,
        state=HitState(row.state),
        verification=row.verification and Verification(row.verification),
        disposition=as_recorded(row.disposition, row.disposition_word, row.disposition_kind),
        corrected_vrm=row.corrected_vrm,
        undone=row.undone,
        looked=row.looked,
        look_choice=row.look_choice,
        control=row.control and ControlAnswer(row.control),
        override=row.override and Override(row.override),
        with_hit=row.with_hit,
    )


def shift_row(shift: Shift) -> dict[str, Any]:
    """Return the columns of a Shift."""
    return {
        "shift_id": shift.shift_id,
        "officer_id": shift.officer_id,
        "unit": shift.unit,
        "crew": shift.crew.value,
        "started_at": shift.started_at,
        "ended_at": shift.ended_at,
    }


def shift_of(row: Row[Any]) -> Shift:
    """Return the Shift of a row."""
    return Shift(row.shift_id, row.officer_id, row.unit, Crew(row.crew), row.started_at, row.ended_at)


def officer_of(row: Row[Any]) -> Officer:
    """Return the Officer of a row."""
    return Officer(row.officer_id, row.name, row.pin_hash)
