"""Publishing hotlists: a revision is a file kept as it came, named by its SHA-256, and a row that says what it is."""

import hashlib
import shutil
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from pydantic import ValidationError
from sqlalchemy import func, insert, select
from sqlalchemy.engine import RowMapping

from patrol_anpr.depot.audit import add_audit
from patrol_anpr.depot.database import DepotDatabase
from patrol_anpr.depot.dialect import insert_or_skip
from patrol_anpr.depot.tables import held_lists, hotlists
from patrol_anpr.domain.errors import BadInput
from patrol_anpr.domain.hotlist import Tier
from patrol_anpr.hotlists.importer import Entry, read_entries
from patrol_anpr.plumbing.files import new_file, part_of, place_whole, sync_folder
from patrol_anpr.plumbing.lines import is_zip
from patrol_anpr.wire.payloads import HeldList, HotlistHead, ListIndexReply

LEAST_SHARE, MOST_GROWTH = 0.6, 10.0
"""A new revision with fewer than 60 % of the entries of the last, or over ten times as many, is likely a mistake."""


def import_hotlist(
    folder: Path,
    path: Path,
    list_id: str,
    name: str,
    owner: str,
    tier: Tier,
    *,
    valid_until: datetime | None = None,
    force: bool = False,
    count: Callable[[Path, Tier], int] | None = None,
    issued_at: datetime | None = None,
) -> HotlistHead:
    """Publish the file at `path` (CSV, or a ZIP with one) as the next revision of a list; return its head.

    `count` returns the entries that a car would hold (default: count_entries). Raises BadInput when a car would refuse
    the file, and, unless `force`, when it has lost over 40 % of the entries of the last revision or grown tenfold.
    """
    entries = (count or count_entries)(path, tier)
    database = DepotDatabase(folder)
    try:
        with database.writing() as connection:
            last = connection.execute(
                select(hotlists).where(hotlists.c.list_id == list_id).order_by(hotlists.c.revision.desc()).limit(1)
            ).one_or_none()
            if last is not None and not force:
                _check_change(last.entries, entries)
            packing: Literal["csv", "zip"] = "zip" if is_zip(path) else "csv"
            sha256, size = _keep_file(folder, path, packing)
            try:
                head = HotlistHead(
                    list_id=list_id,
                    name=name,
                    owner=owner,
                    revision=1 if last is None else last.revision + 1,
                    tier=tier,
                    issued_at=issued_at or datetime.now(UTC),
                    valid_until=valid_until,
                    entries=entries,
                    sha256=sha256,
                    bytes=size,
                    packing=packing,
                )
            except ValidationError:
                raise BadInput(
                    "The list's id, name, owner or dates cannot be used. An id has 1 to 80 letters, digits, - _ . or :"
                ) from None
            connection.execute(insert(hotlists).values(head.model_dump() | {"tier": int(tier)}))
            add_audit(connection, "operator", "hotlist published", list_id, f"revision {head.revision}")
    finally:
        database.close()
    return head


def index_of(database: DepotDatabase) -> ListIndexReply:
    """Return the newest revision of every list."""
    newest = (
        select(hotlists.c.list_id, func.max(hotlists.c.revision).label("revision"))
        .group_by(hotlists.c.list_id)
        .subquery()
    )
    same = (hotlists.c.list_id == newest.c.list_id) & (hotlists.c.revision == newest.c.revision)
    with database.reading() as connection:
        rows = connection.execute(select(hotlists).join(newest, same).order_by(hotlists.c.list_id)).mappings()
        return ListIndexReply(lists=tuple(map(_head, rows)))


def find_revision(database: DepotDatabase, list_id: str, revision: int) -> HotlistHead | None:
    """Return the head of one revision, or None."""
    wanted = (hotlists.c.list_id == list_id) & (hotlists.c.revision == revision)
    with database.reading() as connection:
        row = connection.execute(select(hotlists).where(wanted)).mappings().one_or_none()
    return None if row is None else _head(row)


def keep_held(database: DepotDatabase, car_id: str, lists: Sequence[HeldList], now: datetime) -> None:
    """Remember which lists a car holds, instead of what it said before."""
    with database.writing() as connection:
        connection.execute(held_lists.delete().where(held_lists.c.car_id == car_id))
        for held in lists:
            row = held.model_dump() | {"car_id": car_id, "reported_at": now}
            connection.execute(insert_or_skip(connection, held_lists).values(row))


def file_of(folder: Path, head: HotlistHead) -> Path:
    """Return where the file of a revision is kept."""
    return folder / "hotlists" / f"{head.sha256}.{head.packing}"


def count_entries(path: Path, tier: Tier) -> int:
    """Count the good lines of a list as a car reads them. Raises BadInput when a car would refuse the file."""
    return sum(isinstance(line, Entry) for line in read_entries(path, tier, datetime.now(UTC).date()))


def _head(row: RowMapping) -> HotlistHead:
    return HotlistHead(**row)


def _check_change(before: int, now: int) -> None:
    if now < before * LEAST_SHARE or now > before * MOST_GROWTH:
        raise BadInput(
            f"The list would go from {before:,} to {now:,} entries, so it was not published. The last revision "
            "stays in force. If the change is meant, publish it again with force."
        )


def _keep_file(folder: Path, path: Path, packing: str) -> tuple[str, int]:
    """Copy the file to its place; return its SHA-256 and its bytes, both of what was copied."""
    kept = folder / "hotlists"
    kept.mkdir(mode=0o700, parents=True, exist_ok=True)
    sync_folder(folder)
    part = part_of(kept / packing)
    digest, size = hashlib.sha256(), 0
    try:
        with path.open("rb") as source, new_file(part) as target:
            shutil.copyfileobj(source, target)
        with part.open("rb") as copied:
            while chunk := copied.read(1 << 20):
                digest.update(chunk)
                size += len(chunk)
        place_whole(part, kept / f"{digest.hexdigest()}.{packing}")
    except OSError as error:
        raise BadInput("The list could not be copied to the depot. Check the free space there.") from error
    finally:
        part.unlink(missing_ok=True)
    return digest.hexdigest(), size
