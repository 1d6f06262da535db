"""Records that a car could not open any more: they come as they lay there, and only the depot's key opens them.

What is in them goes the way of a pack. They are deleted once all of it is in. Where some is not, they stay as they
came: an incident, a doubt of `depot doubts`, and `depot retry-closed` tries again, with a newer depot for one.
"""

import logging
import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from hashlib import file_digest
from pathlib import Path
from typing import Annotated

import sqlcipher3.dbapi2 as sqlcipher
from nacl.public import PrivateKey
from pydantic import Field, TypeAdapter
from sqlalchemy import insert

from patrol_anpr.depot.database import DepotDatabase
from patrol_anpr.depot.epoch import epoch_of
from patrol_anpr.depot.ingest import Ingest
from patrol_anpr.depot.tables import incidents
from patrol_anpr.domain.errors import BadInput
from patrol_anpr.plumbing.files import sync_folder, write_whole
from patrol_anpr.plumbing.sqlite import open_sqlite
from patrol_anpr.wire.closed import DATABASE, KEY, MAX_FILE_BYTES, PIECE_BYTES, ClosedManifest
from patrol_anpr.wire.outbox import OutboxItem
from patrol_anpr.wire.pack import Pack, read_pack
from patrol_anpr.wire.payloads import Kind, ReceiptStatus, canonical_json, sha256_of
from patrol_anpr.wire.records import without_pictures
from patrol_anpr.wire.sealing import RecordKeys

log = logging.getLogger(__name__)

FOLDER = "closed"
TAKEN, WHOLE, LEFT = "taken", "whole", "left"
"""In the folder of closed records. The SHA-256 of the manifest for which all was taken in, and the depot's epoch then;
that of the manifest for which all had arrived; and why some of it could not be taken in."""
BLOCK = 4096
"""Bytes that a file takes on a disk at least."""
AT_ONCE = 50
"""Records of one step: with their pictures well under what a pack may hold."""

NOT_OPENED = "closed records do not open, or not to their end"
NO_PICTURE = "closed records: reads came without their pictures"
NOT_TAKEN = "closed records: some are damaged, or were refused"

# Also what a car has a receipt for: the depot may have been restored since.
_NEXT = "SELECT seq, item_id, kind, payload, sha256, patch, overview FROM outbox WHERE seq > ? ORDER BY seq LIMIT ?"

_MOST_STEPS = 5_000_000
"""Of SQLite's machine, for one query, which needs some thousands: what a car made up must not keep the depot busy."""
_Seq = Annotated[int, Field(strict=True, ge=1, le=MAX_FILE_BYTES)]
_Bytes = Annotated[bytes, Field(strict=True)]
_Row = tuple[_Seq, str, str, _Bytes, str, _Bytes | None, _Bytes | None]
_SEQ, _ROW = TypeAdapter(_Seq), TypeAdapter(_Row)
"""What `_NEXT` answers: a column of SQLite holds whatever was put into it."""


class NotWhole(Exception):
    """What lies here is not, or not yet, what the car says it sent."""


@dataclass(frozen=True, slots=True)
class Step:
    """How far closed records were taken in; `after` is None when that is all of them. `left`: why some were not."""

    after: int | None
    left: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class LeftOver:
    """Closed records of which something could not be taken in: why, and since when."""

    car_id: str
    closed_id: str
    why: str
    at: datetime


