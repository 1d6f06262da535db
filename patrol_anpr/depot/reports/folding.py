"""The job that counts what cars sent, item by item, into figures a day. Each item counts once.

A transaction takes a stretch of items: their facts are kept, what only adds up is added, the days of which hits must be
counted anew are noted, and how far it came. Then each such day is counted from its facts. Whatever breaks off goes on.
"""

from collections.abc import Iterable, Mapping
from dataclasses import asdict
from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, LargeBinary, String, column, delete, func, insert, select, table, update

from patrol_anpr.depot.database import DepotDatabase
from patrol_anpr.depot.dialect import insert_or_skip, take_turn
from patrol_anpr.depot.items import SETTLED
from patrol_anpr.depot.reports.counting import RECOUNTED, Breakdown, combined, count_coverage, count_day, days_of
from patrol_anpr.depot.reports.facts import CoverageFact, HitFact, OutcomeFact, ShiftFact, counted_at
from patrol_anpr.depot.reports.reasons import ReasonClass
from patrol_anpr.depot.tables import (
    Number,
    counted_hits,
    counted_outcomes,
    counted_shifts,
    days_to_count,
    figures,
    figures_done,
)
from patrol_anpr.domain.disposition import DispositionKind
from patrol_anpr.domain.hit import ControlAnswer, HitState, MatchKind, Override, Verification
from patrol_anpr.domain.hotlist import Tier
from patrol_anpr.plumbing.sqlite import Utc
from patrol_anpr.wire.payloads import (
    CorrectionPayload,
    CoveragePayload,
    HitPayload,
    Kind,
    ListCountsPayload,
    NotUnderstood,
    OutcomePayload,
    Payload,
    ShiftPayload,
    payload_of,
)

STRETCH = 1000
"""Items of one transaction: SQLite has one writer, and a car that sends waits no longer than for so many."""
CLOSED = timedelta(days=450)
"""The facts of older days are deleted; their figures stay. Nothing that comes now is of such a day (WRONG_CLOCK)."""
_LAST = 1000
"""The median of so many is the cars' time: one wrong clock moves nothing."""

_items = table(
    "items_to_count",
    column("seq", Number),
    column("car_id", String()),
    column("received_at", Utc()),
    column("captured_at", Utc()),
    column("kind", String()),
    column("payload", LargeBinary()),
)
Added = dict[tuple[date, Breakdown, str], float]


def fold(database: DepotDatabase, now: datetime, settled: timedelta = SETTLED) -> int:
    """Count all that came up to `settled` before `now`; return how many items that were. Raises SQLAlchemyError."""
    count, before = 0, _first_unsettled(database, now - settled)
    while (seen := _fold_stretch(database, before)) is not None:
        count += seen
    _close(database, now)
    while _count_a_day(database):
        pass
    with database.writing() as connection:
        connection.execute(update(figures_done).values(at=now))
    return count


def _first_unsettled(database: DepotDatabase, settled: datetime) -> int:
    """Return the number of the first item that came after `settled`; without one, the number after the last."""
    with database.reading() as connection:
        begin = connection.execute(select(figures_done.c.seq)).scalar_one()
        later = _items.c.seq > begin
        waiting = select(func.min(_items.c.seq)).where(later, _items.c.received_at > settled)
        first: int | None = connection.execute(waiting).scalar()
        if first is None:
            first = 1 + (connection.execute(select(func.max(_items.c.seq))).scalar() or 0)
    return first


def _fold_stretch(database: DepotDatabase, before: int) -> int | None:
    """Fold the next items with numbers below `before`; return how many, None where there are none."""
    with database.writing() as connection:
        take_turn(connection, "figures")
        begin = connection.execute(select(figures_done.c.seq)).scalar_one()
        next_ones = select(_items).where(_items.c.seq > begin, _items.c.seq < before)
        rows = connection.execute(next_ones.order_by(_items.c.seq).limit(STRETCH)).all()
        if not rows:
            return None
        folding = _Folding(connection)
        for row in rows:
            folding.take(row.seq, row.car_id, row.received_at, row.captured_at, row.kind, row.payload)
        folding.keep()
        connection.execute(update(figures_done).values(seq=rows[-1].seq))
    return len(rows)


