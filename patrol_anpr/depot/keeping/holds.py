"""Holding records as evidence: with a reason, an owner, and a day on which somebody looks whether it is needed still.

A hold never ends by itself. One whose review is overdue is told until a person says that it goes on, or releases it.
"""

import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from datetime import UTC, date, datetime, timedelta

from sqlalchemy import Connection, delete, insert, select, update

from patrol_anpr.depot.audit import add_audit
from patrol_anpr.depot.database import DepotDatabase
from patrol_anpr.depot.dialect import take_turn
from patrol_anpr.depot.naming import pictures_named
from patrol_anpr.depot.pictures import HELD, DepotPictures, place_row
from patrol_anpr.depot.storage.segments import Place, Segments
from patrol_anpr.depot.tables import holds, items, picture_places
from patrol_anpr.domain.errors import BadInput

HOLDS = "evidence on hold"
"""Who holds, and who erases, takes the turn at it: what is being erased cannot be held, nor the other way round."""
LONGEST_REVIEW = timedelta(days=366)
"""A hold is looked at once a year at least."""


@dataclass(frozen=True, slots=True)
class Hold:
    """A record on hold: why, whose it is, the day of its review ("" never said). `release_asked_by`: "" for nobody."""

    key_group: str
    car_id: str
    item_id: str
    reason: str
    owner: str
    held_at: datetime
    review_on: str
    release_asked_by: str
    release_reason: str
    ended_at: datetime | None

    def is_overdue(self, today: date) -> bool:
        """Tell whether somebody should have looked at it by now."""
        return self.ended_at is None and self.review_on < today.isoformat()


class Holding:
    """Holds and releases. Any thread may call, also beside a running depot."""

    def __init__(self, database: DepotDatabase, pictures: DepotPictures) -> None:
        self._database = database
        self._pictures = pictures
        self._segments = pictures.segments

    def hold(
        self, car_id: str, item_id: str, reason: str, owner: str, review_on: date, now: datetime, actor: str
    ) -> int:
        """Hold an item and its pictures as evidence; return how many pictures. They stay until they are released.

        Raises BadInput where there is no such item, or something is not said; Unreadable, OSError, SQLAlchemyError.
        """
        reason, owner = _said(reason, "why it is held"), _said(owner, "whose it is")
        _check_review(review_on, now)
        with self._database.reading() as connection:
            wanted = (items.c.car_id == car_id) & (items.c.item_id == item_id)
            payloads = connection.execute(select(items.c.payload).where(wanted)).scalars().all()
        if not payloads:
            raise BadInput("The depot holds no record of that car and id. Check both.")
        names = set().union(*(pictures_named(payload) for payload in payloads))
        group = f"{HELD}{secrets.token_hex(16)}"
        places: Sequence[Place] = ()
        if names:
            places = self._segments.put(group, {name: self._pictures.content(name) for name in names})
        with self._database.writing() as connection:
            take_turn(connection, HOLDS)
            if places:
                connection.execute(insert(picture_places), [place_row(place, car_id) for place in places])
            row = {"key_group": group, "car_id": car_id, "item_id": item_id, "reason": reason, "held_at": now}
            row |= {"owner": owner, "review_on": review_on.isoformat(), "release_asked_by": "", "release_reason": ""}
            connection.execute(insert(holds).values(row))
            if connection.execute(select(items.c.seq).where(wanted)).first() is None:
                raise BadInput("This record was erased just now: it was past its date.")
            add_audit(connection, actor, "record held", item_id, f"{reason}; {owner}; review {review_on}")
        if places:  # after the commit: what is held, and no row names, would never be deleted
            self._segments.objects.hold(places[0].segment, held=True)
        return len(places)

    def release(self, car_id: str, item_id: str, reason: str, now: datetime, actor: str) -> int:
        """End every hold of an item; its pictures stay as long as their day does. Returns how many holds there were.

        Raises BadInput where there is none; OSError, SQLAlchemyError.
        """
        with self._database.writing() as connection:
            held = open_holds(connection, car_id, item_id)
            if not held:
                raise BadInput("Nothing is held of that car and id. Check both.")
            _end(connection, held, reason, now, actor)
        _let_go(self._segments, [one.key_group for one in held])
        return len(held)

    def review(self, key_group: str, reason: str, review_on: date, now: datetime, actor: str) -> None:
        """Say that a hold goes on, why, and when it is looked at next; a release that was asked for is refused by it.

        Raises BadInput, SQLAlchemyError.
        """
        reason = _said(reason, "why it goes on")
        _check_review(review_on, now)
        with self._database.writing() as connection:
            hold = _open_hold(connection, key_group)
            values = {"review_on": review_on.isoformat(), "release_asked_by": "", "release_reason": ""}
            connection.execute(update(holds).where(holds.c.key_group == key_group).values(values))
            add_audit(connection, actor, "hold reviewed", hold.item_id, f"{reason}; next review {review_on}")

    def ask_release(self, key_group: str, reason: str, actor: str) -> None:
        """Ask for a release; another person must agree. Raises BadInput, SQLAlchemyError."""
        reason = _said(reason, "why it may be released")
        with self._database.writing() as connection:
            hold = _open_hold(connection, key_group)
            values = {"release_asked_by": actor, "release_reason": reason}
            connection.execute(update(holds).where(holds.c.key_group == key_group).values(values))
            add_audit(connection, actor, "release asked for", hold.item_id, reason)

    def agree_release(self, key_group: str, now: datetime, actor: str) -> None:
        """Release what another person asked for. Raises BadInput, OSError, SQLAlchemyError."""
        with self._database.writing() as connection:
            hold = _open_hold(connection, key_group)
            if not hold.release_asked_by:
                raise BadInput("Nobody has asked for the release of this record. Ask for it first, with a reason.")
            if hold.release_asked_by == actor:
                raise BadInput("You asked for this release, so another person has to agree to it.")
            said = f"{hold.release_reason}; asked for by {hold.release_asked_by}"
            _end(connection, [hold], said, now, actor)
        _let_go(self._segments, [key_group])


