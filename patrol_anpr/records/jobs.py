"""What the writer is asked to write. Each job may run twice and must then change nothing the second time."""

import errno
import logging
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial
from typing import Any
from uuid import uuid4

from sqlalchemy import Connection, Table, bindparam, select
from sqlalchemy.dialects.sqlite import insert

from patrol_anpr.domain.audit import AuditRow
from patrol_anpr.domain.by_hand import OwnVoi, ReadCorrection
from patrol_anpr.domain.clock import Clock
from patrol_anpr.domain.disposition import Disposition
from patrol_anpr.domain.hit import Hit, Outcome
from patrol_anpr.domain.read import Evidence, Read
from patrol_anpr.domain.shift import ListCounts, Officer, Shift
from patrol_anpr.records import audit, tables
from patrol_anpr.records.evidence import small_copies
from patrol_anpr.records.outbox import add_item
from patrol_anpr.records.rows import correction_row, hit_row, outcome_row, read_row, shift_row, test_row
from patrol_anpr.records.store import Store
from patrol_anpr.wire.outbox import OutboxItem
from patrol_anpr.wire.records import (
    Origin,
    audit_item,
    correction_item,
    hit_item,
    list_counts_item,
    list_counts_item_id,
    outcome_item,
    read_item,
    shift_item,
    shift_item_id,
    voi_item,
    voi_item_id,
)

log = logging.getLogger(__name__)


@dataclass(slots=True)
class Tally:
    """How many records on the disk wait for the depot, how many it refused; kept by the writer's thread."""

    waiting: int = 0
    parked: int = 0


@dataclass(frozen=True, slots=True)
class Scene:
    """What every job stands in: one run of the program on one car."""

    boot_id: str
    clock: Clock
    origin: Origin
    tally: Tally = field(default_factory=Tally)

    def tell(self, connection: Connection, subject_id: str, make: Callable[[], OutboxItem]) -> int:
        """Queue for the depot what `make` returns. What does not fit the wire is kept on the car all the same.

        Returns how many records wait for the depot now that did not before.
        """
        try:
            item = make()
        except ValueError as misfit:
            # Not its text: it quotes the record.
            log.error("a record does not fit the wire and stays on the car: %s", type(misfit).__name__)  # noqa: TRY400
            return 0
        add_item(connection, self.boot_id, subject_id, item)
        return 1


# Statements are made once and given their values as parameters: making them costs more than running them.
_ADD = {table: insert(table).on_conflict_do_nothing() for table in tables.metadata.tables.values()}
_OFFICER_OF = select(tables.shifts.c.officer_id).where(tables.shifts.c.shift_id == bindparam("wanted"))
_ITEM_KNOWN = select(tables.outbox.c.seq).where(tables.outbox.c.item_id == bindparam("wanted"))
_AUDIT_KNOWN = select(tables.audit.c.seq).where(tables.audit.c.entry_id == bindparam("wanted"))


def _added(connection: Connection, table: Table, row: dict[str, Any]) -> bool:
    """Insert a row unless its id is there already; tell whether it was new."""
    return connection.execute(_ADD[table], row).rowcount == 1


@dataclass(kw_only=True)
class Job:
    """Something to be written. All of it must bear being done twice: a commit may fail after it took.

    `items` is how many records for the depot it will make, as far as can be told before; `told` is by how many those
    that wait have grown (or shrunk) once it is written. Of pictures in memory it says what held.py asks.
    """

    scene: Scene
    told: int = field(default=0, init=False)

    @property
    def items(self) -> int:
        """One fact, one record."""
        return 1

    @property
    def of_hit(self) -> bool:
        """Whether its pictures are those of a hit."""
        return False

    @property
    def picture_sizes(self) -> tuple[int, int]:
        """Bytes of overview and patch."""
        return 0, 0

    def give_up(self, which: int) -> None:
        """Let the overview (0) or the patch (1) go."""

    def prepare(self, store: Store) -> None:
        """Put files in place, before the transaction. May raise OSError."""

    def write(self, connection: Connection) -> int:
        """Write the rows; the result goes to whoever waits for it."""
        raise NotImplementedError

    def saved(self, store: Store) -> None:
        """Called after the commit, on the writer's thread."""
        self.scene.tally.waiting += self.told


