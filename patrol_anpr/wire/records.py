"""What is told the depot of each record: domain values in the shapes of the wire."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from patrol_anpr.domain.audit import AuditRow
from patrol_anpr.domain.by_hand import OwnVoi, ReadCorrection
from patrol_anpr.domain.coverage import CoverageMinute
from patrol_anpr.domain.hit import Hit, Outcome
from patrol_anpr.domain.plate import PlateColour
from patrol_anpr.domain.read import Evidence, Read
from patrol_anpr.domain.shift import TEN_MINUTES, ListCounts, Shift
from patrol_anpr.domain.vrm import MAX_LENGTH, normalise
from patrol_anpr.wire.outbox import OutboxItem
from patrol_anpr.wire.payloads import (
    LONGEST_SEALED,
    AuditPayload,
    CorrectionPayload,
    CoveragePayload,
    CoverageRow,
    HitPayload,
    ListCount,
    ListCountsPayload,
    ListRevision,
    Motion,
    OutcomePayload,
    ReadPayload,
    ShiftPayload,
    VoiPayload,
    canonical_json,
    sha256_of,
    to_milliseconds,
)

_LONGEST_NAME = 120
_LONGEST_TEXT = 1000
_LONGEST_CANDIDATE = 40
_MOST_CANDIDATES = 200

_MOTION = {PlateColour.WHITE: Motion.TOWARD, PlateColour.YELLOW: Motion.AWAY, PlateColour.UNKNOWN: Motion.UNKNOWN}


@dataclass(frozen=True, slots=True)
class Origin:
    """Where records come from: `feed_id` is the force, `source_id` this car's system, `software` its version."""

    feed_id: str = ""
    source_id: str = ""
    software: str = ""


def read_item(read: Read, small: Evidence, shift_id: str | None, officer_id: str | None, origin: Origin) -> OutboxItem:
    """Make the item of a Read with the small copies of its pictures."""
    fix = read.fix
    payload = ReadPayload(
        vrm=read.vrm,
        captured_at=to_milliseconds(read.captured_at),
        feed_id=origin.feed_id,
        source_id=origin.source_id,
        camera_id=read.camera_id[:_LONGEST_NAME],
        latitude=None if fix is None else fix.latitude,
        longitude=None if fix is None else fix.longitude,
        confidence=read.confidence,
        motion=_MOTION[read.colour],
        patch_sha256=sha256_of(small.patch) if small.patch else None,
        overview_sha256=sha256_of(small.overview) if small.overview else None,
        read_id=read.read_id,
        shift_id=shift_id,
        officer_id=officer_id,
        colour=read.colour,
        chars=read.chars,
        candidates=tuple(text[:_LONGEST_CANDIDATE] for text in read.candidates[:_MOST_CANDIDATES]),
        format_flag=read.format_flag[:_LONGEST_NAME],
        frames=read.frames,
        first_seen=read.first_seen,
        last_seen=read.last_seen,
        box=(read.box.x1, read.box.y1, read.box.x2, read.box.y2),
        speed=None if fix is None else fix.speed,
        heading=None if fix is None else fix.heading,
        fix_age=read.fix_age,
        satellites=None if fix is None else fix.satellites,
        hdop=None if fix is None else fix.hdop,
        models=read.models[:_LONGEST_TEXT],
        software=origin.software[:_LONGEST_NAME],
        clock_source=read.clock_source[:_LONGEST_NAME],
        clock_offset=read.clock_offset,
        lists=tuple(ListRevision(list_id=list_id, revision=revision) for list_id, revision in read.lists),
        paired_with=read.paired_with,
        plates_differ=read.plates_differ,
    )
    pictures = (("patch", small.patch), ("overview", small.overview))
    return OutboxItem.of(f"read:{read.read_id}", payload, tuple((name, jpeg) for name, jpeg in pictures if jpeg))


def without_pictures(read: bytes) -> bytes:
    """Return the payload of a read as one that has no pictures."""
    return canonical_json(json.loads(read) | {"patch_sha256": None, "overview_sha256": None})


def pictures_of(read: bytes) -> tuple[str, ...]:
    """Return the SHA-256 of each picture that the payload of a read names."""
    said = json.loads(read)
    return tuple(name for name in (said["patch_sha256"], said["overview_sha256"]) if name)


def hit_item(hit: Hit) -> OutboxItem:
    """Make the item of a Hit as it was raised."""
    match = hit.match
    payload = HitPayload(
        hit_id=hit.hit_id,
        read_id=hit.read.read_id,
        shift_id=hit.shift_id,
        raised_at=hit.raised_at,
        kind=match.kind,
        tier=hit.tier,
        listed_vrm=normalise(match.voi.vrm)[:MAX_LENGTH],
        differing=match.differing,
        list_id=match.hotlist.list_id,
        list_revision=match.hotlist.revision,
        action=match.voi.action[:_LONGEST_TEXT],
        reason=match.voi.reason[:_LONGEST_TEXT],
        muted=hit.muted,
        past=hit.past,
        corrected_vrm=hit.corrected_vrm,
    )
    return OutboxItem.of(f"hit:{hit.hit_id}", payload)


