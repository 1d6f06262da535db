"""What is asked of the records. Every function takes a connection that can only read."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import reduce
from typing import Any

from sqlalchemy import Connection, Select, String, func, select, type_coerce

from patrol_anpr.domain.by_hand import ReadCorrection
from patrol_anpr.domain.disposition import Disposition, DispositionKind
from patrol_anpr.domain.entry import ENTRY_MUTED, ENTRY_UNMUTED
from patrol_anpr.domain.hit import Hit, HitState, Outcome, after, urgency
from patrol_anpr.domain.hotlist import Tier
from patrol_anpr.domain.read import Read
from patrol_anpr.domain.search import MarkPattern
from patrol_anpr.domain.shift import PIN_ACCEPTED, PIN_REFUSED, Officer, PinTry, Shift, ShiftSummary
from patrol_anpr.domain.shift_chart import HourCell
from patrol_anpr.records import audit, tables
from patrol_anpr.records.rows import correction_of, hit_of, officer_of, outcome_of, read_of, shift_of

OPEN_STATES = tuple(state.value for state in HitState if state.is_open)

_reads, _hits, _outcomes, _audit = tables.reads.c, tables.hits.c, tables.outcomes.c, tables.audit.c
_corrections = tables.read_corrections.c
FOLDED = func.replace(func.replace(_reads.vrm, "O", "0"), "I", "1")
"""The mark as vrm.fold has it; a test holds the two together."""


@dataclass(frozen=True, slots=True)
class StoredRead:
    """A Read and its place: `seq` grows with each Read kept, whatever the clock says."""

    seq: int
    read: Read


def roster(connection: Connection) -> list[Officer]:
    """The officers, in the depot's order."""
    return [officer_of(row) for row in connection.execute(select(tables.officers).order_by(tables.officers.c.place))]


def dispositions(connection: Connection) -> list[Disposition]:
    """The depot's table of what may be done about a hit, in its order."""
    rows = connection.execute(select(tables.dispositions).order_by(tables.dispositions.c.place))
    return [Disposition(row.value, row.word, DispositionKind(row.kind)) for row in rows]


def shift(connection: Connection, shift_id: str) -> Shift | None:
    """One shift."""
    row = connection.execute(select(tables.shifts).where(tables.shifts.c.shift_id == shift_id)).one_or_none()
    return None if row is None else shift_of(row)


def unfinished_shifts(connection: Connection) -> list[Shift]:
    """The shifts without an end, the newest first."""
    query = select(tables.shifts).where(tables.shifts.c.ended_at.is_(None)).order_by(tables.shifts.c.seq.desc())
    return [shift_of(row) for row in connection.execute(query)]


def summary(connection: Connection, shift_id: str) -> ShiftSummary:
    """Count a shift; SILENT hits are no matter of the crew and not counted."""
    reads = select(func.count()).select_from(tables.reads).where(_reads.shift_id == shift_id)
    states = (
        select(_hits.state, func.count())
        .where(_hits.shift_id == shift_id, _hits.tier != Tier.SILENT.value)
        .group_by(_hits.state)
    )
    waiting = select(func.count()).select_from(tables.outbox).where(tables.outbox.c.status.is_(None))
    counts: dict[str, int] = {row[0]: row[1] for row in connection.execute(states)}
    return ShiftSummary(
        reads=connection.execute(reads).scalar_one(),
        hits=sum(counts.values()),
        confirmed=counts.get(HitState.ACTIONED.value, 0),
        dismissed=counts.get(HitState.DISMISSED.value, 0),
        unresolved=sum(counts.get(state, 0) for state in OPEN_STATES),
        waiting=connection.execute(waiting).scalar_one(),
    )


def states(connection: Connection, shift_id: str, hit_ids: Collection[str]) -> dict[str, HitState]:
    """The states of some hits of a shift, those of SILENT ones left out."""
    query = select(_hits.hit_id, _hits.state).where(_hits.shift_id == shift_id, _hits.tier != Tier.SILENT.value)
    found = connection.execute(query).all()
    return {row.hit_id: HitState(row.state) for row in found if row.hit_id in hit_ids}