@dataclass
class KeepRead(Job):
    """A Read, its pictures, its hits and what the depot is told of them."""

    read: Read
    evidence: Evidence
    hits: tuple[Hit, ...]
    shift_id: str | None
    on_saved: Callable[[str], None]
    _small: Evidence | None = None

    @property
    def items(self) -> int:
        """The Read and its hits."""
        return 1 + len(self.hits)

    @property
    def of_hit(self) -> bool:
        """Pictures of a hit are kept as long as at all possible."""
        return bool(self.hits)

    @property
    def picture_sizes(self) -> tuple[int, int]:
        """Bytes of the overview with the other patches, and of the patch."""
        others = sum(map(len, self.evidence.patches))
        return len(self.evidence.overview) + others, len(self.evidence.patch)

    def give_up(self, which: int) -> None:
        """Let a picture go, its small copy too: the depot is told that there is none."""
        if which:
            self.evidence = replace(self.evidence, patch=b"")
        else:
            self.evidence = replace(self.evidence, overview=b"", patches=())
        self._small = None

    def prepare(self, store: Store) -> None:
        """Pictures first: a row never stands without them."""
        if self._small is None:
            self._small = small_copies(self.evidence)
        store.pictures.keep(self.read.read_id, self.evidence)

    def write(self, connection: Connection) -> int:
        """Write the Read, its hits and their outbox rows."""
        assert self._small is not None, "prepare comes first"
        self.told = 0
        boot = {"boot_id": self.scene.boot_id}
        read_id = self.read.read_id
        if not _added(connection, tables.reads, read_row(self.read) | boot | {"shift_id": self.shift_id}):
            return 0
        officer_id = connection.execute(_OFFICER_OF, {"wanted": self.shift_id}).scalar()
        item = partial(read_item, self.read, self._small, self.shift_id, officer_id, self.scene.origin)
        self.told += self.scene.tell(connection, read_id, item)
        for hit in self.hits:
            if _added(connection, tables.hits, hit_row(hit) | boot):
                self.told += self.scene.tell(connection, read_id, partial(hit_item, hit))
        return 1

    def saved(self, store: Store) -> None:
        """Say that it is on the disk for good."""
        super().saved(store)
        self.on_saved(self.read.read_id)


@dataclass
class KeepTest(Job):
    """What the proof run stores to be read back: a TEST Read, which is none, with its picture.

    Those of earlier runs go: they have been read back, and nobody asks for them again.
    """

    read: Read
    evidence: Evidence

    @property
    def items(self) -> int:
        """The depot is told nothing of it."""
        return 0

    def prepare(self, store: Store) -> None:
        """Let the pictures go the way of all others, and back; no file of them stays. Raises OSError."""
        try:
            store.pictures.keep(self.read.read_id, self.evidence)
            if store.pictures.load(self.read.read_id) != self.evidence:
                raise OSError(errno.EIO, "a picture is not what was written")
        finally:
            store.pictures.remove(self.read.read_id)

    def write(self, connection: Connection) -> int:
        """Write the one row in place of all others."""
        connection.execute(tables.test_reads.delete().where(tables.test_reads.c.read_id != self.read.read_id))
        row = test_row(self.read) | {"boot_id": self.scene.boot_id, "overview": self.evidence.overview}
        _added(connection, tables.test_reads, row)
        return 1


@dataclass
class KeepOutcome(Job):
    """An outcome; its hit moves to the state it says."""

    outcome: Outcome

    def write(self, connection: Connection) -> int:
        """Append the outcome and move the hit."""
        outcome, self.told = self.outcome, 0
        if not _added(connection, tables.outcomes, outcome_row(outcome) | {"boot_id": self.scene.boot_id}):
            return 0
        connection.execute(
            tables.hits.update().where(tables.hits.c.hit_id == outcome.hit_id).values(state=outcome.state.value)
        )
        self.told = self.scene.tell(connection, outcome.hit_id, partial(outcome_item, outcome))
        return 1


@dataclass
class KeepHits(Job):
    """Hits of a Read that is kept already: it was matched again later."""

    hits: tuple[Hit, ...]

    @property
    def items(self) -> int:
        """One record a hit."""
        return len(self.hits)

    def write(self, connection: Connection) -> int:
        """Add the hits."""
        self.told = 0
        for hit in self.hits:
            if _added(connection, tables.hits, hit_row(hit) | {"boot_id": self.scene.boot_id}):
                self.told += self.scene.tell(connection, hit.read.read_id, partial(hit_item, hit))
        return len(self.hits)


