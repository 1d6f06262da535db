"""The coverage record: how it is kept, told to the depot some minutes at a time, asked for, and erased."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Any
from uuid import uuid4

from sqlalchemy import Connection, RowMapping, func, select
from sqlalchemy.dialects.sqlite import insert

from patrol_anpr.domain.coverage import Blind, CoverageMinute
from patrol_anpr.records import tables
from patrol_anpr.records.jobs import Job
from patrol_anpr.records.outbox import proven
from patrol_anpr.wire.payloads import MAX_COVERAGE_ROWS, Kind
from patrol_anpr.wire.records import coverage_item

TOLD_AT_ONCE = 20
"""Rows that make one item for the depot: ten minutes of two cameras. The last of a shift make one all the same."""

_TABLE = tables.coverage
_ADD = insert(_TABLE).on_conflict_do_nothing()
_UNTOLD = select(_TABLE).where(_TABLE.c.item_id.is_(None)).order_by(_TABLE.c.seq)
_COUNT_UNTOLD = select(func.count()).select_from(_TABLE).where(_TABLE.c.item_id.is_(None))


@dataclass
class KeepCoverage(Job):
    """Minutes of the cameras, or parts of some. Told to the depot once they are many, or are the `last` of a shift.

    Rows that a crash kept from being told go with the next.
    """

    minutes: tuple[CoverageMinute, ...]
    last: bool = False
    ids: tuple[str, ...] = field(default=(), init=False)

    def __post_init__(self) -> None:
        self.ids = tuple(uuid4().hex for _ in self.minutes)

    @property
    def items(self) -> int:
        """Not known before: what is told is counted once it is written."""
        return 0

    def write(self, connection: Connection) -> int:
        """Add the rows, and queue for the depot what has gathered."""
        self.told = 0
        boot = {"boot_id": self.scene.boot_id}
        for coverage_id, minute in zip(self.ids, self.minutes, strict=True):
            connection.execute(_ADD, _row(minute) | boot | {"coverage_id": coverage_id})
        if self.last or connection.execute(_COUNT_UNTOLD).scalar_one() >= TOLD_AT_ONCE:
            self._tell(connection)
        return len(self.minutes)

    def _tell(self, connection: Connection) -> None:
        while rows := connection.execute(_UNTOLD.limit(MAX_COVERAGE_ROWS)).mappings().all():
            coverage_id = rows[0]["coverage_id"]
            item = partial(coverage_item, coverage_id, [_minute_of(row) for row in rows])
            self.told += self.scene.tell(connection, coverage_id, item)
            told = _TABLE.update().where(_TABLE.c.seq.in_([row["seq"] for row in rows]))
            connection.execute(told.values(item_id=f"{Kind.COVERAGE.value}:{coverage_id}"))


def stored_coverage(connection: Connection, shift_id: str) -> list[CoverageMinute]:
    """The minutes of a shift, in the order they were kept; a minute may come in parts."""
    query = select(_TABLE).where(_TABLE.c.shift_id == shift_id).order_by(_TABLE.c.seq)
    return [_minute_of(row) for row in connection.execute(query).mappings()]


def erase_coverage(connection: Connection, before: datetime) -> None:
    """Delete the minutes that the depot has held since before `before`, and what was told it of them.

    Those of a shift that has no end stay: after a restart its officer is still shown what could be read.
    """
    items, shifts = tables.outbox, tables.shifts
    held = select(items.c.item_id).where(
        items.c.kind == Kind.COVERAGE.value,
        proven(items),
        items.c.settled_at <= before,
    )
    under_way = select(shifts.c.shift_id).where(shifts.c.ended_at.is_(None))
    over = _TABLE.c.shift_id.not_in(under_way)
    connection.execute(_TABLE.delete().where(_TABLE.c.item_id.in_(held), over))
    still_here = select(_TABLE.c.seq).where(_TABLE.c.item_id == items.c.item_id).correlate(items).exists()
    connection.execute(items.delete().where(items.c.item_id.in_(held), ~still_here))


def with_unwritten(stored: Sequence[CoverageMinute], jobs: Sequence[Job], shift_id: str) -> list[CoverageMinute]:
    """Add what is in memory only."""
    fresh = [one for job in jobs if isinstance(job, KeepCoverage) for one in job.minutes if one.shift_id == shift_id]
    return [*(one for one in stored if one not in fresh), *fresh]


def _row(minute: CoverageMinute) -> dict[str, Any]:
    return {
        "shift_id": minute.shift_id,
        "camera_id": minute.camera_id,
        "minute": minute.minute,
        "seconds": minute.seconds,
        "blind": {reason.value: seconds for reason, seconds in minute.blind.items()},
        "frames_offered": minute.offered,
        "frames_read": minute.read,
        "reads": minute.reads,
        "unread": minute.unread,
        "widest": minute.widest,
    }


def _minute_of(row: RowMapping) -> CoverageMinute:
    return CoverageMinute(
        camera_id=row["camera_id"],
        minute=row["minute"],
        shift_id=row["shift_id"],
        seconds=row["seconds"],
        blind={Blind(reason): seconds for reason, seconds in row["blind"].items()},
        offered=row["frames_offered"],
        read=row["frames_read"],
        reads=row["reads"],
        unread=row["unread"],
        widest=row["widest"],
    )
