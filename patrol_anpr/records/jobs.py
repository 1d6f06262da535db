"""What the writer is asked to write. Each job may run twice and must then change nothing the second time."""

import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Any
from uuid import uuid4

from sqlalchemy import Connection, Table, bindparam, select
from sqlalchemy.dialects.sqlite import insert

from patrol_anpr.domain.audit import AuditRow
from patrol_anpr.domain.clock import Clock
from patrol_anpr.domain.hit import Hit, Outcome
from patrol_anpr.domain.read import Evidence, Read
from patrol_anpr.domain.shift import Officer, Shift
from patrol_anpr.records import audit, retention, tables
from patrol_anpr.records.evidence import Pictures, small_copies
from patrol_anpr.records.outbox import add_item, settle_rows
from patrol_anpr.records.rows import hit_row, outcome_row, read_row, shift_row
from patrol_anpr.wire.outbox import OutboxItem
from patrol_anpr.wire.payloads import Kind, Receipt, ReceiptStatus
from patrol_anpr.wire.records import Origin, audit_item, hit_item, outcome_item, read_item, shift_item, shift_item_id

log = logging.getLogger(__name__)

SMALL = 1024
"""A guess at the memory of a job without pictures, in bytes."""


@dataclass(frozen=True, slots=True)
class Scene:
    """What every job stands in: one run of the program on one car."""

    boot_id: str
    clock: Clock
    pictures: Pictures
    origin: Origin

    def tell(self, connection: Connection, subject_id: str, make: Callable[[], OutboxItem]) -> None:
        """Queue for the depot what `make` returns. What does not fit the wire is kept on the car all the same."""
        try:
            item = make()
        except ValueError as misfit:
            # Not its text: it quotes the record.
            log.error("a record does not fit the wire and stays on the car: %s", type(misfit).__name__)  # noqa: TRY400
            return
        add_item(connection, self.boot_id, subject_id, item)


# Statements are made once and given their values as parameters: making them costs more than running them.
_ADD = {table: insert(table).on_conflict_do_nothing() for table in tables.metadata.tables.values()}
_AUDIT_KNOWN = select(tables.audit.c.seq).where(tables.audit.c.entry_id == bindparam("wanted"))


def _added(connection: Connection, table: Table, row: dict[str, Any]) -> bool:
    """Insert a row unless its id is there already; tell whether it was new."""
    return connection.execute(_ADD[table], row).rowcount == 1


class Job:
    """Base of the jobs: no files, nothing to say afterwards."""

    size = SMALL

    def prepare(self) -> None:
        """Nothing to do before the transaction."""

    def write(self, connection: Connection) -> int:
        """Write the rows."""
        raise NotImplementedError

    def saved(self) -> None:
        """Nobody to tell."""


@dataclass
class KeepRead(Job):
    """A Read, its pictures, its hits and what the depot is told of them."""

    scene: Scene
    read: Read
    evidence: Evidence
    hits: tuple[Hit, ...]
    shift_id: str | None
    on_saved: Callable[[str], None]
    _small: Evidence | None = None

    def __post_init__(self) -> None:
        self.size = SMALL + len(self.evidence.patch) + len(self.evidence.overview)

    def prepare(self) -> None:
        """Pictures first: a row never stands without them."""
        if self._small is None:
            self._small = small_copies(self.evidence)
        self.scene.pictures.keep(self.read.read_id, self.evidence)

    def write(self, connection: Connection) -> int:
        """Write the Read, its hits and their outbox rows."""
        assert self._small is not None, "prepare comes first"
        boot = {"boot_id": self.scene.boot_id}
        read_id = self.read.read_id
        if not _added(connection, tables.reads, read_row(self.read) | boot | {"shift_id": self.shift_id}):
            return 0
        officer_id = connection.execute(
            select(tables.shifts.c.officer_id).where(tables.shifts.c.shift_id == self.shift_id)
        ).scalar()
        item = partial(read_item, self.read, self._small, self.shift_id, officer_id, self.scene.origin)
        self.scene.tell(connection, read_id, item)
        for hit in self.hits:
            if _added(connection, tables.hits, hit_row(hit) | boot):
                self.scene.tell(connection, read_id, partial(hit_item, hit))
        return 1

    def saved(self) -> None:
        """Say that it is on the disk for good."""
        self.on_saved(self.read.read_id)