@dataclass
class KeepCorrection(Job):
    """An officer's correction of a Read of a shift."""

    correction: ReadCorrection
    shift_id: str

    def write(self, connection: Connection) -> int:
        """Append the correction."""
        correction, self.told = self.correction, 0
        row = correction_row(correction) | {"boot_id": self.scene.boot_id}
        if _added(connection, tables.read_corrections, row):
            self.told = self.scene.tell(connection, correction.read_id, partial(correction_item, correction))
        return 1


@dataclass
class KeepVoi(Job):
    """An entry of the car's own list, or its end before its time: the depot is to know of it."""

    entry: OwnVoi
    ended_at: datetime | None

    def write(self, connection: Connection) -> int:
        """Tell the depot; the entry itself lies with the lists."""
        item_id = voi_item_id(self.entry.voi_id, ended=self.ended_at is not None)
        self.told = 0
        if connection.execute(_ITEM_KNOWN, {"wanted": item_id}).first() is None:
            self.told = self.scene.tell(connection, self.entry.voi_id, partial(voi_item, self.entry, self.ended_at))
        return 1


@dataclass
class KeepShift(Job):
    """The start or the end of a shift."""

    shift: Shift

    def write(self, connection: Connection) -> int:
        """Add the shift, or note its end or its new crew."""
        self.told = 0
        new = _added(connection, tables.shifts, shift_row(self.shift) | {"boot_id": self.scene.boot_id})
        if not new:
            known = tables.shifts.c.shift_id == self.shift.shift_id
            connection.execute(
                tables.shifts.update().where(known).values(ended_at=self.shift.ended_at, crew=self.shift.crew.value)
            )
        if connection.execute(_ITEM_KNOWN, {"wanted": shift_item_id(self.shift)}).first() is None:
            self.told = self.scene.tell(connection, self.shift.shift_id, partial(shift_item, self.shift))
        return 1


@dataclass
class KeepListCounts(Job):
    """What the lists brought in a shift that has ended: counted for the depot; the car can count its hits anew."""

    shift: Shift
    counts: tuple[ListCounts, ...]

    def write(self, connection: Connection) -> int:
        """Tell the depot, once."""
        self.told = 0
        if connection.execute(_ITEM_KNOWN, {"wanted": list_counts_item_id(self.shift)}).first() is None:
            item = partial(list_counts_item, self.shift, self.counts)
            self.told = self.scene.tell(connection, self.shift.shift_id, item)
        return 1


@dataclass
class KeepRoster(Job):
    """The roster, whole."""

    officers: tuple[Officer, ...]

    @property
    def items(self) -> int:
        """The depot knows the roster."""
        return 0

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
class KeepDispositions(Job):
    """The depot's table of what may be done about a hit, whole."""

    dispositions: tuple[Disposition, ...]

    @property
    def items(self) -> int:
        """The depot knows them."""
        return 0

    def write(self, connection: Connection) -> int:
        """Replace the table."""
        connection.execute(tables.dispositions.delete())
        rows = [
            {"value": one.value, "word": one.word, "kind": one.kind.value, "place": place}
            for place, one in enumerate(self.dispositions)
        ]
        if rows:
            connection.execute(tables.dispositions.insert(), rows)
        return len(rows)


@dataclass
class KeepAudit(Job):
    """One audit row; its place in the chain is found when it is written, its moment is when it was given."""

    actor: str
    action: str
    object_id: str
    reason: str = ""
    entry_id: str = field(default_factory=lambda: uuid4().hex)

    def __post_init__(self) -> None:
        self.at, self.monotonic = self.scene.clock.utc(), float(self.scene.clock.monotonic())

    def write(self, connection: Connection) -> int:
        """Append the row behind the newest one."""
        self.told = 0
        if connection.execute(_AUDIT_KNOWN, {"wanted": self.entry_id}).first() is not None:
            return 0
        newest = audit.head(connection)
        row = AuditRow(
            seq=newest.seq + 1,
            entry_id=self.entry_id,
            boot_id=self.scene.boot_id,
            at=self.at,
            monotonic=self.monotonic,
            actor=self.actor,
            action=self.action,
            object_id=self.object_id,
            reason=self.reason,
            prev_hash=newest.hash,
        ).seal()
        _added(connection, tables.audit, row.columns())
        self.told = self.scene.tell(connection, self.entry_id, partial(audit_item, row))
        return 1
