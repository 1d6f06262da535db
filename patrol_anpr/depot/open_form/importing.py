"""Taking the open form in: a new depot with everything that another one held, proved file by file first."""

import json
import shutil
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError
from sqlalchemy import Connection, Table, insert

from patrol_anpr.depot import migrations
from patrol_anpr.depot.audit import add_audit, check_trail
from patrol_anpr.depot.database import DepotDatabase, make_depot_folder
from patrol_anpr.depot.epoch import begin_epoch
from patrol_anpr.depot.filling import fill, row_count
from patrol_anpr.depot.open_form.form import (
    FORM,
    MANIFEST,
    ONLY_OUT,
    PICTURES,
    PLACES,
    TABLES,
    FormFile,
    row_of,
    tables,
)
from patrol_anpr.depot.pictures import HELD, place_row, segments_in
from patrol_anpr.depot.postgres import prepare_postgres
from patrol_anpr.depot.roles import Role
from patrol_anpr.depot.settings import FILE, database_setting
from patrol_anpr.depot.tables import audit, known_items, picture_places
from patrol_anpr.domain.errors import BadInput
from patrol_anpr.plumbing.files import sha256_of_file, write_whole
from patrol_anpr.wire.payloads import sha256_of

_AT_ONCE = 1000
_PICTURES_AT_ONCE = 200
Tell = Callable[[int, int], None]


class _Manifest(BaseModel):
    """What the manifest says, as far as it is needed."""

    model_config = ConfigDict(extra="ignore")

    form: int
    software: str
    tables: str
    files: list[FormFile]


@dataclass(frozen=True, slots=True)
class Imported:
    """How many rows and pictures were taken in, and whether the audit trail that came is whole."""

    rows: int
    pictures: int
    trail_whole: bool


def import_depot(
    source: Path, folder: Path, now: datetime, actor: str, tell: Tell, settings: Path | None = None
) -> Imported:
    """Make a depot in `folder`, which is empty or not there, of the open form in `source`.

    `settings` is its depot.toml, where its database or its pictures lie elsewhere; a database on PostgreSQL must be
    empty. Nothing is left in the folder of what broke off. Raises BadInput for what is not whole, changed, or of
    another version; RecordsFault, OSError, SQLAlchemyError.
    """
    manifest = _checked(source)
    if folder.exists() and any(folder.iterdir()):
        raise BadInput(f"{folder} is not empty. A depot is made only in an empty folder. Name another.")
    make_depot_folder(folder)
    if settings is not None:
        write_whole(folder / FILE, settings.read_bytes())
    try:
        return _import(source, manifest, folder, now, actor, tell)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise


def _import(source: Path, manifest: _Manifest, folder: Path, now: datetime, actor: str, tell: Tell) -> Imported:
    url = database_setting(folder).url_of(Role.MIGRATION)
    if url is not None:
        prepare_postgres(url)
    with closing(DepotDatabase(folder, Role.MIGRATION)) as database, database.writing() as connection:
        if any(row_count(connection, one) for one in (known_items, audit)):
            raise BadInput("The database that depot.toml names holds records already. Give an empty one.")
        rows = sum(_fill(connection, source, one) for one in tables() if one.name not in ONLY_OUT)
        pictures = _bring_pictures(connection, source, folder, manifest, tell)
        whole = check_trail(connection).whole
        begin_epoch(connection, now)
        add_audit(connection, actor, "everything imported", source.name, f"of {manifest.software}")
    return Imported(rows, pictures, whole)


def _checked(source: Path) -> _Manifest:
    """Look whether everything is there as it was written."""
    try:
        manifest = _Manifest.model_validate(json.loads((source / MANIFEST).read_bytes()))
    except (OSError, ValueError, ValidationError) as error:
        raise BadInput(f"{source} is no export, or one that broke off: its {MANIFEST} cannot be read.") from error
    if manifest.form != FORM or manifest.tables != migrations.revisions()[0]:
        raise BadInput(
            f"The export was made by version {manifest.software}, whose tables are others. Install that version, take "
            "it in there, and bring it on with `patrol-anpr depot database` of this version."
        )
    wanted = {f"{TABLES}/{one.name}.jsonl" for one in tables()} | {PLACES}
    if wanted != {one.path for one in manifest.files}:
        raise BadInput(f"The {MANIFEST} of the export does not name all of its files. Export anew.")
    for one in manifest.files:
        try:
            changed = sha256_of_file(source / one.path) != one.sha256
        except OSError as error:
            raise BadInput(f"{one.path} of the export cannot be read. Export anew.") from error
        if changed:
            raise BadInput(f"{one.path} of the export is not as it was written. Export anew.")
    return manifest


def _fill(connection: Connection, source: Path, table: Table) -> int:
    pieces = _pieces(source / TABLES / f"{table.name}.jsonl", _AT_ONCE)
    return fill(connection, table, ([row_of(table, line) for line in lines] for lines in pieces))


def _bring_pictures(connection: Connection, source: Path, folder: Path, manifest: _Manifest, tell: Tell) -> int:
    """Seal the pictures anew, those of one day or one case together, and note where they lie."""
    total = next(one.lines for one in manifest.files if one.path == PLACES)
    segments, count, seen = segments_in(folder), 0, 0
    with (source / PLACES).open("rb") as stream:
        places = map(json.loads, stream)
        for (group, car_id), rows in groupby(places, key=lambda one: (one["key_group"], one["car_id"])):
            for some in _some(rows, _PICTURES_AT_ONCE):
                contents = {one["sha256"]: _picture(source, one["sha256"]) for one in some if one["there"]}
                if contents:
                    put = segments.put(group, contents)
                    connection.execute(insert(picture_places), [place_row(one, car_id) for one in put])
                    if group.startswith(HELD):
                        segments.objects.hold(put[0].segment, held=True)
                count, seen = count + len(contents), seen + len(some)
                tell(seen, total)
    return count


def _picture(source: Path, sha256: str) -> bytes:
    try:
        content = (source / PICTURES / f"{sha256}.jpg").read_bytes()
    except OSError as error:
        raise BadInput("A picture of the export cannot be read. Export anew.") from error
    if sha256_of(content) != sha256:
        raise BadInput("A picture of the export is not as it was written. Export anew.")
    return content


def _pieces(file: Path, most: int) -> Iterator[list[bytes]]:
    with file.open("rb") as stream:
        yield from _some(stream, most)


def _some(of: Any, most: int) -> Iterator[list[Any]]:
    piece: list[Any] = []
    for one in of:
        piece.append(one)
        if len(piece) == most:
            yield piece
            piece = []
    if piece:
        yield piece
