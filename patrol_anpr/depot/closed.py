"""Records that a car could not open any more: they come as they lay there, and only the depot's key opens them.

What is in them goes the way of a pack. Where they do not open they stay here as they came, and are an incident.
"""

import logging
import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from hashlib import file_digest
from pathlib import Path
from typing import Annotated

import sqlcipher3.dbapi2 as sqlcipher
from nacl.public import PrivateKey
from pydantic import Field, TypeAdapter
from sqlalchemy import insert

from patrol_anpr.depot.database import DepotDatabase
from patrol_anpr.depot.ingest import Ingest
from patrol_anpr.depot.tables import incidents
from patrol_anpr.domain.errors import BadInput
from patrol_anpr.plumbing.files import sync_folder, write_whole
from patrol_anpr.plumbing.sqlite import open_sqlite
from patrol_anpr.wire.closed import DATABASE, KEY, MAX_FILE_BYTES, PIECE_BYTES, ClosedManifest
from patrol_anpr.wire.outbox import OutboxItem
from patrol_anpr.wire.pack import Pack, read_pack
from patrol_anpr.wire.payloads import Kind, canonical_json, sha256_of
from patrol_anpr.wire.sealing import RecordKeys

log = logging.getLogger(__name__)

FOLDER = "closed"
TAKEN = "taken"
"""In the folder of closed records: the SHA-256 of the manifest that all was taken in for."""
AT_ONCE = 50
"""Records of one step: with their pictures well under what a pack may hold."""

_NEXT = (
    "SELECT seq, item_id, kind, payload, sha256, patch, overview FROM outbox "
    "WHERE seq > ? AND (status IS NULL OR status != 'held') ORDER BY seq LIMIT ?"
)

_MOST_STEPS = 5_000_000
"""Of SQLite's machine, for one query, which needs some thousands: what a car made up must not keep the depot busy."""
_Seq = Annotated[int, Field(strict=True, ge=1, le=MAX_FILE_BYTES)]
_Bytes = Annotated[bytes, Field(strict=True)]
_Row = tuple[_Seq, str, str, _Bytes, str, _Bytes | None, _Bytes | None]
_ROWS = TypeAdapter(list[_Row])
"""What `_NEXT` answers: a column of SQLite holds whatever was put into it."""


class NotWhole(Exception):
    """What lies here is not what the car says it sent."""


@dataclass(frozen=True, slots=True)
class Step:
    """How far closed records were taken in; `after` is None when that is all of them."""

    after: int | None


class ClosedRecords:
    """Takes closed records of cars in. Any thread may call; of one car's the car itself sends one thing at a time."""

    def __init__(self, folder: Path, database: DepotDatabase, ingest: Ingest, key: PrivateKey) -> None:
        self._folder, self._database, self._ingest, self._key = folder / FOLDER, database, ingest, key

    def size(self, car_id: str, closed_id: str, name: str) -> int:
        """How many bytes of a file are here."""
        try:
            return (self._at(car_id, closed_id) / name).stat().st_size
        except FileNotFoundError:
            return 0

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
        if (folder / TAKEN).exists() and (folder / TAKEN).read_text("ascii") == name:
            return Step(None)
        if after == 0:
            self._check(folder, manifest)
        try:
            items, last = self._next(folder, after)
            pack = read_pack(b"".join(_pieces(Pack.of(car_id, items)))) if items else None
        except (BadInput, sqlcipher.Error, ValueError, OSError) as error:
            log.error("closed records of %s do not open: %s", car_id, type(error).__name__)  # noqa: TRY400
            self._note(car_id, manifest.closed_id, "closed records do not open; they are kept as they came", now)
            write_whole(folder / TAKEN, name.encode("ascii"))
            return Step(None)
        if pack is not None:
            taken = self._ingest.take(car_id, pack, now)
            if taken.missing:
                self._note(car_id, manifest.closed_id, "closed records: a read came without its picture", now)
            return Step(last)
        write_whole(folder / TAKEN, name.encode("ascii"))
        for file in manifest.files:
            (folder / file.name).unlink(missing_ok=True)
        for left in folder.glob(f"{DATABASE}-*"):
            left.unlink(missing_ok=True)
        return Step(None)

    def _check(self, folder: Path, manifest: ClosedManifest) -> None:
        for file in manifest.files:
            try:
                with (folder / file.name).open("rb") as stream:
                    found = file_digest(stream, "sha256").hexdigest()
            except FileNotFoundError:
                found = ""
            if found != file.sha256:
                shutil.rmtree(folder, ignore_errors=True)
                raise NotWhole(file.name)

    def _next(self, folder: Path, after: int) -> tuple[Sequence[OutboxItem], int]:
        keys = RecordKeys.opened((folder / KEY).read_bytes(), self._key)
        connection = open_sqlite(folder / DATABASE, "query_only = ON", key=bytes.fromhex(keys.database))
        with closing(connection):
            connection.set_progress_handler(lambda: True, _MOST_STEPS)
            rows = _ROWS.validate_python(connection.execute(_NEXT, (after, AT_ONCE)).fetchall())
        return [_item(*row[1:]) for row in rows], rows[-1][0] if rows else after

    def _note(self, car_id: str, closed_id: str, what: str, now: datetime) -> None:
        with self._database.writing() as connection:
            row = {"at": now, "car_id": car_id, "item_id": closed_id, "what": what}
            connection.execute(insert(incidents), [row])

    def _at(self, car_id: str, closed_id: str) -> Path:
        return self._folder / car_id / closed_id


def _item(
    item_id: str, kind: str, payload: bytes, sha256: str, patch: bytes | None, overview: bytes | None
) -> OutboxItem:
    """What waited in the car. Raises ValueError for a kind that only a newer depot knows: all stays as it came."""
    if sha256_of(payload) != sha256:
        raise ValueError("a record is not what its SHA-256 says")
    pictures = (("patch", patch), ("overview", overview))
    there = tuple((name, jpeg) for name, jpeg in pictures if jpeg is not None)
    return OutboxItem(item_id, Kind(kind), payload, sha256, there)


def _pieces(pack: Pack) -> Iterator[bytes]:
    for start in range(0, pack.size, PIECE_BYTES):
        yield pack.piece(start, PIECE_BYTES)
