"""Sending reads by an adapter, each once, from where the last run came to. Whatever breaks off goes on.

What is to be in a batch is noted before it is handed over, so that after a crash the very same batch comes again.
"""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, LargeBinary, Row, String, column, func, insert, select, table, update

from patrol_anpr.depot.audit import add_audit
from patrol_anpr.depot.database import DepotDatabase
from patrol_anpr.depot.dialect import take_turn
from patrol_anpr.depot.epoch import epoch_of
from patrol_anpr.depot.interchange.adapter import Adapter, AdapterFault, Batch
from patrol_anpr.depot.interchange.national import LeftOut, NationalRecord, record_of, why_left_out
from patrol_anpr.depot.items import SETTLED
from patrol_anpr.depot.pictures import DepotPictures
from patrol_anpr.depot.tables import Number, national_sending
from patrol_anpr.plumbing.sqlite import Utc
from patrol_anpr.wire.payloads import Kind, NotUnderstood, ReadPayload, payload_of

BATCH = 500
"""Reads of one batch."""
FIRST_WAIT, LONGEST_WAIT = timedelta(minutes=1), timedelta(hours=6)
"""After a failure the next try waits, each time twice as long."""

_reads = table(
    "reads_to_send",
    column("seq", Number),
    column("car_id", String()),
    column("received_at", Utc()),
    column("payload", LargeBinary()),
)


@dataclass(frozen=True, slots=True)
class Progress:
    """How far an adapter has come: `sent` and `left_out` reads since the first one, `waiting` those that may go now.

    `failures` in a row, the last because of `why`; the next try is due at `next_at`.
    """

    sent: int
    left_out: int
    waiting: int
    last_at: datetime | None
    failures: int
    why: str
    next_at: datetime | None


@dataclass(slots=True)
class Sent:
    """What one run did: batches and reads handed over, and what was left out, by reason."""

    batches: int = 0
    reads: int = 0
    left_out: Counter[LeftOut] = field(default_factory=Counter)


def send_reads(
    database: DepotDatabase, pictures: DepotPictures, adapter: Adapter, feed_id: str, now: Callable[[], datetime]
) -> Sent:
    """Send all that has settled and was not sent; return what this run did.

    Raises AdapterFault, after it was noted, where a batch could not be handed over; SQLAlchemyError; OSError.
    """
    done = Sent()
    while (span := _plan(database, adapter.name, now())) is not None:
        begin, end = span
        batch, left_out = _batch(database, pictures, begin, end, feed_id)
        try:
            if batch.records:
                adapter.send(batch)
        except AdapterFault as fault:
            _note_failure(database, adapter.name, str(fault), now())
            raise
        _note_sent(database, adapter.name, end, batch, left_out, now())
        done.batches += bool(batch.records)
        done.reads += len(batch.records)
        done.left_out += left_out
    return done


def progress_of(database: DepotDatabase, adapter: str, now: datetime) -> Progress:
    """Return how far an adapter has come."""
    with database.reading() as connection:
        row = _row(connection, adapter)
        begin = row.seq if row else 0
        settled = (_reads.c.seq > begin) & (_reads.c.received_at <= now - SETTLED)
        waiting = connection.execute(select(func.count()).select_from(_reads).where(settled)).scalar_one()
    if row is None:
        return Progress(0, 0, waiting, None, 0, "", None)
    return Progress(row.sent, row.left_out, waiting, row.last_at, row.failures, row.why, row.next_at)


def _plan(database: DepotDatabase, adapter: str, now: datetime) -> tuple[int, int] | None:
    """Note which reads are the next batch; return the number before the first, and the last. None: nothing to send."""
    with database.writing() as connection:
        take_turn(connection, f"national {adapter}")
        row = _row(connection, adapter)
        if row is None:
            fresh = {"adapter": adapter, "seq": 0, "sent": 0, "left_out": 0, "failures": 0, "why": ""}
            connection.execute(insert(national_sending).values(fresh))
            row = _row(connection, adapter)
            assert row is not None
        if row.planned is not None:
            return row.seq, row.planned
        end = _end(connection, row.seq, now)
        if end is None:
            return None
        connection.execute(_of(adapter).values(planned=end))
        return row.seq, end


def _end(connection: Connection, begin: int, now: datetime) -> int | None:
    later = _reads.c.seq > begin
    young = select(func.min(_reads.c.seq)).where(later, _reads.c.received_at > now - SETTLED)
    first = connection.execute(young).scalar()
    settled = later if first is None else later & (_reads.c.seq < first)
    some = select(_reads.c.seq).where(settled).order_by(_reads.c.seq).limit(BATCH).subquery()
    end: int | None = connection.execute(select(func.max(some.c.seq))).scalar()
    return end


def _batch(
    database: DepotDatabase, pictures: DepotPictures, begin: int, end: int, feed_id: str
) -> tuple[Batch, Counter[LeftOut]]:
    with database.reading() as connection:
        rows = connection.execute(
            select(_reads).where(_reads.c.seq > begin, _reads.c.seq <= end).order_by(_reads.c.seq)
        ).all()
        epoch = epoch_of(connection)  # after a restore numbers are given again
    left_out: Counter[LeftOut] = Counter()
    reads: list[tuple[str, ReadPayload]] = []
    for row in rows:
        read = _read(row.payload)
        why = LeftOut.NOT_UNDERSTOOD if read is None else why_left_out(read, feed_id)
        if read is None or why is not None:
            left_out[why or LeftOut.NOT_UNDERSTOOD] += 1
        else:
            reads.append((row.car_id, read))
    names = {name for _, read in reads for name in (read.patch_sha256, read.overview_sha256) if name}
    at_hand = pictures.readable(sorted(names))
    records: list[NationalRecord] = []
    for car_id, read in reads:
        record, without = record_of(car_id, read, feed_id, at_hand)
        records.append(record)
        left_out.update(without)
    return Batch(f"reads-{epoch}-{begin + 1:012}-{end:012}", tuple(records)), left_out


def _read(content: bytes) -> ReadPayload | None:
    try:
        payload = payload_of(Kind.READ, content)
    except NotUnderstood:
        return None
    return payload if isinstance(payload, ReadPayload) else None


def _note_sent(
    database: DepotDatabase, adapter: str, end: int, batch: Batch, left_out: Mapping[LeftOut, int], now: datetime
) -> None:
    reads = sum(left_out.get(why, 0) for why in (LeftOut.ENTERED, LeftOut.NOT_UNDERSTOOD, LeftOut.NO_FEED))
    with database.writing() as connection:
        here = national_sending.c
        connection.execute(
            _of(adapter).values(
                seq=end,
                planned=None,
                sent=here.sent + len(batch.records),
                left_out=here.left_out + reads,
                last_at=now,
                failures=0,
                why="",
                next_at=None,
            )
        )
        if batch.records:
            add_audit(connection, "operator", "reads disclosed", batch.name, f"{len(batch.records)} by {adapter}")


def _note_failure(database: DepotDatabase, adapter: str, why: str, now: datetime) -> None:
    with database.writing() as connection:
        row = _row(connection, adapter)
        failures = 1 + (row.failures if row else 0)
        wait = min(FIRST_WAIT * 2 ** min(failures - 1, 20), LONGEST_WAIT)
        connection.execute(_of(adapter).values(failures=failures, why=why, next_at=now + wait))


def _row(connection: Connection, adapter: str) -> Row[Any] | None:
    return connection.execute(select(national_sending).where(national_sending.c.adapter == adapter)).one_or_none()


def _of(adapter: str) -> Any:
    return update(national_sending).where(national_sending.c.adapter == adapter)