@dataclass(frozen=True, slots=True)
class Record:
    """A record that may be held: its kind, when it was made, how many pictures it names; nothing of its content."""

    kind: str
    captured_at: datetime
    pictures: int


def held_record(database: DepotDatabase, car_id: str, item_id: str) -> Record:
    """Return what a record is, for a look before it is held. Raises BadInput where there is none."""
    query = select(items.c.kind, items.c.captured_at, items.c.payload)
    with database.reading() as connection:
        row = connection.execute(query.where(items.c.car_id == car_id, items.c.item_id == item_id)).first()
    if row is None:
        raise BadInput("The depot holds no record of that car and id. Check both.")
    return Record(row.kind, row.captured_at, len(pictures_named(row.payload)))


def open_holds(connection: Connection, car_id: str | None = None, item_id: str | None = None) -> Sequence[Hold]:
    """Return what is on hold, of one item or of all, the one whose review comes first at the top."""
    query = select(*(holds.c[one.name] for one in fields(Hold))).where(holds.c.ended_at.is_(None))
    if car_id is not None:
        query = query.where(holds.c.car_id == car_id, holds.c.item_id == item_id)
    return [Hold(*row) for row in connection.execute(query.order_by(holds.c.review_on, holds.c.key_group))]


def let_go_of_ended(database: DepotDatabase, segments: Segments) -> None:
    """Delete the pictures of releases that broke off. Raises OSError, SQLAlchemyError."""
    with database.reading() as connection:
        ended = set(connection.execute(select(holds.c.key_group).where(holds.c.ended_at.is_not(None))).scalars())
    _let_go(segments, [group for group in segments.keys.groups() if group in ended])


def _end(connection: Connection, ending: Sequence[Hold], reason: str, now: datetime, actor: str) -> None:
    """End holds of one item. Raises BadInput where one is not as it was read: a review goes before a release."""
    for hold in ending:
        same = (holds.c.key_group == hold.key_group) & (holds.c.release_asked_by == hold.release_asked_by)
        still = update(holds).where(same, holds.c.ended_at.is_(None))
        if connection.execute(still.values(ended_at=now)).rowcount != 1:
            raise BadInput("Somebody else has just decided on this hold. Look at it again.")
    connection.execute(delete(picture_places).where(picture_places.c.key_group.in_([one.key_group for one in ending])))
    add_audit(connection, actor, "record released", ending[0].item_id, reason)


def _let_go(segments: Segments, groups: Iterable[str]) -> None:
    """Delete what was held. The key goes last: it says that there is something left to delete."""
    for group in groups:
        for one in list(segments.objects.list(group)):
            segments.objects.hold(one.name, held=False)
            segments.objects.delete(one.name)
        segments.keys.destroy(group)


def _open_hold(connection: Connection, key_group: str) -> Hold:
    for hold in open_holds(connection):
        if hold.key_group == key_group:
            return hold
    raise BadInput("This record is held no longer.")


def _said(text: str, what: str) -> str:
    if not text.strip():
        raise BadInput(f"Say {what}: it is kept in the audit.")
    return text.strip()


def _check_review(review_on: date, now: datetime) -> None:
    today = now.astimezone(UTC).date()
    if not today < review_on <= today + LONGEST_REVIEW:
        raise BadInput("The review of a hold lies ahead, and at most a year. Choose another day.")