class ClosedRecords:
    """Takes closed records of cars in. Any thread may call; of one car's the car itself sends one thing at a time."""

    def __init__(self, folder: Path, database: DepotDatabase, ingest: Ingest, key: PrivateKey) -> None:
        self._depot, self._folder = folder, folder / FOLDER
        self._database, self._ingest, self._key = database, ingest, key

    def size(self, car_id: str, closed_id: str, name: str) -> int:
        """How many bytes of a file are here."""
        try:
            return (self._at(car_id, closed_id) / name).stat().st_size
        except FileNotFoundError:
            return 0

    def lying(self, car_id: str) -> int:
        """How many bytes of a car lie here that are not taken in; a small file counts as a block of the disk."""
        files = (self._folder / car_id).glob("*/*")
        return sum(max(file.stat().st_size, BLOCK) for file in files)

    def append(self, car_id: str, closed_id: str, name: str, offset: int, content: bytes) -> int:
        """Append to a file, on the disk when this returns; what does not go on from its end is passed over."""
        folder = self._at(car_id, closed_id)
        if offset != self.size(car_id, closed_id, name):
            return self.size(car_id, closed_id, name)
        if not folder.exists():
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            for made in (folder.parent, folder.parent.parent, self._folder.parent):
                sync_folder(made)
        descriptor = os.open(folder / name, os.O_WRONLY | os.O_CREAT | os.O_APPEND | getattr(os, "O_BINARY", 0), 0o600)
        with os.fdopen(descriptor, "ab") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        sync_folder(folder)
        return offset + len(content)

    def take(self, car_id: str, manifest: ClosedManifest, after: int, now: datetime) -> Step:
        """Take the next records in, those behind `after`. Raises NotWhole, and what the disk or the database raises."""
        folder = self._at(car_id, manifest.closed_id)
        name = sha256_of(canonical_json(manifest))
        with self._database.reading() as connection:
            taken = f"{name} {epoch_of(connection)}"
        if _said(folder / TAKEN) == taken:
            return Step(None)
        if _said(folder / WHOLE) != name or not (folder / DATABASE).exists():
            self._check(folder, manifest)
            write_whole(folder / WHOLE, name.encode("ascii"))  # from now on the database may change by being read
        step = self._step(car_id, folder, after, now)
        for why in step.left:
            self._leave(car_id, folder, why, now)
        if step.after is None:
            write_whole(folder / TAKEN, taken.encode("ascii"))
            if not (folder / LEFT).exists():
                _delete_records(folder)
        return step

    def retry(self, now: datetime) -> Sequence[LeftOver]:
        """Try again to take in what is left over; return what still is. Raises as `take` does."""
        for car_id, closed_id in dict.fromkeys((one.car_id, one.closed_id) for one in left_over(self._depot)):
            folder = self._at(car_id, closed_id)
            found: list[str] = []
            step = Step(0 if (folder / DATABASE).exists() else None)
            while step.after is not None:
                step = self._step(car_id, folder, step.after, now)
                found += step.left
            if found:
                _write_left(folder, found)
            else:
                _delete_records(folder)
                (folder / LEFT).unlink()
        return left_over(self._depot)

    def _step(self, car_id: str, folder: Path, after: int, now: datetime) -> Step:
        try:
            rows = self._next(folder, after)
            last = _SEQ.validate_python(rows[-1][0]) if rows else None
        except (BadInput, sqlcipher.Error, ValueError, OSError) as error:
            log.error("closed records of %s do not open: %s", car_id, type(error).__name__)  # noqa: TRY400
            return Step(None, (NOT_OPENED,))
        if last is None:
            return Step(None)
        items = [item for row in rows if (item := _item(row)) is not None]
        left = [NOT_TAKEN] if len(items) < len(rows) else []
        return Step(last, tuple(left + list(self._take(car_id, items, now) if items else ())))

    def _take(self, car_id: str, items: Sequence[OutboxItem], now: datetime, *, bare: bool = False) -> Iterator[str]:
        """Take items in; yield what was wrong. A read whose pictures are nowhere is taken as one without (`bare`)."""
        try:
            taken = self._ingest.take(car_id, read_pack(b"".join(_pieces(Pack.of(car_id, items)))), now)
        except ValueError as bad:  # BadPack, too: one of them is not what it says
            if len(items) == 1:
                log.warning("a closed record of %s is not taken: %s", car_id, type(bad).__name__)
                yield NOT_TAKEN
                return
            half = len(items) // 2
            yield from self._take(car_id, items[:half], now, bare=bare)
            yield from self._take(car_id, items[half:], now, bare=bare)
            return
        if any(receipt.status is ReceiptStatus.REJECTED for receipt in taken.receipts):
            yield NOT_TAKEN
        answered = {(receipt.item_id, receipt.sha256) for receipt in taken.receipts}
        lacking = [item for item in items if (item.item_id, item.sha256) not in answered]
        if lacking and (bare or any(item.kind is not Kind.READ for item in lacking)):
            yield NOT_TAKEN
        elif lacking:
            yield NO_PICTURE
            yield from self._take(car_id, [_without_pictures(item) for item in lacking], now, bare=True)

    def _check(self, folder: Path, manifest: ClosedManifest) -> None:
        """Raise NotWhole unless all files are here as they were sent; one that never can be is deleted."""
        for file in manifest.files:
            path = folder / file.name
            size = path.stat().st_size if path.exists() else 0
            if size >= file.size:
                with path.open("rb") as stream:
                    if file_digest(stream, "sha256").hexdigest() == file.sha256:
                        continue
                path.unlink()
            raise NotWhole(file.name)

    def _next(self, folder: Path, after: int) -> Sequence[tuple[object, ...]]:
        keys = RecordKeys.opened((folder / KEY).read_bytes(), self._key)
        connection = open_sqlite(folder / DATABASE, "query_only = ON", key=bytes.fromhex(keys.database))
        with closing(connection):
            connection.set_progress_handler(lambda: True, _MOST_STEPS)
            rows: list[tuple[object, ...]] = connection.execute(_NEXT, (after, AT_ONCE)).fetchall()
        return rows

    def _leave(self, car_id: str, folder: Path, why: str, now: datetime) -> None:
        """Note that something is left over, once for each reason."""
        before = _said(folder / LEFT).splitlines()
        if why in before:
            return
        with self._database.writing() as connection:
            row = {"at": now, "car_id": car_id, "item_id": folder.name, "what": f"{why}; they are kept"}
            connection.execute(insert(incidents), [row])
        _write_left(folder, [*before, why])

    def _at(self, car_id: str, closed_id: str) -> Path:
        return self._folder / car_id / closed_id


