"""Writing everything that a depot holds in the open form. It lies in the clear: who has the folder has all of it."""

import hashlib
import json
import shutil
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import Connection, Table, func, select

from patrol_anpr import __version__
from patrol_anpr.depot import migrations
from patrol_anpr.depot.audit import add_audit
from patrol_anpr.depot.database import DepotDatabase
from patrol_anpr.depot.open_form.form import (
    EMPTIED,
    FORM,
    LEFT_OUT,
    MANIFEST,
    PICTURES,
    PLACES,
    TABLES,
    FormFile,
    json_line,
    line_of,
    tables,
)
from patrol_anpr.depot.pictures import DepotPictures
from patrol_anpr.depot.storage.segments import Unreadable
from patrol_anpr.depot.tables import picture_places
from patrol_anpr.domain.errors import BadInput
from patrol_anpr.plumbing.files import new_file, sync_folder, write_whole

_AT_ONCE = 1000
Tell = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Exported:
    """How many rows and pictures were written, and how many pictures the depot names and cannot open any more."""

    rows: int
    pictures: int
    missing: int


def export_depot(
    database: DepotDatabase, pictures: DepotPictures, out: Path, by: str, why: str, now: datetime, tell: Tell
) -> Exported:
    """Write everything to the new folder `out`; the manifest comes last, and says that it is whole.

    `database` is worked on as the migration. It is in the audit before anything is written. Raises BadInput where
    there is something already, or nobody said why; OSError, SQLAlchemyError.
    """
    if not why.strip():
        raise BadInput("Say why everything is handed out: --why. The audit keeps it.")
    if out.exists():
        raise BadInput(f"{out} is there already. Name a folder that is not.")
    with database.writing() as connection:
        add_audit(connection, by, "everything exported", out.name, why)
    try:
        return _export(database, pictures, out, now, tell)
    except BaseException:
        shutil.rmtree(out, ignore_errors=True)  # nothing of it may lie about in the clear
        raise


def _export(database: DepotDatabase, pictures: DepotPictures, out: Path, now: datetime, tell: Tell) -> Exported:
    for folder in (out, out / TABLES, out / PICTURES):
        folder.mkdir(mode=0o700)
    with database.reading() as connection:
        files = [_write(out, f"{TABLES}/{one.name}.jsonl", _lines(connection, one)) for one in tables()]
        places, missing = _write_pictures(connection, pictures, out, tell)
    said = {
        "form": FORM,
        "software": __version__,
        "tables": migrations.revisions()[0],
        "made_at": now.isoformat(),
        "left_out": LEFT_OUT,
        "emptied": EMPTIED,
        "missing_pictures": missing,
        "files": [asdict(one) for one in (*files, places)],
    }
    for folder in (out / TABLES, out / PICTURES):
        sync_folder(folder)
    write_whole(out / MANIFEST, json.dumps(said, indent=1).encode())
    return Exported(sum(one.lines for one in files), places.lines - missing, missing)


def _lines(connection: Connection, table: Table) -> Iterator[bytes]:
    query = select(table).order_by(*table.primary_key.columns)
    for rows in connection.execute(query).mappings().partitions(_AT_ONCE):
        for row in rows:
            yield line_of(table, {str(name): value for name, value in row.items()})


def _write(out: Path, path: str, lines: Iterator[bytes]) -> FormFile:
    digest, count, size = hashlib.sha256(), 0, 0
    with new_file(out / path) as stream:
        for line in lines:
            stream.write(line)
            digest.update(line)
            count, size = count + 1, size + len(line)
    return FormFile(path, size, digest.hexdigest(), count)


def _write_pictures(connection: Connection, pictures: DepotPictures, out: Path, tell: Tell) -> tuple[FormFile, int]:
    """Write each picture as a file that is named by its SHA-256, and a line for each place that it has."""
    columns = picture_places.c.key_group, picture_places.c.car_id, picture_places.c.sha256
    total = connection.execute(select(func.count()).select_from(picture_places)).scalar_one()
    missing = 0

    def lines() -> Iterator[bytes]:
        nonlocal missing
        for number, row in enumerate(connection.execute(select(*columns).order_by(*columns)), 1):
            file = out / PICTURES / f"{row.sha256}.jpg"
            there = file.exists()
            if not there:
                try:
                    content = pictures.content(row.sha256)
                    with new_file(file) as stream:
                        stream.write(content)
                    there = True
                except Unreadable:
                    missing += 1
            yield json_line(dict(row._mapping) | {"there": there})
            tell(number, total)

    return _write(out, PLACES, lines()), missing
