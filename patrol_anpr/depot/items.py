"""The rows of items: which ones the depot knows, and putting new ones in. Within the transaction of whoever calls."""

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, fields
from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple

from sqlalchemy import Connection, insert, select

from patrol_anpr.depot.dialect import make_month, take_turn
from patrol_anpr.depot.search.marks import NOTHING, FoundBy
from patrol_anpr.depot.tables import items, known_items

_MOMENTS = ("captured_at", "raised_at", "at", "made_at", "started_at", "ended_at")
"""The fields of a payload that say when it happened, the first that it has."""


@dataclass(frozen=True, slots=True)
class NewItem:
    """An item that the depot does not know yet. `captured_at` is when it happened, as the car says."""

    item_id: str
    sha256: str
    kind: str
    status: str
    payload: bytes
    captured_at: datetime
    doubt: str = ""
    found_by: FoundBy = NOTHING


SETTLED = timedelta(minutes=15)
"""Who goes through the items by number passes over newer ones: one with a lower number may be in a transaction still,
and would never be seen."""
_NAMES = tuple(field.name for field in fields(NewItem) if field.name != "found_by")


class KnownItem(NamedTuple):
    """What is kept of an item for good. `seq` is the number on its receipt."""

    item_id: str
    sha256: str
    seq: int
    status: str


def captured_at(payload: Mapping[str, object], received_at: datetime) -> datetime:
    """Return when the record of a payload was made, as it says; when it was received where it says nothing usable.

    `payload` are its fields, as JSON or as their model has them.
    """
    for name in _MOMENTS:
        value = payload.get(name)
        if isinstance(value, str | datetime):
            with suppress(ValueError, OverflowError):  # not a moment, or one that UTC has no year for
                moment = datetime.fromisoformat(value) if isinstance(value, str) else value
                if moment.tzinfo is not None:
                    return moment.astimezone(UTC)
    return received_at


def known_of(connection: Connection, car_id: str, item_ids: Iterable[str]) -> Sequence[KnownItem]:
    """Return all of a car's items of these ids that ever came, erased ones too.

    No other transaction puts items of this car in until this one ends: a car that asks again is not answered twice.
    """
    take_turn(connection, f"items of {car_id}")
    query = select(known_items.c.item_id, known_items.c.sha256, known_items.c.seq, known_items.c.status).where(
        known_items.c.car_id == car_id, known_items.c.item_id.in_(set(item_ids))
    )
    return [KnownItem(*row) for row in connection.execute(query)]


def store_items(connection: Connection, car_id: str, new: Sequence[NewItem], now: datetime) -> list[int]:
    """Put items in that `known_of` does not name; return the number of each, in their order."""
    if not new:
        return []
    _make_months(connection, {one.captured_at.astimezone(UTC).date().replace(day=1) for one in new})
    # asdict would copy each value: with hundreds of reads to a pack that is most of the work.
    rows = [
        {name: getattr(one, name) for name in _NAMES} | {"car_id": car_id, "received_at": now} | one.found_by._asdict()
        for one in new
    ]
    known = insert(known_items).returning(known_items.c.seq, sort_by_parameter_order=True)
    names = ("car_id", "item_id", "sha256", "status")
    numbers = list(connection.execute(known, [{name: row[name] for name in names} for row in rows]).scalars())
    columns = [column.name for column in items.columns if column.name != "seq"]
    connection.execute(
        insert(items),
        [{name: row[name] for name in columns} | {"seq": number} for row, number in zip(rows, numbers, strict=True)],
    )
    return numbers


def _make_months(connection: Connection, months: set[date]) -> None:
    made: set[date] = connection.info.setdefault("months", set())
    for month in sorted(months - made):
        make_month(connection, month)
    made.update(months)
