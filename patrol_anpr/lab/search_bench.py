"""How fast reads are found in a large depot on PostgreSQL, and how fast a month of them is erased.

`python -m patrol_anpr.lab.search_bench URL [READS]`: URL is of an empty database, with an account that may make roles.
It is filled with READS invented reads (10 million) over 14 months, as cars would send them.
"""

import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
from sqlalchemy import Connection, text

from patrol_anpr.depot.database import DepotDatabase, make_depot_folder
from patrol_anpr.depot.dialect import erase_month, make_month, months_kept, open_reach
from patrol_anpr.depot.postgres import postgres_engine, prepare_postgres
from patrol_anpr.depot.roles import Role
from patrol_anpr.depot.search.asking import PAGE, Searching
from patrol_anpr.depot.search.finding import find_reads
from patrol_anpr.depot.search.found import reads_of
from patrol_anpr.depot.search.law import LONGEST_OPEN_ENDED, Asker, Reach, Why
from patrol_anpr.depot.search.question import Area, Question
from patrol_anpr.depot.settings import keep_database_url, postgresql_url
from patrol_anpr.wire.payloads import Motion, ReadPayload, canonical_json

READS, MONTHS = 10_000_000, 14
_MARKS_SHARE = 0.3
"""So many different marks as reads: a car is read three times on average, and some much more often."""
_CORRECTED = 500
"""One read of so many was corrected by an officer."""
_PLACE = (53.2, -2.9)
_FOREVER = date(2999, 1, 1)
_ASKER = Asker("bench", may_search=True, may_audit=False, training_ends=_FOREVER, policy_ends=_FOREVER)
_WHY = Why.of("volume", "BENCH", "How long it takes to be answered")

# The reads of one month, in the order of their time; which mark is drawn from a table, some far more often than others.
_FILL = """
INSERT INTO items (seq, captured_at, car_id, item_id, sha256, kind, payload, received_at, doubt, folded, folded_back,
    latitude, longitude)
SELECT seq, at, 'B' || seq % 40, 'read:' || seq, md5(seq::text) || md5(seq::text), 'read',
    convert_to(replace(replace(:payload, 'AB12CDE', vrm), 'BENCHREAD', 'r' || seq), 'UTF8'),
    at + interval '2 hours', '',
    translate(vrm, 'OI', '01'), reverse(translate(vrm, 'OI', '01')), :latitude + random() / 2, :longitude + random() / 2
FROM (
    SELECT CAST(:first AS bigint) + n AS seq, CAST(:begins AS timestamptz) + n * CAST(:step AS interval) AS at,
        floor(power(random(), 2) * :marks)::int AS mark
    FROM generate_series(0, CAST(:count AS bigint) - 1) AS n) AS drawn
JOIN bench_marks USING (mark)
"""
_CORRECT = """
INSERT INTO items (seq, captured_at, car_id, item_id, sha256, kind, payload, received_at, doubt, folded, folded_back,
    about_id)
SELECT :last + seq, captured_at, car_id, 'correction:' || seq, sha256, 'correction', payload, received_at, '',
    folded, folded_back, 'r' || seq
FROM items WHERE seq % :every = 0 AND kind = 'read'
"""


@dataclass(frozen=True, slots=True)
class Timed:
    """What was done and the seconds of each time."""

    what: str
    seconds: tuple[float, ...]

    @property
    def p50(self) -> float:
        """Seconds that half of them took at most."""
        return statistics.median(self.seconds)

    @property
    def p99(self) -> float:
        """Seconds that 99 of 100 took at most; the longest of fewer."""
        return statistics.quantiles(self.seconds, n=100)[98] if len(self.seconds) >= 100 else max(self.seconds)