@dataclass
class KeepOutcome(Job):
    """An outcome; its hit moves to the state it says."""

    scene: Scene
    outcome: Outcome

    def write(self, connection: Connection) -> int:
        """Append the outcome and move the hit."""
        outcome = self.outcome
        if not _added(connection, tables.outcomes, outcome_row(outcome) | {"boot_id": self.scene.boot_id}):
            return 0
        connection.execute(
            tables.hits.update().where(tables.hits.c.hit_id == outcome.hit_id).values(state=outcome.state.value)
        )
        self.scene.tell(connection, outcome.hit_id, partial(outcome_item, outcome))
        return 1


@dataclass
class KeepShift(Job):
    """The start or the end of a shift."""

    scene: Scene
    shift: Shift

    def write(self, connection: Connection) -> int:
        """Add the shift, or note its end or its new crew."""
        new = _added(connection, tables.shifts, shift_row(self.shift) | {"boot_id": self.scene.boot_id})
        if not new:
            known = tables.shifts.c.shift_id == self.shift.shift_id
            connection.execute(
                tables.shifts.update().where(known).values(ended_at=self.shift.ended_at, crew=self.shift.crew.value)
            )
        told = select(tables.outbox.c.seq).where(tables.outbox.c.item_id == shift_item_id(self.shift))
        if connection.execute(told).first() is None:
            self.scene.tell(connection, self.shift.shift_id, partial(shift_item, self.shift))
        return 1


@dataclass
class KeepRoster(Job):
    """The roster, whole."""

    officers: tuple[Officer, ...]

    def write(self, connection: Connection) -> int:
        """Replace the roster."""
        connection.execute(tables.officers.delete())
        if self.officers:
            connection.execute(
                tables.officers.insert(),
                [
                    {"officer_id": one.officer_id, "name": one.name, "pin_hash": one.pin_hash, "place": place}
                    for place, one in enumerate(self.officers)
                ],
            )
        return len(self.officers)


@dataclass
class KeepAudit(Job):
    """One audit row; its place in the chain is found when it is written, its moment is when it was given."""

    scene: Scene
    actor: str
    action: str
    object_id: str
    reason: str = ""
    entry_id: str = field(default_factory=lambda: uuid4().hex)

    def __post_init__(self) -> None:
        self._at, self._monotonic = self.scene.clock.utc(), float(self.scene.clock.monotonic())

    def write(self, connection: Connection) -> int:
        """Append the row behind the newest one."""
        if connection.execute(_AUDIT_KNOWN, {"wanted": self.entry_id}).first() is not None:
            return 0
        newest = audit.head(connection)
        row = AuditRow(
            seq=newest.seq + 1,
            entry_id=self.entry_id,
            boot_id=self.scene.boot_id,
            at=self._at,
            monotonic=self._monotonic,
            actor=self.actor,
            action=self.action,
            object_id=self.object_id,
            reason=self.reason,
            prev_hash=newest.hash,
        ).seal()
        _added(connection, tables.audit, row.columns())
        self.scene.tell(connection, self.entry_id, partial(audit_item, row))
        return 1


@dataclass
class Settle(Job):
    """Receipts of the depot, and the depot's time of them."""

    receipts: tuple[Receipt, ...]
    at: datetime

    def write(self, connection: Connection) -> int:
        """Mark what they prove."""
        return settle_rows(connection, self.receipts, self.at)


@dataclass
class Purge(Job):
    """The end of what the depot has held long enough. Rows go first, pictures after the commit."""

    scene: Scene
    before: datetime
    actor: str
    _read_ids: tuple[str, ...] = ()

    def write(self, connection: Connection) -> int:
        """Erase, with one line in the audit trail for each Read: its id, never its VRM."""
        self._read_ids = tuple(connection.scalars(retention.expired_reads(self.before)).all())
        retention.erase_reads(connection, self._read_ids)
        for read_id in self._read_ids:
            KeepAudit(self.scene, self.actor, "read.erased", read_id, "held by the depot").write(connection)
        connection.execute(
            tables.outbox.delete().where(
                tables.outbox.c.kind.in_((Kind.AUDIT.value, Kind.SHIFT.value)),
                tables.outbox.c.status == ReceiptStatus.HELD.value,
                tables.outbox.c.settled_at <= self.before,
            )
        )
        return len(self._read_ids)

    def saved(self) -> None:
        """Delete the pictures; what a crash leaves here is an orphan of the next start."""
        for read_id in self._read_ids:
            self.scene.pictures.remove(read_id)