def open_hits(connection: Connection, shift_id: str) -> list[Hit]:
    """Hits of a shift still to be dealt with, the most urgent first: as `hit.urgency` says."""
    query = _hits_of(shift_id).where(_hits.state.in_(OPEN_STATES), _hits.tier != Tier.SILENT.value)
    return sorted(_hits_from(connection, query.order_by(_hits.seq)), key=urgency)


def hits(connection: Connection, shift_id: str, *, silent: bool = False) -> list[Hit]:
    """All hits of a shift the crew may see, the newest first; with `silent` the others too."""
    query = _hits_of(shift_id)
    if not silent:
        query = query.where(_hits.tier != Tier.SILENT.value)
    return _hits_from(connection, query.order_by(_hits.seq.desc()))


def outcomes(connection: Connection, hit_id: str) -> list[Outcome]:
    """What was said of a hit, in order; the last one counts."""
    query = select(tables.outcomes).where(_outcomes.hit_id == hit_id).order_by(_outcomes.seq)
    return [outcome_of(row) for row in connection.execute(query)]


def reads_page(connection: Connection, shift_id: str | None, limit: int, before: int | None) -> list[StoredRead]:
    """Reads of a shift (None: of all), the newest first, only those with a seq under `before`."""
    query = select(tables.reads).order_by(_reads.seq.desc()).limit(limit)
    if shift_id is not None:
        query = query.where(_reads.shift_id == shift_id)
    if before is not None:
        query = query.where(_reads.seq < before)
    return [StoredRead(row["seq"], read_of(row)) for row in connection.execute(query).mappings()]


def read_hours(connection: Connection, shift_id: str) -> list[HourCell]:
    """Count the Reads of a shift by hour and camera."""
    hour = func.substr(type_coerce(_reads.captured_at, String), 1, 13)  # as Utc spells it: 2026-11-21T21
    query = select(hour, _reads.camera_id, func.count()).where(_reads.shift_id == shift_id)
    found = connection.execute(query.group_by(hour, _reads.camera_id))
    return [HourCell(datetime.fromisoformat(f"{at}:00:00+00:00"), camera_id, count) for at, camera_id, count in found]


def reads_before(connection: Connection, shift_id: str, read_id: str, limit: int) -> list[Read]:
    """Reads of a shift made before this one, the newest first."""
    seq = connection.execute(select(_reads.seq).where(_reads.read_id == read_id)).scalar()
    return [] if seq is None else [stored.read for stored in reads_page(connection, shift_id, limit, seq)]


def places_of_marks(connection: Connection, shift_id: str, pattern: MarkPattern | None) -> Sequence[int]:
    """The seqs of a shift's Reads whose mark fits (None: of all); touches an index alone."""
    query = select(_reads.seq).where(_reads.shift_id == shift_id)
    if pattern is not None:
        query = query.where(FOLDED.op("GLOB")(pattern.glob))
    return connection.execute(query).scalars().all()


def places_of_reads(connection: Connection, read_ids: Collection[str]) -> dict[str, int]:
    """The seqs of some Reads, by id; those not stored are left out."""
    query = select(_reads.read_id, _reads.seq).where(_reads.read_id.in_(read_ids))
    return {row.read_id: row.seq for row in connection.execute(query)}


def reads_at(connection: Connection, places: Collection[int]) -> list[Read]:
    """The Reads with these seqs, the oldest first."""
    query = select(tables.reads).where(_reads.seq.in_(places)).order_by(_reads.seq)
    return [read_of(row) for row in connection.execute(query).mappings()]


def shift_of_read(connection: Connection, read_id: str) -> str | None:
    """The shift a stored Read belongs to; None where there is no such Read or it is of no shift."""
    found: str | None = connection.execute(select(_reads.shift_id).where(_reads.read_id == read_id)).scalar()
    return found