def left_over(depot: Path) -> Sequence[LeftOver]:
    """Return the closed records in the folder of a depot that are not all taken in, the oldest first."""
    found = [
        LeftOver(file.parts[-3], file.parts[-2], why, datetime.fromtimestamp(file.stat().st_mtime, UTC))
        for file in (depot / FOLDER).glob(f"*/*/{LEFT}")
        for why in _said(file).splitlines()
    ]
    return sorted(found, key=lambda one: one.at)


def _said(file: Path) -> str:
    try:
        return file.read_text("ascii")
    except FileNotFoundError:
        return ""


def _write_left(folder: Path, reasons: Iterable[str]) -> None:
    write_whole(folder / LEFT, "\n".join(dict.fromkeys(reasons)).encode("ascii"))


def _delete_records(folder: Path) -> None:
    for file in (*folder.glob(f"{DATABASE}*"), folder / KEY, folder / WHOLE):
        file.unlink(missing_ok=True)


def _without_pictures(item: OutboxItem) -> OutboxItem:
    payload = without_pictures(item.payload)
    return replace(item, payload=payload, sha256=sha256_of(payload), pictures=())


def _item(row: tuple[object, ...]) -> OutboxItem | None:
    """What waited in the car; None where it is not what it was, or of a kind that only a newer depot knows."""
    try:
        _, item_id, kind, payload, sha256, patch, overview = _ROW.validate_python(row)
        item = OutboxItem(
            item_id,
            Kind(kind),
            payload,
            sha256,
            tuple((name, jpeg) for name, jpeg in (("patch", patch), ("overview", overview)) if jpeg is not None),
        )
    except ValueError:
        return None
    return item if sha256_of(payload) == sha256 else None


def _pieces(pack: Pack) -> Iterator[bytes]:
    for start in range(0, pack.size, PIECE_BYTES):
        yield pack.piece(start, PIECE_BYTES)
