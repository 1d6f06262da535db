"""Handing a read out as evidence: within a quota a person a day, and on record before it is made."""

import json
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time
from typing import Any

from sqlalchemy import ColumnElement, Connection, func, insert, select, update

from patrol_anpr.depot.audit import add_audit
from patrol_anpr.depot.database import DepotDatabase
from patrol_anpr.depot.dialect import clock_of, open_reach, take_turn
from patrol_anpr.depot.epoch import epoch_of
from patrol_anpr.depot.ingest import Taken
from patrol_anpr.depot.keys import DepotKeys
from patrol_anpr.depot.receipts import signed
from patrol_anpr.depot.search.asking import Searching
from patrol_anpr.depot.search.found import ReadFound
from patrol_anpr.depot.search.law import MOST_REASON, Asker, Refused
from patrol_anpr.depot.search.refusing import EXPORT_REFUSED, told
from patrol_anpr.depot.tables import items, known_items, read_exports
from patrol_anpr.domain.audit import AuditRow
from patrol_anpr.domain.errors import BadInput
from patrol_anpr.wire.payloads import Kind, Receipt, ReceiptStatus, canonical_json, sha256_of
from patrol_anpr.wire.receipts import HeldItem, HoldingsQuestion, PackReply

LEAST_REASON = 10
EXPORT = "evidence.export"
"""The action in the trail, as a car's has it."""


@dataclass(frozen=True, slots=True)
class HeldRecord:
    """One record as its car sent it: `content` are the bytes of `sha256`."""

    kind: str
    item_id: str
    sha256: str
    seq: int
    content: bytes

    @property
    def value(self) -> Mapping[str, Any]:
        """What it says."""
        said: Mapping[str, Any] = json.loads(self.content)
        return said


@dataclass(frozen=True, slots=True)
class Export:
    """What is handed out of one read, and why: the read and all records about it, and the depot's word on them.

    `proof` is the depot's receipt for exactly these records, signed anew; `asked` is what it answers. `row` is the row
    of the depot's trail that says so.
    """

    number: int
    read: ReadFound
    records: Sequence[HeldRecord]
    by: str
    case_number: str
    reason: str
    made_at: datetime
    asked: HoldingsQuestion
    proof: PackReply
    row: AuditRow


class Exporting:
    """Lets reads out. `a_day` is how many one person may hand out in a day (UTC). Any thread may call."""

    def __init__(self, database: DepotDatabase, searching: Searching, keys: DepotKeys, a_day: int) -> None:
        self._database, self._searching, self._keys, self._a_day = database, searching, keys, a_day

    def begin(self, asker: Asker, search_id: str, place: int, reason: str, now: datetime) -> Export | None:
        """Note that a read is handed out, and return what that is; None where this person found no such read.

        Raises BadInput for a reason that is none, Refused by the law or beyond the quota; SQLAlchemyError: then nothing
        may be handed out.
        """
        words = " ".join(reason.split())
        if sum(map(str.isalnum, words)) < LEAST_REASON or len(words) > MOST_REASON:
            raise BadInput(
                f"Say what the evidence is needed for, in {LEAST_REASON} letters to {MOST_REASON} characters."
            )
        found = self._searching.again(asker, search_id, place)
        if found is None:
            return None
        search, read = found
        with (
            told(self._database, asker.staff_id, EXPORT_REFUSED, read.item_id, f"search {search_id}"),
            self._database.writing() as connection,
        ):
            at = clock_of(connection, now)
            self._check_quota(connection, asker.staff_id, at)
            values = {"at": at, "staff_id": asker.staff_id, "search_id": search_id, "seq": read.seq, "sha256": ""}
            number = connection.execute(
                insert(read_exports).values(values).returning(read_exports.c.number)
            ).scalar_one()
            why = f"search {search_id}, case {search.why.case_number}: {words}"
            row = add_audit(connection, f"staff {asker.staff_id}", EXPORT, read.item_id, why)
        with self._database.reading() as connection:
            open_reach(connection, search.reach)
            records = _records(connection, read)
            asked, proof = self._proof(connection, read.car_id, records, at)
        case = search.why.case_number
        return Export(number, read, records, asker.staff_id, case, words, at, asked, proof, row)

    def done(self, export: Export, sha256: str) -> None:
        """Note what was handed out, before it is. Raises SQLAlchemyError."""
        with self._database.writing() as connection:
            row = update(read_exports).where(read_exports.c.number == export.number)
            connection.execute(row.values(sha256=sha256))
            add_audit(connection, f"staff {export.by}", "evidence.exported", export.read.item_id, f"file {sha256}")

    def _check_quota(self, connection: Connection, staff_id: str, at: datetime) -> None:
        take_turn(connection, f"exports of {staff_id}")
        today = datetime.combine(at.astimezone(UTC).date(), time(), UTC)
        mine = (read_exports.c.staff_id == staff_id, read_exports.c.at >= today)
        count = connection.execute(select(func.count()).select_from(read_exports).where(*mine)).scalar_one()
        if count >= self._a_day:
            raise Refused(f"You have handed out {count} reads today, as many as one person may. Go on tomorrow.")

    def _proof(
        self, connection: Connection, car_id: str, records: Sequence[HeldRecord], at: datetime
    ) -> tuple[HoldingsQuestion, PackReply]:
        asked = HoldingsQuestion(
            nonce=secrets.token_hex(16),
            items=tuple(HeldItem(item_id=one.item_id, sha256=one.sha256) for one in records),
        )
        numbers = [one.seq for one in records]
        query = select(known_items.c.seq, known_items.c.status).where(known_items.c.seq.in_(numbers))
        status = {row.seq: ReceiptStatus(row.status) for row in connection.execute(query)}
        receipts = tuple(
            Receipt(car_id=car_id, item_id=one.item_id, sha256=one.sha256, status=status[one.seq], seq=one.seq)
            for one in records
        )
        pack = sha256_of(canonical_json(asked))
        return asked, signed(self._keys, car_id, pack, Taken(receipts, (), epoch_of(connection)), at)


def _records(connection: Connection, read: ReadFound) -> list[HeldRecord]:
    """Return the read, its hits and their outcomes, and its corrections, each as it came."""

    def about(ids: Sequence[str], *kinds: Kind) -> list[HeldRecord]:
        of_ids = (items.c.about_id.in_(ids), items.c.kind.in_([kind.value for kind in kinds]))
        return _held(connection, items.c.car_id == read.car_id, *of_ids)

    own = HeldRecord(Kind.READ.value, read.item_id, read.sha256, read.seq, read.payload)
    hits = about([read.read_id], Kind.HIT)
    outcomes = about([one.item_id.removeprefix("hit:") for one in hits], Kind.OUTCOME)
    return [own, *hits, *outcomes, *about([read.read_id], Kind.CORRECTION)]


def _held(connection: Connection, *wanted: ColumnElement[bool]) -> list[HeldRecord]:
    columns = [items.c[name] for name in ("kind", "item_id", "sha256", "seq", "payload")]
    query = select(*columns).where(*wanted).order_by(items.c.captured_at, items.c.seq)
    return [HeldRecord(*row) for row in connection.execute(query)]