def outcome_item(outcome: Outcome) -> OutboxItem:
    """Make the item of an Outcome."""
    done = outcome.disposition
    payload = OutcomePayload(
        outcome_id=outcome.outcome_id,
        hit_id=outcome.hit_id,
        officer_id=outcome.officer_id,
        at=outcome.at,
        state=outcome.state,
        verification=outcome.verification,
        disposition=done.value if done else None,
        disposition_word=done.word[:_LONGEST_NAME] if done else "",
        disposition_kind=done.kind if done else None,
        corrected_vrm=outcome.corrected_vrm,
        undone=outcome.undone,
        looked=outcome.looked,
        look_choice=outcome.look_choice,
        control=outcome.control,
        override=outcome.override,
        with_hit=outcome.with_hit,
    )
    return OutboxItem.of(f"outcome:{outcome.outcome_id}", payload)


def shift_item_id(shift: Shift) -> str:
    """Name the item of a shift's start, or of its end."""
    return f"shift:{shift.shift_id}:{'end' if shift.ended_at else 'start'}"


def shift_item(shift: Shift) -> OutboxItem:
    """Make the item of a shift's start, or of its end."""
    payload = ShiftPayload(
        shift_id=shift.shift_id,
        officer_id=shift.officer_id,
        unit=shift.unit,
        crew=shift.crew,
        started_at=shift.started_at,
        ended_at=shift.ended_at,
    )
    return OutboxItem.of(shift_item_id(shift), payload)


def correction_item(correction: ReadCorrection) -> OutboxItem:
    """Make the item of a correction."""
    payload = CorrectionPayload(
        correction_id=correction.correction_id,
        read_id=correction.read_id,
        officer_id=correction.officer_id,
        at=correction.at,
        vrm=correction.vrm,
    )
    return OutboxItem.of(f"correction:{correction.correction_id}", payload)


def voi_item_id(voi_id: str, *, ended: bool) -> str:
    """Name the item of an own entry, or of its end."""
    return f"voi:{voi_id}:{'end' if ended else 'start'}"


def voi_item(entry: OwnVoi, ended_at: datetime | None) -> OutboxItem:
    """Make the item of an own entry, or of its end before its time."""
    payload = VoiPayload(
        voi_id=entry.voi_id,
        vrm=entry.vrm,
        reason=entry.reason,
        tier=entry.tier,
        officer_id=entry.officer_id,
        shift_id=entry.shift_id,
        made_at=entry.made_at,
        expires_at=entry.expires_at,
        read_id=entry.read_id,
        ended_at=ended_at,
    )
    return OutboxItem.of(voi_item_id(entry.voi_id, ended=ended_at is not None), payload)


def audit_item(row: AuditRow) -> OutboxItem:
    """Make the item of an audit row, whole and with its place in the chain: the depot then holds the chain as well."""
    payload = AuditPayload(
        audit_id=row.entry_id,
        at=row.at,
        actor=row.actor[:LONGEST_SEALED],
        action=row.action[:LONGEST_SEALED],
        object_id=row.object_id[:LONGEST_SEALED],
        reason=row.reason[:LONGEST_SEALED],
        seq=row.seq,
        hash=row.hash,
        boot_id=row.boot_id[:_LONGEST_NAME],
        monotonic=row.monotonic,
        prev_hash=row.prev_hash,
    )
    return OutboxItem.of(f"audit:{row.entry_id}", payload)


def coverage_item(coverage_id: str, minutes: Sequence[CoverageMinute]) -> OutboxItem:
    """Make the item of some minutes of the coverage record; at most MAX_COVERAGE_ROWS."""
    rows = tuple(
        CoverageRow(
            camera_id=one.camera_id[:_LONGEST_NAME],
            minute=one.minute,
            shift_id=one.shift_id,
            seconds=one.seconds,
            blind=dict(one.blind),
            frames_offered=one.offered,
            frames_read=one.read,
            reads=one.reads,
            unread=one.unread,
            widest=one.widest,
        )
        for one in minutes
    )
    return OutboxItem.of(f"coverage:{coverage_id}", CoveragePayload(coverage_id=coverage_id, minutes=rows))


def list_counts_item_id(shift: Shift) -> str:
    """Name the item of what the lists brought in a shift."""
    return f"list-counts:{shift.shift_id}"


def list_counts_item(shift: Shift, counts: Sequence[ListCounts]) -> OutboxItem:
    """Make the item of what the lists brought in a shift that has ended."""
    ended_at = shift.ended_at or shift.started_at
    tens = max((ended_at - shift.started_at).total_seconds() / TEN_MINUTES, 1.0)  # a shorter shift is no rate
    lists = tuple(
        ListCount(
            list_id=one.list_id,
            name=one.name[:_LONGEST_NAME],
            hits=one.hits,
            dismissed=one.dismissed,
            per_ten_minutes=round(one.hits / tens, 2),
            peak=one.peak,
        )
        for one in counts
    )
    payload = ListCountsPayload(shift_id=shift.shift_id, ended_at=ended_at, lists=lists)
    return OutboxItem.of(list_counts_item_id(shift), payload)
