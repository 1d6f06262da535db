"""A read as a search shows it: what the camera says, and what officers said of it since."""

import json
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, and_, or_, select

from patrol_anpr.depot.keeping.items import WRONG_CLOCK_DAYS
from patrol_anpr.depot.search.question import How, Question
from patrol_anpr.depot.tables import items
from patrol_anpr.domain.read import ENTERED
from patrol_anpr.wire.payloads import (
    CorrectionPayload,
    HitPayload,
    Kind,
    NotUnderstood,
    OutcomePayload,
    Payload,
    payload_of,
)

_FAST_CLOCK = timedelta(days=1)
_SLOW_CLOCK = timedelta(days=WRONG_CLOCK_DAYS)


@dataclass(frozen=True, slots=True)
class HitFound:
    """A hit of a read with what was said of it, in order."""

    hit: HitPayload
    outcomes: tuple[OutcomePayload, ...]


@dataclass(frozen=True, slots=True)
class About:
    """What else came of one read. `not_understood` counts records about it that this version cannot read."""

    hits: tuple[HitFound, ...] = ()
    corrections: tuple[CorrectionPayload, ...] = ()
    not_understood: int = 0

    @property
    def officer_says(self) -> tuple[str, str] | None:
        """The mark that an officer's last word says, and whose word it is; None where the camera's stands alone."""
        words: list[tuple[datetime, str, str]] = [(one.at, one.vrm, one.officer_id) for one in self.corrections]
        for found in self.hits:
            said: list[tuple[datetime, str, str]] = []
            for outcome in found.outcomes:
                if outcome.undone:
                    said.clear()
                elif outcome.corrected_vrm is not None:
                    said.append((outcome.at, outcome.corrected_vrm, outcome.officer_id))
            words += said
        return max(words)[1:] if words else None


NOTHING_ELSE = About()


@dataclass(frozen=True, slots=True)
class ReadFound:
    """One read of an answer. `place` is its number there, from 1. `fields` are those of its payload.

    A read that came from a newer car is `doubted`, and shows what it says in the fields that are known. `payload` is
    what the car sent, to the byte.
    """

    place: int
    seq: int
    car_id: str
    item_id: str
    sha256: str
    captured_at: datetime
    received_at: datetime
    doubt: str
    payload: bytes
    looked_at: datetime | None
    how: How
    about: About = NOTHING_ELSE
    fields: Mapping[str, Any] = field(default_factory=dict)

    @property
    def read_id(self) -> str:
        """The id its car gave it."""
        return str(self.fields.get("read_id") or self.item_id.removeprefix("read:"))

    @property
    def vrm(self) -> str:
        """The mark as the camera read it, or as an officer entered it."""
        return str(self.fields.get("vrm") or "")

    @property
    def officer_says(self) -> str | None:
        """Another mark than the camera read, by the word of an officer."""
        said = self.about.officer_says
        return said[0] if said is not None and said[0] != self.vrm else None

    @property
    def is_entered(self) -> bool:
        """Whether no camera made it: an officer saw the plate and entered its mark."""
        return self.fields.get("camera_id") == ENTERED

    @property
    def clock_was_wrong(self) -> bool:
        """Whether the time it says cannot be: then it was found by when it was received."""
        return not -_FAST_CLOCK <= self.received_at - self.captured_at <= _SLOW_CLOCK

    def picture(self, name: str) -> str | None:
        """The SHA-256 of its "patch" or "overview"; None where it has none."""
        said = self.fields.get(f"{name}_sha256")
        return said if isinstance(said, str) else None


def reads_of(
    connection: Connection, question: Question, finds: Sequence[tuple[int, int, datetime, datetime | None]]
) -> Sequence[ReadFound]:
    """Return the reads of some finds: place, number, time, and when looked at. What was erased since is left out.

    The transaction sees what it may (`dialect.open_reach`).
    """
    if not finds:
        return []
    these = or_(*(and_(items.c.seq == seq, items.c.captured_at == at) for _, seq, at, _ in finds))
    rows = {row.seq: row for row in connection.execute(select(items).where(these))}
    read_ids = {seq: str(_fields(row.payload).get("read_id", "")) for seq, row in rows.items()}
    abouts = _about(connection, {(row.car_id, read_ids[seq]) for seq, row in rows.items()})
    found = []
    for place, seq, _, looked_at in finds:
        if (row := rows.get(seq)) is None:
            continue
        fields = _fields(row.payload)
        about = abouts.get((row.car_id, read_ids[seq]), NOTHING_ELSE)
        said = about.officer_says
        found.append(
            ReadFound(
                place=place,
                seq=seq,
                car_id=row.car_id,
                item_id=row.item_id,
                sha256=row.sha256,
                captured_at=row.captured_at,
                received_at=row.received_at,
                doubt=row.doubt,
                payload=row.payload,
                looked_at=looked_at,
                how=question.how(str(fields.get("vrm") or ""), said[0] if said else None),
                about=about,
                fields=fields,
            )
        )
    return found


def _fields(payload: bytes) -> Mapping[str, Any]:
    with suppress(ValueError, RecursionError):
        said = json.loads(payload)
        if isinstance(said, dict):
            return said
    return {}


def _about(connection: Connection, reads: Iterable[tuple[str, str]]) -> Mapping[tuple[str, str], About]:
    """Return what else there is of reads, by car and read id."""
    wanted = {(car_id, read_id) for car_id, read_id in reads if read_id}
    of_reads = list(_records(connection, wanted, (Kind.HIT, Kind.CORRECTION)))
    hits = {(car_id, one.hit_id) for car_id, _, one in of_reads if isinstance(one, HitPayload)}
    of_hits = list(_records(connection, hits, (Kind.OUTCOME,)))
    abouts = {}
    for key in wanted:
        mine = [one for car_id, about_id, one in of_reads if (car_id, about_id) == key]
        found, unknown = [], sum(one is None for one in mine)
        for hit in sorted((one for one in mine if isinstance(one, HitPayload)), key=lambda one: one.raised_at):
            said = [one for car_id, about_id, one in of_hits if (car_id, about_id) == (key[0], hit.hit_id)]
            outcomes = sorted((one for one in said if isinstance(one, OutcomePayload)), key=lambda one: one.at)
            found.append(HitFound(hit, tuple(outcomes)))
            unknown += sum(one is None for one in said)
        corrections = sorted((one for one in mine if isinstance(one, CorrectionPayload)), key=lambda one: one.at)
        abouts[key] = About(tuple(found), tuple(corrections), unknown)
    return abouts


def _records(
    connection: Connection, about: Iterable[tuple[str, str]], kinds: Iterable[Kind]
) -> Iterable[tuple[str, str, Payload | None]]:
    """Yield the records about others, by car and id; None for one that is not understood."""
    ids = {about_id for _, about_id in about}
    if not ids:
        return
    query = select(items.c.car_id, items.c.about_id, items.c.kind, items.c.payload).where(
        items.c.about_id.in_(ids), items.c.kind.in_([kind.value for kind in kinds])
    )
    for car_id, about_id, kind, content in connection.execute(query):
        try:
            yield car_id, about_id, payload_of(kind, content)
        except NotUnderstood:
            yield car_id, about_id, None
