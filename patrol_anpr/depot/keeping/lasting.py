"""Which items outlive the reads of their day: hits, what was decided on them, and the reads they are about.

A read does not say that it raised a hit: the hit names it. So before anything is erased, hits, outcomes and corrections
are looked into as far as reads are past their date.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from itertools import islice
from typing import Any, TypeVar

from pydantic_core import from_json
from sqlalchemy import Connection, delete, insert, select, update

from patrol_anpr.depot.database import DepotDatabase
from patrol_anpr.depot.keeping.classes import Keep
from patrol_anpr.depot.naming import pictures_named
from patrol_anpr.depot.tables import items, known_items, lasting_items
from patrol_anpr.wire.payloads import Kind

LASTING = (Keep.HITS, Keep.DECIDED)
_LATER = timedelta(days=45)
"""What is said of a hit comes at most so long after it; more would only be looked into in vain."""
_WAITED = timedelta(days=45)
"""A picture comes at most so long before the read that it is of."""
_FORGOTTEN = timedelta(days=400)
"""A mark outlives its items by so long: one may have come in two ways, the second of them later."""
_AT_ONCE = 500
_T = TypeVar("_T")

_Item = tuple[str, str]
"""Car and item id."""


@dataclass(slots=True)
class _Said:
    """What hits, outcomes and corrections say of each other, by car and id."""

    reads: dict[_Item, _Item] = field(default_factory=dict)  # hit -> its read
    outcomes: dict[_Item, _Item] = field(default_factory=dict)  # outcome -> its hit
    corrections: dict[_Item, _Item] = field(default_factory=dict)  # correction -> its read

    def add(self, car_id: str, item_id: str, kind: str, fields: Mapping[str, Any]) -> None:
        """Note one. What is not understood has no hit to name, and counts as any other record."""
        item = car_id, item_id
        if kind == Kind.HIT:
            self.reads[item] = car_id, f"{Kind.READ}:{fields.get('read_id')}"
        elif kind == Kind.OUTCOME:
            self.outcomes[item] = car_id, f"{Kind.HIT}:{fields.get('hit_id')}"
        else:
            self.corrections[item] = car_id, f"{Kind.READ}:{fields.get('read_id')}"

    def classes(self) -> dict[_Item, Keep]:
        """Return the class of every item that is not as any other."""
        decided = set(self.outcomes.values())
        found: dict[_Item, Keep] = {}
        for hit, read in self.reads.items():
            found[hit] = Keep.DECIDED if hit in decided else Keep.HITS
            if found.get(read) is not Keep.DECIDED:
                found[read] = found[hit]
        found.update(dict.fromkeys(self.outcomes, Keep.DECIDED))
        found.update({item: found[read] for item, read in self.corrections.items() if read in found})
        return found


def mark_lasting(database: DepotDatabase, reads_before: date, now: datetime) -> None:
    """Mark which of the items before that day outlive the reads of their day. Raises SQLAlchemyError."""
    end = datetime.combine(reads_before, time(), UTC) + _LATER
    query = select(items.c.car_id, items.c.item_id, items.c.kind, items.c.payload).where(
        items.c.kind.in_([Kind.HIT.value, Kind.OUTCOME.value, Kind.CORRECTION.value]),
        (items.c.captured_at < end) | (items.c.received_at < end),
    )
    said = _Said()
    with database.reading() as connection:
        for row in connection.execute(query).yield_per(_AT_ONCE):
            said.add(row.car_id, row.item_id, row.kind, _fields_of(row.payload))
        marked = {(row.car_id, row.item_id): row.keep for row in connection.execute(select(lasting_items))}
    rows = [
        {"car_id": item[0], "item_id": item[1], "keep": keep.value, "since": now}
        for item, keep in said.classes().items()
        if marked.get(item) not in (keep, Keep.DECIDED)  # an outcome may be erased before its hit, and still counts
    ]
    for some in _some(rows):
        with database.writing() as connection:
            for new in some:
                mine = (lasting_items.c.car_id == new["car_id"]) & (lasting_items.c.item_id == new["item_id"])
                if not connection.execute(update(lasting_items).where(mine).values(keep=new["keep"])).rowcount:
                    connection.execute(insert(lasting_items).values(new))


def forget_marks(connection: Connection, first_kept: Mapping[Keep, date]) -> None:
    """Delete the marks whose items went long ago."""
    for keep in LASTING:
        end = datetime.combine(first_kept[keep], time(), UTC) - _FORGOTTEN
        connection.execute(delete(lasting_items).where(lasting_items.c.keep == keep.value, lasting_items.c.since < end))


def lasting_pictures(connection: Connection, first: date, last: date) -> dict[str, Keep]:
    """Return the pictures of the marked reads that came on those days, or somewhat later than their pictures.

    By SHA-256; of a picture that two reads have, the class that is kept longer.
    """
    begin, end = (datetime.combine(day, time(), UTC) for day in (first, last))
    marked = select(items.c.payload, lasting_items.c.keep).where(
        known_items.c.car_id == lasting_items.c.car_id,
        known_items.c.item_id == lasting_items.c.item_id,
        items.c.seq == known_items.c.seq,
        items.c.kind == Kind.READ,
        items.c.received_at >= begin,
        items.c.received_at < end + _WAITED,
    )
    found: dict[str, Keep] = {}
    for row in connection.execute(marked).yield_per(_AT_ONCE):
        for sha256 in pictures_named(row.payload):
            if found.get(sha256) is not Keep.DECIDED:
                found[sha256] = Keep(row.keep)
    return found


def _fields_of(payload: bytes) -> Mapping[str, Any]:
    try:
        fields = from_json(payload)
    except ValueError:
        return {}
    return fields if isinstance(fields, dict) else {}


def _some(them: Sequence[_T]) -> Iterator[list[_T]]:
    left = iter(them)
    while some := list(islice(left, _AT_ONCE)):
        yield some
