"""Which reads answer a question: the one place where a search asks the database."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Connection, and_, or_, select, union

from patrol_anpr.depot.dialect import days_before
from patrol_anpr.depot.keeping.items import WRONG_CLOCK_DAYS
from patrol_anpr.depot.search.question import METRES_A_DEGREE, Area, Question
from patrol_anpr.depot.tables import items, known_items
from patrol_anpr.domain.search import ANY, ONE
from patrol_anpr.domain.vrm import fold
from patrol_anpr.wire.payloads import Kind

MOST_FOUND = 500
"""Reads of one answer. Who needs more asks a narrower question."""
_FAST_CLOCK_DAYS = 1


@dataclass(frozen=True, slots=True)
class Finds:
    """The reads found, the newest first, by number and time; `more`: there were others, which are not among them."""

    reads: tuple[tuple[int, datetime], ...]
    more: bool


def find_reads(connection: Connection, question: Question) -> Finds:
    """Find what the transaction may see (`dialect.open_reach`). An officer's word on a mark counts as the camera's."""
    said, more = _said_by_officers(connection, question) if question.mark else ([], False)
    columns = (items.c.seq, items.c.captured_at)
    wanted = [items.c.kind == Kind.READ.value, *_where(question)]
    arms = []
    for time in _times(connection, question):
        arms.append(select(*columns).where(*wanted, time, *_of_mark(question.mark)))
        if said:
            arms.append(select(*columns).where(*wanted, time, items.c.seq.in_(said)))
    both = union(*arms).subquery()
    query = select(both).order_by(both.c.captured_at.desc(), both.c.seq.desc()).limit(MOST_FOUND + 1)
    rows = [(row.seq, row.captured_at) for row in connection.execute(query)]
    return Finds(tuple(rows[:MOST_FOUND]), more or len(rows) > MOST_FOUND)


def _where(question: Question) -> Iterator[ColumnElement[bool]]:
    if question.car_id:
        yield items.c.car_id == question.car_id
    if question.area is not None:
        yield _in_area(question.area)


def _of_mark(mark: str) -> Iterator[ColumnElement[bool]]:
    """The bounds come first and by themselves: only by them may an index be used beside the wall of the age tiers.

    PostgreSQL lets no LIKE look at a row that the wall has not let through, but comparisons it does.
    """
    if not mark:
        return
    folded = fold(mark)
    if not {ONE, ANY} & set(folded):
        yield items.c.folded == folded
        return
    begins = _until_wildcard(folded)
    ends = _until_wildcard(folded[::-1])
    column, known = (items.c.folded, begins) if len(begins) >= len(ends) else (items.c.folded_back, ends)
    yield column >= known
    if known:
        yield column < known[:-1] + chr(ord(known[-1]) + 1)
    yield items.c.folded.like(folded.replace(ONE, "_").replace(ANY, "%"))


def _until_wildcard(folded: str) -> str:
    return folded[: min(folded.find(one) for one in (ONE, ANY) if one in folded)]


def _in_area(area: Area) -> ColumnElement[bool]:
    """As Area.has has it."""
    east_metres = METRES_A_DEGREE * math.cos(math.radians(area.latitude))
    north = (items.c.latitude - area.latitude) * METRES_A_DEGREE
    east = (items.c.longitude - area.longitude) * east_metres
    return north * north + east * east <= area.metres * area.metres


def _times(connection: Connection, question: Question) -> Iterator[ColumnElement[bool]]:
    """When it was, by the car's clock; and where that was wrong by far, by when the read was received.

    Each is a query of its own, so that only months are looked at in which there can be some.
    """
    at, received, begin, end = items.c.captured_at, items.c.received_at, question.begin, question.end
    yield and_(at >= begin, at < end)
    came = and_(received >= begin, received < end)
    long_ago = end - timedelta(days=WRONG_CLOCK_DAYS)
    yield and_(at < min(begin, long_ago), at < days_before(connection, received, WRONG_CLOCK_DAYS), came)
    yield and_(at >= end, days_before(connection, at, _FAST_CLOCK_DAYS) > received, came)


def _said_by_officers(connection: Connection, question: Question) -> tuple[list[int], bool]:
    """Return the numbers of the reads of which an officer once said that mark; and whether there were too many."""
    kinds = (Kind.CORRECTION.value, Kind.OUTCOME.value)
    query = (
        select(items.c.car_id, items.c.kind, items.c.about_id)
        .where(items.c.kind.in_(kinds), items.c.captured_at >= question.begin, items.c.about_id.is_not(None))
        .where(*_of_mark(question.mark))
        .limit(MOST_FOUND + 1)
    )
    words = connection.execute(query).all()
    of_hits = {(row.car_id, f"hit:{row.about_id}") for row in words if row.kind == Kind.OUTCOME.value}
    reads = {(row.car_id, f"read:{row.about_id}") for row in words if row.kind == Kind.CORRECTION.value}
    if of_hits:
        hits = select(items.c.car_id, items.c.about_id).join(known_items, known_items.c.seq == items.c.seq)
        for car_id, read_id in connection.execute(hits.where(_known(of_hits))):
            reads.add((car_id, f"read:{read_id}"))
    if not reads:
        return [], False
    numbers = connection.execute(select(known_items.c.seq).where(_known(reads))).scalars()
    return list(numbers), len(words) > MOST_FOUND


def _known(named: set[tuple[str, str]]) -> ColumnElement[bool]:
    """Known items by car and id."""
    cars = sorted({car_id for car_id, _ in named})
    of_car = {car: sorted(item_id for car_id, item_id in named if car_id == car) for car in cars}
    return or_(*(and_(known_items.c.car_id == car, known_items.c.item_id.in_(ids)) for car, ids in of_car.items()))
