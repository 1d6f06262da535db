"""Looking at everything a depot holds: is it there, is it what was received, does anything lie about?"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import groupby, islice
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, Table, func, select

from patrol_anpr.depot.audit import check_trail
from patrol_anpr.depot.car_trails import broken_trails
from patrol_anpr.depot.database import DepotDatabase
from patrol_anpr.depot.epoch import epoch_of
from patrol_anpr.depot.keeping.log import contradictions
from patrol_anpr.depot.naming import pictures_named
from patrol_anpr.depot.pictures import pictures_here, place_of
from patrol_anpr.depot.storage.objects import NoSuchObject
from patrol_anpr.depot.storage.segments import Segments, Unreadable
from patrol_anpr.depot.storage.tending import YOUNG
from patrol_anpr.depot.tables import items, picture_places, purged_groups
from patrol_anpr.depot.witnesses import contradicted
from patrol_anpr.wire.payloads import sha256_of

_PAGE = 500
MOST = 10_000
"""More findings than this are counted, not listed."""

Tell = Callable[[str, int, int], None]
"""Hears what is being looked at, how much of it is done, and how much there is."""


@dataclass(slots=True)
class Scrubbed:
    """What was looked at, and what is wrong: a sentence each, none of which holds a VRM, an officer or a place."""

    items: int = 0
    pictures: int = 0
    segments: int = 0
    audit_rows: int = 0
    epoch: int = 0
    wrong: int = 0
    findings: list[str] = field(default_factory=list)

    def found(self, sentence: str) -> None:
        """Note something that is wrong."""
        self.wrong += 1
        if len(self.findings) < MOST:
            self.findings.append(sentence)


class Scrub:
    """Looks at every item, picture and segment. It changes nothing, and the depot may be running."""

    def __init__(self, database: DepotDatabase, segments: Segments, now: datetime, tell: Tell) -> None:
        self._database = database
        self._segments = segments
        self._now = now
        self._tell = tell
        self._scrubbed = Scrubbed()

    def run(self) -> Scrubbed:
        """Look at everything once. Raises OSError, SQLAlchemyError where it cannot be read."""
        self._look_at_audit()
        self._look_at_items()
        self._look_at_pictures()
        self._look_at_segments()
        return self._scrubbed

    def _look_at_audit(self) -> None:
        with self._database.reading() as connection:
            check = check_trail(connection)
            broken = list(broken_trails(connection))
            wrong_log = list(contradictions(connection))
            unseen = list(contradicted(connection, epoch_of(connection)))
            self._scrubbed.epoch = epoch_of(connection)
        self._scrubbed.audit_rows = check.rows
        if not check.whole:
            self._scrubbed.found(f"audit: row {check.first_bad} is missing or was changed")
        for word in unseen:
            self._scrubbed.found(f"audit: row {word.seq} is not what car {word.car_id} saw and signed")
        for sentence in wrong_log:
            self._scrubbed.found(sentence)
        for one in broken:
            self._scrubbed.found(f"car {one.car_id}: {one.what} (row {one.seq})")

    def _look_at_items(self) -> None:
        count = self._count(items)
        with self._database.reading() as connection:
            purged = set(connection.execute(select(purged_groups.c.key_group)).scalars())
        for page in self._pages(select(items), items.c.seq):
            named = {row.seq: pictures_named(row.payload) for row in page}
            lacking = self._lacking(frozenset().union(*named.values()))
            for row in page:
                if purged.intersection(_days_of(row.received_at)):
                    named[row.seq] = frozenset()
                if sha256_of(row.payload) != row.sha256:
                    self._scrubbed.found(f"item {row.seq}: its content is not what was received")
                for sha256 in sorted(named[row.seq] & lacking):
                    self._scrubbed.found(f"item {row.seq}: the depot does not have its picture {sha256}")
            self._scrubbed.items += len(page)
            self._tell("items", self._scrubbed.items, count)

    def _look_at_pictures(self) -> None:
        count = self._count(picture_places)
        names = select(picture_places.c.segment).distinct()
        for page in self._pages(names, picture_places.c.segment):
            wanted = [row.segment for row in page]
            query = select(picture_places).where(picture_places.c.segment.in_(wanted))
            with self._database.reading() as connection:
                rows = connection.execute(query.order_by(picture_places.c.segment, picture_places.c.start)).all()
            for segment, places in groupby(rows, lambda row: row.segment):
                self._look_into(segment, list(places))
                self._tell("pictures", self._scrubbed.pictures, count)

    def _look_into(self, segment: str, rows: Sequence[Row[Any]]) -> None:
        size = max(row.start + row.length for row in rows)
        try:
            content = self._segments.objects.get(segment, 0, size)
        except NoSuchObject:
            content = b""
        for row in rows:
            self._scrubbed.pictures += 1
            try:
                if not content:
                    raise Unreadable("its segment is not there, or too short")
                picture = self._segments.open(place_of(row), content[row.start : row.start + row.length])
                if sha256_of(picture) != row.sha256:
                    raise Unreadable("it is not what was received")
            except Unreadable as fault:
                self._scrubbed.found(f"picture {row.sha256} in {segment}: {fault}")

    def _look_at_segments(self) -> None:
        stored = self._segments.objects.list()
        while page := list(islice(stored, _PAGE)):
            self._scrubbed.segments += len(page)
            names = [one.name for one in page if one.at < self._now - YOUNG]
            query = select(picture_places.c.segment).where(picture_places.c.segment.in_(names)).distinct()
            with self._database.reading() as connection:
                named = set(connection.execute(query).scalars())
            for name in names:
                if name not in named:
                    self._scrubbed.found(f"segment {name}: no record names it; a running depot deletes it")
            self._tell("segments", self._scrubbed.segments, self._scrubbed.segments)

    def _lacking(self, wanted: frozenset[str]) -> frozenset[str]:
        with self._database.reading() as connection:
            return wanted - pictures_here(connection, wanted)

    def _count(self, table: Table) -> int:
        with self._database.reading() as connection:
            return connection.execute(select(func.count()).select_from(table)).scalar_one()

    def _pages(self, query: Select[Any], key: ColumnElement[Any]) -> Iterator[Sequence[Row[Any]]]:
        """Give rows a page at a time, in the order of a key: no transaction is held open for hours."""
        page = self._page(query.order_by(key))
        while page:
            yield page
            page = self._page(query.where(key > page[-1]._mapping[key]).order_by(key))

    def _page(self, query: Select[Any]) -> Sequence[Row[Any]]:
        with self._database.reading() as connection:
            return connection.execute(query.limit(_PAGE)).all()


def _days_of(received_at: datetime) -> set[str]:
    """Name the days whose keys may seal the pictures of an item: they came with it, or before midnight."""
    day = received_at.astimezone(UTC).date()
    return {day.isoformat(), (day - timedelta(days=1)).isoformat()}
