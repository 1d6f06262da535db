"""What goes from the car, and when: nothing before the depot has proved that it holds it, and then after some days."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from sqlalchemy import Connection, Select, and_, or_, select

from patrol_anpr.records import tables
from patrol_anpr.records.outbox import proven
from patrol_anpr.wire.payloads import Kind

CLOCKS_AGREE = timedelta(minutes=10)
MOST_AT_ONCE = 100
"""Reads erased in one step: about a tenth of a second, between two other writes."""
ERASED = "read.erased"
"""What the audit trail says of each; it never holds the VRM."""


def clocks_agree(now: datetime, depot_now: datetime) -> bool:
    """Tell whether the car's clock and the depot's are near enough for a deletion that cannot be taken back."""
    return abs(now - depot_now) <= CLOCKS_AGREE


def expired_reads(
    before: datetime,
    limit: int = MOST_AT_ONCE,
    *,
    spoken_of: Collection[str] = (),
    reads_spoken_of: Collection[str] = (),
    ended: Collection[str] = (),
) -> Select[str]:
    """Select the ids of Reads all of whose records (read, hits, outcomes) the depot has held since before `before`.

    Reads with a hit of `spoken_of` stay, and `reads_spoken_of`: something about them is on its way to the disk. So do
    those of a shift that has no end: its officer still decides on them, searches and corrects them. Shifts of `ended`
    have one, which is on its way to the disk too: on a full one it gets there once they are erased.
    """
    item, fresh = tables.outbox, tables.outbox.alias()
    outcome_hit = tables.hits.alias()
    hits_of_read = select(outcome_hit.c.hit_id).where(outcome_hit.c.read_id == item.c.subject_id).correlate(item)
    still_needed = (
        select(fresh.c.seq)
        .where(
            or_(fresh.c.subject_id == item.c.subject_id, fresh.c.subject_id.in_(hits_of_read)),
            or_(fresh.c.status.is_(None), ~proven(fresh), fresh.c.settled_at > before),
        )
        .correlate(item)
        .exists()
    )
    under_way = (
        select(tables.reads.c.seq)
        .join(tables.shifts, tables.shifts.c.shift_id == tables.reads.c.shift_id)
        .where(tables.reads.c.read_id == item.c.subject_id, tables.shifts.c.ended_at.is_(None))
        .where(tables.shifts.c.shift_id.not_in(sorted(ended)))
        .correlate(item)
        .exists()
    )
    return (
        select(item.c.subject_id)
        .where(
            and_(
                item.c.kind == Kind.READ.value,
                proven(item),
                item.c.settled_at <= before,
                ~still_needed,
                ~under_way,
                item.c.subject_id.not_in(sorted(reads_spoken_of)),
                item.c.subject_id.not_in(
                    select(tables.hits.c.read_id).where(tables.hits.c.hit_id.in_(sorted(spoken_of)))
                ),
            )
        )
        .order_by(item.c.seq)
        .limit(limit)
    )


def erase_reads(connection: Connection, read_ids: Sequence[str]) -> None:
    """Delete Reads with all that was said of them, and settled outbox rows. Pictures are the caller's to delete."""
    hit_ids = connection.execute(select(tables.hits.c.hit_id).where(tables.hits.c.read_id.in_(read_ids))).scalars()
    subjects = [*read_ids, *hit_ids]
    connection.execute(tables.outcomes.delete().where(tables.outcomes.c.hit_id.in_(subjects)))
    connection.execute(tables.read_corrections.delete().where(tables.read_corrections.c.read_id.in_(read_ids)))
    connection.execute(tables.hits.delete().where(tables.hits.c.read_id.in_(read_ids)))
    connection.execute(tables.reads.delete().where(tables.reads.c.read_id.in_(read_ids)))
    connection.execute(tables.outbox.delete().where(tables.outbox.c.subject_id.in_(subjects)))
