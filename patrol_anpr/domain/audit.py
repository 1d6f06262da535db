"""The audit trail: rows that only ever follow one another, each holding the hash of the one before."""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

FIRST_PREV = "0" * 64
"""What the first row has for the hash of the one before."""


@dataclass(frozen=True, slots=True)
class AuditRow:
    """Who did what to which record, and why. `seq` counts from 1 without a gap; `monotonic` is of the run `boot_id`."""

    seq: int
    entry_id: str
    boot_id: str
    at: datetime
    monotonic: float
    actor: str
    action: str
    object_id: str
    reason: str
    prev_hash: str
    hash: str = ""

    def said(self) -> list[Any]:
        """Return what the row says, as it is hashed: every field but its own hash."""
        return [
            self.seq,
            self.entry_id,
            self.boot_id,
            self.at.astimezone(UTC).isoformat(timespec="microseconds"),
            self.monotonic.hex(),
            self.actor,
            self.action,
            self.object_id,
            self.reason,
            self.prev_hash,
        ]

    def sealed(self) -> str:
        """Return the SHA-256 (hex) this row must carry: over what it says, so also over the row before."""
        return hashlib.sha256(json.dumps(self.said(), separators=(",", ":")).encode("ascii")).hexdigest()

    def seal(self) -> "AuditRow":
        """Return the row with its hash."""
        return replace(self, hash=self.sealed())

    def columns(self) -> dict[str, Any]:
        """Return the columns of the row."""
        return {name: getattr(self, name) for name in self.__dataclass_fields__}


@dataclass(frozen=True, slots=True)
class AuditHead:
    """The newest row of a chain, kept somewhere else: with it a cut or rewritten end is found too."""

    seq: int
    hash: str


@dataclass(frozen=True, slots=True)
class AuditCheck:
    """What a check of the chain found. `first_bad` is the seq of the first row that is wrong or missing, or None."""

    rows: int
    first_bad: int | None = None

    @property
    def whole(self) -> bool:
        """True when every row is there and unchanged."""
        return self.first_bad is None


def verify_chain(rows: Iterable[AuditRow], held: Iterable[AuditHead] = ()) -> AuditCheck:
    """Check rows in the order of their seq, and against the heads `held` elsewhere."""
    heads = {head.seq: head.hash for head in held if head.seq}
    seen, prev = 0, FIRST_PREV
    for row in rows:
        expected = seen + 1
        wrong = row.seq != expected or row.prev_hash != prev or row.sealed() != row.hash
        if wrong or heads.pop(expected, row.hash) != row.hash:
            return AuditCheck(seen, expected)
        seen, prev = expected, row.hash
    return AuditCheck(seen, seen + 1 if heads else None)