def corrections(connection: Connection, shift_id: str) -> list[ReadCorrection]:
    """The corrections of a shift's Reads, the oldest first."""
    # Not by a join: that would go through the reads, of which there are many, and not through the corrections.
    shift_of = select(_reads.shift_id).where(_reads.read_id == _corrections.read_id).scalar_subquery()
    query = select(tables.read_corrections).where(shift_of == shift_id).order_by(_corrections.seq)
    return [correction_of(row) for row in connection.execute(query)]


def test_overview(connection: Connection, read_id: str, at: datetime) -> bytes | None:
    """The picture of a TEST Read, by its id and time; None when there is none such."""
    test = tables.test_reads.c
    query = select(test.overview).where(test.read_id == read_id, test.captured_at == at)
    return connection.execute(query).scalar()


def pin_tries(connection: Connection, limit: int) -> list[PinTry]:
    """The last PINs entered, the oldest first."""
    query = (
        select(_audit.actor, _audit.at, _audit.action)
        .where(_audit.action.in_((PIN_ACCEPTED, PIN_REFUSED)))
        .order_by(_audit.seq.desc())
        .limit(limit)
    )
    return [PinTry(row.actor, row.at, row.action == PIN_ACCEPTED) for row in reversed(connection.execute(query).all())]


def entry_mutes(connection: Connection, shift_id: str) -> list[tuple[str, bool]]:
    """Which hits of a shift had their entry muted or unmuted, in order; not those still in memory."""
    query = (
        select(_audit.object_id, _audit.action)
        .where(
            _audit.action.in_((ENTRY_MUTED, ENTRY_UNMUTED)),
            _audit.object_id.in_(select(_hits.hit_id).where(_hits.shift_id == shift_id)),
        )
        .order_by(_audit.seq)
    )
    return [(row.object_id, row.action == ENTRY_MUTED) for row in connection.execute(query)]


def count_reads(connection: Connection) -> int:
    """How many Reads are stored."""
    return connection.execute(select(func.count()).select_from(tables.reads)).scalar_one()


def read_ids(connection: Connection) -> Sequence[str]:
    """The ids of all Reads."""
    return connection.execute(select(_reads.read_id)).scalars().all()


def reads_of_last_run(connection: Connection) -> int:
    """Count the Reads of the run that opened the records last, and did not end it may be."""
    boot_id = next(iter(audit.newest(connection, audit.OPENED, 1)), None)
    # From the end backwards to the run before it: the table may be long.
    before = select(_reads.seq).where(_reads.boot_id != boot_id).order_by(_reads.seq.desc()).limit(1)
    since = connection.execute(before).scalar() or 0
    return connection.execute(select(func.count()).where(_reads.seq > since).select_from(tables.reads)).scalar_one()


def _hits_of(shift_id: str) -> Select[Any]:
    return select(tables.hits).where(_hits.shift_id == shift_id)


def _hits_from(connection: Connection, query: Select[Any]) -> list[Hit]:
    rows = connection.execute(query).mappings().all()
    wanted = select(tables.reads).where(_reads.read_id.in_([row["read_id"] for row in rows]))
    reads = {row["read_id"]: read_of(row) for row in connection.execute(wanted).mappings()}
    said = _outcomes_of(connection, [row["hit_id"] for row in rows])
    return [reduce(after, said.get(row["hit_id"], ()), hit_of(row, reads[row["read_id"]])) for row in rows]


def _outcomes_of(connection: Connection, hit_ids: Sequence[str]) -> dict[str, list[Outcome]]:
    query = select(tables.outcomes).where(_outcomes.hit_id.in_(hit_ids)).order_by(_outcomes.seq)
    found: dict[str, list[Outcome]] = {}
    for row in connection.execute(query):
        found.setdefault(row.hit_id, []).append(outcome_of(row))
    return found