def bench_search(url: str, reads: int = READS, times: int = 200) -> Iterator[Timed]:
    """Fill the empty database at `url` with `reads` reads, search it `times` times, and erase its oldest month."""
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch) / "depot"
        make_depot_folder(folder)
        keep_database_url(folder, url)
        prepare_postgres(postgresql_url(url))
        began = time.perf_counter()
        marks = _fill(url, reads, datetime.now(UTC))
        yield Timed(f"{reads:,} reads put in", (time.perf_counter() - began,))
        with closing(DepotDatabase(folder, Role.SEARCH)) as database:
            yield from _searched(database, marks, times)
        with closing(DepotDatabase(folder, Role.RETENTION)) as database:
            yield _erased(database)
        yield _dropped(url)


def _fill(url: str, reads: int, now: datetime) -> Sequence[str]:
    marks = _marks(max(10, int(reads * _MARKS_SHARE)))
    engine = postgres_engine(postgresql_url(url), None, 1)
    try:
        with engine.begin() as connection:
            connection.execute(text("CREATE TEMPORARY TABLE bench_marks (mark int PRIMARY KEY, vrm text)"))
            _copy_marks(connection, marks)
            connection.execute(text("ANALYZE bench_marks"))
            months = _months(now)
            for place, month in enumerate(months):
                make_month(connection, month)
                ends = months[place + 1] if place + 1 < len(months) else now.date()
                count = reads // MONTHS
                values = {
                    "payload": _PAYLOAD,
                    "latitude": _PLACE[0],
                    "longitude": _PLACE[1],
                    "first": place * count + 1,
                    "begins": datetime(month.year, month.month, 1, tzinfo=UTC),
                    "step": (datetime(ends.year, ends.month, ends.day, tzinfo=UTC) - _start(month)) / count,
                    "marks": len(marks),
                    "count": count,
                }
                connection.execute(text(_FILL), values)
            connection.execute(text(_CORRECT), {"last": reads, "every": _CORRECTED})
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("VACUUM (ANALYZE) items"))  # as the server does by itself, in time
    finally:
        engine.dispose()
    return marks


def _marks(count: int) -> list[str]:
    """Marks of the current format, drawn all at once: one by one, three million take longer than the bench."""
    rng = np.random.default_rng(1)
    letters, digits = np.array(list("ABCDEFGHJKLMNOPRSTUVWXY")), np.array(list("0123456789"))
    columns = [rng.choice(digits if place in (2, 3) else letters, count) for place in range(7)]
    return list(dict.fromkeys(map("".join, zip(*columns, strict=True))))


def _months(now: datetime) -> list[date]:
    """The first days of this month and of those before, the oldest first."""
    months = [now.date().replace(day=1)]
    while len(months) < MONTHS:
        months.append((months[-1] - timedelta(days=1)).replace(day=1))
    return months[::-1]


def _start(month: date) -> datetime:
    return datetime(month.year, month.month, month.day, tzinfo=UTC)


def _copy_marks(connection: Connection, marks: Sequence[str]) -> None:
    driver: Any = connection.connection.driver_connection
    with driver.cursor() as cursor, cursor.copy("COPY bench_marks FROM STDIN") as copy:
        for place, mark in enumerate(marks):
            copy.write_row((place, mark))


def _payload() -> str:
    at = datetime(2026, 1, 1, tzinfo=UTC)
    payload = ReadPayload(
        vrm="AB12CDE",
        captured_at=at,
        feed_id="bench",
        source_id="BENCH",
        camera_id="front",
        latitude=_PLACE[0],
        longitude=_PLACE[1],
        confidence=97,
        motion=Motion.TOWARD,
        patch_sha256="0" * 64,
        overview_sha256="1" * 64,
        read_id="BENCHREAD",
        chars=(0.99,) * 7,
        candidates=("AB12CDE", "A812CDE"),
        first_seen=at,
        last_seen=at,
        box=(1.0, 2.0, 3.0, 4.0),
    )
    return canonical_json(payload).decode("ascii")


_PAYLOAD = _payload()