class _Folding:
    """One stretch of items, within its transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._added: Added = {}
        self._days: set[date] = set()

    def take(
        self, seq: int, car_id: str, received_at: datetime, captured_at: datetime, kind: str, content: bytes | None
    ) -> None:
        """Take one item in."""
        if kind == Kind.READ.value:
            self._add(_day(counted_at(captured_at, received_at)), Breakdown.READS_CAR, car_id, 1)
        if content is None:
            return
        try:
            payload: Payload = payload_of(kind, content)
        except NotUnderstood:  # it was understood when it came, by another version: `depot doubts` is for such
            return
        if isinstance(payload, HitPayload):
            self._hit(HitFact.of(car_id, payload, received_at))
        elif isinstance(payload, OutcomePayload):
            self._outcome(OutcomeFact.of(car_id, payload, received_at, seq))
        elif isinstance(payload, ShiftPayload):
            self._shift(ShiftFact.of(car_id, payload, received_at))
        elif isinstance(payload, CoveragePayload):
            for key, amount in count_coverage(_minutes(car_id, payload, received_at)).items():
                self._add(*key, amount)
        elif isinstance(payload, CorrectionPayload):
            self._add(_day(counted_at(payload.at, received_at)), Breakdown.CORRECTIONS_CAR, car_id, 1)
        elif isinstance(payload, ListCountsPayload):
            for one in payload.lists:
                self._add(_day(counted_at(payload.ended_at, received_at)), Breakdown.PEAK_LIST, one.list_id, one.peak)

    def keep(self) -> None:
        """Add what adds up, and note which days must be counted anew."""
        for (day, breakdown, value), amount in self._added.items():
            here = (figures.c.day == day) & (figures.c.breakdown == breakdown.value) & (figures.c.value == value)
            before = self._connection.execute(select(figures.c.amount).where(here)).scalar()
            if before is None:
                row = {"day": day, "breakdown": breakdown.value, "value": value, "amount": amount}
                self._connection.execute(insert(figures).values(row))
            else:
                self._connection.execute(update(figures).where(here).values(amount=combined(breakdown, before, amount)))
        if self._days:
            rows = [{"day": day} for day in sorted(self._days)]
            self._connection.execute(insert_or_skip(self._connection, days_to_count), rows)

    def _add(self, day: date, breakdown: Breakdown, value: str, amount: float) -> None:
        key = day, breakdown, value
        self._added[key] = combined(breakdown, self._added[key], amount) if key in self._added else amount

    def _hit(self, hit: HitFact) -> None:
        day = _day(hit.at)
        row = asdict(hit) | {"day": day, "tier": int(hit.tier), "kind": hit.kind.value, "reason": hit.reason.value}
        self._connection.execute(insert_or_skip(self._connection, counted_hits).values(row))
        self._days.add(day)

    def _outcome(self, outcome: OutcomeFact) -> None:
        row = {name: getattr(value, "value", value) for name, value in asdict(outcome).items()}
        self._connection.execute(insert_or_skip(self._connection, counted_outcomes).values(row))
        of_hit = (counted_hits.c.car_id == outcome.car_id) & (counted_hits.c.hit_id == outcome.hit_id)
        self._days.update(self._connection.execute(select(counted_hits.c.day).where(of_hit)).scalars())

    def _shift(self, shift: ShiftFact) -> None:
        here = (counted_shifts.c.car_id == shift.car_id) & (counted_shifts.c.shift_id == shift.shift_id)
        self._connection.execute(insert_or_skip(self._connection, counted_shifts).values(asdict(shift)))
        if shift.ended_at is not None:
            self._connection.execute(update(counted_shifts).where(here).values(asdict(shift)))
        of_shift = (counted_hits.c.car_id == shift.car_id) & (counted_hits.c.shift_id == shift.shift_id)
        self._days.update(self._connection.execute(select(counted_hits.c.day).where(of_shift)).scalars())
        self._days.update(days_of(shift))


def _minutes(car_id: str, payload: CoveragePayload, received_at: datetime) -> Iterable[CoverageFact]:
    for row in payload.minutes:
        at = counted_at(row.minute, received_at)
        yield CoverageFact(car_id, row.camera_id, at, row.seconds, row.blind, row.reads, row.unread)


def _count_a_day(database: DepotDatabase) -> bool:
    """Count one of the days that must be counted anew; tell whether there was one."""
    with database.writing() as connection:
        take_turn(connection, "figures")
        day = connection.execute(select(days_to_count.c.day).order_by(days_to_count.c.day).limit(1)).scalar()
        if day is None:
            return False
        counts = count_day(day, _hits(connection, day), _outcomes(connection, day), _shifts(connection, day))
        anew = figures.c.breakdown.in_([one.value for one in RECOUNTED])
        connection.execute(delete(figures).where(figures.c.day == day, anew))
        rows = [
            {"day": day, "breakdown": breakdown.value, "value": value, "amount": float(amount)}
            for (breakdown, value), amount in counts.items()
        ]
        if rows:
            connection.execute(insert(figures), rows)
        connection.execute(delete(days_to_count).where(days_to_count.c.day == day))
    return True


def _hits(connection: Connection, day: date) -> list[HitFact]:
    rows = connection.execute(select(counted_hits).where(counted_hits.c.day == day)).mappings()
    return [HitFact(**_fields(row, "day", tier=Tier, kind=MatchKind, reason=ReasonClass)) for row in rows]


def _outcomes(connection: Connection, day: date) -> list[OutcomeFact]:
    of_hit = (counted_outcomes.c.car_id == counted_hits.c.car_id) & (counted_outcomes.c.hit_id == counted_hits.c.hit_id)
    query = select(counted_outcomes).join(counted_hits, of_hit).where(counted_hits.c.day == day)
    types = {
        "state": HitState,
        "verification": Verification,
        "disposition_kind": DispositionKind,
        "control": ControlAnswer,
        "override": Override,
    }
    return [OutcomeFact(**_fields(row, **types)) for row in connection.execute(query).mappings()]


def _shifts(connection: Connection, day: date) -> list[ShiftFact]:
    """Return the shifts of a day's hits, and those with hours on it."""
    begin = datetime(day.year, day.month, day.day, tzinfo=UTC)
    there = (counted_shifts.c.started_at < begin + timedelta(days=1)) & (counted_shifts.c.ended_at >= begin)
    shift = (counted_shifts.c.car_id == counted_hits.c.car_id) & (counted_shifts.c.shift_id == counted_hits.c.shift_id)
    of_hits = select(counted_hits.c.hit_id).where(shift, counted_hits.c.day == day).exists()
    rows = connection.execute(select(counted_shifts).where(there | of_hits)).mappings()
    return [ShiftFact(**row) for row in rows]


def _fields(row: Mapping[Any, Any], *leaving_out: str, **types: type) -> dict[str, Any]:
    """Return the columns of a row as the fields of its fact."""
    return {
        name: types[name](value) if name in types and value is not None else value
        for name, value in row.items()
        if name not in leaving_out
    }


def _close(database: DepotDatabase, now: datetime) -> None:
    """Delete the facts of days that are closed, by the clock here and by those of the cars; their figures stay."""
    with database.writing() as connection:
        newest = connection.execute(select(_items.c.captured_at).order_by(_items.c.seq.desc()).limit(_LAST)).scalars()
        moments = sorted(newest)
        if not moments:
            return
        end = min(now, moments[len(moments) // 2]) - CLOSED
        connection.execute(delete(counted_hits).where(counted_hits.c.day < _day(end)))
        connection.execute(delete(counted_outcomes).where(counted_outcomes.c.at < end - timedelta(days=1)))
        connection.execute(delete(counted_shifts).where(counted_shifts.c.started_at < end - timedelta(days=1)))
        connection.execute(delete(days_to_count).where(days_to_count.c.day < _day(end)))


def _day(moment: datetime) -> date:
    return moment.astimezone(UTC).date()
