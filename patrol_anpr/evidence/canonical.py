"""The records of a dossier as JSON, each in the one spelling that is hashed, and the manifest of an export."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from pydantic import TypeAdapter

from patrol_anpr.domain.audit import AuditRow
from patrol_anpr.domain.by_hand import ReadCorrection
from patrol_anpr.domain.dossier import Dossier, ExportRequest
from patrol_anpr.domain.hit import Hit, Outcome
from patrol_anpr.domain.read import Read
from patrol_anpr.domain.shift import Shift
from patrol_anpr.wire.payloads import canonical_json, sha256_of
from patrol_anpr.wire.records import Origin

FORMAT = 1
"""The number of this form of manifest and records; the verifier refuses one it does not know."""

_KINDS: Mapping[type, TypeAdapter[Any]] = {
    kind: TypeAdapter(kind) for kind in (Read, Shift, Hit, Outcome, ReadCorrection)
}
_SAID = ("seq", "entry_id", "boot_id", "at", "monotonic", "actor", "action", "object_id", "reason", "prev_hash")


@dataclass(frozen=True, slots=True)
class Canonical:
    """One record: its kind, its id, its plain JSON value, and the SHA-256 of that value's canonical JSON."""

    kind: str
    record_id: str
    value: Mapping[str, Any]

    @property
    def sha256(self) -> str:
        """The hash, in hex."""
        return sha256_of(canonical_json(self.value))


def records_of(dossier: Dossier) -> tuple[Canonical, ...]:
    """Return the Read, its shift, its hits and their outcomes, its corrections; a hit names its Read by id."""
    found = [Canonical("read", dossier.read.read_id, _plain(Read, dossier.read))]
    if dossier.shift is not None:
        found.append(Canonical("shift", dossier.shift.shift_id, _plain(Shift, dossier.shift)))
    for file in dossier.hits:
        hit = _plain(Hit, file.hit)
        hit["read"] = file.hit.read.read_id
        found.append(Canonical("hit", file.hit.hit_id, hit))
        found += [Canonical("outcome", one.outcome_id, _plain(Outcome, one)) for one in file.outcomes]
    found += [Canonical("correction", one.correction_id, _plain(ReadCorrection, one)) for one in dossier.corrections]
    return tuple(found)


def _plain(kind: type, record: object) -> dict[str, Any]:
    value: dict[str, Any] = _KINDS[kind].dump_python(record, mode="json")
    return value


def audit_of(row: AuditRow) -> dict[str, Any]:
    """Return an audit row in the very values that its hash is made of, and the hash."""
    return {**dict(zip(_SAID, row.said(), strict=True)), "hash": row.hash}


def records_file(dossier: Dossier, records: tuple[Canonical, ...]) -> bytes:
    """Return records.json: the records in canonical JSON, and the audit rows about them."""
    plain = [{"kind": one.kind, "id": one.record_id, "record": one.value} for one in records]
    return canonical_json({"format": FORMAT, "records": plain, "audit": [audit_of(row) for row in dossier.audit]})


def manifest_file(
    dossier: Dossier,
    request: ExportRequest,
    origin: Origin,
    made_at: datetime,
    records: tuple[Canonical, ...],
    parts: Mapping[str, bytes],
    models: Mapping[str, str],
    certificate: str,
) -> bytes:
    """Return manifest.json: the SHA-256 of every part and every record, and where the audit trail stood."""
    return canonical_json(
        {
            "format": FORMAT,
            "read": dossier.read.read_id,
            "made_at": made_at.astimezone(UTC).isoformat(timespec="milliseconds"),
            "by": request.by,
            "reason": request.reason,
            "car": origin.source_id,
            "force": origin.feed_id,
            "software": origin.software,
            "parts": {name: sha256_of(content) for name, content in parts.items()},
            "records": [{"kind": one.kind, "id": one.record_id, "sha256": one.sha256} for one in records],
            "audit_head": {"seq": dossier.head.seq, "hash": dossier.head.hash},
            "models": dict(models),
            "certificate": certificate,
        }
    )