def _searched(database: DepotDatabase, marks: Sequence[str], times: int) -> Iterator[Timed]:
    rng, now = np.random.default_rng(2), datetime.now(UTC)
    some = [marks[int(rng.random() ** 2 * len(marks))] for _ in range(times)]
    recent, whole = now - timedelta(days=89), now - timedelta(days=31 * MONTHS)
    searching = Searching(database, lambda: now)

    def asked(question: Question) -> None:
        search_id, _ = searching.ask(_ASKER, question, _WHY)
        searching.answer(_ASKER, search_id)

    def beyond(question: Question) -> None:
        with database.reading() as connection:
            open_reach(connection, Reach.BEYOND)
            found = find_reads(connection, question)
            page = [(place, seq, at, None) for place, (seq, at) in enumerate(found.reads[:PAGE], 1)]
            reads_of(connection, question, page)

    few = some[: max(5, times // 10)]
    yield _timed("a mark, 90 days, with its audit", asked, [Question.of(recent, now, mark=one) for one in some])
    yield _timed("a mark, all months", beyond, [Question.of(whole, now, mark=one) for one in some])
    patterns = {
        "a pattern, start known": [f"{one[:3]}*" for one in few],
        "a pattern, end known": [f"*{one[-3:]}" for one in few],
        "a pattern, holes": [f"?{one[1]}?{one[3:5]}?{one[6:]}" for one in few],
    }
    for what, of_kind in patterns.items():
        yield _timed(f"{what}, all months", beyond, [Question.of(whole, now, mark=one) for one in of_kind])
    month = now - LONGEST_OPEN_ENDED
    middles = [Question.of(month, now, mark=f"*{one[2:5]}*") for one in few]
    yield _timed(f"a pattern, middle known, {LONGEST_OPEN_ENDED.days} days", beyond, middles)
    area = Area.of(_PLACE[0] + 0.25, _PLACE[1] + 0.25, 2_000)
    days = [now - timedelta(days=float(rng.uniform(2, 80))) for _ in few]
    places = [Question.of(day, day + timedelta(hours=24), area=area) for day in days]
    yield _timed("a place, 24 hours", beyond, places)


def _timed(what: str, ask: Callable[[Question], None], questions: Sequence[Question]) -> Timed:
    ask(questions[0])
    seconds = []
    for question in questions:
        began = time.perf_counter()
        ask(question)
        seconds.append(time.perf_counter() - began)
    return Timed(what, tuple(seconds))


def _erased(database: DepotDatabase) -> Timed:
    with database.reading() as connection:
        oldest = months_kept(connection)[0]
    began = time.perf_counter()
    with database.writing() as connection:
        gone = erase_month(connection, oldest)
    return Timed(f"a month of {gone:,} reads erased", (time.perf_counter() - began,))


def _dropped(url: str) -> Timed:
    """Take the oldest month away without looking what is in it: what of erasing keeps cars and searches waiting."""
    engine = postgres_engine(postgresql_url(url), None, 1)
    try:
        with engine.connect() as connection:
            oldest = f"items_{months_kept(connection)[0]:%Y_%m}"
        began = time.perf_counter()
        with engine.begin() as connection:
            connection.execute(text(f"ALTER TABLE items DETACH PARTITION {oldest}"))
            connection.execute(text(f"DROP TABLE {oldest}"))
        return Timed("a month's partition dropped", (time.perf_counter() - began,))
    finally:
        engine.dispose()


def line_of(timed: Timed) -> str:
    """Say what was measured."""
    return f"{timed.what:<36} {len(timed.seconds):>4} times   p50 {timed.p50:8.3f} s   p99 {timed.p99:8.3f} s"


def main(arguments: Sequence[str]) -> None:
    """Measure, and print a line each."""
    url, *rest = arguments
    for timed in bench_search(url, int(rest[0]) if rest else READS):
        sys.stdout.write(f"{line_of(timed)}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main(sys.argv[1:])
